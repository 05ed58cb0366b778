"""Skips what stands between a verb and what it reports: the person told, the day, "in a statement", "that"."""

from collections.abc import Sequence

from quotestance.model.cues import lexicon
from quotestance.model.reporting_clauses import ReportingClause
from quotestance.model.speaker_phrase import looks_finite, phrase_after
from quotestance.model.tokens import (
    AUXILIARIES,
    DAYS_AND_MONTHS,
    DETERMINERS,
    OBJECT_PRONOUNS,
    PREPOSITIONS,
    QUOTE,
    SUBJECT_PRONOUNS,
    TIME_WORDS,
    Token,
)

_LOOK_FOR_THAT = 25  # tokens
_TIMES = DAYS_AND_MONTHS | {"yesterday", "today", "tonight", "late", "early"}
_NO_OBJECT = PREPOSITIONS | DETERMINERS | SUBJECT_PRONOUNS | DAYS_AND_MONTHS | {"that", "to"}


def skip_adverbials(tokens: Sequence[Token], clause: ReportingClause, limit: int) -> tuple[int, bool]:
    """Where the content begins after the cue, past "reporters", "on Monday", "in a statement", "that".

    The flag says whether a "that" introduces it.
    """
    at = clause.cue[1]
    if clause.role == "after" and clause.subject:
        at = max(at, clause.subject[1])
    if clause.form.cue.group == "telling":
        at = _skip_object(tokens, at, limit)
    while at < limit:
        word = tokens[at].lower
        if (word == "that" and _introduces(tokens, at, limit)) or (word == ":" and _goes_on(tokens, at, limit)):
            return at + 1, True
        if word in PREPOSITIONS and word != "of" and not _is_infinitive(tokens, at, limit):
            that = _that_ahead(tokens, at, limit)
            if that is not None:
                return that + 1, True
            after = _skip_phrase(tokens, at, limit)
            if after is None:
                return at, False
            at = after
        elif word in _TIMES or (tokens[at].is_adverb and _leads_on(tokens, at, limit)):
            at += 1
        elif word in {"this", "last", "next"} and at + 1 < limit and tokens[at + 1].lower in TIME_WORDS:
            at += 2
        elif _is_time_span(tokens, at, limit):
            at += 3
        elif word == "," and any(t.lower == "that" for t in tokens[at + 1 : min(limit, at + 4)]):
            at += 1
        else:
            return at, False
    return at, False


def _leads_on(tokens: Sequence[Token], at: int, limit: int) -> bool:
    """Whether an adverb belongs to the cue ("said later that") and not to what is reported ("said nearly all")."""
    following = tokens[at + 1].lower if at + 1 < limit else "that"
    return following in PREPOSITIONS | _TIMES | {"that", ",", ":", QUOTE}


def _is_time_span(tokens: Sequence[Token], at: int, limit: int) -> bool:
    """Whether "a day earlier" or "two weeks ago" stands here."""
    return at + 2 < limit and tokens[at + 2].lower in {"earlier", "ago", "later", "before"}


def _is_infinitive(tokens: Sequence[Token], at: int, limit: int) -> bool:
    if tokens[at].lower != "to" or at + 1 >= limit:
        return False
    following = tokens[at + 1]
    return not (following.is_capitalised or following.lower in DETERMINERS | OBJECT_PRONOUNS | lexicon().actor_nouns)


def _goes_on(tokens: Sequence[Token], colon: int, limit: int) -> bool:
    """Whether words outside any quote follow a colon: "told the radio: no deal"."""
    return colon + 1 < limit and tokens[colon + 1].is_word


def _introduces(tokens: Sequence[Token], at: int, limit: int) -> bool:
    return at + 1 < limit and tokens[at + 1].lower not in AUXILIARIES


def _that_ahead(tokens: Sequence[Token], at: int, limit: int) -> int | None:
    for i in range(at + 1, min(limit, at + _LOOK_FOR_THAT)):
        if tokens[i].lower == QUOTE or tokens[i].lower in AUXILIARIES:
            return None
        if tokens[i].lower == "that" and _introduces(tokens, i, limit):
            return None if looks_finite(tokens[i + 1]) else i  # "in a note that included" is a relative clause
    return None


def _skip_phrase(tokens: Sequence[Token], at: int, limit: int) -> int | None:
    """The end of a phrase like "in a statement", or None where the content seems to begin with it."""
    if tokens[at].lower in {"on", "in"} and at + 1 < limit and tokens[at + 1].lower in DAYS_AND_MONTHS:
        at += 2
        while at < limit and (tokens[at].text[0].isdigit() or tokens[at].lower in DAYS_AND_MONTHS):
            at += 1
        return at
    phrase = phrase_after(tokens, at + 1, limit)
    if phrase is None:
        return None
    end = phrase[1]
    if end >= limit or tokens[end].text in {",", ".", ":", ";"} or tokens[end].lower in PREPOSITIONS | {QUOTE}:
        return end
    return end if tokens[end].lower in DETERMINERS | SUBJECT_PRONOUNS else None


def _skip_object(tokens: Sequence[Token], at: int, limit: int) -> int:
    if at >= limit:
        return at
    if tokens[at].lower in OBJECT_PRONOUNS:
        return at + 1
    if tokens[at].lower in DETERMINERS:
        phrase = phrase_after(tokens, at, limit)
        return phrase[1] if phrase else at
    phrase = phrase_after(tokens, at, limit)
    if phrase and (phrase[1] >= limit or not tokens[phrase[1]].is_word or tokens[phrase[1]].lower in {"that", "to"}):
        return phrase[1]
    named = tokens[at].is_capitalised
    while at < limit and tokens[at].is_word and tokens[at].lower not in _NO_OBJECT:
        if tokens[at].is_capitalised != named and not (named and tokens[at].lower in lexicon().actor_nouns):
            break
        named = named and tokens[at].is_capitalised
        at += 1
    return at
