"""Where names begin and end on pages that lost their commas and full stops."""

from collections.abc import Sequence

from quotestance.model.gazetteer import gazetteer
from quotestance.model.words import Word


def after_bearer(words: Sequence[Word], first: int, i: int) -> int:
    """Where the nominal begins whose bearer stands before it without a comma: "Carl Bruun head of the council"."""
    lists = gazetteer()
    given = words[first].low in lists.male_names or words[first].low in lists.female_names
    names = all(w.is_capital for w in words[first:i])
    of = i + 1 < len(words) and words[i + 1].low in ("of", "at", "for")
    plain = not any(
        lists.is_body_noun(w.low) or lists.country(w.low) or w.low in lists.modifiers | lists.before_name
        for w in words[first:i]
    )
    bearer = names and of and i - first > 1 and (given or plain)
    return i if bearer and words[i].text.islower() and lists.is_person_noun(words[i].low) else first


def known_body(name: Sequence[Word]) -> bool:
    """Whether the words after a place or an adjective are the whole name of a known body."""
    lists = gazetteer()
    first, rest = name[0].low, " ".join(w.low for w in name[1:])
    leads = lists.country(first) is not None or first in lists.modifiers
    return leads and (rest in lists.organisation_names or rest in lists.armed_names)


def person_after_body(name: Sequence[Word]) -> int:
    """Where a person's name begins in "Norwegian Coalition Carl Bruun", 0 where none does."""
    lists = gazetteer()
    for i in range(1, len(name) - 1):
        given = name[i].low in lists.male_names or name[i].low in lists.female_names
        if given and lists.is_body_noun(name[i - 1].low) and not lists.is_body_noun(name[-1].low):
            return i
    return 0


def unpunctuated(before: Word, name: Sequence[Word]) -> int:
    """How many words belong to the clause before, where a page lost its commas: "in Norway Carl Bruun said"."""
    lists = gazetteer()
    for size in (2, 1):
        place = " ".join(w.low for w in name[:size])
        if before.low in lists.locating and size < len(name) and place in lists.places:
            return size
    return 0
