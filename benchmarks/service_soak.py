"""The service under mixed load for a long time: does it leak, slow down, fail, or lose work when models are swapped and
when it is stopped.

    python benchmarks/service_soak.py [--minutes 30] [--clients 8] [--swap-every 60] [-o SOAK.json]

A real `quotestance serve` on a folder of versions: two copies of the shipped weights that differ in a file's form only,
and the pointer changes from one to the other all the time. Clients send single statements, small batches, articles and
now and then a large request, each after its last answer. Every few seconds the resident memory and the quantiles of
the time since are kept. At the end SIGTERM is sent under load: every request that was sent before it must be
answered with 200 (there is time for the largest), and the process must end with 0. Exit status 1 where anything was
lost or failed.
"""

import argparse
import asyncio
import itertools
import json
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
from invented_texts import articles, quantile, statements
from running_service import Running, free_port, running, serve_command

_KINDS = {"statement": 0.6, "statements": 0.2, "article": 0.17, "large": 0.03}


@dataclass
class Request:
    """One request: when it was sent and answered, and with what; status 0 where no answer came."""

    kind: str
    sent: float
    seconds: float = 0.0
    status: int = 0
    versions: tuple[str, ...] = ()


@dataclass
class Sample:
    """The time since the sample before."""

    minute: float
    resident_mib: float
    requests: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    errors: int


@dataclass
class Soak:
    """What was seen; `stopping` is when SIGTERM was sent."""

    requests: list[Request] = field(default_factory=list)
    done: list[Request] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    swaps: int = 0
    stopping: float | None = None


