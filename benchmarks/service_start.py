"""How long the service takes from a stopped process to ready, what it computes for that, and its memory then.

    python benchmarks/service_start.py [--times 5] [--imports]

Ready is the first 200 of /readyz, which is after an article was read. The first start of a machine also reads the
libraries from the disk; the later ones have them in memory. `--imports` lists the modules that take longest to import,
from one more run of `python -X importtime`.
"""

import argparse
import statistics
import subprocess
import sys
import time

from running_service import PACKAGE, free_port, running, serve_command

_IMPORTED = "import quotestance.service.http.serve_command, quotestance.model.pipeline"


def imports(most: int) -> list[tuple[float, str]]:
    """Milliseconds that each module took with all that it imports, longest first."""
    command = [sys.executable, "-X", "importtime", "-c", _IMPORTED]
    told = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": str(PACKAGE)}).stderr
    parts = [line.removeprefix("import time:").split("|") for line in told.splitlines() if line.count("|") == 2]
    return sorted(((int(b) / 1000, name.strip()) for _, b, name in parts[1:]), reverse=True)[:most]


def _line(seconds: float, computed: float, memory: float) -> str:
    return f"ready after {seconds:.2f} s, {computed:.2f} s of processor time, {memory:.0f} MiB resident"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--imports", action="store_true")
    args = parser.parse_args()
    seconds, computed, memory = [], [], []
    for turn in range(args.times):
        port = free_port()
        with running(serve_command(port), port) as service:
            computed.append(service.processor_seconds)
            time.sleep(0.5)
            seconds.append(service.ready_after)
            memory.append(service.resident_mib)
            print(f"start {turn + 1}: {_line(seconds[-1], computed[-1], memory[-1])}")
    print(f"median: {_line(*map(statistics.median, (seconds, computed, memory)))}")
    if args.imports:
        for milliseconds, name in imports(30):
            print(f"{milliseconds:8.0f} ms  {name}")


if __name__ == "__main__":
    main()
