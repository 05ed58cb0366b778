"""The settings file: TOML, one key for each setting; what it does not know, it refuses."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from quotestance.model.errors import InputError

_PATHS_OR_NAMES = ("feedback",)
_NO_RELATIVE = re.compile(r"off$|~|[A-Za-z][A-Za-z0-9+.-]*://", re.IGNORECASE)
_KINDS = {str: "a text", int: "a whole number", float: "a number", Path: "a path"}


def read_settings_file(file: Path, kinds: Mapping[str, Any]) -> dict[str, Any]:
    """The file's settings; `kinds` has the type of each that there is. A relative path is relative to the file.

    Raises InputError naming the file, and the key that is unknown or of the wrong type.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InputError(f"{file}: not a text file") from None
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: not TOML: {error}") from None
    return {key: _typed(file, key, value, kinds) for key, value in content.items()}


def _typed(file: Path, key: str, value: object, kinds: Mapping[str, Any]) -> Any:
    if key not in kinds:
        near = difflib.get_close_matches(key, kinds, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise InputError(f"{file}: unknown setting `{key}`{hint}")
    wanted = next(kind for kind in (*get_args(kinds[key]), kinds[key]) if kind in _KINDS)
    if wanted is Path and isinstance(value, str):
        return file.parent / value
    # true is an int to Python, and to nobody else
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise InputError(f"{file}: `{key}` must be {_KINDS[wanted]}, not {value!r}")
    if key in _PATHS_OR_NAMES and isinstance(value, str) and value and not _NO_RELATIVE.match(value):
        return str(file.parent / value)
    return value
