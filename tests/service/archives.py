"""Archives for the tests of `score`: records, runs in a process of their own, and what they left."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fakes import TEXT

PATH = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
_CODE = """
import sys, fakes
from quotestance.service import cli
from quotestance.service.archive import score_command
if __name__ == "__main__":
    score_command.load_model = fakes.{load}
    sys.exit(cli.main())
"""


def article(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"a{number}", "text": f"{TEXT}Number {number}.", **more}


def write_jsonl(path: str | Path, *records: Any) -> None:
    Path(path).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def read_jsonl(path: str | Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_bytes().splitlines()]


def command(load: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", _CODE.format(load=load), "score", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": PATH}


def score(load: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command to its end."""
    return subprocess.run(command(load, *arguments), cwd=cwd, env=environment(), capture_output=True, timeout=100)


def digests(folder: Path, names: Sequence[str] = ("*",)) -> dict[str, str]:
    """Every file that a user sees, by its content: not what the runs keep for themselves."""
    files = [path for name in names for path in folder.rglob(name) if path.is_file() and "_work" not in path.parts]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
