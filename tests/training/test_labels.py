"""Label files: both formats are read, and what is broken is refused with its line."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from quotestance.model.errors import LabelError
from quotestance.model.types import Span
from quotestance.training.labels import article_of, read_labels

TEXT = "They met. Ada Obi said he was wrong to order the raid on Tessaly."


def article(**changes: Any) -> dict[str, Any]:
    statement = {
        "quote": "he was wrong to order the raid on Tessaly",
        "quote_span": [23, 64],
        "speaker": "Ada Obi",
        "speaker_span": [10, 17],
        "cue": "said",
        "cue_span": [18, 22],
        "kind": "indirect",
        "actor": "Ada Obi",
        "actor_type": "person",
        "strike": "S1",
        "stance": "condemning",
        "about": "strike",
        "certainty": 2,
    }
    return {
        "doc_id": "d1",
        "title": "A raid",
        "date": "2031-01-02",
        "source": "here",
        "text": TEXT,
        "strikes": [{"id": "S1", "description": "the raid on Tessaly", "attacker": "x", "main": True}],
        "statements": [{**statement, **changes}],
    }


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows), encoding="utf-8")
    return path


def test_an_article_is_read_whole(tmp_path: Path) -> None:
    labels = read_labels([write(tmp_path / "a.jsonl", article())])
    assert labels.problems == ()
    (statement,) = labels.statements
    assert statement.quote.of(statement.text) == "he was wrong to order the raid on Tessaly"
    assert (statement.target, statement.stance, statement.certainty) == ("the raid on Tessaly", "condemning", 2)
    assert labels.articles[0].target == "the raid on Tessaly"


def test_plain_rows_are_read_with_and_without_a_quote(tmp_path: Path) -> None:
    row = {"text": TEXT, "actor": "Ada Obi", "target": "the raid", "stance": "condemning"}
    labels = read_labels([write(tmp_path / "a.jsonl", {**row, "quote": "wrong"}, row)])
    first, second = labels.statements
    assert first.quote.of(TEXT) == "wrong"
    assert second.quote == Span(0, len(TEXT))


def test_gzip_and_byte_order_marks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + json.dumps(article()).encode()))
    assert len(read_labels([path]).statements) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stance": "against"}, "`stance` 'against' is not one of"),
        ({"quote_span": [23, 640]}, "lies outside the text"),
        ({"quote_span": [22, 63]}, "holds other words"),
        ({"quote_span": [True, 3]}, "two whole numbers"),
        ({"quote_span": None}, "`quote_span` is missing"),
        ({"strike": "S9"}, "`strike` 'S9'"),
        ({"kind": "spoken"}, "`kind` 'spoken'"),
        ({"actor": "  "}, "`actor` must be a text"),
        ({"actor_type": "robot"}, "`actor_type` 'robot'"),
        ({"certainty": 4}, "`certainty` 4"),
    ],
)
def test_a_broken_statement_is_refused_and_its_neighbours_kept(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    labels = read_labels([write(tmp_path / "a.jsonl", article(), article(**changes))])
    assert len(labels.statements) == 1
    (problem,) = labels.problems
    assert problem.line == 2
    assert words in str(problem)
    assert str(problem).startswith(f"{tmp_path / 'a.jsonl'}:2: statement 1: ")


@pytest.mark.parametrize(
    ("line", "words"),
    [("{", "not a JSON line"), ("[]", "not a JSON object"), ('{"text": " "}', "`text`"), ('{"text": 3}', "`text`")],
)
def test_a_broken_line_is_refused_with_its_number(tmp_path: Path, line: str, words: str) -> None:
    labels = read_labels([write(tmp_path / "a.jsonl", article(), "", line)])
    assert [p.line for p in labels.problems] == [3]
    assert words in labels.problems[0].message


def test_a_file_without_any_label_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no usable label"):
        read_labels([write(tmp_path / "a.jsonl", "nothing")])
    with pytest.raises(LabelError, match="cannot be read"):
        read_labels([tmp_path / "missing.jsonl"])
    good, refused = write(tmp_path / "good.jsonl", article()), write(tmp_path / "b.jsonl", article(stance="against"))
    with pytest.raises(LabelError, match=r"b\.jsonl: no usable label in this file; first problem: .*b\.jsonl:1: state"):
        read_labels([good, refused])
    with pytest.raises(LabelError, match="no usable label"):
        read_labels([write(tmp_path / "a.jsonl", {**article(), "statements": []})])


def test_an_id_of_two_strikes_names_neither(tmp_path: Path) -> None:
    row = article()
    other = {"id": "S1", "description": "the shelling of Orn", "main": False}
    clear = {"id": "S2", "description": "the siege of Vell", "main": False}
    row["strikes"] += [other, clear]
    row["statements"].append({**row["statements"][0], "strike": "S2"})
    labels = read_labels([write(tmp_path / "a.jsonl", article(), row)])
    assert [s.target for s in labels.statements] == ["the raid on Tessaly", "the siege of Vell"]
    (problem,) = labels.problems
    assert problem.line == 2
    assert "statement 1: `strike` 'S1' is the id of 2 of the article's strikes" in str(problem)
    assert labels.articles[1].target == "the raid on Tessaly"


def test_a_speaker_inside_another_word_moves_to_where_it_stands_alone(tmp_path: Path) -> None:
    inside = TEXT.index("he", 0)  # in "They"
    changed = article(speaker="he", speaker_span=[inside, inside + 2])
    (statement,) = read_labels([write(tmp_path / "a.jsonl", changed)]).statements
    assert statement.speaker == Span(TEXT.index(" he ") + 1, TEXT.index(" he ") + 3)


def test_an_article_without_an_id_gets_it_from_its_text(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, text in ((one, "A said no."), (other, "B said no.")):
        folder.mkdir()
        row = {"text": text, "actor": text[0], "target": "the raid", "stance": "neutral"}
        (folder / "new.jsonl").write_text(f"{json.dumps(row)}\n" * 2, encoding="utf-8")
    ids = [a.doc_id for a in read_labels([one / "new.jsonl", other / "new.jsonl"]).articles]
    assert ids[0] == ids[1] != ids[2] == ids[3]


@pytest.mark.parametrize("strike", [{"id": "S1", "description": "  "}, {"id": None, "description": "the raid"}])
def test_a_strike_without_a_description_or_an_id_is_none(strike: dict[str, Any]) -> None:
    statement = {"quote": "no", "quote_span": [7, 9], "actor": "A", "strike": strike["id"], "stance": "neutral"}
    article, problems = article_of({"text": "A said no.", "strikes": [strike], "statements": [statement]})
    assert (article.target, article.statements, len(problems)) == (None, (), 1)
