"""The files of a folder of model versions: what is in it, which one is in service, and the log of promotions.

versions/NAME/…     a model folder each, never changed once it has its name
current             the name of the one in service
promotions.jsonl    a line for each promotion, refusal and rollback
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from quotestance.model.errors import InputError
from quotestance.model.version_folder import POINTER, VERSIONS, is_version_folder
from quotestance.service.exit_status import complain
from quotestance.training.versions.component_files import flush, flush_one

LOG = "promotions.jsonl"
_LOCK, _STAGING = ".lock", ".staging-"
_WAIT = 900.0  # seconds for another promotion to end: a comparison takes minutes
Action = Literal["first", "promoted", "refused", "rolled back"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log. `previous` was in service before; `version` is None where a model was refused.

    `labels` are the files of the comparison, name and SHA-256.
    """

    time: str
    action: Action
    version: str | None
    model: str
    previous: str | None
    verdict: str | None = None
    in_words: str = ""
    forced: bool = False
    labels: tuple[tuple[str, str], ...] = ()


class Store:
    """A folder of versions, which need not be there yet. Changes are made under `locked`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions = folder / VERSIONS

    @property
    def current(self) -> str | None:
        """The name of the version in service."""
        if not is_version_folder(self.folder):
            return None
        return (self.folder / POINTER).read_text(encoding="utf-8").strip() or None

    def path(self, name: str) -> Path:
        return self.versions / name

    def names(self) -> list[str]:
        """All versions, the oldest first."""
        if not self.versions.is_dir():
            return []
        return sorted(p.name for p in self.versions.iterdir() if p.is_dir() and not p.name.startswith("."))

    def log(self) -> list[Entry]:
        """Every entry, in order; a line that a crash cut short is passed over."""
        path = self.folder / LOG
        entries = []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []:
            try:
                row: dict[str, Any] = json.loads(line)
                labels = tuple((str(name), str(sha)) for name, sha in row.pop("labels", ()))
                entries.append(Entry(**row, labels=labels))
            except (ValueError, TypeError):
                continue
        return entries

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One promotion at a time. Raises InputError when another one does not end."""
        self.versions.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / _LOCK)
        try:
            try:
                lock.acquire(timeout=0)
            except Timeout:
                complain(f"{self.folder}: waits for another promotion to end")
                lock.acquire(timeout=_WAIT)
        except Timeout:
            raise InputError(f"{self.folder}: another promotion is under way; try again when it has ended") from None
        try:
            for left in self.versions.glob(f"{_STAGING}*"):  # of a promotion that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield
        finally:
            lock.release()

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder beside the versions; what is left of it at the end is removed."""
        staged = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self.versions))
        staged.chmod(0o755)
        try:
            yield staged
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def keep(self, staged: Path, model: str) -> str:
        """Give a staged folder its name among the versions, once all of it is on disk; the name."""
        stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{model}"
        name, number = stem, 1
        while self.path(name).exists():
            number += 1
            name = f"{stem}-{number}"
        flush(staged)
        staged.rename(self.path(name))
        flush_one(self.versions)
        return name

    def point_to(self, name: str) -> None:
        """Put a version in service: whoever reads the pointer sees the old name or the new one, never a part."""
        part = self.folder / f"{POINTER}.part"
        with part.open("w", encoding="utf-8") as file:
            file.write(f"{name}\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.folder / POINTER)
        flush_one(self.folder)

    def write_log(self, entry: Entry) -> None:
        path = self.folder / LOG
        torn = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        with path.open("a", encoding="utf-8") as file:
            file.write(("\n" if torn else "") + json.dumps(asdict(entry)) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def before(self, name: str) -> str | None:
        """What was in service when this version was promoted."""
        entries = [e for e in self.log() if e.version == name and e.action in ("first", "promoted")]
        return entries[-1].previous if entries else None


def now() -> str:
    """The time of a log entry, to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
