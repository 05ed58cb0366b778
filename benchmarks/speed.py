"""How fast articles are read and scored, where the time goes, and what of this machine's matrix peak is used.

    python benchmarks/speed.py ARTICLES.jsonl[.gz] [--articles 200]

Tokens are those that the two encoders see, padding left out. The matrix peak is measured first, as the fastest
float32 product of this machine with torch's threads; the encoders' work is counted as 2 · weights a token, and
4 · hidden · length a token and layer for attention.
"""

import argparse
import json
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from transformers import PretrainedConfig, PreTrainedTokenizerBase

from quotestance.model.actors import resolve
from quotestance.model.attribution_rules import attribute
from quotestance.model.encoders import load_config, load_tokenizer
from quotestance.model.joint_speakers import one_speaker_each
from quotestance.model.passages import build_passage
from quotestance.model.pipeline import SHIPPED, Model, load
from quotestance.model.reader import RuleReader, TaggedReader
from quotestance.model.scorer import encode
from quotestance.model.segmentation import segment
from quotestance.model.statement_list import combine
from quotestance.model.tagged_statements import statements
from quotestance.model.tagger import document_windows
from quotestance.model.target import find_target
from quotestance.model.types import Article
from quotestance.training.text_files import open_text

_SIZE = (4_096, 384, 1_536)  # a batch of tokens through the encoder's widest layer
_GPU = torch.cuda.is_available()


def matrix_peak(rounds: int = 30) -> float:
    """The fastest of `rounds` float32 products, in floating-point operations a second."""
    rows, inner, columns = _SIZE
    device = "cuda" if _GPU else "cpu"
    a, b = torch.randn(rows, inner, device=device), torch.randn(inner, columns, device=device)
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        a @ b
        if _GPU:
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return 2 * rows * inner * columns / best


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] += time.perf_counter() - start


def read_all(
    model: Model, articles: list[Article], clock: Clock, tokenizer: PreTrainedTokenizerBase, shape: PretrainedConfig
) -> dict[str, int]:
    """The pipeline's stages one by one, as `Model.read_many` runs them; counts of what passed through."""
    reader = model.reader
    assert isinstance(reader, TaggedReader)
    counts = {"statements": 0, "reader tokens": 0, "scorer tokens": 0, "operations": 0}
    stream = iter(articles)
    while chunk := list(islice(stream, model.settings.articles_at_once)):
        with clock.stage("paragraphs and sentences"):
            documents = [segment(a.text, a.title) for a in chunk]
        with clock.stage("tagger"):
            tagged = reader.tagger.tag(documents)
        with clock.stage("rules and one list"):
            found = [
                one_speaker_each(d, combine(d.text, attribute(d), statements(d, t)))
                for d, t in zip(documents, tagged, strict=True)
            ]
        with clock.stage("actors"):
            resolved = [resolve(d, f) for d, f in zip(documents, found, strict=True)]
        with clock.stage("target"):
            targets = [find_target(d) for d in documents]
        limits = model.scorer.config.limits
        passages = [
            build_passage(d.text, a.quote, a.speaker, r.actor.name if r.actor else "unknown", target.text, limits)
            for d, f, rs, target in zip(documents, found, resolved, targets, strict=True)
            if target is not None
            for a, r in zip(f, rs, strict=True)
        ]
        with clock.stage("scorer"):
            model.scorer.distributions(passages)
        counts["statements"] += sum(map(len, found))
        windows = [len(w.tokens) for d in documents for w in document_windows(d, tokenizer, reader.tagger.config)]
        rows = [len(r) for r in encode(passages, tokenizer, model.scorer.config.max_tokens).ids]
        counts["reader tokens"] += sum(windows)
        counts["scorer tokens"] += sum(rows)
        counts["operations"] += sum(operations(shape, n) for n in [*windows, *rows])
    return counts


def operations(shape: PretrainedConfig, tokens: int) -> int:
    """Floating-point operations of one pass over a sequence of this length."""
    hidden, wide = shape.hidden_size, shape.intermediate_size
    weights = 4 * hidden * hidden + 2 * hidden * wide
    return int(shape.num_hidden_layers * (2 * weights * tokens + 4 * hidden * tokens * tokens))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    args = parser.parse_args()
    with open_text(args.file) as lines:
        rows = [json.loads(line) for line in islice(lines, args.articles)]
    articles = [Article(id=str(i), text=row["text"], title=row.get("title") or None) for i, row in enumerate(rows)]
    model = load(args.model)
    peak = matrix_peak()
    rules = Model(RuleReader(), model.scorer, model.settings)
    console = Console()
    list(model.read_many(articles[:32]))  # warm
    seconds = {}
    for name, chosen in (("rules alone and scorer", rules), ("reader and scorer", model)):
        start = time.perf_counter()
        list(chosen.read_many(articles))
        seconds[name] = time.perf_counter() - start
        console.print(f"{name}: {len(articles) / seconds[name]:.2f} articles a second", highlight=False)
    clock = Clock()
    counts = read_all(model, articles, clock, load_tokenizer(args.model / "scorer"), load_config(args.model / "scorer"))
    whole = sum(clock.seconds.values())
    table = Table("stage", "seconds", "share")
    for name, spent in clock.seconds.items():
        table.add_row(name, f"{spent:.1f}", f"{spent / whole:.0%}")
    console.print(table)
    tokens = counts["reader tokens"] + counts["scorer tokens"]
    inside = clock.seconds["tagger"] + clock.seconds["scorer"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for line in (
        f"{len(articles)} articles, {counts['statements']} statements, {tokens / whole:,.0f} tokens a second "
        f"({counts['reader tokens']:,} of the reader, {counts['scorer tokens']:,} of the scorer)",
        f"matrix peak {peak / 1e9:.0f} GFLOP/s; tagger and scorer use {counts['operations'] / inside / peak:.0%} of it",
        f"peak memory {memory:,.0f} MiB, {torch.get_num_threads()} threads",
    ):
        console.print(line, highlight=False)


if __name__ == "__main__":
    main()
