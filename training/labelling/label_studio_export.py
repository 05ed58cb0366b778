"""Tasks of Label Studio's JSON export as lines of a label file: which annotation of a task counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from quotestance.model.errors import LabelError
from quotestance.training.labelling.brought_in import BroughtIn
from quotestance.training.labelling.label_studio_annotation import Annotation, read_annotation
from quotestance.training.labelling.label_studio_tasks import LINE
from quotestance.training.labelling.marked import ATTRIBUTES, as_article, carried_line, main_strike, merged, reviewed

_OWN_FIELDS = ("doc_id", "id", "title", "date", "source")  # of a task that was made elsewhere


def is_task(value: Mapping[str, Any]) -> bool:
    """Whether an object looks like a task of a JSON export."""
    return isinstance(value.get("data"), dict) and any(
        isinstance(value.get(key), list) for key in ("annotations", "completions", "predictions")
    )


def line_of_task(value: Mapping[str, Any]) -> BroughtIn:
    """A task as a line; there is none where nobody has annotated it.

    Of several annotations the ground truth counts, else the latest; cancelled ones do not. Raises LabelError when the
    task cannot be used.
    """
    data = value.get("data")
    if not isinstance(data, dict):
        raise LabelError("`data` is missing; is this Label Studio's JSON export, and not JSON-MIN?")
    text = data.get("text")
    if not isinstance(text, str) or not text.strip():
        raise LabelError("`data.text` must be a text that is not empty")
    annotations = value.get("annotations", value.get("completions", []))  # the second until version 1.0
    if not isinstance(annotations, list) or not all(isinstance(a, dict) for a in annotations):
        raise LabelError("`annotations` must be a list of objects")
    usable = [a for a in annotations if not a.get("was_cancelled")]
    if not usable:
        return BroughtIn(None, ("every annotation is cancelled" if annotations else "nobody has annotated it",))
    read = [read_annotation(annotation, text) for annotation in usable]
    chosen = read[max(range(len(usable)), key=lambda i: _rank(usable[i], i))]
    row = _with_target(_line(data, text), chosen.target)
    return BroughtIn(
        row=reviewed(merged(row, chosen.statements, ATTRIBUTES)),
        notes=(*chosen.notes, *_disagreement(read, chosen)),
        refused=chosen.refused,
    )


def _line(data: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The line that the task was made from, or a new one."""
    if line := carried_line(data.get(LINE), text):
        return line
    strikes = data.get("strikes")
    if not (isinstance(strikes, list) and all(isinstance(s, dict) for s in strikes)):
        strikes = []
    row = {key: data[key] for key in _OWN_FIELDS if isinstance(data.get(key), str)}
    return row | {"text": text, "strikes": strikes, "statements": []}


def _with_target(row: Mapping[str, Any], target: str | None) -> dict[str, Any]:
    if target is None:
        return dict(row)
    line = as_article(row)
    main = main_strike(line)
    if main is None:
        return line | {"strikes": [{"id": "S1", "description": target, "main": True}]}
    return line | {"strikes": [{**s, "description": target} if s is main else s for s in line["strikes"]]}


def _rank(annotation: Mapping[str, Any], place: int) -> tuple[bool, str, int]:
    when = annotation.get("updated_at") or annotation.get("created_at") or ""
    return bool(annotation.get("ground_truth")), str(when), place


def _disagreement(read: Sequence[Annotation], chosen: Annotation) -> list[str]:
    """A note where one annotator's quotes or stances are not those of the annotation that is taken."""
    stances = [{s.quote: s.attributes.get("stance") for s in annotation.statements} for annotation in read]
    mine = {s.quote: s.attributes.get("stance") for s in chosen.statements}
    differing = {
        quote for other in stances for quote in mine.keys() | other.keys() if mine.get(quote) != other.get(quote)
    }
    if not differing:
        return []
    quotes = "1 quote" if len(differing) == 1 else f"{len(differing)} quotes"
    return [f"{len(read)} annotations disagree on {quotes}; the ground truth, else the latest, is taken"]
