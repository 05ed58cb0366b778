"""The lines of a label file as JSON objects, each with its number; what cannot be read keeps its number, too."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from quotestance.model.errors import InputError, LabelError
from quotestance.service import lines
from quotestance.service.archive.sources import Source

_RAW_OF_OVERLONG = 2_000  # bytes


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
            last = number
            yield _label_line(number, line)
        if not last:
            yield BadLine(1, "the file holds nothing")
    except InputError as error:
        yield BadLine(last + 1, str(error))
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror or error}") from error


def strict_json(text: str) -> Any:
    """The value. Raises InputError when it is not JSON, NaN and infinities included."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InputError(f"{error.msg} (column {error.colno})") from None
    except RecursionError:
        raise InputError("nested too deeply") from None
    except ValueError as error:  # a constant, or an integer of thousands of digits
        raise InputError(str(error)) from None


def _label_line(number: int, line: bytes) -> LabelLine | BadLine:
    if len(line) > lines.MAX_BYTES:
        raw = line[:_RAW_OF_OVERLONG].decode("utf-8", "backslashreplace")
        return BadLine(number, f"a line over {lines.MAX_BYTES // 2**20} MB", raw)
    raw = line.decode("utf-8", "backslashreplace")
    try:
        fields = strict_json(lines.decoded(line))
    except InputError as error:
        return BadLine(number, f"not a JSON line: {error}", raw)
    if not isinstance(fields, dict):
        return BadLine(number, "not a JSON object", raw)
    return LabelLine(number, fields, raw)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON; write null where a value is missing")
