"""`quotestance labels import`: labels of other tools, and our own of either format, as one label file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from quotestance.model.errors import LabelError
from quotestance.service.atomic_output import Rejects, checked_place, output
from quotestance.service.exit_status import DONE, SOME_REFUSED, complain
from quotestance.service.json_text import json_line
from quotestance.training.label_lines import BadLine, LabelLine
from quotestance.training.labelling.brought_in import BroughtIn
from quotestance.training.labelling.csv_rows import mapping
from quotestance.training.labelling.doccano_documents import OFFSETS
from quotestance.training.labelling.doccano_export import entities_of, line_of_document
from quotestance.training.labelling.foreign_files import Format, format_of, items_of
from quotestance.training.labelling.label_studio_export import line_of_task
from quotestance.training.labelling.offsets import Unit, likely_unit, units_differ
from quotestance.training.labelling.outputs import Refusals
from quotestance.training.labelling.usable import usable


def run(
    file: Path,
    out: str,
    form: Format | Literal["auto"] = "auto",
    columns: Sequence[str] = (),
    offsets: Unit | Literal["auto"] = "auto",
    overwrite: bool = False,
) -> int:
    """Bring `file` in as the label file OUT; the exit status (1 when a part was refused).

    Raises InputError when nothing can be brought in; then no file is left.
    """
    wanted = None if form == "auto" else form
    items = items_of(file, wanted, mapping(columns))
    found = wanted or format_of(file, items)
    place = checked_place(out, [file], overwrite)
    convert = _converter(found, items, None if offsets == "auto" else offsets)
    written = statements = 0
    left_out: dict[str, int] = {}
    with Rejects(place) as rejects, output(place) as stream:
        refusals = Refusals(rejects)
        for item in items:
            if isinstance(item, BadLine):
                refusals.add(file, item.number, item.reason, item.raw)
                continue
            brought = _brought_in(convert, item)
            if brought.row is None and not brought.refused:
                left_out[brought.notes[0]] = left_out.get(brought.notes[0], 0) + 1
                continue
            for note in brought.notes:
                complain(f"{file}:{item.number}: {note}")
            for reason in brought.refused:
                refusals.add(file, item.number, reason, item.raw)
            if brought.row is not None:
                stream.write(json_line(brought.row))
                written += 1
                statements += len(brought.row.get("statements", (None,)))
        for reason, count in left_out.items():
            complain(f"{file}: {count:,} left out: {reason}")
        if not written:
            why = refusals.first or ("nothing in it is annotated" if left_out else "it is empty")
            raise LabelError(f"{file}: no usable label in this file: {why}")
    complain(f"{found}: {written:,} articles or rows, {statements:,} statements{refusals.summary}")
    return SOME_REFUSED if rejects.count else DONE


def _brought_in(convert: Callable[[Mapping[str, Any]], BroughtIn], item: LabelLine) -> BroughtIn:
    """The item as a line that training takes; without a line, and with a reason, where nothing of it can be used."""
    try:
        brought = convert(item.fields)
    except LabelError as error:
        return BroughtIn(None, refused=(str(error),))
    if brought.row is None:
        return brought
    try:
        row, problems = usable(brought.row)
    except LabelError as error:
        return replace(brought, row=None, refused=(*brought.refused, str(error)))
    return replace(brought, row=row, refused=(*brought.refused, *problems))


def _converter(
    form: Format, items: Sequence[LabelLine | BadLine], unit: Unit | None
) -> Callable[[Mapping[str, Any]], BroughtIn]:
    if form == "label-studio":
        return line_of_task
    if form == "doccano":
        counted = unit or _unit_of(items)
        return lambda value: line_of_document(value, counted)
    return BroughtIn


def _unit_of(items: Sequence[LabelLine | BadLine]) -> Unit:
    """What the offsets of a doccano export count, where the documents do not say."""
    spans: list[tuple[str, list[tuple[int, int]]]] = []
    for item in items:
        if isinstance(item, BadLine) or OFFSETS in item.fields:
            continue
        text = item.fields.get("text", item.fields.get("data"))
        if not isinstance(text, str) or not units_differ(text):
            continue
        try:
            spans.append((text, [(e.start, e.end) for e in entities_of(item.fields)]))
        except LabelError:
            continue  # refused with its line when it is brought in
    unit = likely_unit(spans)
    if unit != "utf-16":
        complain(
            f"offsets are taken to count {unit.replace('-', ' ')}, which fits words best; --offsets says otherwise"
        )
    return unit
