"""Finds what an article's stances are about: its main strike, as a short noun phrase."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from quotestance.model.common_words import common_words
from quotestance.model.document import Document
from quotestance.model.gazetteer import gazetteer
from quotestance.model.powers import armed_in, countries_in, named_in, powers
from quotestance.model.strike_description import described
from quotestance.model.strike_mentions import StrikeMention, find_strikes
from quotestance.model.types import Target
from quotestance.model.words import fold

_LEAD_SENTENCES = 4
# A headline says what the article is about; the lead nearly so.
_HEADLINE, _LEAD, _BODY = 3.0, 2.0, 0.6
# Deeper than this a new strike is never the main one.
_MOST_SENTENCES = 150
# Of the mentions' weights in all; below it a word in passing ("an attack on privilege") is no strike.
_LEAST, _LEAST_LOOSE = 1.65, 3.5
_OFTEN, _BY_FAR = 4, 1.5  # of how a country is named for it to be the place, three times for one "in" it


def find_target(document: Document) -> Target | None:
    """The main strike of the article, from headline and lead, else the body; None where no strike is spoken of."""
    weighed = _weighed(document, loose=False)
    least = _LEAST
    if not weighed:
        weighed = _weighed(document, loose=True)
        short = sum(len(p.sentences) for p in document.body) <= _LEAD_SENTENCES
        least = _LEAST if short else _LEAST_LOOSE
    if not weighed or sum(weight for weight, _ in weighed) < least:
        return None
    attacker, shown = _attacker(weighed)
    if not attacker:
        attacker, shown = _likely_attacker(document)
    same = [(w, m) for w, m in weighed if not m.attacker or m.attacker == attacker] or weighed
    noun = _noun(same)
    victim = _vote(same, lambda m: "" if m.aimed and named_in(m.victim) == {attacker} else m.victim)
    place = _vote(same, lambda m: m.place)
    hedge = _vote([(w, m) for w, m in same if w >= _LEAD], lambda m: m.hedge)
    home = gazetteer().places.get(fold(victim))
    if home is None and _same_group(victim, attacker):
        victim = ""
    if home is not None and home.name == attacker:
        # who strikes at home strikes in it; who strikes abroad is misread
        victim, place = "", place or f"in {victim}"
    if not victim and not place:
        victim = _likely_victim(document, attacker)
    if not place and not countries_in(victim, 0, len(victim)):
        country = _likely_place(document, attacker)
        place = f"in {country}" if country and country.casefold() not in victim.casefold() else ""
    said_twice = set(place.casefold().split()) & set(victim.casefold().split()) - common_words().function
    if said_twice:
        place = ""
    return Target(described(hedge, shown, noun, victim, place), source="found")


def _weighed(document: Document, *, loose: bool) -> list[tuple[float, StrikeMention]]:
    found: list[tuple[float, StrikeMention]] = []
    if document.title:
        found += [(_HEADLINE * m.weight, m) for m in find_strikes(document.title, 0, len(document.title), loose=loose)]
    number = 0
    for paragraph in document.body:
        for sentence in paragraph.sentences:
            if number >= _MOST_SENTENCES:
                return found
            share = _LEAD if number < _LEAD_SENTENCES else _BODY
            found += [(share * m.weight, m) for m in find_strikes(document.text, *sentence, loose=loose)]
            number += 1
    return found


def _likely_victim(document: Document, attacker: str) -> str:
    """The armed group that the headline and lead name most, other than the attacker."""
    counts = Counter(name for text, start, end in _opening(document) for name in armed_in(text, start, end))
    others = {name: n for name, n in counts.items() if not _same_group(name, attacker)}
    return max(others, key=lambda name: others[name], default="")


def _same_group(one: str, other: str) -> bool:
    """Whether two names are one but for a plural: "Houthi", "Houthis"."""
    return fold(one).removesuffix("s") == fold(other).removesuffix("s")


def _likely_place(document: Document, attacker: str) -> str:
    """The country, other than the attacker and the United States, that the opening names by far the most.

    "" where none stands out: whoever reacts to a strike is named as well as where it fell.
    """
    counts = Counter(name for text, start, end in _opening(document) for name in countries_in(text, start, end))
    counts.pop(attacker, None)
    counts.pop("United States", None)
    (best, most), (_, second) = [*counts.most_common(2), ("", 0), ("", 0)][:2]
    return best if most >= _OFTEN and most >= _BY_FAR * second else ""


def _opening(document: Document) -> list[tuple[str, int, int]]:
    """Headline and first sentences, as ranges of the text they stand in."""
    sentences = [s for p in document.body[:_LEAD_SENTENCES] for s in p.sentences][: 3 * _LEAD_SENTENCES]
    head = [(document.title, 0, len(document.title))] if document.title else []
    return head + [(document.text, s.start, s.end) for s in sentences]


def _likely_attacker(document: Document) -> tuple[str, str]:
    """Whose leader or army the headline and lead are about, where no clause says who strikes."""
    votes: dict[str, float] = defaultdict(float)
    shown: dict[str, str] = {}
    for number, (text, start, end) in enumerate(_opening(document)):
        for name, adjective in powers(text, start, end):
            votes[name] += 1 / (1 + number)
            shown[name] = adjective
    if not votes:
        return "", ""
    best = max(votes, key=lambda name: votes[name])
    return best, shown[best]


_FORMS = {
    "airstrikes": "air strikes",
    "airstrike": "air strike",
    "air-strikes": "air strikes",
    "air-strike": "air strike",
}


def _noun(weighed: Sequence[tuple[float, StrikeMention]]) -> str:
    """The most telling strike word, in the number in which it stands most."""
    scores: dict[str, float] = defaultdict(float)
    for weight, mention in weighed:
        telling = " " in mention.noun or mention.noun.startswith("air")
        scores[_FORMS.get(mention.noun, mention.noun)] += weight * (2.0 if telling else 1.0)
    return max(scores, key=lambda noun: scores[noun])


def _attacker(weighed: Sequence[tuple[float, StrikeMention]]) -> tuple[str, str]:
    scores: dict[str, float] = defaultdict(float)
    shown: dict[str, str] = {}
    led = next((m for _, m in weighed if m.attacker_text.endswith("-led coalition")), None)
    for weight, mention in weighed:
        attacker, text = mention.attacker, mention.attacker_text
        if attacker == "coalition" and led is not None:
            attacker, text = led.attacker, led.attacker_text
        if attacker:
            scores[attacker] += weight
            shown.setdefault(attacker, text)
    for weight, mention in weighed:
        # Who is struck in one clause hardly strikes in the next.
        for name in named_in(f"{mention.victim} {mention.place}"):
            if name in scores:
                scores[name] -= 0.7 * weight
    best = max(scores, key=lambda name: scores[name], default="")
    return (best, shown[best]) if best and scores[best] > 0 else ("", "")


def _vote(weighed: Sequence[tuple[float, StrikeMention]], slot: Callable[[StrikeMention], str]) -> str:
    """The slot's phrase whose words the weightiest mentions share."""
    words: dict[str, float] = defaultdict(float)
    phrases: dict[str, float] = defaultdict(float)
    for weight, mention in weighed:
        if phrase := slot(mention):
            phrases[phrase] += weight
            for word in set(phrase.casefold().split()):
                words[word] += weight
    if not phrases:
        return ""

    def support(phrase: str) -> float:
        parts = phrase.casefold().split()
        return phrases[phrase] + sum(words[p] for p in parts) / len(parts)

    return max(phrases, key=support)
