"""Two models' calls on the same statements: the difference of a figure with its interval, and McNemar's test.

The interval draws whole articles with replacement, the same ones for both models (Efron 1979; for paired systems Koehn
2004). It is never narrower than half a statement flipped either way would make it (Agresti and Min 2005): two models
that agree on ten statements are not shown to be equal.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quotestance.model.types import STANCES
from quotestance.training.metrics import Labels

LEAST_STATEMENTS = 20  # on fewer, or of fewer articles, nothing is shown
LEAST_ARTICLES = 5
ROUNDS = 10_000
_AT_ONCE = 500  # rounds: bounds the memory
_Z = 1.959964  # of a two-sided 95 % interval
_Counts = NDArray[np.float64]  # (…, 3, 3): labelled by called
Figure = Callable[[_Counts], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Difference:
    """New minus old, its 95 % interval, and its standard error."""

    value: float
    low: float
    high: float
    error: float


@dataclass(frozen=True, slots=True)
class McNemar:
    """Statements that only one of the models got right, and the exact two-sided p-value."""

    right_to_wrong: int
    wrong_to_right: int
    p: float


def macro_f1(counts: _Counts) -> NDArray[np.float64]:
    """Macro-F1 of confusion counts, as `metrics.macro_f1` has it."""
    result: NDArray[np.float64] = np.mean([stance_f1(k)(counts) for k in range(len(STANCES))], axis=0)
    return result


def stance_f1(stance: int) -> Figure:
    """F1 of one stance, of confusion counts."""

    def figure(counts: _Counts) -> NDArray[np.float64]:
        either = counts[..., stance, :].sum(-1) + counts[..., :, stance].sum(-1)
        result: NDArray[np.float64] = 2 * counts[..., stance, stance] / np.maximum(either, 1)
        return result

    return figure


def units_of_macro_f1(truth: Labels) -> float:
    """On how many statements macro-F1 rests: all of them where the stances are even, fewer where one is rare."""
    present = [count for count in np.bincount(truth, minlength=3) if count]
    return min(len(truth), 9 / sum(1 / count for count in present)) if present else 0.0


def accuracy(counts: _Counts) -> NDArray[np.float64]:
    """The share of right calls, of confusion counts."""
    result: NDArray[np.float64] = np.trace(counts, axis1=-2, axis2=-1) / np.maximum(counts.sum((-2, -1)), 1)
    return result


def difference(
    groups: Sequence[str],
    truth: Labels,
    old: Labels,
    new: Labels,
    figure: Figure = macro_f1,
    units: float | None = None,
    seed: int = 0,
) -> Difference:
    """`figure` of the new calls minus that of the old; `groups` names each statement's article.

    `units` is how many statements the figure rests on, where that is not all of them; macro-F1's are known. Raises
    ValueError when there are no statements.
    """
    if len(truth) == 0:
        raise ValueError("no statements to compare on")
    if units is None:
        units = units_of_macro_f1(truth) if figure is macro_f1 else len(truth)
    place, articles = _places(groups)
    before, after = (_counts(place, articles, truth, calls) for calls in (old, new))

    def drawn(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return figure((weights @ after).reshape(-1, 3, 3)) - figure((weights @ before).reshape(-1, 3, 3))

    least = 1 / max(1.0, units)
    found = _interval(drawn, articles, seed)
    return Difference(
        value=found.value,
        low=max(-1.0, min(found.low, found.value - _Z * least)),
        high=min(1.0, max(found.high, found.value + _Z * least)),
        error=max(found.error, least),
    )


def mean_difference(
    groups: Sequence[str], old: NDArray[np.float64], new: NDArray[np.float64], seed: int = 0
) -> Difference:
    """The mean of `new` minus that of `old`, a value a statement, with the same bootstrap.

    On too few statements or articles the interval reaches 0.
    """
    place, articles = _places(groups)
    sums, counts = np.bincount(place, new - old, articles), np.bincount(place, minlength=articles)
    found = _interval(lambda weights: (weights @ sums) / (weights @ counts), articles, seed)
    return found if enough_to_tell(len(groups), articles) else _reaching_0(found)


def agreement(groups: Sequence[str], truth: Labels, calls: Labels, seed: int = 0) -> Difference:
    """Cohen's kappa of calls with labels, above chance, with its interval by article.

    Of too few articles the interval reaches 0: drawing from one or two of them says nothing of others.
    """
    place, articles = _places(groups)
    counts = _counts(place, articles, truth, calls)
    found = _interval(lambda weights: kappa((weights @ counts).reshape(-1, 3, 3)), articles, seed)
    return found if articles >= LEAST_ARTICLES else _reaching_0(found)


def kappa(counts: _Counts) -> NDArray[np.float64]:
    """Cohen's kappa of confusion counts; 0 where chance alone would always agree."""
    total = np.maximum(counts.sum((-2, -1)), 1)
    observed = np.trace(counts, axis1=-2, axis2=-1) / total
    expected = (counts.sum(-1) * counts.sum(-2)).sum(-1) / total**2
    result: NDArray[np.float64] = np.where(expected < 1, (observed - expected) / np.maximum(1 - expected, 1e-12), 0.0)
    return result


def mcnemar(truth: Labels, old: Labels, new: Labels) -> McNemar:
    """Whether one model is right more often, from the statements on which just one is (McNemar 1947, exact)."""
    lost = int(((old == truth) & (new != truth)).sum())
    won = int(((old != truth) & (new == truth)).sum())
    as_far = sum(math.comb(lost + won, k) for k in range(min(lost, won) + 1))
    return McNemar(lost, won, min(1.0, 2 * as_far / 2 ** (lost + won)))


def _places(groups: Sequence[str]) -> tuple[NDArray[np.int64], int]:
    """The number of each statement's article, and how many articles there are."""
    names = {name: i for i, name in enumerate(dict.fromkeys(groups))}
    return np.array([names[g] for g in groups]), len(names)


def _interval(figure: Callable[[NDArray[np.float64]], NDArray[np.float64]], articles: int, seed: int) -> Difference:
    """`figure` of weights, (rounds, articles), that say how often each article is drawn; of all once, its value."""
    rng = np.random.default_rng(seed)
    drawn = []
    for start in range(0, ROUNDS, _AT_ONCE):
        rounds = min(_AT_ONCE, ROUNDS - start)
        drawn.append(figure(rng.multinomial(articles, np.full(articles, 1 / articles), size=rounds).astype(float)))
    values = np.concatenate(drawn)
    low, high = (float(edge) for edge in np.percentile(values, [2.5, 97.5]))
    return Difference(float(figure(np.ones((1, articles)))[0]), low, high, float(values.std()))


def enough_to_tell(statements: int, articles: int) -> bool:
    """Whether a difference of so many can be shown at all."""
    return statements >= LEAST_STATEMENTS and articles >= LEAST_ARTICLES


def _reaching_0(measured: Difference) -> Difference:
    return replace(measured, low=min(0.0, measured.low), high=max(0.0, measured.high))


def _counts(place: NDArray[np.int64], articles: int, truth: Labels, calls: Labels) -> NDArray[np.float64]:
    """Confusion counts of each article, (articles, 9)."""
    result = np.zeros((articles, 9))
    np.add.at(result, (place, truth * 3 + calls), 1)
    return result
