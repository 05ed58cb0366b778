"""Where names begin and end in a row of words, and the roles that stand beside them."""

import re
from collections.abc import Sequence
from functools import cache

from quotestance.model.common_words import common_words
from quotestance.model.gazetteer import gazetteer
from quotestance.model.names import is_given_name
from quotestance.model.words import Word, fold

SHOUTED = frozenset(["us", "is", "who", "it"])  # "US" is a name where "us" is none
# "pro-Iran", "Iran-backed": what a noun is like, not a name
_DESCRIBES = re.compile(
    r"^(?:pro|anti|non|ex|post|pre|mid)-|-(?:backed|based|led|run|held|controlled|aligned|allied|born|style|wide|owned|era)$"
)
_BEHIND = ("-led", "-backed", "-based", "-held", "-run", "-linked")
_GLUED_WITHIN = 7
_LONGEST_LISTED = 8  # words of a name in the lists
_ALSO_SURNAMES = frozenset(["may", "will", "can", "read"])
PARTY_TAG = re.compile(r"[DRI]-")  # "D-Conn."


def opens(words: Sequence[Word], i: int) -> bool:
    return i == 0 or words[i - 1].text in "“\"‘'(:–—-.?!…[" or (not words[i - 1].is_word and i == 1)


def starts_name(words: Sequence[Word], i: int, doubtful: set[str]) -> bool:
    word = words[i]
    if not word.is_word or not word.is_capital:
        return False
    if known_end(words, i):
        return True
    if word.low in common_words().function and not (word.text.isupper() and word.low in SHOUTED):
        return False
    if _DESCRIBES.search(word.low):
        return False
    if not opens(words, i):
        return True
    lists = gazetteer()
    if i + 1 < len(words) and words[i + 1].is_capital and words[i + 1].low not in common_words().function:
        return not (word.low in doubtful and lists.is_people_noun(word.low))
    if word.low in lists.followed_by_of and i + 2 < len(words) and words[i + 1].low in ("of", "for"):
        return words[i + 2].is_capital
    common = lists.is_person_noun(word.low) or lists.is_people_noun(word.low) or lists.is_body_noun(word.low)
    return word.low not in doubtful and not (common and word.low not in lists.organisation_names)


def known_end(words: Sequence[Word], start: int) -> int:
    """One past a listed name of several words that begins at `start`, small words in it or not; 0 where none does."""
    listed = _listed_by_first_word().get(fold(words[start].text), set())
    for size in range(min(_LONGEST_LISTED, len(words) - start), 1, -1) if listed else ():
        run = words[start : start + size]
        if " ".join([*(fold(word.text) for word in run[:-1]), run[-1].low]) in listed:
            return start + size
    return 0


@cache
def _listed_by_first_word() -> dict[str, set[str]]:
    """The lists' names of several words: nearly every word begins none of them."""
    lists = gazetteer()
    found: dict[str, set[str]] = {}
    for name in lists.organisation_names | lists.armed_names | lists.government_names:
        if " " in name:
            found.setdefault(name.split(" ", 1)[0], set()).add(name)
    return found


def name_end(words: Sequence[Word], start: int) -> int:
    """One past the last word of the name that begins at `start`."""
    follows = gazetteer().followed_by_of

    def capital(at: int) -> bool:
        if at >= len(words) or not words[at].is_capital or words[at].low.endswith(_BEHIND):
            return False
        if PARTY_TAG.match(words[at].text):
            return False
        if words[at].low not in common_words().function or words[at].text.endswith("."):
            return True
        return words[at].low in _ALSO_SURNAMES and is_given_name(words[at - 1])

    at = known_end(words, start) or start + 1
    bound = False
    while at < len(words) and at - start < 14:
        if words[at - 1].possessive and not (words[at - 1].low == "people" and at - start > 1):
            break  # but "Tigray People's Liberation Front"
        word = words[at]
        if past_glued(words, at) > at:
            break
        if capital(at) and words[at].text[0] not in "([":
            at += 1
        elif (past := _past_particles(words, at)) > at and capital(past):
            at = past + 1
        elif word.low in ("of", "for", "on", "against", "to") and words[at - 1].low in follows and capital(at + 1):
            at, bound = at + 2, True
        elif (
            word.low in ("of", "for") and words[at - 1].low in follows and _is(words, at + 1, "the") and capital(at + 2)
        ):
            at, bound = at + 3, True
        elif word.text in ("and", "&") and bound and capital(at + 1) and not gazetteer().country(words[at + 1].low):
            at += 2
        elif (
            word.text in '(“"'
            and at + 2 < len(words)
            and capital(at + 1)
            and words[at + 2].text in ')”"'
            and capital(at + 3)
        ):
            at += 4
        else:
            break
    return at


