"""CSV, Parquet and Arrow files as records, read a little at a time; a row that cannot be read is put aside alone."""

import csv
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from quotestance.model.errors import InputError
from quotestance.service.archive.meter import Meter
from quotestance.service.archive.records import FIELDS, BadRecord, FieldMap, JsonRecord, Origin, bad_source
from quotestance.service.archive.sources import Source
from quotestance.service.lines import DAMAGE, MAX_BYTES, damage_after, decoded, open_bytes

_BATCH_ROWS: Final = 256
_BUFFER: Final = 2**20  # bytes of a Parquet column read at once
_REREAD_BYTES: Final = 2**30  # of a CSV file whose quote marks are in ruins
_BOM: Final = "\ufeff"


def table_records(source: Source, fields: FieldMap, meter: Meter | None = None) -> Iterator[JsonRecord | BadRecord]:
    """The rows of a table, `line` counting a CSV file's lines and the others' rows.

    A file that breaks off ends in a BadRecord of its own.
    """
    try:
        if source.kind in ("csv", "tsv"):
            yield from _csv_records(source, fields, meter)
        else:
            yield from _columnar_records(source, fields, meter)
    except (InputError, OSError, pa.ArrowException) as error:
        yield bad_source(source, error)


def columns_of(source: Source) -> list[str]:
    """The names of a table's columns. Raises InputError, OSError or ArrowException where it cannot be read."""
    if source.kind in ("csv", "tsv"):
        with open_bytes(source) as stream:
            return _csv_lines(stream, source).header
    with _columnar(source) as (names, _):
        return names


def check_columns(source: Source, columns: list[str], fields: FieldMap) -> None:
    """Raises InputError where the table lacks the text, or a column that `fields` names."""
    wanted = {"text": "text", **fields}
    for field, name in wanted.items():
        if name not in columns and name.split(".")[0] not in columns:
            known = ", ".join(columns[:20])
            raise InputError(
                f"{source.name}: has no column `{name}`; it has {known} (--map {field}=COLUMN names another)"
            )


def _csv_records(source: Source, fields: FieldMap, meter: Meter | None) -> Iterator[JsonRecord | BadRecord]:
    with open_bytes(source, meter.watch if meter else None) as stream:
        lines = _csv_lines(stream, source)
        check_columns(source, lines.header, fields)
        try:
            for line, cells, raw in lines.rows():
                yield _csv_record(Origin.of(source.name, line, raw), cells, lines.header)
        except DAMAGE as error:
            raise InputError(damage_after(lines.number, error)) from None


def _csv_lines(stream: IO[bytes], source: Source) -> "_CsvLines":
    """Raises InputError where the first line cannot be read."""
    try:
        return _CsvLines(stream, source)
    except DAMAGE as error:
        raise InputError(damage_after(0, error)) from None


def _csv_record(origin: Origin, cells: list[str] | str, header: list[str]) -> JsonRecord | BadRecord:
    if isinstance(cells, str):
        return BadRecord(origin, f"not a row of CSV: {cells}")
    if len(cells) != len(header):
        return BadRecord(origin, f"has {len(cells)} cells where the first line has {len(header)}")
    for name, cell in zip(header, cells, strict=True):
        if not cell.isascii() and _escaped(cell):
            try:
                decoded(cell.encode("utf-8", "surrogateescape"))
            except InputError as error:
                return BadRecord(origin, f"`{name}`: {error}")
    return JsonRecord({name: cell or None for name, cell in zip(header, cells, strict=True)}, origin)


def _escaped(cell: str) -> bool:
    """Whether the text holds bytes that are not UTF-8, as `surrogateescape` keeps them."""
    return any("\udc80" <= character <= "\udcff" for character in cell)


