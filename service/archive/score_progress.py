"""How far a run has come, on stderr: a bar on a terminal, a plain line now and then in a log."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from quotestance.service.archive.pieces import Counts, PieceResult
from quotestance.service.exit_status import complain
from quotestance.service.progress import LOG_EVERY, rate


@dataclass(slots=True)
class Tally:
    """What is done in all, and in this run; `share` of the input in bytes, None where it is unknown."""

    counts: Counts = field(default_factory=Counts)
    done_now: int = 0
    share: float | None = None
    started: float = field(default_factory=time.monotonic)
    share_before: float = 0.0  # what earlier runs had done

    def add(self, result: PieceResult) -> None:
        self.counts = self.counts + result.counts
        self.share = result.share
        if result.stored:
            self.share_before = result.share or 0.0
            if not self.done_now:
                self.started = time.monotonic()  # to read again what was done is no part of this run's pace
        else:
            self.done_now += result.counts.articles

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def seconds_left(self) -> float | None:
        """Reckoned from this run's pace through the input."""
        if self.share is None or self.share <= self.share_before:
            return None
        return self.seconds * (1 - self.share) / (self.share - self.share_before)

    def __str__(self) -> str:
        share = "" if self.share is None else f" ({self.share:.0%})"
        bad = f", {self.counts.refused:,} refused" if self.counts.refused else ""
        left = self.seconds_left
        time_left = "" if left is None else f", {duration(left)} left"
        return (
            f"{self.counts.articles:,} articles{share}, {rate(self.done_now, self.seconds)} articles/s{bad}{time_left}"
        )


def duration(seconds: float) -> str:
    """For people: `40 s`, `12 min`, `3 h 05 min`, `2 d 4 h`."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


@contextmanager
def showing(tally: Tally) -> Iterator["Show"]:
    """Shows the tally each time it is called for."""
    if not sys.stderr.isatty():
        yield Lines(tally)
        return
    columns = (BarColumn(bar_width=24), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(tally, progress)


class Show:
    """Called after each piece."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def update(self) -> None:
        raise NotImplementedError


class Lines(Show):
    """A line every LOG_EVERY seconds."""

    def __init__(self, tally: Tally) -> None:
        super().__init__(tally)
        self._last = time.monotonic()

    def update(self) -> None:
        now = time.monotonic()
        if now - self._last >= LOG_EVERY:
            self._last = now
            complain(str(self._tally))


class Bar(Show):
    """A bar that pulses where the end is unknown."""

    def __init__(self, tally: Tally, progress: Progress) -> None:
        super().__init__(tally)
        self._progress = progress
        self._task = progress.add_task("the model is being loaded", total=None)

    def update(self) -> None:
        share = self._tally.share
        total = None if share is None else 1.0
        self._progress.update(self._task, description=str(self._tally), total=total, completed=share or 0.0)
