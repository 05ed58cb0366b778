"""What an engine is doing, as several threads turn it."""

import threading
from typing import Literal

State = Literal["loading", "ready", "failing", "draining", "stopped"]


class EngineState:
    """`now` may be read by anyone."""

    def __init__(self) -> None:
        self.now: State = "loading"
        self._lock = threading.RLock()  # a signal may come while its own thread holds it

    @property
    def closing(self) -> bool:
        return self.now in ("draining", "stopped")

    def turn_to(self, state: State) -> None:
        """Where it is draining or stopped, only further that way: a model that recovers must not open it again."""
        with self._lock:
            if self.now == "stopped" or (self.now == "draining" and state != "stopped"):
                return
            self.now = state
