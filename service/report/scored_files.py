"""Where the tables of a scored archive are: a folder of shards, one Parquet file with its articles, or JSON lines."""

import glob
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quotestance.model.errors import InputError
from quotestance.service.archive.encoding import shard_names
from quotestance.service.archive.parquet_schema import ARTICLES, STATEMENTS
from quotestance.service.archive.pieces import FORMATS
from quotestance.service.archive.sources import find_sources
from quotestance.service.json_text import parse_json
from quotestance.service.report.scored_lines import write_tables

_LINES = (".jsonl", ".jsonl.gz", ".jsonl.zst")


@dataclass(frozen=True, slots=True)
class ScoredFiles:
    """`rejected` holds what scoring refused, a JSON object a line; `bad_lines` were no scored articles.

    `finished` is false where the manifest says that scoring has not come to its end.
    """

    statements: tuple[Path, ...]
    articles: tuple[Path, ...]
    rejected: Path | None
    bad_lines: int = 0
    finished: bool = True


def scored_files(scored: Path, folder: Path) -> ScoredFiles:
    """The tables of `scored`; JSON lines are made into tables in `folder` first.

    Raises InputError saying what is missing.
    """
    name = scored.name.lower()
    if scored.is_dir():
        files = _shards(scored, folder)
    elif not scored.exists():
        raise InputError(f"{scored}: no such file or folder")
    elif name.endswith(".parquet"):
        files = _pair(scored)
    elif name.endswith(_LINES):
        stem = scored.name[: name.rindex(".jsonl")]
        files = _from_lines([scored], scored.with_name(stem + ".rejected.jsonl"), folder)
    else:
        raise InputError(f"{scored}: not what `quotestance score` writes: a folder, .parquet, {', '.join(_LINES)}")
    for path in files.statements:
        _check_columns(path, STATEMENTS)
    for path in files.articles:
        _check_columns(path, ARTICLES)
    return files


def _shards(scored: Path, folder: Path) -> ScoredFiles:
    statements = tuple(sorted(scored.glob("statements-*.parquet")))
    articles = tuple(sorted(scored.glob("articles-*.parquet")))
    parts = sorted(path for path in scored.glob("part-*") if path.name.endswith(_LINES))
    quarantine, manifest = scored / "quarantine.jsonl", _manifest(scored / "manifest.json")
    finished = manifest.get("complete") is not False
    if finished:
        _check_whole(scored, manifest, (*statements, *articles, *parts))
    if parts and not statements and not articles:
        return replace(_from_lines(parts, quarantine, folder), finished=finished)
    if not statements or not articles:
        missing = "statements" if not statements else "articles"
        raise InputError(f"{scored}: no {missing}-*.parquet in it; is it a folder that `quotestance score` wrote?")
    return ScoredFiles(statements, articles, _existing(quarantine), finished=finished)


def _manifest(path: Path) -> Mapping[str, Any]:
    """The manifest; empty where there is none."""
    if not path.is_file():
        return {}
    try:
        fields = parse_json(path.read_text(encoding="utf-8", errors="replace"))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return fields if isinstance(fields, dict) else {}


def _check_whole(scored: Path, manifest: Mapping[str, Any], found: Iterable[Path]) -> None:
    """Raises InputError where a shard that the manifest counts is not there, as after a copy that broke off."""
    shards, format = manifest.get("shards"), manifest.get("format")
    if not isinstance(shards, int) or format not in FORMATS:
        return
    here = {_stem(path.name) for path in found}  # parts may have been compressed since
    names = (name for shard in range(shards) for name in shard_names(format, shard))
    missing = next((name for name in names if _stem(name) not in here), None)
    if missing is not None:
        again = "copy the folder again, or make it whole with the same `quotestance score` command"
        raise InputError(f"{scored / missing}: is missing, of the manifest's {shards:,} shards: {again}")


def _stem(name: str) -> str:
    return name.partition(".")[0]


def _pair(path: Path) -> ScoredFiles:
    articles = path.with_name(path.stem + ".articles.parquet")
    if not articles.exists():
        raise InputError(f"{articles}: no such file; `quotestance score` writes it beside {path.name}")
    return ScoredFiles((path,), (articles,), _existing(path.with_name(path.stem + ".rejected.jsonl")))


def _from_lines(paths: Sequence[Path], rejected: Path, folder: Path) -> ScoredFiles:
    statements, articles = folder / "statements-0.parquet", folder / "articles-0.parquet"
    bad = write_tables(find_sources([str(path) for path in paths]), statements, articles)
    return ScoredFiles((statements,), (articles,), _existing(rejected), bad)


def duckdb_paths(paths: Iterable[Path]) -> list[str]:
    """The paths as DuckDB takes them by name, whatever brackets and stars are in them."""
    return [glob.escape(str(path)) for path in paths]


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def _check_columns(path: Path, schema: pa.Schema) -> None:
    try:
        found = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a Parquet file, or damaged: {str(error).splitlines()[0]}") from None
    missing = [name for name in schema.names if name not in found.names]
    if missing:
        raise InputError(f"{path}: no column {', '.join(missing)}; is it a file that `quotestance score` wrote?")
