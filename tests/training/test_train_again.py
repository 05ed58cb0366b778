"""A model that is trained on from a retrained one: what that one learnt is not held out, and stays in the record."""

import json
from pathlib import Path
from typing import Any

import pytest

from quotestance.model.components import amend_manifest, describe
from quotestance.training.comparison.sides import open_side, seen_by
from quotestance.training.labels import read_labels
from quotestance.training.own_data import PASSAGES
from quotestance.training.replay import own_texts
from quotestance.training.retrained_card import PARTED
from quotestance.training.splits import three_ways
from quotestance.training.train_command import run
from quotestance.training.training_record import TrainingRecord, read_record, text_key
from quotestance.training.versions.promote_command import run as promote

from .conftest import label_rows, write_rows
from .test_train_bases import whole_article
from .test_train_material import article

pytestmark = pytest.mark.usefixtures("shipped", "quick")
OPTIONS: dict[str, Any] = {"epochs": 1, "replay": 0.0}


def keys(rows: list[dict[str, Any]]) -> set[str]:
    return {text_key(row["text"]) for row in rows}


def record_of(folder: Path) -> TrainingRecord:
    record = read_record(folder)
    assert record is not None
    return record


def test_what_was_held_out_twice_is_still_held_out_and_can_be_promoted_on(tmp_path: Path) -> None:
    first, second = label_rows(60), label_rows(60, ending=" it")
    held, stopping = label_rows(15, ending=" that"), label_rows(15, ending=" was")
    names = {"a": first, "b": second, "t": held, "v": stopping}
    a, b, t, v = (write_rows(tmp_path / f"{name}.jsonl", rows) for name, rows in names.items())
    run([a], tmp_path / "m1", [v], [t], **OPTIONS)
    run([b], tmp_path / "m2", [v], [t], base=str(tmp_path / "m1"), **OPTIONS)
    run([b], tmp_path / "m3", [v], [t], base=str(tmp_path / "m2"), **OPTIONS)
    for name in ("m2", "m3"):
        record = record_of(tmp_path / name)
        assert (record.test.statements, record.validation.statements) == (15, 15)
        seen = seen_by(open_side(str(tmp_path / name)))
        assert seen.texts == keys(first) | keys(second) | keys(stopping)
        assert not seen.files
        manifest = json.loads((tmp_path / name / "scorer" / "manifest.json").read_text())
        assert [entry["file"] for entry in manifest["data"]] == ["a.jsonl", "v.jsonl", "b.jsonl"]
        assert record.settings[PARTED] == "file"
    promote(str(tmp_path / "m2"), tmp_path / "models", force=True)  # fifteen labels say nothing for it
    entry = json.loads((tmp_path / "models" / "promotions.jsonl").read_text().splitlines()[-1])
    assert [name for name, _ in entry["labels"]] == ["t.jsonl"]


def test_what_the_shipped_model_learnt_is_held_out_of_nothing(tmp_path: Path, shipped: Path) -> None:
    known, new = label_rows(30), label_rows(60, ending=" it")
    learnt, more = write_rows(tmp_path / "learnt.jsonl", known), write_rows(tmp_path / "more.jsonl", new)
    manifest = shipped / "scorer" / "manifest.json"
    before = manifest.read_text()
    amend_manifest(shipped / "scorer", {"data": [{"file": learnt.name, **describe(learnt)}]})
    try:
        run([learnt, more], tmp_path / "m", **OPTIONS)
    finally:
        manifest.write_text(before)
    record = record_of(tmp_path / "m")
    assert record.test.texts
    assert {*record.test.texts, *record.validation.texts} <= keys(new)


def test_our_own_passages_are_held_out_of_nothing() -> None:
    assert {text_key(a.text) for a in read_labels([PASSAGES]).articles} <= own_texts()


def test_what_the_base_learnt_is_not_held_out_of_the_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = label_rows(120)
    a, ab = write_rows(tmp_path / "a.jsonl", rows[:60]), write_rows(tmp_path / "ab.jsonl", rows)
    run([a], tmp_path / "m1", **OPTIONS)
    learnt = set(record_of(tmp_path / "m1").trained_on)
    run([ab], tmp_path / "m2", base=str(tmp_path / "m1"), **OPTIONS)
    record = record_of(tmp_path / "m2")
    assert not learnt & {*record.validation.texts, *record.test.texts}
    assert record.test.texts
    assert learnt <= set(record.trained_on)
    capsys.readouterr()
    run([ab], tmp_path / "m3", test=[a], base=str(tmp_path / "m1"), **OPTIONS)
    assert set(record_of(tmp_path / "m3").test.texts) == keys(rows[:60]) - learnt
    assert f"{len(learnt)} articles of the held-out files were left out" in capsys.readouterr().err


def test_known_events_are_for_training_and_the_shares_are_of_the_others() -> None:
    articles = [
        article(f"{k}-{i}", f"the raid on Halle{k} by Norvania", f"2031-05-{k + 1:02d}")
        for k in range(20)
        for i in (0, 1)
    ]
    known = {a.text for a in articles[:20:2]}
    split = three_ways(articles, 0.15, 0.2, known=known)
    held = {a.text for a in (*split.validation, *split.test)}
    assert not held & {a.text for a in articles[:20]}
    assert len(held) == 8
    assert len(split.training) + len(held) == 40
    # where every event is known, the new articles of them are held out
    split = three_ways(articles, 0.15, 0.2, known={a.text for a in articles[::2]})
    assert split.by_article
    held = {a.text for a in (*split.validation, *split.test)}
    assert held
    assert held <= {a.text for a in articles[1::2]}
    with pytest.raises(ValueError, match="1 articles are new"):
        three_ways(articles, 0.15, 0.2, known={a.text for a in articles[1:]})


def test_a_component_that_is_taken_over_keeps_what_it_was_trained_on(tmp_path: Path) -> None:
    rows = [whole_article(i) for i in range(20)]
    articles = write_rows(tmp_path / "articles.jsonl", rows)
    labels = write_rows(tmp_path / "labels.jsonl", label_rows(30))
    run([articles], tmp_path / "both", part="both", **OPTIONS)
    learnt = set(record_of(tmp_path / "both").trained_on)
    run([labels], tmp_path / "scorer", base=str(tmp_path / "both"), **OPTIONS)
    assert learnt <= seen_by(open_side(str(tmp_path / "scorer"))).texts
    # a scorer alone, beside the reader in service
    models = tmp_path / "models"
    promote(str(tmp_path / "both"), models, force=True)
    run([labels], tmp_path / "alone", seed=1, **OPTIONS)
    assert not learnt & seen_by(open_side(str(tmp_path / "alone"))).texts
    promote(str(tmp_path / "alone"), models, force=True)
    seen = seen_by(open_side(str(models)))
    assert learnt <= seen.texts
    assert not seen.files
