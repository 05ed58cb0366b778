"""Connections: capped, and none may keep the service waiting; and health answers whatever the model does."""

import asyncio
import contextlib
import json
import signal
import socket
import threading
import time

import pytest
from fakes import TEXT
from serving import ControlledModel, until

pytest.importorskip("fastapi", reason="the service needs the serve extra")
import httpx
import uvicorn
from live import live

from quotestance.service.http.connections import ConnectionLimits, guarded_protocol

SENT = {"articles": [{"text": TEXT}]}
BODY = json.dumps(SENT).encode()
JSON = {"Content-Type": "application/json"}
HEAD = b"POST /v1/articles HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture
def model():
    return ControlledModel()


def connect(served):
    return socket.create_connection(("127.0.0.1", served.port), timeout=10)


def received(connection):
    """All until the service closes."""
    data = b""
    while chunk := connection.recv(65_536):
        data += chunk
    return data


def closed_for(served, reason):
    text = httpx.get(f"{served.url}/metrics").text
    lines = [
        line
        for line in text.splitlines()
        if line.startswith(f'quotestance_closed_connections_total{{reason="{reason}"')
    ]
    return float(lines[0].split()[-1]) if lines else 0.0


def test_more_connections_than_allowed_are_told_and_closed(model):
    with live(model, max_connections=2) as served:
        kept = [connect(served) for _ in range(2)]
        time.sleep(0.1)
        with connect(served) as refused:
            answer = received(refused)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 1\r\n" in answer
        assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["error"]
        kept[0].sendall(HEAD % len(BODY) + BODY)
        assert kept[0].recv(100).startswith(b"HTTP/1.1 200 ")
        for connection in kept:
            connection.close()
        time.sleep(0.1)
        assert closed_for(served, "full") == 1


@pytest.mark.parametrize("sent", [b"", b"GET /livez HTT", b"GET /livez HTTP/1.1\r\nX: "])
def test_a_head_that_does_not_come_ends_the_connection(model, sent):
    with live(model, header_seconds=0.2) as served, connect(served) as slow:
        slow.sendall(sent)
        started = time.monotonic()
        assert received(slow) == b""
        assert 0.1 < time.monotonic() - started < 5
        assert closed_for(served, "slow") == 1


def test_a_head_that_comes_byte_by_byte_is_not_given_more_time(model):
    with live(model, header_seconds=0.3) as served, connect(served) as slow:

        def drip():
            with contextlib.suppress(OSError):
                slow.sendall(b"GET /livez HTTP/1.1\r\nX: ")
                while True:
                    slow.sendall(b"x")
                    time.sleep(0.05)

        dripping = threading.Thread(target=drip, daemon=True)
        started = time.monotonic()
        dripping.start()
        with contextlib.suppress(ConnectionResetError):
            assert received(slow) == b""
        assert time.monotonic() - started < 5
        dripping.join(20)


