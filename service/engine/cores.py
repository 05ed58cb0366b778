"""The cores that this process may use, and how they are shared out: more threads only get in each other's way."""

import contextlib
import math
import os
import sys
import threading
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_BEHIND = 4  # of 19 that a thread may be put back by
_MOST_WORKERS = 4  # of which one at a time is in Python code: more would wait for that


def usable_cores(quota: Path = _QUOTA) -> int:
    """The cores that the process may run on, or fewer where its control group has a quota of CPU time."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        share, period = quota.read_text(encoding="ascii").split()
        return max(1, min(allowed, math.ceil(int(share) / int(period))))
    except (OSError, ValueError):  # no control groups, or "max": no quota
        return allowed


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
