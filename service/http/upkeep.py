"""What goes on beside the requests: the model's pointer and the keys' file are looked at, and on SIGHUP read again."""

import threading

from quotestance.service.engine.engine import Engine
from quotestance.service.engine.model_watch import Attempt, ModelWatch
from quotestance.service.engine.periodic import Periodic
from quotestance.service.engine.work import NotReadyError
from quotestance.service.http.api_keys import RotatingKeys


class Upkeep:
    """Two threads, so that a model that takes long to load holds up no new key."""

    def __init__(self, engine: Engine, watch: ModelWatch, keys: RotatingKeys, every: float) -> None:
        self._engine = engine
        self._watch = watch
        self._keys = keys
        self._reload = threading.Event()
        self._reread = threading.Event()
        self._models = Periodic("model watch", self._look_at_model, every)
        self._files = Periodic("keys watch", self._look_at_keys, every)

    def start(self) -> None:
        self._models.start()
        self._files.start()

    def stop(self) -> None:
        self._models.stop()
        self._files.stop()

    def all_again(self) -> None:
        """The model and the keys at once, whether or not they seem to have changed. Not for a signal's own frame."""
        self._reload.set()
        self._reread.set()
        self._models.now()
        self._files.now()

    def reload_model(self) -> Attempt:
        """Raises NotReadyError before the first model is in service."""
        return self._watch.reload(self._engine)

    def _look_at_model(self) -> None:
        if not self._reload.is_set():
            self._watch.look(self._engine)
            return
        self._reload.clear()
        try:
            self._watch.reload(self._engine)
        except NotReadyError:
            # the first model is being loaded, or the service stops: there is nothing to replace
            return

    def _look_at_keys(self) -> None:
        forced = self._reread.is_set()
        self._reread.clear()
        self._keys.refresh(forced)
