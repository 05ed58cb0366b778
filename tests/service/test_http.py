"""The routes: bodies, status codes, keys, limits, headers, metrics and logs; and the whole program's start and end."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes import TEXT
from serving import SECRET, ControlledModel, until

pytest.importorskip("fastapi", reason="the service needs the serve extra")
import httpx

from quotestance.model.errors import InputError, ModelError
from quotestance.model.types import Article
from quotestance.service.cli import main
from quotestance.service.engine.engine import Engine
from quotestance.service.http import serve_command
from quotestance.service.http.api_keys import ApiKeys, load_keys
from quotestance.service.http.app import create_app
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.request_schema import ArticleIn
from quotestance.service.http.settings import ServeSettings, serve_settings
from quotestance.service.logs import JsonLines
from quotestance.service.reading_json import reading_json

KEYS = ("first-key-0123456789", "second-key-012345678")
FACTS = {"stances": ["supportive"], "threshold": 0.5}
PATH = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])


class Served:
    """The application around an engine, asked in process."""

    def __init__(self, engine, app):
        self.engine = engine
        self.app = app

    def ask(self, method, path, **options):
        return self.ask_all([(method, path, options)])[0]

    def ask_all(self, requests):
        async def together():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=30) as client:
                return await asyncio.gather(*(client.request(m, p, **o) for m, p, o in requests))

        return asyncio.run(together())

    def articles(self, *articles, **options):
        return self.ask("POST", "/v1/articles", json={"articles": list(articles)}, **options)

    def raw(self, body, path="/v1/articles", **headers):
        return self.ask("POST", path, content=body, headers={"Content-Type": "application/json", **headers})


@contextmanager
def serving(model, keys=(), ready=True, **settings):
    settings = ServeSettings(**settings)
    metrics = ServiceMetrics()
    engine = Engine(lambda: model, settings.engine_limits, metrics)
    app = create_app(engine, settings, ApiKeys(keys), metrics, lambda: FACTS)
    if ready:
        engine.start()
        until(lambda: engine.ready)
    try:
        yield Served(engine, app)
    finally:
        model.gate.set()
        engine.stop(20)


@contextmanager
def busy(served, model):
    """While the worker is held with one article, which nobody waits for."""
    model.hold()
    submission = served.engine.submit([Article(id="held", text=TEXT)], time.monotonic() + 60)
    assert model.entered.wait(20)
    yield
    model.gate.set()
    submission.future.result(20)


@pytest.fixture
def model():
    return ControlledModel()


@pytest.fixture
def served(model):
    with serving(model) as served:
        yield served


def error_of(response, status):
    assert response.status_code == status, response.text
    body = response.json()
    assert body["request_id"] == response.headers["x-request-id"]
    return body["error"]


# What comes back


def test_articles_are_what_score_writes(served):
    given = {"id": "a1", "text": TEXT, "title": "A strike", "date": "2026-01-02", "source": "s", "url": "u"}
    response = served.articles(given, {"text": TEXT, "target": ["the raid", "the siege"]})
    assert response.status_code == 200
    body = response.json()
    readings = list(ControlledModel().read_many([Article(**given)]))
    assert body["results"][0] == reading_json(readings[0])
    assert body["model"] == "fake-1"
    assert [t["text"] for t in body["results"][1]["targets"]] == ["the raid", "the siege"]
    assert len(body["results"][1]["id"]) == 16


def test_scored_by_the_command_or_asked_by_http_is_the_same(served, run, tmp_path):
    rows = [{"text": TEXT, "title": "A strike"}, {"id": "x", "text": TEXT, "target": "the raid"}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run("score", "in.jsonl", "-o", "out.jsonl").status == 0
    scored = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    for article in scored:
        assert (article.pop("language"), article.pop("scored")) == (None, True)  # an archive's columns
    assert served.articles(*rows).json()["results"] == scored


def test_an_empty_quote_is_none(served):
    row = b'{"text": "a", "actor": "b", "target": "c", "quote": ""}'
    assert "inputs[0].quote" in error_of(served.raw(b'{"inputs": [%s]}' % row, "/v1/stance"), 422)


def test_an_empty_target_is_the_items_own_error_and_no_other_target():
    for own, asked in (("", "the raid"), (None, "")):
        assert ArticleIn(text=TEXT, target=own).article(asked).target == ""


def test_an_articles_own_target_goes_before_the_requests(served):
    articles = [{"text": TEXT}, {"text": TEXT, "target": "the siege"}]
    response = served.ask("POST", "/v1/articles", json={"articles": articles, "target": "the raid"})
    assert [r["target"] for r in response.json()["results"]] == [
        {"text": "the raid", "source": "given"},
        {"text": "the siege", "source": "given"},
    ]


def test_stances_are_what_the_command_writes(served, run, tmp_path):
    row = {"text": "Omar Fell said: I condemn it.", "actor": "Omar Fell", "target": "the raid", "quote": "I condemn it"}
    (tmp_path / "in.jsonl").write_text(json.dumps(row))
    assert run("stance", "in.jsonl", "-o", "out.jsonl").status == 0
    response = served.ask("POST", "/v1/stance", json={"inputs": [row, {**row, "id": "r2"}]})
    results = response.json()["results"]
    assert results[0] == json.loads((tmp_path / "out.jsonl").read_text())
    assert (results[1]["id"], results[1]["stance"]) == ("r2", "condemning")


def test_one_bad_item_gets_its_own_error(model):
    model.poison = {"bad"}
    with serving(model, max_characters=len(TEXT)) as served:
        items = [{"id": n, "text": t} for n, t in [("a", TEXT), ("empty", " "), ("bad", TEXT), ("long", TEXT + "x")]]
        results = served.articles(*items, {"id": "b", "text": TEXT}).json()["results"]
    assert [r["id"] for r in results] == ["a", "empty", "bad", "long", "b"]
    assert [sorted(r) if "error" in r else "read" for r in results] == [
        "read", ["error", "id"], ["error", "id"], ["error", "id"], "read",
    ]  # fmt: skip
    assert results[1]["error"] == "`text` is empty"
    assert SECRET not in json.dumps(results)


def test_many_callers_at_once_get_their_own(served):
    names = [[f"{c}-{i}" for i in range(1 + c % 5)] for c in range(30)]
    asked = [("POST", "/v1/articles", {"json": {"articles": [{"id": n, "text": TEXT} for n in ns]}}) for ns in names]
    answers = served.ask_all(asked)
    assert [[r["id"] for r in answer.json()["results"]] for answer in answers] == names


def test_the_model_and_its_limits(served):
    body = served.ask("GET", "/v1/model").json()
    assert body["version"] == "fake-1"
    assert body["threshold"] == 0.5
    assert body["limits"]["max_items"] == 64


# 422: the schema


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"articles": [{"text": "a"}, {"text": "b", "txt": "c"}]}', "articles[1].txt"),
        (b'{"articles": [{"text": 7}]}', "articles[0].text"),
        (b'{"articles": [{"text": null}]}', "articles[0].text"),
        (b'{"articles": [{"text": NaN}]}', "articles[0].text"),
        (b'{"articles": [{"text": Infinity}]}', "articles[0].text"),
        (b'{"articles": [{"text": 1e999}]}', "articles[0].text"),
        (b'{"articles": [{"text": %s}]}' % (b"9" * 5000), "line 1 column"),
        (b'{"articles": [{"text": "a", "id": 3}]}', "articles[0].id"),
        (b'{"articles": [{"text": "a", "target": 3}]}', "articles[0].target"),
        (b'{"articles": [{"text": "a", "target": ["b", 3]}]}', "articles[0].target[1]"),
        (b'{"articles": [{}]}', "articles[0].text"),
        (b'{"articles": []}', "articles"),
        (b'{"articles": "a"}', "articles"),
        (b'{"articles": [{"text": "a"}], "more": 1}', "more"),
        (b"{}", "articles"),
        (b"[]", "body"),
        (b"null", "body"),
        (b'{"articles": [{"text": "\\ud800"}]}', "line 1 column 31"),
        (b'{"articles":\n [{"text": "\xff"}]}', "line 2 column 13"),
        (b'{"articles": [{"text": "\xed\xa0\x80"}]}', "line 1 column 25"),
        (b'{"articles": [', "line 1 column 14"),
        (b"", "line 1 column 0"),
        (b"[" * 100_000, "line 1 column"),
    ],
)
def test_what_is_not_the_schema_is_422_and_names_the_place(served, model, body, place):
    response = served.raw(body)
    error = error_of(response, 422)
    places = [entry["place"] for entry in response.json()["places"]]
    assert any(p.startswith(place) if place.startswith("line") else p == place for p in places), response.text
    assert places[0] in error
    assert model.calls == []


def test_the_schema_of_inputs(served):
    response = served.raw(b'{"inputs": [{"text": "a", "actor": "b"}]}', "/v1/stance")
    assert error_of(response, 422).startswith("inputs[0].target: ")


def test_a_long_article_may_not_have_many_targets(model):
    with serving(model, max_characters=300) as served:
        many = {"text": TEXT, "target": ["a", "b", "c"]}
        good, bad = served.articles({"text": TEXT, "target": "a"}, many).json()["results"]
        assert "error" not in good
        assert bad["error"] == f"`text` has {len(TEXT)} characters; the limit with 3 targets is 100"


def test_too_many_items_or_targets(model):
    with serving(model, max_items=2, max_targets=2) as served:
        assert error_of(served.articles(*[{"text": TEXT}] * 3), 422) == "articles: 3 items; the limit is 2"
        error = error_of(served.articles({"text": TEXT}, {"text": TEXT, "target": ["a", "b", "c"]}), 422)
        assert error == "articles[1].target: 3 targets; the limit is 2"
        row = {"text": "a", "actor": "b", "target": "c"}
        error_of(served.ask("POST", "/v1/stance", json={"inputs": [row] * 3}), 422)
        assert served.articles({"text": TEXT}, {"text": TEXT}).status_code == 200


# The other status codes


def test_another_content_type_is_415(served):
    error_of(served.ask("POST", "/v1/articles", content=b"{}", headers={"Content-Type": "text/plain"}), 415)


def test_no_such_route(served):
    error_of(served.ask("GET", "/nope"), 404)
    assert served.ask("GET", "/v1/articles").headers["allow"] == "POST"


def test_a_body_that_is_announced_too_large_is_413(model):
    with serving(model, max_body_bytes=100) as served:
        error_of(served.articles({"text": TEXT}), 413)


def test_a_body_is_counted_while_it_comes(model):
    sent = 0

    async def endless():
        nonlocal sent
        while sent < 10**6:
            sent += 1000
            yield b" " * 1000

    with serving(model, max_body_bytes=5_000) as served:
        error_of(served.raw(endless()), 413)
    assert sent < 10_000


def test_a_full_queue_is_429_and_says_when_to_come_back(model):
    with serving(model, max_items=1, queue_items=1) as served, busy(served, model):
        served.engine.submit([Article(id="waits", text=TEXT)], time.monotonic() + 60)
        started = time.monotonic()
        response = served.articles({"text": TEXT})
        assert time.monotonic() - started < 5
        error_of(response, 429)
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert served.ask("GET", "/livez").status_code == 200
        assert served.ask("GET", "/readyz").status_code == 200


def test_loading_is_503(model):
    with serving(model, ready=False) as served:
        response = served.articles({"text": TEXT})
        error_of(response, 503)
        assert response.headers["retry-after"]
        error_of(served.ask("GET", "/v1/model"), 503)
        ready = served.ask("GET", "/readyz")
        assert (ready.status_code, ready.json()) == (503, {"status": "loading"})
        assert served.ask("GET", "/livez").status_code == 200


def test_draining_is_503_and_what_was_accepted_is_answered(model):
    with serving(model) as served:
        model.hold()
        answers = []
        accepted = threading.Thread(target=lambda: answers.append(served.articles({"text": TEXT})))
        accepted.start()
        assert model.entered.wait(20)
        served.engine.begin_drain()
        error_of(served.articles({"text": TEXT}), 503)
        assert served.ask("GET", "/readyz").json() == {"status": "draining"}
        model.gate.set()
        accepted.join(20)
    assert [answer.status_code for answer in answers] == [200]


def test_a_model_that_does_not_run_is_503_and_not_ready(model):
    with serving(model) as served:
        model.broken = True
        model.poison = {"x"}
        error_of(served.articles({"id": "x", "text": TEXT}), 503)
        assert served.ask("GET", "/readyz").json() == {"status": "failing"}
        model.broken = False
        until(lambda: served.ask("GET", "/readyz").status_code == 200)


def test_a_worker_that_explodes_answers_and_the_next_request_is_served(model):
    model.poison, model.raises = {"bomb"}, SystemExit(SECRET)
    with serving(model) as served:
        assert SECRET not in error_of(served.articles({"id": "bomb", "text": TEXT}), 503)
        assert served.articles({"text": TEXT}).status_code == 200


def test_past_the_deadline_is_504_even_while_the_worker_is_busy(model):
    with serving(model, deadline_seconds=0.2) as served, busy(served, model):
        error_of(served.articles({"id": "late", "text": TEXT}), 504)
    assert "late" not in model.computed


def test_a_body_that_does_not_come_is_504(model):
    async def slow():
        yield b"{"
        await asyncio.sleep(20)

    with serving(model, deadline_seconds=0.2) as served:
        error_of(served.raw(slow()), 504)


def test_a_caller_who_leaves_is_not_computed_for(model):
    body = json.dumps({"articles": [{"id": "gone", "text": TEXT}]}).encode()
    left = asyncio.Event()
    scope = {
        "type": "http", "method": "POST", "path": "/v1/articles", "raw_path": b"/v1/articles", "query_string": b"",
        "root_path": "", "headers": [(b"content-type", b"application/json")], "http_version": "1.1",
        "asgi": {"version": "3.0"}, "scheme": "http", "server": ("test", 80), "client": None,
    }  # fmt: skip
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        if messages:
            return messages.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        pass

    async def leave(served):
        asked = asyncio.ensure_future(served.app(scope, receive, send))
        while not served.engine.waiting_items:
            await asyncio.sleep(0.005)
        left.set()
        await asyncio.wait_for(asked, 10)

    with serving(model) as served:
        with busy(served, model):
            asyncio.run(leave(served))
        assert served.articles({"id": "stays", "text": TEXT}).status_code == 200
        assert 'quotestance_requests_total{route="/v1/articles",status="499"} 1.0' in served.ask("GET", "/metrics").text
    assert model.computed == ["held", "stays"]


# Keys


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": f"Bearer {KEYS[0]}"}, 200),
        ({"authorization": f"bearer  {KEYS[1]}"}, 200),
        ({"X-API-Key": KEYS[1]}, 200),
        ({"X-API-Key": KEYS[1] + "x"}, 401),
        ({"X-API-Key": KEYS[1][:-1]}, 401),
        ({"X-API-Key": ""}, 401),
        ({"X-API-Key": "schlüssel".encode("latin-1")}, 401),
        ({"Authorization": f"Basic {KEYS[0]}"}, 401),
        ({"Authorization": "Bearer"}, 401),
    ],
)
def test_keys(model, headers, status):
    with serving(model, KEYS) as served:
        answers = [
            served.ask("POST", "/v1/articles", json={"articles": [{"text": TEXT}]}, headers=headers),
            served.ask("GET", "/v1/model", headers=headers),
            served.ask("GET", "/metrics", headers=headers),
        ]
        assert [answer.status_code for answer in answers] == [status] * 3
        assert [served.ask("GET", path).status_code for path in ("/livez", "/readyz")] == [200, 200]
        if status == 401:
            assert answers[0].headers["www-authenticate"] == "Bearer"
            # nothing of a stranger's body is looked at
            assert served.raw(b"not json").status_code == 401


def test_every_key_is_compared_whatever_the_first_one_says(monkeypatch):
    from quotestance.service.http import api_keys

    compared = []
    real = api_keys.hmac.compare_digest
    monkeypatch.setattr(api_keys.hmac, "compare_digest", lambda a, b: compared.append(1) or real(a, b))
    assert ApiKeys(KEYS).admit({"x-api-key": KEYS[0]})
    assert len(compared) == len(KEYS)


@pytest.mark.parametrize("value", [",", " ", " , "])
def test_a_variable_without_a_key_does_not_open_the_service(value):
    with pytest.raises(InputError, match="QUOTESTANCE_KEYS: holds no key"):
        load_keys(None, {"QUOTESTANCE_KEYS": value})


def test_keys_from_file_and_environment(tmp_path):
    file = tmp_path / "keys"
    file.write_text(f"# the newsroom's\n{KEYS[0]}\n\n")
    keys = load_keys(file, {"QUOTESTANCE_KEYS": f"{KEYS[1]}, "})
    assert [keys.admit({"x-api-key": key}) for key in (*KEYS, "# the newsroom's")] == [True, True, False]
    assert len(load_keys(None, {})) == 0


@pytest.mark.parametrize("text", ["", "# none\n", "short", "0123456789 abcdefgh", "0123456789äöü-xyz", "\xff" * 20])
def test_keys_that_cannot_be_used(tmp_path, text):
    file = tmp_path / "keys"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match="keys") as error:
        load_keys(file, {})
    assert "short" not in str(error.value).replace("too short", "")


# Headers, metrics, logs


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/v1/model", "/docs", "/openapi.json", "/nope"])
def test_security_headers_are_on_every_answer(served, path):
    headers = served.ask("GET", path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_request_ids_are_taken_over_or_made(served):
    assert served.ask("GET", "/livez", headers={"X-Request-ID": "trace-1.a_B"}).headers["x-request-id"] == "trace-1.a_B"
    for bad in ("", "a b", 'x"y', "x" * 65):
        made = served.ask("GET", "/livez", headers={"X-Request-ID": bad}).headers["x-request-id"]
        assert len(made) == 32
    assert served.ask("GET", "/livez").headers["x-request-id"] != made


def test_metrics(served):
    served.articles({"text": TEXT}, {"text": " "})
    served.ask("GET", "/some/typing/error")
    text = served.ask("GET", "/metrics").text
    for line in (
        'quotestance_requests_total{route="/v1/articles",status="200"} 1.0',
        'quotestance_requests_total{route="other",status="404"} 1.0',
        "quotestance_batch_items_count 1.0",
        "quotestance_queue_seconds_count 1.0",
        "quotestance_stances_total 3.0",
        "quotestance_abstained_stances_total 1.0",
        "quotestance_refused_items_total 1.0",
        "quotestance_queue_items 0.0",
        "quotestance_ready 1.0",
        'quotestance_model_info{version="fake-1"} 1.0',
    ):
        assert line in text.splitlines(), line


def test_times_are_in_the_answer(served):
    assert served.articles({"text": TEXT}).headers["server-timing"].startswith("queue;dur=")


def test_the_description_holds_the_bodies_and_needs_no_other_host(served):
    document = served.ask("GET", "/openapi.json").json()
    routes = {"/v1/articles", "/v1/stance", "/v1/feedback", "/v1/model", "/v1/model/reload"}
    assert set(document["paths"]) == routes | {"/livez", "/readyz", "/metrics"}
    reference = document["paths"]["/v1/stance"]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert document["components"]["schemas"][reference.rsplit("/", 1)[1]]["properties"]["inputs"]
    assert {"401", "413", "422", "429", "503", "504"} <= set(document["paths"]["/v1/articles"]["post"]["responses"])
    page = served.ask("GET", "/docs").text
    assert "POST /v1/articles" in page
    assert "http" not in page.replace("HTTP", "").replace("https://json-schema.org", "")
    assert "<script" not in page


def test_no_log_line_holds_a_word_of_an_article(model, caplog):
    caplog.handler.setFormatter(JsonLines())
    caplog.set_level(logging.WARNING, "httpx")  # the caller's side
    caplog.set_level(logging.DEBUG)
    model.poison = {"bad"}
    text = TEXT + SECRET
    with serving(model) as served:
        served.articles({"id": "bad", "text": text, "title": SECRET}, {"text": text, "target": SECRET})
        served.articles({"text": text, SECRET: 1})
        served.raw(json.dumps({"articles": [{"text": text}]}).encode()[:-1])
        served.ask("POST", "/v1/stance", json={"inputs": [{"text": text, "actor": SECRET, "target": SECRET}]})
        served.ask("GET", f"/{SECRET}?text={SECRET}", headers={"X-Request-ID": SECRET})
        model.poison, model.raises = {"bomb"}, SystemExit(SECRET)
        served.articles({"id": "bomb", "text": text})
        served.engine.check_open = lambda: (_ for _ in ()).throw(RuntimeError(SECRET))
        error_of(served.articles({"text": text}), 500)
    events = [json.loads(line) for line in caplog.text.splitlines() if line.startswith("{")]
    ours = {e["event"] for e in events}
    assert {"request", "item failed", "worker failed", "unexpected error"} <= ours
    logged = caplog.text
    for word in (SECRET, SECRET.replace(" ", "%20"), "Dora Lind", "the strike"):
        assert word not in logged
    requests = [e for e in events if e["event"] == "request"]
    assert {"request_id", "route", "status", "ms"} <= set(requests[0])
    assert [e["status"] for e in requests] == [200, 422, 422, 200, 404, 503, 500]


# Settings


def test_settings_flags_go_before_the_environment():
    environment = {"QUOTESTANCE_PORT": "9000", "QUOTESTANCE_MAX_ITEMS": "5", "QUOTESTANCE_LINGER_MS": "2.5"}
    settings = serve_settings(environment, {"port": 9001, "max_items": None})
    assert (settings.port, settings.max_items, settings.linger_ms) == (9001, 5, 2.5)
    assert settings.host == "127.0.0.1"
    assert settings.is_loopback


@pytest.mark.parametrize(
    ("environment", "flags", "place"),
    [
        ({"QUOTESTANCE_PORT": "tcp://10.0.0.1:80"}, {}, "QUOTESTANCE_PORT"),
        ({"QUOTESTANCE_PORT": "70000"}, {}, "QUOTESTANCE_PORT"),
        ({"QUOTESTANCE_DEADLINE_SECONDS": "nan"}, {}, "QUOTESTANCE_DEADLINE_SECONDS"),
        ({"QUOTESTANCE_MAX_BODY_BYTES": "8e6"}, {}, "QUOTESTANCE_MAX_BODY_BYTES"),
        ({}, {"max_items": 0}, "--max-items"),
        ({}, {"max_items": 500}, "500 items"),
    ],
)
def test_settings_that_cannot_be_used(environment, flags, place):
    with pytest.raises(InputError, match=place):
        serve_settings(environment, flags)


def test_a_port_in_use_and_a_missing_model_are_one_line(monkeypatch, capsys):
    def missing(folder):
        raise ModelError("gone: no such model folder")

    monkeypatch.setattr(serve_command, "load_model", missing)
    monkeypatch.setattr(serve_command, "log_to_stderr", lambda: None)
    assert main(["serve", "--port", "0"]) == 2
    assert capsys.readouterr().err == "quotestance: gone: no such model folder\n"
    with serve_command._listener(ServeSettings(port=0)) as listener:
        assert main(["serve", "--port", str(listener.getsockname()[1])]) == 2
    assert "cannot listen on 127.0.0.1" in capsys.readouterr().err


# The whole program

SLOW = """
import sys, time
from fakes import FakeModel
from quotestance.service import cli
from quotestance.service.http import serve_command
class Slow(FakeModel):
    def read_many(self, articles, target=None):
        articles = list(articles)
        time.sleep(0 if articles[0].id == "warm-up" else 1.0)
        return super().read_many(articles, target)
