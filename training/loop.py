"""One training loop for the reader, the scorer and the encoder: transformers' Trainer over an explicit schedule."""

import json
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import PrinterCallback, ProgressCallback, Trainer, TrainerCallback, TrainingArguments

from quotestance.model.encoders import Precision, autocast, pick_device, pick_precision
from quotestance.training.narration import Narration

_STATE, _WEIGHTS = "trainer_state.json", "model.safetensors"  # the Trainer's names within a checkpoint
_LOSS = "eval_loss"
_LONG_PASS = 400  # steps: longer passes over the data are checked more than once
PRECISIONS: tuple[Precision, ...] = ("auto", "float32", "bfloat16")
Loss = Callable[[Any, dict[str, Tensor]], Tensor]


def precision_here(wanted: Precision) -> Precision:
    """What `auto` is on this machine: `bfloat16` or `float32`."""
    return "bfloat16" if pick_precision(pick_device("auto"), wanted) == torch.bfloat16 else "float32"


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """`head_rate` is the learning rate of everything outside the encoder; `decay` the weight decay of matrices."""

    rate: float
    head_rate: float
    decay: float = 0.01
    warmup: float = 0.1  # share of the steps
    seed: int = 0
    device: str = "auto"
    precision: Precision = "auto"  # of the products; weights, sums and norms stay in float32


@dataclass(frozen=True, slots=True)
class Validation:
    """Batches that are not trained on: their loss is taken `times` in all, and the best weights are kept.

    Training stops after `patience` of these times in a row without a loss better than the best before them; a long pass
    over the data is checked more often, and its losses count as one time.
    """

    batches: DataLoader[Any]
    times: int
    patience: int


