"""Scored articles as JSON lines, made into the two tables of a scored archive."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quotestance.model.errors import InputError
from quotestance.model.types import STANCES
from quotestance.service.archive.parquet_schema import ARTICLES, STATEMENTS
from quotestance.service.archive.sources import Source
from quotestance.service.exit_status import complain
from quotestance.service.json_text import parse_json
from quotestance.service.lines import MAX_BYTES, decoded, numbered_lines

_CHUNK = 500  # articles
_STATEMENT = ("quote", "start", "end", "speaker", "speaker_start", "speaker_end", "cue", "cue_start", "cue_end")
_WHO = ("kind", "actor", "actor_type", "resolved")
_ARTICLE = ("id", "title", "date", "source", "url", "target", "language", "truncated", "model")

_Line = tuple[str, bytes]  # where it stands, for people; what it holds


def write_tables(sources: Sequence[Source], statements: Path, articles: Path) -> int:
    """Write the tables; how many lines were no scored article and are left out, of which the first is named on stderr.

    An article's `actors` stay empty: the report takes them from the statements. Raises InputError where a file is
    damaged, or no line is a scored article.
    """
    good = bad = 0
    first_fault = ""
    lines = _lines(sources)
    with pq.ParquetWriter(statements, STATEMENTS) as said, pq.ParquetWriter(articles, ARTICLES) as read:
        while chunk := list(islice(lines, _CHUNK)):
            for tables in _tables(chunk):
                if isinstance(tables, str):
                    first_fault, bad = first_fault or tables, bad + 1
                    continue
                good += len(tables[0])
                read.write_table(tables[0])
                said.write_table(tables[1])
    if bad and not good:
        raise InputError(f"{first_fault}; none is a scored article, as `quotestance score` writes them")
    if bad:
        others = f", and {bad - 1:,} more" if bad > 1 else ""
        complain(f"left out: {first_fault}{others}")
    return bad


def _lines(sources: Sequence[Source]) -> Iterator[_Line]:
    for source in sources:
        try:
            for number, line in numbered_lines(source):
                yield f"{source.name}, line {number}", line
        except InputError as error:
            raise InputError(f"{source.name}: {error}") from None


def _tables(chunk: Sequence[_Line]) -> Iterator[tuple[pa.Table, pa.Table] | str]:
    """The chunk as one pair of tables; of lines that do not fit them their faults, one by one, come before."""
    try:
        yield _converted([_fields(line) for _, line in chunk])
    except InputError:
        good = []
        for place, line in chunk:
            try:
                fields = _fields(line)
                _converted([fields])
            except InputError as error:
                yield f"{place}: {error}"
            else:
                good.append(fields)
        if good:
            yield _converted(good)


def _fields(line: bytes) -> Mapping[str, Any]:
    if len(line) > MAX_BYTES:
        raise InputError(f"a line over {MAX_BYTES // 2**20} MB")
    fields = parse_json(decoded(line))
    if not (
        isinstance(fields, dict) and isinstance(fields.get("id"), str) and isinstance(fields.get("statements"), list)
    ):
        raise InputError("not a scored article, which has `id` and `statements`")
    return fields


def _converted(articles: Sequence[Mapping[str, Any]]) -> tuple[pa.Table, pa.Table]:
    """The rows of the articles and those of their statements. Raises InputError where one is of another type."""
    try:
        heads = pa.Table.from_pylist([_article_row(fields) for fields in articles], ARTICLES)
        rows = [row for fields in articles for row in _statement_rows(fields["id"], fields["statements"])]
        return heads, pa.Table.from_pylist(rows, STATEMENTS)
    except UnicodeEncodeError:
        return _converted([_encodable(fields) for fields in articles])
    except (AttributeError, TypeError, OverflowError, pa.ArrowException) as error:
        raise InputError(f"not a scored article: {str(error).splitlines()[0]}") from None


def _article_row(fields: Mapping[str, Any]) -> dict[str, Any]:
    row = {key: fields.get(key) for key in _ARTICLE}
    row["targets"] = fields.get("targets") or ([row["target"]] if row["target"] else [])
    return row | {"statement_count": len(fields["statements"]), "scored": fields.get("scored", True)}


def _statement_rows(article_id: str, statements: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for index, statement in enumerate(statements):
        row = {key: statement.get(key) for key in (*_STATEMENT, *_WHO)} | _stance_fields(statement)
        stances = [{"target": s.get("target"), **_stance_fields(s)} for s in statement.get("stances", ())]
        yield {"article_id": article_id, "index": index, **row, "stances": stances or None}


def _stance_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    probabilities = fields.get("probabilities") or {}
    stance = {f"p_{label}": probabilities.get(label) for label in STANCES}
    return stance | {key: fields.get(key) for key in ("stance", "score", "confidence", "abstained")}


def _encodable(fields: Mapping[str, Any]) -> dict[str, Any]:
    # half a character, which Parquet cannot hold, becomes a question mark: offsets stay right
    encoded = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
    return dict(json.loads(encoded))
