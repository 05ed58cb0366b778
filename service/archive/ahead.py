"""An iterator that runs ahead of its reader in a thread of its own, by a bounded number of items."""

import queue
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")
_TICK = 0.2  # seconds between looks whether anyone still reads


class _End:
    """Closes the stream; `error` is what the iterator raised, if it did."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Ahead(Generic[Item]):
    """What the iterator raises is raised here, in its place in the stream. Close it when done."""

    def __init__(self, items: Iterator[Item], depth: int) -> None:
        self._queue: queue.Queue[Item | _End] = queue.Queue(depth)
        self._items = items
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="quotestance-ahead", daemon=True)
        self._thread.start()

    def __iter__(self) -> "Ahead[Item]":
        return self

    def __next__(self) -> Item:
        return self._taken(self._queue.get())

    def poll(self, timeout: float) -> Item | None:
        """The next item, None where none comes within so many seconds. Raises StopIteration at the end."""
        try:
            return self._taken(self._queue.get(timeout=timeout) if timeout else self._queue.get_nowait())
        except queue.Empty:
            return None

    def close(self, wait: float = 1.0) -> None:
        """Stop reading; the iterator is closed once it comes to a halt."""
        self._closed.set()
        self._thread.join(wait)

    def _taken(self, item: Item | _End) -> Item:
        if not isinstance(item, _End):
            return item
        self._queue.put(item)  # the end stays the end; its place has just been freed
        if item.error is not None:
            raise item.error
        raise StopIteration

    def _run(self) -> None:
        end = _End()
        try:
            for item in self._items:
                if not self._put(item):
                    break
        except BaseException as error:
            end = _End(error)
        finally:
            close = getattr(self._items, "close", None)
            if close:
                close()
        self._put(end)

    def _put(self, item: Item | _End) -> bool:
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=_TICK)
            except queue.Full:
                continue
            return True
        return False
