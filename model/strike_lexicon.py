"""The word lists of the target finder, read once from `lexicon/strikes.toml`."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "lexicon" / "strikes.toml"


@dataclass(frozen=True, slots=True)
class StrikeLexicon:
    """Terms with their weights, and the words that shape the clause around them; all in lower case."""

    nouns: dict[str, int]
    verbs: dict[str, int]
    context: frozenset[str]
    never_before: frozenset[str]
    never_after: frozenset[str]
    never_objects: frozenset[str]
    phrases: re.Pattern[str]
    leaders: dict[str, str]
    tail: frozenset[str]
    places: frozenset[str]
    stops: frozenset[str]
    hedges: frozenset[str]
    launches: frozenset[str]
    hit: frozenset[str]


@cache
def strike_lexicon() -> StrikeLexicon:
    """The lists, read on first use."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return StrikeLexicon(
        nouns={word: int(weight) for weight, words in data["nouns"].items() for word in words},
        verbs={word: int(weight) for weight, words in data["verbs"].items() for word in words},
        context=frozenset(data["context"]["words"]),
        never_before=frozenset(data["never"]["before"]),
        never_after=frozenset(data["never"]["after"]),
        never_objects=frozenset(data["never"]["objects"]),
        phrases=re.compile(r"\b(?:" + "|".join(map(re.escape, data["never"]["phrases"])) + r")\b", re.IGNORECASE),
        leaders=data["leaders"],
        tail=frozenset(data["clause"]["tail"]),
        places=frozenset(data["clause"]["places"]),
        stops=frozenset(data["clause"]["stops"]),
        hedges=frozenset(data["clause"]["hedges"]),
        launches=frozenset(data["clause"]["launches"]),
        hit=frozenset(data["clause"]["hit"]),
    )
