"""The feedback routes asked in process, around the fake model."""

import asyncio
import json
from contextlib import contextmanager

import httpx
from serving import ControlledModel, until

from quotestance.service.engine.engine import Engine
from quotestance.service.feedback.location import feedback_location
from quotestance.service.feedback.store import FeedbackStore
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.app import create_app
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.settings import ServeSettings

TEXT = 'Harbour raid draws protest.\n"We will not forget this", said Ines Holt of Norvania. Sudmark kept silent.'
QUOTE = "We will not forget this"
BODY = {"text": TEXT, "actor": "Norvania", "target": "the harbour raid", "stance": "condemning", "quote": QUOTE}


def store_at(setting, environment=None):
    return FeedbackStore(feedback_location(str(setting), environment or {}))


class FeedbackService:
    def __init__(self, app, store):
        self.app = app
        self.store = store

    def ask(self, method="POST", path="/v1/feedback", **options):
        async def once():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=30) as client:
                return await client.request(method, path, **options)

        return asyncio.run(once())

    def correct(self, **fields):
        """BODY with these fields in place of its own; a None takes one out."""
        return self.ask(json={name: value for name, value in (BODY | fields).items() if value is not None})

    def labels(self, query=""):
        answer = self.ask("GET", f"/v1/feedback{query}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/x-ndjson"
        return [json.loads(line) for line in answer.text.split("\n") if line]

    def metrics(self):
        return self.ask("GET", "/metrics").text


@contextmanager
def feedback_serving(setting, keys=(), ready=True, **settings):
    """A service that keeps its feedback there; None is off."""
    model = ControlledModel()
    settings = ServeSettings(**settings)
    metrics = ServiceMetrics()
    engine = Engine(lambda: model, settings.engine_limits, metrics)
    store = None if setting is None else store_at(setting)
    app = create_app(engine, settings, ApiKeys(keys), metrics, dict, feedback=store)
    if ready:
        engine.start()
        until(lambda: engine.ready)
    try:
        yield FeedbackService(app, store)
    finally:
        engine.stop(20)
        if store is not None:
            store.close()
