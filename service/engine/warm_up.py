"""A real forward pass on an invented article and rows, by which the engine knows that a model runs."""

import math

from quotestance.model.types import STANCES, Article, Reading, Stance
from quotestance.service.engine.work import NotReadyError
from quotestance.service.loading import LoadedModel

_TEXT = (
    "Norvania struck a depot near the port of Halle on Monday. “We had no choice,” defence minister Ana Brandt said. "
    "The government of Sudmark condemned the strike."
)
_TARGET = "Norvania's strike on a depot near the port of Halle"
_ROUNDING = 1e-3


def warm_up(model: LoadedModel) -> None:
    """Read one article and judge two rows.

    Raises NotReadyError where what comes back is no reading, or its probabilities are not those of the three stances,
    finite and with a sum of 1; and whatever the model raises.
    """
    readings = list(model.read_many([Article(id="warm-up", text=_TEXT, target=_TARGET)]))
    row = {"id": "warm-up", "text": _TEXT, "actor": "Sudmark", "target": _TARGET}
    stances = list(model.stance([row, row | {"quote": "We had no choice"}]))
    if len(readings) != 1 or not isinstance(reading := readings[0], Reading):
        raise NotReadyError("the model did not read the article it is warmed up with")
    judged = [stance for stance in stances if isinstance(stance, Stance)]
    if len(judged) != 2:
        raise NotReadyError("the model did not judge the rows it is warmed up with")
    for stance in [*judged, *(stance for statement in reading.statements for stance in statement.stances)]:
        _check(stance)


def _check(stance: Stance) -> None:
    if set(stance.probabilities) != set(STANCES):
        raise NotReadyError(f"the model's labels are not {', '.join(STANCES)}")
    if not all(math.isfinite(p) for p in stance.probabilities.values()):
        raise NotReadyError("the model's probabilities are not finite")
    if abs(sum(stance.probabilities.values()) - 1) > _ROUNDING:
        raise NotReadyError("the model's probabilities do not sum to 1")
