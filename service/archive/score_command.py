"""The `score` command: articles through the model a chunk at a time, into one file of scored articles."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from quotestance.model.errors import InputError
from quotestance.service.archive.records import ArticleRecord, BadRecord, article_records
from quotestance.service.archive.sources import find_sources
from quotestance.service.atomic_output import Rejects, checked_output, output
from quotestance.service.exit_status import DONE, SOME_REFUSED, complain
from quotestance.service.json_text import json_line
from quotestance.service.loading import ReadsArticles, load_model
from quotestance.service.progress import progress, rate
from quotestance.service.reading_json import reading_json

CHUNK_ARTICLES = 64
CHUNK_CHARACTERS = 4_000_000  # so that a chunk of book-length articles still fits in memory


@dataclass(slots=True)
class Totals:
    """What a run has done so far."""

    articles: int = 0
    statements: int = 0


def score(inputs: Sequence[str], out: str, targets: Sequence[str], model_folder: Path | None, overwrite: bool) -> int:
    """Score every article of the inputs into OUT; the exit status.

    Raises InputError or ModelError when nothing can be done; then no file is left.
    """
    sources = find_sources(inputs)
    path = checked_output(out, sources, overwrite)
    model = load_model(model_folder)
    started = time.monotonic()
    totals = Totals()
    with Rejects(path) as rejects, output(path) as stream, progress("articles") as advance:
        for chunk in chunks(article_records(sources)):
            score_chunk(model, chunk, targets, stream, rejects, totals)
            advance(len(chunk))
        if not totals.articles and not rejects.count:
            raise InputError(f"no article in {', '.join(source.name for source in sources)}")
    speed = rate(totals.articles, time.monotonic() - started)
    refused = f", {rejects.count:,} refused ({rejects.place})" if rejects.count else ""
    complain(f"{totals.articles:,} articles, {totals.statements:,} statements, {speed} articles/s{refused}")
    return SOME_REFUSED if rejects.count else DONE


def chunks(records: Iterable[ArticleRecord | BadRecord]) -> Iterator[list[ArticleRecord | BadRecord]]:
    """The records in lists that are limited in articles and in characters (one article may exceed the latter)."""
    chunk: list[ArticleRecord | BadRecord] = []
    characters = 0
    for record in records:
        chunk.append(record)
        characters += len(record.raw or "") if isinstance(record, BadRecord) else len(record.article.text)
        if len(chunk) == CHUNK_ARTICLES or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def score_chunk(
    model: ReadsArticles,
    chunk: Sequence[ArticleRecord | BadRecord],
    targets: Sequence[str],
    stream: IO[bytes],
    rejects: Rejects,
    totals: Totals,
) -> None:
    """Write the chunk's readings in order, and hand what was refused, on reading or by the model, to `rejects`."""
    good = [record for record in chunk if isinstance(record, ArticleRecord)]
    results = model.read_many([record.article for record in good], list(targets) or None)
    for _, reading in rejects.accepted(chunk, results):
        stream.write(json_line(reading_json(reading)))
        totals.articles += 1
        totals.statements += len(reading.statements)
