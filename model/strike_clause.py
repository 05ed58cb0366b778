"""Who strikes whom and where, read off the words around a strike term."""

from collections.abc import Sequence

from quotestance.model.cues import lexicon as cue_lexicon
from quotestance.model.gazetteer import gazetteer
from quotestance.model.strike_lexicon import StrikeLexicon, strike_lexicon
from quotestance.model.words import Word, fold

_FORCES = frozenset(["army", "military", "navy", "junta", "forces", "troops", "jets", "jet", "regime", "government"])
_ALSO_NOUNS = frozenset(["bomb", "bombs", "fire", "strike", "strikes", "plan", "plans", "claim", "claims", "claimed"])
_ACCUSING = frozenset(["accuse", "accuses", "accused", "accusing"])


def _attacker(word: Word) -> tuple[str, str]:
    """The attacker that one word can name: (canonical, as an analyst would put it before "strikes")."""
    lists = gazetteer()
    low = word.low
    if low == "us" and word.text != "US":
        return "", ""
    for ending in ("-led", "-backed"):
        if low.endswith(ending) and (country := lists.country(low.removesuffix(ending))):
            coalition = "coalition" if ending == "-led" else ""
            return (country.name if ending == "-led" else ""), f"{word.text} {coalition}".strip()
    if not word.is_capital:
        return ("coalition", "coalition") if low == "coalition" else ("", "")
    if country := lists.country(low) or (lists.country(low[:-1]) if low.endswith("s") and len(low) > 4 else None):
        return country.name, country.adjective
    if low in lists.armed_names and low != "is":
        name = word.text.removesuffix("'s").removesuffix("’s")
        return name, name
    if low == "nato":
        return "NATO", "NATO"
    return "", ""


def modifiers_before(words: Sequence[Word], i: int, noun: str) -> tuple[str, str, int, str]:
    """Among the modifiers just before word `i`: the attacker, where they begin, and whom a bare name aims at.

    "Israeli strikes" are by Israel, "Gaza strikes" and "ISIS strikes" against; "ISIS attacks" are by it.
    """
    at = i
    attacker, shown, aimed_at = "", "", ""
    lists = gazetteer()
    while at > 0 and i - at < 6:
        word = words[at - 1]
        if not word.is_word or word.low in strike_lexicon().stops or word.low in strike_lexicon().tail:
            break
        if word.low in ("the", "a", "an", "and") and attacker:
            break
        if word.text.islower() and _says_or_does(word.low):
            break
        name, text = _attacker(word)
        called = word.text
        if at > 1 and not name and word.is_capital:
            name, text = _two_words(words[at - 2], word)
            called = f"{words[at - 2].text} {word.text}"
        if name and (not attacker or (attacker == "coalition" and word.low.endswith("-led"))):
            armed = name.casefold() in lists.armed_names
            bare = (
                _is_place(word, called, name)
                and word.low not in lists.demonyms
                and not word.possessive
                and not (at < i and words[at].text.islower() and words[at].low in _FORCES)  # "Sudan army strikes"
                and "-" not in word.low
            )
            if noun and (bare or (armed and "strike" in noun)):
                aimed_at = aimed_at or called
            else:
                attacker, shown = name, text
        at -= len(called.split())
    return attacker, shown, at, aimed_at


def _is_place(word: Word, called: str, name: str) -> bool:
    """Whether a bare word, or the two that end with it, name a country or its capital."""
    lists = gazetteer()
    capital = word.low in lists.seats and word.low not in lists.government_names
    return word.low in lists.places or capital or (fold(called) in lists.places and name != "United States")


def _says_or_does(low: str) -> bool:
    """Whether a word before a strike is what somebody else does: "Saudi Arabia condemned the strike"."""
    lexicon = strike_lexicon()
    doing = low in lexicon.launches or low in cue_lexicon().verbs
    return doing and low not in lexicon.hedges and low not in _ALSO_NOUNS


def _two_words(first: Word, second: Word) -> tuple[str, str]:
    lists = gazetteer()
    both = f"{first.low} {second.low}"
    if country := lists.country(both):
        return country.name, country.adjective
    if both in lists.armed_names:
        return f"{first.text} {second.text}", f"{first.text} {second.text}"
    return "", ""


def first_attacker(words: Sequence[Word]) -> tuple[str, str]:
    for k, word in enumerate(words):
        name, shown = _attacker(word)
        if not name and k + 1 < len(words):
            name, shown = _two_words(word, words[k + 1])
        if name:
            return name, shown
    return "", ""


