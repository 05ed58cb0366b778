"""CSV, Parquet and Arrow files as records, read a little at a time; a row that cannot be read is put aside alone."""

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
from quotestance.service.csv_lines import CsvLines
from quotestance.service.lines import DAMAGE, damage_after, decoded, open_bytes

_BATCH_ROWS: Final = 256
_BUFFER: Final = 2**20  # bytes of a Parquet column read at once


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


def _csv_lines(stream: IO[bytes], source: Source) -> CsvLines:
    """Raises InputError where the first line cannot be read."""
    try:
        return CsvLines(stream, "\t" if source.kind == "tsv" else None)
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
        with _arrow_file(source.path) as stream, parquet_file(stream) as file:
            yield file.schema_arrow.names, lambda wanted: _parquet_batches(file, wanted)
        return
    with _arrow_file(source.path) as stream:
        reader = _arrow_reader(stream)
        size = max(1, stream.size())
        yield (
            reader.schema.names,
            lambda wanted: ((batch.select(wanted), stream.tell() / size) for batch in _arrow_batches(reader)),
        )


def parquet_file(file: Any) -> pq.ParquetFile:
    """A Parquet file (a path or a stream) whose batches are read a little at a time.

    As it stands, pyarrow reads the columns of a whole row group, which may be all of a file.
    """
    return pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)


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
