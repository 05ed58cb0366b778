"""`quotestance compare` as a whole: the JSON object, the page, and articles that a model was trained on."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from jsonschema import validate

from quotestance.model import pipeline
from quotestance.model.errors import InputError, LabelError, ModelError
from quotestance.model.types import STANCES
from quotestance.training.comparison import compare as comparing
from quotestance.training.comparison.command import run
from quotestance.training.evaluate_scorer import Scored
from quotestance.training.train_command import run as train
from quotestance.training.training_record import text_key

from .conftest import label_rows, write_rows

NUMBER = {"type": "number"}
DIFFERENCE = {
    "type": "object",
    "properties": dict.fromkeys(("value", "low", "high", "error"), NUMBER),
    "required": ["value", "low", "high", "error"],
    "additionalProperties": False,
}
SIDE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "version": {"type": "string"},
        "macro_f1": NUMBER,
        "accuracy": NUMBER,
        "calibration_error": NUMBER,
        "brier": NUMBER,
        "agreement": DIFFERENCE,
        "statements_per_second": {"type": "number", "exclusiveMinimum": 0},
        "bytes": {"type": "integer", "minimum": 1},
    },
    "additionalProperties": False,
}
SIDE["required"] = list(SIDE["properties"])  # type: ignore[call-overload]
SCHEMA = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["better", "no worse", "worse", "can't tell"]},
        "in_words": {"type": "string"},
        "margin": NUMBER,
        "labels_to_tell": {"type": ["integer", "null"]},
        "worse_on": {"type": "array", "items": {"enum": list(STANCES)}},
        "labels": {"type": "array", "items": {"type": "string"}},
        "articles": {"type": "integer"},
        "statements": {"type": "integer"},
        "left_out": {"type": "integer"},
        "old": SIDE,
        "new": SIDE,
        "difference": DIFFERENCE,
        "brier_difference": DIFFERENCE,
        "worse_probabilities": {"type": "boolean"},
        "mcnemar": {
            "type": "object",
            "properties": {"right_to_wrong": {"type": "integer"}, "wrong_to_right": {"type": "integer"}, "p": NUMBER},
            "required": ["right_to_wrong", "wrong_to_right", "p"],
        },
        "per_stance": {
            "type": "object",
            "properties": {s: {"type": "object", "required": ["old", "new", "difference"]} for s in STANCES},
            "required": list(STANCES),
        },
        "slices": {
            "type": "array",
            "items": {"required": ["slice", "value", "statements", "old", "new", "accuracy_difference"]},
        },
        "reader": {"type": ["object", "null"]},
    },
    "additionalProperties": False,
}
SCHEMA["required"] = list(SCHEMA["properties"])  # type: ignore[call-overload]
NASTY = "<script>alert(1)</script>\" onload='x' & $x$ {{ 7 * 7 }}"


@pytest.fixture(scope="module")
def trained(tiny_shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A model that has learnt what the tiny shipped one does not know."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "SHIPPED", tiny_shipped)
        patch.setattr("quotestance.training.train_command.before_after", lambda *_: STAND_IN)
        labels = write_rows(folder / "labels.jsonl", label_rows(90))
        train([labels], folder / "model", epochs=16, lr=4e-3, batch_size=8, replay=0.0, patience=16)
        yield folder


KEPT = {"kept": {"both_right": 0.5}}
SCORER = {"statements": 1, "macro_f1": 0.5, "accuracy": 0.5, "calibration_error": 0.1, "per_stance": {}}
STAND_IN = {
    "verdict": {"verdict": "better", "in_words": "", "labels_to_tell": None},
    "before": {"scorer": SCORER, **KEPT},
    "after": {"scorer": SCORER, **KEPT},
}


@pytest.mark.usefixtures("shipped")
def test_a_better_model_is_called_better_in_json(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = write_rows(tmp_path / "fresh.jsonl", [*label_rows(90, ending=" it"), {"text": "broken"}])
    assert run("shipped", str(trained / "model"), [labels], json_output=True) == 1
    captured = capsys.readouterr()
    figures = json.loads(captured.out)
    validate(figures, SCHEMA)
    assert figures["verdict"] == "better"
    assert figures["new"]["macro_f1"] > 0.9 > figures["old"]["macro_f1"]
    assert figures["statements"] == 90
    assert {s["slice"] for s in figures["slices"]} == {"about", "certainty"}
    assert "refused" in captured.err
    assert run(str(trained / "model"), "shipped", [labels]) == 1
    assert "verdict: worse" in capsys.readouterr().out


@pytest.mark.usefixtures("shipped")
def test_articles_that_a_model_was_trained_on_are_left_out(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("shipped", str(trained / "model"), [trained / "labels.jsonl"], json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["left_out"], figures["statements"]) == (72, 18)
    rows = [json.loads(line) for line in (trained / "labels.jsonl").read_text().splitlines()]
    record = json.loads((trained / "model" / "training.json").read_text())
    assert record["test"]["statements"] == 18
    assert len(rows) == 90
    known = [row for row in rows if text_key(row["text"]) in set(record["trained_on"])]
    with pytest.raises(LabelError, match="trained on all 72 articles with statements"):
        run("shipped", str(trained / "model"), [write_rows(tmp_path / "known.jsonl", known)])


@pytest.mark.usefixtures("shipped")
def test_a_model_is_no_worse_than_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = write_rows(tmp_path / "fresh.jsonl", label_rows(30))
    assert run("shipped", "shipped", [labels], json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["verdict"], "the same model" in figures["in_words"]) == ("no worse", True)


@pytest.mark.usefixtures("shipped")
def test_what_cannot_be_compared_is_an_error(tmp_path: Path) -> None:
    labels = write_rows(tmp_path / "fresh.jsonl", label_rows(30))
    with pytest.raises(ModelError, match="no such model folder"):
        run("shipped", str(tmp_path / "gone"), [labels])
    with pytest.raises(InputError, match="--margin -1"):
        run("shipped", "shipped", [labels], margin=-1)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.usefixtures("shipped")
def test_the_page_shows_what_flipped_and_escapes_everything(
    tmp_path: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = f"the strike was wrong {NASTY}"
    rows = [
        {
            "doc_id": f"d{i}{NASTY}",
            "source": NASTY,
            "text": f"{NASTY} said {quote} {i}.",
            "strikes": [{"id": "S", "description": NASTY, "main": True}],
            "statements": [
                {
                    "quote_span": [len(NASTY) + 6, len(NASTY) + 6 + len(quote)],
                    "actor": NASTY,
                    "kind": "direct",
                    "about": NASTY,
                    "strike": "S",
                    "stance": STANCES[i % 3],
                }
            ],
        }
        for i in range(30)
    ]
    labels = write_rows(tmp_path / "<b>.jsonl", rows)
    turn = iter((0, 1, 0, 1))
    scored = comparing.score_labels

    def turned(*arguments: object) -> Scored:
        found = scored(*arguments)  # type: ignore[arg-type]
        calls = (found.truth + next(turn)) % 3 if len(found.truth) else found.truth
        return Scored(found.statements, found.truth, np.eye(3)[calls])

    monkeypatch.setattr(comparing, "score_labels", turned)
    run("shipped", str(trained / "model"), [labels], out=tmp_path / "out")
    page = (tmp_path / "out" / "comparison.html").read_text()
    parser = Tags()
    parser.feed(page)
    assert "script" not in parser.tags
    assert page.count("<article>") == 30
    assert "Right before, wrong now (30)" in page
    assert '<p class="verdict down">' in page
    assert "{{ 7 * 7 }}" in page
    assert not [name for name, _ in parser.attributes if name.startswith("on") or name in ("style", "src", "href")]
    policy = next(value or "" for name, value in parser.attributes if name == "content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.findall(r"https?://", page)
    assert "prefers-color-scheme: dark" in page
    flips = [json.loads(line) for line in (tmp_path / "out" / "flips.jsonl").read_text().splitlines()]
    assert len(flips) == 30
    assert flips[0]["quote"] == quote
    assert (tmp_path / "out" / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "out" / "comparison.json").read_text())["verdict"] == "worse"
