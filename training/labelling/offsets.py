"""Offsets of labelling tools to ours and back: tools count UTF-16 units, code points or grapheme clusters.

Label Studio counts code points, and versions before mid-2022 counted UTF-16 units (its issues 1347, 1008). doccano
counts UTF-16 units, or grapheme clusters where its project says so (its issue 2290).
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Literal, get_args

import regex  # type: ignore[import-untyped]

from quotestance.model.types import Span

Unit = Literal["code-points", "utf-16", "graphemes"]
UNITS: tuple[Unit, ...] = get_args(Unit)
_CLUSTER = regex.compile(r"\X", regex.DOTALL)


class Ruler:
    """The places of one text's characters, counted in a unit."""

    def __init__(self, text: str, unit: Unit) -> None:
        self._length = len(text)
        self._marks: Sequence[int] | None = None  # where the n-th unit begins, None where it is the n-th character
        self._clusters = unit == "graphemes"
        if unit == "utf-16" and any(c > "\uffff" for c in text):
            self._marks = [0, *accumulate(2 if c > "\uffff" else 1 for c in text)]
        elif unit == "graphemes":
            self._marks = [0, *(match.end() for match in _CLUSTER.finditer(text))]

    def to_tool(self, span: Span) -> tuple[int, int]:
        """The span in the unit; a span that cuts a grapheme cluster is widened to hold it."""
        if self._marks is None:
            return span
        if self._clusters:
            # the first cluster that holds the start, and the one after the last that holds the end
            return bisect_left(self._marks, span.start + 1) - 1, bisect_left(self._marks, span.end)
        return self._marks[span.start], self._marks[span.end]

    def to_ours(self, start: int, end: int) -> Span | None:
        """The span in characters, None where it lies outside the text, is empty, or cuts a character."""
        if not 0 <= start < end:
            return None
        if self._marks is None:
            return Span(start, end) if end <= self._length else None
        if self._clusters:
            return Span(self._marks[start], self._marks[end]) if end < len(self._marks) else None
        first, last = bisect_left(self._marks, start), bisect_left(self._marks, end)
        found = last < len(self._marks) and self._marks[first] == start and self._marks[last] == end
        return Span(first, last) if found else None


def likely_unit(texts_with_spans: Iterable[tuple[str, Sequence[tuple[int, int]]]]) -> Unit:
    """The unit in which most of the spans begin and end at words; `utf-16`, doccano's own, where units tie."""
    fits: dict[Unit, int] = {"utf-16": 0, "code-points": 0, "graphemes": 0}
    for text, spans in texts_with_spans:
        for unit in fits:
            ruler = Ruler(text, unit)
            fits[unit] += sum(_at_words(text, ruler.to_ours(*span)) for span in spans)
    return max(fits, key=lambda unit: fits[unit])


def units_differ(text: str) -> bool:
    """Whether the units can count this text differently."""
    return not text.isascii() or "\r\n" in text


def _at_words(text: str, span: Span | None) -> bool:
    return span is not None and all(_is_edge(text, at) for at in span) and span.of(text) == span.of(text).strip()


def _is_edge(text: str, at: int) -> bool:
    return at in (0, len(text)) or not (text[at - 1].isalnum() and text[at].isalnum())
