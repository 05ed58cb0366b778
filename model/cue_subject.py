"""Finds the subject of a reporting verb, wherever the sentence puts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from quotestance.model.cues import CueForm
from quotestance.model.speaker_phrase import Range, head_of, is_actor, phrase_after, phrase_before
from quotestance.model.tokens import (
    CONJUNCTIONS,
    COORDINATORS,
    DAYS_AND_MONTHS,
    DETERMINERS,
    OBJECT_PRONOUNS,
    PREPOSITIONS,
    QUOTE,
    TIME_WORDS,
    Token,
    word_set,
)

Role = Literal["before", "after", "antecedent", "apposition", "shared", "participle", "passive", "source"]
Found = tuple[Range, Role]

_REACH = 60  # tokens: how far left an insertion may begin
_REFLEXIVES = frozenset(["himself", "herself", "itself", "themselves"])
_AFTER_NAME = frozenset(
    [
        "who",
        "adding",
        "citing",
        "in",
        "at",
        "on",
        "during",
        "after",
        "head",
        "close",
        "familiar",
        "from",
        "which",
        QUOTE,
    ]
)
_NAME_PARTICLES = frozenset(["al", "bin", "ibn", "abu", "el", "de", "der", "van", "von"])
_GOVERNING = PREPOSITIONS - {"as", "after", "before", "since", "until", "than"}  # the others may open a clause
# after these stands whom a speaker fights or speaks for: "rebels fighting X said"
_DOING_TO = word_set("fighting opposing supporting backing representing protecting defending criticising criticizing")
_INSERTION_MARKS = frozenset([",", "–", "—", "--", "-", ")"])


@dataclass(frozen=True, slots=True)
class Verb:
    """A reporting verb in its sentence: `first` and `cue` in token indices.

    `floor` is where the clause before it ends; `shared` is the subject that a coordinated verb would share.
    """

    form: CueForm
    first: int
    cue: Range
    floor: int
    shared: Range | None


def find_subject(tokens: Sequence[Token], verb: Verb) -> Found | None:
    """The subject of `verb` and how it was found, or None where there is none to be found."""
    at = _skip_back_times(tokens, verb.first - 1, verb.floor)
    speech = verb.form.cue.group != "attitude"
    if at < verb.floor or tokens[at].lower == QUOTE:
        return _inverted(tokens, verb.cue[1]) if speech else None
    before = tokens[at]
    if before.lower in {"who", "which"} and before.text != "WHO":  # the organisation
        antecedent = _antecedent(tokens, at)
        return (antecedent, "antecedent") if antecedent else None
    if before.text in _INSERTION_MARKS:
        return _after_mark(tokens, verb, at)
    if before.lower in COORDINATORS:
        return (verb.shared, "shared") if verb.shared else None
    if before.quoted and not before.is_word and at - 1 > verb.floor and tokens[at - 1].text == ",":
        return _after_mark(tokens, verb, at - 1)  # the comma stands inside the closing quote mark
    if not before.is_word:
        return _inverted(tokens, verb.cue[1]) if speech and before.text != ";" else None
    if verb.form.cue.lemma == "say" and at > 4 and closes_with_name(tokens, verb.cue[1]):
        return _inverted(tokens, verb.cue[1])
    if before.lower in {"named", "identified", "anonymity"}:
        who = next((k for k in range(at, max(verb.floor, at - 8), -1) if tokens[k].lower == "who"), None)
        if who is not None and (antecedent := _antecedent(tokens, who)):
            return antecedent, "before"  # "an official who asked not to be named said"
    phrase = phrase_before(tokens, at, verb.floor)
    if phrase and phrase[0] - 1 > verb.floor and tokens[phrase[0] - 1].lower in _GOVERNING:
        # a phrase after a preposition is no subject: "residents reached in the city said"
        phrase = _over_modifier(tokens, phrase[0] - 2, verb.floor) or _with_governor(tokens, phrase, verb.floor)
    elif phrase and phrase[0] - 1 > verb.floor and tokens[phrase[0] - 1].lower in _DOING_TO:
        phrase = _over_modifier(tokens, phrase[0] - 1, verb.floor) or phrase
    return (_past_description(tokens, phrase, verb.floor), "before") if phrase else None


def _past_description(tokens: Sequence[Token], phrase: Range, floor: int) -> Range:
    """The name before a description that lost its comma: "the League a body based in Dor said"."""
    before = phrase[0] - 1
    if tokens[phrase[0]].lower not in {"a", "an"} or before < floor or not tokens[before].is_capitalised:
        return phrase
    name = phrase_before(tokens, before, floor)
    return name if name and is_actor(tokens, name) else phrase


def _with_governor(tokens: Sequence[Token], phrase: Range, floor: int) -> Range:
    """Take in "the secretariat" of "the secretariat in Dor said", where it opens the clause."""
    governor = phrase_before(tokens, phrase[0] - 2, floor)
    if governor is None or not _opens_clause(tokens, governor, floor) or governor[1] != phrase[0] - 1:
        return phrase
    return (governor[0], phrase[1])


def main_subject(tokens: Sequence[Token]) -> Range | None:
    """The subject of the sentence's main clause, if it looks like an actor."""
    at = 0
    while at < len(tokens) and (tokens[at].lower in COORDINATORS or tokens[at].is_adverb or not tokens[at].is_word):
        at += 1
    if at < len(tokens) and (
        tokens[at].lower in PREPOSITIONS | CONJUNCTIONS or (tokens[at].lower.endswith("ing") and at + 1 < len(tokens))
    ):
        comma = next((i for i in range(at, min(len(tokens), at + _REACH)) if tokens[i].text == ","), None)
        if comma is None:
            return None
        at = comma + 1
    phrase = phrase_after(tokens, at, len(tokens))
    while phrase and phrase[1] > phrase[0] and not is_actor(tokens, phrase):
        phrase = (phrase[0], phrase[1] - 1)  # its end may be an unknown verb
    return phrase if phrase and phrase[1] > phrase[0] else None


