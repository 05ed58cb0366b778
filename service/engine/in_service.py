"""The model that an engine's workers share: loaded by the first of them, replaced at any time, tried where it fails."""

import logging
import threading
from collections.abc import Callable

from quotestance.service.engine.state import EngineState
from quotestance.service.engine.warm_up import warm_up
from quotestance.service.engine.work import NotReadyError, fail
from quotestance.service.engine.work_queue import WorkQueue
from quotestance.service.loading import LoadedModel
from quotestance.service.logs import log_event


class InService:
    """`now` is None while the first is loaded; the next batch is computed with what it names then."""

    def __init__(self, load: Callable[[], LoadedModel], queue: WorkQueue, state: EngineState) -> None:
        self.now: LoadedModel | None = None
        self.load_error: BaseException | None = None
        self._load = load
        self._queue = queue
        self._state = state
        self._trying = threading.Lock()

    @property
    def fails(self) -> bool:
        return self._state.now == "failing"

    def load(self) -> bool:
        """Load and try the first one; whether it can be used."""
        try:
            model = self.now = self._load()
            warm_up(model)
        except BaseException as error:
            self.load_error = error
            self._state.turn_to("failing")
            log_event(logging.ERROR, "model not loaded", error=error)
            return False
        self._state.turn_to("ready")
        log_event(logging.INFO, "ready", model=model.version)
        del model  # what torch's import keeps of this frame would keep it beyond its replacement
        return True

    def runs(self) -> bool:
        """Whether the model still runs. Where it does not, all that waits is told so and nothing new is taken."""
        with self._trying:
            model = self.now
            assert model is not None
            try:
                warm_up(model)
            except BaseException as error:
                if not self.fails:
                    log_event(logging.ERROR, "model does not run", error=error)
                self._state.turn_to("failing")
                fail(self._queue.empty(), NotReadyError("the model does not run"))
                return False
            if self.fails:
                log_event(logging.INFO, "model runs again", model=model.version)
            self._state.turn_to("ready")
            return True
