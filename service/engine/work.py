"""What the engine is given and gives back: articles and rows, the requests they belong to, and why one may fail."""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from quotestance.model.errors import QuotestanceError
from quotestance.model.types import Article, ArticleError, Reading, Stance

_CHARACTERS_PER_TOKEN = 4  # English news text, rounded down: an estimate that errs on the long side
_READING_AND_SCORING = 3  # an article is read once, and its statements with their surroundings are about twice its text
_LONGEST_PASSAGE = 224  # tokens; what a scorer sees of a row, however long the row


class EngineError(QuotestanceError):
    """Work that was not done, for a reason that lies with the engine and not with the item."""


class QueueFullError(EngineError):
    """No room; `retry_after` is an estimate in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too much work is waiting; try again in {retry_after} s")
        self.retry_after = retry_after


class NotReadyError(EngineError):
    """The model is being loaded, or does not run."""


class DrainingError(EngineError):
    """The service is stopping and takes nothing new."""


class DeadlineError(EngineError):
    """The deadline passed before the work was done."""


class WorkerError(EngineError):
    """The worker failed with this work in hand; it may succeed another time."""


@dataclass(frozen=True, slots=True)
class Row:
    """A passage whose actor and target are known; without a `quote` the whole text is judged."""

    id: str
    text: str
    actor: str
    target: str
    quote: str | None = None

    @property
    def fields(self) -> Mapping[str, str]:
        """The row as `Model.stance` takes it."""
        known = {"id": self.id, "text": self.text, "actor": self.actor, "target": self.target}
        return known if self.quote is None else known | {"quote": self.quote}


Item = Article | Row
Result = Reading | Stance | ArticleError


def estimated_tokens(item: Item) -> int:
    """About how many tokens the networks will see for this item; no tokenizer is asked."""
    tokens = math.ceil(len(item.text) / _CHARACTERS_PER_TOKEN)
    if isinstance(item, Row):
        return max(1, min(tokens, _LONGEST_PASSAGE))
    targets = target_count(item)
    return max(1, tokens * (_READING_AND_SCORING + max(0, targets - 1) * (_READING_AND_SCORING - 1)))


def target_count(item: Item) -> int:
    """Toward how many targets the item is judged; 1 where they are not given as several."""
    return len(item.target) if isinstance(item, Article) and isinstance(item.target, tuple) else 1


class Submission:
    """The items of one caller; `future` gives their results in order, or raises the EngineError that ended them.

    `versions` names for each item the model that it was given to. A caller who no longer waits cancels, and what was
    not yet computed is dropped.
    """

    def __init__(self, items: Sequence[Item], deadline: float, submitted_at: float) -> None:
        self.future: Future[list[Result]] = Future()
        self.over = False  # as `future.done()`, without its lock: asked of all that waits, for each that comes
        self.deadline = deadline
        self.submitted_at = submitted_at
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self.tokenise_seconds = 0.0  # of the batches that its items were in, like the next
        self.inference_seconds = 0.0
        self.versions: list[str | None] = [None] * len(items)
        self._results: list[Result | None] = [None] * len(items)
        self._missing = len(items)
        self._counting = threading.Lock()  # its items may be in the batches of several workers at once
        self._resolving = threading.Lock()
        self.works = [Work(self, index, item, estimated_tokens(item)) for index, item in enumerate(items)]

    def cancel(self) -> None:
        """Nobody waits for this any more."""
        self.over = True
        self.future.cancel()

    def start(self, now: float) -> bool:
        """Note that one of its items is being computed; whether it is the first."""
        with self._counting:
            first = self.started_at is None
            if first:
                self.started_at = now
            return first

    def count(self, tokenise: float, inference: float) -> None:
        """Add the seconds of a batch that some of its items were in."""
        with self._counting:
            self.tokenise_seconds += tokenise
            self.inference_seconds += inference

    def finish(self, index: int, result: Result, version: str, now: float) -> None:
        """One item's result; the last one resolves the future."""
        with self._counting:
            self._results[index] = result
            self.versions[index] = version
            self._missing -= 1
            last = self._missing == 0
        if last:
            self.finished_at = now
            results = [r for r in self._results if r is not None]
            self._resolve(lambda: self.future.set_result(results))

    def fail(self, error: EngineError) -> None:
        """End the whole submission with this error; nothing happens where it has ended already."""
        self._resolve(lambda: self.future.set_exception(error))

    def _resolve(self, resolve: Callable[[], None]) -> None:
        self.over = True
        with self._resolving:
            # a cancel may come in between the two: then the second says no
            if not self.future.done() and self.future.set_running_or_notify_cancel():
                resolve()


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One item of a submission, as it waits in the queue."""

    submission: Submission
    index: int
    item: Item
    tokens: int

    def is_unwanted(self, now: float) -> bool:
        """Whether the caller has gone, was answered already, or the deadline has passed."""
        return self.submission.over or now >= self.submission.deadline


def fail(works: Sequence[Work], error: EngineError) -> None:
    """End the submissions of these works with this error."""
    for work in works:
        work.submission.fail(error)
