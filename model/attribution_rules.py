"""The rule-based reader: who says what in a segmented article, as spans."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from quotestance.model.cue_subject import main_subject
from quotestance.model.direct_speech import direct_quotes, has_cue
from quotestance.model.document import Document, Paragraph
from quotestance.model.noun_cues import find_noun_reports
from quotestance.model.quotation import Quoted
from quotestance.model.reported_content import contents
from quotestance.model.reporting_clauses import ReportingClause, find_clauses
from quotestance.model.speaker_phrase import Range
from quotestance.model.speech_marks import opens_quote, speech_marks
from quotestance.model.tokens import QUOTE, Token, tokenize
from quotestance.model.types import Attribution, Kind, Span

_LONGEST_MERGE = 6000  # characters; keeps every pass over one sentence short
_NEAR = 12  # tokens between a cue and the quote that it introduces


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence as tokens, each direct quote being a single token; `quotes` maps its index to the quote."""

    tokens: list[Token]
    quotes: dict[int, Quoted]


def attribute(document: Document) -> list[Attribution]:
    """Every statement of the article's body, in text order.

    Headings and page rubbish yield none. A quote of several sentences yields one attribution for each.
    """
    text = document.text
    found: list[Attribution] = []
    speaker: Span | None = None
    for paragraph, following in zip_longest(document.body, document.body[1:]):
        runs_on = opens_quote(text, following)
        for sentence in _sentences_of(text, paragraph, runs_on):
            statements = _statements(text, sentence, paragraph, speaker)
            found += statements
            speaker = _led_in(sentence.tokens, len(sentence.tokens)) or _carried(statements) or speaker
    return _without_doubles(text, found)


def _statements(text: str, sentence: _Sentence, paragraph: Paragraph, speaker: Span | None) -> list[Attribution]:
    clauses = find_clauses(sentence.tokens)
    found = [*_reported(sentence, clauses), *_spoken(text, sentence, clauses, paragraph, speaker)]
    return sorted(found, key=lambda a: a.quote)


def _led_in(tokens: Sequence[Token], at: int) -> Span | None:
    """Whom the sentence is about where its words before `at` end in a colon: "X summed it up for the radio:"."""
    if not at or tokens[at - 1].text != ":":
        return None
    subject = main_subject(tokens[:at])
    return _span(tokens, subject) if subject else None


def _carried(found: Sequence[Attribution]) -> Span | None:
    """Who goes on speaking in a quote without a cue: who spoke last, else whoever the sentence is about."""
    spoken = [a.speaker for a in found if a.speaker and a.kind == "direct"]
    return spoken[-1] if spoken else next((a.speaker for a in found if a.speaker), None)


def _sentences_of(text: str, paragraph: Paragraph, runs_on: bool) -> Iterator[_Sentence]:
    quotes = speech_marks(text, paragraph, runs_on)
    direct = direct_quotes(text, paragraph.span, quotes)
    opaque = {q.outer.start for q in direct}
    position = paragraph.span.start
    at = 0
    for group in _merge(text, paragraph.sentences, quotes):
        tokens: list[Token] = []
        inside: dict[int, Quoted] = {}
        position = max(position, group.start)
        while at < len(quotes) and quotes[at].outer.start < group.end:
            quote = quotes[at]
            tokens += tokenize(text, position, quote.outer.start)
            if quote.outer.start in opaque:
                inside[len(tokens)] = quote
                tokens.append(Token(QUOTE, QUOTE, quote.outer.start, quote.outer.end))
            else:
                tokens += [replace(t, quoted=True) for t in tokenize(text, quote.outer.start, quote.outer.end)]
            position = quote.outer.end
            at += 1
        tokens += tokenize(text, position, max(position, group.end))
        if tokens:
            yield _Sentence(tokens, inside)


def _merge(text: str, sentences: Sequence[Span], quotes: Sequence[Quoted]) -> list[Span]:
    """Join sentences that a quote spans, and `"…?" X asked.`; no further than `_LONGEST_MERGE`."""
    merged: list[Span] = []
    at = 0
    for sentence in sentences:
        while at < len(quotes) and quotes[at].outer.end <= sentence.start:
            at += 1
        inside = at < len(quotes) and quotes[at].outer.start < sentence.start
        joins = bool(merged) and (inside or _asks(text, merged[-1], sentence))
        if joins and sentence.end - merged[-1].start <= _LONGEST_MERGE:
            merged[-1] = Span(merged[-1].start, sentence.end)
        else:
            merged.append(sentence)
    return merged


