"""How far a long run has come, on stderr: a live line on a terminal, a plain line now and then in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from quotestance.service.exit_status import complain

LOG_EVERY = 10.0  # seconds


@contextmanager
def progress(noun: str) -> Iterator[Callable[[int], None]]:
    """A function to call with each number of items done, e.g. `advance(64)`."""
    started = time.monotonic()
    done = 0
    if sys.stderr.isatty():
        console = Console(stderr=True)
        with console.status(f"0 {noun}") as status:

            def advance(count: int) -> None:
                nonlocal done
                done += count
                status.update(f"{done:,} {noun}, {rate(done, time.monotonic() - started)} {noun}/s")

            yield advance
        return

    last = started

    def log(count: int) -> None:
        nonlocal done, last
        done += count
        now = time.monotonic()
        if now - last >= LOG_EVERY:
            last = now
            complain(f"{done:,} {noun}, {rate(done, now - started)} {noun}/s")

    yield log


def rate(count: int, seconds: float) -> str:
    """Items per second with one digit, for people."""
    return f"{count / max(seconds, 1e-6):,.1f}"
