"""Finds what a reporting clause reports: the complement of a verb of speech, or an attitude with its verb."""

from collections.abc import Sequence

from quotestance.model.cue_adverbials import skip_adverbials
from quotestance.model.cues import lexicon
from quotestance.model.datelines import past_dateline
from quotestance.model.reporting_clauses import ReportingClause
from quotestance.model.speaker_phrase import Range, is_actor, looks_finite, phrase_after
from quotestance.model.tokens import AUXILIARIES, COORDINATORS, MODALS, PREPOSITIONS, QUOTE, Token

_SHORTEST = 2  # words
_BREAKS = frozenset([",", "–", "—", "--", ";", ")"])
_QUESTION_WORDS = frozenset(["whether", "if", "why", "how", "what", "who", "when", "where"])
_TURNS = frozenset(["while", "though", "although", "whereas", "despite"])
_LOOSE_STARTS = frozenset([",", ";", ":", ".", "–", "—", "--", "-", ")"])
_LOOSE_ENDS = frozenset([",", ";", ":", ".", "–", "—", "--", "-", "and", "but", "while", "or", "(", "as"])


def contents(tokens: Sequence[Token], clauses: Sequence[ReportingClause]) -> list[list[Range]]:
    """For each clause of one sentence the token ranges it reports; none where it only introduces a direct quote."""
    return [[part for part in _content(tokens, clauses, i) if part] for i in range(len(clauses))]


def _content(tokens: Sequence[Token], clauses: Sequence[ReportingClause], at: int) -> list[Range | None]:
    clause = clauses[at]
    limit = _limit(tokens, clauses, at)
    if clause.form.form == "source" and clause.subject:
        return [_around_source(tokens, clause, clause.subject, limit)]
    if clause.role == "passive" and clause.subject:
        marks = (i for i in range(clause.subject[1], limit) if tokens[i].text in _BREAKS and not _in_quote(tokens, i))
        return [_trim(tokens, clause.first, max(clause.subject[1], next(marks, limit)))]
    if clause.form.cue.group == "attitude":
        return [_trim(tokens, clause.first, limit)]
    if clause.role == "after":
        return [_backward(tokens, clause, clause.first)]
    start, complement = skip_adverbials(tokens, clause, limit)
    if clause.start > 3 and tokens[clause.start - 1].text == "," and start > 0 and tokens[start - 1].text == ":":
        return [_backward(tokens, clause, clause.start)]  # "nine died, X said: four of them children"
    trails = start > clause.cue[1] and clause.start > 4 and start < limit and tokens[start].lower.endswith("ing")
    closed = start >= limit or _closes(tokens[start])
    if closed and tokens[clause.first].lower in MODALS and clause.form.cue.lemma in lexicon().needs_that:
        return []  # "said it would respond"
    if start >= limit or (not complement and (trails or _closes(tokens[start]))):
        return _around(tokens, clause, start, limit)
    if not complement:
        return [_without_that(tokens, clause, start, limit)]
    return [_trim(tokens, start, limit)]


def _closes(token: Token) -> bool:
    """Whether nothing reported can begin here, so that the cue trails what it reports."""
    participle = token.lower in {"adding", "citing", "referring", "bringing", "according", "as", "while"}
    return participle or token.text in {",", ";", ".", ")", "–", "—", ":", "-"} or token.lower == QUOTE


def _without_that(tokens: Sequence[Token], clause: ReportingClause, start: int, limit: int) -> Range | None:
    if clause.form.cue.lemma in lexicon().needs_that:
        return None
    person = phrase_after(tokens, start, limit)
    if person and person[1] + 1 < limit and tokens[person[1]].lower == "that" and is_actor(tokens, person):
        return _trim(tokens, person[1] + 1, limit)  # "warned X that …"
    following = tokens[start].lower
    asks = clause.form.cue.lemma in {"ask", "demand", "propose", "recommend"}
    if following == "to" or (asks and following not in _QUESTION_WORDS):
        return _trim(tokens, clause.first, limit)
    if following in PREPOSITIONS:
        trails = clause.start > 3 and (tokens[clause.start - 1].text == "," or clause.form.cue.lemma == "say")
        backward = _backward(tokens, clause, clause.start) if trails else None
        if backward or not _has_verb(tokens, start, limit):
            return backward or _trim(tokens, clause.first, limit)
    return _trim(tokens, start, limit)


def _around(tokens: Sequence[Token], clause: ReportingClause, start: int, limit: int) -> list[Range | None]:
    """Content before a cue that trails ("…, X said") and after one in the middle ("…, X said, and …")."""
    resumed = _resumed(tokens, start, limit)
    backward = _backward(tokens, clause, clause.start)
    if resumed is None or backward is None:
        return [backward, resumed]
    return [(backward[0], resumed[1])]  # one sentence, one statement


