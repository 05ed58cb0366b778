"""Put a trained scorer and reader into the package, one embedding table between them.

python -m quotestance.training.release --scorer DIR [--reader DIR] -o model/weights
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from quotestance.model.components import MANIFEST, SHAPE_FILES, describe, write_component
from quotestance.model.errors import ModelError
from quotestance.training.ranges import Kind, record_ranges

_TABLE = "encoder.embeddings.word_embeddings.weight"
_SHARED = "shared/embeddings.safetensors"


def release(components: dict[Kind, Path], out: Path) -> None:
    """Write `{kind: folder}` to `out`, their common embedding table once.

    What `out` holds of the other kind stays, and so does the table that it reads. Raises ModelError when tables differ:
    they were not trained from one base with frozen embeddings.
    """
    kinds: tuple[Kind, ...] = ("reader", "scorer")
    stays = any(kind not in components and (out / kind).is_dir() for kind in kinds)
    tables = {"shared": load_file(out / _SHARED)} if stays else {}
    rests = {}
    for kind, folder in components.items():
        state = load_file(folder / "model.safetensors")
        tables[kind] = {n: state.pop(n) for n in (f"{_TABLE}.int8", f"{_TABLE}.scale")}
        rests[kind] = state
    first, *others = tables.values()
    for other in others:
        # averaging and packing again moves a scale by a rounding error, never a row
        if not all(first[n].shape == other[n].shape and torch.allclose(first[n], other[n], rtol=1e-5) for n in first):
            raise ModelError("the components' embedding tables differ; they cannot share one")
    (out / "shared").mkdir(parents=True, exist_ok=True)
    if not stays:
        save_file({n: t.contiguous() for n, t in first.items()}, out / _SHARED)
    for kind, folder in components.items():
        target = out / kind
        target.mkdir(parents=True, exist_ok=True)
        for name in SHAPE_FILES:
            shutil.copy(folder / name, target / name)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        kept = {k: v for k, v in manifest.items() if k not in ("format", "kind", "files")}
        write_component(target, kind, rests[kind], kept, shared={f"../{_SHARED}": describe(out / _SHARED)})
        record_ranges(out, kind)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument("--reader", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    args = parser.parse_args()
    # the reader's table first: it was packed once, and the shared file then stays the same from one scorer to the next
    given: dict[Kind, Path] = {"reader": args.reader / "reader"} if args.reader else {}
    release(given | {"scorer": args.scorer / "scorer"}, args.out)


if __name__ == "__main__":
    main()
