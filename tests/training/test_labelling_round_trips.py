"""Labels to Label Studio and doccano and back are the same labels, whatever the text holds."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotestance.model.types import ACTOR_TYPES, KINDS, STANCES, Span
from quotestance.service.cli import main
from quotestance.training.labelling.doccano_documents import document
from quotestance.training.labelling.doccano_export import line_of_document
from quotestance.training.labelling.label_studio_export import line_of_task
from quotestance.training.labelling.label_studio_tasks import task
from quotestance.training.labelling.offsets import UNITS, Ruler
from quotestance.training.labels import article_of

sys.path.insert(0, str(Path(__file__).parent))
from labelling_examples import QUOTE, TEXT, line, read, row, write

# characters that tools count, trim or escape in ways of their own, between any others
TROUBLE = st.sampled_from(
    ["👨🏻‍🚒", "𝔘", "e\u0301", "\r\n", "\n", "\\n", "  ", "\t", "\u2028", "“", '"', "<b>", "&amp;", "\0", "\ufeff"]
)
TEXTS = st.lists(st.one_of(st.text(max_size=8), TROUBLE), min_size=1, max_size=12).map("".join)
WORDS = st.text(min_size=1, max_size=8).filter(lambda s: bool(s.strip()))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def statements(draw: st.DrawFn, text: str, strikes: list[str]) -> dict[str, Any]:
    def span() -> Span:
        start = draw(st.integers(0, len(text) - 1))
        return Span(start, draw(st.integers(start + 1, len(text))))

    quote = span()
    found: dict[str, Any] = {"quote": quote.of(text), "quote_span": list(quote)}
    for key in ("speaker", "cue"):
        part = draw(st.sampled_from(["span", "null", "empty", "absent"]))
        if part == "span":
            place = span()
            found |= {key: place.of(text), f"{key}_span": list(place)}
        elif part != "absent":
            found |= {key: None if part == "null" else "", f"{key}_span": None}
    found |= {"actor": draw(WORDS), "strike": draw(st.sampled_from(strikes)), "stance": draw(st.sampled_from(STANCES))}
    optional = {
        "kind": st.sampled_from([*KINDS, None]),
        "actor_type": st.sampled_from([*ACTOR_TYPES, None]),
        "about": st.one_of(WORDS, st.just("")),
        "certainty": st.integers(1, 3),
        "note": JSON,
    }
    return found | draw(st.fixed_dictionaries({}, optional=optional))


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    text = draw(TEXTS.filter(lambda s: bool(s.strip())))
    strikes = draw(st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=3, unique=True))
    made: dict[str, Any] = {
        "text": text,
        "strikes": [{"id": name, "description": draw(WORDS), "main": draw(st.booleans())} for name in strikes],
        "statements": draw(st.lists(statements(text, strikes), max_size=4)),
    }
    if made["statements"] and draw(st.booleans()):  # one passage, several actors
        made["statements"].append({**made["statements"][0], "actor": draw(WORDS)})
    optional = {"doc_id": WORDS, "title": st.text(), "date": st.text(), "source": st.text(), "mine": JSON}
    made |= draw(st.fixed_dictionaries({}, optional=optional))
    # as a file gives it: pairs of surrogates are one character there
    read_back: dict[str, Any] = json.loads(json.dumps(made))
    return read_back


def through_files(value: Any) -> Any:
    return json.loads(json.dumps(value))


@settings(max_examples=100, deadline=None)
@given(lines())
def test_label_studio_gives_back_what_it_got(made: dict[str, Any]) -> None:
    assert article_of(made)[1] == []
    brought = line_of_task(through_files(task(made)))
    assert (brought.row, brought.notes, brought.refused) == (made, (), ())


@settings(max_examples=100, deadline=None)
@given(lines(), st.sampled_from(["utf-16", "code-points"]))
def test_doccano_gives_back_what_it_got(made: dict[str, Any], unit: Any) -> None:
    brought = line_of_document(through_files(document(made, unit)), "graphemes")
    assert (brought.row, brought.refused) == (made, ())


@settings(max_examples=60, deadline=None)
@given(lines())
def test_doccano_without_relations_gives_back_what_it_got(made: dict[str, Any]) -> None:
    given_back = through_files(document(made))
    del given_back["relations"]
    entities = given_back.pop("entities")
    given_back["label"] = [[e["start_offset"], e["end_offset"], e["label"]] for e in entities]
    assert line_of_document(given_back, "utf-16").row == made


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.data())
def test_every_unit_leads_back(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    for unit in UNITS:
        ruler = Ruler(text, unit)
        back = ruler.to_ours(*ruler.to_tool(span))
        if span.start == span.end:
            assert back is None or unit == "graphemes"
        elif unit == "graphemes":
            assert back is not None
            assert back.contains(span)
        else:
            assert back == span


def test_units_are_what_the_tools_count() -> None:
    text = "👨🏻‍🚒 firemen"
    word = Span(text.index("firemen"), len(text))
    assert Ruler(text, "code-points").to_tool(word) == (5, 12)
    assert Ruler(text, "utf-16").to_tool(word) == (8, 15)
    assert Ruler(text, "graphemes").to_tool(word) == (2, 9)


def test_a_span_that_cuts_a_character_or_leaves_the_text_is_none() -> None:
    ruler = Ruler("a𝔘b", "utf-16")
    assert ruler.to_ours(0, 2) is None
    assert ruler.to_ours(2, 4) is None
    assert ruler.to_ours(0, 5) is None
    assert ruler.to_ours(-1, 1) is None
    assert ruler.to_ours(1, 3) == Span(1, 2)


@pytest.mark.parametrize("form", ["label-studio", "doccano"])
def test_a_file_goes_out_and_comes_back(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = [
        line(article_mine={"a": [1, None]}),
        row(certainty=1),
        {**row(), "doc_id": "r", "quote": None},
        line(cue="", cue_span=None),
    ]
    source = write(tmp_path / "a.jsonl", *made)
    there, back = tmp_path / "there.json", tmp_path / "back.jsonl"
    assert main(["labels", "export", str(source), "-o", str(there), "--format", form]) == 0
    assert main(["labels", "import", str(there), "-o", str(back)]) == 0
    assert read(back) == made
    assert "4 articles or rows, 4 statements" in capfd.readouterr().err


def test_csv_rows_come_back_as_rows(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "a.jsonl", line(), row(text='He said "no",\nand left.', quote="no", certainty=1))
    there, back = tmp_path / "there.csv", tmp_path / "back.jsonl"
    assert main(["labels", "export", str(source), "-o", str(there), "--format", "csv"]) == 0
    assert main(["labels", "import", str(there), "-o", str(back)]) == 0
    first, second = read(back)
    assert (first["text"], first["quote"], first["stance"]) == (TEXT, QUOTE, "condemning")
    assert (first["target"], first["certainty"], first["kind"]) == ("the raid on Tessaly", 2, "indirect")
    assert (second["text"], second["quote"], second["certainty"]) == ('He said "no",\nand left.', "no", 1)


def test_what_training_refuses_is_not_exported_and_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    both = line()
    both["statements"].append({**both["statements"][0], "stance": "against"})
    source = write(tmp_path / "a.jsonl", both, "{")
    there = tmp_path / "there.json"
    assert main(["labels", "export", str(source), "-o", str(there), "--format", "label-studio"]) == 1
    assert len(json.loads(there.read_text())) == 1
    said = capfd.readouterr().err
    assert "a.jsonl:1: statement 2: `stance` 'against'" in said
    assert "a.jsonl:2: not a JSON line" in said
    assert [r["line"] for r in read(tmp_path / "there.rejected.jsonl")] == [1, 2]


def test_nothing_is_overwritten_unasked(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "a.jsonl", line())
    there = write(tmp_path / "there.json", "mine")
    arguments = ["labels", "export", str(source), "-o", str(there), "--format", "doccano"]
    assert main(arguments) == 2
    assert there.read_text() == "mine\n"
    assert main(["labels", "export", str(source), "-o", str(source), "--format", "doccano", "--overwrite"]) == 2
    assert main([*arguments, "--overwrite"]) == 0
