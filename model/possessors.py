"""Bodies and people named by their possessor: "its foreign ministry", "his spokesman"."""

import re

from quotestance.model.actor_types import head_noun
from quotestance.model.common_words import common_words
from quotestance.model.gazetteer import gazetteer
from quotestance.model.words import fold

_POSSESSIVE = re.compile(r"(its|their|his|her)\s+(?=\S)", re.IGNORECASE)
# A possessor's name of more words makes no readable name.
_MOST_WORDS, _LONGEST_CHAIN = 6, 3
# "Norway's foreign ministry": it is Norway that "its army" belongs to
_CHAIN = re.compile(r"(?<=\w)(?:['’]s|(?<=s)['’])\s")


def split_possessive(phrase: str) -> tuple[str, str] | None:
    """The pronoun that the possessive stands for and what is possessed: ("it", "foreign ministry"), else None."""
    match = _POSSESSIVE.match(phrase)
    if match is None:
        return None
    pronoun = {"its": "it", "their": "they", "his": "he", "her": "she"}[fold(match.group(1))]
    return pronoun, phrase[match.end() :]


def is_issued(phrase: str) -> bool:
    """Whether the phrase is a paper or an utterance of its possessor."""
    return head_noun(phrase) in common_words().issued


def possessed_name(owner: str, rest: str, *, plural: bool, curly: bool) -> str:
    """ "Norway" and "foreign ministry" give "Norway's foreign ministry"; an owner that is no short name is left out."""
    if demonym := gazetteer().demonyms.get(fold(owner)):
        owner = owner if fold(owner) in gazetteer().places else demonym.name
    chained = _CHAIN.split(owner, maxsplit=1)
    if len(chained) > 1 and gazetteer().is_person_noun(head_noun(rest)) and len(owner.split()) <= _LONGEST_CHAIN:
        return f"{owner} {rest}"
    owner = chained[0]
    if len(owner.split()) > _MOST_WORDS or not owner[:1].isalnum() or owner.split()[0] in common_words().function:
        return rest
    mark = "’" if curly else "'"
    bare = owner.endswith("s") and (plural or " " in owner)
    return f"{owner}{mark if bare else mark + 's'} {rest}"
