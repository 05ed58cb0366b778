"""How training goes, on standard error: a live bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from quotestance.service.exit_status import complain

LOG_EVERY = 10.0  # seconds


class Narration(TrainerCallback):
    """Tells steps, losses and the time left; `name` says what is trained."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bar: Progress | None = None
        self._begun_at = 0
        self._started = self._told = 0.0
        self._losses: dict[str, float] = {}

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._begun_at = state.global_step
        self._started = self._told = time.monotonic()
        if sys.stderr.isatty():
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[losses]}"),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bar.add_task(self._name, total=state.max_steps, completed=state.global_step, losses="")
            self._bar.start()
        elif state.global_step:
            complain(f"{self._name}: goes on at step {state.global_step} of {state.max_steps}")

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=state.global_step, losses=self._told_losses())
        elif time.monotonic() - self._told >= LOG_EVERY:
            self._tell(state)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        names = {"loss": "loss", "eval_loss": "on validation"}
        self._losses |= {names[key]: value for key, value in (logs or {}).items() if key in names}
        if self._bar is None and "eval_loss" in (logs or {}):
            self._tell(state)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _tell(self, state: TrainerState) -> None:
        self._told = time.monotonic()
        done = max(1, state.global_step - self._begun_at)
        left = (self._told - self._started) / done * (state.max_steps - state.global_step)
        complain(
            f"{self._name}: step {state.global_step} of {state.max_steps}, {self._told_losses()}{in_words(left)} left"
        )

    def _told_losses(self) -> str:
        return "".join(f"{name} {value:.3f}, " for name, value in self._losses.items())


def in_words(seconds: float) -> str:
    """A length of time for people: `40 s`, `12 min`, `3.1 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
