"""The service against its own description: whatever is sent, no 5xx, and every answer is one that was described.

The suite sends a few cases to each route; `QUOTESTANCE_FUZZ_CASES=500 pytest tests/service/test_fuzz.py` so many.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from feedback_serving import store_at
from serving import ControlledModel, until

pytest.importorskip("fastapi", reason="the service needs the serve extra")
pytest.importorskip("schemathesis", reason="needs schemathesis (the dev extra)")
import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotestance.service.engine.engine import Engine
from quotestance.service.engine.model_watch import Attempt
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.app import create_app
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.model_facts import model_facts
from quotestance.service.http.service import Reloading
from quotestance.service.http.settings import ServeSettings
from quotestance.service.page.routes import PREFIX, static_files

CASES = int(os.environ.get("QUOTESTANCE_FUZZ_CASES", "8"))
KEY = "a-key-of-the-newsroom"
UNCHANGED = Attempt("unchanged", "v1", "fake-1", None, "2026-01-02T03:04:05+00:00", 0.1)

SETTINGS = ServeSettings(max_items=5, max_targets=3, linger_ms=0.0)
METRICS = ServiceMetrics()
ENGINE = Engine(ControlledModel, SETTINGS.engine_limits, METRICS)
RELOADING = Reloading(lambda: UNCHANGED, lambda: UNCHANGED)
FOLDER = tempfile.TemporaryDirectory()
STORE = store_at(Path(FOLDER.name) / "feedback.sqlite")
APP = create_app(ENGINE, SETTINGS, ApiKeys([KEY]), METRICS, lambda: model_facts(None), RELOADING, STORE)


@pytest.fixture(scope="module", autouse=True)
def engine() -> Iterator[None]:
    ENGINE.start()
    until(lambda: ENGINE.ready)
    yield
    ENGINE.stop(20)
    STORE.close()
    FOLDER.cleanup()


cases = settings(max_examples=CASES, deadline=None, derandomize=CASES < 100, suppress_health_check=list(HealthCheck))
schema = schemathesis.openapi.from_asgi("/openapi.json", APP)


def with_its_parts(correction):
    """What no schema can say made true: quote, speaker and cue are parts of the text, where their offsets say."""
    made = dict(correction)
    for part, start, end in (("quote", "start", "end"), *((p, f"{p}_start", f"{p}_end") for p in ("speaker", "cue"))):
        if isinstance(words := made.get(part), str):
            made["text"] += words
            if made.get(start) is not None:
                made |= {start: len(made["text"]) - len(words), end: len(made["text"])}
    return made


@schema.parametrize()
@cases
def test_every_answer_is_one_that_was_described(case):
    if case.operation.label == "POST /v1/feedback" and case.meta.generation.mode.is_positive:
        case.body = with_its_parts(case.body)
    case.call_and_validate(headers={"Authorization": f"Bearer {KEY}"})


HEADERS = ("accept", "accept-encoding", "if-none-match", "range", "content-type", "x-request-id")
ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
PATHS = st.sampled_from(["/", "/docs", *(PREFIX + file.name for file in static_files())]) | ASCII.map(PREFIX.__add__)


@cases
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]),
    path=PATHS,
    query=ASCII,
    headers=st.dictionaries(st.sampled_from(HEADERS), ASCII),
    body=st.binary(max_size=200),
)
def test_the_page_is_sent_or_refused_whatever_is_asked(method, path, query, headers, body):
    # the page is not in the description
    async def once():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://test") as client:
            return await client.request(method, path, params={"q": query}, headers=headers, content=body)

    answer = asyncio.run(once())
    assert answer.status_code < 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
