"""Tells quotes that are somebody's own sentence from words merely set in marks, and finds who says them."""

import re

from quotestance.model.cues import lexicon
from quotestance.model.quotation import Quoted
from quotestance.model.tokens import CONJUNCTIONS, DETERMINERS, PREPOSITIONS
from quotestance.model.types import Span

_WORD = re.compile(r"[\w’'.-]*\w")
_LOOK = 120  # characters looked at before and after a quote


def direct_quotes(text: str, paragraph: Span, quotes: list[Quoted]) -> list[Quoted]:
    """Of a paragraph's outermost quotes, those that stand as speech of their own, in text order."""
    direct: list[Quoted] = []
    for quote in quotes:
        continues = bool(direct) and _splits_by_cue(text, direct[-1], quote)
        if _is_direct(text, paragraph, quote, continues):
            direct.append(quote)
    return direct


def _splits_by_cue(text: str, before: Quoted, quote: Quoted) -> bool:
    """Whether only ", he said, " stands between two quotes, so that the second goes on with the first."""
    between = text[before.outer.end : quote.outer.start]
    return len(between) < _LOOK and between.rstrip().endswith(",") and has_cue(between)


def has_cue(piece: str) -> bool:
    """Whether a stretch of text contains a verb of speech."""
    verbs = lexicon().verbs
    return any(
        form.cue.group != "attitude" and form.form != "base"
        for word in _WORD.findall(piece.lower())
        for form in verbs.get(word, ())
    )


def _is_direct(text: str, paragraph: Span, quote: Quoted, continues: bool) -> bool:
    inner = text[quote.inner.start : min(quote.inner.end, quote.inner.start + 400)].strip()
    words = len(_WORD.findall(inner))
    if not words:
        return False
    before = text[max(paragraph.start, quote.outer.start - _LOOK) : quote.outer.start].rstrip()
    after = text[quote.outer.end : min(paragraph.end, quote.outer.end + _LOOK)].lstrip()
    ending = text[max(quote.inner.start, quote.inner.end - 3) : quote.inner.end].rstrip()[-1:]
    first = next((c for c in inner if c.isalnum()), "")
    upper = first.isupper() or first.isdigit() or inner[0] in "[…."
    finished = ending in {".", ",", "?", "!", "…", "—", "–", "-"} or after[:1] in {",", "."} or not after
    cue_follows = has_cue(re.split(r"[.,;\"“”]", after[:50].lstrip(", "), maxsplit=1)[0])
    comma = ending == "," or after[:1] == ","
    cue_follows = cue_follows or (comma and has_cue(re.split(r"[.;\"“”]", after, maxsplit=1)[0]))
    if after[:1].islower() and not cue_follows and ending not in {".", "?", "!"}:
        return False
    last = _WORD.findall(before[-30:].lower())[-1:] or [""]
    if continues:
        return words >= 2
    if not before or before[-1] in '.?!…:”"’»–—-)':
        return (upper or before[-1:] == ":") and words >= (1 if cue_follows else 3) and (finished or cue_follows)
    if before[-1] == "," or has_cue(last[0]):
        if not upper and not (before[-1] == "," and words >= 4 and has_cue(before[-40:])):
            return False
        return words >= 3 and (finished or cue_follows)
    governed = last[0] in DETERMINERS | PREPOSITIONS | CONJUNCTIONS or last[0].endswith(("ing", "'s", "’s"))
    return upper and words >= 6 and not governed and ending in {".", ",", "?", "!"} and has_cue(before)
