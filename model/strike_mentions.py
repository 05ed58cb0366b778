"""Finds the words of strikes and other military action, with attacker, victim and place."""

from collections.abc import Sequence
from dataclasses import dataclass

from quotestance.model.gazetteer import gazetteer
from quotestance.model.strike_clause import first_attacker, modifiers_before, object_after, subject_before
from quotestance.model.strike_lexicon import StrikeLexicon, strike_lexicon
from quotestance.model.words import Word, words_of

_STRIKES = frozenset(["strikes", "struck", "strike"])


@dataclass(frozen=True, slots=True)
class StrikeMention:
    """One strike word in context, empty strings where the clause is silent; `weight` grows with how sure it is."""

    start: int
    noun: str
    weight: float
    attacker: str
    attacker_text: str
    hedge: str
    victim: str
    place: str
    aimed: bool = False  # the victim is only a bare name before the noun: "Gaza strikes"


def find_strikes(text: str, start: int, end: int, *, loose: bool = False) -> list[StrikeMention]:
    """The strike mentions of one sentence (or headline), `text[start:end]`, in order.

    `loose` asks for less support around words that need not mean a strike.
    """
    lexicon = strike_lexicon()
    words = words_of(text, start, end)
    never = [m.span() for m in lexicon.phrases.finditer(text, start, end)]
    warlike = sum(w.low in lexicon.context for w in words)
    found: list[StrikeMention] = []
    i = 0
    while i < len(words):
        size, noun, weight = _match(words, i, lexicon)
        if not size:
            i += 1
            continue
        if any(a <= words[i].start < b for a, b in never) or _is_never(words, i, size, weight, lexicon):
            i += size
            continue
        mention = _mention(text, words, i, size, noun, weight, warlike, loose, lexicon)
        if mention is not None:
            found.append(mention)
        i += size
    return found


def _match(words: Sequence[Word], i: int, lexicon: StrikeLexicon) -> tuple[int, str, int]:
    """How many words from `i` on are a strike term, as a noun phrase, and its weight; 0 for none."""
    for size in (4, 3, 2, 1):
        run = words[i : i + size]
        if len(run) < size:
            continue
        term = " ".join(w.low for w in run)
        if term in lexicon.nouns and not (size == 1 and _is_verb(words, i, lexicon)):
            return size, " ".join(w.text for w in run).lower(), lexicon.nouns[term]
    if words[i].low in lexicon.verbs:
        return 1, "", lexicon.verbs[words[i].low]
    return 0, "", 0


def _is_verb(words: Sequence[Word], i: int, lexicon: StrikeLexicon) -> bool:
    """Whether a word that may be a noun stands between who strikes and who is struck.

    "India strikes Pakistan", "Israel strikes 200 targets".
    """
    if not 0 < i < len(words) - 1 or words[i].low not in lexicon.verbs:
        return False
    lists = gazetteer()
    doer, struck = words[i - 1], words[i + 1]
    does = doer.is_capital and not doer.possessive and (doer.low in lists.places or doer.low in lists.armed_names)
    named = struck.is_capital and (lists.country(struck.low) is not None or struck.low in lists.armed_names)
    goes_on = struck.is_word and struck.low not in lexicon.stops and struck.low not in lexicon.tail
    aims = goes_on and any(w.low in lexicon.hit or w.low in lists.armed_class for w in words[i + 1 : i + 4])
    return does and (named or aims) and (doer.low != "us" or doer.text == "US")


def _is_never(words: Sequence[Word], i: int, size: int, weight: int, lexicon: StrikeLexicon) -> bool:
    before = words[i - 1].low if i else ""
    after = words[i + size].low if i + size < len(words) else ""
    objects = {w.low for w in words[i + size : i + size + 5]} & lexicon.never_objects
    return weight < 3 and bool(before in lexicon.never_before or after in lexicon.never_after or objects)


def _mention(
    text: str,
    words: Sequence[Word],
    i: int,
    size: int,
    noun: str,
    weight: int,
    warlike: int,
    loose: bool,
    lexicon: StrikeLexicon,
) -> StrikeMention | None:
    attacker, shown, first, aimed_at = modifiers_before(words, i, noun)
    hedge = next((w.low for w in words[max(0, first - 2) : i] if w.low in strike_lexicon().hedges), "")
    after = words[i + size :]
    by = next((k for k, w in enumerate(after[:12]) if w.low == "by"), None)
    if by is not None and (not attacker or (not noun and by == 0)):  # "Syria bombed by Israel"
        attacker, shown = first_attacker(after[by + 1 : by + 6])
    if not attacker:
        attacker, shown = subject_before(words, i, verb=not noun, lexicon=lexicon)
    victim, place = object_after(text, after) if noun else object_after(text, after, verb=True)
    aimed = not victim and bool(aimed_at)
    victim = victim or aimed_at
    if attacker.casefold() in gazetteer().armed_names and noun.startswith(("air", "bombing", "military")):
        attacker, shown = "", ""
    context = warlike - sum(w.low in lexicon.context for w in words[i : i + size])
    if not noun and words[i].low in _STRIKES and _is_verb(words, i, lexicon):
        context += 1  # "Israel strikes Lebanon" needs no other word of war
    known = bool(attacker) + bool(victim or place)
    if not noun and weight < 3 and not (attacker and context):
        return None
    needed = 3 - weight - (1 if loose else 0)
    if weight < 3 and context + (1 if attacker else 0) < needed:
        return None
    score = weight + 0.7 * known + 0.2 * min(context, 3)
    return StrikeMention(words[i].start, noun or "strikes", score, attacker, shown, hedge, victim, place, aimed)