def test_a_second_head_that_does_not_come_ends_the_connection_too(model):
    with live(model, header_seconds=0.2) as served, connect(served) as slow:
        slow.sendall(b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n")
        time.sleep(0.1)
        slow.sendall(b"GET /li")
        assert received(slow).count(b"HTTP/1.1 ") == 1


def test_a_body_that_does_not_come_is_408_and_the_connection_ends(model):
    with live(model, body_seconds=0.2) as served, connect(served) as slow:
        slow.sendall(HEAD % 1_000 + b"{")
        answer = received(slow)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"did not come in time" in answer
    assert model.calls == []


def test_all_bodies_that_are_coming_in_have_one_limit(model):
    with live(model, max_body_bytes=20_000, receiving_bytes=20_000) as served:
        with connect(served) as slow:
            slow.sendall(HEAD % 15_000 + b" " * 14_000)
            time.sleep(0.2)
            with connect(served) as refused:
                refused.sendall(HEAD % 7_000 + b" " * 7_000)
                answer = received(refused)
            assert answer.startswith(b"HTTP/1.1 429 ")
            assert b"retry-after: 1" in answer.lower()
            with connect(served) as small:
                small.sendall((HEAD % len(BODY)).replace(b"Host: test", b"Host: test\r\nConnection: close") + BODY)
                assert received(small).startswith(b"HTTP/1.1 200 ")
        until(lambda: served.connections == 0)  # the slow one's bytes are given back when it leaves
        large = BODY + b" " * (19_000 - len(BODY))
        assert httpx.post(f"{served.url}/v1/articles", content=large, headers=JSON).status_code == 200


def test_an_idle_connection_is_kept_and_then_closed(model):
    with live(model, keep_alive_seconds=0.5, header_seconds=0.1) as served, connect(served) as idle:
        for _ in range(2):
            idle.sendall(b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n")
            answer = b""
            while not answer.endswith(b'{"status":"alive"}'):
                answer += idle.recv(65_536)
            time.sleep(0.25)
        assert received(idle) == b""
        assert closed_for(served, "slow") == 0


def test_requests_sent_ahead_are_answered_in_turn(model):
    with live(model, header_seconds=0.3) as served, connect(served) as eager:
        eager.sendall(2 * (HEAD % len(BODY) + BODY) + b"GET /livez HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        assert received(eager).count(b"HTTP/1.1 200 ") == 3


def test_a_compressed_body_is_415(model):
    with live(model) as served:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        assert httpx.post(f"{served.url}/v1/articles", content=b"x", headers=headers).status_code == 415


def test_health_may_be_asked_without_a_body(model):
    with live(model) as served:
        for path in ("/livez", "/readyz"):
            answer = httpx.head(served.url + path)
            assert (answer.status_code, answer.content) == (200, b"")


def test_what_draining_has_no_time_for_is_answered(model):
    with live(model, drain_seconds=0.3) as served:
        model.hold()
        answers = []
        asking = [
            threading.Thread(target=lambda: answers.append(httpx.post(f"{served.url}/v1/articles", json=SENT)))
            for _ in range(3)
        ]
        for thread in asking:
            thread.start()
        assert model.entered.wait(20)
        time.sleep(0.2)
        served.server.handle_exit(signal.SIGTERM, None)
        for thread in asking:
            thread.join(20)
        assert served.server.gave_up
    assert [answer.status_code for answer in answers] == [503] * 3
    assert answers[0].json()["error"] == "the service stopped before this was done"


class BusyModel(ControlledModel):
    """Keeps Python itself busy, as the rules and the tokenizers' bindings do."""

    def read_many(self, articles, target=None):
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            sum(range(500))
        return super().read_many(articles, target)


def test_health_answers_fast_while_the_model_computes():
    with live(BusyModel(), batch_tokens=1) as served:
        done = threading.Event()

        def load():
            with httpx.Client() as client:
                while not done.is_set():
                    client.post(f"{served.url}/v1/articles", content=BODY, headers={"Content-Type": "application/json"})

        callers = [threading.Thread(target=load) for _ in range(4)]
        for caller in callers:
            caller.start()
        seconds = []
        with httpx.Client() as client:
            for i in range(40):
                started = time.monotonic()
                assert client.get(served.url + ("/livez", "/readyz")[i % 2]).status_code == 200
                seconds.append(time.monotonic() - started)
        done.set()
        for caller in callers:
            caller.join(20)
    assert sorted(seconds)[-2] < 0.25, seconds


@contextlib.contextmanager
def guarded(app, closed, **config):
    """The address of a server of `app` whose connections are kept within short limits; `closed` hears of each ended."""
    protocol = guarded_protocol(ConnectionLimits(connections=9, head=0.3, request=0.4), closed.append)
    server = uvicorn.Server(uvicorn.Config(app, http=protocol, port=0, log_config=None, lifespan="off", **config))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        until(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


async def start(send, body=b"", more=False):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body, "more_body": more})


def test_a_long_answer_may_take_long_as_long_as_it_is_taken():
    async def export(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for i in range(300):  # far more than the system keeps for a caller
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": i < 299})

    closed = []
    with guarded(export, closed) as address, socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        taken = 0
        while chunk := connection.recv(1_000_000):
            taken += len(chunk)
            time.sleep(0.05 * len(chunk) / 1_000_000)
    assert taken > 30_000_000
    assert closed == []


def test_an_answer_that_comes_slowly_is_not_the_callers_fault():
    async def export(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for i in range(4):
            await asyncio.sleep(0.3)
            await send({"type": "http.response.body", "body": b"part", "more_body": i < 3})

    closed = []
    with guarded(export, closed) as address, socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        assert received(connection).count(b"part") == 4
    assert closed == []


@pytest.mark.parametrize("header", [b"", b"Connection: close\r\n"])
def test_an_answer_that_is_never_taken_ends_the_connection(header):
    async def large(scope, receive, send):
        await start(send, b"x" * 30_000_000)

    closed = []
    with (
        guarded(large, closed, timeout_keep_alive=0.2) as address,
        socket.create_connection(address, timeout=10) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: test\r\n%s\r\n" % header)
        until(lambda: closed == ["slow"])


def test_the_body_of_a_request_that_was_refused_is_given_its_time():
    async def refuse(scope, receive, send):
        await start(send, b"no")

    closed = []
    with guarded(refuse, closed) as address, socket.create_connection(address, timeout=10) as connection:
        connection.sendall(HEAD % 50)
        for _ in range(5):
            time.sleep(0.07)  # 0.35 s in all: more than a head may take
            connection.sendall(b"0123456789")
        assert closed == []
        connection.sendall(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        assert received(connection).count(b"HTTP/1.1 200 ") == 2
