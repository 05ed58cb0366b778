"""The manifest: what an output is made of and by what, so that a run goes on only with the same."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import zip_longest
from typing import Any, Final

from quotestance.model.errors import InputError
from quotestance.service.archive.pieces import Work
from quotestance.service.archive.sources import Source

_LISTED: Final = 100  # inputs by name; of more, a digest speaks for all
_OURS: Final = frozenset(("quotestance", "model", "shard_size", "inputs", "complete"))  # keys of every manifest
_WORDS: Final = {
    "quotestance": "version of quotestance",
    "model": "model",
    "targets": "--target",
    "language": "--language",
    "format": "format",
    "map": "--map",
    "shard_size": "--shard-size",
    "inputs": "inputs",
}


def manifest_of(work: Work, model: str) -> dict[str, Any]:
    """All that the output depends on; no times, so that the same run gives the same manifest."""
    return {
        "quotestance": package_version(),
        "model": model,
        "targets": list(work.recipe.targets),
        "language": work.recipe.language,
        "format": work.recipe.format,
        "map": dict(sorted(work.fields.items())),
        "shard_size": work.cut.shard,
        "batch": work.cut.piece,
        "inputs": _inputs(work.sources),
    }


def is_ours(manifest: Mapping[str, Any]) -> bool:
    """Whether `score` wrote it, and not another program that has a manifest.json too."""
    return manifest.keys() >= _OURS


def check_same(before: Mapping[str, Any], now: Mapping[str, Any], name: str) -> None:
    """Raises InputError naming the first setting that is not what it was."""
    for key, word in _WORDS.items():
        if before.get(key) != now[key]:
            then, new = _shown(before.get(key)), _shown(now[key])
            if key == "inputs" and isinstance(before.get(key), Mapping):
                then, new = _first_difference(before[key], now[key])
            raise InputError(
                f"{name}: was begun with other settings: {word} {then} then, {new} now; "
                "give the same to go on, or --overwrite to start anew"
            )


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _first_difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str]:
    """The first file that is not what it was, then and now; where it is not among those listed, all files together."""
    for then, new in zip_longest(before.get("first", ()), now["first"]):
        if then != new:
            return _file(then), _file(new)
    return f"{before.get('files')} files of {before.get('bytes')} bytes", f"{now['files']} of {now['bytes']} bytes"


def _file(entry: Mapping[str, Any] | None) -> str:
    return f"{entry.get('path')} of {entry.get('bytes')} bytes" if entry else "no more"


def _inputs(sources: Sequence[Source]) -> dict[str, Any]:
    listed = [{"path": source.name, "bytes": source.size} for source in sources]
    lines = "".join(f"{entry['path']}\0{entry['bytes']}\n" for entry in listed)
    return {
        "files": len(listed),
        "bytes": sum(source.size for source in sources),
        "digest": hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest(),
        "first": listed[:_LISTED],
    }


def package_version() -> str:
    """quotestance's own."""
    try:
        return version("quotestance")
    except PackageNotFoundError:
        return "unknown"
