"""The scorer's figures, quote, actor and target given, beside the baselines' on the same statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quotestance.model.scorer import Scorer
from quotestance.model.types import STANCES
from quotestance.service.exit_status import complain
from quotestance.training.baselines import LeaningWords, baselines
from quotestance.training.examples import passage_of, stance_index
from quotestance.training.labels import LabelledStatement
from quotestance.training.metrics import (
    Labels,
    Probabilities,
    bootstrap,
    calibration_error,
    f1,
    macro_f1,
    selective,
)
from quotestance.training.own_data import set_of
from quotestance.training.training_record import text_key

_LONG = 25


@dataclass(frozen=True, slots=True)
class Scored:
    """Statements with their true stances and the scorer's probabilities, (n, 3), both in the order of `STANCES`."""

    statements: Sequence[LabelledStatement]
    truth: Labels
    probabilities: Probabilities

    @property
    def calls(self) -> Labels:
        calls: Labels = self.probabilities.argmax(axis=1)
        return calls


def score_labels(scorer: Scorer, statements: Sequence[LabelledStatement]) -> Scored:
    """Score every labelled statement as labelled: its own quote, actor and target."""
    distributions = scorer.distributions([passage_of(s, scorer.config.limits) for s in statements])
    return Scored(
        statements=statements,
        truth=np.array([stance_index(s) for s in statements]),
        probabilities=np.array([[d[s] for s in STANCES] for d in distributions]).reshape(-1, len(STANCES)),
    )


def figures(scored: Scored, threshold: float) -> dict[str, Any]:
    """Accuracy, macro-F1 with its interval by article, per class, slices, calibration, and the abstention's effect."""
    truth, calls = scored.truth, scored.calls
    groups = [text_key(s.text) for s in scored.statements]  # rows of one text are one article
    return {
        **_basic(truth, calls),
        "macro_f1_interval": bootstrap(groups, lambda i: macro_f1(truth[i], calls[i])),
        "per_stance": {name: f1(truth, calls, k) for k, name in enumerate(STANCES)},
        "confusion": [[int(((truth == i) & (calls == j)).sum()) for j in range(3)] for i in range(3)],
        "calibration_error": calibration_error(scored.probabilities, truth),
        "selective": selective(scored.probabilities, truth, threshold),
        "slices": _slices(scored),
    }


def baseline_figures(
    training: Sequence[LabelledStatement], statements: Sequence[LabelledStatement]
) -> dict[str, dict[str, Any]]:
    """The baselines' accuracy and macro-F1 on `statements`, fitted on `training`; those that it can fit."""
    truth = np.array([stance_index(s) for s in statements])
    result = {}
    for baseline in baselines():
        try:
            baseline.fit(training)
        except ValueError as error:
            complain(f"the baseline {baseline.name!r} is left out, it cannot be fitted: {error}")
            continue
        result[baseline.name] = _basic(truth, baseline.predict(statements))
    return result


def _basic(truth: Labels, calls: Labels) -> dict[str, Any]:
    return {
        "statements": len(truth),
        "accuracy": float((truth == calls).mean()),
        "macro_f1": macro_f1(truth, calls),
    }


def _slices(scored: Scored) -> dict[str, dict[str, Any]]:
    rows = scored.statements
    words = LeaningWords()
    words.fit(())
    gives_away = [words.gives_away(s) for s in rows]
    slices = {
        "clear labels (certainty 2 and 3)": [s.certainty >= 2 for s in rows],
        "about the strike": [s.about == "strike" for s in rows],
        "about something else": [s.about != "strike" for s in rows],
        "with a give-away word": gives_away,
        "without one": [not g for g in gives_away],
        f"quotes over {_LONG} words": [len(s.quote.of(s.text).split()) > _LONG for s in rows],
        **{f"{kind} quotes": [s.kind == kind for s in rows] for kind in ("direct", "mixed", "indirect")},
        **{f"actor: {t}": [s.actor_type == t for s in rows] for t in sorted({s.actor_type or "" for s in rows} - {""})},
    }
    result = {}
    for name, chosen in slices.items():
        keep = np.array(chosen, dtype=bool)
        if keep.any():
            result[name] = _basic(scored.truth[keep], scored.calls[keep])
    return result


def contrast_pairs(scored: Scored) -> dict[str, Any] | None:
    """Of pairs of passages that differ in a few words and in stance, the share with both members right.

    None where there are no pairs.
    """
    pairs: dict[str, list[bool]] = {}
    for statement, right in zip(scored.statements, scored.calls == scored.truth, strict=True):
        pairs.setdefault(set_of(statement.doc_id), []).append(bool(right))
    whole = [all(members) for members in pairs.values() if len(members) > 1]
    return {"pairs": len(whole), "both_right": float(np.mean(whole))} if whole else None
