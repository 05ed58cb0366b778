"""One actor's statements taken together: a strong statement outweighs any number of plain facts."""

from collections.abc import Sequence

from quotestance.model.types import STANCES, StanceLabel

_FLOOR = 0.05  # the weight of a statement that is surely neutral: facts alone still make a neutral actor


def aggregate(distributions: Sequence[dict[StanceLabel, float]]) -> dict[StanceLabel, float]:
    """The mean of the statements' distributions, each weighted by the square of how far it is from neutral.

    Raises ValueError when there is no statement.
    """
    if not distributions:
        raise ValueError("an actor has at least one statement")
    # squared: on labelled articles this gave more actors their stance than plain weights, with no worse calibration
    weights = [(1.0 - d["neutral"] + _FLOOR) ** 2 for d in distributions]
    total = sum(weights)
    return {s: sum(w * d[s] for w, d in zip(weights, distributions, strict=True)) / total for s in STANCES}