serve_command.load_model = lambda folder: Slow()
sys.exit(cli.main(sys.argv[1:]))
"""


def test_sigterm_answers_what_was_accepted_and_ends_with_0(tmp_path):
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW, "serve", "--port", "0", "--batch-tokens", "1"],
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
        env={**os.environ, "PYTHONPATH": PATH, "QUOTESTANCE_KEYS": KEYS[0]},
    )
    try:
        settings = json.loads(child.stderr.readline())
        assert (settings["event"], settings["host"], settings["keys"]) == ("settings", "127.0.0.1", 1)
        assert KEYS[0] not in json.dumps(settings)
        assert json.loads(child.stderr.readline())["event"] == "ready"
        url = f"http://127.0.0.1:{settings['port']}/v1/articles"
        answers = []

        def ask(name):
            body = {"articles": [{"id": name, "text": TEXT}]}
            answers.append(httpx.post(url, json=body, headers={"X-API-Key": KEYS[0]}, timeout=30).status_code)

        threads = [threading.Thread(target=ask, args=(str(i),)) for i in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        child.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(30)
        _, err = child.communicate(timeout=30)
    finally:
        child.kill()
        child.wait()
    assert answers == [200, 200, 200]
    assert child.returncode == 0, err
    assert json.loads(err.splitlines()[-1])["event"] == "stopped"
    assert json.loads(err.splitlines()[-1])["all_accepted_work_done"] is True


BUSY = """
import sys
from quotestance.service import cli
from quotestance.service.http import serve_command
def load(folder):
    import torch
    print("{}", file=sys.stderr, flush=True)
    numbers = torch.ones(600, 600)
    while True:
        numbers @ numbers
serve_command.load_model = load
sys.exit(cli.main(sys.argv[1:]))
"""


def test_sigterm_while_the_model_is_loaded_ends_with_0(tmp_path):
    pytest.importorskip("torch", reason="a thread within torch is what it is about")
    child = subprocess.Popen(
        [sys.executable, "-c", BUSY, "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
        env={**os.environ, "PYTHONPATH": PATH, "QUOTESTANCE_FEEDBACK": "off"},
    )
    try:
        assert json.loads(child.stderr.readline())["event"] == "settings"
        assert child.stderr.readline() == "{}\n"
        time.sleep(0.3)
        child.send_signal(signal.SIGTERM)
        _, err = child.communicate(timeout=30)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 0, err
    assert json.loads(err.splitlines()[-1])["event"] == "stopped"
