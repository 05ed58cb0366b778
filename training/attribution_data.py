"""Attributions to train and measure the reader on: PolNeAR's files, and our own label files in PolNeAR's terms.

PolNeAR's content holds quote marks and "that"; our labels leave them out and list only statements about strikes.
`from_labels` widens our spans to PolNeAR's terms, and marks those articles as incomplete: what they do not list is
unknown, not absent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quotestance.model.document import Document
from quotestance.model.errors import LabelError
from quotestance.model.quotation import find_quotes, outermost
from quotestance.model.segmentation import segment
from quotestance.model.types import Span
from quotestance.training.label_lines import BadLine, label_lines
from quotestance.training.labels import LabelledArticle, LabelledStatement

_ATTITUDE_LEAD = 25  # characters before the cue that an attitude's quote may hold: "has also strongly condemned"


@dataclass(frozen=True, slots=True)
class GoldAttribution:
    """One cue with the spans of its source and content; `attitude` is None where the data do not say.

    An attitude's quote holds its cue ("condemned the strikes"); reported speech leaves it out.
    """

    cue: Span
    source: tuple[Span, ...]
    content: tuple[Span, ...]
    attitude: bool | None


@dataclass(frozen=True, slots=True)
class AttributionArticle:
    """A text with its attributions; `complete` says that all are listed, `loose_sources` that a source may be wider."""

    id: str
    text: str
    gold: tuple[GoldAttribution, ...]
    complete: bool
    loose_sources: bool


def read_polnear(path: str | Path) -> list[AttributionArticle]:
    """PolNeAR (Newell, Margolin, Ruths 2018) as JSON lines: `text`, `attributions: [{source, cue, content}]`.

    An article without a `doc_id` is named by file and line. Raises LabelError, with the line, when one is of another
    form.
    """
    path = Path(path)
    articles = []
    for line in label_lines(path):
        if isinstance(line, BadLine):
            raise LabelError(f"{path}:{line.number}: {line.reason}")
        name = str(line.fields.get("doc_id") or f"{path.stem}-{line.number}")
        try:
            articles.append(_attributed(line.fields, name))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            raise LabelError(
                f"{path}:{line.number}: not of the form "
                '{"text", "attributions": [{"source", "cue", "content"}]}, with lists of spans [start, end]'
            ) from None
    return articles


def _attributed(row: Mapping[str, Any], name: str) -> AttributionArticle:
    text = row["text"]
    if not isinstance(text, str):
        raise TypeError("a text that is none")
    gold = tuple(
        GoldAttribution(
            cue=Span(_span(a["cue"][0], text).start, _span(a["cue"][-1], text).end),
            source=tuple(_span(s, text) for s in a["source"]),
            content=tuple(_span(s, text) for s in a["content"]),
            attitude=None,
        )
        for a in row["attributions"]
        if a["cue"]
    )
    return AttributionArticle(name, text, gold, complete=True, loose_sources=False)


def _span(value: Sequence[int], text: str) -> Span:
    start, end = value
    if not (type(start) is int and type(end) is int and 0 <= start <= end <= len(text)):
        raise IndexError("a span outside its text")
    return Span(start, end)


def from_labels(articles: Iterable[LabelledArticle]) -> list[AttributionArticle]:
    """Our labelled articles in PolNeAR's terms; statements of one cue become one attribution."""
    result = []
    for article in articles:
        document = segment(article.text, article.title or None)
        by_cue: dict[Span, list[LabelledStatement]] = {}
        for statement in article.statements:
            if statement.cue is not None:
                by_cue.setdefault(statement.cue, []).append(statement)
        gold = tuple(_gold(document, cue, statements) for cue, statements in sorted(by_cue.items()))
        result.append(AttributionArticle(article.doc_id, article.text, gold, complete=False, loose_sources=True))
    return result


def _gold(document: Document, cue: Span, statements: Sequence[LabelledStatement]) -> GoldAttribution:
    text = document.text
    attitude = any(s.quote.contains(cue) and cue.start - s.quote.start <= _ATTITUDE_LEAD for s in statements)
    spans = [_widened(document, part) for s in statements for part in _without_cue(text, s, cue, attitude)]
    return GoldAttribution(
        cue=cue,
        source=tuple(sorted({s.speaker for s in statements if s.speaker is not None and not s.speaker.overlaps(cue)})),
        content=_merged(text, spans),
        attitude=attitude,
    )


def _without_cue(text: str, statement: LabelledStatement, cue: Span, attitude: bool) -> list[Span]:
    """The quote without its cue: what follows it in an attitude, the pieces around "…, he said, …" in speech."""
    quote = statement.quote
    if not quote.overlaps(cue):
        return [quote]
    if attitude:
        pieces = [Span(cue.end, quote.end)]
    else:
        inner = statement.speaker if statement.speaker is not None and quote.contains(statement.speaker) else cue
        pieces = [Span(quote.start, min(cue.start, inner.start)), Span(max(cue.end, inner.end), quote.end)]
    return [stripped for piece in pieces if (stripped := _stripped(text, piece, " ,\n\t")) is not None]


def _widened(document: Document, span: Span) -> Span:
    """`span` with the quote marks it stands in, and with a "that" before it."""
    text = document.text
    for paragraph in document.paragraphs:
        if not paragraph.span.overlaps(span):
            continue
        for quote in outermost(find_quotes(text, paragraph.span)):
            touches = quote.outer.overlaps(span) and (span.start >= quote.outer.start or span.end <= quote.outer.end)
            if touches and (quote.inner.contains(span) or not span.contains(quote.outer)):
                span = Span(min(span.start, quote.outer.start), max(span.end, quote.outer.end))
    if text[max(0, span.start - 5) : span.start].lower() == "that ":
        span = Span(span.start - 5, span.end)
    return span


def _merged(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping spans, and those with only white space between them, as one."""
    result: list[Span] = []
    for span in sorted(spans):
        if result and (span.start <= result[-1].end or not text[result[-1].end : span.start].strip()):
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)


def _stripped(text: str, span: Span, characters: str) -> Span | None:
    start, end = span
    while start < end and text[start] in characters:
        start += 1
    while end > start and text[end - 1] in characters:
        end -= 1
    return Span(start, end) if start < end else None
