"""What `GET /v1/model` tells: what the model in force was made from, as its manifests say."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import quotestance.model
from quotestance.model.types import STANCES

_TOLD = ("base", "data", "training", "figures", "calibrated_on")


def model_facts(folder: Path | None) -> dict[str, Any]:
    """Labels, threshold, base, figures, and all that each part tells of itself; empty where nothing is written."""
    manifests = {part: _manifest(folder, part) for part in ("reader", "scorer")}
    facts: dict[str, Any] = {
        "labels": list(STANCES),
        "stances": list(STANCES),  # the same, by the name that answers have
        "threshold": manifests["scorer"].get("scorer", {}).get("threshold"),
        "base": {part: manifest.get("base", {}) for part, manifest in manifests.items()},
        "figures": {part: manifest.get("figures", {}) for part, manifest in manifests.items()},
    }
    return facts | {
        part: {key: manifest[key] for key in _TOLD if key in manifest} for part, manifest in manifests.items()
    }


def _manifest(folder: Path | None, part: str) -> Mapping[str, Any]:
    shipped = Path(str(quotestance.model.__file__)).parent / "weights"
    # what a model folder lacks is taken from the package
    place = folder if folder is not None and (folder / part).is_dir() else shipped
    try:
        manifest = json.loads((place / part / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}
