"""A run that was killed and begun again ends with the weights and figures of one that was not."""

import json
from pathlib import Path
from typing import Any

import pytest
from transformers import Trainer

from quotestance.model.errors import InputError
from quotestance.training.interrupted import claim
from quotestance.training.train_command import run
from quotestance.training.training_record import read_record

pytestmark = pytest.mark.usefixtures("shipped", "quick")
OPTIONS: dict[str, Any] = {"epochs": 6, "lr": 2e-3, "batch_size": 8, "replay": 0.0, "patience": 2, "seed": 3}


class KilledError(BaseException):
    """Stands for a SIGKILL: nothing on the way out catches it."""


def kill_after(monkeypatch: pytest.MonkeyPatch, checkpoints: int, spoilt: str = "trainer_state.json") -> None:
    """Training ends abruptly with the checkpoint after these, of which one file is left half written."""
    save, saved = Trainer._save_checkpoint, []

    def killed(self: Any, *args: Any, **kwargs: Any) -> None:
        save(self, *args, **kwargs)
        saved.append(Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}")
        if len(saved) > checkpoints:
            file = saved[-1] / spoilt
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
            raise KilledError

    monkeypatch.setattr(Trainer, "_save_checkpoint", killed)


def weights(folder: Path) -> bytes:
    return (folder / "scorer" / "model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("low_rank", "spoilt"),
    [(True, "trainer_state.json"), *((False, n) for n in ("trainer_state.json", "model.safetensors", "optimizer.pt"))],
)
def test_killed_and_begun_again_it_is_the_same_model(
    tmp_path: Path, labels: Path, monkeypatch: pytest.MonkeyPatch, low_rank: bool, spoilt: str
) -> None:
    options = {**OPTIONS, "low_rank": low_rank}
    run([labels], tmp_path / "whole", **options)
    with monkeypatch.context() as patch:
        kill_after(patch, 2, spoilt)
        with pytest.raises(KilledError):
            run([labels], tmp_path / "killed", **options)
    assert not (tmp_path / "killed" / "training.json").exists()
    run([labels], tmp_path / "killed", **options)
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")
    records = [read_record(tmp_path / name) for name in ("whole", "killed")]
    assert records[0] == records[1]
    assert not (tmp_path / "killed" / "checkpoints").exists()


def test_killed_after_its_last_step_it_is_the_same_model(
    tmp_path: Path, labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run([labels], tmp_path / "whole", **OPTIONS)
    with monkeypatch.context() as patch:
        patch.setattr("quotestance.training.parts.save_component", lambda *_: (_ for _ in ()).throw(KilledError()))
        with pytest.raises(KilledError):
            run([labels], tmp_path / "killed", **OPTIONS)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "train", lambda *_, **__: pytest.fail("trained again"))
        run([labels], tmp_path / "killed", **OPTIONS)
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")


def test_another_command_is_told_what_differs_and_may_start_afresh(
    tmp_path: Path, labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "new"
    with monkeypatch.context() as patch:
        kill_after(patch, checkpoints=1)
        with pytest.raises(KilledError):
            run([labels], out, **OPTIONS)
    with pytest.raises(InputError, match=r"differs in recipe, seed; .*--fresh"):
        run([labels], out, **{**OPTIONS, "seed": 4})
    assert run([labels], out, resume=False, **{**OPTIONS, "seed": 4, "epochs": 1}) == 0


def test_afresh_begins_anew_though_a_component_was_written_and_spares_a_model(
    tmp_path: Path, labels: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "new"
    with monkeypatch.context() as patch:
        patch.setattr(
            "quotestance.training.train_command.before_after", lambda *_: (_ for _ in ()).throw(KilledError())
        )
        with pytest.raises(KilledError):
            run([labels], out, **OPTIONS)
    assert weights(out)
    assert run([labels], out, resume=False, **{**OPTIONS, "seed": 4, "epochs": 1}) == 0
    model = tmp_path / "model"
    (model / "checkpoints").mkdir(parents=True)
    (model / "checkpoints" / "kept").touch()
    (model / "scorer").symlink_to(shipped / "scorer")
    with pytest.raises(InputError, match="holds a model already"):
        run([labels], model, resume=False, **OPTIONS)
    assert (model / "checkpoints" / "kept").exists()


def test_a_run_that_goes_on_keeps_its_threads_and_its_precision(tmp_path: Path) -> None:
    begun: dict[str, Any] = {"threads": 2, "precision": "bfloat16"}
    elsewhere: dict[str, Any] = {"threads": 1, "precision": "float32"}
    assert claim(tmp_path, {"seed": 1, **begun}, resume=True) == begun
    assert claim(tmp_path, {"seed": 1, **elsewhere}, resume=True) == begun
    assert claim(tmp_path, {"seed": 1, **elsewhere}, resume=False) == elsewhere


def test_checkpoints_hold_no_weights_in_pickles(tmp_path: Path, labels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        kill_after(patch, checkpoints=1)
        with pytest.raises(KilledError):
            run([labels], tmp_path / "new", **OPTIONS)
    first = tmp_path / "new" / "checkpoints" / "scorer" / "checkpoint-5"
    assert (first / "model.safetensors").is_file()
    assert not list(first.glob("pytorch_model*"))
    assert json.loads((first / "trainer_state.json").read_text())["global_step"] == 5
