"""Does anything slow down or grow as an archive does? The rate, the work and the memory in each tenth of a run.

    python benchmarks/archive_growth.py ARTICLES.jsonl[.gz] --articles 100000 [--no-model] [--workers N] [--folder DIR]

The articles are repeated with new ids until there are enough, and scored into shards through everything that
`quotestance score` does. With --no-model, a stand-in that finds no statement takes the model's place, so that what is
measured is all the rest, at a size that the model would take days for. CPU seconds an article tell the work also where
other programs share the cores.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from archive_speed import cpu_seconds
from rich.console import Console
from rich.table import Table

from quotestance.model.types import Article, Reading
from quotestance.service.archive.local_engine import LocalEngine
from quotestance.service.archive.machine import default_workers
from quotestance.service.archive.manifest import manifest_of
from quotestance.service.archive.pieces import Counts, Cut, Recipe, Work
from quotestance.service.archive.sources import Source
from quotestance.service.archive.store import Store
from quotestance.service.json_text import json_line
from quotestance.service.loading import load_model
from quotestance.training.text_files import open_text

_PAGE = os.sysconf("SC_PAGE_SIZE")


class NoModel:
    """Reads nothing into any article."""

    version = "none"

    def read_many(self, articles: Iterable[Article], target: str | Sequence[str] | None = None) -> Iterator[Reading]:
        return (Reading(article, (), (), (), self.version) for article in articles)


def load_nothing() -> NoModel:
    return NoModel()


def resident(pids: list[int]) -> float:
    """MiB that these processes hold."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in pids]
    return sum(pages) * _PAGE / 2**20


def repeated(file: Path, into: Path, count: int) -> None:
    """Write `count` articles, the file's over and over, each with an id and a last line of its own."""
    with open_text(file) as stream:
        rows = [json.loads(line) for line in stream]
    with into.open("wb") as out:
        for i in range(count):
            row = rows[i % len(rows)]
            out.write(json_line({"id": f"n{i}", "title": row.get("title"), "text": f"{row['text']}\n{i}"}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, required=True)
    parser.add_argument("--no-model", action="store_true")
    parser.add_argument("--workers", type=int, default=default_workers())
    parser.add_argument("--folder", type=Path, help="where there is room for the articles and the shards")
    args = parser.parse_args()
    table = Table("articles", "articles/s", "CPU s an article", "MiB, command", "MiB, workers")
    with tempfile.TemporaryDirectory(dir=args.folder) as scratch:
        file = Path(scratch, "articles.jsonl")
        repeated(args.file, file, args.articles)
        store = Store(Path(scratch, "out"), "parquet")
        load = load_nothing if args.no_model else partial(load_model, None)
        with store.locked(), closing(LocalEngine(load, args.workers)) as engine:
            work = Work((Source(file, "jsonl"),), {}, Recipe(format="parquet"), Cut(), store.work)
            store.begin(manifest_of(work, engine.version))
            counts, before, start, used = Counts(), 0, time.perf_counter(), 0.0
            for result in engine.run(work, store):
                store.add(result)
                counts += result.counts
                if counts.records * 10 // args.articles > before * 10 // args.articles:
                    now, done = time.perf_counter(), counts.records - before
                    pids = [os.getpid(), *engine.process_ids]
                    total = cpu_seconds(pids)
                    memory = resident(pids[:1]), resident(pids[1:])
                    row = (
                        f"{counts.records:,}",
                        f"{done / (now - start):,.2f}",
                        f"{(total - used) / done:.4f}",
                        *(f"{mib:,.0f}" for mib in memory),
                    )
                    table.add_row(*row)
                    print(*row, sep="\t", file=sys.stderr, flush=True)
                    before, start, used = counts.records, now, total
    Console().print(table)


if __name__ == "__main__":
    main()
