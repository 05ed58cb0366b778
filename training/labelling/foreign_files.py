"""Files of labels in any format that can be brought in, as objects with line numbers, and which format they are."""

import gzip
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from quotestance.model.errors import LabelError
from quotestance.training.label_lines import BadLine, LabelLine, label_lines
from quotestance.training.labelling.csv_rows import csv_rows
from quotestance.training.labelling.doccano_export import is_document
from quotestance.training.labelling.json_items import array_items
from quotestance.training.labelling.label_studio_export import is_task

Format = Literal["labels", "label-studio", "doccano", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)
_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_TABLES = (".csv", ".tsv")


def items_of(path: Path, form: Format | None, columns: Mapping[str, str]) -> list[LabelLine | BadLine]:
    """Every object of the file, and what could not be read; `form` is asked of the content where it is None.

    Raises LabelError when the file cannot be opened, is not text, or is a table without the columns needed.
    """
    if form == "csv" or (form is None and _suffix(path) in _TABLES):
        text = _whole_text(path)
        try:
            return list(csv_rows(text, columns))
        except LabelError as error:
            raise LabelError(f"{path}:1: {error}") from None
    if _begins_with_array(path):
        return list(array_items(_whole_text(path)))
    lines = list(label_lines(path))
    if _suffix(path) == ".json" and (not lines or isinstance(lines[0], BadLine)):  # one object over many lines
        return list(array_items(_whole_text(path)))
    return lines


def format_of(path: Path, items: Sequence[LabelLine | BadLine]) -> Format:
    """The format that the first objects have. Raises LabelError when they have none of those known."""
    if _suffix(path) in _TABLES:
        return "csv"
    objects = [item.fields for item in items if isinstance(item, LabelLine)]
    for value in objects[:100]:
        if form := _format_of_object(value):
            return form
    if any("annotation_id" in value or "annotator" in value for value in objects[:1]):
        raise LabelError(f"{path}:1: Label Studio's JSON-MIN, which lacks relations; export the project as JSON")
    bad = next((item for item in items if isinstance(item, BadLine)), None)
    if not objects and bad is not None:
        raise LabelError(f"{path}:{bad.number}: {bad.reason}")
    first = next(item.number for item in items if isinstance(item, LabelLine))
    raise LabelError(
        f"{path}:{first}: neither a label line, a Label Studio task nor a doccano document, "
        "going by its fields; name the format with --format"
    )


def _format_of_object(value: Mapping[str, Any]) -> Format | None:
    if is_task(value):
        return "label-studio"
    if "statements" in value or {"actor", "stance"} & value.keys():
        return "labels"
    return "doccano" if is_document(value) and "annotation_id" not in value else None


def _suffix(path: Path) -> str:
    return Path(path.name.lower().removesuffix(".gz")).suffix


def _begins_with_array(path: Path) -> bool:
    try:
        with _opened(path) as stream:
            return stream.read(256).removeprefix(_BOM).lstrip().startswith(b"[")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False  # said with its line on reading
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror or error}") from error


def _whole_text(path: Path) -> str:
    try:
        with _opened(path) as stream:
            data = stream.read()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise LabelError(f"{path}:1: the compressed file is damaged or cut short: {error}") from None
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror or error}") from error
    if data.startswith(_WIDE_BOMS):
        raise LabelError(f"{path}:1: UTF-16 or UTF-32, not UTF-8 text; save it as UTF-8")
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        byte = data[error.start]
        raise LabelError(f"{path}:{line}: not UTF-8 text (byte 0x{byte:02x}); save it as UTF-8") from None


def _opened(path: Path) -> gzip.GzipFile | Any:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")