class _CsvLines:
    """The rows of a CSV file with their first line's number and their bytes.

    Where a quote mark opens and does not close, what follows would all be one row: only its first line is given up, and
    reading goes on with the next.
    """

    def __init__(self, stream: IO[bytes], source: Source) -> None:
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
        self._delimiter = "\t" if source.kind == "tsv" else max(",;\t", key=head.count)
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

    def __iter__(self) -> "_CsvLines":
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


def _columnar_records(source: Source, fields: FieldMap, meter: Meter | None) -> Iterator[JsonRecord | BadRecord]:
    row = 0
    with _columnar(source) as (names, batches):
        check_columns(source, names, fields)
        wanted = {fields.get(field, field).split(".")[0] for field in FIELDS} | {"doc_id"}
        wanted |= {fields.get(field, field) for field in FIELDS}
        for batch, fraction in batches([name for name in names if name in wanted]):
            if meter:
                meter.at(fraction)
            for values in _values(batch):
                row += 1
                yield _row_record(source, row, values)


def _values(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | str]:
    """The rows of a batch; what Parquet can hold and Python cannot spoils only its row.

    That is a text that is not UTF-8, and a date or time beyond Python's.
    """
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        for i in range(batch.num_rows):
            try:
                yield batch.slice(i, 1).to_pylist()[0]
            except UnicodeDecodeError as error:
                yield f"not UTF-8 text: {error.reason}"
            except (ValueError, OverflowError) as error:
                yield f"a date or number that cannot be read: {error}"


def _row_record(source: Source, row: int, values: dict[str, Any] | str) -> JsonRecord | BadRecord:
    if isinstance(values, str):
        return BadRecord(Origin(source.name, row), values)
    fields = {name: _plain(value) for name, value in values.items()}
    raw = json.dumps(fields, ensure_ascii=False, default=repr).encode("utf-8", "surrogatepass")
    return JsonRecord(fields, Origin.of(source.name, row, raw))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal) and value.is_finite():  # as warehouses unload whole numbers
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and math.isnan(value):  # what pandas makes of a missing text
        return None
    return value


@contextmanager
def _columnar(source: Source) -> Iterator[tuple[list[str], Any]]:
    """Column names, and a function of those wanted that gives batches with the share of the file that they end at."""
    if source.path is None:
        raise InputError("standard input is read as JSON lines")
    if source.kind == "parquet":
        # or else pyarrow reads the columns of a whole row group, which may be the archive
        with (
            _arrow_file(source.path) as stream,
            pq.ParquetFile(stream, pre_buffer=False, buffer_size=_BUFFER) as file,
        ):
            yield file.schema_arrow.names, lambda wanted: _parquet_batches(file, wanted)
        return
    with _arrow_file(source.path) as stream:
        reader = _arrow_reader(stream)
        size = max(1, stream.size())
        yield (
            reader.schema.names,
            lambda wanted: ((batch.select(wanted), stream.tell() / size) for batch in _arrow_batches(reader)),
        )


def _arrow_file(path: Path) -> Any:
    """The file opened for Arrow, which itself takes no name that is not UTF-8."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return pa.PythonFile(path.open("rb"), mode="r")
    return pa.OSFile(str(path), "rb")


def _parquet_batches(file: pq.ParquetFile, wanted: list[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
    rows = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=wanted):
        rows += batch.num_rows
        yield batch, rows / max(1, file.metadata.num_rows)


def _arrow_reader(stream: Any) -> Any:
    try:
        return pa.ipc.open_stream(stream)  # as `datasets` writes it
    except pa.ArrowInvalid:
        stream.seek(0)
        return pa.ipc.open_file(stream)


def _arrow_batches(reader: Any) -> Iterator[pa.RecordBatch]:
    """Batches of at most _BATCH_ROWS, of a stream or of an Arrow file."""
    whole = (
        reader
        if isinstance(reader, pa.RecordBatchStreamReader)
        else map(reader.get_batch, range(reader.num_record_batches))
    )
    for batch in whole:
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            yield batch.slice(start, _BATCH_ROWS)
