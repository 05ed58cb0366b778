"""Which stretches of a paragraph are somebody's words by their quote marks, also where a closing mark is missing."""

import re
from bisect import bisect_right
from dataclasses import replace
from itertools import islice, takewhile

from quotestance.model.document import Paragraph
from quotestance.model.quotation import Quoted, find_quotes, outermost
from quotestance.model.types import Span

_OPENING_MARKS = frozenset('“"„«‘`‹»＂')
_FIRST_PERSON = re.compile(r"\b(?:I|[Ww]e|[Oo]ur|[Mm]y)\b")


def speech_marks(text: str, paragraph: Paragraph, runs_on: bool) -> list[Quoted]:
    """The outermost quotes of the paragraph, in text order.

    A quote whose closing mark is missing ends with its first sentence and those after it that say "I" or "we", unless
    it fills the paragraph or runs on: `runs_on` tells that the next paragraph opens a quote, and then the missing mark
    is the custom of long quotes.
    """
    return [_bounded(text, quote, paragraph, runs_on) for quote in outermost(find_quotes(text, paragraph.span))]


def opens_quote(text: str, paragraph: Paragraph | None) -> bool:
    """Whether the paragraph, where there is one, begins with an opening mark."""
    return paragraph is not None and text[paragraph.span.start] in _OPENING_MARKS


def _bounded(text: str, quote: Quoted, paragraph: Paragraph, runs_on: bool) -> Quoted:
    to_the_end = quote.inner.end == paragraph.span.end and (runs_on or quote.outer.start == paragraph.span.start)
    if quote.closed or to_the_end:
        return quote
    at = max(0, bisect_right(paragraph.sentences, quote.outer.start, key=lambda s: s.start) - 1)
    stop = bisect_right(paragraph.sentences, quote.inner.end, key=lambda s: s.start)
    own = takewhile(lambda s: _FIRST_PERSON.search(s.of(text)), islice(paragraph.sentences, at + 1, max(at + 1, stop)))
    last = max([paragraph.sentences[at], *own])
    end = max(quote.inner.start, min(quote.inner.end, last.end))
    return replace(quote, outer=Span(quote.outer.start, end), inner=Span(quote.inner.start, end))
