"""Which Parquet file cannot be read: DuckDB says what is wrong, but not always with which of many files."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from quotestance.service.archive.tables import parquet_file


def damaged_file(files: Iterable[Path]) -> Path | None:
    """The first file that cannot be read to its end, None where all can. Reads them, a little at a time."""
    return next((path for path in files if not _can_be_read(path)), None)


def _can_be_read(path: Path) -> bool:
    try:
        with parquet_file(path) as file:
            for _ in file.iter_batches():
                pass
    except (pa.ArrowException, OSError):
        return False
    return True
