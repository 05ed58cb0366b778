"""One training loop for the reader, the scorer and the encoder: transformers' Trainer over an explicit schedule."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """`head_rate` is the learning rate of everything outside the encoder; `decay` the weight decay of matrices."""

    rate: float
    head_rate: float
    decay: float = 0.01
    warmup: float = 0.1  # share of the steps
    seed: int = 0
    device: str = "auto"
    bf16: bool = False  # on a CPU, worth it where it has bfloat16 instructions; a GPU always uses it


class _Loop(Trainer):
    def __init__(
        self,
        batches: DataLoader[Any],
        loss: Callable[[Any, dict[str, Tensor]], Tensor],
        settings: LoopSettings,
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self._batches, self._loss, self._settings = batches, loss, settings
        self._network: nn.Module = rest["model"]

    def get_train_dataloader(self) -> DataLoader[Any]:
        return self.accelerator.prepare(self._batches)  # type: ignore[no-any-return]

    def compute_loss(self, model: nn.Module, inputs: Any, *args: Any, **kwargs: Any) -> Tensor:
        return self._loss(model, inputs)

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
    loss: Callable[[Any, dict[str, Tensor]], Tensor],
    settings: LoopSettings,
    folder: Path,
    resume: bool = False,
) -> list[dict[str, Any]]:
    """Train `network` in place over all `batches`; checkpoints go to `folder`, and `resume` goes on from the last one.

    Returns the log: steps with their losses.
    """
    steps = len(batches)
    gpu = settings.device != "cpu" and torch.cuda.is_available()
    trainer = _Loop(
        batches=batches,
        loss=loss,
        settings=settings,
        model=network,
        args=TrainingArguments(
            output_dir=str(folder),
            num_train_epochs=1,
            warmup_steps=int(settings.warmup * steps),
            lr_scheduler_type="linear",
            logging_steps=max(1, steps // 100),
            save_strategy="steps",
            save_steps=max(50, steps // 8),
            save_total_limit=1,
            seed=settings.seed,
            bf16=gpu or settings.bf16,
            use_cpu=not gpu,
            report_to="none",
            remove_unused_columns=False,
            dataloader_pin_memory=gpu,
        ),
    )
    last = max(folder.glob("checkpoint-*"), key=lambda p: int(p.name.split("-")[1]), default=None) if resume else None
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    return list(trainer.state.log_history)
