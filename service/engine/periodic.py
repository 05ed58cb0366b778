"""A thread that does something every so often, and at once when asked."""

import logging
import threading
from collections.abc import Callable

from quotestance.service.logs import log_event


class Periodic:
    """`action` is called every `every` seconds; what it raises is logged, and it is called again the next time."""

    def __init__(self, name: str, action: Callable[[], None], every: float) -> None:
        self._name = name
        self._action = action
        self._every = every
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=f"quotestance-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def now(self) -> None:
        """Do not wait for the next time."""
        self._wake.set()

    def stop(self) -> None:
        """Begin nothing new. Does not wait for what is being done."""
        self._stopped = True
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait(self._every)
            self._wake.clear()
            if self._stopped:
                return
            try:
                self._action()
            except Exception as error:
                log_event(logging.ERROR, f"{self._name} failed", error=error)
