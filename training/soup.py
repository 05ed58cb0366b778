"""Average scorers that were trained from one start with several seeds: one model, steadier than each of them.

    python -m quotestance.training.soup DIR DIR… -o DIR

Method: model soups (Wortsman et al. 2022). Calibration is taken over from `--calibration DIR`, or the first.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch

from quotestance.model.components import MANIFEST, pack, read_component, write_component

_SHAPE = ("config.json", "tokenizer.json", "tokenizer_config.json")


def soup(folders: list[Path], calibration: Path, out: Path) -> None:
    """Write the mean of the scorers in `folders` to `out`. Raises ModelError when one is damaged."""
    components = [read_component(folder / "scorer", "scorer") for folder in folders]
    mean = {name: torch.stack([c.state[name] for c in components]).mean(0) for name in components[0].state}
    manifest = {k: v for k, v in components[0].manifest.items() if k not in ("format", "kind", "files")}
    manifest["scorer"] = json.loads((calibration / "scorer" / MANIFEST).read_text(encoding="utf-8"))["scorer"]
    manifest["training"] = {**manifest["training"], "averaged": [c.version for c in components]}
    (out / "scorer").mkdir(parents=True, exist_ok=True)
    for name in _SHAPE:
        shutil.copy(folders[0] / "scorer" / name, out / "scorer" / name)
    write_component(out / "scorer", "scorer", pack(mean), manifest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--calibration", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    args = parser.parse_args()
    soup(args.folders, args.calibration or args.folders[0], args.out)


if __name__ == "__main__":
    main()