def _after_mark(tokens: Sequence[Token], verb: Verb, at: int) -> Found | None:
    """The subject of a verb that follows a comma, a dash or a bracket."""
    comma = tokens[at].text == ","
    if comma and at - 2 > verb.floor and tokens[at - 1].is_adverb and tokens[at - 2].text == ",":
        subject = _before_insertion(tokens, at - 2) or phrase_before(tokens, at - 3, verb.floor)
        return (subject, "apposition") if subject else None  # "X, however, rejected"
    if tokens[at - 1].lower == QUOTE and at > 0:
        return _inverted(tokens, verb.cue[1]) if verb.form.cue.group != "attitude" else None
    if comma and verb.form.cue.group == "speech" and closes_with_name(tokens, verb.cue[1]):
        return _inverted(tokens, verb.cue[1])
    subject = _before_insertion(tokens, at)
    if subject:
        return subject, "apposition"
    return (verb.shared, "shared") if verb.shared else None


def _antecedent(tokens: Sequence[Token], relative: int) -> Range | None:
    """The phrase that "who" stands for, past a party and state: "X, R-Ohio, who …"."""
    end = relative - 1
    for _ in range(3):
        while end >= 0 and tokens[end].text in {",", ".", ")", "—", "–"}:
            end -= 1
        phrase = phrase_before(tokens, end) if end >= 0 else None
        if phrase is None:
            return None
        if phrase[1] - phrase[0] > 1 or tokens[end].text[1:2] != "-":
            return phrase
        end -= 1
    return None


def _over_modifier(tokens: Sequence[Token], at: int, floor: int) -> Range | None:
    """The actor whose modifier ends at `at`: "who …", "contacted …", "living …", "familiar with …"."""
    for back in range(at, max(floor, at - 20), -1):
        token = tokens[back]
        if not token.is_word:
            return None
        if token.lower in {"who", "which", "that"}:
            return _antecedent(tokens, back)
        if not (token.lower.endswith(("ed", "ing")) or token.lower in {"familiar", "close"}) or token.is_capitalised:
            continue
        phrase = phrase_before(tokens, back - 1, floor)
        if phrase is None or not is_actor(tokens, phrase):
            continue
        described = _past_description(tokens, phrase, floor)
        if described != phrase:
            return described
        return phrase if _opens_clause(tokens, phrase, floor) else None
    return None


