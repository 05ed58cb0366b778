"""The inputs named on a command line: files, folders, globs and `-`, checked before any work begins."""

import glob
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from quotestance.model.errors import InputError

SourceKind = Literal["jsonl", "json", "csv", "tsv", "parquet", "arrow", "txt"]
Compression = Literal["gz", "zst"]
STDIN = "-"
ROWS_OF_JSON: Final[tuple[SourceKind, ...]] = ("jsonl", "json")
EVERY_KIND: Final[tuple[SourceKind, ...]] = ("jsonl", "json", "csv", "tsv", "parquet", "arrow", "txt")

_SUFFIXES: Final[dict[str, SourceKind]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".txt": "txt",
}
_COMPRESSIONS: Final[dict[str, Compression]] = {".gz": "gz", ".zst": "zst"}
_WHOLE: Final = ("parquet", "arrow")  # compressed inside
_SPLITS = "dataset_dict.json"
_STATE = "state.json"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read; `path` is None for standard input. `folder` is the argument that it was found under."""

    path: Path | None
    kind: SourceKind
    folder: Path | None = None

    @property
    def name(self) -> str:
        return str(self.path) if self.path else "<stdin>"

    @property
    def compression(self) -> Compression | None:
        return _COMPRESSIONS.get(self.path.suffix.lower()) if self.path else None

    @property
    def size(self) -> int:
        """Bytes on disk; 0 for standard input, and for a file that cannot be looked at."""
        try:
            return self.path.stat().st_size if self.path else 0
        except OSError:
            return 0


def find_sources(arguments: Sequence[str], kinds: Iterable[SourceKind] = EVERY_KIND) -> list[Source]:
    """The files that the arguments name, in the order given (a folder's and a glob's by name), each once.

    Raises InputError when one is missing, matches nothing, or is of a kind not among `kinds`.
    """
    allowed = frozenset(kinds)
    found: dict[Path | None, Source] = {}
    for argument in arguments:
        for source in _expand(argument, allowed):
            found.setdefault(source.path and source.path.resolve(), source)
    return list(found.values())


def source_of(path: Path, allowed: frozenset[SourceKind], folder: Path | None = None) -> Source | None:
    """The file as a source by its name's ending, None where that says nothing known."""
    name = path.name.lower()
    plain = name.removesuffix(path.suffix.lower()) if path.suffix.lower() in _COMPRESSIONS else name
    kind = _SUFFIXES.get(Path(plain).suffix)
    if kind is None or kind not in allowed or (kind in _WHOLE and plain != name):
        return None
    return Source(path, kind, folder)


def _expand(argument: str, allowed: frozenset[SourceKind]) -> Iterator[Source]:
    if argument == STDIN:
        yield Source(None, "jsonl")
        return
    for path in _paths(argument):
        if path.is_dir():
            yield from _folder(path, allowed)
            continue
        source = source_of(path, allowed)
        if source is None:
            raise InputError(f"{path}: cannot read this kind of file; known kinds: {_listing(allowed)}")
        yield source


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
    sources = list(_inside(folder, folder, allowed))
    if not sources:
        raise InputError(f"{folder}: a folder without files to read ({_listing(allowed)})")
    yield from sources


def _inside(
    folder: Path, top: Path, allowed: frozenset[SourceKind], above: frozenset[Path] = frozenset()
) -> Iterator[Source]:
    """`above` are the folders that this one is in, so that a link back to one of them is not followed."""
    here = folder.resolve()
    if here in above:
        return
    above |= {here}
    if (folder / _SPLITS).is_file():
        for split in _saved(folder / _SPLITS, "splits"):
            yield from _inside(folder / str(split), top, allowed, above)
        return
    if (folder / _STATE).is_file() and (folder / "dataset_info.json").is_file():
        for entry in _saved(folder / _STATE, "_data_files"):
            yield Source(folder / str(entry["filename"]), "arrow", top)
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")):  # hidden; and working folders, by the habit of Spark and Hadoop
            continue
        if path.is_dir():
            if path.suffix != ".partial":
                yield from _inside(path, top, allowed, above)
        elif source := source_of(path, allowed, top):
            yield source


def _saved(path: Path, key: str) -> list[dict[str, str]]:
    """A list in one of the JSON files that `datasets` writes beside its Arrow files."""
    try:
        return list(json.loads(path.read_text(encoding="utf-8"))[key])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a dataset as `datasets` saves it ({type(error).__name__}: {error})") from None


def _listing(allowed: frozenset[SourceKind]) -> str:
    plain = [suffix for suffix, kind in _SUFFIXES.items() if kind in allowed]
    return f"{', '.join(plain)}, most also with .gz or .zst"
