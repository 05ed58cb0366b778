"""What storing the scorer's weights in fewer bits costs: the same network in 32, 16 and 8 bits, on the same labels.

    python benchmarks/precision.py runs/DIR LABELS…

DIR comes from `python -m quotestance.training.train_scorer … --keep-float`.
"""

import argparse
import tempfile
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from safetensors.torch import load_file, save_file

from quotestance.model.components import pack, read_component, unpack
from quotestance.model.encoders import load_config, load_tokenizer
from quotestance.model.scorer import Scorer, ScorerConfig, marker_ids
from quotestance.model.settings import Settings
from quotestance.model.stance_network import StanceNetwork
from quotestance.training.evaluate_scorer import figures, score_labels
from quotestance.training.labels import read_labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("labels", nargs="+", type=Path)
    args = parser.parse_args()
    whole = load_file(args.folder / "float.safetensors")
    folder = args.folder / "scorer"
    component = read_component(folder, "scorer")
    tokenizer = load_tokenizer(folder)
    statements = read_labels(args.labels).statements
    stored = {
        "32 bits": whole,
        "16 bits": {n: t.half() for n, t in whole.items()},
        "8 bits, one scale a row": pack(whole),
    }
    table = Table("weights", "MiB on disk", "macro-F1", "accuracy", "calls changed")
    reference, settings = None, Settings(device="cpu", precision="float32")
    for name, state in stored.items():
        network = StanceNetwork.from_config(load_config(folder), marker_ids(tokenizer))
        network.load_state_dict(unpack(state))
        scorer = Scorer(network, tokenizer, ScorerConfig(**component.manifest["scorer"]), "", settings)
        scored = score_labels(scorer, statements)
        row = figures(scored, scorer.threshold)
        reference = scored.calls if reference is None else reference
        changed = int((scored.calls != reference).sum())
        table.add_row(name, f"{_size(state):.1f}", f"{row['macro_f1']:.4f}", f"{row['accuracy']:.4f}", str(changed))
    Console().print(table)


def _size(stored: dict[str, torch.Tensor]) -> float:
    """Megabytes (2^20) of weights on disk."""
    with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        save_file({n: t.contiguous() for n, t in stored.items()}, file.name)
        return Path(file.name).stat().st_size / 2**20


if __name__ == "__main__":
    main()
