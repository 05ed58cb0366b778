"""Which arithmetic the encoder should run in on this CPU: speed, and what it does to the scorer's calls.

    python benchmarks/cpu_paths.py LABELS… [--threads 2] [--rounds 3]

The same labelled statements go through torch in float32, bfloat16 and int8 (recorded ranges: `model/eight_bit.py`), and
through ONNX Runtime (packages onnx and onnxruntime) in float32, in int8 with one scale for all of a batch's activations
(its dynamic quantisation), and in int8 with a scale for each block of 128 of each token's. Rounds take turns, and the
best counts. `alone` is how far a statement's probabilities move when it is scored by itself rather than in a batch: a
service should not answer by what happens to wait beside a request. Where other programs share the cores, the tokens a
second of CPU time with `--threads 1` are the steadier figure.

On a CPU with AVX-512, ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 in the environment and --seven-bits come near to
one that has AVX2 alone.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from onnx_encoder import Kind, session
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from quotestance.model import eight_bit
from quotestance.model.batching import token_batches, tokens_at_once
from quotestance.model.encoders import pick_precision
from quotestance.model.passages import Passage
from quotestance.model.pipeline import SHIPPED
from quotestance.model.scorer import Scorer
from quotestance.model.settings import Settings
from quotestance.training.calibration import softmax
from quotestance.training.examples import passage_of, stance_index
from quotestance.training.labels import read_labels
from quotestance.training.metrics import macro_f1

_KINDS: tuple[Kind, ...] = ("float32", "int8", "int8 by block")
_ALONE = 40


class _Output:
    def __init__(self, hidden: Tensor) -> None:
        self.last_hidden_state = hidden


class _Replaced(nn.Module):
    """Stands where the scorer's encoder stood."""

    def __init__(self, encoder: nn.Module, run: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.encoder = encoder
        self.run = run

    def get_input_embeddings(self) -> nn.Module:
        return self.encoder.get_input_embeddings()  # type: ignore[operator, no-any-return]

    def forward(self, inputs_embeds: Tensor, attention_mask: Tensor) -> _Output:
        return _Output(self.run(inputs_embeds, attention_mask))


def scorers(folder: Path, threads: int) -> dict[str, Scorer]:
    """One scorer for each path, by name; the first is the reference."""
    found = {"torch float32": Scorer.load(folder, Settings(device="cpu", precision="float32"))}
    if pick_precision(torch.device("cpu"), "auto") == torch.bfloat16:
        found["torch bfloat16"] = Scorer.load(folder, Settings(device="cpu", precision="bfloat16"))
    if eight_bit.eight_bits(torch.device("cpu"), "int8"):
        found["torch int8"] = Scorer.load(folder, Settings(device="cpu", precision="int8"))
    for kind in _KINDS:
        scorer = Scorer.load(folder, Settings(device="cpu", precision="float32"))
        network = scorer._network
        network.encoder = _Replaced(network.encoder, session(network.encoder, kind, threads))  # type: ignore[assignment]
        found[f"ONNX Runtime {kind}"] = scorer
    return found


def timed(scorer: Scorer, passages: Sequence[Passage]) -> tuple[Tensor, float, float]:
    """The logits, the seconds they took, and the seconds of CPU time of all threads."""
    start, used = time.perf_counter(), time.process_time()
    logits = scorer.logits(passages)
    return logits, time.perf_counter() - start, time.process_time() - used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", nargs="+", type=Path)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seven-bits", action="store_true", help="inputs as on a CPU with AVX2 alone; no bfloat16")
    args = parser.parse_args()
    if args.seven_bits:
        torch.cpu.get_capabilities = lambda: {"avx2": True}
    torch.set_num_threads(args.threads)
    labelled = read_labels(args.labels).statements
    truth = np.array([stance_index(s) for s in labelled])
    paths = scorers(args.model / "scorer", args.threads)
    limits = next(iter(paths.values())).config.limits
    passages = [passage_of(s, limits) for s in labelled]
    lengths = [len(row) for row in next(iter(paths.values()))._encoded(passages).ids]
    batches = sum(1 for _ in token_batches(lengths, tokens_at_once(torch.device("cpu"), Settings().batch_tokens)))
    best: dict[str, float] = {}
    least: dict[str, float] = {}
    logits: dict[str, Tensor] = {}
    for _ in range(args.rounds):
        for name, scorer in paths.items():
            logits[name], seconds, used = timed(scorer, passages)
            best[name] = min(best.get(name, seconds), seconds)
            least[name] = min(least.get(name, used), used)
    console = Console()
    columns = ("tokens a second", "a CPU second", "macro-F1", "calls moved", "probabilities moved: mean, most")
    table = Table("path", *columns, "alone: most")
    temperature = next(iter(paths.values())).config.temperature
    reference = softmax(next(iter(logits.values())).double().numpy(), temperature)
    for name, scorer in paths.items():
        ours = softmax(logits[name].double().numpy(), temperature)
        alone = softmax(torch.cat([scorer.logits([p]) for p in passages[:_ALONE]]).double().numpy(), temperature)
        moved = np.abs(ours - reference).max(1)
        table.add_row(
            name,
            f"{sum(lengths) / best[name]:,.0f}",
            f"{sum(lengths) / least[name]:,.0f}",
            f"{macro_f1(truth, ours.argmax(1)):.4f}",
            str(int((ours.argmax(1) != reference.argmax(1)).sum())),
            f"{moved.mean():.4f}, {moved.max():.4f}",
            f"{np.abs(alone - ours[:_ALONE]).max():.4f}",
        )
    console.print(table)
    console.print(
        f"{len(passages)} statements, {sum(lengths):,} tokens in {batches} batches, {args.threads} threads, best of "
        f"{args.rounds} rounds taken in turn",
        highlight=False,
    )


if __name__ == "__main__":
    main()
