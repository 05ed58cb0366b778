"""A real forward pass on an invented article, by which the engine knows that the model runs."""

import math

from quotestance.model.types import Article, Reading, Stance
from quotestance.service.engine.work import NotReadyError
from quotestance.service.loading import LoadedModel

_TEXT = (
    "Norvania struck a depot near the port of Halle on Monday. “We had no choice,” defence minister Ana Brandt said. "
    "The government of Sudmark condemned the strike."
)
_TARGET = "Norvania's strike on a depot near the port of Halle"


def warm_up(model: LoadedModel) -> None:
    """Read one article and judge one row. Raises NotReadyError where what comes back is no reading or not finite."""
    readings = list(model.read_many([Article(id="warm-up", text=_TEXT, target=_TARGET)]))
    row = {"id": "warm-up", "text": _TEXT, "actor": "Sudmark", "target": _TARGET}
    stances = list(model.stance([row]))
    if len(readings) != 1 or not isinstance(readings[0], Reading):
        raise NotReadyError("the model did not read the article it is warmed up with")
    if len(stances) != 1 or not isinstance(stances[0], Stance):
        raise NotReadyError("the model did not judge the row it is warmed up with")
    if not all(math.isfinite(p) for p in stances[0].probabilities.values()):
        raise NotReadyError("the model's probabilities are not finite")
