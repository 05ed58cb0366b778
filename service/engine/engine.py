"""The engine: one bounded queue, and one thread that owns the model and reads what waits in batches.

It knows nothing of HTTP. Callers submit from any thread and wait for a future.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from quotestance.service.engine.batch_results import Outcome, batch_results
from quotestance.service.engine.warm_up import warm_up
from quotestance.service.engine.work import (
    DeadlineError,
    DrainingError,
    EngineError,
    Item,
    NotReadyError,
    QueueFullError,
    Submission,
    Work,
    WorkerError,
)
from quotestance.service.engine.work_queue import WorkQueue
from quotestance.service.loading import LoadedModel
from quotestance.service.logs import log_event

State = Literal["loading", "ready", "failing", "draining", "stopped"]

_FIRST_GUESS = 2_000.0  # tokens a second, until batches have been timed
_LONGEST_RETRY = 60  # seconds


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """`linger` is how long a batch waits to fill, `probe_every` how often a model that fails is tried again, and
    `stall` how long one batch may take before the engine is called not ready; all in seconds."""

    queue_items: int = 256
    queue_tokens: int = 200_000
    batch_tokens: int = 6_144
    linger: float = 0.004
    probe_every: float = 1.0
    stall: float = 300.0


class Observer(Protocol):
    """What wants to be told of the engine's work; called from the worker's thread."""

    def batch_done(self, items: int, tokens: int, seconds: float) -> None: ...

    def waited(self, seconds: float) -> None: ...

    def dropped(self, reason: Literal["gone", "late"]) -> None: ...

    def item_failed(self) -> None: ...


class Engine:
    """`load` is called in the worker's thread, which alone touches the model from then on."""

    def __init__(
        self,
        load: Callable[[], LoadedModel],
        limits: EngineLimits,
        observer: Observer | None = None,
        on_load_failure: Callable[[], None] | None = None,
    ) -> None:
        self.limits = limits
        self.observer = observer
        self.load_error: BaseException | None = None
        self._load = load
        self._on_load_failure = on_load_failure
        self._queue = WorkQueue(limits.queue_items, limits.queue_tokens)
        self._model: LoadedModel | None = None
        self._state: State = "loading"
        self._state_lock = threading.RLock()  # a signal may come while its own thread holds it
        self._in_hand: list[Work] = []
        self._busy_since: float | None = None
        self._speed = _FIRST_GUESS
        self._thread = threading.Thread(target=self._run, name="quotestance-worker", daemon=True)

    def start(self) -> None:
        """Begin to load the model; `ready` turns true once it has read something."""
        self._thread.start()

    @property
    def state(self) -> State:
        return self._state

    @property
    def ready(self) -> bool:
        """Whether work that comes now would be done."""
        since = self._busy_since
        stalled = since is not None and time.monotonic() - since > self.limits.stall
        return self._state == "ready" and self._thread.is_alive() and not stalled

    @property
    def model_version(self) -> str | None:
        """None while no model is loaded."""
        return self._model.version if self._model else None

    @property
    def waiting_items(self) -> int:
        return self._queue.items

    @property
    def waiting_tokens(self) -> int:
        return self._queue.tokens

    def check_open(self) -> None:
        """Raises the EngineError that `submit` would raise for one small item."""
        if self._state in ("draining", "stopped"):
            raise DrainingError("the service is stopping")
        if not self.ready:
            raise NotReadyError("the model is being loaded" if self._state == "loading" else "the model does not run")
        if self._queue.full:
            raise QueueFullError(self._retry_after())

    def submit(self, items: Sequence[Item], deadline: float) -> Submission:
        """Queue the items of one caller, all or none; `deadline` is a time of `time.monotonic`.

        Raises QueueFullError, NotReadyError or DrainingError.
        """
        self.check_open()
        submission = Submission(items, deadline, time.monotonic())
        if not items:
            submission.future.set_result([])
        elif not self._queue.put(submission.works):
            if self._state in ("draining", "stopped"):
                raise DrainingError("the service is stopping")
            raise QueueFullError(self._retry_after())
        return submission

    def begin_drain(self) -> None:
        """Take nothing new; what was accepted is finished. May be called from a signal handler's thread."""
        self._turn_to("draining")

    def stop(self, patience: float) -> bool:
        """Finish what was accepted, for at most `patience` seconds; True when all of it was.

        What is left after that is resolved with DrainingError.
        """
        self.begin_drain()
        self._queue.close()
        if self._thread.is_alive():
            self._thread.join(patience)
        # work whose caller has gone is in hand at times, and nobody's loss
        left = [work for work in [*self._queue.empty(), *self._in_hand] if not work.submission.future.done()]
        _fail(left, DrainingError("the service stopped before this was done"))
        self._turn_to("stopped")
        return not left

    def _turn_to(self, state: State) -> None:
        with self._state_lock:
            # a model that recovers while the service stops must not open it again
            if self._state == "stopped" or (self._state == "draining" and state != "stopped"):
                return
            self._state = state

    def _retry_after(self) -> int:
        return max(1, min(_LONGEST_RETRY, math.ceil(self._queue.tokens / self._speed)))

    def _run(self) -> None:
        try:
            model = self._model = self._load()
            warm_up(model)
        except BaseException as error:
            self.load_error = error
            self._turn_to("failing")
            log_event(logging.ERROR, "model not loaded", error=error)
            if self._on_load_failure:
                self._on_load_failure()
            return
        self._turn_to("ready")
        log_event(logging.INFO, "ready", model=model.version)
        while True:
            try:
                if not self._turn(model):
                    return
            except BaseException as error:
                # whatever it was, nobody may be left waiting, and the thread lives on
                log_event(logging.ERROR, "worker failed", error=error)
                _fail(self._in_hand, WorkerError("the worker failed; try again"))
                self._check_model(model)
            finally:
                self._in_hand = []
                self._busy_since = None

    def _turn(self, model: LoadedModel) -> bool:
        """One batch; False when the queue is closed and empty."""
        taken = self._queue.take(self.limits.batch_tokens, self.limits.linger, self.limits.probe_every)
        # from here on a stop must find them here, should it not wait for the end
        self._in_hand = taken.batch
        self._drop(taken.unwanted)
        if not taken.batch:
            if self._state == "failing":
                self._check_model(model)
            return not (self._queue.closed and not self._queue.items)
        started = self._busy_since = time.monotonic()
        for work in taken.batch:
            self._note_start(work.submission, started)
        outcomes = batch_results(model, taken.batch, lambda work: not work.is_unwanted(time.monotonic()))
        now = time.monotonic()
        self._note_batch(taken.batch, now - started)
        self._note_failures(outcomes)
        reached = {id(outcome.work) for outcome in outcomes}
        self._drop([work for work in taken.batch if id(work) not in reached])
        broken = bool(outcomes) and all(outcome.failure for outcome in outcomes) and not self._check_model(model)
        for outcome in outcomes:
            if broken:
                outcome.work.submission.fail(NotReadyError("the model does not run"))
            else:
                outcome.work.submission.finish(outcome.work.index, outcome.result, now)
        return True

    def _check_model(self, model: LoadedModel) -> bool:
        """Whether the model still runs. Where it does not, all that waits is told so and nothing new is taken."""
        try:
            warm_up(model)
        except BaseException as error:
            if self._state != "failing":
                log_event(logging.ERROR, "model does not run", error=error)
            self._turn_to("failing")
            _fail(self._queue.empty(), NotReadyError("the model does not run"))
            return False
        if self._state == "failing":
            log_event(logging.INFO, "model runs again", model=model.version)
        self._turn_to("ready")
        return True

    def _drop(self, works: Sequence[Work]) -> None:
        for work in works:
            gone = work.submission.future.done()
            work.submission.fail(DeadlineError("not done within the time allowed"))
            if self.observer:
                self.observer.dropped("gone" if gone else "late")

    def _note_start(self, submission: Submission, now: float) -> None:
        if submission.started_at is None:
            submission.started_at = now
            if self.observer:
                self.observer.waited(now - submission.submitted_at)

    def _note_batch(self, batch: Sequence[Work], seconds: float) -> None:
        tokens = sum(work.tokens for work in batch)
        self._speed += 0.2 * (tokens / max(seconds, 1e-3) - self._speed)
        if self.observer:
            self.observer.batch_done(len(batch), tokens, seconds)

    def _note_failures(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.failure is not None:
                log_event(logging.ERROR, "item failed", error=outcome.failure)
                if self.observer:
                    self.observer.item_failed()


def _fail(works: Sequence[Work], error: EngineError) -> None:
    for work in works:
        work.submission.fail(error)