class _Loop(Trainer):
    def __init__(
        self,
        batches: DataLoader[Any],
        loss: Loss,
        settings: LoopSettings,
        validation: Validation | None,
        patience: int,
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self._patience = patience  # losses
        self._batches, self._loss, self._settings, self._validation = batches, loss, settings, validation
        self._network: nn.Module = rest["model"]

    def get_train_dataloader(self) -> DataLoader[Any]:
        return self.accelerator.prepare(self._batches)  # type: ignore[no-any-return]

    def compute_loss(self, model: nn.Module, inputs: Any, *args: Any, **kwargs: Any) -> Tensor:
        # not the Trainer's own, which covers a network's forward alone: losses call its parts
        device = self.args.device
        with autocast(device, pick_precision(device, self._settings.precision)):
            return self._loss(model, inputs)

    @torch.no_grad()
    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        if self._validation is None:
            raise ValueError("there is nothing to validate on")
        self._network.eval()
        losses, sizes = [], []
        for batch in self._validation.batches:
            losses.append(float(self.compute_loss(self._network, self._prepare_inputs(batch))))
            sizes.append(len(next(iter(batch.values()))))
        metrics = {_LOSS: sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / sum(sizes)}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        if _has_stopped(self.state.log_history, self._patience):
            self.control.should_training_stop = True
        return metrics

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:
        groups: dict[tuple[float, float], list[nn.Parameter]] = {}
        for name, parameter in self._network.named_parameters():
            if parameter.requires_grad:
                rate = self._settings.rate if name.startswith("encoder.") else self._settings.head_rate
                decay = self._settings.decay if parameter.dim() == 2 and "embeddings" not in name else 0.0
                groups.setdefault((rate, decay), []).append(parameter)
        self.optimizer = torch.optim.AdamW(
            [{"params": p, "lr": rate, "weight_decay": decay} for (rate, decay), p in groups.items()], betas=(0.9, 0.98)
        )
        return self.optimizer


def train(
    network: nn.Module,
    batches: DataLoader[Any],
    loss: Loss,
    settings: LoopSettings,
    folder: Path,
    resume: bool = False,
    validation: Validation | None = None,
    name: str = "training",
) -> list[dict[str, Any]]:
    """Train `network` in place over all `batches`; checkpoints go to `folder`, and `resume` goes on from the last one.

    A run that was stopped at any moment and resumed ends with the weights of one that was not; without `resume` the
    checkpoints of a run before go. With `validation` the
    network ends with the weights of its lowest loss. Returns the log: steps with their losses.
    """
    steps = len(batches)
    gpu = settings.device != "cpu" and torch.cuda.is_available()
    every = max(50, steps // 8) if validation is None else _check_every(steps, validation)
    patience = 0 if validation is None else validation.patience * _checks_a_pass(steps, validation)
    if not resume:
        for old in folder.glob("checkpoint-*"):
            shutil.rmtree(old)
    last = _last_checkpoint(folder)
    if last is not None and (log := _log_if_done(last, steps, patience)) is not None:
        network.load_state_dict(load_file(_best(last) / _WEIGHTS), strict=False)
        return log
    checked: dict[str, Any] = {}
    if validation is not None:
        checked = {
            "eval_strategy": "steps",
            "eval_steps": every,
            "load_best_model_at_end": True,
            "metric_for_best_model": _LOSS,
            "greater_is_better": False,
        }
    trainer = _Loop(
        batches=batches,
        loss=loss,
        settings=settings,
        validation=validation,
        patience=patience,
        model=network,
        eval_dataset=None if validation is None else validation.batches.dataset,
        args=TrainingArguments(
            output_dir=str(folder),
            num_train_epochs=1,
            warmup_steps=int(settings.warmup * steps),
            lr_scheduler_type="linear",
            logging_steps=max(1, steps // 100),
            save_strategy="steps",
            save_steps=every,
            save_total_limit=2,  # the last one may be half written when the machine goes down
            seed=settings.seed,
            use_cpu=not gpu,
            report_to="none",
            disable_tqdm=True,
            remove_unused_columns=False,
            dataloader_pin_memory=gpu,
            **checked,
        ),
    )
    for callback in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(callback)
    narration: TrainerCallback = Narration(name)
    trainer.add_callback(narration)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    return list(trainer.state.log_history)


def _check_every(steps: int, validation: Validation) -> int:
    return max(1, _a_pass(steps, validation) // _checks_a_pass(steps, validation))


def _checks_a_pass(steps: int, validation: Validation) -> int:
    return math.ceil(_a_pass(steps, validation) / _LONG_PASS)


def _a_pass(steps: int, validation: Validation) -> int:
    return max(1, steps // validation.times)


def _last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end: its state is written last, but a power cut keeps no order."""
    whole = [p for p in folder.glob("checkpoint-*") if _state_of(p) is not None and _are_whole(p)]
    return max(whole, key=lambda p: int(p.name.split("-")[1]), default=None)


def _are_whole(checkpoint: Path) -> bool:
    """Whether weights and optimizer are as long as they say: a zip archive has its directory at the end."""
    try:
        with safe_open(checkpoint / _WEIGHTS, "pt"):
            return all(is_zipfile(p) for pattern in ("*.pt", "*.pth") for p in checkpoint.glob(pattern))
    except (OSError, SafetensorError):
        return False


def _state_of(checkpoint: Path) -> dict[str, Any] | None:
    try:
        state = json.loads((checkpoint / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state if isinstance(state, dict) else None


def _log_if_done(checkpoint: Path, steps: int, patience: int) -> list[dict[str, Any]] | None:
    """The log of a run that was interrupted after its last step; None where there are steps left to do.

    `patience` is in losses, 0 where there is no validation.
    """
    state = _state_of(checkpoint) or {}
    log: list[dict[str, Any]] = state.get("log_history", [])
    stopped = patience > 0 and _has_stopped(log, patience)
    return log if stopped or state.get("global_step", 0) >= steps else None


def _has_stopped(log: list[dict[str, Any]], patience: int) -> bool:
    losses = [entry[_LOSS] for entry in log if _LOSS in entry]
    return len(losses) > patience and min(losses[-patience:]) >= min(losses[:-patience])


def _best(checkpoint: Path) -> Path:
    step = (_state_of(checkpoint) or {}).get("best_global_step")
    best = checkpoint.with_name(f"checkpoint-{step}")
    return best if step and best.is_dir() else checkpoint
