"""The objects of a JSON file, an array of them or lines, each with the number of the line where it begins."""

import json
import re
from collections.abc import Iterator

from quotestance.model.errors import InputError
from quotestance.training.label_lines import BadLine, LabelLine, strict_json

_SPACE = re.compile(r"\s*")
_RAW = 2_000  # characters


def array_items(text: str) -> Iterator[LabelLine | BadLine]:
    """The objects of one JSON array, or the file's one object; where the array breaks off, a BadLine is the last."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    line = 1 + text.count("\n", 0, at)
    is_array = text.startswith("[", at)
    at = _skip(text, at + 1) if is_array else at
    counted = 0
    while at < len(text) and not (is_array and text[at] == "]"):
        line += text.count("\n", counted, at)
        counted = at
        try:
            _, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            yield BadLine(error.lineno, f"not valid JSON: {error.msg} (column {error.colno})", text[at : at + _RAW])
            return
        except RecursionError:
            yield BadLine(line, "not usable JSON: nested too deeply", text[at : at + _RAW])
            return
        except ValueError as error:  # an integer of thousands of digits
            yield BadLine(line, f"not usable JSON: {error}", text[at : at + _RAW])
            return
        yield _item(line, text[at:end])
        at = _skip(text, end)
        if not is_array:
            break
        if text.startswith(",", at):
            at = _skip(text, at + 1)
        elif not text.startswith("]", at):
            break
    last = 1 + text.count("\n", 0, len(text.rstrip()))
    if is_array and not text.startswith("]", at):
        yield BadLine(last, "the array is cut short, or a comma is missing between its items")
    elif _skip(text, at + is_array) < len(text):
        yield BadLine(last, "something follows the end of the JSON")


def _item(line: int, raw: str) -> LabelLine | BadLine:
    try:
        value = strict_json(raw)
    except InputError as error:  # what json takes and JSON does not: NaN
        return BadLine(line, f"not valid JSON: {error}", raw[:_RAW])
    return LabelLine(line, value, raw) if isinstance(value, dict) else BadLine(line, "not a JSON object", raw[:_RAW])


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
