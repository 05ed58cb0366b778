"""Statements classified over HTTP, one a request: this service beside two others, on one machine with the same weights.

    python benchmarks/service_load.py [--seconds 20] [--clients 1 8 32 128] [-o OUT.png]
        [--infinity VENV/bin/infinity_emb]

Compared are (a) a plain FastAPI route around transformers' pipeline (`plain_service.py`), (b) infinity, where the
command of its own environment is given, and (c) `quotestance serve`, `/v1/stance`. (a) and (b) need a standard
checkpoint: a BertForSequenceClassification made here from the shipped scorer's encoder with a fresh head, saved to a
temporary folder with the same tokenizer. It has the same shape and size as the scorer; its labels mean nothing. (a)
and (b) are sent actor, target and statement as one text; (c) reads the same words as a pair, with marks around the
quote.

The load comes from a process of its own (`load_generator.py`); each client waits for its answer before it asks
again. Lengths are as in news (`invented_texts.py`). Each server runs alone and is warmed up first. Then (c) is
overloaded: four times the requests a second of its best result, of which the answers are either 200 or 429. One run of
either differs from the next by a tenth, so they take turns, and what is kept is a share of sums.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from invented_texts import quantile, statements
from running_service import Running, free_port, running, serve_command

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One server under so many clients; milliseconds are those of answers with status 200."""

    server: str
    clients: int
    per_second: float
    p50: float
    p95: float
    p99: float
    errors: int


def make_checkpoint(folder: Path) -> None:
    """The shipped scorer's encoder with a fresh head for three labels, as transformers saves it."""
    import torch
    from transformers import BertForSequenceClassification

    from quotestance.model.components import read_component
    from quotestance.model.encoders import load_config
    from quotestance.model.pipeline import SHIPPED
    from quotestance.model.types import STANCES

    config = load_config(SHIPPED / "scorer")
    config.num_labels = len(STANCES)
    config.id2label = dict(enumerate(STANCES))
    config.label2id = {label: i for i, label in enumerate(STANCES)}
    torch.manual_seed(0)
    network = BertForSequenceClassification(config)
    state = read_component(SHIPPED / "scorer", "scorer").state
    encoder = {n.removeprefix("encoder."): t for n, t in state.items() if n.startswith("encoder.")}
    missing, unexpected = network.bert.load_state_dict(encoder, strict=False)
    if unexpected or any(not name.startswith("pooler.") and "position_ids" not in name for name in missing):
        raise SystemExit(f"the scorer's encoder does not fit: {missing} {unexpected}")
    network.save_pretrained(folder)
    shutil.copy(SHIPPED / "scorer" / "tokenizer.json", folder)
    settings = json.loads((SHIPPED / "scorer" / "tokenizer_config.json").read_text(encoding="utf-8"))
    # infinity warms up with the longest input that the tokenizer admits
    settings["model_max_length"] = config.max_position_embeddings
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")


