"""Two models on the same labelled statements: every figure of the comparison, as one JSON-like object."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance.model.types import STANCES
from quotestance.training.comparison.common_articles import CommonArticles
from quotestance.training.comparison.paired import (
    LEAST_ARTICLES,
    Difference,
    accuracy,
    agreement,
    difference,
    mcnemar,
    mean_difference,
    stance_f1,
)
from quotestance.training.comparison.sides import Side, same_reader, same_scorer, speeds
from quotestance.training.comparison.verdict import MARGIN, Verdict, overall, verdict
from quotestance.training.evaluate_scorer import Scored, score_labels
from quotestance.training.labels import LabelledStatement
from quotestance.training.metrics import Labels, calibration_error, f1, macro_f1
from quotestance.training.reader_metrics import Match, match
from quotestance.training.training_record import text_key

MOST_SOURCES = 20  # slices by source: those with most statements
_PROBABILITIES = "; its probabilities are worse for sure (Brier score {:+.1f} points)"
_NONE = Difference(0.0, 0.0, 0.0, 0.0)
SLICES: dict[str, Callable[[LabelledStatement], str]] = {
    "kind": lambda s: s.kind or "",
    "actor type": lambda s: s.actor_type or "",
    "about": lambda s: s.about,
    "certainty": lambda s: str(s.certainty),
}


@dataclass(frozen=True, slots=True)
class Flip:
    """A statement that just one of the models got right."""

    statement: LabelledStatement
    source: str
    old: str
    new: str
    old_confidence: float
    new_confidence: float

    @property
    def won(self) -> bool:
        return self.new == self.statement.stance


@dataclass(frozen=True, slots=True)
class Comparison:
    """`figures` is what `--json` prints; `verdicts` has one for the scorer and one for the reader where they differ."""

    figures: dict[str, Any]
    verdicts: dict[str, Verdict]
    flips: tuple[Flip, ...]

    @property
    def verdict(self) -> str:
        return str(self.figures["verdict"])


def compare(old: Side, new: Side, tested: CommonArticles, margin: float = MARGIN, timed: bool = True) -> Comparison:
    """Compare on `tested`, which is not empty; `margin` is of macro-F1, 0.01 being one point."""
    statements = tested.statements
    before, after = (score_labels(side.model.scorer, statements) for side in (old, new))
    groups, articles = tested.groups, len(set(tested.groups))
    truth = before.truth
    per_stance: dict[str, Difference] = {
        name: difference(groups, truth, before.calls, after.calls, stance_f1(k), units=int((truth == k).sum()))
        for k, name in enumerate(STANCES)
    }
    stance_difference = difference(groups, truth, before.calls, after.calls)
    verdicts: dict[str, Verdict] = {}
    if not same_scorer(old.model, new.model):
        verdicts["scorer"] = verdict(stance_difference, len(statements), articles, margin, per_stance)
    reader = None
    if not same_reader(old.model, new.model):
        reader, verdicts["reader"] = _reader(old, new, tested, margin)
    if not verdicts:
        verdicts["scorer"] = Verdict("no worse", _NONE, margin, reason="the two are the same model")
    brier = mean_difference(groups, _brier(before), _brier(after))
    rates = speeds((old, new), statements) if timed else [None, None]
    name = overall(list(verdicts.values()))
    needed = [v.labels_to_tell for v in verdicts.values() if v.labels_to_tell]
    worse_on = [stance for v in verdicts.values() for stance in v.worse_on]
    figures: dict[str, Any] = {
        "verdict": name,
        "in_words": in_words(verdicts) + (_PROBABILITIES.format(100 * brier.value) if brier.low > 0 else ""),
        "margin": margin,
        "labels_to_tell": max(needed) if needed and name == "can't tell" else None,
        "worse_on": worse_on,
        "labels": [p.name for p in tested.files],
        "articles": articles,
        "statements": len(statements),
        "left_out": tested.left_out,
        "old": _side(old, before, groups, rates[0]),
        "new": _side(new, after, groups, rates[1]),
        "difference": _rounded(stance_difference),
        "brier_difference": _rounded(brier),
        "worse_probabilities": brier.low > 0,
        "mcnemar": asdict(mcnemar(truth, before.calls, after.calls)),
        "per_stance": {
            stance: {
                "statements": int((truth == k).sum()),
                "old": f1(truth, before.calls, k),
                "new": f1(truth, after.calls, k),
                "difference": _rounded(per_stance[stance]),
            }
            for k, stance in enumerate(STANCES)
        },
        "slices": _slices(tested, before, after),
        "reader": reader,
    }
    return Comparison(figures, verdicts, _flips(tested.sources, before, after))


def in_words(verdicts: dict[str, Verdict]) -> str:
    """The verdict in one or two sentences, for a person."""
    sentences = []
    for part, v in verdicts.items():
        d, figure = v.difference, "macro-F1" if part == "scorer" else "share of statements found with the right actor"
        place = f"{100 * d.value:+.1f} points of {figure} (95 % interval {100 * d.low:+.1f} to {100 * d.high:+.1f})"
        told = f"{part}: {v.name}, {v.reason or place}"
        if v.name == "no worse" and not v.reason:
            told += f", at a margin of {100 * v.margin:g}"
        if v.labels_to_tell:
            told += f"; about {v.labels_to_tell:,} labelled statements would tell"
        if v.worse_on:
            told += f"; worse on {' and '.join(v.worse_on)} statements"
        sentences.append(told)
    return ". ".join(sentences)


def chance_alone(figures: Mapping[str, Any]) -> str | None:
    """That the new model's agreement with these labels cannot be told from chance, in words; None where it can.

    Such labels say nothing for a model: they may be shuffled, of another kind, or too few. Labels of one stance give
    None.
    """
    stances = [row for row in figures["per_stance"].values() if row["statements"]]
    found = figures["new"]["agreement"]
    if len(stances) < 2 or found["low"] > 0:
        return None
    if figures["articles"] < LEAST_ARTICLES:
        return (
            f"its agreement with the labels cannot be told from chance on {figures['articles']} articles; at least "
            f"{LEAST_ARTICLES} would tell"
        )
    return (
        f"its agreement with the labels cannot be told from chance (kappa {found['value']:.2f}, 95 % interval "
        f"{found['low']:.2f} to {found['high']:.2f}), so that they say nothing for it; are their stances right? "
        "If they are, more of them would tell"
    )


def _side(side: Side, scored: Scored, groups: Sequence[str], rate: float | None) -> dict[str, Any]:
    return {
        "name": side.name,
        "version": side.model.version,
        "macro_f1": macro_f1(scored.truth, scored.calls),
        "accuracy": float((scored.truth == scored.calls).mean()),
        "calibration_error": calibration_error(scored.probabilities, scored.truth),
        "brier": float(_brier(scored).mean()),
        "agreement": _rounded(agreement(groups, scored.truth, scored.calls)),
        "statements_per_second": rate,
        "bytes": side.bytes,
    }


def _brier(scored: Scored) -> NDArray[np.float64]:
    """Squared distance of each statement's probabilities from its label: 0 sure and right, 2 sure and wrong."""
    result: NDArray[np.float64] = ((scored.probabilities - np.eye(3)[scored.truth]) ** 2).sum(axis=1)
    return result


