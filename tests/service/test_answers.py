"""What answers carry beside their results: times, versions, truncation; and fields given twice."""

import asyncio
import json

import pytest
from serving import ControlledModel, until

pytest.importorskip("fastapi", reason="the service needs the serve extra")
import httpx

from quotestance.model import load
from quotestance.model.stopwatch import timed
from quotestance.model.types import Stance
from quotestance.service.engine.engine import Engine, EngineLimits
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.app import create_app
from quotestance.service.http.doubled_key import doubled_key
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.settings import ServeSettings

ROW = {"text": "Omar Fell said: I condemn it.", "actor": "Omar Fell", "target": "the raid"}


class TimedModel(ControlledModel):
    @timed("tokenise")
    def stance(self, rows):
        stances = super().stance(rows)
        return [Stance(s.label, s.probabilities, s.abstained, tokens=24, truncated=True) for s in stances]


@pytest.fixture
def model():
    return TimedModel()


@pytest.fixture
def ask(model):
    metrics = ServiceMetrics()
    engine = Engine(lambda: model, EngineLimits(batch_tokens=1, linger=0.0), metrics)
    app = create_app(engine, ServeSettings(), ApiKeys(()), metrics, dict)
    engine.start()
    until(lambda: engine.ready)

    def go(*requests):
        async def all_of_them():
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=30) as client:
                return [await client.request(method, path, **options) for method, path, options in requests]

        return asyncio.run(all_of_them())

    go.engine = engine
    yield go
    engine.stop(20)


def test_times_truncation_and_tokens_are_in_the_answer_and_the_metrics(ask):
    answer, metrics = ask(("POST", "/v1/stance", {"json": {"inputs": [ROW]}}), ("GET", "/metrics", {}))
    result = answer.json()["results"][0]
    assert (result["truncated"], result["tokens"]) == (True, 24)
    timing = dict(entry.split(";dur=") for entry in answer.headers["server-timing"].split(", "))
    assert list(timing) == ["queue", "tokenise", "inference", "model"]
    assert float(timing["tokenise"]) <= float(timing["model"])
    lines = metrics.text.splitlines()
    for line in (
        "quotestance_truncated_inputs_total 1.0",
        "quotestance_tokenise_seconds_count 1.0",
        "quotestance_inference_seconds_count 1.0",
    ):
        assert line in lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)


def test_a_request_over_a_swap_names_for_each_result_who_scored_it(model, ask):
    newer = TimedModel()
    newer.version = "fake-2"
    plain = model.stance

    def swapping(rows):
        ask.engine.swap(newer)
        return plain(rows)

    model.stance = swapping
    (answer,) = ask(("POST", "/v1/stance", {"json": {"inputs": [ROW, {**ROW, "text": " "}, ROW]}}))
    assert [result.get("model") for result in answer.json()["results"]] == ["fake-1", None, "fake-2"]
    assert answer.json()["model"] == "fake-2"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ('{"a": 1, "b": [{"c": 1}, {"c": 1, "c": 2}]}', ["b", 1, "c"]),
        ('{"a": {"b": 1, "b": 2}, "a": 3}', ["a"]),
        ('{"a": [1, {"b": 2}], "c": "\\u0061"}', None),
        ('{"a": 1, "\\u0061": 1}', ["a"]),
        ("[]", None),
    ],
)
def test_where_a_field_is_given_twice(body, path):
    assert doubled_key(body.encode()) == path


def test_a_field_given_twice_is_422_and_named(ask, model):
    body = (
        json.dumps({"inputs": [ROW, ROW]})
        .replace('"actor"', '"target"', 1)
        .replace('"text"', '"actor": "x", "text"', 1)
    )
    headers = {"Content-Type": "application/json"}
    (answer,) = ask(("POST", "/v1/stance", {"content": body, "headers": headers}))
    assert answer.status_code == 422
    assert answer.json()["places"] == [{"place": "inputs[0].target", "problem": "given twice"}]
    assert model.calls == []


def test_the_scorer_tells_how_much_it_read():
    shipped = load()
    short, long = shipped.stance([ROW, {**ROW, "text": "It was a grave mistake. " * 200}])
    assert (short.truncated, long.truncated) == (False, True)
    assert 10 < short.tokens < long.tokens <= shipped.scorer.config.max_tokens