def subject_before(words: Sequence[Word], i: int, *, verb: bool, lexicon: StrikeLexicon) -> tuple[str, str]:
    """Who does it, where a verb of doing stands between: "Israel has launched … strikes", "Turkey bombed"."""
    reach = words[max(0, i - 14) : i]
    accusing = next((k for k, w in enumerate(reach) if w.low in _ACCUSING), len(reach))
    of = next((k for k in range(accusing, len(reach)) if reach[k].low == "of"), None)
    if of is not None:
        return first_attacker(reach[accusing + 1 : of])  # "X accuses Y of …"
    launch = (
        len(reach)
        if verb
        else next((k for k in range(len(reach) - 1, -1, -1) if reach[k].low in strike_lexicon().launches), None)
    )
    if launch is None:
        return "", ""
    for k in range(launch - 1, -1, -1):
        word = reach[k]
        if k and (reach[k - 1].low in strike_lexicon().tail or reach[k - 1].low == "by"):
            continue
        name, shown = _attacker(word)
        if not name and k:
            name, shown = _two_words(reach[k - 1], word)
        if name == "coalition" and k and reach[k - 1].low.endswith("-led"):
            name, shown = _attacker(reach[k - 1])
        if not name and word.low in lexicon.leaders and word.is_capital:
            country = gazetteer().country(lexicon.leaders[word.low].casefold())
            name, shown = (country.name, country.adjective) if country else ("", "")
        if name:
            return name, shown
    return "", ""


def object_after(text: str, after: Sequence[Word], *, verb: bool = False) -> tuple[str, str]:
    """Whom and where: "on rebels in Idlib" gives ("rebels", "in Idlib")."""
    victim, place = "", ""
    at = 0
    for _ in range(3):
        if at >= len(after):
            break
        low = after[at].low
        if low in strike_lexicon().tail or (verb and at == 0):
            begin = at + (0 if verb and low not in strike_lexicon().tail else 1)
            stop = begin
            while stop < len(after) and stop - begin < 8 and _goes_on(after, stop, begin):
                stop += 1
            while stop > begin and after[stop - 1].low in ("the", "a", "an", "and", *strike_lexicon().tail):
                stop -= 1
            if stop == begin:
                break
            article = begin
            while begin < stop - 1 and after[begin].low in ("the", "a", "an"):
                begin += 1
            phrase = " ".join(text[after[begin].start : after[stop - 1].end].split())
            if low in strike_lexicon().places and not (verb and at == 0):
                # "in Iraq and Syria sent a message": a place ends with its last name
                last = max((k for k in range(begin, stop) if _ends_place(after[k])), default=None)
                if last is not None and not place:
                    place = f"{low} {' '.join(text[after[article].start : after[last].end].split())}"
            elif not victim and low != "from" and _can_be_hit(after[begin:stop]):
                victim = phrase
            at = stop
        else:
            break
    return victim, place


def _ends_place(word: Word) -> bool:
    return word.is_capital or word.low in strike_lexicon().hit or word.low in ("province", "region", "area", "areas")


def _can_be_hit(words: Sequence[Word]) -> bool:
    """Whether a phrase names somebody or something that strikes hit."""
    lists = gazetteer()
    last = words[-1].low
    known = (
        lists.is_people_noun(last)
        or lists.is_body_noun(last)
        or last in strike_lexicon().hit
        or any(w.is_capital for w in words)
    )
    return known and words[0].low not in strike_lexicon().stops


def _goes_on(after: Sequence[Word], at: int, begin: int) -> bool:
    word = after[at]
    if (
        not word.is_word
        or word.low in strike_lexicon().stops
        or (word.low in strike_lexicon().tail and word.low != "of")
    ):
        return False
    if word.low in ("the", "a", "an") and at > begin and after[at - 1].low not in ("of", "and"):
        return False  # a lost comma: the next phrase begins
    hit = strike_lexicon().hit
    if word.low.endswith("ing") and word.text.islower() and at > begin and word.low not in hit:
        return at + 1 < len(after) and after[at + 1].low in hit | {"centers", "centres", "grounds", "centre", "center"}
    if word.low == "and":
        return at > begin and at + 1 < len(after) and (after[at + 1].is_capital or after[at - 1].text.islower())
    return not (word.low.endswith("ed") and word.text.islower() and at > begin and "-" not in word.text)
