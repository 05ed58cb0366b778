"""The `stance` command: rows whose actor, target and quote are known, and the stance of each."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from quotestance.model.errors import InputError
from quotestance.service.archive.records import (
    BadRecord,
    JsonRecord,
    Origin,
    content_id,
    json_records,
    required_text,
    row_id,
)
from quotestance.service.archive.sources import ROWS_OF_JSON, Source, find_sources
from quotestance.service.atomic_output import Rejects, checked_output, output
from quotestance.service.exit_status import DONE, SOME_REFUSED, complain
from quotestance.service.json_text import json_line
from quotestance.service.loading import JudgesRows, load_model
from quotestance.service.progress import progress, rate
from quotestance.service.reading_json import row_json

CHUNK_ROWS = 256


@dataclass(frozen=True, slots=True)
class StanceRow:
    """One row to judge: `fields` has id, text, actor, target and, where given, quote."""

    fields: Mapping[str, str]
    origin: Origin


def stance(inputs: Sequence[str], out: str, model_folder: Path | None, overwrite: bool) -> int:
    """Judge every row of the inputs into OUT; the exit status.

    Raises InputError or ModelError when nothing can be done; then no file is left.
    """
    sources = find_sources(inputs, kinds=ROWS_OF_JSON)
    path = checked_output(out, sources, overwrite)
    model = load_model(model_folder)
    started = time.monotonic()
    judged = 0
    with Rejects(path) as rejects, output(path) as stream, progress("rows") as advance:
        rows = stance_rows(sources)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            judged += judge_chunk(model, chunk, stream, rejects)
            advance(len(chunk))
        if not judged and not rejects.count:
            raise InputError(f"no row in {', '.join(source.name for source in sources)}")
    refused = f", {rejects.count:,} refused ({rejects.place})" if rejects.count else ""
    complain(f"{judged:,} rows, {rate(judged, time.monotonic() - started)} rows/s{refused}")
    return SOME_REFUSED if rejects.count else DONE


def stance_rows(sources: Iterable[Source]) -> Iterator[StanceRow | BadRecord]:
    """Every row of every source, in order, read as it is asked for."""
    for source in sources:
        for record in json_records(source):
            yield record if isinstance(record, BadRecord) else _checked(record)


def judge_chunk(model: JudgesRows, chunk: Sequence[StanceRow | BadRecord], stream: IO[bytes], rejects: Rejects) -> int:
    """Write the chunk's stances in order; how many were written."""
    good = [row for row in chunk if isinstance(row, StanceRow)]
    written = 0
    for row, judged in rejects.accepted(chunk, model.stance([row.fields for row in good])):
        stream.write(json_line(row_json(row.fields, judged, model.version)))
        written += 1
    return written


def _checked(record: JsonRecord) -> StanceRow | BadRecord:
    try:
        fields = {key: required_text(record.fields, key) for key in ("text", "actor", "target")}
        if record.fields.get("quote") is not None:
            fields["quote"] = required_text(record.fields, "quote")
            if fields["quote"] not in fields["text"]:
                raise InputError("`quote` is not found in `text`")
        fields["id"] = row_id(record.fields) or content_id(*fields.values())
    except InputError as error:
        return BadRecord(record.origin, str(error))
    return StanceRow(fields, record.origin)
