"""Scored articles as bytes: lines of JSON, or the two Parquet tables. The same articles give the same bytes, always.

A piece's payloads are lines, or Arrow streams of the tables; a shard's files are made of its pieces' payloads, and a
single output of the shards' files.
"""

import gzip
import io
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import zstandard

from quotestance.service.archive.pieces import Format
from quotestance.service.archive.scored_article import ScoredArticle, article_row, statement_rows
from quotestance.service.json_text import json_line


def table_names(format: Format) -> tuple[str, ...]:
    """What a shard's files are called before their number, one for each payload."""
    return ("statements", "articles") if format == "parquet" else ("part",)


def shard_names(format: Format, shard: int) -> list[str]:
    """The files of a shard, e.g. `statements-00000.parquet`."""
    return [f"{table}-{shard:05d}.{format}" for table in table_names(format)]


def encode_piece(articles: Sequence[ScoredArticle], format: Format) -> tuple[bytes, ...]:
    """The scored articles as the payloads of a piece."""
    if format != "parquet":
        return (b"".join(json_line(article.json()) for article in articles),)
    from quotestance.service.archive.parquet_schema import ARTICLES, STATEMENTS

    statements = [row for article in articles for row in statement_rows(article)]
    return _arrow(statements, STATEMENTS), _arrow([article_row(article) for article in articles], ARTICLES)


def encode_shard(payloads: Sequence[Sequence[bytes]], format: Format) -> list[bytes]:
    """The contents of a shard's files, from its pieces' payloads in order."""
    return [_shard_file(column, format) for column in zip(*payloads, strict=True)]


def join_payloads(payloads: Sequence[Sequence[bytes]], format: Format) -> tuple[bytes, ...]:
    """The payloads of several pieces as those of one."""
    if format != "parquet":
        return tuple(b"".join(column) for column in zip(*payloads, strict=True))
    return tuple(_as_stream(_tables(column)) for column in zip(*payloads, strict=True))


def merge_shards(files: Iterable[Path], stream: IO[bytes], format: Format) -> None:
    """One output from the shards' files: JSON lines end to end, each shard a frame where compressed; Parquet anew."""
    if format != "parquet":
        for file in files:
            with file.open("rb") as part:
                shutil.copyfileobj(part, stream, 1024 * 1024)
        return
    import pyarrow.parquet as pq

    writer: Any = None
    for file in files:
        table = pq.read_table(file, partitioning=None)
        writer = writer or pq.ParquetWriter(stream, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _shard_file(payloads: Sequence[bytes], format: Format) -> bytes:
    if format == "parquet":
        import pyarrow.parquet as pq

        buffer = io.BytesIO()
        pq.write_table(_tables(payloads), buffer, compression="zstd")
        return buffer.getvalue()
    lines = b"".join(payloads)
    if format == "jsonl.gz":
        return gzip.compress(lines, compresslevel=6, mtime=0)
    if format == "jsonl.zst":
        return zstandard.ZstdCompressor(level=3).compress(lines)
    return lines


def _tables(payloads: Sequence[bytes]) -> Any:
    import pyarrow as pa

    return pa.concat_tables([pa.ipc.open_stream(payload).read_all() for payload in payloads]).combine_chunks()


def _arrow(rows: list[dict[str, Any]], schema: Any) -> bytes:
    import pyarrow as pa

    try:
        table = pa.Table.from_pylist(rows, schema=schema)
    except UnicodeEncodeError:  # lone surrogates, which UTF-8 cannot hold: one character for one, so that offsets hold
        table = pa.Table.from_pylist(_without_surrogates(rows), schema=schema)
    return _as_stream(table)


def _as_stream(table: Any) -> bytes:
    import pyarrow as pa

    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_surrogates(item) for key, item in value.items()}
    return value
