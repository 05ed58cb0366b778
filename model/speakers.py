"""Reads a speaker's mention: pronoun, name, or nominal, and which of the text's mentions is its head."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from quotestance.model.common_words import common_words
from quotestance.model.gazetteer import gazetteer
from quotestance.model.mentions import Mention, mentions_in
from quotestance.model.tokens import PREPOSITIONS
from quotestance.model.types import Span
from quotestance.model.words import fold

PRONOUNS: dict[str, str] = {
    **dict.fromkeys(["he", "him", "his", "himself"], "he"),
    **dict.fromkeys(["she", "her", "hers", "herself"], "she"),
    **dict.fromkeys(["they", "them", "their", "themselves"], "they"),
    **dict.fromkeys(["it", "its", "itself"], "it"),
    **dict.fromkeys(["who", "whom", "whose", "which"], "who"),
    **dict.fromkeys(["i", "we", "me", "us", "my", "our"], "I"),
}
# Where the head of a noun phrase is past.
_AFTER_HEAD = re.compile(
    r"\s*(?:,|;|\(|\s(?:who|which|that|of|for|in|from|with|at|on|to|by|led|including|like|such|speaking|close|familiar|inside|near|based|working|briefed"
    r"|fighting|opposing|opposed|supporting|backing|representing|protecting|defending|criticising|criticizing|loyal)\b)"
)
_ARTICLE = re.compile(
    r"(?:the|a|an|one|another|this|that|these|those|a number of|a group of|he(?= (?-i:[A-Z])))\s+", re.IGNORECASE
)
_MARKS = " ,;:“”\"'‘’«»—–-("
# What leaks in from the clause around a mention.
_BEFORE = re.compile(
    r"^(?:(?:and|but|while|as|when|though|although|also|only|however|meanwhile|then|yet)\s+)+(?=\S)|^\d+[./:][\d./:]*\s+",
    re.I,
)
_AFTER = re.compile(
    r"(?:\s+(?:of|for|in|from|with|at|on|to|by|and|or|said|says|told|familiar|close|also|has|have|had|is|was))+$", re.I
)
_PAPER = re.compile(
    r"(?:(?:a|an|the|one|another)\s+)?(?:\w+\s+)?(?:statements?|reports?|letters?|tweets?|posts?|remarks|comments)"
    r"\s+(?:by|from)\s+(?=\S)",
    re.IGNORECASE,
)
_LOCATED = re.compile(r"\s*(?:in|at|from|near|inside|based)\b")
# No mention of a speaker is longer; what is past it is not read.
_LONGEST = 400
_PLACED = PREPOSITIONS - {"of"}
_RELATIVE = re.compile(r",|\s(?:who|which|that|whose|including|speaking)\b")


@dataclass(frozen=True, slots=True)
class Speaker:
    """One speaker mention, read. `head` indexes the text's mentions, or is None and `own` holds a mention read
    from the span alone; `phrase` is the mention without article and relative clause."""

    kind: Literal["pronoun", "name", "nominal", "phrase"]
    pronoun: str
    phrase: str
    head: int | None
    own: Mention | None
    joint: tuple[int, ...]


def bare_phrase(text: str) -> str:
    """The phrase without its article, relative clause and surrounding marks; never empty for a text with words."""
    phrase = " ".join(text[:_LONGEST].split()).strip(_MARKS)
    cut = _RELATIVE.search(phrase)
    short = phrase[: cut.start()] if cut and cut.start() else phrase
    short = _BEFORE.sub("", short, count=1)
    short = _ARTICLE.sub("", short, count=1) if _ARTICLE.match(short) else short
    short = _AFTER.sub("", short).strip(_MARKS)
    return short.removesuffix("’s").removesuffix("'s") or phrase or text


def names_nobody(text: str) -> bool:
    """Whether a mention holds no word that could mean somebody ("The", "Given")."""
    low = fold(text.strip(_MARKS))
    if low in PRONOUNS or gazetteer().is_people_noun(low) or gazetteer().country(low):
        return False
    return not low or (
        low in common_words().function
        and low not in common_words().counts
        and not (len(low) > 1 and text.strip().isupper())
    )


def past_paper(text: str, span: Span) -> Span:
    """The issuer in "a statement by the ministry", else the mention itself."""
    match = _PAPER.match(text, span.start, min(span.end, span.start + _LONGEST))
    return Span(match.end(), span.end) if match and match.end() < span.end else span


def read_speaker(text: str, span: Span, mentions: Sequence[Mention], starts: Sequence[int]) -> Speaker:
    """What the mention at `span` is; `starts` are the mentions' starts in order."""
    span = Span(span.start, min(span.end, span.start + _LONGEST))
    written = span.of(text)
    phrase = bare_phrase(written)
    pronoun = PRONOUNS.get(fold(written.strip(" ,.;:“”\"'")))
    if pronoun and not (written.strip().isupper() and len(written.strip()) > 1):
        return Speaker("pronoun", pronoun, phrase, None, None, ())
    first = bisect_left(starts, span.start)
    while first > 0 and mentions[first - 1].span.end > span.start:
        first -= 1
    inside: list[int] = []
    for i in range(first, len(mentions)):
        if mentions[i].span.start >= span.end:
            break
        if mentions[i].span.end <= span.end + 2:
            inside.append(i)
    if not inside:
        own = [m for m in mentions_in(text, span) if m.kind == "name" or m.plural or m.category != "group"]
        pick = _head(text, span, own, range(len(own))) if own else None
        if pick is None:
            return Speaker("phrase", "", phrase, None, None, ())
        return Speaker(own[pick].kind, "", phrase, None, own[pick], ())
    joint = _joint(text, span, mentions, inside)
    head = _head(text, span, mentions, inside)
    if head is not None and mentions[head].modifier:
        # a noun follows that the text around hid: "the Norwegian army" before a lost full stop
        own = [m for m in mentions_in(text, span) if m.kind == "nominal" and m.span.end > mentions[head].span.end]
        if own:
            return Speaker("nominal", "", phrase, None, own[-1], joint)
    if head is None:
        return Speaker("phrase", "", phrase, None, None, joint)
    return Speaker(mentions[head].kind, "", phrase, head, None, joint)


