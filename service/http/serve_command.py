"""The `serve` command: settings, socket, engine and routes put together, and ended in good order."""

import asyncio
import logging
import os
import signal
import socket
from dataclasses import asdict
from types import FrameType
from typing import Any

from quotestance.model.errors import InputError, ModelError
from quotestance.service.engine.engine import Engine
from quotestance.service.exit_status import DONE
from quotestance.service.http.api_keys import ApiKeys, load_keys
from quotestance.service.http.model_facts import model_facts
from quotestance.service.http.settings import ServeSettings, serve_settings
from quotestance.service.loading import LoadedModel, load_model
from quotestance.service.logs import log_event, log_to_stderr

try:
    import uvicorn

    from quotestance.service.feedback.location import OFF, feedback_location
    from quotestance.service.feedback.store import FeedbackStore
    from quotestance.service.http.app import create_app
    from quotestance.service.http.metrics import ServiceMetrics
except ImportError as error:
    if error.name not in ("alembic", "fastapi", "prometheus_client", "pydantic", "sqlalchemy", "starlette", "uvicorn"):
        raise
    raise InputError("serving needs packages that are not installed: pip install 'quotestance[serve]'") from error

_SECOND_TO_ANSWER = 1.0  # beyond the time to drain, for the answers to be sent


class _DrainingServer(uvicorn.Server):
    """uvicorn, which on SIGTERM or SIGINT closes the engine to new work at once, and then ends with status 0."""

    def __init__(self, config: uvicorn.Config, engine: Engine) -> None:
        super().__init__(config)
        self._engine = engine

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # not handed on to uvicorn's own, which would raise the signal once more after a good end
        self._engine.begin_drain()
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


def serve(flags: dict[str, Any]) -> int:
    """Serve until told to stop; the exit status.

    Raises InputError for settings, keys or an address that cannot be used, and ModelError for the model.
    """
    settings = serve_settings(os.environ, flags)
    keys = load_keys(settings.keys_file, os.environ)
    location = feedback_location(settings.feedback, os.environ)
    feedback = FeedbackStore(location) if location else None
    listener = _listener(settings)
    log_to_stderr()
    _summarise(settings, keys, listener, str(location or OFF))
    metrics = ServiceMetrics()
    engine = Engine(lambda: _load(settings), settings.engine_limits, metrics, lambda: _end(server))
    facts = model_facts(settings.model)
    app = create_app(engine, settings, keys, metrics, lambda: facts, feedback)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(settings.drain_seconds + _SECOND_TO_ANSWER),
    )
    server = _DrainingServer(config, engine)
    engine.start()
    if feedback is not None:
        feedback.open_soon()
    asyncio.run(_run(server, listener))
    if engine.load_error is not None:
        if isinstance(engine.load_error, ModelError | InputError):
            raise engine.load_error
        raise ModelError(f"the model cannot be used: {type(engine.load_error).__name__}") from engine.load_error
    # the answers are sent by now, or given up: only a batch that nobody waits for may still run
    finished = engine.stop(_SECOND_TO_ANSWER)
    log_event(logging.INFO, "stopped", all_accepted_work_done=finished)
    return DONE


async def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    await server.serve(sockets=[listener])


def _end(server: uvicorn.Server) -> None:
    server.should_exit = True


def _load(settings: ServeSettings) -> LoadedModel:
    if settings.threads:
        import torch

        torch.set_num_threads(settings.threads)
    return load_model(settings.model)


def _listener(settings: ServeSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise InputError(f"cannot listen on {settings.host}, port {settings.port}: {error.strerror}") from None


def _summarise(settings: ServeSettings, keys: ApiKeys, listener: socket.socket, feedback: str) -> None:
    shown = asdict(settings) | {"port": listener.getsockname()[1], "keys": len(keys), "feedback": feedback}
    log_event(logging.INFO, "settings", **shown)
    if not settings.is_loopback and not len(keys):
        log_event(logging.WARNING, "open to the network without a key: set QUOTESTANCE_KEYS or --keys-file")
