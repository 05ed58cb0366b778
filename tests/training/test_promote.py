"""`quotestance promote`: in service or refused, the log, going back, and two at once."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quotestance.model import pipeline
from quotestance.model.errors import InputError, ModelError
from quotestance.model.pipeline import load
from quotestance.model.types import STANCES
from quotestance.training.comparison import compare as comparing
from quotestance.training.comparison.paired import Difference
from quotestance.training.evaluate_scorer import Scored
from quotestance.training.train_command import run as train
from quotestance.training.versions import promote_command
from quotestance.training.versions.judge import Decision
from quotestance.training.versions.promote_command import rollback, run, show, versions_folder
from quotestance.training.versions.store import Entry, Store, now

from .conftest import label_rows, write_rows

pytestmark = pytest.mark.usefixtures("shipped", "quick", "no_contrast_pairs")


@pytest.fixture
def no_contrast_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What random weights make of the contrast pairs is chance; `test_a_model_that_forgot_is_refused` has its own."""
    monkeypatch.setattr("quotestance.training.versions.judge._kept", lambda *_: None)


@pytest.fixture(scope="module")
def trained(tiny_shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`good` and `shuffled`, the same labels but for the order of the stances, and `fresh.jsonl` to compare on."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "SHIPPED", tiny_shipped)
        for name in ("draw", "draw_reader"):
            patch.setattr(f"quotestance.training.before_after.{name}", lambda *_: None)
        for name, shuffled in (("good", False), ("shuffled", True)):
            labels = write_rows(folder / f"{name}.jsonl", label_rows(120, shuffled))
            train([labels], folder / name, epochs=12, lr=4e-3, batch_size=8, replay=0.0, patience=12)
    write_rows(folder / "fresh.jsonl", label_rows(90, ending=" it"))
    return folder


def log(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "promotions.jsonl").read_text().splitlines()]


def current(folder: Path) -> str:
    return (folder / "current").read_text().strip()


