"""The service against its own description: whatever is sent, no 5xx, and every answer is one that was described.

The suite sends a few cases to each route; `QUOTESTANCE_FUZZ_CASES=500 pytest tests/service/test_fuzz.py` so many.
"""

import os
from collections.abc import Iterator

import pytest
from serving import ControlledModel, until

pytest.importorskip("fastapi", reason="the service needs the serve extra")
pytest.importorskip("schemathesis", reason="needs schemathesis (the dev extra)")
import schemathesis
from hypothesis import HealthCheck, settings

from quotestance.service.engine.engine import Engine
from quotestance.service.engine.model_watch import Attempt
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.app import create_app
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.model_facts import model_facts
from quotestance.service.http.service import Reloading
from quotestance.service.http.settings import ServeSettings

CASES = int(os.environ.get("QUOTESTANCE_FUZZ_CASES", "8"))
KEY = "a-key-of-the-newsroom"
UNCHANGED = Attempt("unchanged", "v1", "fake-1", None, "2026-01-02T03:04:05+00:00", 0.1)

SETTINGS = ServeSettings(max_items=5, max_targets=3, linger_ms=0.0)
METRICS = ServiceMetrics()
ENGINE = Engine(ControlledModel, SETTINGS.engine_limits, METRICS)
RELOADING = Reloading(lambda: UNCHANGED, lambda: UNCHANGED)
APP = create_app(ENGINE, SETTINGS, ApiKeys([KEY]), METRICS, lambda: model_facts(None), RELOADING)


@pytest.fixture(scope="module", autouse=True)
def engine() -> Iterator[None]:
    ENGINE.start()
    until(lambda: ENGINE.ready)
    yield
    ENGINE.stop(20)


schema = schemathesis.openapi.from_asgi("/openapi.json", APP)


@schema.parametrize()
@settings(max_examples=CASES, deadline=None, derandomize=CASES < 100, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_was_described(case):
    case.call_and_validate(headers={"Authorization": f"Bearer {KEY}"})
