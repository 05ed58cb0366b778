"""Average components that were trained from one start with several seeds or recipes: steadier than each of them.

    python -m quotestance.training.soup DIR DIR… -o DIR [--kind reader]

Method: model soups (Wortsman et al. 2022). A scorer's calibration is taken over from `--calibration DIR`, or the first.
"""

import argparse
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from quotestance.model.components import MANIFEST, SHAPE_FILES, Component, pack, read_component, write_component
from quotestance.training.ranges import Kind, record_ranges
from quotestance.training.save import files_once


def soup(
    folders: Sequence[Path], out: Path, kind: Kind = "scorer", calibration: Path | None = None, keep_float: bool = False
) -> None:
    """Write the mean of the components in `folders` to `out`. Raises ModelError when one is damaged.

    With `keep_float` also `float.safetensors`, the mean before it is rounded to eight bits.
    """
    components = [read_component(folder / kind, kind) for folder in folders]
    mean = {name: torch.stack([c.state[name] for c in components]).mean(0) for name in components[0].state}
    manifest = {k: v for k, v in components[0].manifest.items() if k not in ("format", "kind", "files")}
    source = calibration or folders[0]
    calibrated = json.loads((source / kind / MANIFEST).read_text(encoding="utf-8"))
    manifest |= {key: calibrated[key] for key in (kind, "calibrated_on") if key in calibrated}
    manifest["figures"] = {}  # those of the parts are not the mean's
    manifest["data"] = _data(components)
    manifest["training"] = {"averaged": [{"version": c.version, **c.manifest["training"]} for c in components]}
    (out / kind).mkdir(parents=True, exist_ok=True)
    for name in SHAPE_FILES:
        shutil.copy(folders[0] / kind / name, out / kind / name)
    write_component(out / kind, kind, pack(mean), manifest)
    record_ranges(out, kind)
    if keep_float:
        save_file(mean, out / "float.safetensors")


def _data(components: Sequence[Component]) -> list[Mapping[str, Any]]:
    """Every file that any of them saw, once."""
    seen = files_once(entry for c in components for entry in c.manifest.get("data", []))
    return sorted(seen, key=lambda entry: str(entry["file"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--kind", choices=["scorer", "reader"], default="scorer")
    parser.add_argument("--calibration", type=Path)
    parser.add_argument("--keep-float", action="store_true", help="also write float.safetensors, the mean unrounded")
    parser.add_argument("-o", "--out", type=Path, required=True)
    args = parser.parse_args()
    soup(args.folders, args.out, args.kind, args.calibration, args.keep_float)


if __name__ == "__main__":
    main()
