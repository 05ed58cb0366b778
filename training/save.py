"""Write trained networks as components: packed weights, shape, tokenizer, and a manifest that says what they saw."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import nn

from quotestance.model.attribution_network import AttributionNetwork
from quotestance.model.components import describe, pack, write_component
from quotestance.model.scorer import ScorerConfig
from quotestance.model.stance_network import StanceNetwork
from quotestance.model.tagger import TaggerConfig
from quotestance.training.base import Base, save_shape


def save_scorer(
    folder: Path,
    network: StanceNetwork,
    base: Base,
    config: ScorerConfig,
    data: Iterable[Path],
    training: Mapping[str, Any],
    figures: Mapping[str, Any] | None = None,
) -> None:
    """Write a scorer component to `folder`."""
    _save(folder, "scorer", network, base, {"scorer": asdict(config)}, data, training, figures)


def save_reader(
    folder: Path,
    network: AttributionNetwork,
    base: Base,
    config: TaggerConfig,
    data: Iterable[Path],
    training: Mapping[str, Any],
    figures: Mapping[str, Any] | None = None,
) -> None:
    """Write a reader component to `folder`."""
    _save(folder, "reader", network, base, {"reader": asdict(config)}, data, training, figures)


def _save(
    folder: Path,
    kind: str,
    network: nn.Module,
    base: Base,
    settings: Mapping[str, Any],
    data: Iterable[Path],
    training: Mapping[str, Any],
    figures: Mapping[str, Any] | None,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save_shape(folder, base)
    manifest = {
        "base": dict(base.origin),
        **settings,
        "data": [{"file": path.name, **describe(path)} for path in data],
        "training": dict(training),
        "libraries": {name: version(name) for name in ("torch", "transformers")},
        "figures": dict(figures or {}),
    }
    write_component(folder, kind, pack({n: t.detach().cpu() for n, t in network.state_dict().items()}), manifest)
