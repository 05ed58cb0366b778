"""Cuts an article's text into paragraphs and sentences, and tells body text from headings and page rubbish."""

import re
from collections.abc import Iterator
from itertools import pairwise

from quotestance.model.document import Document, Paragraph, ParagraphKind
from quotestance.model.page_rubbish import is_rubbish
from quotestance.model.tokens import word_set
from quotestance.model.types import Span

LONGEST_SENTENCE = 2000  # characters; longer runs are cut at white space, which keeps every later pass linear

_NEWLINE = re.compile(r"\r\n|[\n\r\u2028\u2029]")
_CLOSERS = "\"'”’»›)]“"
_TERMINATED = re.compile(r"[.?!…:;,][\"'”’»›)\]]*$")
_SENTENCE_END = re.compile(
    r"(?<![.?!…。؟])[.?!…。؟]++[\"'”’»›)\]]*+(?=\s)|(?<=[a-z]{3})[.?!][\"”’]?(?=[\"“]?[A-Z][a-z ])"
)
_DASHED_HEADING = re.compile(r"^[–—-]{1,2}\s.*\s[–—-]{1,2}$", re.DOTALL)
_LAST_WORD = re.compile(r"[^\s\"“”‘(\[«»]+$")
_INITIALS = re.compile(r"^(?:[^\W\d_]\.)*[^\W\d_]$")
_ABBREVIATIONS = word_set(
    "gens messrs pfc pvt spc ft atty det pres "
    "adm amb brig capt cmdr co col cpl dr fr gen gov hon jr lt ltd maj mr mrs ms msgr mt prof rep reps rev sen "
    "sens sgt sr st supt vs jan feb mar apr jun jul aug sept sep oct nov dec no nos fig vol dept est inc corp ala "
    "ariz calif colo conn del fla ill ind kan mass mich minn miss mo mont neb nev okla ore pa tenn tex va vt wash "
    "wis wyo e.g i.e u.s u.n u.k d.c ph.d a.m p.m"
)
# These may also close a sentence, so what follows decides.
_MAY_END_SENTENCE = word_set("u.s u.n u.k d.c a.m p.m inc corp co jr sr ltd")
_SENTENCE_OPENERS = word_set(
    "the a an he she it they we i but and in on at that this these those his her their its our there when while after "
    "if as for meanwhile however earlier last no what who according officials"
)


def segment(text: str, title: str | None = None) -> Document:
    """Cut `text` into paragraphs and sentences.

    Accepts any `str`. Paragraph spans exclude surrounding white space; only body paragraphs carry sentences, and no
    sentence is longer than `LONGEST_SENTENCE` characters.
    """
    spans = list(_paragraph_spans(text))
    wanted_title = _plain(title) if title else None
    paragraphs = []
    for span in spans:
        kind = _kind(span.of(text), wanted_title, alone=len(spans) == 1)
        sentences = tuple(_sentences(text, span)) if kind == "body" else ()
        paragraphs.append(Paragraph(span, kind, sentences))
    return Document(text, title, tuple(paragraphs))


def _paragraph_spans(text: str) -> Iterator[Span]:
    lines = list(_lines(text))
    wrapped = _is_hard_wrapped(text, lines)
    start: int | None = None
    end = 0
    for line in lines:
        body = _stripped(text, line)
        if body is None:
            if start is not None:
                yield Span(start, end)
            start = None
            continue
        indented = body.start > line.start
        if start is not None and (not wrapped or indented):
            yield Span(start, end)
            start = None
        if start is None:
            start = body.start
        end = body.end
    if start is not None:
        yield Span(start, end)


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for newline in _NEWLINE.finditer(text):
        yield Span(start, newline.start())
        start = newline.end()
    yield Span(start, len(text))


def _is_hard_wrapped(text: str, lines: list[Span]) -> bool:
    """Whether single newlines only wrap lines (wire archives): short lines that mostly break inside sentences."""
    full = [line for line in lines if _stripped(text, line) is not None]
    if len(full) < 3 or max(line.end - line.start for line in full) > 100:
        return False
    pairs = [(a, b) for a, b in pairwise(full) if b.start - a.end <= 2]
    running_on = sum(1 for a, _ in pairs if not _TERMINATED.search(a.of(text)[-8:].rstrip()))
    lower_starts = sum(1 for _, b in pairs if b.of(text).lstrip()[:1].islower())
    return len(pairs) >= 2 and running_on >= 0.6 * len(pairs) and lower_starts >= 0.3 * len(pairs)


def _stripped(text: str, span: Span) -> Span | None:
    piece = span.of(text)
    bare = piece.strip()
    if not bare:
        return None
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, start + len(bare))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _kind(paragraph: str, title: str | None, *, alone: bool) -> ParagraphKind:
    if is_rubbish(paragraph):
        return "boilerplate"
    if alone:
        return "body"
    if len(paragraph) < 300 and (
        _DASHED_HEADING.match(paragraph) or paragraph.isupper() or (title and _plain(paragraph) == title)
    ):
        return "heading"
    words = len(paragraph[:300].split())
    unfinished = not _TERMINATED.search(paragraph[-8:])
    if unfinished and (words <= 12 if paragraph[-1] not in _CLOSERS else words <= 7):
        return "heading"
    return "body"


def _sentences(text: str, paragraph: Span) -> Iterator[Span]:
    start = paragraph.start
    for match in _SENTENCE_END.finditer(text, paragraph.start, paragraph.end):
        if not _ends_sentence(text, start, match, paragraph.end):
            continue
        yield from _cut_long(text, Span(start, match.end()))
        start = _skip_space(text, match.end(), paragraph.end)
    if start < paragraph.end:
        yield from _cut_long(text, Span(start, paragraph.end))


def _skip_space(text: str, at: int, end: int) -> int:
    while at < end and text[at].isspace():
        at += 1
    return at


def _ends_sentence(text: str, start: int, match: re.Match[str], end: int) -> bool:
    following = text[match.end() : min(end, match.end() + 40)].lstrip()
    if not following:
        return False
    first = following.lstrip("\"'“‘«‹([„–—- ")[:1]
    if first.islower() or following[:2] == ". ":  # "it was . . . a crime"
        return False
    if not text[match.end()].isspace():
        return True  # a lost space between sentences
    marks = match.group().rstrip(_CLOSERS)
    if marks != "." or len(match.group()) > len(marks):
        return True
    word = _LAST_WORD.search(text, max(start, match.start() - 30), match.start())
    if word is None:
        return True
    last = word.group().lstrip("'’").lower()
    if last in _MAY_END_SENTENCE:
        return re.split(r"\W", following.lstrip("\"'“‘"), maxsplit=1)[0].lower() in _SENTENCE_OPENERS
    if last in {"no", "nos"}:
        return not first.isdigit()
    abbreviated = last in _ABBREVIATIONS and (word.group()[0].isupper() or "." in last or last == "vs")
    return not (abbreviated or _INITIALS.match(word.group()))


def _cut_long(text: str, sentence: Span) -> Iterator[Span]:
    start = sentence.start
    while sentence.end - start > LONGEST_SENTENCE:
        cut = text.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
        cut = cut if cut > 0 else start + LONGEST_SENTENCE
        yield Span(start, cut)
        start = _skip_space(text, cut, sentence.end)
    if start < sentence.end:
        yield Span(start, sentence.end)
