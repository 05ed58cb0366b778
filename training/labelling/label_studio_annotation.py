"""One annotation of a Label Studio task: its regions, what is said of them, and the relations between them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quotestance.model.errors import LabelError
from quotestance.model.types import Span
from quotestance.training.labelling.label_studio_config import CHOICES, CUE, QUOTE, SPANS, SPEAKER, TARGET, WORDS
from quotestance.training.labelling.marked import MarkedStatement
from quotestance.training.labelling.offsets import Ruler

_LINE_END = re.compile("[\n\r]")
_OUR_REGION = re.compile(r"quote-\d+|(?:speaker|cue)-\d+-\d+")  # as `label_studio_tasks` names them
_LABELS = (QUOTE, SPEAKER, CUE)


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one annotator marked; `target` is the main strike's name, where the annotator wrote one."""

    statements: tuple[MarkedStatement, ...]
    target: str | None
    notes: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """What has been read of an annotation so far; spans with their labels, and attributes, by region."""

    spans: dict[str, tuple[str, Span]] = field(default_factory=dict)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    target: str | None = None
    notes: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def read_annotation(annotation: Mapping[str, Any], text: str) -> Annotation:
    """The annotation's statements. Raises LabelError when its results are not of the export's shape."""
    results = annotation.get("result")
    if not isinstance(results, list) or not all(isinstance(r, dict) for r in results):
        raise LabelError("`annotations[].result` must be a list of objects")
    found = _Found()
    rulers = (Ruler(text, "code-points"), Ruler(text, "utf-16"))
    for result in results:
        if result.get("type") == "labels" or result.get("from_name") == SPANS:
            _add_region(result, text, rulers, found)
        elif result.get("from_name") in (*CHOICES, *WORDS, TARGET):
            _add_attribute(result, found)
    for result in results:  # a relation may stand before its regions
        if result.get("type") == "relation":
            _add_link(result, found)
    statements = tuple(
        MarkedStatement(
            quote=span,
            speaker=_linked(name, SPEAKER, found),
            cue=_linked(name, CUE, found),
            attributes=found.attributes.get(name, {}),
            origin=_origin(name),
        )
        for name, (label, span) in found.spans.items()
        if label == QUOTE
    )
    return Annotation(statements, found.target, tuple(found.notes), tuple(found.refused))


def _add_region(result: Mapping[str, Any], text: str, rulers: tuple[Ruler, Ruler], found: _Found) -> None:
    name, value = str(result.get("id")), result.get("value")
    if not isinstance(value, dict):
        raise LabelError(f"region {name}: `value` must be an object")
    labels, start, end, written = (value.get(key) for key in ("labels", "start", "end", "text"))
    if not (isinstance(labels, list) and len(labels) == 1 and labels[0] in _LABELS):
        found.refused.append(f"region {name}: its label {_said(labels)} is not one of {', '.join(_LABELS)}")
    elif not (type(start) is int and type(end) is int):
        found.refused.append(f"region {name}: `start` and `end` must be whole numbers")
    elif start == end or (isinstance(written, str) and not written.strip() and not _OUR_REGION.fullmatch(name)):
        found.notes.append(f"region {name}: left out, it holds no text")
    else:
        spans = [ruler.to_ours(start, end) for ruler in rulers]  # the second as versions before mid-2022 counted
        fits = [s for s in spans if s is not None and _same(s.of(text), written)]
        if fits:
            found.spans[name] = (labels[0], fits[0])
        else:
            found.refused.append(f"region {name}: {_misplaced(start, end, written, text, spans[0])}")


def _add_attribute(result: Mapping[str, Any], found: _Found) -> None:
    name, value = str(result["from_name"]), result.get("value")
    if not isinstance(value, dict):
        raise LabelError(f"{name}: `value` must be an object")
    given = value.get("choices" if name in CHOICES else "text")
    words = given[0] if isinstance(given, list) and given else given
    if not isinstance(words, str) or not words.strip():
        return
    if name == TARGET:
        found.target = words
    else:
        found.attributes.setdefault(str(result.get("id")), {})[name] = words


def _add_link(result: Mapping[str, Any], found: _Found) -> None:
    ends = (str(result.get("from_id")), str(result.get("to_id")))
    missing = [name for name in ends if name not in found.spans]
    if missing:
        found.refused.append(f"relation of {ends[0]} to {ends[1]}: there is no usable region {missing[0]}")
        return
    # people draw them either way: from the quote, or to it
    quote, part = ends if found.spans[ends[0]][0] == QUOTE else ends[::-1]
    found.links.setdefault(quote, []).append(part)


def _linked(quote: str, label: str, found: _Found) -> Span | None:
    parts = [found.spans[part][1] for part in found.links.get(quote, ()) if found.spans[part][0] == label]
    if len(parts) > 1:
        found.notes.append(f"region {quote}: {len(parts)} relations to a {label}; the first is taken")
    return parts[0] if parts else None


def _misplaced(start: int, end: int, written: Any, text: str, span: Span | None) -> str:
    if span is None or not isinstance(written, str):
        return f"[{start}, {end}] is no span of the text of {len(text)} characters"
    at = text.find(written)
    where = f"which stand at [{at}, {at + len(written)}]" if at >= 0 else "which stand nowhere in the text"
    return f"[{start}, {end}] holds other words than the region's own, {where}"


def _same(found: str, written: Any) -> bool:
    # where the project does not save the words there is nothing to compare; a line end is saved as \n, two characters
    return not isinstance(written, str) or found == written or _LINE_END.sub(r"\\n", found) == written


def _origin(name: str) -> int | None:
    """The index in a region's name, `quote-3`, that `label_studio_tasks` gave it."""
    head, _, number = name.partition("-")
    return int(number) if head == QUOTE and number.isascii() and number.isdecimal() and len(number) < 10 else None


def _said(labels: Any) -> str:
    return repr(labels[0] if isinstance(labels, list) and len(labels) == 1 else labels)[:80]
