"""`quotestance labels export`: label files as tasks for Label Studio, documents for doccano, or CSV."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Literal

from quotestance.model.errors import InputError, LabelError
from quotestance.service.atomic_output import STDOUT, Rejects, checked_place, output
from quotestance.service.exit_status import DONE, SOME_REFUSED, complain
from quotestance.service.json_text import json_line
from quotestance.training.label_lines import BadLine, label_lines
from quotestance.training.labelling.csv_rows import write_csv
from quotestance.training.labelling.doccano_documents import document
from quotestance.training.labelling.label_studio_config import labelling_config
from quotestance.training.labelling.label_studio_tasks import task
from quotestance.training.labelling.offsets import Unit
from quotestance.training.labelling.outputs import Refusals
from quotestance.training.labelling.usable import usable
from quotestance.training.labels import article_of

Target = Literal["label-studio", "doccano", "csv"]


def run(
    labels: Sequence[Path],
    out: str,
    form: Target,
    config_out: str | None = None,
    offsets: Unit = "utf-16",
    overwrite: bool = False,
) -> int:
    """Write the label files to OUT in the tool's format; the exit status (1 when a part was refused).

    `offsets` is what the doccano project counts. Raises InputError when nothing can be written.
    """
    place = checked_place(out, labels, overwrite)
    config_place = checked_config_place(form, out, config_out, overwrite)
    rows: list[dict[str, Any]] = []
    statements = 0
    with Rejects(place) as rejects, output(place) as stream:
        refusals = Refusals(rejects)
        for path in labels:
            for line in label_lines(path):
                if isinstance(line, BadLine):
                    refusals.add(path, line.number, line.reason, line.raw)
                    continue
                try:
                    row, problems = usable(line.fields)
                except LabelError as error:
                    refusals.add(path, line.number, str(error), line.raw)
                    continue
                for reason in problems:
                    refusals.add(path, line.number, reason, line.raw)
                rows.append(row)
                statements += len(row.get("statements", (None,)))
        if not rows:
            raise LabelError(f"{', '.join(map(str, labels))}: no usable label: {refusals.first or 'no line'}")
        _write(stream, rows, form, offsets)
    write_config(config_out, config_place)
    complain(f"{len(rows):,} articles or rows, {statements:,} statements{refusals.summary}")
    return SOME_REFUSED if rejects.count else DONE


def write_tasks(stream: IO[bytes], tasks: Iterable[Mapping[str, Any]]) -> None:
    """Tasks as Label Studio uploads them: one JSON array, a task a line."""
    start = b"[\n"
    for item in tasks:
        stream.write(start + json_line(item).rstrip(b"\n"))
        start = b",\n"
    stream.write(b"\n]\n" if start == b",\n" else b"[]\n")


def checked_config_place(form: str, out: str, config_out: str | None, overwrite: bool) -> Path | None:
    """Where the labelling interface goes, None for nowhere or standard output. Raises InputError."""
    if config_out is None:
        return None
    if form != "label-studio":
        raise InputError("--config-out goes with --format label-studio: the other tools have no such file")
    if config_out == out:
        raise InputError("--config-out and -o name the same place")
    return checked_place(config_out, [Path(out)], overwrite)


def write_config(config_out: str | None, place: Path | None) -> None:
    """The labelling interface, where it is asked for."""
    if config_out is not None and (place is not None or config_out == STDOUT):
        with output(place) as stream:
            stream.write(labelling_config().encode("utf-8"))


def _write(stream: IO[bytes], rows: Sequence[Mapping[str, Any]], form: Target, unit: Unit) -> None:
    if form == "label-studio":
        write_tasks(stream, map(task, rows))
    elif form == "doccano":
        for row in rows:
            stream.write(json_line(document(row, unit)))
    else:
        articles = [article_of(row)[0] for row in rows]
        text = write_csv([statement for article in articles for statement in article.statements])
        stream.write(text.encode("utf-8", "backslashreplace"))
