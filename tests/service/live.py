"""A service with a fake model on a real port, in a thread of the test's own process."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from serving import ControlledModel, until

from quotestance.service.engine.engine import Engine
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.app import create_app
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.model_facts import model_facts
from quotestance.service.http.server import draining_server
from quotestance.service.http.service import Reloading
from quotestance.service.http.settings import ServeSettings


class Live:
    """`server.server_state.connections` are those that are open."""

    def __init__(self, port, engine, server, app):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.engine = engine
        self.server = server
        self.app = app

    @property
    def connections(self):
        return len(self.server.server_state.connections)


@contextmanager
def live(
    model: ControlledModel, keys: Sequence[str] = (), reloading: Reloading | None = None, **settings
) -> Iterator[Live]:
    """Ready to be asked; what is accepted is finished at the end."""
    settings = ServeSettings(port=0, **settings)
    metrics = ServiceMetrics()
    engine = Engine(lambda: model, settings.engine_limits, metrics)
    app = create_app(engine, settings, ApiKeys(keys), metrics, lambda: model_facts(None), reloading)
    server = draining_server(app, engine, settings, metrics.connection_closed)
    server.config.host, server.config.port = "127.0.0.1", 0
    engine.start()
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        until(lambda: server.started and engine.ready)
        yield Live(server.servers[0].sockets[0].getsockname()[1], engine, server, app)
    finally:
        model.gate.set()
        server.should_exit = True
        thread.join(20)
        engine.stop(20)
