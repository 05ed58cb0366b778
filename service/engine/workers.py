"""An engine's workers: the first of them loads the model, then all compute side by side.

Several with few threads each do more than one with all of them: while one is in Python code, or is interrupted, the
others go on, and threads that share one product wait for the slowest of them each time.
"""

import time
from collections.abc import Callable

from quotestance.service.engine.in_service import InService
from quotestance.service.engine.limits import EngineLimits
from quotestance.service.engine.observer import Observer
from quotestance.service.engine.state import EngineState
from quotestance.service.engine.work import Work
from quotestance.service.engine.work_queue import WorkQueue
from quotestance.service.engine.worker import Worker
from quotestance.service.loading import LoadedModel


class Workers:
    """`load` is called in the first one's thread; `on_load_failure` there too, where it raises."""

    def __init__(
        self,
        load: Callable[[], LoadedModel],
        limits: EngineLimits,
        queue: WorkQueue,
        state: EngineState,
        observer: Observer,
        on_load_failure: Callable[[], None] | None,
    ) -> None:
        self.model = InService(load, queue, state)
        self._on_load_failure = on_load_failure
        self._first = Worker(self.model, limits, queue, observer, self._begin)
        self._others = [Worker(self.model, limits, queue, observer) for _ in range(limits.workers - 1)]
        self._all = [self._first, *self._others]

    def start(self) -> None:
        self._first.thread.start()

    @property
    def alive(self) -> bool:
        """Whether all of them run; the others start once the first has loaded the model."""
        return all(worker.thread.is_alive() for worker in self._all)

    @property
    def busy_since(self) -> float | None:
        """Since when the longest of the batches in hand is computed, None where there is none."""
        return min((since for worker in self._all if (since := worker.busy_since) is not None), default=None)

    @property
    def in_hand(self) -> list[Work]:
        return [work for worker in self._all for work in worker.in_hand]

    @property
    def speed(self) -> float:
        """Estimated tokens a second, of all together."""
        return sum(worker.speed for worker in self._all)

    def uses(self, model: LoadedModel) -> bool:
        """Whether a batch is being computed with this model, or the next one will be."""
        return self.model.now is model or any(worker.in_use is model for worker in self._all)

    def join(self, patience: float) -> None:
        """Wait until all have ended, for at most so many seconds."""
        until = time.monotonic() + patience
        for worker in self._all:
            if worker.thread.is_alive():
                worker.thread.join(max(0.0, until - time.monotonic()))

    def _begin(self) -> bool:
        if not self.model.load():
            if self._on_load_failure:
                self._on_load_failure()
            return False
        for worker in self._others:
            worker.thread.start()
        return True
