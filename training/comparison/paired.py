"""Two models' calls on the same statements: the difference of a figure with its interval, and McNemar's test.

The interval draws whole articles with replacement, the same ones for both models (Efron 1979; for paired systems Koehn
2004). It is never narrower than half a statement flipped either way would make it (Agresti and Min 2005): two models
that agree on ten statements are not shown to be equal.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quotestance.model.types import STANCES
from quotestance.training.metrics import Labels

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
    units: int | None = None,
    seed: int = 0,
) -> Difference:
    """`figure` of the new calls minus that of the old; `groups` names each statement's article.

    `units` is how many statements the figure rests on, where it is not all of them. Raises ValueError when there are no
    statements.
    """
    if len(truth) == 0:
        raise ValueError("no statements to compare on")
    names = {name: i for i, name in enumerate(dict.fromkeys(groups))}
    place = np.array([names[g] for g in groups])
    by_article = [_counts(place, len(names), truth, calls) for calls in (old, new)]
    rng = np.random.default_rng(seed)
    drawn = []
    for start in range(0, ROUNDS, _AT_ONCE):
        rounds = min(_AT_ONCE, ROUNDS - start)
        weights = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=rounds).astype(float)
        before, after = (figure((weights @ counts).reshape(-1, 3, 3)) for counts in by_article)
        drawn.append(after - before)
    values = np.concatenate(drawn)
    was, now = (float(figure(counts.sum(0).reshape(3, 3))) for counts in by_article)
    value = now - was
    low, high = (float(edge) for edge in np.percentile(values, [2.5, 97.5]))
    least = 1 / max(1, len(truth) if units is None else units)
    return Difference(
        value=value,
        low=max(-1.0, min(low, value - _Z * least)),
        high=min(1.0, max(high, value + _Z * least)),
        error=max(float(values.std()), least),
    )


def mcnemar(truth: Labels, old: Labels, new: Labels) -> McNemar:
    """Whether one model is right more often, from the statements on which just one is (McNemar 1947, exact)."""
    lost = int(((old == truth) & (new != truth)).sum())
    won = int(((old != truth) & (new == truth)).sum())
    as_far = sum(math.comb(lost + won, k) for k in range(min(lost, won) + 1))
    return McNemar(lost, won, min(1.0, 2 * as_far / 2 ** (lost + won)))


def _counts(place: NDArray[np.int64], articles: int, truth: Labels, calls: Labels) -> NDArray[np.float64]:
    """Confusion counts of each article, (articles, 9)."""
    result = np.zeros((articles, 9))
    np.add.at(result, (place, truth * 3 + calls), 1)
    return result
