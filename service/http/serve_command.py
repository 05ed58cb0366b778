"""The `serve` command: settings, socket, engine and routes put together, and ended in good order."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from quotestance.model.errors import InputError, ModelError
from quotestance.service.engine.cores import shared_out
from quotestance.service.engine.engine import Engine
from quotestance.service.engine.model_source import ModelSource
from quotestance.service.engine.model_watch import ModelWatch
from quotestance.service.exit_status import DONE
from quotestance.service.http.api_keys import ApiKeys, RotatingKeys
from quotestance.service.http.model_facts import model_facts
from quotestance.service.http.settings import ServeSettings, config_of, serve_settings
from quotestance.service.loading import LoadedModel, import_loader, load_model
from quotestance.service.logs import log_event, log_to_stderr
from quotestance.service.torch_environment import wait_asleep
from quotestance.service.usable_cores import usable_cores

try:
    import uvicorn

    from quotestance.service.feedback.location import OFF, feedback_location
    from quotestance.service.feedback.store import FeedbackStore
    from quotestance.service.http.app import create_app
    from quotestance.service.http.metrics import ServiceMetrics
    from quotestance.service.http.server import draining_server
    from quotestance.service.http.service import Reloading
    from quotestance.service.http.upkeep import Upkeep
except ImportError as error:
    if error.name not in ("alembic", "fastapi", "prometheus_client", "pydantic", "sqlalchemy", "starlette", "uvicorn"):
        raise
    raise InputError("serving needs packages that are not installed: pip install 'quotestance[serve]'") from error

_SWITCH = 0.00005  # seconds; in Python's 0.005, workers and event loop would wait for each other while a core is idle
_LAST_BATCH = 1.0  # seconds for a batch that nobody waits for
_LAST_LOOK = 0.2  # seconds for a thread that has nothing in hand


def serve(flags: dict[str, Any], config_file: Path | None = None) -> int:
    """Serve until told to stop; the exit status.

    Raises InputError for settings, keys or an address that cannot be used, and ModelError for the model.
    """
    settings = serve_settings(os.environ, flags, config_file)
    keys = RotatingKeys(settings.keys_file, os.environ)
    location = feedback_location(settings.feedback, os.environ)
    feedback = FeedbackStore(location) if location else None
    listener = _listener(settings)
    log_to_stderr()
    _ignore_hangup()
    _summarise(settings, keys, listener, config_file or config_of(os.environ), str(location or OFF))
    # a pool beside the worker's own would take the cores from the requests
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    wait_asleep()
    metrics = ServiceMetrics()
    watch = ModelWatch(ModelSource(settings.model, lambda folder: load_model(folder)), metrics, model_facts)
    workers, threads = shared_out(settings.threads or _threads_set() or usable_cores())
    limits = replace(settings.engine_limits, workers=workers)
    engine = Engine(lambda: _first(watch, threads), limits, metrics, lambda: _end(server))
    upkeep = Upkeep(engine, watch, keys, settings.poll_seconds)
    reloading = Reloading(upkeep.reload_model, lambda: watch.last_attempt)
    app = create_app(engine, settings, keys, metrics, lambda: watch.facts, reloading, feedback)
    server = draining_server(app, engine, settings, metrics.connection_closed)
    engine.start()
    upkeep.start()
    if feedback is not None:
        feedback.open_soon()
    switching = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH)
    try:
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(_run(server, listener, upkeep.all_again))
    finally:
        _ignore_hangup()  # the loop, now closed, would have one end the process
        sys.setswitchinterval(switching)
        upkeep.stop()
        if feedback is not None:
            # or SQLite leaves what it took last in a file beside the one that was named
            feedback.close()
    if engine.load_error is not None:
        if isinstance(engine.load_error, ModelError | InputError):
            raise engine.load_error
        raise ModelError(f"the model cannot be used: {type(engine.load_error).__name__}") from engine.load_error
    # the answers are sent by now, or given up: only a batch that nobody waits for may still run
    finished = engine.stop(_LAST_BATCH) and not server.gave_up
    log_event(logging.INFO, "stopped", all_accepted_work_done=finished)
    _leave_threads_behind()
    return DONE


def _leave_threads_behind() -> None:
    """End the process here, where a thread still loads a model or computes: within torch, the interpreter's own end
    would make an abort of it."""
    ours = [thread for thread in threading.enumerate() if thread.name.startswith("quotestance-")]
    for thread in ours:
        thread.join(_LAST_LOOK)
    if any(thread.is_alive() for thread in ours):
        logging.shutdown()
        os._exit(DONE)


async def _run(server: uvicorn.Server, listener: socket.socket, on_hangup: Callable[[], None]) -> None:
    if hasattr(signal, "SIGHUP"):
        # in the loop and not in the signal's own frame, where a lock may be held by what was interrupted
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, on_hangup)
    await server.serve(sockets=[listener])


def _end(server: uvicorn.Server) -> None:
    server.should_exit = True


def _threads_set() -> int:
    """What the user has set for OpenMP; 0 where that is nothing."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return int(wanted) if wanted.isdecimal() else 0


def _first(watch: ModelWatch, threads: int) -> LoadedModel:
    import_loader()  # here, where no caller has the model at hand: `quick_imports`
    import torch

    torch.set_num_threads(threads)  # of each worker
    return watch.first()


def _ignore_hangup() -> None:
    if hasattr(signal, "SIGHUP"):
        # until the loop runs, one that comes early must not end the process
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _listener(settings: ServeSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
        # its connections inherit this; asyncio sets it only on sockets of its own, and an answer's body would wait
        # 40 ms for the caller to acknowledge its head
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise InputError(f"cannot listen on {settings.host}, port {settings.port}: {error.strerror}") from None


def _summarise(
    settings: ServeSettings, keys: ApiKeys, listener: socket.socket, config: Path | None, feedback: str
) -> None:
    shown = settings.shown | {"port": listener.getsockname()[1], "keys": len(keys), "config": config}
    shown["feedback"] = feedback
    log_event(logging.INFO, "settings", **shown)
    if not settings.is_loopback and not len(keys):
        log_event(logging.WARNING, "open to the network without a key: set QUOTESTANCE_KEYS or --keys-file")
