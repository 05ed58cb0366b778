"""Finds the noun phrase that names a speaker, to the left or to the right of a reporting word."""

from collections.abc import Sequence

from quotestance.model.cues import lexicon
from quotestance.model.tokens import (
    ADVERBS,
    AUXILIARIES,
    CONJUNCTIONS,
    DAYS_AND_MONTHS,
    DETERMINERS,
    OBJECT_PRONOUNS,
    PREPOSITIONS,
    RELATIVES,
    SUBJECT_PRONOUNS,
    TIME_WORDS,
    Token,
    word_set,
)

Range = tuple[int, int]  # half-open, in tokens

LONGEST_PHRASE = 16
_IRREGULAR_VERBS = word_set(
    "hit struck left led took went came began sent made saw fell rose met held gave got won lost broke brought put set "
    "shot said told wrote thought swore spoke knew grew drew flew ran kept found became remains remain has"
)
_NOT_NOMINAL = (
    PREPOSITIONS | CONJUNCTIONS | RELATIVES | AUXILIARIES | SUBJECT_PRONOUNS | OBJECT_PRONOUNS | DAYS_AND_MONTHS
    | frozenset(["not", "that", "there"])
    | _IRREGULAR_VERBS
)  # fmt: skip
_PLACE_PREPOSITIONS = frozenset(["in", "on", "at", "near", "from", "with", "inside", "across", "to", "against"])


def phrase_before(tokens: Sequence[Token], last: int, floor: int = 0) -> Range | None:
    """The noun phrase whose last word is `tokens[last]`, looking no further left than `floor`."""
    if last < floor:
        return None
    head = tokens[last]
    if head.lower in SUBJECT_PRONOUNS or head.lower in {"this", "others", "many", "some", "both", "neither", "all"}:
        return (last, last + 1)
    if not is_nominal(tokens, last):
        return None
    start = last
    while start > floor and last - start < LONGEST_PHRASE:
        step = _step_left(tokens, start, floor)
        if step is None:
            break
        if step < 0:  # a phrase of place stands between the speaker and the verb: "Obama in a speech said"
            return phrase_before(tokens, start - 2, floor)
        start = step
    while start < last and tokens[start].lower in ADVERBS:
        start += 1
    return (start, last + 1)


def _step_left(tokens: Sequence[Token], start: int, floor: int) -> int | None:
    before = tokens[start - 1]
    starts_phrase = tokens[start].lower in DETERMINERS
    if start - 2 >= floor and _owns(tokens, start - 1) and is_nominal(tokens, start - 2):
        return start - 2  # "Kurdistan Workers' Party"
    acronym = start - 4 >= floor and before.text == ")" and tokens[start - 3].text == "("
    if acronym and tokens[start - 2].text.isupper() and is_nominal(tokens, start - 4):
        return start - 4  # "the Islamic State (IS) group"
    if before.lower in PREPOSITIONS and start - 2 >= floor and is_nominal(tokens, start - 2):
        return _step_over_preposition(tokens, start)
    if before.lower in {"and", "&"} and start - 2 >= floor:
        return _step_over_and(tokens, start, floor)
    if starts_phrase:
        return start - 1 if before.lower in {"all", "both", "half"} else None
    if before.lower in DETERMINERS:
        return start - 1
    if not is_nominal(tokens, start - 1):
        return None
    leads = not tokens[start].is_capitalised or _leads_name(before) or before.is_possessive
    return start - 1 if leads else None


def _owns(tokens: Sequence[Token], at: int) -> bool:
    """Whether a mark is the apostrophe of a plural: "the Houthis' ministry"."""
    mark, owner = tokens[at], tokens[at - 1]
    return mark.text in "'’" and owner.lower.endswith("s") and mark.start == owner.end


def _leads_name(token: Token) -> bool:
    """Whether a word may stand before a name: "spokesman Aro", but not "region Aro" (two phrases)."""
    if token.is_capitalised or "-" in token.text or token.text[0].isdigit():
        return True
    return token.lower in lexicon().actor_nouns or token.lower in _BEFORE_NAMES


def _step_over_preposition(tokens: Sequence[Token], start: int) -> int | None:
    preposition, governor = tokens[start - 1].lower, tokens[start - 2]
    if preposition == "of" or governor.lower in lexicon().actor_nouns:
        return start - 2
    if preposition == "for" and governor.is_capitalised:
        return start - 2
    if preposition in _PLACE_PREPOSITIONS and governor.is_capitalised:
        return -1
    return None