def _head(text: str, span: Span, mentions: Sequence[Mention], inside: Sequence[int]) -> int | None:
    """The mention that heads the phrase at `span`."""
    free = [
        i
        for i in inside
        if not (mentions[i].possessive or mentions[i].modifier) or mentions[i].span.end >= span.end - 2
    ]
    if not free:
        return inside[-1] if inside else None
    cut = span.end
    at = span.start
    while match := _AFTER_HEAD.search(text, at, span.end):
        holder = next(
            (mentions[i] for i in inside if mentions[i].span.start <= match.start() < mentions[i].span.end), None
        )
        if holder is None:
            if match.start() > span.start:
                cut = match.start()
                break
            at = match.end()
        else:
            at = max(holder.span.end, match.start() + 1)
    before = [i for i in free if mentions[i].span.start < cut]
    after = [i for i in free if mentions[i].span.start >= cut]
    persons = [i for i in before if mentions[i].kind == "name" and mentions[i].category == "person"]
    if persons:
        return persons[-1]
    if bearer := _bearer(text, span, mentions, inside, free):
        return bearer
    if not before:
        noun = (text[span.start : cut].split() or [""])[-1]
        # "a dealer in Varda" is not Varda, though no list knows dealers
        unlisted = noun.isalpha() and noun.islower() and noun not in common_words().function
        return None if unlisted and _LOCATED.match(text, cut, span.end) else free[0]
    head = before[-1]
    if text[cut : cut + 1] == "," and after and mentions[head].kind == "nominal":
        nearest = mentions[after[0]]
        if (
            nearest.kind == "name"
            and nearest.category in ("person", "unknown")
            and not text[cut : nearest.span.start].strip(" ,")
        ):
            return after[0]
    return head


def _bearer(
    text: str, span: Span, mentions: Sequence[Mention], inside: Sequence[int], free: Sequence[int]
) -> int | None:
    """Who bears the role where a page lost its commas: "the head of the Varda council Carl Bruun"."""
    last = mentions[free[-1]]
    if last.kind != "name" or last.category not in ("person", "unknown") or last.role or " " not in last.text:
        return None
    if span.end - last.span.end > 1 or last.possessive or not gazetteer().is_person_noun(_first_noun(text, span)):
        return None
    gap = text[max(span.start, last.span.start - 2) : last.span.start]
    touches = [i for i in inside if mentions[i].span.end == last.span.start - 1 and not mentions[i].possessive]
    return free[-1] if gap[-1:] == " " and touches else None


def _first_noun(text: str, span: Span) -> str:
    """The word before "of" or "for" in "the head of …", folded; "" where the phrase has another form."""
    match = re.match(r"(?:the\s+)?(?:[\w.-]+\s+){0,3}?([\w-]+)\s+(?:of|for)\s", text[span.start : span.end], re.I)
    return fold(match.group(1)) if match else ""


def _joint(text: str, span: Span, mentions: Sequence[Mention], inside: Sequence[int]) -> tuple[int, ...]:
    """The names that speak together in "A and B" or "A, B and C", else nothing."""
    names = [
        i for i in inside if mentions[i].kind == "name" and not mentions[i].possessive and not mentions[i].modifier
    ]
    if len(names) < 2 or span.end - span.start > 300:
        return ()
    gaps = [text[mentions[a].span.end : mentions[b].span.start] for a, b in pairwise(names)]
    if any(set(fold(gap).split()) & _PLACED for gap in gaps):
        return ()  # "A and its allies in B"
    last = fold(gaps[-1]).split()
    if "and" not in last and "&" not in last:
        return ()
    plain = all(re.fullmatch(r"\s*(?:\([^()]*\)\s*)?(?:,|and|&|, and)\s+(?:[\w.]+\s+){0,3}", gap) for gap in gaps)
    rest = re.sub(r"\([^()]*\)", "", text[mentions[names[-1]].span.end : span.end])
    return tuple(names) if plain and not rest.strip(" .,") else ()
