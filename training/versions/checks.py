"""Whether a model folder is fit for service: whole, of this format, what its record says, and able to read."""

import json
import math
from pathlib import Path

from quotestance.model.components import MANIFEST, read_component
from quotestance.model.errors import ModelError
from quotestance.model.pipeline import Model, load
from quotestance.model.types import Stance
from quotestance.training.comparison.sides import KINDS
from quotestance.training.training_record import RECORD, read_record

_TEXT = (
    "Norvania struck a depot near the port of Halle on Monday. “We had no choice,” defence minister Ana Brandt said. "
    "The government of Sudmark condemned the strike."
)
_TARGET = "Norvania's strike on a depot near the port of Halle"


def checked(folder: Path) -> Model:
    """The model, loaded and tried.

    Raises ModelError when a file is not the manifest's, the format or kind is another, a base is not named or not the
    record's, the weights are not those that the record's figures are of, or the model does not read and score.
    """
    own = [kind for kind in KINDS if (folder / kind).is_dir()]
    model = load(folder)
    for kind in own:
        _base_of(folder / kind)
    record = read_record(folder)
    if record is not None:
        for kind, version in record.parts.items():
            component = read_component(folder / kind, kind)
            if component.version != version:
                raise ModelError(
                    f"{folder / kind}: is {component.version}, but {RECORD} is about {version}: train again"
                )
            base, recorded = (source.get("name") for source in (_base_of(folder / kind), record.bases.get(kind, {})))
            if base != recorded:
                raise ModelError(f"{folder / kind}: its base is {base!r}, but {RECORD} names {recorded!r}")
    _try(model, folder)
    return model


def _base_of(part: Path) -> dict[str, object]:
    base = json.loads((part / MANIFEST).read_text(encoding="utf-8")).get("base")
    if not isinstance(base, dict) or not base.get("name"):
        raise ModelError(f"{part / MANIFEST}: names no base; a model in service must say what it was made from")
    return base


def _try(model: Model, folder: Path) -> None:
    reading = model.read(_TEXT, target=_TARGET)
    (stance,) = model.stance([{"text": _TEXT, "actor": "Sudmark", "target": _TARGET}])
    scored = [stance, *(s for statement in reading.statements for s in statement.stances)]
    for one in scored:
        if not isinstance(one, Stance) or not all(map(math.isfinite, one.probabilities.values())):
            raise ModelError(f"{folder}: loads, but its probabilities are not finite numbers")
