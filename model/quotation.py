"""Pairs the quote marks of a paragraph, whatever their kind, and tells apostrophes from quote marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from quotestance.model.types import Span

Role = Literal["open", "close", "either", "none"]

_MARKS = re.compile(r"``|''|[\"“”„‟«»‹›‘’‚‛'`＂]")
_FAMILY = {
    **dict.fromkeys(["“", "”", "„", "‟", '"', "``", "''", "＂"], "double"),
    **dict.fromkeys(["«", "»"], "guillemet"),
    **dict.fromkeys(["‹", "›"], "single guillemet"),
    **dict.fromkeys(["‘", "’", "‚", "‛", "'", "`"], "single"),
}
_DEEPEST = 4  # quotes in quotes in quotes: more open marks than this are stray


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quoted stretch: `outer` with its marks, `inner` without; `closed` is false where the closing mark is missing.

    `depth` is 0 for an outermost quote and 1 or more for a quote inside a quote.
    """

    outer: Span
    inner: Span
    closed: bool
    depth: int


@dataclass(frozen=True, slots=True)
class _Mark:
    family: str
    role: Role
    span: Span


def find_quotes(text: str, within: Span) -> list[Quoted]:
    """Every quoted stretch of `text` inside `within` (one paragraph), in text order.

    Never raises: a closing mark without an opening one is ignored; an opening one without a closing one gives a
    stretch up to the next opening mark of its kind or the end of the paragraph, with `closed` false.
    """
    found: list[Quoted] = []
    stack: list[_Mark] = []
    marks = list(_marks(text, within))
    singles_left = sum(1 for m in marks if m.family == "single" and m.role == "close")
    next_single = dict(pairwise(m.span for m in marks if m.family == "single" and m.role == "close"))
    for mark in marks:
        if mark.family == "single" and mark.role == "close":
            singles_left -= 1
            if _owns(text, mark.span, next_single.get(mark.span)):
                continue
        opener = next((m for m in reversed(stack) if m.family == mark.family), None)
        if mark.role == "close" or (mark.role == "either" and opener is not None):
            if opener is not None:
                del stack[stack.index(opener) + 1 :]  # marks opened inside and never closed are stray
                stack.pop()
                _add(found, opener, mark.span, closed=True, depth=len(stack))
            continue
        if mark.family == "single" and singles_left == 0:
            continue  # nothing can close it: an apostrophe
        if opener is not None:
            if mark.family == "single":
                continue
            _add(found, opener, Span(mark.span.start, mark.span.start), closed=False, depth=stack.index(opener))
            del stack[stack.index(opener) :]
        if len(stack) < _DEEPEST:
            stack.append(mark)
    for depth, opener in enumerate(stack):
        if opener.family != "single":
            _add(found, opener, Span(within.end, within.end), closed=False, depth=depth)
            break
    found.sort(key=lambda q: (q.outer.start, -q.outer.end))
    return found


def _owns(text: str, mark: Span, following: Span | None) -> bool:
    """Whether a mark is the apostrophe of "the rebels' camp", in a quote that `following` closes behind a full stop."""
    plural = text[mark.start - 1 : mark.start].lower() == "s" and text[mark.end : mark.end + 2].strip().islower()
    return plural and following is not None and text[following.start - 1] in ",.?!"


def outermost(quotes: list[Quoted]) -> list[Quoted]:
    """The quotes that stand in no other quote, in text order."""
    kept: list[Quoted] = []
    for quote in quotes:
        if not kept or quote.outer.start >= kept[-1].outer.end:
            kept.append(quote)
    return kept


def _add(found: list[Quoted], opener: _Mark, closing: Span, *, closed: bool, depth: int) -> None:
    inner = Span(opener.span.end, max(opener.span.end, closing.start))
    found.append(Quoted(Span(opener.span.start, max(inner.end, closing.end)), inner, closed, depth))


def _marks(text: str, within: Span) -> Iterator[_Mark]:
    for match in _MARKS.finditer(text, within.start, within.end):
        before = text[match.start() - 1] if match.start() > within.start else " "
        after = text[match.end()] if match.end() < within.end else " "
        role = _role(match.group(), before, after)
        if role != "none":
            yield _Mark(_FAMILY[match.group()], role, Span(match.start(), match.end()))


def _role(mark: str, before: str, after: str) -> Role:
    spaced_before = not before.isalnum() and before not in ".,!?…;:%)]”’\"'»"
    spaced_after = not after.isalnum() and after not in "([“‘$£€#@\"'«"
    if mark in "“„‟«‹":
        # German and Danish typesetting closes with “ or opens with »
        return "close" if mark in "“«‹" and not spaced_before and spaced_after and before != "(" else "open"
    if mark in "”»›":
        return "open" if mark in "»›”" and spaced_before and not spaced_after else "close"
    if mark in {"``", "`", "‚", "‛"}:
        return "open"
    if mark == "''":
        return "open" if spaced_before and not spaced_after else "close"
    if mark in "‘’'":
        return _single_role(mark, before, after)
    if spaced_before and not spaced_after:
        return "open"
    if not spaced_before and spaced_after:
        return "close"
    return "either"


def _single_role(mark: str, before: str, after: str) -> Role:
    if before.isalnum() and after.isalnum():
        return "none"
    if mark == "‘":
        return "open"
    if before.isspace() or before in '([“"—–«':
        opens = after.isalnum() and not after.isdigit() and mark != "’"
        return "open" if opens else ("close" if before in '“"' else "none")
    return "close" if not after.isalnum() else "none"