def load(port: int, path: str, bodies: Sequence[Any], seconds: float, **how: float) -> dict[str, Any]:
    """The generator's results; `how` is `clients` or `rate`."""
    plan = {"host": "127.0.0.1", "port": port, "path": path, "seconds": seconds, **how}
    plan["bodies"] = [json.dumps(body) for body in bodies]
    command = [sys.executable, str(_HERE / "load_generator.py")]
    done = subprocess.run(
        command, input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 120
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def done_a_second(result: dict[str, Any]) -> float:
    """Answers with status 200."""
    return len(result["ms"].get("200", [])) / float(result["seconds"])


def row(server: str, clients: int, result: dict[str, Any]) -> Row:
    """The figures of one run."""
    good = result["ms"].get("200", [])
    errors = sum(count for status, count in result["statuses"].items() if status != "200")
    quantiles = [quantile(good, share) for share in (0.5, 0.95, 0.99)]
    return Row(server, clients, done_a_second(result), *quantiles, errors)


def measured(
    name: str,
    server: AbstractContextManager[Running],
    port: int,
    path: str,
    bodies: list[Any],
    args: argparse.Namespace,
) -> list[Row]:
    """One server under each number of clients."""
    rows = []
    with server:
        load(port, path, bodies, min(3.0, args.seconds), clients=8)  # warm
        for clients in args.clients:
            rows.append(row(name, clients, load(port, path, bodies, args.seconds, clients=clients)))
            print(as_markdown(rows[-1]), flush=True)
        if name == "quotestance":
            best = max(rows, key=lambda r: r.per_second)
            overload(port, path, bodies, args.seconds, best.clients, args.rounds)
    return rows


def overload(port: int, path: str, bodies: list[Any], seconds: float, clients: int, rounds: int) -> None:
    """So many clients, then four times their rate, in turns: what is turned away, how fast, and what is still done."""
    results, peaks, kept = [], [], []
    for _ in range(rounds):
        peaks.append(done_a_second(load(port, path, bodies, seconds, clients=clients)))
        results.append(load(port, path, bodies, seconds, rate=4 * peaks[-1]))
        kept.append(done_a_second(results[-1]))
        print(f"{clients} clients {peaks[-1]:.0f}/s, overloaded {kept[-1]:.0f}/s", flush=True)
    done, away = ([ms for result in results for ms in result["ms"].get(status, [])] for status in ("200", "429"))
    others = sum((Counter(result["statuses"]) for result in results), Counter())
    del others["200"], others["429"]
    shares = [k / p for k, p in zip(kept, peaks, strict=True)]
    best = sum(peaks) / rounds
    print(
        f"\noverload, {rounds} rounds, {4 * best:.0f} requests/s asked for: {sum(kept) / rounds:.0f}/s done of "
        f"{best:.0f} ({sum(kept) / sum(peaks):.0%}; {min(shares):.0%} to {max(shares):.0%} in a round), "
        f"p99 {quantile(done, 0.99):.0f} ms; {len(away)} times 429, p50 {quantile(away, 0.5):.1f} ms, "
        f"p99 {quantile(away, 0.99):.1f} ms; other statuses: {dict(others) or 'none'}\n",
        flush=True,
    )


def as_markdown(r: Row) -> str:
    return f"| {r.server} | {r.clients} | {r.per_second:.1f} | {r.p50:.1f} | {r.p95:.1f} | {r.p99:.1f} | {r.errors} |"


def draw(rows: Sequence[Row], file: Path) -> None:
    """Requests a second and the 95th percentile, by clients."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for name in dict.fromkeys(r.server for r in rows):
        mine = [r for r in rows if r.server == name]
        clients = [r.clients for r in mine]
        left.plot(clients, [r.per_second for r in mine], "o-", label=name)
        right.plot(clients, [r.p95 for r in mine], "o-", label=name)
    left.set(xlabel="clients at once", ylabel="requests a second", xscale="log", ylim=(0, None))
    right.set(xlabel="clients at once", ylabel="95th percentile, ms", xscale="log", yscale="log")
    left.legend()
    figure.savefig(file, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each server and number of clients")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32, 128])
    parser.add_argument("--rounds", type=int, default=5, help="of overload")
    parser.add_argument("--infinity", type=Path, help="the command infinity_emb of an environment of its own")
    parser.add_argument("--only", nargs="+", choices=["plain", "infinity", "quotestance"], help="leave the others out")
    parser.add_argument("-o", "--out", type=Path, default=Path("service_load.png"))
    args = parser.parse_args()
    asked = statements(500)
    texts = [f"{r['actor']}: {r['target']}. {r['text']}" for r in asked]
    chosen = args.only or ["plain", "infinity", "quotestance"]
    rows: list[Row] = []
    print("| server | clients | requests/s | p50 ms | p95 ms | p99 ms | errors |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder)
        make_checkpoint(checkpoint)
        if "plain" in chosen:
            port = free_port()
            server = running([sys.executable, str(_HERE / "plain_service.py"), folder, str(port)], port, "/health")
            rows += measured("FastAPI and pipeline", server, port, "/classify", [{"text": t} for t in texts], args)
        if "infinity" in chosen and args.infinity:
            port = free_port()
            os.environ["DO_NOT_TRACK"] = os.environ["INFINITY_ANONYMOUS_USAGE_STATS"] = "0"
            flags = ["v2", "--model-id", folder, "--served-model-name", "m", "--engine", "torch", "--device", "cpu"]
            command = [str(args.infinity), *flags, "--no-bettertransformer", "--port", str(port)]
            bodies = [{"model": "m", "input": [t]} for t in texts]
            rows += measured("infinity", running(command, port, "/health"), port, "/classify", bodies, args)
    if "quotestance" in chosen:
        port = free_port()
        server = running(serve_command(port), port)
        rows += measured("quotestance", server, port, "/v1/stance", [{"inputs": [r]} for r in asked], args)
    draw(rows, args.out)
    print(f"\npicture: {args.out}")


if __name__ == "__main__":
    main()
