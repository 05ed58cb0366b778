"""Names taken apart: titles off, words for comparison, initials, and whether one name can be short for another."""

import unicodedata
from collections.abc import Sequence
from typing import Literal

from quotestance.model.common_words import common_words
from quotestance.model.gazetteer import gazetteer
from quotestance.model.words import Word, fold

Gender = Literal["male", "female"]
Category = Literal["person", "government", "armed_group", "organisation", "place", "unknown"]

_PARTICLES = frozenset(["al", "el", "the", "ul", "ur"])
_CONNECTORS = frozenset(["of", "for", "and", "the", "on", "in", "to", "&", "de", "des", "du"])


def name_keys(name: str) -> tuple[str, ...]:
    """The words of a name for comparison: folded, without accents, hyphens, dots, "al-", possessives and Jr."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", fold(name)) if not unicodedata.combining(c))
    suffixes = gazetteer().suffixes
    keys = []
    for part in plain.replace("-", " ").replace("–", " ").split():
        word = part.strip("\"'“”‘’().,;:")
        if word.endswith("'s"):
            word = word[:-2]
        word = word.replace(".", "")
        if word and word not in _PARTICLES and word not in suffixes:
            keys.append(word)
    return tuple(keys)


def initials(name: str) -> set[str]:
    """The acronyms that a name of several words could have, in lower case: with and without "of", "for"."""
    keys = [k for k in name_keys(name) if k[0].isalnum()]
    content = [k for k in keys if k not in _CONNECTORS]
    forms = {"".join(k[0] for k in content), "".join(k[0] for k in keys)}
    return {form for form in forms if len(form) >= 2}


def is_short_for(short: Sequence[str], full: Sequence[str]) -> bool:
    """Whether the words of `short` occur in `full` in order and they share their last word or their first."""
    if not short or len(short) > len(full):
        return False
    rest = iter(full)
    if not all(word in rest for word in short):
        return False
    return short[-1] == full[-1] or short[0] == full[0]


def same_given_name(a: str, b: str) -> bool:
    """Whether two first names may be one: equal, an initial, or a short form ("Tim", "Timothy")."""
    if a == b or (len(a) == 1 and b.startswith(a)) or (len(b) == 1 and a.startswith(b)):
        return True
    return min(len(a), len(b)) >= 2 and (a.startswith(b) or b.startswith(a))


def split_title(words: Sequence[Word]) -> tuple[int, bool]:
    """Where the name begins in a run of capitalised words, and whether a title before it settles that it is a person.

    Returns `len(words)` when the run is a role and no name ("Attorney General").
    """
    lists = gazetteer()
    count = len(words)
    while count > 1 and words[count - 1].low in lists.suffixes:
        count -= 1
    titled = [word.low in lists.before_name or word.low in lists.person_roles for word in words[:count]]
    for i in range(1, count):
        low = words[i].low
        if titled[i] and (_is_initial(words[i - 1]) or is_given_name(words[i - 1])) and not words[i].text.endswith("."):
            titled[i] = False
            continue
        if (titled[i - 1] and low in _CONNECTORS) or (
            titled[i - 1]
            and low in common_words().portfolios
            and words[i - 1].low in _CONNECTORS | common_words().portfolios
        ):
            titled[i] = True
    marks = [i for i, is_title in enumerate(titled) if is_title]
    if not marks:
        return 0, False
    last = marks[-1]
    if last < count - 1:
        return last + 1, any(words[i].low in lists.settling for i in marks)
    # The run ends in a title: a surname that is one ("Angus King"), or a bare role ("Defense Secretary").
    start = next((i for i in range(last, 0, -1) if titled[i - 1]), 0)
    if start < last and is_given_name(words[start]):
        return start, start > 0
    if start == last > 0 and words[last].low not in lists.person_roles and words[last - 1].text.endswith("."):
        return last, True
    return len(words), False


def is_given_name(word: Word) -> bool:
    """Whether the lists know it as a first name."""
    lists = gazetteer()
    return word.low in lists.male_names or word.low in lists.female_names


def _is_initial(word: Word) -> bool:
    return len(word.text) == 2 and word.text[1] == "." and word.text[0].isupper()


def category_of(words: Sequence[Word], titled: bool) -> Category:
    """What kind of thing a name without its title stands for."""
    lists = gazetteer()
    whole = fold(" ".join(w.low for w in words))
    if titled and len(words) <= 4 and whole not in lists.places:
        return "person"
    known: tuple[tuple[frozenset[str], Category], ...] = (
        (lists.armed_names, "armed_group"),
        (lists.government_names, "government"),
        (lists.organisation_names, "organisation"),
    )
    for names, category in known:
        if whole in names or whole.removeprefix("al-") in names:
            return category
    if whole in lists.places or whole in lists.demonyms or whole in lists.seats:
        return "place"
    head = next((i for i, w in enumerate(words) if w.low in _CONNECTORS), len(words)) - 1
    first = words[0].low
    if len(words) > 1 and first in lists.armed_first:
        return "armed_group"
    if len(words) > 1 and (first in lists.male_names or first in lists.female_names) and head == len(words) - 1:
        return "person"
    for at in (head, len(words) - 1):
        if at >= 0 and (body := body_category(words[at].low)):
            return body
    return "unknown"


def body_category(head: str) -> Category | None:
    """The kind of body that a head noun ("ministry", "brigades") stands for, or None."""
    lists = gazetteer()
    if head in lists.armed_heads:
        return "armed_group"
    if head in lists.organisation_heads:
        return "organisation"
    if head in lists.government_heads:
        return "government"
    return None


def gender_of(name: Sequence[str], role: Sequence[str]) -> Gender | None:
    """The gender that titles and given name speak for, None where they are silent or disagree."""
    lists = gazetteer()
    male = any(word in lists.male_words for word in role)
    female = any(word in lists.female_words for word in role)
    if male != female:
        return "male" if male else "female"
    if len(name) > 1:
        given = name[0] if len(name[0]) > 1 or len(name) < 3 else name[1]
        male, female = given in lists.male_names, given in lists.female_names
        if male != female:
            return "male" if male else "female"
    return None
