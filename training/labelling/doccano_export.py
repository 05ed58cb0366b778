"""Documents of doccano's JSONL export as lines of a label file; with relations, or spans alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quotestance.model.errors import LabelError
from quotestance.model.types import Span
from quotestance.training.labelling.brought_in import BroughtIn
from quotestance.training.labelling.doccano_documents import CUE, LABELS, LINE, OFFSETS, QUOTE, SHOWN, SPEAKER
from quotestance.training.labelling.marked import (
    MarkedStatement,
    as_article,
    carried_line,
    marked_statement,
    merged,
    reviewed,
)
from quotestance.training.labelling.offsets import UNITS, Ruler, Unit

_SPANS_FIELDS = ("entities", "label", "labels")  # by doccano's version and the project's kind
_NEAR = 300  # characters within which a speaker or cue is taken to be a quote's, where there are no relations


@dataclass(frozen=True, slots=True)
class Entity:
    """A labelled span of a document; `start` and `end` as doccano counts."""

    name: str
    label: str
    start: int
    end: int


Spans = Mapping[str, tuple[str, Span]]  # label and span by an entity's name


def is_document(value: Mapping[str, Any]) -> bool:
    """Whether an object looks like a document of a sequence labelling export."""
    return "statements" not in value and any(isinstance(value.get(key), list) for key in _SPANS_FIELDS)


def entities_of(value: Mapping[str, Any]) -> list[Entity]:
    """The document's labelled spans, of either form: objects, or `[start, end, label]`. Raises LabelError."""
    key = next((key for key in _SPANS_FIELDS if isinstance(value.get(key), list)), None)
    if key is None:
        raise LabelError("`entities` (or `label`) must be a list of spans")
    return [_entity(item, f"{key}[{number}]", number) for number, item in enumerate(value[key])]


def line_of_document(value: Mapping[str, Any], unit: Unit) -> BroughtIn:
    """A document as a line; `unit` is what its offsets count, where it does not say itself.

    Raises LabelError when the document cannot be used.
    """
    text = value.get("text", value.get("data"))
    if not isinstance(text, str) or not text.strip():
        raise LabelError("`text` must be a text that is not empty")
    row = _line(value, text)
    notes: list[str] = []
    refused: list[str] = []
    ruler = Ruler(text, next((u for u in UNITS if u == value.get(OFFSETS)), unit))
    spans = _spans(value, text, ruler, notes, refused)
    if "relations" in value:
        marked = _by_relations(_links(value, spans, refused), spans)
    else:
        marked = _by_nearness(as_article(row), spans)
        if any(label in (SPEAKER, CUE) for label, _ in spans.values()):
            notes.append("no relations in this export: a new quote gets the nearest speaker and cue")
    if not (marked or refused or LINE in value):
        return BroughtIn(None, ("nobody has annotated it",))
    now = merged(row, marked, SHOWN)
    # what comes back as it went may not have been seen by anyone: it keeps the mark that it is a model's
    return BroughtIn(now if now == row else reviewed(now), tuple(notes), tuple(refused))


def _entity(item: Any, place: str, number: int) -> Entity:
    if isinstance(item, list) and len(item) == 3:
        start, end, label = item
        name = str(number)
    elif isinstance(item, dict):
        start, end, label = (item.get(k) for k in ("start_offset", "end_offset", "label"))
        name = str(item.get("id", number))
    else:
        raise LabelError(f"`{place}` is neither an object nor [start, end, label]")
    if not (type(start) is int and type(end) is int and isinstance(label, str)):
        raise LabelError(f"`{place}` must have two whole numbers and a label")
    return Entity(name, label.strip().lower(), start, end)


def _spans(
    value: Mapping[str, Any], text: str, ruler: Ruler, notes: list[str], refused: list[str]
) -> dict[str, tuple[str, Span]]:
    spans: dict[str, tuple[str, Span]] = {}
    for entity in entities_of(value):
        span = ruler.to_ours(entity.start, entity.end)
        place = f"[{entity.start}, {entity.end}]"
        if entity.label not in LABELS:
            refused.append(f"entity {place}: its label {entity.label[:40]!r} is not one of {', '.join(LABELS)}")
        elif entity.start == entity.end:
            notes.append(f"entity {place}: left out, it holds no text")
        elif span is None:
            refused.append(f"entity {place} is no span of the text of {len(text)} characters")
        else:
            spans[entity.name] = (entity.label, span)
    return spans


def _links(value: Mapping[str, Any], spans: Spans, refused: list[str]) -> dict[str, list[str]]:
    relations = value.get("relations") or []
    if not isinstance(relations, list) or not all(isinstance(r, dict) for r in relations):
        raise LabelError("`relations` must be a list of objects")
    links: dict[str, list[str]] = {}
    for relation in relations:
        ends = (str(relation.get("from_id")), str(relation.get("to_id")))
        missing = [name for name in ends if name not in spans]
        if missing:
            refused.append(f"relation of {ends[0]} to {ends[1]}: there is no usable entity {missing[0]}")
            continue
        # people draw them either way: from the quote, or to it
        quote, part = ends[::-1] if spans[ends[0]][0] in (SPEAKER, CUE) else ends
        links.setdefault(quote, []).append(part)
    return links


def _by_relations(links: Mapping[str, Sequence[str]], spans: Spans) -> list[MarkedStatement]:
    def linked(quote: str, label: str) -> Span | None:
        return next((spans[part][1] for part in links.get(quote, ()) if spans[part][0] == label), None)

    return [
        MarkedStatement(span, linked(name, SPEAKER), linked(name, CUE), _attributes(label))
        for name, (label, span) in spans.items()
        if label not in (SPEAKER, CUE)
    ]


def _by_nearness(line: Mapping[str, Any], spans: Spans) -> list[MarkedStatement]:
    """Statements of the line keep their speaker and cue where these are still marked; others get the nearest."""
    before = [marked_statement(item, line["text"], i, SHOWN) for i, item in enumerate(line["statements"])]

    def nearest(quote: Span, own: Span | None, known: bool, label: str) -> Span | None:
        there = [span for other, span in spans.values() if other == label]
        if known and (own is None or own in there):
            return own
        apart = [(max(span.start - quote.end, quote.start - span.end), span) for span in there]
        distance, span = min(apart, default=(_NEAR + 1, None))
        return span if distance <= _NEAR else None

    result: list[MarkedStatement] = []
    for label, quote in spans.values():
        if label in (SPEAKER, CUE):
            continue
        old = next((m for m in before if m.quote == quote), None)
        if old is not None:
            before.remove(old)
        speaker = nearest(quote, old.speaker if old else None, old is not None, SPEAKER)
        cue = nearest(quote, old.cue if old else None, old is not None, CUE)
        result.append(MarkedStatement(quote, speaker, cue, _attributes(label)))
    return result


def _attributes(label: str) -> dict[str, str]:
    return {} if label == QUOTE else {"stance": label}


def _line(value: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The line that the document was made from, or a new one."""
    if line := carried_line(value.get(LINE), text):
        return line
    row = {key: value[key] for key in ("doc_id", "title", "date", "source") if isinstance(value.get(key), str)}
    target = value.get("target")
    strikes = [{"id": "S1", "description": target, "main": True}] if isinstance(target, str) and target.strip() else []
    return row | {"text": text, "strikes": strikes, "statements": []}