def _past_particles(words: Sequence[Word], at: int) -> int:
    """Past "von der" and the like."""
    while at < len(words) and words[at].low in common_words().particles and words[at].text.islower():
        at += 1
    return at


def past_glued(words: Sequence[Word], at: int) -> int:
    """Past the headline that a page glued on after the name that ends at `at`, else `at` itself.

    "Bruun Carl BruunSenator says" is the name "Bruun" and rubbish up to "BruunSenator".
    """
    name = words[at - 1].text
    if len(name) < 4:
        return at
    for k in range(at, min(at + _GLUED_WITHIN, len(words))):
        text = words[k].text
        handle = words[k - 1].text in "(@"  # "Carl Bruun (CarlBruun)"
        if not handle and text.startswith(name) and text[len(name) : len(name) + 1].isupper():
            return k + 1
    return at


def _is(words: Sequence[Word], at: int, low: str) -> bool:
    return 0 <= at < len(words) and words[at].low == low


def is_country_of(word: Word) -> bool:
    """ "Russia's", also where a broken page dropped the apostrophe: "Russias"."""
    places = gazetteer().places
    return word.is_capital and (
        (word.possessive and word.low in places) or (word.low[-1] == "s" and word.low[:-1] in places)
    )


def role_left(words: Sequence[Word], start: int) -> tuple[str, ...]:
    """The lower-case role before a name ("defence spokesman John Kirby", "the secretary of state, John Kerry")."""
    lists = gazetteer()
    at = start - 1
    if at >= 1 and words[at].text == ",":
        at -= 1
    role: list[str] = []
    while at >= 0 and len(role) < 6:
        low = words[at].low
        known = lists.is_person_noun(low) or low in lists.modifiers or low in ("of", "state", "affairs", "party")
        if not words[at].is_word or not (known or (role and (words[at].is_capital or lists.is_body_noun(low)))):
            break
        role.append(low)
        at -= 1
    role.reverse()
    return tuple(role) if any(lists.is_person_noun(w) for w in role) else ()


def role_right(words: Sequence[Word], end: int) -> tuple[str, ...]:
    """The role in an apposition after a name (", a defence analyst at …"), up to its head noun."""
    if end + 1 >= len(words) or words[end].text not in (",", "("):
        return ()
    lists = gazetteer()
    role: list[str] = []
    for at in range(end + 1, min(end + 9, len(words))):
        word = words[at]
        if not word.is_word or word.low in common_words().breaks_role or word.low in ("he", "she", "they", "it"):
            return ()
        if word.low not in common_words().determiners:
            role.append(word.low)
        if lists.is_person_noun(word.low):
            body = at + 1 < len(words) and lists.is_body_noun(words[at + 1].low)
            return () if body else tuple(role)  # "a rebel faction" is nobody's role
    return ()


def is_plain_adjective(word: Word) -> bool:
    return (
        word.text.isalpha()
        and word.text.islower()
        and word.low not in common_words().function
        and word.low not in common_words().determiners
    )


def modifies(word: Word) -> bool:
    lists = gazetteer()
    if not word.is_word or (word.low in common_words().function and word.low not in SHOUTED):
        return False
    if word.low in common_words().function:
        return word.text.isupper()
    known = word.low in lists.modifiers or word.low in lists.demonyms or "-" in word.text
    return known or word.is_capital or lists.is_person_noun(word.low) or lists.is_body_noun(word.low)
