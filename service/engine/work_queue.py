"""The bounded queue in front of the worker: filled by many threads, emptied by one in batches of tokens."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from quotestance.service.engine.work import Work


@dataclass(slots=True)
class Taken:
    """A batch to compute, and what was found to be unwanted on the way to it."""

    batch: list[Work] = field(default_factory=list)
    unwanted: list[Work] = field(default_factory=list)


class WorkQueue:
    """First in, first out; at most `max_items`, and about `max_tokens`: a queue that is empty takes anything."""

    def __init__(self, max_items: int, max_tokens: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_items = max_items
        self._max_tokens = max_tokens
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: deque[Work] = deque()
        self._tokens = 0
        self._closed = False

    @property
    def items(self) -> int:
        return len(self._waiting)

    @property
    def tokens(self) -> int:
        """An estimate of the tokens that wait."""
        return self._tokens

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def full(self) -> bool:
        """Whether not even one small item would be taken."""
        with self._changed:
            if self._fits(1, 1):
                return False
            self._forget_unwanted()
            return not self._fits(1, 1)

    def put(self, works: Sequence[Work]) -> bool:
        """All of them, or, where there is no room or the queue is closed, none and False."""
        tokens = sum(work.tokens for work in works)
        with self._changed:
            if not self._fits(len(works), tokens):
                # callers who gave up must not keep others out
                self._forget_unwanted()
            if self._closed or not self._fits(len(works), tokens):
                return False
            self._waiting.extend(works)
            self._tokens += tokens
            self._changed.notify_all()
            return True

    def take(self, budget: int, linger: float, patience: float) -> Taken:
        """Wait up to `patience` seconds for work, then up to `linger` seconds for the batch to fill.

        A batch holds at most `budget` tokens, or one item that is larger. Empty where nothing came.
        """
        taken = Taken()
        filled = 0
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed, patience)
            until = self._clock() + linger
            while True:
                while self._waiting:
                    work = self._waiting[0]
                    if work.is_unwanted(self._clock()):
                        taken.unwanted.append(self._pop())
                        continue
                    if taken.batch and filled + work.tokens > budget:
                        return taken
                    taken.batch.append(self._pop())
                    filled += work.tokens
                left = until - self._clock()
                if not taken.batch or filled >= budget or self._closed or left <= 0:
                    return taken
                self._changed.wait(left)

    def close(self) -> None:
        """Take nothing new; what waits may still be taken out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def empty(self) -> list[Work]:
        """Everything that waits, taken out."""
        with self._changed:
            works = list(self._waiting)
            self._waiting.clear()
            self._tokens = 0
            return works

    def _fits(self, items: int, tokens: int) -> bool:
        if not self._waiting:
            return items <= self._max_items
        return len(self._waiting) + items <= self._max_items and self._tokens + tokens <= self._max_tokens

    def _pop(self) -> Work:
        work = self._waiting.popleft()
        self._tokens -= work.tokens
        return work

    def _forget_unwanted(self) -> None:
        now = self._clock()
        # only where the caller knows: one whose deadline has passed must still be told, which `take` sees to
        kept = [work for work in self._waiting if not (work.submission.future.done() and work.is_unwanted(now))]
        self._waiting = deque(kept)
        self._tokens = sum(work.tokens for work in kept)
