"""Which countries and armed groups a stretch of text names."""

from quotestance.model.gazetteer import gazetteer
from quotestance.model.strike_lexicon import strike_lexicon
from quotestance.model.words import words_of

_REACTIONS = frozenset(
    f"{verb}{ending}"
    for verb in ("condemn", "denounc", "criticis", "criticiz", "deplor", "decri", "slamm", "reject")
    for ending in ("", "s", "e", "es", "ed", "ing")
)
_HARMED = frozenset(["killed", "wounded", "injured", "die", "died", "dead", "hurt"])


def named_in(phrase: str) -> set[str]:
    """The countries and armed groups that a phrase names."""
    lists = gazetteer()
    found = set()
    for word in words_of(phrase):
        if word.low in lists.places and (word.low != "us" or word.text == "US"):
            found.add(lists.places[word.low].name)
        elif word.is_capital and word.low in lists.armed_names:
            found.add(word.text)
    return found


def armed_in(text: str, start: int, end: int) -> list[str]:
    """The armed groups that `text[start:end]` names, by one name each."""
    lists = gazetteer()
    words = words_of(text, start, end)
    found = []
    for i, word in enumerate(words):
        if not word.is_capital or word.low == "is":
            continue
        two = f"{word.low} {words[i + 1].low}" if i + 1 < len(words) else ""
        if two in lists.armed_names:
            found.append(f"{word.text} {words[i + 1].text}".removesuffix("'s").removesuffix("’s"))
        elif word.low in lists.armed_names:
            found.append(word.text.removesuffix("'s").removesuffix("’s"))
    return found


def countries_in(text: str, start: int, end: int) -> list[str]:
    """The countries that `text[start:end]` names, three times after "in" or the like."""
    lists = gazetteer()
    found = []
    words = words_of(text, start, end)
    for i, word in enumerate(words):
        place = lists.places.get(word.low) or lists.demonyms.get(word.low)
        if place is None and word.low.endswith("s"):
            place = lists.places.get(word.low[:-1])
        if place is None or not word.is_capital or (word.low == "us" and word.text != "US"):
            continue
        located = i > 0 and words[i - 1].low in lists.locating | strike_lexicon().places
        found += [place.name] * (3 if located else 1)
    return found


def powers(text: str, start: int, end: int) -> list[tuple[str, str]]:
    """The countries whose leaders or armies `text[start:end]` names: (name, adjective)."""
    leaders, lists = strike_lexicon().leaders, gazetteer()
    found = []
    words = words_of(text, start, end)
    for i, word in enumerate(words):
        following = [w.low for w in words[i + 1 : i + 7]]
        if f"{word.low} {''.join(following[:1])}" in lists.places or _REACTIONS.intersection(following):
            continue  # "Saudi Arabia"; "Turkish President X condemned the strike": he does not strike
        if _HARMED.intersection(following) and any(map(lists.is_people_noun, following[:2])):
            continue  # "three Israeli soldiers were killed": they do not strike
        if word.is_capital and (country := lists.places.get(leaders.get(word.low, "").casefold())):
            found.append((country.name, country.adjective))
        elif word.low in lists.demonyms and (word.low != "us" or word.text == "US"):
            found.append((lists.demonyms[word.low].name, lists.demonyms[word.low].adjective))
    return found
