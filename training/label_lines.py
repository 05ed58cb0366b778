"""The lines of a label file as JSON objects, each with its number; what cannot be read keeps its number, too."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from quotestance.model.errors import InputError, LabelError
from quotestance.service import lines
from quotestance.service.archive.sources import Source

_RAW_OF_OVERLONG = 2_000  # bytes
_TABLE = "; a table? `quotestance labels import --format csv` brings it in"
_PLAINLY = {  # what json says, and what there is to do
    "Extra data": "something follows the object; one object a line",
    "Invalid control character at": "a control character, which JSON writes as an escape like \\n or \\u0000",
}


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One line that holds a JSON object; `number` counts from 1."""

    number: int
    fields: Mapping[str, Any]
    raw: str = ""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that holds none, and why."""

    number: int
    reason: str
    raw: str = ""


def label_lines(path: Path) -> Iterator[LabelLine | BadLine]:
    """The lines of a `.jsonl` or `.jsonl.gz` file, blank ones left out, read as they are asked for.

    A file that is empty, of another kind, or breaks off gives one BadLine, and what came before it is kept. Raises
    LabelError when the file cannot be opened.
    """
    last = 0
    source = Source(path, "jsonl")
    try:
        for number, line in lines.numbered_lines(source):
            if not last and line.lstrip().startswith(b"["):
                yield BadLine(
                    number,
                    "not a JSON object: the file is one JSON array, and a label file has one object a line; "
                    "`quotestance labels import` reads arrays",
                )
                return
            if not last and line.strip() == b"{":
                yield BadLine(
                    number, "not a JSON line: an object spread over many lines; a label file has one object a line"
                )
                return
            hint = "" if last or line.lstrip().startswith(b"{") else _TABLE
            last = number
            yield _label_line(number, line, hint)
        if not last:
            yield BadLine(1, "the file holds nothing")
    except InputError as error:
        yield BadLine(last + 1, str(error))
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror or error}") from error


def strict_json(text: str) -> Any:
    """The value. Raises InputError when it is not JSON, NaN and infinities and a name given twice included."""
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise InputError(f"{_PLAINLY.get(error.msg, error.msg)} (column {error.colno})") from None
    except RecursionError:
        raise InputError("nested too deeply") from None
    except ValueError as error:  # a constant, a name given twice, or an integer of thousands of digits
        raise InputError(str(error)) from None


def _label_line(number: int, line: bytes, hint: str) -> LabelLine | BadLine:
    if len(line) > lines.MAX_BYTES:
        raw = line[:_RAW_OF_OVERLONG].decode("utf-8", "backslashreplace")
        return BadLine(number, f"a line over {lines.MAX_BYTES // 2**20} MB", raw)
    raw = line.decode("utf-8", "backslashreplace")
    try:
        fields = strict_json(lines.decoded(line))
    except InputError as error:
        return BadLine(number, f"not a JSON line: {error}{hint}", raw)
    if not isinstance(fields, dict):
        return BadLine(number, "not a JSON object", raw)
    return LabelLine(number, fields, raw)


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):  # json would take the last, and the others would be lost
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"`{twice}` stands twice in one object; keep one")
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON; write null where a value is missing")
