"""Learning curves of a conflict that a model has not seen: what is drawn, held out, kept of an interrupted run."""

import json

import pytest

from quotestance.training import new_conflict
from quotestance.training.labels import read_labels
from quotestance.training.new_conflict import conflict_ids, drawn, main
from quotestance.training.own_data import CONTRAST_TEST, CONTRAST_TRAIN, NEW_CONFLICT, PASSAGES

from .conftest import label_rows, write_rows


@pytest.fixture(scope="module")
def articles():
    return read_labels([NEW_CONFLICT]).articles


def test_a_draw_has_exactly_so_many_statements_and_a_larger_one_holds_it(articles):
    small, large = drawn(articles, 25, 1), drawn(articles, 100, 1)
    assert sum(len(a.statements) for a in small) == 25
    assert sum(len(a.statements) for a in large) == 100
    assert [a.doc_id for a in small] == [a.doc_id for a in large[: len(small)]]
    assert [a.doc_id for a in drawn(articles, 25, 2)] != [a.doc_id for a in small]


def test_more_than_there_is_cannot_be_drawn(articles):
    with pytest.raises(ValueError, match="1049 statements"):
        drawn(articles, 2000, 0)


def test_nothing_that_models_are_trained_on_knows_the_conflict():
    about, mentioning = conflict_ids([NEW_CONFLICT], r"Varr|Reed League|\bCalder\b|Ferrym[ae]n")
    assert len(about) == 180
    assert mentioning == about
    assert conflict_ids([PASSAGES, CONTRAST_TRAIN], r"Varran|Reed League|Port Osk|Nhoma") == (set(), set())


def test_a_curve_goes_on_where_it_was_broken_off(tmp_path, shipped, capsys, monkeypatch):
    few = tmp_path / "few.jsonl"
    few.write_text("".join(CONTRAST_TEST.read_text(encoding="utf-8").splitlines(keepends=True)[:20]), encoding="utf-8")
    for name in ("PASSAGES", "CONTRAST_TRAIN"):
        monkeypatch.setattr(new_conflict, name, few)
    labels = write_rows(tmp_path / "conflict.jsonl", label_rows(45))
    general = write_rows(tmp_path / "general.jsonl", label_rows(12, ending=" again"))
    out = tmp_path / "out"
    command = ["--labels", str(labels), "--start", str(shipped), "--general", str(general)]
    command += ["-o", str(out), "--epochs", "1", "--sizes", "6", "12", "--shares", "0.5"]
    main([*command, "--seeds", "0"])
    kept = (out / "curve.jsonl").read_text(encoding="utf-8")
    main([*command, "--seeds", "0", "1"])
    lines = (out / "curve.jsonl").read_text(encoding="utf-8")
    assert lines.startswith(kept)
    rows = [json.loads(line) for line in lines.splitlines()]
    assert [(row["seed"], row["statements"]) for row in rows] == [(0, 6), (0, 12), (1, 6), (1, 12)]
    assert all(0 <= row[name] <= 1 for row in rows for name in ("conflict", "general"))
    assert (out / "curve.png").stat().st_size > 5000
    assert "45 articles on the conflict, 15 held out" in capsys.readouterr().out
