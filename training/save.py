"""Write trained networks as components: packed weights, shape, tokenizer, and a manifest that says what they saw."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import nn

from quotestance.model.components import describe, pack, write_component
from quotestance.model.scorer import ScorerConfig
from quotestance.model.tagger import TaggerConfig
from quotestance.training.base import Base, save_shape
from quotestance.training.ranges import Kind, record_ranges


def save_component(
    out: Path,
    kind: Kind,
    network: nn.Module,
    base: Base,
    config: ScorerConfig | TaggerConfig,
    data: Iterable[Path],
    training: Mapping[str, Any],
    figures: Mapping[str, Any] | None = None,
    learnt: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Write a trained network to the folder `kind` of `out`, with the ranges of what its encoder's products read.

    Its manifest names the files in `data`, those that the base was trained on, and the entries in `learnt`.
    """
    folder = out / kind
    folder.mkdir(parents=True, exist_ok=True)
    save_shape(folder, base)
    manifest = {
        "base": dict(base.origin),
        kind: asdict(config),
        "data": files_once([*base.data, *({"file": path.name, **describe(path)} for path in data), *learnt]),
        "training": dict(training),
        "libraries": {name: version(name) for name in ("torch", "transformers")},
        "figures": dict(figures or {}),
    }
    write_component(folder, kind, pack({n: t.detach().cpu() for n, t in network.state_dict().items()}), manifest)
    record_ranges(out, kind)


def files_once(entries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each file of a manifest's `data` once, by its content."""
    return list({entry["sha256"]: entry for entry in entries}.values())
