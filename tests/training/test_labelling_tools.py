"""What people do in Label Studio and doccano arrives in the label file."""

import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from quotestance.model.types import Span
from quotestance.service.cli import main
from quotestance.training.label_lines import LabelLine
from quotestance.training.labelling.csv_rows import csv_rows
from quotestance.training.labelling.doccano_documents import document
from quotestance.training.labelling.doccano_export import line_of_document
from quotestance.training.labelling.label_studio_config import SPANS, labelling_config
from quotestance.training.labelling.label_studio_export import line_of_task
from quotestance.training.labelling.label_studio_tasks import task
from quotestance.training.labelling.marked import kind_of
from quotestance.training.labelling.offsets import likely_unit

sys.path.insert(0, str(Path(__file__).parent))
import json

from labelling_examples import QUOTE, TEXT, line, read, write

ASTRAL = "👨🏻‍🚒 They met. Ada Obi said he was wrong to order the raid on Tessaly."


def annotated(made: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A task and the results of its annotation, to be changed as a person would."""
    found = task(made)
    return found, found["annotations"][0]["result"]


def result(results: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(r for r in results if r.get("from_name") == name)


def test_a_corrected_choice_changes_that_field_alone() -> None:
    made = line(note="kept", certainty=1)
    found, results = annotated(made)
    result(results, "stance")["value"]["choices"] = ["neutral"]
    result(results, "certainty")["value"]["choices"] = ["3"]
    row = line_of_task(found).row
    assert row == line(note="kept", stance="neutral", certainty=3)


def test_a_moved_quote_keeps_what_was_said_of_it() -> None:
    found, results = annotated(line(note="kept"))
    for part in results:
        if part.get("id") == "quote-0":
            part["value"] |= {"start": 26, "end": 64}
            if part["from_name"] != "actor":
                part["value"]["text"] = TEXT[26:64] if part["type"] != "textarea" else part["value"]["text"]
    row = line_of_task(found).row
    assert row is not None
    (statement,) = row["statements"]
    assert (statement["quote_span"], statement["quote"]) == ([26, 64], TEXT[26:64])
    assert (statement["note"], statement["actor"], statement["stance"]) == ("kept", "Ada Obi", "condemning")


def test_a_new_quote_is_filled_in_from_the_text() -> None:
    made = line()
    made["statements"] = []
    found, results = annotated(made)
    value = {"start": 23, "end": 64, "text": QUOTE, "labels": ["quote"]}
    results += [
        {"id": "new", "from_name": "span", "to_name": "text", "type": "labels", "value": value},
        {"id": "who", "from_name": "span", "to_name": "text", "type": "labels"}
        | {"value": {"start": 10, "end": 17, "text": "Ada Obi", "labels": ["speaker"]}},
        {"id": "new", "from_name": "stance", "to_name": "text", "type": "choices"}
        | {"value": {"choices": ["condemning"]}},
        {"type": "relation", "from_id": "who", "to_id": "new", "direction": "right"},  # drawn from the speaker
    ]
    row = line_of_task(found).row
    assert row is not None
    expected = {"quote": QUOTE, "quote_span": [23, 64], "speaker": "Ada Obi", "speaker_span": [10, 17], "cue": ""}
    expected |= {"cue_span": None, "stance": "condemning", "kind": "indirect", "actor": "Ada Obi", "strike": "S1"}
    assert row["statements"] == [expected | {"about": "strike", "certainty": 3}]


def test_a_deleted_region_is_a_deleted_statement() -> None:
    found, _ = annotated(line())
    found["annotations"][0]["result"] = []
    row = line_of_task(found).row
    assert row is not None
    assert row["statements"] == []


def test_the_strike_can_be_named() -> None:
    made = line()
    made["strikes"] = []
    found, results = annotated({**made, "statements": []})
    results.append({"id": "t", "from_name": "target", "type": "textarea", "value": {"text": ["the siege"]}})
    row = line_of_task(found).row
    assert row is not None
    assert row["strikes"] == [{"id": "S1", "description": "the siege", "main": True}]


def test_offsets_of_old_versions_and_escaped_line_ends_are_understood() -> None:
    text = ASTRAL.replace("wrong to", "wrong\nto")
    made = line(text=ASTRAL)
    made["text"] = text
    made["statements"][0] |= {"quote": QUOTE.replace("wrong to", "wrong\nto")}
    found, results = annotated(made)
    for part in results:
        if part.get("from_name") == "span":
            value = part["value"]
            value |= {"start": value["start"] + 3, "end": value["end"] + 3}  # three astral characters before it
            value["text"] = value["text"].replace("\n", "\\n")
    assert line_of_task(found).row == made


@pytest.mark.parametrize("saved", ["", "  "])
def test_a_region_without_text_is_left_out_and_said(saved: str) -> None:
    found, results = annotated(line())
    empty = {"id": "e", "from_name": "span", "type": "labels"}
    results.append(empty | {"value": {"start": 9, "end": 9 + len(saved), "text": saved, "labels": ["quote"]}})
    brought = line_of_task(found)
    assert brought.row == line()
    assert brought.notes == ("region e: left out, it holds no text",)


def test_regions_whose_words_were_not_saved_are_read_by_their_offsets() -> None:
    found, results = annotated(line())
    for part in results:
        if part.get("from_name") == "span":
            del part["value"]["text"]
    assert line_of_task(found).row == line()


def test_cancelled_annotations_and_predictions_are_no_labels() -> None:
    found, results = annotated(line())
    assert line_of_task({**found, "annotations": [{"was_cancelled": True, "result": results}]}).row is None
    assert line_of_task({"data": found["data"], "predictions": [{"result": results}], "annotations": []}).row is None
    assert line_of_task({"data": found["data"], "predictions": [{"result": results}]}).row is None


def by(stance: str, **changes: Any) -> dict[str, Any]:
    return task(line(stance=stance))["annotations"][0] | changes


@pytest.mark.parametrize(
    ("annotations", "stance"),
    [
        ([by("neutral", updated_at="2031-01-02T10"), by("supportive", updated_at="2031-01-02T09")], "neutral"),
        ([by("neutral", updated_at="2031-01-02"), by("supportive", updated_at="2031-01-03")], "supportive"),
        ([by("neutral", ground_truth=True), by("supportive", updated_at="2031-01-03")], "neutral"),
        ([by("neutral"), by("supportive", updated_at="2031-01-03", was_cancelled=True)], "neutral"),
    ],
)
def test_of_several_annotators_the_ground_truth_counts_else_the_latest(
    annotations: list[dict[str, Any]], stance: str
) -> None:
    brought = line_of_task({**task(line()), "annotations": annotations})
    assert brought.row == line(stance=stance)
    usable = [a for a in annotations if not a.get("was_cancelled")]
    assert any("disagree on 1 quote" in note for note in brought.notes) == (len(usable) > 1)


def test_annotators_who_agree_are_no_note() -> None:
    assert line_of_task({**task(line()), "annotations": [by("neutral"), by("neutral")]}).notes == ()


def test_the_interface_is_xml_and_names_what_tasks_carry() -> None:
    root = ElementTree.fromstring(labelling_config())
    names = {part.get("name") for part in root.iter() if part.get("name")}
    used = {r["from_name"] for r in task(line())["annotations"][0]["result"] if "from_name" in r}
    assert used <= names
    assert {c.get("value") for c in root.iter("Choice")} >= {"supportive", "neutral", "condemning", "armed_group", "1"}
    data = task(line())["data"]
    assert {part.get("value", "")[1:] for part in root.iter() if part.get("value", "").startswith("$")} <= data.keys()


def test_the_interface_is_written_on_request(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, xml = write(tmp_path / "a.jsonl", line()), tmp_path / "interface.xml"
    arguments = ["labels", "export", str(source), "-o", str(tmp_path / "out.json"), "--overwrite", "--format"]
    assert main([*arguments, "label-studio", "--config-out", str(xml)]) == 0
    assert xml.read_text() == labelling_config()
    assert main([*arguments, "label-studio", "--config-out", "-"]) == 0
    assert capfd.readouterr().out == labelling_config()
    assert main([*arguments, "doccano", "--config-out", "-"]) == 2


def test_doccano_counts_in_utf_16() -> None:
    made = line(text=ASTRAL)
    entity = document(made)["entities"][0]
    units = ASTRAL.encode("utf-16-le")
    assert units[2 * entity["start_offset"] : 2 * entity["end_offset"]].decode("utf-16-le") == QUOTE


def test_doccano_renumbers_and_relabels() -> None:
    made = line(note="kept")
    found = document(made)
    for entity in found["entities"]:
        entity["id"] += 700
        if entity["label"] == "condemning":
            entity["label"] = "Neutral"
    for relation in found["relations"]:
        relation |= {"from_id": relation["from_id"] + 700, "to_id": relation["to_id"] + 700}
    assert line_of_document(found, "utf-16").row == line(note="kept", stance="neutral")


def test_doccano_speaker_changed_is_another_actor() -> None:
    made = line(note="kept")
    found = document(made)
    found["entities"][1] |= {"start_offset": 0, "end_offset": 4}
    row = line_of_document(found, "utf-16").row
    assert row is not None
    (statement,) = row["statements"]
    assert (statement["speaker"], statement["actor"], statement.get("actor_type")) == ("They", "They", None)
    assert (statement["note"], statement["cue"]) == ("kept", "said")


def test_doccano_spans_without_relations_get_the_nearest() -> None:
    label = [[23, 64, "condemning"], [10, 17, "speaker"], [0, 4, "speaker"], [18, 22, "cue"]]
    brought = line_of_document({"text": TEXT, "label": label, "target": "the raid"}, "utf-16")
    assert brought.row is not None
    (statement,) = brought.row["statements"]
    assert (statement["speaker"], statement["cue"], statement["actor"]) == ("Ada Obi", "said", "Ada Obi")
    assert any("nearest" in note for note in brought.notes)


@pytest.mark.parametrize(("before", "unit"), [(8, "utf-16"), (5, "code-points"), (2, "graphemes")])
def test_what_a_foreign_doccano_project_counts_is_found_by_its_words(
    before: int, unit: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shift = before - 5
    label = [[28 + shift, 69 + shift, "condemning"], [15 + shift, 22 + shift, "speaker"]]
    assert likely_unit([(ASTRAL, [(a, b) for a, b, _ in label])]) == unit
    source = write(tmp_path / "a.jsonl", {"text": ASTRAL, "label": label, "target": "the raid"})
    assert main(["labels", "import", str(source), "-o", str(tmp_path / "out.jsonl")]) == 0
    ((statement,),) = [made["statements"] for made in read(tmp_path / "out.jsonl")]
    assert (statement["quote"], statement["speaker"]) == (QUOTE, "Ada Obi")
    assert ("--offsets" in capfd.readouterr().err) == (unit != "utf-16")
    forced = ["--offsets", unit, "--overwrite"]
    assert main(["labels", "import", str(source), "-o", str(tmp_path / "out.jsonl"), *forced]) == 0


def test_strikes_that_are_no_objects_are_not_taken_from_a_task() -> None:
    place = {"start": TEXT.index(QUOTE), "end": TEXT.index(QUOTE) + len(QUOTE), "text": QUOTE, "labels": ["quote"]}
    region = {"id": "r", "from_name": SPANS, "type": "labels", "value": place}
    found = line_of_task({"data": {"text": TEXT, "strikes": ["US strike"]}, "annotations": [{"result": [region]}]})
    assert found.row is not None
    assert found.row["strikes"] == []
    assert [s["quote"] for s in found.row["statements"]] == [QUOTE]


def test_a_mapped_column_wins_over_one_of_the_fields_name() -> None:
    for header in ("text,Body,actor,target,stance", "Body,text,actor,target,stance"):
        cells = {"text": "teaser", "Body": "He was wrong.", "actor": "Ada", "target": "the raid", "stance": "neutral"}
        content = f"{header}\n" + ",".join(cells[name] for name in header.split(",")) + "\n"
        (found,) = csv_rows(content, {"text": "Body"})
        assert isinstance(found, LabelLine)
        assert found.fields == {name: cells[name] for name in ("actor", "target", "stance")} | {"text": "He was wrong."}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_columns_of_other_names_are_mapped(
    delimiter: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.csv"
    cells = [["Body", "Who", "target", "Label", "Mine"], ["Ada said no.", "Ada", "the raid", "Condemning ", "x"]]
    source.write_text("\ufeff" + "\r\n".join(delimiter.join(c) for c in cells) + "\r\n", encoding="utf-8")
    out = tmp_path / "out.jsonl"
    arguments = ["labels", "import", str(source), "-o", str(out)]
    assert main([*arguments, "--map", "text=Body,actor=Who", "--map", "stance=Label"]) == 0
    row = {"text": "Ada said no.", "actor": "Ada", "target": "the raid", "stance": "condemning", "Mine": "x"}
    assert read(out) == [row]
    assert main([*arguments, "--overwrite", "--map", "text=Nope"]) == 2
    assert "'Nope'" in capfd.readouterr().err
    assert main([*arguments, "--overwrite", "--map", "speech=Body"]) == 2
    assert "FIELD=COLUMN" in capfd.readouterr().err


def test_csv_lines_are_counted_through_cells_with_line_ends() -> None:
    text = 'text,actor,target,stance\n"a\nb",A,t,neutral\n\nc,A,t,neutral\n'
    assert [(r.number, r.fields["text"]) for r in csv_rows(text, {}) if isinstance(r, LabelLine)] == [
        (2, "a\nb"),
        (5, "c"),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("He said “no more”.", "mixed"), ("“no more,” he said", "direct"), ("he wants no more", "indirect")],
)
def test_the_kind_of_a_new_quote_is_found(text: str, kind: str) -> None:
    start = {"mixed": 3, "direct": 1, "indirect": 3}[kind]
    assert kind_of(text, Span(start, text.index("more") + 4)) == kind


def test_arrays_and_single_objects_of_label_lines_are_brought_in(tmp_path: Path) -> None:
    for number, content in enumerate((json.dumps([line(), line()], indent=1), json.dumps(line(), indent=1))):
        source, out = tmp_path / f"{number}.json", tmp_path / f"{number}.jsonl"
        source.write_text(content)
        assert main(["labels", "import", str(source), "-o", str(out)]) == 0
        assert read(out) == [line()] * (2 - number)


@pytest.mark.parametrize("command", ["check", "import", "export", "next"])
def test_help_of_every_command(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["labels", command, "--help"]) == 0
    assert "Usage: quotestance labels" in capfd.readouterr().out
    assert main(["labels", command]) == 2
    assert capfd.readouterr().err.count("\n") == 1


def test_the_group_alone_prints_its_help(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["labels"]) == 0
    assert "import" in capfd.readouterr().out


def test_a_doccano_document_that_nobody_touched_stays_a_models() -> None:
    predicted = line() | {"predicted_by": "m1"}
    made = document(predicted)
    assert line_of_document(made, "utf-16").row == predicted
    changed = json.loads(json.dumps(made))
    changed["entities"][0]["label"] = "supportive"
    assert "predicted_by" not in (line_of_document(changed, "utf-16").row or {})
    untouched = line_of_document({"text": TEXT, "entities": [], "relations": []}, "utf-16")
    assert (untouched.row, untouched.notes) == (None, ("nobody has annotated it",))


def test_one_bad_row_of_csv_costs_no_other() -> None:
    good = "He said so.,Ada,the raid,neutral"
    bad = '"Oslo said "no", twice.",Oslo,the raid,condemning'
    found = list(csv_rows("\n".join(["text,actor,target,stance", good, bad, good, good]), {}))
    assert [isinstance(row, LabelLine) for row in found] == [True, False, True, True]
    assert (found[1].number, found[1].raw) == (3, bad)
