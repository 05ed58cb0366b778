"""What kind of actor a name or a phrase stands for."""

from quotestance.model.common_words import common_words
from quotestance.model.gazetteer import gazetteer, singular
from quotestance.model.names import body_category
from quotestance.model.types import ActorType
from quotestance.model.words import fold, words_of


def actor_type(name: str, category: str) -> ActorType:
    """The type of an actor with this name, given what kind of thing its mention is ("unknown" where nobody knows)."""
    lists = gazetteer()
    low = fold(name)
    if category == "person":
        return "person"
    if low in lists.armed_names:
        return "armed_group"
    if low in lists.places or low in lists.seats or low in lists.government_names:
        return "government"
    if category == "place":
        return "group"
    if category == "group":
        return "armed_group" if head_noun(name) in lists.armed_class else "group"
    if category in ("government", "armed_group", "organisation"):
        return _refined(low, category)
    head = head_noun(name)
    body = body_category(head)
    if body in ("government", "armed_group", "organisation"):
        return _refined(low, body)
    if head in lists.armed_class or singular(head) in lists.armed_heads:
        return "armed_group"
    if lists.is_people_noun(head):
        return "group"
    if name.isupper() and 2 <= len(name) <= 6 and " " not in name:
        return "organisation"  # an acronym
    return _of_common_noun(name, head)


def _of_common_noun(name: str, head: str) -> ActorType:
    """The type of a phrase whose head no list knows: a name is a person's, a plural is a group."""
    written = next((w.text for w in words_of(name) if w.low == head), "")
    if len(written) > 2 and written[:-1].isupper() and written.endswith("s"):
        return "group"  # "NGOs"
    if not written[:1].islower() or gazetteer().is_person_noun(head) or len(head) < 3:
        return "person"
    if singular(head) != head:
        return "group"
    return "organisation" if head.endswith(_THINGS) else "person"


# Words of forces that are no state's.
_IRREGULAR = frozenset(
    ["rebel", "opposition", "resistance", "democratic", "liberation", "popular", "volunteer", "union"]
)
# Nouns that end so are nobody, but may stand for a body.
_THINGS = ("tion", "ment", "ity", "ism", "ence", "force", "inquiry", "jury", "outfit", "squad", "unit", "court")


def _refined(low: str, category: str) -> ActorType:
    if category == "armed_group":
        return "armed_group"
    irregular = any(word in _IRREGULAR or word in gazetteer().armed_names for word in low.split())
    if category == "government" and low.endswith(("force", "forces")) and irregular:
        return "armed_group"
    return "government" if category == "government" else "organisation"


def head_noun(phrase: str) -> str:
    """The head of a noun phrase, folded: the last word before "of", "who", a comma …; "" where there is none."""
    head = ""
    for word in words_of(phrase):
        if head and (not word.is_word or word.low in common_words().after_head):
            break
        if word.is_word:
            head = word.low
    return head


def is_plural(phrase: str) -> bool:
    """Whether the phrase's head is a plural of people."""
    head = head_noun(phrase)
    return gazetteer().is_people_noun(head) or (singular(head) != head and body_category(singular(head)) is not None)
