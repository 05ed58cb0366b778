"""Training end to end on a tiny model made here: it learns, it is repeatable, it resumes, and its output loads."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from quotestance.model.components import read_component
from quotestance.model.errors import InputError, LabelError, ModelError
from quotestance.model.pipeline import load
from quotestance.training.base import load_base, save_encoder
from quotestance.training.schedule import Schedule
from quotestance.training.train_command import run
from quotestance.training.training_record import read_record

pytestmark = pytest.mark.usefixtures("shipped")


def test_training_learns_calibrates_and_loads(tmp_path: Path, tiny_base: Path, labels: Path) -> None:
    out = tmp_path / "new"
    assert run([labels], out, base=str(tiny_base), epochs=30, lr=2e-3, batch_size=6, patience=9, replay=0.0) == 0
    manifest = json.loads((out / "scorer" / "manifest.json").read_text())
    record = read_record(out)
    assert record is not None
    assert record.figures["after"]["scorer"]["macro_f1"] >= 0.9
    assert record.figures["after"]["scorer"]["macro_f1"] > record.figures["before"]["scorer"]["macro_f1"]
    assert manifest["data"][0]["file"] == "labels.jsonl"
    assert not (out / "checkpoints").exists()
    model = load(out)
    row = {"text": "the minister said the strike was wrong", "actor": "minister", "target": "the strike"}
    (stance,) = model.stance([row])
    assert getattr(stance, "label", None) == "condemning"
    with pytest.raises(InputError, match="already"):
        run([labels], out, base=str(tiny_base))


def test_the_same_seed_gives_the_same_weights(tmp_path: Path, tiny_base: Path, labels: Path) -> None:
    files = []
    for name in ("one", "two"):
        run([labels], tmp_path / name, base=str(tiny_base), epochs=1, seed=7, replay=0.5)
        files.append((tmp_path / name / "scorer" / "model.safetensors").read_bytes())
    assert files[0] == files[1]


def test_what_was_not_calibrated_and_how_it_was_split_are_said(
    tmp_path: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([labels], tmp_path / "new", epochs=1, replay=0.0) == 0
    assert "9 statements to validate are too few to calibrate on (60 would do)" in capsys.readouterr().err
    card = (tmp_path / "new" / "README.md").read_text()
    assert "No event has articles on both sides" in card


def test_refused_labels_are_listed_and_the_rest_is_used(
    tmp_path: Path, tiny_base: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels.write_text(labels.read_text() + "{broken\n")
    assert run([labels], tmp_path / "new", base=str(tiny_base), epochs=1, replay=0.0) == 1
    assert json.loads((tmp_path / "new" / "refused.jsonl").read_text())["line"] == 61
    assert "1 labels refused" in capsys.readouterr().err


def test_too_few_labels_are_an_error(tmp_path: Path, tiny_base: Path, labels: Path) -> None:
    labels.write_text("".join(line + "\n" for line in labels.read_text().splitlines()[:4]))
    with pytest.raises(LabelError, match="at least 10"):
        run([labels], tmp_path / "new", base=str(tiny_base))


def test_a_base_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded as a base"):
        load_base(str(tmp_path / "nowhere"))


def test_an_encoder_is_written_and_read_back(tmp_path: Path, tiny_base: Path) -> None:
    base = load_base(str(tiny_base))
    save_encoder(tmp_path / "encoder", base, {"passes": 0})
    back = load_base(tmp_path / "encoder")
    ids = torch.tensor([[2, 7, 8, 3]])
    with torch.no_grad():
        ours, theirs = (b.encoder.eval()(input_ids=ids).last_hidden_state for b in (base, back))
    assert torch.allclose(ours, theirs, atol=0.02)
    assert read_component(tmp_path / "encoder", "encoder").manifest["training"] == {"passes": 0}


def test_a_schedule_visits_every_example_once_an_epoch_and_follows_its_seed() -> None:
    lengths = [5, 9, 30, 2, 7, 7, 7, 40]
    make: Callable[[int], list[list[int]]] = lambda seed: list(Schedule(lengths, 2, items=3, tokens=60, seed=seed))  # noqa: E731
    first = make(1)
    assert sorted(i for batch in first for i in batch) == list(range(16))
    assert first == make(1) != make(2)
    for batch in first:
        assert len(batch) <= 3
        assert len(batch) == 1 or len(batch) * max(lengths[i % 8] for i in batch) <= 60
