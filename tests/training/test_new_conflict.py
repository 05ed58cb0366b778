"""Learning curves of a conflict that a model has not seen: what is drawn, held out, kept of an interrupted run."""

import json
from dataclasses import replace

import pytest

from quotestance.training import new_conflict
from quotestance.training.labels import read_labels
from quotestance.training.new_conflict import conflict_ids, drawn, held_out, main
from quotestance.training.own_data import CONTRAST_TEST, CONTRAST_TRAIN, EXAMPLE, NEW_CONFLICT, PASSAGES

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


def test_nothing_that_ships_but_its_own_labels_knows_the_war():
    names = r"Varran|Reed League|Port Osk|Nhoma|Sluice Council"
    about, mentioning = conflict_ids([NEW_CONFLICT], names)
    assert len(mentioning) == 180
    assert about <= mentioning
    assert conflict_ids([PASSAGES, CONTRAST_TRAIN, CONTRAST_TEST, EXAMPLE], names) == (set(), set())


def test_no_text_and_no_article_is_both_held_out_and_drawn_from(articles):
    twice = [replace(a, text=a.text + " ") for a in articles[:40]] + [
        replace(a, doc_id="x" + a.doc_id) for a in articles
    ]
    held, pool = held_out([*articles, *twice])
    assert len(held) + len(pool) <= len(articles) + len(twice)
    assert not {a.text for a in held} & {a.text for a in pool}
    assert not {a.doc_id for a in held} & {a.doc_id for a in pool}
    assert 40 < len(held_out(articles)[0]) < 80


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
    with pytest.raises(SystemExit, match="another epochs"):
        main([*command[:-6], "2", *command[-5:], "--seeds", "0"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--labels", "LABELS", "--conflict", "Mali"], "not with --conflict"),
        (["--start", "DIR"], "--start goes with --labels"),
        (["--labels", "LABELS", "--sizes", "3000"], "see --sizes"),
    ],
)
def test_what_cannot_be_measured_is_said_before_anything_is_trained(arguments, said, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(NEW_CONFLICT) if word == "LABELS" else word for word in arguments] + ["-o", str(tmp_path / "out")])
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
