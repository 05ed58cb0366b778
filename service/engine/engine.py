"""The engine: one bounded queue, and workers that share the model and compute what waits in batches.

It knows nothing of HTTP. Callers submit from any thread and wait for a future.
"""

import math
import time
from collections.abc import Callable, Sequence

from quotestance.service.engine.limits import EngineLimits
from quotestance.service.engine.observer import NoObserver, Observer
from quotestance.service.engine.state import EngineState, State
from quotestance.service.engine.work import (
    DrainingError,
    Item,
    NotReadyError,
    QueueFullError,
    Submission,
    fail,
)
from quotestance.service.engine.work_queue import WorkQueue
from quotestance.service.engine.workers import Workers
from quotestance.service.loading import LoadedModel

_LONGEST_RETRY = 60  # seconds


class Engine:
    """`load` is called in a worker's thread. Several workers ask the model at once."""

    def __init__(
        self,
        load: Callable[[], LoadedModel],
        limits: EngineLimits,
        observer: Observer | None = None,
        on_load_failure: Callable[[], None] | None = None,
    ) -> None:
        self.limits = limits
        self._state = EngineState()
        self._queue = WorkQueue(limits.queue_items, limits.queue_tokens, limits.workers)
        self._workers = Workers(load, limits, self._queue, self._state, observer or NoObserver(), on_load_failure)

    def start(self) -> None:
        """Begin to load the model; `ready` turns true once it has read something."""
        self._workers.start()

    @property
    def state(self) -> State:
        return self._state.now

    @property
    def ready(self) -> bool:
        """Whether work that comes now would be done."""
        since = self._workers.busy_since
        stalled = since is not None and time.monotonic() - since > self.limits.stall
        return self._state.now == "ready" and self._workers.alive and not stalled

    @property
    def load_error(self) -> BaseException | None:
        """Why the first model could not be loaded, where it could not."""
        return self._workers.model.load_error

    @property
    def model_version(self) -> str | None:
        """None while no model is loaded."""
        model = self._workers.model.now
        return model.version if model else None

    @property
    def waiting_items(self) -> int:
        return self._queue.items

    @property
    def waiting_tokens(self) -> int:
        return self._queue.tokens

    def swap(self, model: LoadedModel) -> None:
        """Give every batch from the next one on to this model, which has been warmed up. Returns at once."""
        self._workers.model.now = model

    def uses(self, model: LoadedModel) -> bool:
        """Whether a batch is being computed with this model, or the next one will be."""
        return self._workers.uses(model)

    def check_open(self) -> None:
        """Raises the EngineError that `submit` would raise for one small item."""
        if self._state.closing:
            raise DrainingError("the service is stopping")
        if not self.ready:
            loading = self._state.now == "loading"
            raise NotReadyError("the model is being loaded" if loading else "the model does not run")
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
            if self._state.closing:
                raise DrainingError("the service is stopping")
            raise QueueFullError(self._retry_after())
        return submission

    def begin_drain(self) -> None:
        """Take nothing new; what was accepted is finished. May be called from a signal handler's thread."""
        self._state.turn_to("draining")

    def stop(self, patience: float) -> bool:
        """Finish what was accepted, for at most `patience` seconds; True when all of it was.

        What is left after that is resolved with DrainingError.
        """
        self.begin_drain()
        self._queue.close()
        self._workers.join(patience)
        finished = self.give_up()
        self._state.turn_to("stopped")
        return finished

    def give_up(self) -> bool:
        """Resolve all that is not done with DrainingError; True where there was nothing."""
        # work whose caller has gone is in hand at times, and nobody's loss
        waiting = [*self._queue.empty(), *self._workers.in_hand]
        left = [work for work in waiting if not work.submission.over]
        fail(left, DrainingError("the service stopped before this was done"))
        return not left

    def _retry_after(self) -> int:
        return max(1, min(_LONGEST_RETRY, math.ceil(self._queue.tokens / self._workers.speed)))


__all__ = ["Engine", "EngineLimits", "Observer"]
