"""Hot swap: a new model is loaded and tried beside the one in service, and takes its place between two batches."""

import gc
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from quotestance.model.errors import ModelError
from quotestance.service.engine.engine import Engine
from quotestance.service.engine.memory import give_back_memory
from quotestance.service.engine.model_source import Candidate, ModelSource
from quotestance.service.engine.observer import Observer, SwapOutcome
from quotestance.service.engine.warm_up import warm_up
from quotestance.service.engine.work import NotReadyError
from quotestance.service.loading import LoadedModel
from quotestance.service.logs import log_event

_LONGEST_BATCH = 600.0  # seconds; after that the old model's memory is left to the garbage collector

Facts = Callable[[Path | None], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last try at another model. `named` is the folder that was to be loaded, `version` what is in service now,
    `reason` why the model in service stayed, and `at` when, in ISO 8601."""

    outcome: SwapOutcome
    named: str | None
    version: str | None
    reason: str | None
    at: str
    seconds: float


class ModelWatch:
    """Loads the engine's first model (`first`), and every later one; safe to call from several threads.

    A pointer that names a model which cannot be used is not tried again until it changes, or someone asks.
    """

    def __init__(self, source: ModelSource, observer: Observer, facts_of: Facts) -> None:
        self.facts: Mapping[str, Any] = {}
        self.last_attempt: Attempt | None = None
        self._source = source
        self._observer = observer
        self._facts_of = facts_of
        self._pointer = source.pointer()
        self._in_service: Candidate | None = None
        self._model: LoadedModel | None = None
        self._one_at_a_time = threading.Lock()

    def first(self) -> LoadedModel:
        """The model to begin with. Raises ModelError."""
        with self._one_at_a_time:
            self._pointer = self._source.pointer()
            candidate = self._source.candidate()
            model = self._source.load(candidate.folder)
            self._put_in_service(candidate, model)
            # what was made until now stays: later collections need not go through all of torch
            gc.collect()
            gc.freeze()
            give_back_memory()
            return model

    def look(self, engine: Engine) -> None:
        """Try the model that the pointer names, where it has changed since the last try."""
        if engine.state in ("ready", "failing") and self._source.pointer() != self._pointer:
            self._attempt(engine)

    def reload(self, engine: Engine) -> Attempt:
        """Try the model that is there now, unless it is the one in service. Raises NotReadyError before the first."""
        if engine.state not in ("ready", "failing"):
            raise NotReadyError("no model can be loaded now")
        return self._attempt(engine)

    def _attempt(self, engine: Engine) -> Attempt:
        with self._one_at_a_time:
            started = time.monotonic()
            self._pointer = self._source.pointer()
            outcome: SwapOutcome = "rolled back"
            named = reason = None
            try:
                candidate = self._source.candidate()
                named = candidate.name
                outcome = self._tried(engine, candidate)
            except Exception as error:
                reason = self._reason(error)
                log_event(logging.ERROR, "model rolled back", error=error, named=named, reason=reason)
            seconds = time.monotonic() - started
            version = engine.model_version
            self.last_attempt = Attempt(outcome, named, version, reason, _now(), round(seconds, 3))
            self._observer.model_tried(outcome, seconds)
            if outcome == "swapped":
                gc.collect()
                give_back_memory()
                log_event(logging.INFO, "model swapped", named=named, model=version, seconds=round(seconds, 3))
            return self.last_attempt

    def _tried(self, engine: Engine, candidate: Candidate) -> SwapOutcome:
        if candidate == self._in_service:
            return "unchanged"
        model = self._source.load(candidate.folder)
        warm_up(model)
        old = self._model
        engine.swap(model)
        self._put_in_service(candidate, model)
        if old is not None:
            _wait(lambda: not engine.uses(old))
        return "swapped"

    def _put_in_service(self, candidate: Candidate, model: LoadedModel) -> None:
        self._in_service, self._model = candidate, model
        self.facts = self._facts_of(candidate.folder)

    def _reason(self, error: Exception) -> str:
        """For an operator; callers see it too, so of paths only what is within the model folder."""
        if not isinstance(error, ModelError | NotReadyError):
            return f"{type(error).__name__} while it was loaded or tried"
        folder = self._source.folder
        return (
            str(error) if folder is None else str(error).replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "")
        )


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LONGEST_BATCH
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
