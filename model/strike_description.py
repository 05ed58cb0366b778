"""Puts the parts of a strike together as a short noun phrase that ends in a noun."""

import re

from quotestance.model.common_words import common_words
from quotestance.model.gazetteer import gazetteer
from quotestance.model.strike_lexicon import strike_lexicon
from quotestance.model.words import fold

_MOST_WORDS = 14
# Where a long phrase may end: before what only narrows it down.
_NARROWS = re.compile(r"\s+(?:of|in|near|at|around|outside|across|along|throughout|and|with|from)\s")


def described(hedge: str, attacker: str, noun: str, victim: str, place: str) -> str:
    """ "US" "air strikes" on "rebels" "in Idlib" as one phrase of at most 14 words; empty parts are left out."""
    preposition, _, area = place.partition(" ")
    victim, area = tidy(victim).removeprefix("the "), tidy(area)
    place = f"{preposition} {area}" if area else ""
    head = [part for part in (hedge, attacker, noun) if part]
    room = _MOST_WORDS - sum(len(part.split()) for part in head)
    victim = shortened(victim, room - 1)
    if len(victim.split()) + len(place.split()) + 1 > room:
        place = ""
    on = "on"
    for ending in (" on", " against"):
        if noun.endswith(ending):  # "war on", "fight against"
            head[-1], on = noun.removesuffix(ending), ending.strip()
    return " ".join([*head, *([f"{on} {victim}"] if victim else []), *([place] if place else [])])


def tidy(phrase: str) -> str:
    """The phrase without what cannot end a noun phrase."""
    words = phrase.split()
    while words and (_dangles(words[-1]) or (len(words) > 1 and _is_cut_off(words[-2], words[-1]))):
        words.pop()
    return " ".join(words)


def _dangles(word: str) -> bool:
    low = fold(word).strip(".,;:")
    if not any(c.isalnum() for c in word) or (len(word) == 1 and word.isalpha()):
        return True
    closed = low in common_words().function or low in strike_lexicon().stops or low in strike_lexicon().tail
    return (closed and not word.isupper()) or (low.endswith("ly") and word.islower())


def _is_cut_off(before: str, last: str) -> bool:
    """Whether an article and an adjective are left of a longer phrase: "the Syrian"."""
    return before.casefold() in ("the", "a", "an") and fold(last) in gazetteer().demonyms


def shortened(phrase: str, room: int) -> str:
    """The phrase cut before an "of" or "in" so that it has at most `room` words, "" where no cut makes it fit."""
    while len(phrase.split()) > room:
        cuts = list(_NARROWS.finditer(phrase))
        if not cuts:
            return ""
        phrase = tidy(phrase[: cuts[-1].start()])
    return phrase