def _asks(text: str, before: Span, sentence: Span) -> bool:
    ending = text[max(before.start, before.end - 3) : before.end]
    if len(ending) < 2 or ending[-1] not in "\"”’'»" or ending[-2] not in "?!…":
        return False
    opening = text[sentence.start : min(sentence.end, sentence.start + 50)]
    return opening[0] not in '"“‘«' and has_cue(" ".join(opening.split()[:6]))


def _span(tokens: Sequence[Token], part: Range) -> Span:
    return Span(tokens[part[0]].start, tokens[part[1] - 1].end)


def _reported(sentence: _Sentence, clauses: Sequence[ReportingClause]) -> Iterator[Attribution]:
    tokens = sentence.tokens
    for clause, parts in zip(clauses, contents(tokens, clauses), strict=True):
        if clause.subject is None or _is_empty_it(tokens, clause):
            continue
        for part in parts:
            kind: Kind = "mixed" if any(tokens[i].quoted for i in range(*part)) else "indirect"
            yield Attribution(_span(tokens, part), _span(tokens, clause.subject), _span(tokens, clause.cue), kind)
    for report in find_noun_reports(tokens):
        kind = "mixed" if any(tokens[i].quoted for i in range(*report.content)) else "indirect"
        speaker = _span(tokens, report.speaker)
        if report.possessive:
            speaker = Span(speaker.start, speaker.end - len("'s"))
        yield Attribution(_span(tokens, report.content), speaker, _span(tokens, report.cue), kind)


def _is_empty_it(tokens: Sequence[Token], clause: ReportingClause) -> bool:
    """Whether a participle's subject is the "it" of "It was his latest threat, warning …": nobody stands behind it."""
    if clause.role != "participle" or clause.subject is None:
        return False
    start, end = clause.subject
    copula = end < len(tokens) and tokens[end].lower in {"was", "is", "were", "'s", "’s"}
    return copula and end - start == 1 and tokens[start].lower == "it"


def _spoken(
    text: str, sentence: _Sentence, clauses: Sequence[ReportingClause], paragraph: Paragraph, speaker: Span | None
) -> Iterator[Attribution]:
    for at, quote in sentence.quotes.items():
        clause = _introducing(sentence.tokens, clauses, at)
        cue = None
        if clause is not None and clause.subject is not None:
            speaker = _span(sentence.tokens, clause.subject)
            cue = _span(sentence.tokens, clause.cue)
        else:
            speaker = _led_in(sentence.tokens, at) or speaker
        for part in _parts(text, quote.inner, paragraph.sentences):
            yield Attribution(part, speaker, cue, "direct")


def _introducing(tokens: Sequence[Token], clauses: Sequence[ReportingClause], at: int) -> ReportingClause | None:
    """The clause that names the speaker of the quote at token `at`: after it (`"…," X said`) or before it."""
    for clause in clauses:
        start = min(clause.first, clause.subject[0]) if clause.subject else clause.first
        if clause.role not in {"participle", "shared", "passive"} and at < start <= at + 3:
            return clause
        if at + 3 < start <= at + _NEAR and tokens[start - 1].text == "," and tokens[at + 1].text != ",":
            return clause  # "…" to the council, X said
    for clause in reversed(clauses):
        end = max(clause.cue[1], clause.subject[1]) if clause.role == "after" and clause.subject else clause.cue[1]
        if end <= at and at - end <= _NEAR:
            return clause
    return None


def _parts(text: str, inner: Span, sentences: Sequence[Span]) -> Iterator[Span]:
    """The sentences of a quote, without surrounding white space and without the comma before its cue."""
    first = max(0, bisect_right(sentences, inner.start, key=lambda s: s.start) - 1)
    for at in range(first, len(sentences)):
        sentence = sentences[at]
        if sentence.start >= inner.end:
            return
        start, end = max(sentence.start, inner.start), min(sentence.end, inner.end)
        while start < end and text[start].isspace():
            start += 1
        while end > start and (text[end - 1].isspace() or text[end - 1] == ","):
            end -= 1
        if any(c.isalnum() for c in text[start:end]):
            yield Span(start, end)


def _without_doubles(text: str, found: Sequence[Attribution]) -> list[Attribution]:
    """Drop what a reader would call double: the same span twice, or one speaker's words inside each other."""
    kept: list[Attribution] = []
    ends: dict[str, int] = {}
    seen: set[Span] = set()
    for attribution in sorted(found, key=lambda a: (a.quote.start, -a.quote.end)):
        key = attribution.speaker.of(text).lower() if attribution.speaker else ""
        if attribution.quote in seen or attribution.quote.start < ends.get(key, 0):
            continue
        seen.add(attribution.quote)
        ends[key] = attribution.quote.end
        kept.append(attribution)
    return kept
