"""uvicorn as this service runs it: quiet, within limits, and ended in good order."""

import asyncio
import math
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from quotestance.service.engine.engine import Engine
from quotestance.service.http.connections import Closed, ConnectionLimits, guarded_protocol
from quotestance.service.http.settings import ServeSettings

_SECONDS_TO_ANSWER = 2  # beyond the time to drain, for the answers to be sent
_SECONDS_TO_TAKE = 30.0  # beyond the deadline, for a slow caller to take its answer


class DrainingServer(uvicorn.Server):
    """uvicorn, which on SIGTERM or SIGINT closes the engine to new work at once, and then ends with status 0.

    What is not done after `drain` seconds is answered with 503; `gave_up` says whether anything was.
    """

    def __init__(self, config: uvicorn.Config, engine: Engine, drain: float) -> None:
        super().__init__(config)
        self.gave_up = False
        self._engine = engine
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # before uvicorn loses its patience, and cancels without an answer
        giving_up = asyncio.get_running_loop().call_later(self._drain, self._give_up)
        try:
            await super().shutdown(sockets)
        finally:
            giving_up.cancel()

    def _give_up(self) -> None:
        self.gave_up = not self._engine.give_up()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # not handed on to uvicorn's own, which would raise the signal once more after a good end
        self._engine.begin_drain()
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


def draining_server(
    app: ASGIApp, engine: Engine, settings: ServeSettings, on_closed: Callable[[Closed], None]
) -> DrainingServer:
    """A server for this application; `on_closed` is told of each connection that was ended for its limits."""
    limits = ConnectionLimits(
        connections=settings.max_connections,
        head=settings.header_seconds,
        request=settings.deadline_seconds + _SECONDS_TO_TAKE,
    )
    config = uvicorn.Config(
        app,
        http=guarded_protocol(limits, on_closed),
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=settings.keep_alive_seconds,  # type: ignore[arg-type]
        timeout_graceful_shutdown=math.ceil(settings.drain_seconds) + _SECONDS_TO_ANSWER,
    )
    return DrainingServer(config, engine, settings.drain_seconds)
