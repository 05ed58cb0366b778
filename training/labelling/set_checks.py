"""Checks within one set of labels: names, stances, duplicates, contradictions, and labels that are probably wrong."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from quotestance.model.types import STANCES, Span
from quotestance.training.labelling.checked_files import Entry
from quotestance.training.labelling.findings import Finding, Place, passed_or, short
from quotestance.training.labelling.likely_wrong import (
    LEAST_OF_A_STANCE,
    LEAST_STATEMENTS,
    can_be_looked_for,
    enough_labels,
    likely_wrong,
)
from quotestance.training.labelling.near_duplicates import near_duplicates
from quotestance.training.labels import LabelledStatement

FEW_ARTICLES = 10  # `train` asks for this many articles or rows
FEW_OF_A_STANCE = 30


def name_findings(entries: Sequence[Entry]) -> list[Finding]:
    """One `doc_id` for two different articles: splits and duplicates are found by it."""
    first: dict[str, Entry] = {}
    found: list[Finding] = []
    for entry in entries:
        before = first.setdefault(entry.article.doc_id, entry)
        if before is not entry and not entry.is_row and before.article.text != entry.article.text:
            message = f"`doc_id` {entry.article.doc_id!r} is that of another article, at {before.place}"
            found.append(Finding("fail", "names", message, entry.place, before.place))
    return passed_or("names", "each `doc_id` names one article", found)


def count_findings(entries: Sequence[Entry]) -> list[Finding]:
    """Stances that nobody has, or few have, and sets too small to train on."""
    counts = Counter(s.stance for entry in entries for s in entry.article.statements)
    found: list[Finding] = []
    for stance in STANCES:
        if not counts[stance]:
            found.append(Finding("warn", "counts", f"no {stance} statement: a model cannot learn what it never sees"))
        elif counts[stance] < FEW_OF_A_STANCE:
            message = f"only {counts[stance]} {stance} statements; {FEW_OF_A_STANCE} or more are needed to learn from"
            found.append(Finding("warn", "counts", message))
    if len(entries) < FEW_ARTICLES:
        message = f"only {len(entries)} articles or rows; `train` needs {FEW_ARTICLES}"
        found.append(Finding("warn", "counts", message))
    shares = ", ".join(f"{counts[stance]:,} {stance}" for stance in STANCES)
    return passed_or("counts", f"{sum(counts.values()):,} statements: {shares}", found)


def duplicate_findings(entries: Sequence[Entry]) -> list[Finding]:
    """Articles that are there twice, to the letter or nearly, and statements labelled twice in the same way."""
    found: list[Finding] = []
    first: dict[str, Entry] = {}
    for entry in entries:
        before = first.setdefault(entry.article.text, entry)
        if before is not entry and not (entry.is_row and before.is_row):
            message = f"the same text as {before.place}"
            found.append(Finding("warn", "duplicates", message, entry.place, before.place))
    distinct = list(first.values())
    for pair in near_duplicates([entry.article.text for entry in distinct]):
        one, two = distinct[pair.first], distinct[pair.second]
        message = f"nearly the text of {one.place}: {pair.shared:.0%} shared"
        found.append(Finding("warn", "duplicates", message, two.place, one.place))
    for same in _passages(entries).values():
        by_stance: dict[str, list[Place]] = defaultdict(list)
        for place, statement in same:
            by_stance[statement.stance].append(place)
        for places in by_stance.values():
            for place in places[1:]:
                message = f"the same quote, actor, target and stance as {places[0]}"
                found.append(Finding("warn", "duplicates", message, place, places[0]))
    return passed_or("duplicates", "no text and no statement twice", found)


def contradiction_findings(entries: Sequence[Entry]) -> list[Finding]:
    """The same passage, actor and target with two stances."""
    found: list[Finding] = []
    for same in _passages(entries).values():
        place, statement = same[0]
        other = next(((p, s) for p, s in same if s.stance != statement.stance), None)
        if other is not None:
            quote = short(statement.quote.of(statement.text))
            message = f"{other[1].stance}, and {statement.stance} at {place}, for the same passage and actor: {quote}"
            found.append(Finding("fail", "contradictions", message, other[0], place))
    return passed_or("contradictions", "no passage with two stances of one actor toward one target", found)


def likely_wrong_findings(entries: Sequence[Entry]) -> list[Finding]:
    """Labels that confident learning finds wrong, the likeliest first."""
    placed = [pair for entry in entries for pair in entry.statements()]
    statements = [statement for _, statement in placed]
    if not enough_labels(statements):
        message = (
            f"labels that look wrong are not looked for: that takes {LEAST_STATEMENTS} statements, "
            f"{LEAST_OF_A_STANCE} of each stance, from at least 5 articles"
        )
        return [Finding("pass", "likely wrong", message)]
    if not can_be_looked_for():
        message = "labels that look wrong are not looked for: that takes cleanlab: pip install 'quotestance[audit]'"
        return [Finding("pass", "likely wrong", message)]
    found: list[Finding] = []
    for suspect in likely_wrong(statements):
        place, statement = placed[suspect.statement]
        quote = short(statement.quote.of(statement.text))
        message = (
            f"labelled {statement.stance}, perhaps {suspect.suggested} ({suspect.probability:.2f}): "
            f"{statement.actor}: {quote}"
        )
        found.append(Finding("warn", "likely wrong", message, place))
    return passed_or("likely wrong", "no label that looks wrong to a simple model", found)


def _passages(
    entries: Sequence[Entry],
) -> dict[tuple[str, Span, str, str], list[tuple[Place, LabelledStatement]]]:
    same: dict[tuple[str, Span, str, str], list[tuple[Place, LabelledStatement]]] = defaultdict(list)
    for entry in entries:
        for place, s in entry.statements():
            same[s.text, s.quote, s.actor.casefold(), s.target.casefold()].append((place, s))
    return same
