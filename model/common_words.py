"""Closed lists of common words, read once from `lexicon/common_words.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "lexicon" / "common_words.toml"


@dataclass(frozen=True, slots=True)
class CommonWords:
    """The lists of the file under their names there, in lower case."""

    function: frozenset[str]
    particles: frozenset[str]
    determiners: frozenset[str]
    breaks_role: frozenset[str]
    oblique: frozenset[str]
    portfolios: frozenset[str]
    dotted: frozenset[str]
    any_body: frozenset[str]
    any_person: frozenset[str]
    after_head: frozenset[str]
    counts: frozenset[str]
    issued: frozenset[str]


@cache
def common_words() -> CommonWords:
    """The lists, read on first use."""
    lists = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return CommonWords(**{name: frozenset(words) for name, words in lists.items()})