def make_versions(folder: Path) -> tuple[str, str]:
    """Two model folders with the same weights and different versions."""
    from quotestance.model.components import MANIFEST, describe
    from quotestance.model.pipeline import SHIPPED

    for name in ("a", "b"):
        shutil.copytree(SHIPPED, folder / "versions" / name)
    changed = folder / "versions" / "b" / "scorer"
    config = changed / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text())), encoding="utf-8")
    manifest = json.loads((changed / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"]["config.json"] = describe(config)
    (changed / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    promote(folder, "a")
    return "a", "b"


def promote(folder: Path, name: str) -> None:
    """Put this version into service, in one step."""
    (folder / "new").write_text(name, encoding="utf-8")
    (folder / "new").replace(folder / "current")


async def soak(service: Running, folder: Path, names: tuple[str, str], args: argparse.Namespace) -> Soak:
    """The whole run, with the end."""
    found = Soak()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}", timeout=120, limits=limits) as http:
        clients = [asyncio.create_task(_client(http, found, seed)) for seed in range(args.clients)]
        watching = asyncio.create_task(_sample(service, found, args.sample_every))
        swapping = asyncio.create_task(_swap(folder, names, found, args.swap_every))
        await asyncio.sleep(60 * args.minutes)
        swapping.cancel()
        watching.cancel()
        found.stopping = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(service.process.wait, 90)
        await asyncio.gather(*clients)
    return found


async def _client(http: httpx.AsyncClient, found: Soak, seed: int) -> None:
    chance = random.Random(seed)
    rows, texts = statements(200, seed), articles(60, seed)
    while True:
        kind = chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        if kind.startswith("statement"):
            path, body = "/v1/stance", {"inputs": chance.sample(rows, 1 if kind == "statement" else 16)}
        else:
            path, body = "/v1/articles", {"articles": chance.sample(texts, 1 if kind == "article" else 24)}
        request = Request(kind, time.monotonic())
        found.requests.append(request)
        try:
            answer = await http.post(path, json=body)
            request.status = answer.status_code
            if answer.status_code == 200:
                request.versions = tuple({result["model"] for result in answer.json()["results"]})
        except httpx.TransportError:
            request.status = 0
        request.seconds = time.monotonic() - request.sent
        found.done.append(request)
        if request.status != 200:
            if found.stopping is not None:
                return
            await asyncio.sleep(1)


async def _sample(service: Running, found: Soak, every: float) -> None:
    started, seen = time.monotonic(), 0
    while True:
        await asyncio.sleep(every)
        done = found.done[seen:]
        seen += len(done)
        good = [1000 * r.seconds for r in done if r.status == 200]
        quantiles = [quantile(good, share) for share in (0.5, 0.95, 0.99)]
        minute = (time.monotonic() - started) / 60
        sample = Sample(minute, service.resident_mib, len(done), *quantiles, len(done) - len(good))
        found.samples.append(sample)
        print(
            f"{sample.minute:6.1f} min  {sample.resident_mib:5.0f} MiB  {sample.requests:5d} requests  "
            f"p50 {sample.p50_ms:.0f}  p95 {sample.p95_ms:.0f}  p99 {sample.p99_ms:.0f} ms  {sample.errors} errors",
            flush=True,
        )


async def _swap(folder: Path, names: tuple[str, str], found: Soak, every: float) -> None:
    for name in itertools.cycle(reversed(names)):
        await asyncio.sleep(every)
        promote(folder, name)
        found.swaps += 1


def verdict(found: Soak, service: Running) -> tuple[dict[str, Any], list[str]]:
    """The figures, and what is wrong; sent a twentieth of a second before SIGTERM counts as accepted."""
    assert found.stopping is not None
    accepted = [r for r in found.requests if r.sent < found.stopping - 0.05]
    bad = [r for r in accepted if r.status not in (200, 429)]
    in_hand = [r for r in accepted if r.sent + r.seconds > found.stopping]
    events = Counter(str(event["event"]) for event in service.events)
    first, last = _memory(found.samples)
    good = [1000 * r.seconds for r in accepted if r.status == 200]
    figures = {
        "requests": len(found.requests),
        "statuses": dict(Counter(r.status for r in accepted)),
        "p50_ms": quantile(good, 0.5),
        "p95_ms": quantile(good, 0.95),
        "p99_ms": quantile(good, 0.99),
        "median and longest ms": {kind: _median_and_longest(accepted, kind) for kind in _KINDS},
        "pointer changes": found.swaps,
        "swapped": events["model swapped"],
        "rolled back": events["model rolled back"],
        "versions seen": sorted({version for r in found.requests for version in r.versions}),
        "in hand at SIGTERM": len(in_hand),
        "of them answered": sum(r.status == 200 for r in in_hand),
        "exit status": service.process.returncode,
        "resident MiB, first and last quarter": [round(first), round(last)],
    }
    wrong = []
    if bad:
        wrong.append(f"{len(bad)} accepted requests were not answered with 200: {Counter(r.status for r in bad)}")
    if service.process.returncode != 0:
        wrong.append(f"exit status {service.process.returncode}")
    # the last pointer may have changed just before the end
    if found.swaps - events["model swapped"] > 1:
        wrong.append(f"{found.swaps} pointer changes, {events['model swapped']} swaps")
    if first and last > 1.1 * first:
        wrong.append(f"resident memory grew from {first:.0f} to {last:.0f} MiB")
    return figures, wrong


def _median_and_longest(requests: Sequence[Request], kind: str) -> tuple[int, int]:
    mine = [1000 * r.seconds for r in requests if r.kind == kind and r.status == 200]
    return round(quantile(mine, 0.5)), round(quantile(mine, 1.0))


def _memory(samples: list[Sample]) -> tuple[float, float]:
    # the first eighth is warming up
    kept = samples[len(samples) // 8 :]
    quarter = max(1, len(kept) // 4)
    means = [sum(s.resident_mib for s in part) / max(1, len(part)) for part in (kept[:quarter], kept[-quarter:])]
    return means[0], means[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--swap-every", type=float, default=60.0, help="seconds")
    parser.add_argument("--sample-every", type=float, default=10.0, help="seconds")
    parser.add_argument("-o", "--out", type=Path, help="figures and samples as JSON")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        names = make_versions(folder)
        port = free_port()
        with running(serve_command(port, "--model", str(folder), "--drain-seconds", "80"), port) as service:
            found = asyncio.run(soak(service, folder, names, args))
            figures, wrong = verdict(found, service)
    for name, value in figures.items():
        print(f"{name}: {value}")
    if args.out:
        told = {"figures": figures, "wrong": wrong, "samples": [asdict(sample) for sample in found.samples]}
        args.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print("wrong: " + "; ".join(wrong) if wrong else "nothing lost, nothing failed")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
