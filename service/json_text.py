"""JSON in and out: parsing with reasons a person can act on, and lines that are always valid UTF-8."""

import json
from typing import Any

from quotestance.model.errors import InputError


def parse_json(text: str) -> Any:
    """The value. Raises InputError saying what is wrong and where in `text`."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if "\n" in text else f"column {error.colno}"
        raise InputError(f"not valid JSON: {error.msg} ({where})") from None
    except RecursionError:
        raise InputError("not usable JSON: nested too deeply") from None
    except ValueError as error:  # an integer of thousands of digits
        raise InputError(f"not usable JSON: {error}") from None


def json_line(value: Any) -> bytes:
    """One line with its line end; ASCII with escapes where the text holds lone surrogates, which UTF-8 cannot."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8") + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n"