def _limit(tokens: Sequence[Token], clauses: Sequence[ReportingClause], at: int) -> int:
    """Where the content of a clause must stop: at the next clause beside it, or at a direct quote."""
    here = clauses[at]
    end = len(tokens)
    for later in clauses[at + 1 :]:
        before = tokens[later.start - 1] if later.start else None
        beside = before is None or before.lower in {",", ";", "and", "but", "while", "–", "—", ")"}
        if later.role == "apposition" and later.start < here.cue[1]:  # "X, who has said …, has also said …"
            end = later.first
            break
        if later.start > here.cue[1] and (beside or later.role in {"shared", "participle"}):
            end = later.start
            break
    depth = 0
    for i in range(here.cue[1], end):
        if here.role == "antecedent" and _relative_ends(tokens, i):
            return i
        depth += (tokens[i].text == "(") - (tokens[i].text == ")")
        if depth < 0 or tokens[i].lower == QUOTE or (i > here.cue[1] + 2 and _turns(tokens, i)):
            return i
    return end


def _relative_ends(tokens: Sequence[Token], at: int) -> bool:
    """Whether the main verb follows here: "X, who opposes the raid, left …"."""
    if tokens[at].text != "," or tokens[at].quoted or at + 1 >= len(tokens):
        return False
    return looks_finite(tokens[at + 1]) or (
        tokens[at + 1].is_adverb and at + 2 < len(tokens) and looks_finite(tokens[at + 2])
    )


def _turns(tokens: Sequence[Token], at: int) -> bool:
    """Whether the writer's own remark begins here: ", while …", ", though …"."""
    return tokens[at].lower in _TURNS and not tokens[at].quoted and tokens[at - 1].text == ","


def _resumed(tokens: Sequence[Token], start: int, limit: int) -> Range | None:
    """Content after ", he said, …" in the middle of a sentence."""
    if start >= limit or tokens[start].text != ",":
        return None
    if start + 1 < limit and (tokens[start + 1].lower.endswith("ing") or tokens[start + 1].lower in PREPOSITIONS):
        return None
    return _trim(tokens, start + 1, limit) if limit - start > 4 else None


def _backward(tokens: Sequence[Token], clause: ReportingClause, end: int) -> Range | None:
    """Content before a trailing "…, X said": from the start of the sentence, or from the last direct quote."""
    if clause.role in {"participle", "shared"}:
        return None
    after_comma = end > 1 and tokens[end - 1].text == "," and tokens[end - 2].lower == QUOTE
    if after_comma or (end > 0 and tokens[end - 1].lower == QUOTE):
        return None
    start = 0
    for i in range(end - 1, -1, -1):
        if tokens[i].lower == QUOTE or tokens[i].text == ";":
            start = i + 1
            break
    content = _trim(tokens, past_dateline(tokens, start, end), end)
    return content if content and content[1] - content[0] >= 3 else None


def _around_source(tokens: Sequence[Token], clause: ReportingClause, source: Range, limit: int) -> Range | None:
    before = _trim(tokens, 0, clause.first)
    if before and before[1] - before[0] >= 3:
        return _backward(tokens, clause, clause.first)
    comma = next((i for i in range(source[1], limit) if tokens[i].text == ","), source[1] - 1)
    following = next((i for i in range(comma + 1, limit) if tokens[i].text == ","), limit)
    described = comma + 1 < limit and tokens[comma + 1].lower in {"a", "an", "the"}
    if described and following < limit and not any(looks_finite(t) for t in tokens[comma + 1 : following]):
        comma = following  # "according to X, a doctor in Y, …"
    return _trim(tokens, comma + 1, limit)


def _in_quote(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].quoted and at + 1 < len(tokens) and tokens[at + 1].quoted


def _has_verb(tokens: Sequence[Token], start: int, limit: int) -> bool:
    return any(tokens[i].lower in AUXILIARIES or tokens[i].lower.endswith("ed") for i in range(start, limit))


def _trim(tokens: Sequence[Token], start: int, end: int) -> Range | None:
    """Drop loose ends: commas, conjunctions, the full stop."""
    while start < end and (tokens[start].text in _LOOSE_STARTS or tokens[start].lower in COORDINATORS):
        start += 1
    while end > start and tokens[end - 1].lower in _LOOSE_ENDS:
        end -= 1
    words = sum(1 for i in range(start, end) if tokens[i].is_word)
    return (start, end) if words >= _SHORTEST else None
