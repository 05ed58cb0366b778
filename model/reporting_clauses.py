"""Finds the reporting words of a sentence and who their subject is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from quotestance.model.cue_subject import Role, Verb, find_subject, main_subject
from quotestance.model.cues import CueForm, lexicon
from quotestance.model.speaker_phrase import Range, head_of, is_actor, phrase_after, phrase_before
from quotestance.model.tokens import (
    AUXILIARIES,
    BE,
    COORDINATORS,
    DETERMINERS,
    HAVE,
    MODALS,
    PREPOSITIONS,
    Token,
    word_set,
)

_REPORTING_PARTICIPLES = word_set(
    "adding saying urging calling accusing denying claiming stressing condemning denouncing insisting stating"
)
_PARTICIPLE_AFTER = frozenset([",", "and", "while", "after", "before", "by", "–", "—", "--", "also", "again", ")"])
_NO_PARTICIPLE_AFTER = (DETERMINERS | PREPOSITIONS) - word_set("some many several both after before without while by")
_MEMORY = 12  # clauses back that a coordinated verb may share its subject with
_PAPERS = word_set("report statement letter study")  # they speak, but for whoever made them
_UNNAMED = word_set("ask decline refuse")
_UNNAMED_AFTER = word_set("named identified anonymity")
_NAMING_PASSIVES = word_set("call describe deny claim")


@dataclass(frozen=True, slots=True)
class ReportingClause:
    """A reporting verb with its subject; all positions are token indices of one sentence.

    `first` is where the verb group begins ("has" of "has condemned"), `cue` the reporting words themselves,
    `start` the leftmost of subject and verb. `role` says how the subject was found.
    """

    form: CueForm
    first: int
    cue: Range
    subject: Range | None
    role: Role
    start: int


def find_clauses(tokens: Sequence[Token]) -> list[ReportingClause]:
    """Every reporting clause of one sentence, in text order."""
    clauses: list[ReportingClause] = []
    main: Range | None = main_subject(tokens)
    at = 0
    while at < len(tokens):
        form = _match(tokens, at)
        clause = _clause(tokens, at, form, clauses, main) if form else None
        if clause is None:
            at += 1
            continue
        clauses.append(clause)
        at = clause.cue[1]
    return _with_late_subjects(tokens, clauses)


def _match(tokens: Sequence[Token], at: int) -> CueForm | None:
    token = tokens[at]
    if token.quoted or (token.is_capitalised and at > 0 and tokens[at - 1].is_word):
        return None
    for form in lexicon().verbs.get(token.lower, ()):
        rest = form.cue.rest
        if all(at + 1 + i < len(tokens) and tokens[at + 1 + i].lower == word for i, word in enumerate(rest)):
            return form
    return None


def _clause(
    tokens: Sequence[Token], at: int, form: CueForm, earlier: list[ReportingClause], main: Range | None
) -> ReportingClause | None:
    cue = (at, at + 1 + len(form.cue.rest))
    if form.cue.lemma in _UNNAMED and any(t.lower in _UNNAMED_AFTER for t in tokens[cue[1] : cue[1] + 4]):
        return None  # "asked not to be named"
    first, auxiliaries = _verb_group(tokens, at)
    being = bool(auxiliaries & BE)
    beside = (
        c for c in reversed(earlier[-_MEMORY:]) if c.subject and not _is_attached(c) and not _is_nested(tokens, c)
    )
    shared = next((c.subject for c in beside), earlier[0].subject if earlier else main)
    if form.form == "source":
        source = _source(tokens, cue[1])
        return ReportingClause(form, at, cue, source, "source", at) if source else None
    passive = being or (cue[1] < len(tokens) and tokens[cue[1]].lower == "by")
    if form.form in {"past", "pp"} and passive and not form.cue.lemma.startswith("be "):
        return _passive(tokens, form, first, cue)
    if form.form == "ing" and not being:
        return _participle(tokens, form, cue, shared)
    if not _fits(form, auxiliaries):
        return None
    found = find_subject(tokens, Verb(form, first, cue, earlier[-1].cue[1] if earlier else 0, shared))
    if found is None:
        return None
    subject, role = found
    if role == "shared" and auxiliaries & {"had", "would"} and earlier and earlier[-1].form.cue.group != "attitude":
        return None  # "said it left and had warned Dor": still what was said
    if not (auxiliaries or _agrees(tokens, form, cue, subject, role)) or not _speaks(tokens, form, subject, role):
        return None
    start = first if role in {"shared", "after", "antecedent"} else min(first, subject[0])
    return ReportingClause(form, first, cue, subject, role, start)


def _is_attached(clause: ReportingClause) -> bool:
    """Whether a participle has a subject of its own, which later verbs do not share: "critics questioning …"."""
    return clause.role == "participle" and clause.subject is not None and clause.start == clause.subject[0]


def _is_nested(tokens: Sequence[Token], clause: ReportingClause) -> bool:
    """Whether a clause stands inside what another reports: "said the council condemned …"."""
    before = tokens[clause.start - 1] if clause.start else None
    return before is not None and before.is_word and before.lower not in COORDINATORS | {"while", "as", "after"}


def _source(tokens: Sequence[Token], at: int) -> Range | None:
    """Whoever stands behind "according to": the maker of a report rather than the report."""
    phrase = phrase_after(tokens, at, len(tokens))
    if phrase is None or (is_actor(tokens, phrase) and head_of(tokens, phrase).lower not in _PAPERS):
        return phrase
    for maker in range(phrase[1], min(len(tokens), phrase[1] + 3)):
        if tokens[maker].lower in {"by", "from"}:
            named = phrase_after(tokens, maker + 1, len(tokens))
            return named if named and is_actor(tokens, named) else phrase
    return phrase


def _fits(form: CueForm, auxiliaries: frozenset[str]) -> bool:
    """Whether an inflected form goes with its auxiliaries ("would said" does not)."""
    if form.form == "past":
        return not auxiliaries & MODALS
    if form.form == "pp":
        return bool(auxiliaries & HAVE)
    return form.form != "base" or not auxiliaries & (HAVE | BE)


def _verb_group(tokens: Sequence[Token], at: int) -> tuple[int, frozenset[str]]:
    """Where the verb group begins, and its auxiliaries: "has" of "has repeatedly denied"."""
    first, seen = at, set()
    back = at - 1
    while back >= 0 and at - back < 7:
        token = tokens[back]
        if token.lower in AUXILIARIES:
            seen.add(token.lower)
            first = back
        elif not (token.is_adverb or token.lower == "not"):
            break
        back -= 1
    return first, frozenset(seen)


def _passive(tokens: Sequence[Token], form: CueForm, first: int, cue: Range) -> ReportingClause | None:
    if form.cue.lean is None and form.cue.lemma not in _NAMING_PASSIVES:
        return None
    for at in range(cue[1], min(len(tokens), cue[1] + 6)):
        if tokens[at].lower == "by":
            subject = phrase_after(tokens, at + 1, len(tokens))
            if subject and is_actor(tokens, subject) and subject[0] < len(tokens):
                return ReportingClause(form, first, cue, subject, "passive", first)
            return None
        if not tokens[at].is_word:
            return None
    return None


def _participle(tokens: Sequence[Token], form: CueForm, cue: Range, shared: Range | None) -> ReportingClause | None:
    at = cue[0]
    before = tokens[at - 1].lower if at else ""
    if before == "as" and at > 2:  # "quoted X as saying"
        quoted = phrase_before(tokens, at - 2)
        by = quoted is not None and quoted[0] > 0 and tokens[quoted[0] - 1].lower == "by"
        if quoted is None or by or tokens[at - 2].lower in {"quoted", "cited"}:
            quoted = shared  # "X was quoted (by the agency) as saying"
        return ReportingClause(form, at, cue, quoted, "participle", at) if quoted else None
    if before in _NO_PARTICIPLE_AFTER:
        return None
    if form.cue.group == "attitude" and cue[1] < len(tokens) and tokens[cue[1]].lower in {"of", ","}:
        return None
    if before and before not in _PARTICIPLE_AFTER and tokens[at - 1].is_word:
        return _attached_participle(tokens, form, cue, shared)
    if shared is None and at > 1:
        return None
    return ReportingClause(form, at, cue, shared, "participle", at)


def _attached_participle(
    tokens: Sequence[Token], form: CueForm, cue: Range, shared: Range | None
) -> ReportingClause | None:
    """A participle right after a noun: "with X accusing Y", or a lost comma before "adding that"."""
    at = cue[0]
    holder = phrase_before(tokens, at - 1)
    reporting = tokens[at].lower in _REPORTING_PARTICIPLES
    own = holder and holder[0] and tokens[holder[0] - 1].lower in {"with", "and", "as"}
    if holder and is_actor(tokens, holder) and (own or not shared or not reporting):
        return ReportingClause(form, at, cue, holder, "participle", holder[0])
    if shared and (reporting or tokens[at - 1].lower in lexicon().nouns):
        return ReportingClause(form, at, cue, shared, "participle", at)
    return None


def _agrees(tokens: Sequence[Token], form: CueForm, cue: Range, subject: Range, role: Role) -> bool:
    """Whether an ambiguous form ("calls", "support") is a verb here rather than a noun."""
    word = tokens[cue[0]].lower
    if form.form not in {"base", "third"}:
        return True
    head = head_of(tokens, subject)
    if form.form == "base":
        plural = head.lower in {"they", "we", "i", "you", "who", "many", "some", "others", "most", "both"}
        plural = plural or (
            head.lower.endswith(("s", "men", "people", "percent", "%", "majority", "half", "media", "public", "police"))
            and not head.is_possessive
        )
        plural = plural or any(tokens[i].lower == "and" for i in range(*subject)) or role in {"shared", "antecedent"}
        if not plural:
            return False
    if word not in lexicon().ambiguous:
        return True
    if cue[1] >= len(tokens) or tokens[cue[1]].lower in PREPOSITIONS | {"and", ",", "."}:
        return False
    if role == "before" and head.is_capitalised and form.form == "base" and head.lower.endswith("s"):
        return subject[1] - subject[0] == 1 or head.lower in lexicon().actor_nouns
    return role != "shared" and is_actor(tokens, subject)


def _speaks(tokens: Sequence[Token], form: CueForm, subject: Range, role: Role) -> bool:
    if tokens[subject[0]].lower in {"i", "we", "you"} and subject[1] - subject[0] == 1:
        return False  # outside quotes that is the journalist's own voice
    if form.cue.lemma in {"say", "tell", "add", "write"} and role != "antecedent":
        return True
    return is_actor(tokens, subject)


def _with_late_subjects(tokens: Sequence[Token], clauses: list[ReportingClause]) -> list[ReportingClause]:
    """Give "Calling the raid a crime, X said …" the subject that follows."""
    settled: list[ReportingClause] = []
    for i, clause in enumerate(clauses):
        subject = clause.subject
        if subject is None:
            subject = next((c.subject for c in clauses[i + 1 :] if c.subject), None) or _after_comma(tokens, clause)
        if subject is not None:
            settled.append(replace(clause, subject=subject))
    return settled


def _after_comma(tokens: Sequence[Token], clause: ReportingClause) -> Range | None:
    comma = next((i for i in range(clause.cue[1], len(tokens)) if tokens[i].text == ","), None)
    phrase = phrase_after(tokens, comma + 1, len(tokens)) if comma is not None else None
    return phrase if phrase and is_actor(tokens, phrase) else None
