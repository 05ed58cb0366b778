"""How many workers this machine has room for: its cores and its memory, within the limits of a container."""

from pathlib import Path
from typing import Final

from quotestance.service.usable_cores import usable_cores

# on two cores, two workers of one thread did 1.25 times the work of one with both: its threads wait for each other
WORKER_THREADS: Final = 1
WORKER_BYTES: Final = 1_200 * 2**20  # of a worker: torch, the model, a piece of long articles
_CGROUP: Final = Path("/sys/fs/cgroup")


def free_memory() -> int | None:
    """Bytes that can be had without swapping, None where the system does not say."""
    free = [int(w[1]) * 1024 for w in map(str.split, _lines(Path("/proc/meminfo"))) if w[0] == "MemAvailable:"]
    limit, used = _words(_CGROUP / "memory.max"), _words(_CGROUP / "memory.current")
    if limit and used and limit[0].isdigit():
        free.append(int(limit[0]) - int(used[0]) + _cached_files())
    return min(free, default=None)


def default_workers() -> int:
    """One worker for every core, fewer where memory would not do for all."""
    most = max(1, usable_cores() // WORKER_THREADS)
    memory = free_memory()
    return most if memory is None else max(1, min(most, memory // WORKER_BYTES))


def _cached_files() -> int:
    """Bytes of files read that the container's memory holds and gives up as soon as something else wants them."""
    stat = (line.split() for line in _lines(_CGROUP / "memory.stat"))
    return next((int(words[1]) for words in stat if words[0] == "inactive_file"), 0)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []


def _words(path: Path) -> list[str]:
    lines = _lines(path)
    return lines[0].split() if lines else []