def test_a_better_model_goes_into_service_and_back_out(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    assert run(str(trained / "good"), models) == 0
    good = load(trained / "good")
    assert load(models).version == good.version
    first, second = log(models)
    assert (first["action"], second["action"], second["previous"]) == ("first", "promoted", first["version"])
    assert second["version"] == current(models)
    assert (second["verdict"], second["forced"]) == ("better", False)
    assert second["labels"][0][0] == "good.jsonl"
    assert f"--rollback --to {models}" in capsys.readouterr().err
    files = {p.name for p in (models / "versions" / current(models)).iterdir()}
    assert files == {"scorer", "reader", "README.md", "training.json", "evaluation"}
    assert not list((models / "versions").glob(".*"))

    assert run(str(trained / "good"), models) == 0
    assert len(log(models)) == 2
    assert "in service already" in capsys.readouterr().err

    assert rollback(models) == 0
    assert load(models).version == load().version
    assert log(models)[-1]["action"] == "rolled back"
    with pytest.raises(InputError, match="nothing was in service before"):
        rollback(models)
    assert show(models) == 0
    listed = capsys.readouterr().out
    assert "better" in listed
    assert current(models) in listed
    assert "in service" in listed


def test_shuffled_labels_are_refused_and_force_is_logged(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models, fresh = tmp_path / "models", [trained / "fresh.jsonl"]
    run(str(trained / "good"), models)
    before = current(models)
    assert run(str(trained / "shuffled"), models, fresh) == 1
    assert "refused, worse than the model in service" in capsys.readouterr().err
    assert current(models) == before
    assert (log(models)[-1]["action"], log(models)[-1]["version"]) == ("refused", None)
    assert len(list((models / "versions").iterdir())) == 2
    assert run(str(trained / "shuffled"), models, fresh, force=True) == 0
    entry = log(models)[-1]
    assert (entry["action"], entry["verdict"], entry["forced"]) == ("promoted", "worse", True)
    assert current(models) == entry["version"] != before
    rollback(models)
    assert current(models) == before


def test_a_model_that_forgot_is_refused(tmp_path: Path, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forgot = Difference(-0.2, -0.3, -0.1, 0.05)
    monkeypatch.setattr("quotestance.training.versions.judge._kept", lambda *_: forgot)
    models = tmp_path / "models"
    assert run(str(trained / "good"), models) == 1
    assert "forgotten" in log(models)[-1]["in_words"]


def test_labels_that_are_shuffled_themselves_say_nothing_for_a_model(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shuffled = write_rows(tmp_path / "shuffled.jsonl", label_rows(90, shuffled=True, ending=" it"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("quotestance.training.versions.judge._refusal", lambda *_: None)
        assert run(str(trained / "good"), tmp_path / "models", [shuffled]) == 1
        assert "refused, its agreement with the labels cannot be told from chance" in capsys.readouterr().err
        # and whatever it is compared on, a model is refused whose own held-out labels were like that
        patch.setattr("quotestance.training.versions.judge.chance_alone", lambda *_: None)
        assert run(str(trained / "shuffled"), tmp_path / "models", [trained / "fresh.jsonl"]) == 1
    assert "by the figures of its training its agreement with the labels cannot be told" in capsys.readouterr().err


def test_worse_probabilities_are_refused_though_the_calls_are_the_same(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models, unsure = tmp_path / "models", tmp_path / "unsure"
    run(str(trained / "good"), models)
    shutil.copytree(trained / "good", unsure)
    manifest = unsure / "scorer" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["scorer"]["temperature"] *= 20
    manifest.write_text(json.dumps(content))
    assert run(str(unsure), models, [trained / "fresh.jsonl"]) == 1
    assert "its probabilities are worse" in capsys.readouterr().err


def test_what_cannot_be_told_goes_in_only_where_it_is_not_lower(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    few = write_rows(tmp_path / "few.jsonl", label_rows(12, ending=" was"))
    assert run(str(trained / "good"), models, [few]) == 0
    assert "too few to tell" in capsys.readouterr().err
    assert run(str(trained / "shuffled"), models, [few]) == 1
    assert "not shown to be as good" in capsys.readouterr().err


def test_better_on_average_but_worse_on_one_stance_is_named_so(
    tmp_path: Path, trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = write_rows(tmp_path / "labels.jsonl", label_rows(600, ending=" that"))
    truth = np.array([STANCES.index(row["stance"]) for row in label_rows(600)])
    chance = np.random.default_rng(1).uniform(size=600)
    # the old one takes supportive and neutral for one another, the new one some condemning for neutral
    old = np.where((chance < 0.4) & (truth < 2), 1 - truth, truth)
    new = np.where((chance < 0.3) & (truth == 2), 1, truth)
    turn = iter((old, new))
    stand_in = lambda scorer, statements: Scored(statements, truth, np.eye(3)[next(turn)])  # noqa: E731
    monkeypatch.setattr(comparing, "score_labels", stand_in)
    assert run(str(trained / "good"), tmp_path / "models", [labels]) == 0
    assert "worse on condemning statements, whatever the average" in capsys.readouterr().err
    entry = log(tmp_path / "models")[-1]
    assert (entry["verdict"], "worse on condemning" in entry["in_words"]) == ("better", True)


def test_other_settings_of_the_same_weights_are_another_model(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models, biased, wide = tmp_path / "models", tmp_path / "biased", tmp_path / "wide"
    fresh = write_rows(tmp_path / "fresh.jsonl", [*label_rows(90, ending=" it"), {"text": "broken"}])
    for folder, kind, setting, value in ((biased, "reader", "cue_bias", 3.5), (wide, "scorer", "before", 3)):
        shutil.copytree(trained / "good", folder)
        if kind == "reader":
            shutil.copytree(pipeline.SHIPPED / "reader", folder / "reader")
        manifest = folder / kind / "manifest.json"
        content = json.loads(manifest.read_text())
        content[kind][setting] = value
        manifest.write_text(json.dumps(content))
    run(str(trained / "good"), models)
    capsys.readouterr()
    run(str(biased), models, [fresh])
    told = capsys.readouterr().err
    assert "in service already" not in told
    assert "reader: can't tell, the labels hold no whole articles" in told
    assert f"1 labels were refused and left out; first: {fresh}:91: " in told
    run(str(wide), models, [fresh])
    told = capsys.readouterr().err
    assert "scorer: " in told
    assert "the same model" not in told


def test_an_article_or_two_tell_no_agreement(tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = write_rows(tmp_path / "few.jsonl", label_rows(3, ending=" was"))
    assert run(str(trained / "good"), tmp_path / "models", [few]) == 1
    assert "cannot be told from chance on 3 articles; at least 5 would tell" in capsys.readouterr().err


def test_test_articles_that_the_other_model_learnt_are_no_ground(tmp_path: Path, trained: Path) -> None:
    models, new = tmp_path / "models", tmp_path / "new"
    run("shipped", models)
    serving = models / "versions" / current(models)
    record = json.loads((trained / "good" / "training.json").read_text())
    learnt = {"scorer": {"trained_on": record["test"]["texts"]}}
    (serving / "training.json").write_text(json.dumps({**record, "parts": {}, "taken_over": learnt}))
    shutil.copytree(trained / "good", new)
    # one article of the file is new to both, but not one of those held out
    (new / "training.json").write_text(json.dumps({**record, "trained_on": record["trained_on"][1:]}))
    with pytest.raises(InputError, match="trained on all its test articles"):
        run(str(new), models)


def damaged(folder: Path, out: Path, what: str) -> Path:
    shutil.copytree(folder, out)
    manifest = out / "scorer" / "manifest.json"
    content = json.loads(manifest.read_text())
    if what == "weights":
        weights = out / "scorer" / "model.safetensors"
        content_of = bytearray(weights.read_bytes())
        content_of[-1] ^= 1
        weights.write_bytes(content_of)
    elif what == "format":
        content["format"] = 9
    elif what == "base":
        content["base"]["name"] = "another"
    elif what == "no base":
        content["base"] = {}
    elif what == "record":
        record = json.loads((out / "training.json").read_text())
        record["parts"]["scorer"] = "00000000"
        (out / "training.json").write_text(json.dumps(record))
    if what not in ("weights", "record"):
        manifest.write_text(json.dumps(content))
    return out


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("weights", "damaged"),
        ("format", "format 9"),
        ("base", "its base is 'another'"),
        ("no base", "names no base"),
        ("record", "training.json is about 00000000"),
    ],
)
def test_a_model_that_is_not_what_it_says_is_refused_even_by_force(
    tmp_path: Path, trained: Path, what: str, words: str
) -> None:
    models = tmp_path / "models"
    with pytest.raises(ModelError, match=words):
        run(str(damaged(trained / "good", tmp_path / "bad", what)), models, force=True)
    assert len(list((models / "versions").iterdir())) == 1
    assert load(models).version == load().version


def test_without_labels_there_is_no_promotion_but_by_force(tmp_path: Path, trained: Path) -> None:
    models, moved = tmp_path / "models", tmp_path / "moved"
    shutil.copytree(trained / "good", moved)
    (moved / "training.json").unlink()
    with pytest.raises(InputError, match="name some with --labels"):
        run(str(moved), models)
    assert run(str(moved), models, force=True) == 0
    assert (log(models)[-1]["verdict"], log(models)[-1]["forced"]) == (None, True)
    changed = json.loads((trained / "good" / "training.json").read_text())
    changed["test"]["files"][0]["sha256"] = "0" * 64
    shutil.copytree(trained / "good", tmp_path / "changed")
    (tmp_path / "changed" / "training.json").write_text(json.dumps(changed))
    with pytest.raises(InputError, match="changed since"):
        run(str(tmp_path / "changed"), tmp_path / "others")


def test_the_shipped_model_can_be_the_first(tmp_path: Path) -> None:
    assert run("shipped", tmp_path / "models") == 0
    assert load(tmp_path / "models").version == load().version
    with pytest.raises(ModelError, match="no such model folder"):
        run(str(tmp_path / "gone"), tmp_path / "models")
    with pytest.raises(InputError, match="nothing was promoted"):
        rollback(tmp_path / "empty")


def test_where_the_versions_are(tmp_path: Path) -> None:
    assert versions_folder(tmp_path, {"QUOTESTANCE_MODELS": "x"}) == tmp_path
    assert versions_folder(None, {"QUOTESTANCE_MODELS": "x"}) == Path("x")
    assert versions_folder(None, {}).parts[-4:] == (".local", "share", "quotestance", "models")


def test_two_promotions_at_once_come_one_after_the_other(
    tmp_path: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    run("shipped", models)
    inside, most = [0], [0]

    def slow(*_: Any) -> Decision:
        # a decision that takes its time, so that the two would overlap without the lock
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.5)
        inside[0] -= 1
        return Decision("better", "", None)

    monkeypatch.setattr(promote_command, "judge", slow)
    with ThreadPoolExecutor(2) as both:
        statuses = list(both.map(lambda name: run(str(trained / name), models), ("good", "shuffled")))
    assert (statuses, most) == ([0, 0], [1])
    entries = log(models)
    assert [e["action"] for e in entries] == ["first", "promoted", "promoted"]
    assert [e["previous"] for e in entries[1:]] == [e["version"] for e in entries[:-1]]
    assert current(models) == entries[-1]["version"]


def test_a_log_cut_short_by_a_crash_is_gone_on_with(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write_log(Entry(now(), "first", "a", "m", None))
    with (tmp_path / "promotions.jsonl").open("a") as file:
        file.write('{"time": "20')
    store.write_log(Entry(now(), "promoted", "b", "m", "a"))
    assert [e.version for e in store.log()] == ["a", "b"]
    assert store.before("b") == "a"


def test_what_a_killed_promotion_left_is_cleared(tmp_path: Path) -> None:
    store = Store(tmp_path)
    left = tmp_path / "versions" / ".staging-abc"
    left.mkdir(parents=True)
    with store.locked():
        assert not left.exists()
    assert store.names() == []


def test_a_damaged_version_in_service_can_be_replaced_by_force(tmp_path: Path, trained: Path) -> None:
    models = tmp_path / "models"
    run(str(trained / "good"), models)
    weights = models / "versions" / current(models) / "scorer" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="damaged"):
        run("shipped", models)
    assert run("shipped", models, force=True) == 0
    assert "the one in service is damaged" in log(models)[-1]["in_words"]
    assert load(models).version == load().version


def test_a_log_line_that_ends_within_a_character_is_passed_over(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write_log(Entry(now(), "first", "one", "m", None))
    with (tmp_path / "promotions.jsonl").open("ab") as file:
        file.write('{"time": "Ä'.encode()[:-1])
    assert [entry.version for entry in store.log()] == ["one"]
