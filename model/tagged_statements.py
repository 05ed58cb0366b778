"""From the tagger's findings to statements: one for each sentence of a content, without its marks and its "that"."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from quotestance.model.document import Document, Paragraph
from quotestance.model.quotation import Quoted
from quotestance.model.speech_marks import opens_quote, speech_marks
from quotestance.model.tagger import TaggedAttribution
from quotestance.model.types import Attribution, Kind, Span

_ATTITUDE = 0.5  # from this probability on the cue is part of what is held: "condemned the strikes"
_LOOSE = " \t\r\n\u00a0,;:–—-"
_FEWEST = {"direct": 1, "mixed": 2, "indirect": 3}  # words
_WORD = re.compile(r"\w\w|\bI\b")
_WORDS = re.compile(r"[\w'’.-]*\w")
_TURN = re.compile(r"([A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){0,4}):")
_FIRST_PERSON = frozenset(["i", "we", "me", "us", "my", "our"])
_THAT = re.compile(r"that\s+", re.IGNORECASE)


def statements(document: Document, tagged: Sequence[TaggedAttribution]) -> list[Attribution]:
    """The statements behind the tagged cues of the article's body, in text order.

    Cues of headings and page rubbish yield nothing.
    """
    body = document.body
    starts = [p.span.start for p in body]
    quotes: dict[int, list[Quoted]] = {}
    found: list[Attribution] = []
    for attribution in tagged:
        home = bisect_right(starts, attribution.cue.start) - 1
        if home < 0 or attribution.cue.start >= body[home].span.end:
            continue
        speaker = _in_turn(document.text, _speaker(document.text, attribution), body[home])
        for paragraph, span in _contents(body, starts, attribution):
            if paragraph not in quotes:
                following = body[paragraph + 1] if paragraph + 1 < len(body) else None
                quotes[paragraph] = speech_marks(document.text, body[paragraph], opens_quote(document.text, following))
            for quote, kind in _statement(document.text, span, attribution.cue, quotes[paragraph]):
                own = speaker or (_shared_speaker(found, body[home], attribution.cue) if kind != "direct" else None)
                # the writer's own "I" is no actor, nor is whoever stays unnamed in reported speech
                if kind == "direct" or (own is not None and own.of(document.text).lower() not in _FIRST_PERSON):
                    found.append(Attribution(quote, own, attribution.cue, kind))
    return sorted(found, key=lambda a: a.quote)


def _in_turn(text: str, speaker: Span | None, paragraph: Paragraph) -> Span | None:
    """Whose turn it is where a transcript's speaker says "I": "AMY HOLT: I think …"."""
    if speaker is None or speaker.of(text).lower() not in _FIRST_PERSON:
        return speaker
    turn = _TURN.match(text, paragraph.span.start, paragraph.span.end)
    return Span(*turn.span(1)) if turn else speaker


def _shared_speaker(found: Sequence[Attribution], paragraph: Paragraph, cue: Span) -> Span | None:
    """Who spoke last before this cue in its sentence: "X announced …, saying …"."""
    sentence = next((s for s in paragraph.sentences if s.overlaps(cue)), cue)
    before = [a for a in found if a.cue is not None and sentence.contains(a.cue) and a.cue.end <= cue.start]
    return before[-1].speaker if before else None


def _speaker(text: str, attribution: TaggedAttribution) -> Span | None:
    """The source nearest to the cue, but for whoever stands between cue and content: "warned X that …"."""
    cue = attribution.cue
    spans = [s for source in attribution.source if _WORD.search((s := trimmed(text, source, _LOOSE)).of(text))]

    def distance(span: Span) -> tuple[bool, int]:
        addressed = span.start >= cue.end and any(c.start >= span.end for c in attribution.content)
        return addressed, max(span.start - cue.end, cue.start - span.end)

    return min(spans, key=distance, default=None)


def _contents(
    body: Sequence[Paragraph], starts: Sequence[int], attribution: TaggedAttribution
) -> Iterator[tuple[int, Span]]:
    """What is said, cut at sentences, each piece with the number of its paragraph; an attitude with its cue."""
    contents: Sequence[Span] = attribution.content
    if attribution.attitude > _ATTITUDE:
        following = [c for c in contents if c.start >= attribution.cue.start]
        contents = [Span(attribution.cue.start, following[0].end)] if following else contents
    for content in contents:
        at = max(0, bisect_right(starts, content.start) - 1)
        while at < len(body) and body[at].span.start < content.end:
            for sentence in body[at].sentences:
                if sentence.overlaps(content):
                    yield at, Span(max(sentence.start, content.start), min(sentence.end, content.end))
            at += 1


def _statement(text: str, span: Span, cue: Span, quotes: Sequence[Quoted]) -> Iterator[tuple[Span, Kind]]:
    quote = _unmarked(trimmed(text, span, _LOOSE), quotes)
    if match := _THAT.match(text, quote.start, quote.end):
        quote = Span(match.end(), quote.end)
    kind: Kind = "indirect"
    if any(q.inner.contains(quote) for q in quotes):
        kind = "direct"
    elif any(q.outer.overlaps(quote) for q in quotes):
        kind = "mixed"
    quote = trimmed(text, quote, _LOOSE if kind == "direct" else _LOOSE + ".")
    if len(_WORDS.findall(quote.of(text))) >= _FEWEST[kind] and quote != cue:
        yield quote, kind


def _unmarked(span: Span, quotes: Sequence[Quoted]) -> Span:
    """`span` without quote marks at its ends whose partners stand at or beyond its other end."""
    start, end = span
    for quote in quotes:
        if not quote.outer.start <= start < quote.outer.end:
            continue
        if quote.outer.end >= end - 1:  # nothing but a full stop after the closing mark
            start, end = max(start, quote.inner.start), max(start, min(end, quote.inner.end))
        elif start < quote.inner.start and quote.inner.end >= end:
            start = quote.inner.start
    return Span(start, max(start, end))


def trimmed(text: str, span: Span, loose: str) -> Span:
    """`span` without white space and the characters `loose` at its ends."""
    start, end = span
    while start < end and (text[start] in loose or text[start].isspace()):
        start += 1
    while end > start and (text[end - 1] in loose or text[end - 1].isspace()):
        end -= 1
    return Span(start, end)