def _slices(tested: CommonArticles, before: Scored, after: Scored) -> list[dict[str, Any]]:
    values = {name: [value(s) for s in before.statements] for name, value in SLICES.items()}
    values["source"] = tested.sources
    result = []
    for name, of_each in values.items():
        counts = {v: of_each.count(v) for v in sorted(set(of_each)) if v}
        largest = sorted(counts, key=lambda v: (-counts[v], v))[: MOST_SOURCES if name == "source" else None]
        result += [_slice(name, v, np.array([w == v for w in of_each]), tested.groups, before, after) for v in largest]
    return result


def _slice(
    name: str, value: str, keep: NDArray[np.bool_], groups: Sequence[str], before: Scored, after: Scored
) -> dict[str, Any]:
    truth, old, new = before.truth[keep], before.calls[keep], after.calls[keep]
    inside = [g for g, k in zip(groups, keep, strict=True) if k]
    return {
        "slice": name,
        "value": value,
        "statements": int(keep.sum()),
        "old": {"accuracy": float((old == truth).mean()), "macro_f1": macro_f1(truth, old)},
        "new": {"accuracy": float((new == truth).mean()), "macro_f1": macro_f1(truth, new)},
        "accuracy_difference": _rounded(difference(inside, truth, old, new, accuracy)),
    }


def _reader(old: Side, new: Side, tested: CommonArticles, margin: float) -> tuple[dict[str, Any] | None, Verdict]:
    """Labelled statements found with the right actor: a paired share, by the same bootstrap."""
    articles = tested.whole_articles
    if not articles:
        return None, Verdict("can't tell", _NONE, margin, reason="the labels hold no whole articles to read")
    matches = [match(side.model.reader, articles) for side in (old, new)]
    old_right, new_right = (np.array([int(_right(m)) for m in rows]) for rows in matches)
    truth: Labels = np.ones(len(old_right), np.int64)
    groups = [text_key(m.gold.text) for m in matches[0]]
    measured = difference(groups, truth, old_right, new_right, accuracy)
    result = verdict(measured, len(truth), len(set(groups)), margin)
    figures = {
        "statements": len(truth),
        "old": float(old_right.mean()),
        "new": float(new_right.mean()),
        "difference": _rounded(measured),
        "mcnemar": asdict(mcnemar(truth, old_right, new_right)),
        "verdict": result.name,
    }
    return figures, result


def _right(found: Match) -> bool:
    return found.found is not None and found.actor_right


def _flips(sources: Sequence[str], before: Scored, after: Scored) -> tuple[Flip, ...]:
    old_right, new_right = before.calls == before.truth, after.calls == after.truth
    return tuple(
        Flip(
            statement=statement,
            source=sources[i],
            old=STANCES[before.calls[i]],
            new=STANCES[after.calls[i]],
            old_confidence=float(before.probabilities[i].max()),
            new_confidence=float(after.probabilities[i].max()),
        )
        for i, statement in enumerate(before.statements)
        if old_right[i] != new_right[i]
    )


def _rounded(measured: Difference) -> dict[str, float]:
    return {name: round(value, 5) for name, value in asdict(measured).items()}
