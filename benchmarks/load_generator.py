"""Load from a process of its own, by plain sockets so that it takes little of the machine: results as JSON on stdout.

    python benchmarks/load_generator.py < PLAN.json

PLAN: `{"host", "port", "path", "bodies": [JSON text…], "seconds", "clients"}`, where each client waits for its answer
before it asks again; or with `"rate"` in place of `clients`: so many requests a second at random moments, whatever
comes back, those of four milliseconds sent together. Answer:
`{"seconds", "statuses": {status: count}, "ms": {status: [milliseconds…]}}`; a connection that fails counts as status 0.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, cast

import uvloop

_TICK = 0.004  # seconds; to wake for each request would take as much of the machine as to be refused


class Connection(asyncio.Protocol):
    """One connection, kept open from request to request; opened again where it was closed.

    `on_answer(connection, status, milliseconds)` is called at the end of each answer, with status 0 where it failed.
    """

    def __init__(self, host: str, port: int, on_answer: Callable[["Connection", int, float], None]) -> None:
        self._place = (host, port)
        self._on_answer = on_answer
        self._transport: asyncio.Transport | None = None
        self._request = b""
        self._unsent = False
        self._received = b""
        self._asked_at: float | None = None
        self._last_status = 0

    def ask(self, request: bytes) -> None:
        """Send it; one at a time."""
        self._asked_at = time.perf_counter()
        self._request = request
        if self._transport is None:
            # kept, or it may be collected before it is done
            self._opening = asyncio.ensure_future(self._open())
        elif self._transport.is_closing():
            self._unsent = True
        else:
            self._transport.write(request)

    async def _open(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, *self._place)
        except OSError:
            self._answer(0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        head = head.lower()
        if len(body) < int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0):
            return
        self._received = b""
        if b"connection: close" in head:
            # told of only when it is closed, or the next request would be sent before that
            self._last_status = int(head[9:12])
            self.close()
        else:
            self._answer(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._received = b""
        if self._unsent:
            self._unsent = False
            self._opening = asyncio.ensure_future(self._open())
            return
        status, self._last_status = self._last_status, 0
        self._answer(status)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _answer(self, status: int) -> None:
        if self._asked_at is not None:
            taken, self._asked_at = time.perf_counter() - self._asked_at, None
            self._on_answer(self, status, 1000 * taken)


class Load:
    """The plan while it is carried out."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._place = (plan["host"], plan["port"])
        self._requests: Iterator[bytes] = itertools.cycle([_request(plan, body.encode()) for body in plan["bodies"]])
        self._found: dict[int, list[float]] = defaultdict(list)
        self._asking = 0
        self._all_answered = asyncio.Event()
        self._started = time.perf_counter()
        self._end = self._started + plan["seconds"]

    async def by_clients(self, clients: int) -> None:
        """Each asks again as soon as it has its answer."""

        def again(connection: Connection, status: int, ms: float) -> None:
            self._note(status, ms)
            if time.perf_counter() < self._end:
                self._ask(connection)
            else:
                connection.close()

        for _ in range(clients):
            self._ask(Connection(*self._place, again))
        await self._rest()

    async def at_rate(self, rate: float) -> None:
        """Requests at random moments, so many a second."""
        idle: list[Connection] = []
        chance = random.Random(0)

        def done(connection: Connection, status: int, ms: float) -> None:
            self._note(status, ms)
            idle.append(connection)

        due = self._started + chance.expovariate(rate)
        while due < self._end:
            await asyncio.sleep(_TICK)
            # those it is late for, too: the rate is kept, not the gaps
            while due < min(time.perf_counter(), self._end):
                self._ask(idle.pop() if idle else Connection(*self._place, done))
                due += chance.expovariate(rate)
        await self._rest()
        for connection in idle:
            connection.close()

    def result(self) -> dict[str, Any]:
        return {
            "seconds": time.perf_counter() - self._started,
            "statuses": {status: len(ms) for status, ms in self._found.items()},
            "ms": self._found,
        }

    def _ask(self, connection: Connection) -> None:
        self._asking += 1
        connection.ask(next(self._requests))

    def _note(self, status: int, ms: float) -> None:
        self._found[status].append(ms)
        self._asking -= 1
        self._all_answered.set()

    async def _rest(self) -> None:
        while self._asking:
            self._all_answered.clear()
            await self._all_answered.wait()


async def run(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan, carried out."""
    load = Load(plan)
    await (load.at_rate(plan["rate"]) if "rate" in plan else load.by_clients(plan["clients"]))
    return load.result()


def _request(plan: dict[str, Any], body: bytes) -> bytes:
    head = f"POST {plan['path']} HTTP/1.1\r\nHost: {plan['host']}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(json.load(sys.stdin)))))
