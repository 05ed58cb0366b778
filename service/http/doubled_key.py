"""A field that a JSON object holds twice: parsers keep the last and say nothing."""

import json
from typing import Any


class _Doubled(dict[str, Any]):
    key: str


def doubled_key(body: bytes) -> list[str | int] | None:
    """The path to the first such field, None where there is none. `body` is valid JSON, not deeply nested."""
    found: list[_Doubled] = []

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) == len(pairs):
            return values
        seen: set[str] = set()
        doubled = _Doubled(values)
        doubled.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        found.append(doubled)
        return doubled

    value = json.loads(body, object_pairs_hook=made)
    # where the object itself was lost under a doubled name, that name is what is found
    return _path(value) if found else None


def _path(value: Any) -> list[str | int] | None:
    if isinstance(value, _Doubled):
        return [value.key]
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, entry in entries:
        if (path := _path(entry)) is not None:
            return [name, *path]
    return None
