"""Statements without labels: found in texts about arms, asked about a strike, in a file that the scorer can read."""

import gzip
import json
from pathlib import Path

from quotestance.model import Model
from quotestance.training.labels import read_labels
from quotestance.training.unlabelled import rows, texts_about_arms

TEXTS = [
    "Norvania condemned the air strike on Halle port as a crime.",
    "The mayor said the weather was fine.",
    "“We will rebuild,” said Ana Brandt, who opposes the war.",
    "Norvania condemned the air strike on Halle port as a crime.",
]


def test_texts_about_arms_are_taken_once(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text}) + "\n" for text in TEXTS)
    assert texts_about_arms([path]) == [TEXTS[0], TEXTS[2]]


def test_rows_are_labels_that_can_be_read(tmp_path: Path, model: Model) -> None:
    path = tmp_path / "unlabelled.jsonl"
    found = list(rows(model, [TEXTS[0], TEXTS[2]], ["a raid on a depot"]))
    path.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
    labels = read_labels([path])
    assert not labels.problems
    assert {s.certainty for s in labels.statements} == {1}
    targets = {s.text: s.target for s in labels.statements}
    assert "Halle" in targets[TEXTS[0]]  # its own strike
    assert targets[TEXTS[2]] == "a raid on a depot"  # drawn, since it names none
