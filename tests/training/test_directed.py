"""The benchmark of two-way sentiment: rows read, questions asked, answers put together."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from quotestance.training.directed import (
    best_bias,
    directed_f1,
    joint,
    read_directed,
    statements_of_sentence,
    with_other_names,
)


def rows(path: Path, *texts: tuple[str, str, str, int]) -> Path:
    lines = [json.dumps({"text": t, "p": p, "q": q, "label": n, "in_test": False}) for t, p, q, n in texts]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def test_a_row_becomes_two_questions_with_the_one_asked_about_in_brackets(tmp_path: Path) -> None:
    path = rows(
        tmp_path / "d.jsonl.gz", ("[Orla Finn] scolded [the Ferry Board] again.", "Orla Finn", "the Ferry Board", 3)
    )
    (sentence,) = read_directed(path)
    first, second = statements_of_sentence(sentence, "0")
    assert (first.actor, first.target, first.stance) == ("Orla Finn", "the Ferry Board", "condemning")
    assert (second.actor, second.target, second.stance) == ("the Ferry Board", "Orla Finn", "neutral")
    assert first.text == "Orla Finn scolded [the Ferry Board] again."
    for statement in (first, second):
        assert statement.speaker is not None
        assert statement.speaker.of(statement.text) == statement.actor


def test_a_row_without_its_marks_is_refused_with_its_line(tmp_path: Path) -> None:
    path = rows(tmp_path / "d.jsonl.gz", ("[A] met B.", "A", "B", 0))
    with pytest.raises(ValueError, match=r"gz:1: p and q are not both marked"):
        read_directed(path)


def test_two_answers_make_one_of_five_labels() -> None:
    neutral, condemns, supports = [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]
    first = np.array([neutral, supports, neutral, condemns, neutral])
    second = np.array([neutral, neutral, supports, neutral, condemns])
    scores = joint(first, second)
    assert scores.argmax(axis=1).tolist() == [0, 1, 2, 3, 4]
    truth = np.arange(5)
    assert directed_f1(scores.argmax(axis=1), truth) == (1.0, 1.0)
    assert directed_f1((scores - best_bias(scores, truth) * (np.arange(5) == 0)).argmax(axis=1), truth) == (1.0, 1.0)


def test_other_names_stand_wherever_the_two_stood(tmp_path: Path) -> None:
    path = rows(tmp_path / "d.jsonl.gz", ("[Orla] met Finn; Orla scolded [Finn].", "Orla", "Finn", 3))
    (sentence,) = read_directed(path)
    other = with_other_names(sentence, "the Ferry Board", "Ada")
    assert other.text == "the Ferry Board met Ada; the Ferry Board scolded Ada."
    assert (other.p.of(other.text), other.q.of(other.text), other.q.start) == ("the Ferry Board", "Ada", 49)
    assert other.label == sentence.label


def test_a_name_that_begins_with_the_other_is_replaced_whole(tmp_path: Path) -> None:
    path = rows(tmp_path / "d.jsonl.gz", ("[Finn Lake] met [Finn].", "Finn Lake", "Finn", 0))
    (sentence,) = read_directed(path)
    assert with_other_names(sentence, "Ada", "Bo").text == "Ada met Bo."
