"""What the words beside a name call it: "the Varda group", "rebel faction Varda", "Varda, a charity"; or a place."""

from collections.abc import Sequence
from typing import Literal

from quotestance.model.common_words import common_words
from quotestance.model.gazetteer import gazetteer
from quotestance.model.words import Word

Called = Literal["", "organisation", "armed_group", "place"]

_LONGEST_APPOSITION = 8
# Its fighters are looked for in this many words after the name.
_REACH = 30


def called(words: Sequence[Word], start: int, end: int) -> Called:
    """What kind of thing the name in `words[start:end]` is called right beside it, "" where nothing says it."""
    lists = gazetteer()
    adjective = end - start == 1 and (words[start].low in lists.modifiers or words[start].low in lists.demonyms)
    if words[end - 1].possessive or adjective:
        return ""
    before = words[start - 1].low if start else ""
    after = words[end].low if end < len(words) else ""
    if start <= 1 and _has_fighters(words[end : end + _REACH]):
        return "armed_group"
    found = _noun_after(words, end) or _noun_before(words, start) or _apposition(words, end)
    if found:
        return found
    if before in lists.locating or after in lists.located:
        return "place"
    if after == "," and end + 1 < len(words) and words[end + 1].low == "which":
        return "organisation"
    return ""


def _kind(noun: Word, *, armed: bool) -> Called:
    """The kind that a lower-case class noun stands for, "" for another word."""
    if not noun.text[0].islower():
        return ""
    if noun.low in gazetteer().armed_class:
        return "armed_group"
    if noun.low in gazetteer().class_nouns:
        return "armed_group" if armed else "organisation"
    return ""


def _noun_after(words: Sequence[Word], end: int) -> Called:
    """ "the Varda militant group"."""
    armed = False
    for k in range(end, min(end + 3, len(words))):
        if kind := _kind(words[k], armed=armed):
            following = words[k + 1].low if k + 1 < len(words) else ""
            return "" if words[k].possessive and gazetteer().is_person_noun(following) else kind
        militant = words[k].low in gazetteer().armed_adjectives
        if words[k].is_capital or not (militant or words[k].low in gazetteer().modifiers):
            return ""
        armed = armed or militant
    return ""


def _noun_before(words: Sequence[Word], start: int) -> Called:
    """ "rebel faction Varda"; "the group Varda" alone may be "the group Varda leads"."""
    if (
        start < 2
        or words[start - 1].possessive
        or words[start - 2].low in common_words().determiners
        or not words[start - 2].is_word
    ):
        return ""
    return _kind(words[start - 1], armed=words[start - 2].low in gazetteer().armed_adjectives)


def _apposition(words: Sequence[Word], end: int) -> Called:
    """ "Varda, a militant group based in …"."""
    lists = gazetteer()
    if end + 2 >= len(words) or words[end].text != "," or words[end + 1].low not in ("a", "an"):
        return ""
    armed = False
    for k in range(end + 2, min(end + 2 + _LONGEST_APPOSITION, len(words))):
        word = words[k]
        if not word.is_word or word.low in common_words().breaks_role:
            return ""
        following = words[k + 1].low if k + 1 < len(words) and words[k + 1].is_word else ""
        last = not following or following in common_words().after_head or following.endswith("ed")
        if last:
            body: Called = "organisation" if word.low in lists.organisation_heads and word.text.islower() else ""
            return _kind(word, armed=armed) or body
        if lists.is_person_noun(word.low) and word.low not in lists.armed_adjectives:
            return ""
        armed = armed or word.low in lists.armed_adjectives
    return ""


def _has_fighters(after: Sequence[Word]) -> bool:
    """Whether "its fighters" follow."""
    armed = gazetteer().armed_class
    owned = [after[k + 1 : k + 3] for k, word in enumerate(after) if word.low == "its"]
    return any(word.low in armed and word.low.endswith(("s", "men")) for words in owned for word in words)


def is_class_noun(word: str) -> bool:
    """Whether a body's name may go with or without this last word ("the Varda Movement", "Varda")."""
    return word in gazetteer().class_nouns or word in gazetteer().armed_class
