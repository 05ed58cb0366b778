"""A service run as users run it, as a process of its own: for the benchmarks beside this file."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

PACKAGE = Path(__file__).parents[1] / ".typing"


@dataclass(frozen=True)
class Running:
    """`ready_after` is in seconds from the start of the process to the first 200 of its health route."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    ready_after: float

    @property
    def resident_mib(self) -> float:
        return psutil.Process(self.process.pid).memory_info().rss / 2**20

    @property
    def processor_seconds(self) -> float:
        """Of all cores together, until now; unlike `ready_after`, hardly longer where others use the machine."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def events(self) -> list[dict[str, object]]:
        """The log's lines."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(command: Sequence[str], port: int, health: str = "/readyz", seconds: float = 120.0) -> Iterator[Running]:
    """The command as a process, once `health` answers 200; ended with SIGTERM, where it still runs.

    Raises RuntimeError with its last lines where it ends before that or takes longer than `seconds`.
    """
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    # what a user's shell would not have
    environment.pop("OMP_NUM_THREADS", None)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        started = time.monotonic()
        with log.open("wb") as stream:
            process = subprocess.Popen(command, stdout=stream, stderr=stream, env=environment)
        try:
            while not _healthy(f"http://127.0.0.1:{port}{health}"):
                if process.poll() is not None or time.monotonic() - started > seconds:
                    raise RuntimeError(f"{' '.join(command)}: not ready\n{log.read_text()[-2000:]}")
                time.sleep(0.02)
            yield Running(process, port, log, time.monotonic() - started)
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(90)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def serve_command(port: int, *flags: str) -> list[str]:
    """`quotestance serve` of this checkout."""
    return [sys.executable, "-m", "quotestance.service.cli", "serve", "--port", str(port), *flags]


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
