"""The articles of an archive as candidates for labelling, scored now or before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from quotestance.model.errors import InputError
from quotestance.model.types import ArticleError
from quotestance.service.archive.records import (
    ArticleRecord,
    BadRecord,
    JsonRecord,
    Origin,
    article_from,
    article_records,
    required_text,
    source_records,
)
from quotestance.service.archive.sources import find_sources
from quotestance.service.loading import ReadsArticles
from quotestance.service.reading_json import reading_json
from quotestance.training.labelling.predicted_line import predicted_line, probabilities_of
from quotestance.training.labelling.worth_labelling import uncertainty

CHUNK = 64  # articles


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article as a label line with the model's statements, and how unsure the model is of it, 0 … 1."""

    line: Mapping[str, Any]
    uncertainty: float


def candidates(
    archive: Sequence[str], load: Callable[[], ReadsArticles], advance: Callable[[int], None]
) -> Iterator[Candidate | BadRecord | None]:
    """Every article of the archive: a candidate, None where it has no strike, or why it cannot be used.

    An article that carries `statements` with probabilities is taken as scored; others are read by the model, which is
    loaded when the first of them comes. Raises InputError when an input cannot be read at all.
    """
    model: ReadsArticles | None = None
    records = iter(_records(archive))
    while chunk := list(islice(records, CHUNK)):
        to_read = [record.article for record in chunk if isinstance(record, ArticleRecord)]
        if to_read and model is None:
            model = load()
        readings = iter(model.read_many(to_read)) if model is not None and to_read else iter(())
        for record in chunk:
            if isinstance(record, BadRecord):
                yield record
            elif isinstance(record, JsonRecord):
                yield _candidate(record.fields, record.origin)
            else:
                reading = next(readings)
                if isinstance(reading, ArticleError):
                    yield BadRecord(record.origin, reading.error)
                else:
                    yield _candidate(reading_json(reading) | {"text": record.article.text}, record.origin)
        advance(len(chunk))


def _candidate(scored: Mapping[str, Any], origin: Origin) -> Candidate | BadRecord | None:
    try:
        if not scored.get("target"):
            return None
        line = predicted_line(scored, required_text(scored, "text"))
        return Candidate(line, uncertainty(probabilities_of(scored)))
    except InputError as error:
        return BadRecord(origin, str(error))
    except (KeyError, TypeError, AttributeError, ValueError):
        return BadRecord(origin, "its `target` or `statements` are not as `quotestance score` writes them")


def _records(archive: Sequence[str]) -> Iterator[ArticleRecord | JsonRecord | BadRecord]:
    for name in archive:
        for source in find_sources([name]):
            if source.kind == "txt":
                yield from article_records([source])
            else:
                yield from map(_sorted_out, source_records(source))


def _sorted_out(record: JsonRecord | BadRecord) -> ArticleRecord | JsonRecord | BadRecord:
    """The record as scored where it carries statements, as an article where it does not."""
    if isinstance(record, BadRecord):
        return record
    fields = record.fields
    try:
        if isinstance(fields.get("statements"), list) and "target" in fields and "strikes" not in fields:
            if fields.get("text") is None:
                raise InputError("scored, but without its `text`: name the archive that was scored")
            return record
        return ArticleRecord(article_from(fields), record.origin)
    except InputError as error:
        return BadRecord(record.origin, str(error))
