"""A worker: a thread that computes what waits, batch by batch, with the model that is in service."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from quotestance.model.stopwatch import stopwatch
from quotestance.service.engine.batch_results import Outcome, batch_results
from quotestance.service.engine.cores import give_way
from quotestance.service.engine.in_service import InService
from quotestance.service.engine.limits import EngineLimits
from quotestance.service.engine.observer import Observer
from quotestance.service.engine.work import DeadlineError, NotReadyError, Work, WorkerError, fail
from quotestance.service.engine.work_queue import WorkQueue
from quotestance.service.loading import LoadedModel
from quotestance.service.logs import log_event

_FIRST_GUESS = 2_000.0  # tokens a second, until batches have been timed


class Worker:
    """`before` is called in the thread first, which ends where it says False. The batch in hand is finished with the
    model that it was begun with, which `in_use` names."""

    def __init__(
        self,
        model: InService,
        limits: EngineLimits,
        queue: WorkQueue,
        observer: Observer,
        before: Callable[[], bool] | None = None,
    ) -> None:
        self.in_use: LoadedModel | None = None
        self.in_hand: list[Work] = []
        self.busy_since: float | None = None
        self.speed = _FIRST_GUESS
        self._model = model
        self._limits = limits
        self._queue = queue
        self._observer = observer
        self._before = before
        self._crowded = False
        self.thread = threading.Thread(target=self._run, name="quotestance-worker", daemon=True)

    def _run(self) -> None:
        give_way()
        if self._before is not None and not self._before():
            return
        while True:
            try:
                if not self._turn():
                    return
            except BaseException as error:
                # whatever it was, nobody may be left waiting, and the thread lives on
                log_event(logging.ERROR, "worker failed", error=error)
                fail(self.in_hand, WorkerError("the worker failed; try again"))
                self._model.runs()
            finally:
                self.in_hand = []
                self.busy_since = None
                self.in_use = None

    def _turn(self) -> bool:
        """One batch; False when the queue is closed and empty."""
        # waiting for more pays only where more comes: a lone caller is not held up
        linger = self._limits.linger if self._crowded else 0.0
        taken = self._queue.take(self._limits.batch_tokens, linger, self._limits.probe_every)
        # from here on a stop must find them here, should it not wait for the end
        self.in_hand = taken.batch
        self._drop(taken.unwanted)
        if not taken.batch:
            if self._model.fails:
                self._model.runs()
            return not (self._queue.closed and not self._queue.items)
        model = self.in_use = self._model.now
        assert model is not None
        self._compute(model, taken.batch)
        return True

    def _compute(self, model: LoadedModel, batch: Sequence[Work]) -> None:
        submissions = list(dict.fromkeys(work.submission for work in batch))
        self._crowded = len(submissions) > 1
        started = self.busy_since = time.monotonic()
        for submission in submissions:
            if submission.start(started):
                self._observer.waited(started - submission.submitted_at)
        with stopwatch() as seconds:
            outcomes = batch_results(model, batch, lambda work: not work.is_unwanted(time.monotonic()))
        now = time.monotonic()
        for submission in submissions:
            submission.count(seconds["tokenise"], seconds["inference"])
        self._note_batch(batch, now - started, seconds["tokenise"], seconds["inference"])
        self._note_failures(outcomes)
        reached = {id(outcome.work) for outcome in outcomes}
        self._drop([work for work in batch if id(work) not in reached])
        broken = bool(outcomes) and all(outcome.failure for outcome in outcomes) and not self._model.runs()
        version = model.version
        for outcome in outcomes:
            if broken:
                outcome.work.submission.fail(NotReadyError("the model does not run"))
            else:
                outcome.work.submission.finish(outcome.work.index, outcome.result, version, now)

    def _drop(self, works: Sequence[Work]) -> None:
        for work in works:
            gone = work.submission.future.done()
            work.submission.fail(DeadlineError("not done within the time allowed"))
            self._observer.dropped("gone" if gone else "late")

    def _note_batch(self, batch: Sequence[Work], seconds: float, tokenise: float, inference: float) -> None:
        tokens = sum(work.tokens for work in batch)
        self.speed += 0.2 * (tokens / max(seconds, 1e-3) - self.speed)
        self._observer.batch_done(len(batch), tokens, seconds, tokenise, inference)

    def _note_failures(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.failure is not None:
                log_event(logging.ERROR, "item failed", error=outcome.failure)
                self._observer.item_failed()
