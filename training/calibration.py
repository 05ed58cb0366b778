"""Calibration of a trained scorer on held-out articles: one temperature, and the abstention threshold."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quotestance.model.types import STANCES

Logits = NDArray[np.float64]
_NEUTRAL = STANCES.index("neutral")


def softmax(logits: Logits, temperature: float = 1.0) -> Logits:
    """Probabilities, (n, 3), of logits divided by the temperature."""
    scaled = logits / temperature
    exponents = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    result: Logits = exponents / exponents.sum(axis=1, keepdims=True)
    return result


def fit_temperature(logits: Logits, truth: Sequence[int]) -> float:
    """The temperature of least negative log-likelihood (Guo et al. 2017), between 0.25 and 8.

    Raises ValueError when there is nothing to fit on.
    """
    if len(truth) == 0:
        raise ValueError("no held-out statements to calibrate on")
    rows = np.arange(len(truth))
    grid = np.exp(np.linspace(np.log(0.25), np.log(8.0), 400))
    losses = [-np.log(softmax(logits, t)[rows, list(truth)] + 1e-12).mean() for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 4)


def fit(logits: Logits, truth: Sequence[int]) -> tuple[float, float]:
    """The temperature, and the threshold that goes with it. Raises ValueError when there is nothing to fit on."""
    temperature = fit_temperature(logits, truth)
    return temperature, fit_threshold(softmax(logits, temperature), truth)


def fit_threshold(probabilities: Logits, truth: Sequence[int], precision: float = 0.93, least: int = 20) -> float:
    """The lowest confidence at which supportive and condemning calls are right in `precision` of the cases.

    At least `least` calls must be above it; where no threshold reaches the precision, the one that comes closest.
    """
    calls = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    right = calls == np.asarray(truth)
    order = np.argsort(-confidence[calls != _NEUTRAL])
    confidences = confidence[calls != _NEUTRAL][order]
    precisions = np.cumsum(right[calls != _NEUTRAL][order]) / np.arange(1, len(order) + 1)
    if len(order) < least:
        return _down(float(confidences[-1])) if len(order) else 0.5
    good = np.flatnonzero(precisions[least - 1 :] >= precision)
    place = int(good[-1]) if len(good) else int(np.argmax(precisions[least - 1 :]))
    return _down(float(confidences[place + least - 1]))


def _down(confidence: float) -> float:
    """To four digits, and never above the call that it was taken from, which has to stay above the threshold."""
    return math.floor(confidence * 10_000) / 10_000
