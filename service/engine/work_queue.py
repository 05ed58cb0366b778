"""The bounded queue in front of the workers: filled by many threads, emptied by each of them in batches of tokens."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from quotestance.service.engine.fair_batch import fair_batch
from quotestance.service.engine.work import Result, Submission, Work

_LEAST_SHARE = 256  # tokens: smaller batches are slower, each for itself


@dataclass(slots=True)
class Taken:
    """A batch to compute, and what was found to be unwanted on the way to it."""

    batch: list[Work] = field(default_factory=list)
    unwanted: list[Work] = field(default_factory=list)


class WorkQueue:
    """Emptied fairly (`fair_batch`) by so many `takers`; holds `max_items`, and about `max_tokens`: one that is empty
    takes anything."""

    def __init__(
        self, max_items: int, max_tokens: int, takers: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._takers = takers
        self._max_items = max_items
        self._max_tokens = max_tokens
        self._clock = clock
        self._changed = threading.Condition()
        self._lines: dict[Submission, deque[Work]] = {}
        self._passed_over: Submission | None = None
        self._items = 0
        self._tokens = 0
        self._closed = False
        self._some_gone = False

    @property
    def items(self) -> int:
        return self._items

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
            self._forget_the_gone()
            return not self._fits(1, 1)

    def put(self, works: Sequence[Work]) -> bool:
        """All of one submission's, or, where there is no room or the queue is closed, none and False."""
        tokens = sum(work.tokens for work in works)
        with self._changed:
            if not self._fits(len(works), tokens):
                # callers who gave up must not keep others out
                self._forget_the_gone()
            if self._closed or not self._fits(len(works), tokens):
                return False
            self._lines[works[0].submission] = deque(works)
            works[0].submission.future.add_done_callback(self._note_gone)
            self._items += len(works)
            self._tokens += tokens
            self._changed.notify_all()
            return True

    def take(self, budget: int, linger: float, patience: float) -> Taken:
        """Wait up to `patience` seconds for work, then up to `linger` seconds for `budget` tokens of it.

        A batch holds at most `budget` tokens, or one item that is larger, and leaves the other takers their shares of
        what waits. Empty where nothing came.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, patience)
            if self._items and linger:
                self._changed.wait_for(lambda: self._tokens >= budget or self._closed, linger)
            now = self._clock()
            unwanted = self._pop(work for line in self._lines.values() for work in line if work.is_unwanted(now))
            share = min(budget, max(_LEAST_SHARE, self._tokens // self._takers))
            batch, self._passed_over = fair_batch(list(self._lines.values()), share, self._passed_over)
            return Taken(self._pop(batch), unwanted)

    def close(self) -> None:
        """Take nothing new; what waits may still be taken out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def empty(self) -> list[Work]:
        """Everything that waits, taken out."""
        with self._changed:
            return self._pop(work for line in self._lines.values() for work in line)

    def _fits(self, items: int, tokens: int) -> bool:
        if not self._items:
            return items <= self._max_items
        return self._items + items <= self._max_items and self._tokens + tokens <= self._max_tokens

    def _pop(self, works: Iterable[Work]) -> list[Work]:
        popped = list(works)
        gone = set(popped)
        for submission in {work.submission for work in popped}:
            kept = deque(work for work in self._lines[submission] if work not in gone)
            if kept:
                self._lines[submission] = kept
            else:
                del self._lines[submission]
        self._items -= len(popped)
        self._tokens -= sum(work.tokens for work in popped)
        return popped

    def _note_gone(self, future: "Future[list[Result]]") -> None:
        # or under overload each caller would have all that waits looked through
        self._some_gone = self._some_gone or future.cancelled()

    def _forget_the_gone(self) -> None:
        if not self._some_gone:
            return
        self._some_gone = False
        # only where the caller knows: one whose deadline has passed must still be told, which `take` sees to
        gone = [line for submission, line in self._lines.items() if submission.over]
        self._pop(work for line in gone for work in line)
