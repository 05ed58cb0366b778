"""The worker: the one thread that touches the model, and reads what waits in batches."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from quotestance.model.stopwatch import stopwatch
from quotestance.service.engine.batch_results import Outcome, batch_results
from quotestance.service.engine.limits import EngineLimits
from quotestance.service.engine.observer import Observer
from quotestance.service.engine.state import EngineState
from quotestance.service.engine.warm_up import warm_up
from quotestance.service.engine.work import DeadlineError, EngineError, NotReadyError, Submission, Work, WorkerError
from quotestance.service.engine.work_queue import WorkQueue
from quotestance.service.loading import LoadedModel
from quotestance.service.logs import log_event

_FIRST_GUESS = 2_000.0  # tokens a second, until batches have been timed


class Worker:
    """`load` is called in the thread. `model` may be replaced at any time: the batch in hand is finished with the one
    it was begun with, which `in_use` names."""

    def __init__(
        self,
        load: Callable[[], LoadedModel],
        limits: EngineLimits,
        queue: WorkQueue,
        state: EngineState,
        observer: Observer,
        on_load_failure: Callable[[], None] | None,
    ) -> None:
        self.model: LoadedModel | None = None
        self.in_use: LoadedModel | None = None
        self.in_hand: list[Work] = []
        self.busy_since: float | None = None
        self.speed = _FIRST_GUESS
        self.load_error: BaseException | None = None
        self._load = load
        self._limits = limits
        self._queue = queue
        self._state = state
        self._observer = observer
        self._on_load_failure = on_load_failure
        self._crowded = False
        self.thread = threading.Thread(target=self._run, name="quotestance-worker", daemon=True)

    def _run(self) -> None:
        try:
            model = self.model = self._load()
            warm_up(model)
        except BaseException as error:
            self.load_error = error
            self._state.turn_to("failing")
            log_event(logging.ERROR, "model not loaded", error=error)
            if self._on_load_failure:
                self._on_load_failure()
            return
        self._state.turn_to("ready")
        log_event(logging.INFO, "ready", model=model.version)
        del model  # or it would outlive its replacement
        while True:
            try:
                if not self._turn():
                    return
            except BaseException as error:
                # whatever it was, nobody may be left waiting, and the thread lives on
                log_event(logging.ERROR, "worker failed", error=error)
                fail(self.in_hand, WorkerError("the worker failed; try again"))
                self._model_runs()
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
            if self._state.now == "failing":
                self._model_runs()
            return not (self._queue.closed and not self._queue.items)
        model = self.in_use = self.model
        assert model is not None
        self._compute(model, taken.batch)
        return True

    def _compute(self, model: LoadedModel, batch: Sequence[Work]) -> None:
        submissions = list(dict.fromkeys(work.submission for work in batch))
        self._crowded = len(submissions) > 1
        started = self.busy_since = time.monotonic()
        for submission in submissions:
            self._note_start(submission, started)
        with stopwatch() as seconds:
            outcomes = batch_results(model, batch, lambda work: not work.is_unwanted(time.monotonic()))
        now = time.monotonic()
        for submission in submissions:
            submission.tokenise_seconds += seconds["tokenise"]
            submission.inference_seconds += seconds["inference"]
        self._note_batch(batch, now - started, seconds["tokenise"], seconds["inference"])
        self._note_failures(outcomes)
        reached = {id(outcome.work) for outcome in outcomes}
        self._drop([work for work in batch if id(work) not in reached])
        broken = bool(outcomes) and all(outcome.failure for outcome in outcomes) and not self._model_runs()
        version = model.version
        for outcome in outcomes:
            if broken:
                outcome.work.submission.fail(NotReadyError("the model does not run"))
            else:
                outcome.work.submission.finish(outcome.work.index, outcome.result, version, now)

    def _model_runs(self) -> bool:
        """Whether the model still runs. Where it does not, all that waits is told so and nothing new is taken."""
        model = self.model
        assert model is not None
        try:
            warm_up(model)
        except BaseException as error:
            if self._state.now != "failing":
                log_event(logging.ERROR, "model does not run", error=error)
            self._state.turn_to("failing")
            fail(self._queue.empty(), NotReadyError("the model does not run"))
            return False
        if self._state.now == "failing":
            log_event(logging.INFO, "model runs again", model=model.version)
        self._state.turn_to("ready")
        return True

    def _drop(self, works: Sequence[Work]) -> None:
        for work in works:
            gone = work.submission.future.done()
            work.submission.fail(DeadlineError("not done within the time allowed"))
            self._observer.dropped("gone" if gone else "late")

    def _note_start(self, submission: Submission, now: float) -> None:
        if submission.started_at is None:
            submission.started_at = now
            self._observer.waited(now - submission.submitted_at)

    def _note_batch(self, batch: Sequence[Work], seconds: float, tokenise: float, inference: float) -> None:
        tokens = sum(work.tokens for work in batch)
        self.speed += 0.2 * (tokens / max(seconds, 1e-3) - self.speed)
        self._observer.batch_done(len(batch), tokens, seconds, tokenise, inference)

    def _note_failures(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.failure is not None:
                log_event(logging.ERROR, "item failed", error=outcome.failure)
                self._observer.item_failed()


def fail(works: Sequence[Work], error: EngineError) -> None:
    """End the submissions of these works with this error."""
    for work in works:
        work.submission.fail(error)