def _skip_back_times(tokens: Sequence[Token], at: int, floor: int) -> int:
    """Past "on Monday", "later", "himself" between a subject and its verb."""
    while at > floor:
        word = tokens[at].lower
        time = word in DAYS_AND_MONTHS or (word in TIME_WORDS and not tokens[at].is_capitalised)
        before_time = word in {"on", "in", "late", "early"} and tokens[at + 1].lower in DAYS_AND_MONTHS | TIME_WORDS
        if not (time or before_time or tokens[at].is_adverb or word in _REFLEXIVES):
            break
        at -= 1
    return at


def closes_with_name(tokens: Sequence[Token], at: int) -> bool:
    """Whether an actor stands at `at` and no clause goes on after it: "said the ministry, adding …"."""
    phrase = phrase_after(tokens, at, len(tokens))
    if phrase is None or not is_actor(tokens, phrase) or tokens[at].lower in DAYS_AND_MONTHS | OBJECT_PRONOUNS:
        return False
    if phrase[1] >= len(tokens):
        return True
    following = tokens[phrase[1]]
    return following.text in {",", ".", ";", "(", "–", "—", "-"} or following.lower in _AFTER_NAME


def _inverted(tokens: Sequence[Token], after_cue: int) -> Found | None:
    phrase = phrase_after(tokens, after_cue, len(tokens))
    if phrase is None or tokens[phrase[0]].lower in OBJECT_PRONOUNS:
        return None
    return phrase, "after"


def _before_insertion(tokens: Sequence[Token], mark: int) -> Range | None:
    """The speaker before "X, a former Y of Z, said": the phrase that the inserted stretch belongs to."""
    if tokens[mark].text == ")":
        opening = next((i for i in range(mark - 1, max(-1, mark - _REACH), -1) if tokens[i].text == "("), None)
        return phrase_before(tokens, opening - 1) if opening else None
    name = _name_after_role(tokens, mark)
    if name:
        return name
    best: Range | None = None
    for at in range(mark - 1, max(0, mark - _REACH), -1):
        if tokens[at].lower == QUOTE or tokens[at].text == ";":
            break
        inserted = tokens[at + 1].lower
        if tokens[at].text != tokens[mark].text or inserted in {"and", "or", "but"}:
            continue
        phrase = phrase_before(tokens, at - 1)
        if phrase is None or not is_actor(tokens, phrase):
            continue
        if inserted in {"who", "which", "whose"}:
            return phrase
        if not _opens_clause(tokens, phrase, 0):
            best = best or phrase
            continue
        best = phrase
        after_comma = phrase[0] > 0 and tokens[phrase[0] - 1].text == ","
        if not after_comma or tokens[phrase[0]].is_capitalised:
            return best
    return best


def _name_after_role(tokens: Sequence[Token], mark: int) -> Range | None:
    """The name in "a spokesman for the union, Ada Obi, said"."""
    start = mark
    while start > 0 and (tokens[start - 1].lower in _NAME_PARTICLES or tokens[start - 1].is_capitalised):
        start -= 1
    if not 2 <= mark - start <= 7 or start < 3 or tokens[start - 1].text != tokens[mark].text:
        return None
    role = phrase_before(tokens, start - 2)
    if role is None or not is_actor(tokens, role):
        return None
    described = tokens[role[0]].lower in DETERMINERS or not head_of(tokens, role).is_capitalised
    return (start, mark) if described else None


def _opens_clause(tokens: Sequence[Token], phrase: Range, floor: int) -> bool:
    if phrase[0] == floor or not tokens[phrase[0] - 1].is_word:
        return True
    return tokens[phrase[0] - 1].lower in CONJUNCTIONS
