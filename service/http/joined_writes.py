"""A transport whose writes of one turn of the event loop go out together.

uvicorn writes an answer's head and its body each for itself: twice the calls of the system, and a caller that wakes up
twice. Under overload, where most answers are refusals, that is time taken from the model.
"""

import asyncio
from typing import Any

_HELD_AT_MOST = 1 << 16  # bytes: a long answer must feel it when its caller takes it slowly


class JoinedWrites:
    """The transport that it is around, but for the moment at which what is written is sent."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Send `data` after this turn of the loop, with all else that is written in it."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)
        self._size += len(data)
        if self._size > _HELD_AT_MOST:
            self._send()

    def close(self) -> None:
        """Close once what was written is sent."""
        self._send()
        self._transport.close()

    def abort(self) -> None:
        """Close at once; what is not sent yet never is."""
        self._held, self._size = [], 0
        self._transport.abort()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _send(self) -> None:
        held, self._held, self._size = self._held, [], 0
        if held and not self._transport.is_closing():
            self._transport.write(b"".join(held))
