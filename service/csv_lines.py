"""The rows of a CSV file, one bad row costing no other."""

import csv
from collections.abc import Iterator
from typing import IO, Final

from quotestance.model.errors import InputError
from quotestance.service.lines import MAX_BYTES

_REREAD_BYTES: Final = 2**30  # of a file whose quote marks are in ruins
_BOM: Final = "\ufeff"


class CsvLines:
    """The rows of a CSV file with their first line's number and their bytes.

    Where a quote mark opens and does not close, what follows would all be one row: only its first line is given up, and
    reading goes on with the next.
    """

    def __init__(self, stream: IO[bytes], delimiter: str | None = None) -> None:
        """`delimiter` None is told by the first line. Raises InputError where that cannot be read."""
        self.number = 0
        self._stream = stream
        self._again: list[bytes] = []
        self._taken: list[bytes] = []
        self._reread = 0
        csv.field_size_limit(MAX_BYTES)
        first = stream.readline(MAX_BYTES + 1)
        if first.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in first:
            raise InputError("not UTF-8 text but UTF-16 or a binary file")
        head = first.decode("utf-8", "surrogateescape").removeprefix(_BOM)
        self._delimiter = delimiter or max(",;\t", key=head.count)
        self._again.append(head.encode("utf-8", "surrogateescape"))
        row = next(self.rows(), None)
        if row is None or isinstance(row[1], str):
            raise InputError("a CSV file without a first line of column names")
        self.header: list[str] = [name.strip() for name in row[1]]

    def rows(self) -> Iterator[tuple[int, list[str] | str, bytes]]:
        """Line number, the cells or what is wrong with them, and the bytes; blank lines are left out."""
        reader = csv.reader(self, delimiter=self._delimiter, strict=True)
        while True:
            self._taken.clear()
            start = self.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                first, *rest = self._taken
                self._put_back(rest)
                reader = csv.reader(self, delimiter=self._delimiter, strict=True)
                yield start, str(error), first.rstrip(b"\r\n")
                continue
            if cells:
                yield start, cells, b"".join(self._taken).rstrip(b"\r\n")

    def __iter__(self) -> "CsvLines":
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._stream.readline(MAX_BYTES + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._taken.append(line)
        return line.decode("utf-8", "surrogateescape")

    def _put_back(self, lines: list[bytes]) -> None:
        self._reread += sum(map(len, lines))
        if self._reread > _REREAD_BYTES:
            raise InputError(f"its quote marks do not match; given up at line {self.number}")
        self._again += reversed(lines)
        self.number -= len(lines)
