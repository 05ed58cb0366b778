"""Importing large libraries without the garbage collector, which would look through all they make again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quick_imports() -> Iterator[None]:
    """For imports that last as long as the process: what they make is left out of later collections, too, and with it
    the callers' frames where something kept them: these must not come to hold what is to go before the process does.

    torch and transformers make a million objects, hardly one of them garbage: collecting meanwhile is a fifth of the
    time that their import takes.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
