"""Load from a process of its own, by plain sockets so that it takes little of the machine: results as JSON on stdout.

    python benchmarks/load_generator.py < PLAN.json

PLAN: `{"host", "port", "path", "bodies": [JSON text…], "seconds", "clients"}`, where each client waits for its answer
before it asks again; or with `"rate"` in place of `clients`: so many requests a second, whatever comes back. Answer:
`{"seconds", "statuses": {status: count}, "ms": {status: [milliseconds…]}}`; a connection that fails counts as status 0.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections import defaultdict
from typing import Any


class Connection:
    """One connection, kept open from request to request."""

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> int:
        """The answer's status; 0 where the connection fails."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(*self._place)
            reader, writer = self._streams
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            if b"connection: close" in head:
                self.close()
            return int(head[9:12])
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return 0

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def run(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan, carried out."""
    requests = itertools.cycle([_request(plan, body.encode()) for body in plan["bodies"]])
    found: dict[int, list[float]] = defaultdict(list)
    started = time.perf_counter()
    end = started + plan["seconds"]
    if "rate" in plan:
        await _at_rate(plan, requests, found, end)
    else:
        await asyncio.gather(*(_client(plan, requests, found, end) for _ in range(plan["clients"])))
    return {
        "seconds": time.perf_counter() - started,
        "statuses": {status: len(ms) for status, ms in found.items()},
        "ms": found,
    }


async def _client(plan: dict[str, Any], requests: Any, found: dict[int, list[float]], end: float) -> None:
    connection = Connection(plan["host"], plan["port"])
    while time.perf_counter() < end:
        await _timed(connection, next(requests), found)
    connection.close()


async def _at_rate(plan: dict[str, Any], requests: Any, found: dict[int, list[float]], end: float) -> None:
    idle: list[Connection] = []
    asking: set[asyncio.Task[None]] = set()
    chance = random.Random(0)

    async def one() -> None:
        connection = idle.pop() if idle else Connection(plan["host"], plan["port"])
        await _timed(connection, next(requests), found)
        idle.append(connection)

    due = time.perf_counter()
    while due < end:
        due += chance.expovariate(plan["rate"])
        # behind its time it asks at once: the rate is kept, not the gaps
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.ensure_future(one())
        asking.add(task)
        task.add_done_callback(asking.discard)
    await asyncio.gather(*asking)
    for connection in idle:
        connection.close()


async def _timed(connection: Connection, request: bytes, found: dict[int, list[float]]) -> None:
    started = time.perf_counter()
    status = await connection.ask(request)
    found[status].append(1000 * (time.perf_counter() - started))


def _request(plan: dict[str, Any], body: bytes) -> bytes:
    head = f"POST {plan['path']} HTTP/1.1\r\nHost: {plan['host']}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.load(sys.stdin)))))
