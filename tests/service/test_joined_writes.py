"""Writes that are joined: none lost, none out of order, and a long answer still held up by a slow caller."""

import pytest

pytest.importorskip("uvicorn", reason="the service needs the serve extra")

from quotestance.service.http.joined_writes import JoinedWrites


class Loop:
    def __init__(self):
        self.soon = []

    def call_soon(self, callback):
        self.soon.append(callback)

    def turn(self):
        callbacks, self.soon = self.soon, []
        for callback in callbacks:
            callback()


class Transport:
    def __init__(self):
        self.events = []
        self.closing = False

    def write(self, data):
        self.events.append(data)

    def close(self):
        self.closing = True
        self.events.append("close")

    def abort(self):
        self.closing = True
        self.events.append("abort")

    def is_closing(self):
        return self.closing


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def transport():
    return Transport()


@pytest.fixture
def joined(transport, loop):
    return JoinedWrites(transport, loop)


def test_what_is_written_in_one_turn_goes_out_together(joined, transport, loop):
    joined.write(b"head ")
    joined.write(b"body")
    assert transport.events == []
    loop.turn()
    joined.write(b"next")
    loop.turn()
    assert transport.events == [b"head body", b"next"]


def test_a_close_sends_what_was_written_before_it(joined, transport, loop):
    joined.write(b"all")
    joined.close()
    loop.turn()
    assert transport.events == [b"all", "close"]


def test_an_abort_sends_nothing_more(joined, transport, loop):
    joined.write(b"some")
    joined.abort()
    loop.turn()
    assert transport.events == ["abort"]


def test_a_transport_that_was_closed_is_not_written_to(joined, transport, loop):
    joined.write(b"some")
    transport.close()
    loop.turn()
    assert transport.events == ["close"]


def test_much_at_once_does_not_wait_for_the_turn_to_end(joined, transport, loop):
    parts = [bytes([i]) * 40_000 for i in range(5)]
    for part in parts:
        joined.write(part)
    # the transport below tells the protocol to pause, which it can only where it is written to
    assert b"".join(transport.events) == b"".join(parts[:4])
    loop.turn()
    assert b"".join(transport.events) == b"".join(parts)


def test_all_else_is_the_transport_s(joined, transport):
    assert not joined.is_closing()
    transport.close()
    assert joined.is_closing()
