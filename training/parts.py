"""Train one component of a model folder on prepared material, calibrate it, and write it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from quotestance.model.components import amend_manifest
from quotestance.model.scorer import Scorer, ScorerConfig
from quotestance.model.settings import Settings
from quotestance.model.tagger import Tagger, TaggerConfig
from quotestance.training.attribution_data import from_labels
from quotestance.training.base import Base
from quotestance.training.calibrate import labelled_logits
from quotestance.training.calibration import fit
from quotestance.training.labels import statements_of, whole
from quotestance.training.material import Material
from quotestance.training.save import save_component
from quotestance.training.train_options import TrainOptions, reader_recipe, scorer_recipe
from quotestance.training.train_reader import train_reader
from quotestance.training.train_scorer import train_scorer

LEAST_TO_CALIBRATE = 60  # statements: on fewer, a start model's temperature and threshold are the better guess


def write_scorer(
    out: Path, base: Base, start: Path | None, material: Material, options: TrainOptions, facts: Mapping[str, Any]
) -> str:
    """Train, calibrate and write `out/scorer`; its version. `start` is the model folder that training goes on from.

    Raises ModelError when the start cannot be loaded.
    """
    known = Scorer.load(start / "scorer", Settings()).config if start else None
    config = known or ScorerConfig(max_tokens=_most_tokens(base))
    settings = scorer_recipe(options, continued=known is not None)
    statements = statements_of((*material.training, *material.replay))
    validation = statements_of(material.validation)
    checkpoints = out / "checkpoints" / "scorer"
    network = train_scorer(statements, base, settings, config, checkpoints, True, validation)
    save_component(out, "scorer", network, base, config, _data(facts), {**asdict(settings), **facts["training"]})
    # calibrated as it is stored, in eight bits
    written = Scorer.load(out / "scorer", Settings())
    if known is None or len(validation) >= LEAST_TO_CALIBRATE:
        temperature, threshold = fit(*labelled_logits(written, validation))
        config = replace(config, temperature=temperature, threshold=threshold)
        amend_manifest(out / "scorer", {"scorer": asdict(config), "calibrated_on": facts["calibrated_on"]})
    return written.version


def write_reader(
    out: Path, base: Base, start: Path | None, material: Material, options: TrainOptions, facts: Mapping[str, Any]
) -> str:
    """Train and write `out/reader`; its version. Raises ModelError when the start cannot be loaded."""
    known = Tagger.load(start / "reader", Settings()).config if start else None
    config = known or TaggerConfig()
    settings = reader_recipe(options, continued=known is not None)
    articles = from_labels(whole((*material.training, *material.replay)))
    validation = from_labels(whole(material.validation))
    checkpoints = out / "checkpoints" / "reader"
    network = train_reader(articles, base, settings, config, checkpoints, True, validation)
    save_component(out, "reader", network, base, config, _data(facts), {**asdict(settings), **facts["training"]})
    return Tagger.load(out / "reader", Settings()).version


def _most_tokens(base: Base) -> int:
    """As many as the recipe wants, or the encoder bears (RoBERTa-like ones keep two places for themselves)."""
    places = getattr(base.config, "max_position_embeddings", None) or ScorerConfig().max_tokens + 2
    return min(ScorerConfig().max_tokens, places - 2)


def _data(facts: Mapping[str, Any]) -> Sequence[Path]:
    data: Sequence[Path] = facts["data"]
    return data
