"""Database calls in threads of their own: one that hangs holds up neither the event loop, nor the model, nor the end
of the process."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_Call = tuple[Future[Any], Callable[[], Any]]


class TooManyWaitError(Exception):
    """As many calls wait as may."""


class OwnThreads:
    """A few daemon threads, started when first needed, and a bounded queue before them."""

    def __init__(self, threads: int, waiting: int) -> None:
        self._calls: queue.Queue[_Call] = queue.Queue(waiting)
        self._threads = [threading.Thread(target=self._work, name="feedback", daemon=True) for _ in range(threads)]
        self._starting = threading.Lock()
        self._started = False

    async def run(self, call: Callable[[], T]) -> T:
        """What `call` returns or raises. One whose caller is cancelled before its turn is left out.

        Raises TooManyWaitError.
        """
        return await asyncio.wrap_future(self.submit(call))

    def submit(self, call: Callable[[], T]) -> "Future[T]":
        """The same without an event loop. Raises TooManyWaitError."""
        with self._starting:
            if not self._started:
                self._started = True
                for thread in self._threads:
                    thread.start()
        future: Future[T] = Future()
        try:
            self._calls.put_nowait((future, call))
        except queue.Full:
            raise TooManyWaitError from None
        return future

    def _work(self) -> None:
        while True:
            future, call = self._calls.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)
