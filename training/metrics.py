"""Figures on labelled statements: macro-F1 with its interval, per class, calibration, risk and coverage."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from quotestance.model.types import STANCES

Probabilities = NDArray[np.float64]
Labels = NDArray[np.int64]


def macro_f1(truth: Labels, calls: Labels) -> float:
    """The mean of the three stances' F1; a stance that neither occurs nor is called counts as 0."""
    return float(np.mean([f1(truth, calls, i) for i in range(len(STANCES))]))


def f1(truth: Labels, calls: Labels, label: int) -> float:
    """F1 of one stance."""
    both = int(((truth == label) & (calls == label)).sum())
    either = int((truth == label).sum() + (calls == label).sum())
    return 2 * both / either if either else 0.0


def bootstrap(
    groups: Sequence[str], figure: Callable[[NDArray[np.int64]], float], rounds: int = 1_000, seed: int = 0
) -> tuple[float, float]:
    """The 95 % interval of `figure(indices)` when whole groups (articles) are drawn with replacement (Efron 1979)."""
    members: dict[str, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    names = sorted(members)
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        drawn = rng.integers(0, len(names), len(names))
        values.append(figure(np.array([i for k in drawn for i in members[names[k]]])))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def calibration_error(probabilities: Probabilities, truth: Labels, bins: int = 15) -> float:
    """Expected calibration error of the confidence, in equal-width bins (Naeini et al. 2015)."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (place == b).mean() * abs(confidence[place == b].mean() - right[place == b].mean())
        for b in range(bins)
        if (place == b).any()
    ]
    return float(sum(gaps))


def selective(probabilities: Probabilities, truth: Labels, threshold: float) -> dict[str, float]:
    """Precision of the supportive and condemning calls at a threshold, and the share of such calls kept."""
    neutral = STANCES.index("neutral")
    calls = probabilities.argmax(axis=1)
    polar = calls != neutral
    kept = polar & (probabilities.max(axis=1) >= threshold)
    return {
        "threshold": threshold,
        "precision": float((calls[kept] == truth[kept]).mean()) if kept.any() else 0.0,
        "coverage": float(kept.sum() / polar.sum()) if polar.any() else 0.0,
        "coverage_all": float((probabilities.max(axis=1) >= threshold).mean()),
    }


def risk_coverage(probabilities: Probabilities, truth: Labels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(coverage, error among the covered) as the least confident statements are left out (El-Yaniv, Wiener 2010)."""
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    wrong = (probabilities.argmax(axis=1) != truth)[order]
    count = np.arange(1, len(order) + 1)
    return count / len(order), np.cumsum(wrong) / count
