"""How much of the input has been read, in bytes on disk: what the time left is reckoned from."""

from collections.abc import Sequence
from typing import IO

from quotestance.service.archive.sources import Source


class Meter:
    """`share` is 0 … 1, or None where standard input makes it unknowable."""

    def __init__(self, sources: Sequence[Source]) -> None:
        known = all(source.path for source in sources)
        self._total = sum(source.size for source in sources) if known else 0
        self._before = 0
        self._size = 0
        self._file: IO[bytes] | None = None
        self._fraction = 0.0

    def begin(self, source: Source) -> None:
        self._before += self._size
        self._size = source.size if self._total else 0
        self._file, self._fraction = None, 0.0

    def watch(self, file: IO[bytes]) -> None:
        """The file being read, whose position counts from now on."""
        self._file = file

    def at(self, fraction: float) -> None:
        """For files that are not read from front to back."""
        self._fraction = fraction

    @property
    def share(self) -> float | None:
        if not self._total:
            return None
        if self._file is None:
            inside = self._fraction * self._size
        else:  # one that is closed has been read
            inside = self._size if self._file.closed else self._file.tell()
        return min(1.0, (self._before + inside) / self._total)
