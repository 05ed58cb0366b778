"""Where the time of a call goes, for whoever asks: seconds by stage, measured in the caller's own thread."""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, ParamSpec, TypeVar

Stage = Literal["tokenise", "inference"]
P = ParamSpec("P")
T = TypeVar("T")

_seconds: ContextVar[dict[Stage, float] | None] = ContextVar("quotestance_seconds", default=None)


@contextmanager
def stopwatch() -> Iterator[dict[Stage, float]]:
    """Seconds by stage of what is called within the block, as they add up."""
    seconds: dict[Stage, float] = {"tokenise": 0.0, "inference": 0.0}
    token = _seconds.set(seconds)
    try:
        yield seconds
    finally:
        _seconds.reset(token)


def timed(stage: Stage) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A decorator: the function's time counts to this stage, where a stopwatch runs."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def measured(*args: P.args, **kwargs: P.kwargs) -> T:
            seconds = _seconds.get()
            if seconds is None:
                return function(*args, **kwargs)
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                seconds[stage] += time.perf_counter() - started

        return measured

    return decorate
