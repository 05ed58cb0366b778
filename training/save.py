"""Write trained networks as components: packed weights, shape, tokenizer, and a manifest that says what they saw."""

import json
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

    Its manifest names the files in `data` (of a drawn mix, those drawn from), those that the base was trained on, and
    the entries in `learnt`.
    """
    folder = out / kind
    folder.mkdir(parents=True, exist_ok=True)
    save_shape(folder, base)
    manifest = {
        "base": dict(base.origin),
        kind: asdict(config),
        "data": files_once([*base.data, *(entry for path in data for entry in _entries(path)), *learnt]),
        "training": dict(training),
        "libraries": {name: version(name) for name in ("torch", "transformers")},
        "figures": dict(figures or {}),
    }
    write_component(folder, kind, pack({n: t.detach().cpu() for n, t in network.state_dict().items()}), manifest)
    record_ranges(out, kind)


def write_sources(mix: Path, files: Iterable[Path]) -> None:
    """Keep beside a mix which files it was drawn from."""
    entries = files_once(entry for path in files for entry in _entries(path))
    _sources(mix).write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


def _entries(path: Path) -> list[Mapping[str, Any]]:
    sources = _sources(path)
    if sources.is_file():
        entries: list[Mapping[str, Any]] = json.loads(sources.read_text(encoding="utf-8"))
        return entries
    return [{"file": path.name, **describe(path)}]


def _sources(mix: Path) -> Path:
    return mix.with_name(f"{mix.name}.sources.json")


def files_once(entries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each file of a manifest's `data` once, by its content."""
    return list({entry["sha256"]: entry for entry in entries}.values())
