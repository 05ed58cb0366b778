"""The inputs named on a command line: files, folders, globs and `-`, checked before any work begins."""

import glob
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from quotestance.model.errors import InputError

SourceKind = Literal["jsonl", "jsonl.gz", "json", "txt"]
STDIN = "-"
_SUFFIXES: dict[str, SourceKind] = {".jsonl": "jsonl", ".jsonl.gz": "jsonl.gz", ".json": "json", ".txt": "txt"}


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read; `path` is None for standard input."""

    path: Path | None
    kind: SourceKind

    @property
    def name(self) -> str:
        return str(self.path) if self.path else "<stdin>"


def find_sources(
    arguments: Sequence[str], kinds: Iterable[SourceKind] = ("jsonl", "jsonl.gz", "json", "txt")
) -> list[Source]:
    """The files that the arguments name, in the order given (a folder's and a glob's by name), each once.

    Raises InputError when one is missing, matches nothing, or is of a kind not among `kinds`.
    """
    allowed = frozenset(kinds)
    found = [source for argument in arguments for source in _expand(argument, allowed)]
    return list(dict.fromkeys(found))


def _expand(argument: str, allowed: frozenset[SourceKind]) -> Iterator[Source]:
    if argument == STDIN:
        yield Source(None, "jsonl")
        return
    for path in _paths(argument):
        if path.is_dir():
            yield from _folder(path, allowed)
        else:
            yield Source(path, _kind(path, allowed))


def _paths(argument: str) -> list[Path]:
    if Path(argument).exists():  # a file whose name holds brackets is that file
        return [Path(argument)]
    if not glob.has_magic(argument):
        raise InputError(f"{argument}: no such file or folder")
    matches = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 (Path.glob takes no absolute pattern)
    if not matches:
        raise InputError(f"{argument}: matches no file")
    return [Path(match) for match in matches]


def _folder(folder: Path, allowed: frozenset[SourceKind]) -> Iterator[Source]:
    if "txt" not in allowed:
        raise InputError(f"{folder}: is a folder; name a file ({_listing(allowed)})")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".txt" and path.is_file())
    if not paths:
        raise InputError(f"{folder}: a folder without .txt files")
    yield from (Source(path, "txt") for path in paths)


def _kind(path: Path, allowed: frozenset[SourceKind]) -> SourceKind:
    name = path.name.lower()
    for suffix, kind in _SUFFIXES.items():
        if name.endswith(suffix) and kind in allowed:
            return kind
    raise InputError(f"{path}: cannot read this kind of file; known kinds: {_listing(allowed)}")


def _listing(allowed: frozenset[SourceKind]) -> str:
    return ", ".join(suffix for suffix, kind in _SUFFIXES.items() if kind in allowed)
