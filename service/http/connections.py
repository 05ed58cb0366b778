"""Connections: how many there may be, and for how long one may keep the service waiting."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from quotestance.service.http.joined_writes import JoinedWrites

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as HttpProtocol
else:
    # with httptools where it is installed: both keep the same `cycle`, `transport` and `connections`
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as HttpProtocol

Closed = Literal["full", "slow"]

_FULL_BODY = b'{"error": "too many connections; try again in a moment"}\n'
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s"
) % (len(_FULL_BODY), _FULL_BODY)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """`head` is how long a request's head may take to come, `request` how long all the rest of it may, to the last
    byte of the answer taken, or to the next part of a long one; in seconds."""

    connections: int
    head: float
    request: float


def guarded_protocol(limits: ConnectionLimits, on_closed: Callable[[Closed], None]) -> type[HttpProtocol]:
    """uvicorn's protocol, kept within `limits`; `on_closed` is told of each connection ended for them."""

    class Guarded(HttpProtocol):
        _timer: asyncio.TimerHandle | None = None
        _phase: Literal["head", "request"] | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(JoinedWrites(transport, self.loop))  # type: ignore[arg-type]
            if len(self.connections) > limits.connections:
                transport.write(_FULL)
                transport.close()
                on_closed("full")
                return
            self._enter("head")

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._follow()

        def on_response_complete(self) -> None:
            self._enter(None)
            # may begin with the next request, where one was sent ahead
            super().on_response_complete()
            if self._answering() or self.transport.is_closing():  # which waits until what was written is taken
                self._enter("request")

        def timeout_keep_alive_handler(self) -> None:
            super().timeout_keep_alive_handler()
            if self.transport.is_closing():
                self._enter("request")

        def resume_writing(self) -> None:
            super().resume_writing()
            # a long answer, such as an export, may take longer than `request`, as long as the caller goes on taking it
            if self._phase == "request":
                self._enter("request")

        def connection_lost(self, exc: Exception | None) -> None:
            self._enter(None)
            super().connection_lost(exc)

        def _follow(self) -> None:
            beyond_head = self._answering() or self._body_is_to_come() or self.transport.is_closing()
            phase: Literal["head", "request"] = "request" if beyond_head else "head"
            if phase != self._phase:
                # not again with every byte: who sends one a second is slow, too
                self._enter(phase)

        def _body_is_to_come(self) -> bool:
            """Of a request that was answered before that, refused most likely."""
            return self.cycle is not None and self.cycle.response_complete and self.cycle.more_body

        def _answering(self) -> bool:
            return self.cycle is not None and not self.cycle.response_complete

        def _enter(self, phase: Literal["head", "request"] | None) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._phase = phase
            if phase is not None:
                self._timer = self.loop.call_later(limits.head if phase == "head" else limits.request, self._expire)

        def _expire(self) -> None:
            if self._answering() and self.cycle.response_started and not self.transport.get_write_buffer_size():
                self._enter("request")  # the caller has taken all there is: it is the one who waits
                return
            on_closed("slow")
            # not `close`, which waits until what was written is taken
            self.transport.abort()

    return Guarded
