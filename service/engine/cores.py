"""How the cores are shared out among workers and the event loop: more threads only get in each other's way."""

import contextlib
import os
import sys
import threading

_BEHIND = 2  # of 19 that a thread may be put back by
_MOST_WORKERS = 4  # of which one at a time is in Python code: more would wait for that


def shared_out(threads: int) -> tuple[int, int]:
    """(workers, threads of each worker's arithmetic): as many as there are of one thread, up to a bound."""
    workers = max(1, min(threads, _MOST_WORKERS))
    return workers, max(1, threads // workers)


def give_way() -> None:
    """Have the calling thread stand behind others where they want one core: refusals and health are answered at once.

    Only Linux gives each thread a priority of its own; nothing happens elsewhere.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BEHIND)