def _step_over_and(tokens: Sequence[Token], start: int, floor: int) -> int | None:
    """Join "A and B" only where A opens the clause, since "… hit Homs and B said" is two clauses."""
    left = phrase_before(tokens, start - 2, max(floor, start - 8))
    if left is None or not (is_actor(tokens, left) and left[0] > floor - 1):
        return None
    if not _opens(tokens, left[0], floor):
        return None
    first = left[0]
    while first - 2 >= floor and tokens[first - 1].text == "," and tokens[first].is_capitalised:  # "A, B and C"
        more = phrase_before(tokens, first - 2, floor)
        named = more is not None and tokens[first - 2].is_capitalised and is_actor(tokens, more)
        if more is None or not named or not _opens(tokens, more[0], floor):
            break
        first = more[0]
    return first


def _opens(tokens: Sequence[Token], first: int, floor: int) -> bool:
    before = tokens[first - 1]
    return first == floor or not before.is_word or before.lower in _CLAUSE_OPENERS


def phrase_after(tokens: Sequence[Token], first: int, ceiling: int) -> Range | None:
    """The noun phrase that begins at `tokens[first]`, up to `ceiling` at most."""
    if first >= ceiling:
        return None
    if tokens[first].lower in SUBJECT_PRONOUNS | OBJECT_PRONOUNS:
        return (first, first + 1)
    end = first
    while end < ceiling and end - first < LONGEST_PHRASE:
        token = tokens[end]
        follows = end + 1 < ceiling
        if token.lower in DETERMINERS:
            if end > first and tokens[end - 1].lower not in {"of", "for", "and", "all", "both", "some"}:
                break
        elif token.lower == "of" or (token.lower in {"for", "and"} and follows and end > first):
            joins = (
                token.lower == "of"
                or tokens[end + 1].is_capitalised
                or tokens[end + 1].lower in lexicon().actor_nouns | {"the"}
            )
            if not (end > first and follows and joins and _starts_nominal(tokens, end + 1)):
                break
        elif not is_nominal(tokens, end) and not (end > first and follows and _owns(tokens, end)):
            break
        end += 1
    while end > first and tokens[end - 1].lower in DETERMINERS | {"of", "for", "and"}:
        end -= 1
    return (first, end) if end > first else None


def _starts_nominal(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].lower in DETERMINERS or is_nominal(tokens, at)


def is_nominal(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word can stand inside a noun phrase (a guess: there is no tagger)."""
    token = tokens[at]
    if not token.is_word or (token.lower in _NOT_NOMINAL and not token.is_possessive):
        return token.text in {"US", "U.S.", "WHO"}
    if token.lower in DETERMINERS or (token.lower in ADVERBS and (at == 0 or not tokens[at - 1].is_word)):
        return False
    if token.is_capitalised:
        return True
    if token.is_adverb or token.lower in TIME_WORDS:
        return False
    if "-" in token.text:
        return True
    determined = at > 0 and tokens[at - 1].lower in DETERMINERS
    if token.lower.endswith(("ed", "ing")) and len(token.text) > 4:
        governed = at > 0 and tokens[at - 1].lower in {"of", "from", "by", "with"}
        return determined or governed or token.lower in {"building", "meeting", "briefing", "united", "armed"}
    words = lexicon()
    return determined or token.lower not in words.verbs or token.lower in words.ambiguous


def looks_finite(token: Token) -> bool:
    """Whether a word looks like a finite verb (a guess by its ending and the closed classes)."""
    if token.is_capitalised or not token.is_word:
        return False
    known = token.lower in AUXILIARIES | _IRREGULAR_VERBS or token.lower in lexicon().verbs
    return known or token.lower.endswith("ed")


def head_of(tokens: Sequence[Token], phrase: Range) -> Token:
    """The head word: the last one before the first preposition."""
    for at in range(phrase[0] + 1, phrase[1]):
        if tokens[at].lower in PREPOSITIONS:
            return tokens[at - 1]
    return tokens[phrase[1] - 1]


def is_actor(tokens: Sequence[Token], phrase: Range) -> bool:
    """Whether a phrase looks like somebody who can hold a view: a name, a pronoun, or a noun for people and bodies."""
    head = head_of(tokens, phrase)
    if head.lower in SUBJECT_PRONOUNS | OBJECT_PRONOUNS or head.lower in lexicon().actor_nouns:
        return True
    if not head.is_capitalised or head.is_possessive:
        return False
    opens_sentence = phrase[0] == 0 and phrase[1] - phrase[0] == 1
    plural = head.lower.endswith("s") and not head.lower.endswith(_NAME_ENDINGS) and len(head.text) > 3
    return not (opens_sentence and plural)  # "Airstrikes …" is capitalised by its place only


_BEFORE_NAMES = word_set(
    "former current senior top late vice deputy acting prime fellow veteran hawkish many some southern northern "
    "eastern western outgoing incoming defense defence monitoring war news terrorist rights human press "
    "northeastern northwestern southeastern southwestern central"
)
_CLAUSE_OPENERS = CONJUNCTIONS | frozenset(["after", "before", "since", "as", "until"])
_NAME_ENDINGS = ("us", "is", "as", "ss", "os", "ns")
