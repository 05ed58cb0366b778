"""The word lists of the actor resolver, read once from `lexicon/*.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_LEXICON = Path(__file__).parent / "lexicon"


@dataclass(frozen=True, slots=True)
class Country:
    """One country: its usual name and the first word for its people and things ("Iraqi")."""

    name: str
    adjective: str


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Word lists in lower case, straight apostrophes; the keys of `places` may hold several words."""

    places: Mapping[str, Country]
    demonyms: Mapping[str, Country]
    seats: Mapping[str, Country]
    before_name: frozenset[str]
    settling: frozenset[str]
    male_words: frozenset[str]
    female_words: frozenset[str]
    suffixes: frozenset[str]
    person_roles: frozenset[str]
    people: frozenset[str]
    government_heads: frozenset[str]
    organisation_heads: frozenset[str]
    armed_heads: frozenset[str]
    followed_by_of: frozenset[str]
    armed_names: frozenset[str]
    organisation_names: frozenset[str]
    government_names: frozenset[str]
    aliases: Mapping[str, str]
    modifiers: frozenset[str]
    class_nouns: frozenset[str]
    armed_class: frozenset[str]
    armed_adjectives: frozenset[str]
    armed_first: frozenset[str]
    locating: frozenset[str]
    located: frozenset[str]
    male_names: frozenset[str]
    female_names: frozenset[str]

    def is_person_noun(self, word: str) -> bool:
        return word in self.person_roles

    def is_people_noun(self, word: str) -> bool:
        """A plural of people: "officials", "people"."""
        return word in self.people or (singular(word) != word and singular(word) in self.person_roles)

    def is_body_noun(self, word: str) -> bool:
        """The head noun of a body: "ministry", "group"."""
        return word in self.government_heads or word in self.organisation_heads or word in self.armed_heads

    def country(self, word: str) -> Country | None:
        """The country that a name, a people or a seat of power stands for."""
        return self.places.get(word) or self.demonyms.get(word) or self.seats.get(word)


def singular(word: str) -> str:
    """A plain English plural without its ending; other words come back as they are."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("men"):
        return word[:-2] + "an"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_LEXICON / name).read_text(encoding="utf-8"))


def _words(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value.casefold() for value in values)


@cache
def gazetteer() -> Gazetteer:
    """The lists, read on first use."""
    titles, bodies, given = _read("titles.toml"), _read("organisations.toml"), _read("given_names.toml")
    places: dict[str, Country] = {}
    demonyms: dict[str, Country] = {}
    seats: dict[str, Country] = {}
    for name, entry in _read("places.toml").items():
        country = Country(name, entry["people"][0] if entry["people"] else name)
        places.update((word.casefold(), country) for word in [name, *entry["also"]])
        for word in entry["people"]:
            demonyms.setdefault(word.casefold(), country)
            if not word.endswith(("s", "h", ".", "e")):
                demonyms.setdefault(word.casefold() + "s", country)
        seats.update((word.casefold(), country) for word in entry["seats"])
    return Gazetteer(
        places=places,
        demonyms=demonyms,
        seats=seats,
        before_name=_words(titles["before_name"]),
        settling=_words(titles["settling"]),
        male_words=_words(titles["male"]),
        female_words=_words(titles["female"]),
        suffixes=_words(titles["suffixes"]),
        person_roles=_words(titles["person_roles"]),
        people=_words(titles["people"]),
        government_heads=_words(bodies["government"]),
        organisation_heads=_words(bodies["organisation"]),
        armed_heads=_words(bodies["armed_group"]),
        followed_by_of=_words(bodies["followed_by_of"]),
        armed_names=_words(bodies["armed_names"]),
        organisation_names=_words(bodies["organisation_names"]),
        government_names=_words(bodies["government_names"]),
        aliases={name.casefold(): group[0] for group in bodies["aliases"] for name in group},
        modifiers=_words(bodies["modifiers"]["words"]),
        class_nouns=_words(bodies["beside_name"]["class_nouns"]),
        armed_class=_words(bodies["beside_name"]["armed_class"]),
        armed_adjectives=_words(bodies["beside_name"]["armed_adjectives"]),
        armed_first=_words(bodies["beside_name"]["armed_first"]),
        locating=_words(bodies["beside_name"]["locating"]),
        located=_words(bodies["beside_name"]["located"]),
        male_names=_words(given["male"]),
        female_names=_words(given["female"]),
    )
