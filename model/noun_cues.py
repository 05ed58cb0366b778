"""Reads stances that a noun reports: "criticism from the union of …", "the minister's call for …"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quotestance.model.cues import lexicon
from quotestance.model.speaker_phrase import Range, is_actor, is_nominal, phrase_after, phrase_before
from quotestance.model.tokens import AUXILIARIES, QUOTE, RELATIVES, Token, word_set

_POSSESSIVES = word_set("his her its their")
_MOST_ADJECTIVES = 3


@dataclass(frozen=True, slots=True)
class NounReport:
    """A noun that reports a stance, in token indices of one sentence; `possessive` where the speaker ends in "'s"."""

    content: Range
    speaker: Range
    cue: Range
    possessive: bool


def find_noun_reports(tokens: Sequence[Token]) -> Iterator[NounReport]:
    """Every stance reported by a noun with its possessor or with "from" or "by", in text order."""
    words = lexicon()
    for at, token in enumerate(tokens):
        if token.lower not in words.nouns or token.is_capitalised or token.quoted or at + 1 >= len(tokens):
            continue
        following = tokens[at + 1].lower
        report = None
        if following in {"from", "by"}:
            report = _from_actor(tokens, at)
        elif following in words.noun_prepositions:
            report = _of_possessor(tokens, at)
        if report:
            yield report


def _from_actor(tokens: Sequence[Token], at: int) -> NounReport | None:
    speaker = phrase_after(tokens, at + 2, len(tokens))
    if speaker is None or not is_actor(tokens, speaker):
        return None
    start = _adjectives(tokens, at)
    return NounReport((start, _end(tokens, speaker[1])), speaker, (at, at + 1), False)


def _of_possessor(tokens: Sequence[Token], at: int) -> NounReport | None:
    owner = _adjectives(tokens, at) - 1
    if owner < 0:
        return None
    end = _end(tokens, at + 2)
    if end - at < 4:
        return None
    if tokens[owner].lower in _POSSESSIVES:
        return NounReport((owner, end), (owner, owner + 1), (at, at + 1), False)
    if not tokens[owner].is_possessive:
        return None
    speaker = phrase_before(tokens, owner)
    if speaker is None:
        return None
    return NounReport((owner + 1, end), speaker, (at, at + 1), True)


def _adjectives(tokens: Sequence[Token], at: int) -> int:
    start = at
    while start > 0 and at - start < _MOST_ADJECTIVES:
        before = tokens[start - 1]
        if before.is_possessive or before.is_capitalised or not is_nominal(tokens, start - 1):
            break
        start -= 1
    return start


def _end(tokens: Sequence[Token], at: int) -> int:
    while at < len(tokens):
        token = tokens[at]
        if (
            token.lower in AUXILIARIES | RELATIVES
            or token.lower == QUOTE
            or (token.text in {",", ";", ".", "(", ")", "–", "—", "--"})
        ):
            break
        at += 1
    return at
