"""Which ids have been seen, in a SQLite file: memory stays flat however large the archive.

A set in memory would take some 8 GB for 100 million ids with their digests; the file takes about 5 GB of disk, and
looks an id up far faster than a model reads an article. Ids and texts are kept as 16 and 8 bytes of their SHA-256: two
of 10⁸ ids fall together with a chance of 10⁻²³. A run that goes on reads its input again from the start and fills the
file anew, so nothing of it needs to survive a crash.
"""

import errno
import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from quotestance.service.archive.records import Origin

_CACHE_KIB: Final = 65_536


@dataclass(frozen=True, slots=True)
class Earlier:
    """Where an id was seen first, and whether with the same content."""

    origin: Origin
    same: bool

    def __str__(self) -> str:
        return self.origin.place


class SeenIds:
    """`file` is made anew, and removed at the end. Raises OSError where the disk is full."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.unlink(missing_ok=True)
        self._sources: dict[str, int] = {}
        self._names: list[str] = []
        try:
            self._db = self._empty()
        except sqlite3.Error as error:
            raise self._cannot_keep(error) from error

    def _empty(self) -> sqlite3.Connection:
        # one writer, but not always in the thread that opened it
        db = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        db.execute(
            "CREATE TABLE seen (id BLOB PRIMARY KEY, content BLOB, source INTEGER, line INTEGER, item INTEGER)"
            " WITHOUT ROWID"
        )
        db.execute("BEGIN")  # and never committed: nothing is kept
        return db

    def _cannot_keep(self, error: sqlite3.Error) -> OSError:
        return OSError(errno.ENOSPC, f"cannot keep the list of ids: {error}", str(self._file))

    def add(self, id: str, content: str, origin: Origin) -> Earlier | None:
        """None where the id is new; else where it was seen first."""
        key, digest = _digest(id)[:16], _digest(content)[:8]
        number = self._sources.setdefault(origin.source, len(self._names))
        if number == len(self._names):
            self._names.append(origin.source)
        values = (key, digest, number, origin.line, origin.item)
        try:
            if self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?, ?)", values).rowcount:
                return None
            row = self._db.execute("SELECT content, source, line, item FROM seen WHERE id = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise self._cannot_keep(error) from error
        return Earlier(Origin(self._names[row[1]], row[2], item=row[3]), row[0] == digest)

    def __enter__(self) -> "SeenIds":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._db.close()
        self._file.unlink(missing_ok=True)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
