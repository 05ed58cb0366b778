"""Lines of label files as Label Studio tasks, for annotation or with a model's statements as predictions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quotestance.model.types import Span
from quotestance.training.labelling.label_studio_config import CHOICES, CUE, QUOTE, SPANS, SPEAKER, TEXT
from quotestance.training.labelling.marked import ATTRIBUTES, MarkedStatement, as_article, marked_statement

LINE = "line"  # where a task's data keeps the line of the label file, but for its text


def task(row: Mapping[str, Any], model: str | None = None) -> dict[str, Any]:
    """The task of one line that `article_of` accepts in full.

    The statements become an annotation, or where `model` (a version) is given its prediction. Offsets are in code
    points, as Label Studio counts.
    """
    line = as_article(row)
    text = line["text"]
    marked = [marked_statement(item, text, i, ATTRIBUTES) for i, item in enumerate(line["statements"])]
    result = list(_result(text, marked))
    data = {
        "text": text,
        "title": str(line.get("title") or ""),
        "strikes": "; ".join(_strike(strike) for strike in line["strikes"]),
        LINE: {**row, "text": None},
    }
    if model is None:
        return {"data": data, "annotations": [{"result": result}]}
    return {"data": data, "predictions": [{"model_version": model, "result": result}]}


def _strike(strike: Mapping[str, Any]) -> str:
    return f"{strike.get('id')}{' (main)' if strike.get('main') else ''}: {strike.get('description')}"


def _result(text: str, marked: Sequence[MarkedStatement]) -> Iterator[dict[str, Any]]:
    """Regions, what is said of them, and relations; statements with one speaker or cue share its region."""
    seen: set[str] = set()
    for number, statement in enumerate(marked):
        quote = f"{QUOTE}-{number}"
        yield _region(quote, QUOTE, statement.quote, text)
        for name, value in statement.attributes.items():
            yield _attribute(quote, statement.quote, text, name, value)
        for label, span in ((SPEAKER, statement.speaker), (CUE, statement.cue)):
            if span is None:
                continue
            part = f"{label}-{span.start}-{span.end}"
            if part not in seen:
                seen.add(part)
                yield _region(part, label, span, text)
            relation = {"type": "relation", "from_id": quote, "to_id": part, "direction": "right"}
            yield relation | {"labels": [label]}


def _region(name: str, label: str, span: Span, text: str) -> dict[str, Any]:
    head = {"id": name, "from_name": SPANS, "to_name": TEXT, "type": "labels"}
    return head | {"value": {"start": span.start, "end": span.end, "text": span.of(text), "labels": [label]}}


def _attribute(region: str, span: Span, text: str, name: str, value: str) -> dict[str, Any]:
    place: dict[str, Any] = {"start": span.start, "end": span.end}
    head = {"id": region, "from_name": name, "to_name": TEXT}
    if name in CHOICES:
        return head | {"type": "choices", "value": place | {"text": span.of(text), "choices": [value]}}
    # a text area's words take the place of the region's
    return head | {"type": "textarea", "value": place | {"text": [value]}}
