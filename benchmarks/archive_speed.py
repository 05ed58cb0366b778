"""The archive engine beside the plainest correct program, a loop of `model.read`: same articles, same run.

    python benchmarks/archive_speed.py ARTICLES.jsonl[.gz] [--articles 200] [--workers N] [--skip-loop]

Prints articles a second (the engine's from its first piece handed out to its last result, models loaded), the share of
the cores' time that was used, the share of this machine's matrix peak (benchmarks/speed.py) that the encoders' work
amounts to, and how many articles came out the same.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table
from speed import Clock, matrix_peak, read_all

from quotestance.model import Article, load
from quotestance.model.encoders import Precision, load_config, load_tokenizer
from quotestance.model.pipeline import SHIPPED
from quotestance.model.settings import Settings
from quotestance.service.archive.local_engine import LocalEngine
from quotestance.service.archive.machine import default_workers
from quotestance.service.archive.pieces import Cut, Recipe, Work
from quotestance.service.archive.sources import Source
from quotestance.service.json_text import json_line
from quotestance.service.loading import load_model
from quotestance.service.reading_json import reading_json
from quotestance.service.usable_cores import usable_cores
from quotestance.training.text_files import open_text

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: list[int]) -> float:
    """User and system time that these processes have taken so far."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICK


def loop(articles: list[Article], model_folder: Path, precision: Precision) -> tuple[list[bytes], float, float]:
    """Lines, seconds and CPU seconds of `model.read`, one article after the other."""
    model = load(model_folder, Settings(precision=precision))
    for article in articles:  # as warm as the engine, which has read all of them once
        model.read(article.text, article.title)
    start, used = time.perf_counter(), cpu_seconds([os.getpid()])
    lines = [json_line(reading_json(model.read(a.text, a.title, id=a.id))) for a in articles]
    return lines, time.perf_counter() - start, cpu_seconds([os.getpid()]) - used


def engine(file: Path, model_folder: Path, workers: int) -> tuple[list[bytes], float, float]:
    """The same of the local engine."""
    local = LocalEngine(partial(load_model, model_folder), workers)
    work = Work((Source(file, "jsonl"),), {}, Recipe(language="any"), Cut())
    try:
        for _ in local.run(work, None):  # starts every worker, and warms it
            pass
        pids = [os.getpid(), *local.process_ids]
        start, used = time.perf_counter(), cpu_seconds(pids)
        lines = [line for result in local.run(work, None) for line in result.payloads[0].splitlines(keepends=True)]
        return lines, time.perf_counter() - start, cpu_seconds(pids) - used
    finally:
        local.close()


def same(lines: list[bytes], others: list[bytes]) -> int:
    """How many articles have the same statements, actors and scores in both."""

    def plain(line: bytes) -> dict[str, object]:
        return {k: v for k, v in json.loads(line).items() if k not in ("language", "scored")}

    return sum(plain(a) == plain(b) for a, b in zip(lines, others, strict=True))


def numbered(file: Path, count: int) -> Iterator[Article]:
    with open_text(file) as stream:
        for i, line in enumerate(islice(stream, count)):
            row = json.loads(line)
            yield Article(id=str(i), text=row["text"], title=row.get("title") or None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--workers", type=int, default=default_workers())
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--skip-loop", action="store_true")
    args = parser.parse_args()
    articles = list(numbered(args.file, args.articles))
    peak = matrix_peak()
    model = load(args.model)
    tokenizer, shape = load_tokenizer(args.model / "scorer"), load_config(args.model / "scorer")
    operations = read_all(model, articles, Clock(), tokenizer, shape)["operations"]
    del model
    runs = (
        {}
        if args.skip_loop
        else {
            "a loop of model.read": loop(articles, args.model, "auto"),
            "the same in float32": loop(articles, args.model, "float32"),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "articles.jsonl")
        file.write_bytes(b"".join(json_line({"id": a.id, "text": a.text, "title": a.title}) for a in articles))
        runs[f"local engine, {args.workers} workers"] = engine(file, args.model, args.workers)
    table = Table("program", "articles/s", "cores used", "of the matrix peak")
    for name, (_, seconds, used) in runs.items():
        share = operations / seconds / peak
        table.add_row(name, f"{len(articles) / seconds:.2f}", f"{used / seconds / usable_cores():.0%}", f"{share:.1%}")
    console = Console()
    console.print(table)
    console.print(
        f"matrix peak {peak / 1e9:.0f} GFLOP/s, {usable_cores()} cores, {len(articles)} articles", highlight=False
    )
    if not args.skip_loop:
        (one, _, _), _, (other, _, _) = runs.values()
        console.print(f"{same(one, other)} of {len(one)} articles came out the same to the last digit", highlight=False)


if __name__ == "__main__":
    main()
