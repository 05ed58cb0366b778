"""The reporting words: loads the lexicon once and answers which cue, in which form, a word can begin."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Group = Literal["speech", "telling", "attitude"]
Form = Literal["base", "third", "past", "pp", "ing", "source"]
Lean = Literal["supportive", "condemning"]

_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Cue:
    """One entry of the lexicon; `rest` holds the words after the verb ("for" of "call for")."""

    lemma: str
    group: Group
    lean: Lean | None
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CueForm:
    """A cue in one inflected form; `past` also stands for a past participle of the same spelling."""

    cue: Cue
    form: Form


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The reporting words: `verbs` by first word, lower case, entries with more words first; `needs_that` by lemma."""

    verbs: dict[str, tuple[CueForm, ...]]
    needs_that: frozenset[str]
    nouns: frozenset[str]
    noun_prepositions: frozenset[str]
    ambiguous: frozenset[str]
    actor_nouns: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The lexicon that ships with the package, read once."""
    data = tomllib.loads(files("quotestance.model").joinpath("lexicon/cues.toml").read_text(encoding="utf-8"))
    irregular: dict[str, list[str]] = data["irregular"]
    verbs: dict[str, list[CueForm]] = {}
    for cue in _entries(data):
        for word, form in _inflect(cue.lemma.split()[0], irregular):
            verbs.setdefault(word, []).append(CueForm(cue, form))
    for phrase in data["sources"]["phrases"]:
        word, *rest = phrase.split()
        verbs.setdefault(word, []).append(CueForm(Cue(phrase, "speech", None, tuple(rest)), "source"))
    ordered = {word: tuple(sorted(forms, key=lambda f: -len(f.cue.rest))) for word, forms in verbs.items()}
    nouns: list[str] = data["actors"]["nouns"]
    return Lexicon(
        verbs=ordered,
        needs_that=frozenset(data["speech"]["needs_that"]),
        nouns=frozenset(data["nouns"]["words"]),
        noun_prepositions=frozenset(data["nouns"]["about"]),
        ambiguous=frozenset(data["ambiguous"]["words"]),
        actor_nouns=frozenset(nouns) | frozenset(_plural(noun) for noun in nouns),
    )


def _entries(data: dict[str, Any]) -> list[Cue]:
    entries: list[Cue] = []
    groups: list[tuple[Group, Lean | None, list[str]]] = [
        ("speech", None, data["speech"]["verbs"]),
        ("telling", None, data["telling"]["verbs"]),
        ("attitude", "supportive", data["attitude"]["supportive"]["verbs"]),
        ("attitude", "condemning", data["attitude"]["condemning"]["verbs"]),
        ("attitude", None, data["attitude"]["none"]["verbs"]),
    ]
    for group, lean, verbs in groups:
        entries += [Cue(verb, group, lean, tuple(verb.split()[1:])) for verb in verbs]
    return entries


def _inflect(verb: str, irregular: dict[str, list[str]]) -> list[tuple[str, Form]]:
    if verb == "be":
        return [("is", "third"), ("are", "base"), ("am", "base"), ("was", "past"), ("were", "past")]
    if verb in irregular:
        third, past, participle, ing = irregular[verb]
        forms: list[tuple[str, Form]] = [(verb, "base"), (third, "third"), (past, "past"), (ing, "ing")]
        return forms if participle == past else [*forms, (participle, "pp")]
    if verb.endswith("e"):
        past, ing = verb + "d", verb[:-1] + "ing"
    elif verb.endswith("y") and verb[-2] not in _VOWELS:
        past, ing = verb[:-1] + "ied", verb + "ing"
    else:
        past, ing = verb + "ed", verb + "ing"
    return [(verb, "base"), (_plural(verb), "third"), (past, "past"), (ing, "ing")]


def _plural(word: str) -> str:
    if word.endswith("man") and len(word) > 4:
        return word[:-2] + "en"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "sh", "ch", "x", "o")) else "s")
