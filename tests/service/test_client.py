"""The client against a live service: parts, order, retries, and errors that say what is wrong."""

import itertools
import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fakes import TEXT
from serving import ControlledModel

pytest.importorskip("fastapi", reason="the service needs the serve extra")
pytest.importorskip("httpx", reason="the client needs the client extra")
import httpx
from live import live

from quotestance.model import Article, InputError, QuotestanceError
from quotestance.service.client import Client, OverloadedError, RefusedError, UnreachableError
from quotestance.service.client_retries import Retries, ask

KEY = "a-key-of-the-newsroom"
ROW = {"text": "Omar Fell said: I condemn it.", "actor": "Omar Fell", "target": "the raid", "quote": "I condemn it"}


@pytest.fixture
def model():
    return ControlledModel()


def test_articles_in_order_in_parts_of_what_the_service_takes(model):
    with live(model, max_items=3, batch_tokens=1) as served, Client(served.url) as client:
        asked = [{"id": f"a{i}", "text": TEXT} for i in range(7)]
        results = list(client.articles(asked, target=["the raid", "the siege"]))
        assert client.model()["version"] == "fake-1"
    assert [r["id"] for r in results] == [a["id"] for a in asked]
    assert [t["text"] for t in results[0]["targets"]] == ["the raid", "the siege"]
    assert [r["stance"] for r in results[0]["statements"]] == ["supportive", "condemning", "neutral"]


def test_articles_may_be_the_packages_own(model):
    with live(model) as served, Client(served.url) as client:
        given = [Article(id="", text=TEXT, title="A raid"), Article(id="b", text=TEXT, target=("x", "y"))]
        results = list(client.articles(given, target="the raid"))
    assert [r["target"]["text"] for r in results] == ["the raid", "x"]
    assert (len(results[0]["id"]), results[1]["id"]) == (16, "b")


def test_rows(model):
    with live(model) as served, Client(served.url) as client:
        results = list(client.stance([ROW, ROW | {"quote": "condemn it", "id": "x"}]))
        assert [(r["stance"], r["actor"]) for r in results] == [("condemning", "Omar Fell")] * 2
        assert results[1]["id"] == "x"
        assert list(client.stance([])) == []


def test_parts_are_cut_by_bytes_and_what_is_too_large_alone_is_an_error_in_its_place(model):
    with live(model, max_body_bytes=2_000) as served, Client(served.url) as client:
        long = {"id": "long", "text": "ü" * 1_500}
        asked = [{"id": f"a{i}", "text": TEXT * 5} for i in range(4)]
        results = list(client.articles([*asked[:2], long, *asked[2:]], target="the raid"))
    assert [r["id"] for r in results] == ["a0", "a1", "long", "a2", "a3"]
    assert results[2] == {"id": "long", "error": "over 2,000 bytes, the service's limit"}
    assert max(map(len, model.calls)) <= 3


def test_what_json_cannot_hold_is_an_error_in_its_place(model):
    with live(model) as served, Client(served.url) as client:
        nan, day = {"id": "nan", "text": TEXT, "title": float("nan")}, {"id": "day", "text": TEXT, "date": date.today()}
        results = list(client.articles([{"id": "a", "text": TEXT}, nan, day, TEXT, {"id": "b", "text": TEXT}]))
    assert [r["id"] for r in results] == ["a", "nan", "day", None, "b"]
    assert "not JSON compliant" in results[1]["error"]
    assert "date is not JSON serializable" in results[2]["error"]
    assert results[3]["error"]
    assert "error" not in results[0] | results[4]


def test_results_come_before_everything_was_read(model):
    with live(model, max_items=2) as served, Client(served.url) as client:
        taken = []

        def endless():
            for i in itertools.count():
                taken.append(i)
                yield {"id": str(i), "text": TEXT}

        results = client.articles(endless())
        assert [next(results)["id"] for _ in range(5)] == list("01234")
        assert len(taken) < 10


def test_an_item_that_cannot_be_used_fails_alone(model):
    with live(model) as served, Client(served.url) as client:
        assert [r.get("error") for r in client.articles([{"text": TEXT}, {"text": " "}])] == [None, "`text` is empty"]


@pytest.mark.parametrize("key", [None, "a-wrong-key-012345678"])
def test_a_wrong_key(model, key):
    with live(model, keys=[KEY]) as served:
        with Client(served.url, key) as client, pytest.raises(RefusedError, match="401") as error:
            client.model()
        assert error.value.request_id
        with Client(served.url, KEY) as client:
            assert client.model()["version"] == "fake-1"


def test_what_is_not_the_schema_names_its_place(model):
    with live(model) as served, Client(served.url) as client:
        good, bad = client.articles([{"text": TEXT}, {"txt": TEXT}])
        assert "error" not in good
        assert bad == {"id": None, "error": "`text`: Field required; `txt`: unknown field"}
        with pytest.raises(QuotestanceError) as error:
            list(client.articles([{"text": TEXT}], target=["x"] * 9))
    assert list(error.value.places) == ["target"]
    assert "target: 9 targets" in str(error.value)


def test_a_full_service_is_asked_again(model):
    with live(model, max_items=1, queue_items=1, batch_tokens=1) as served:
        model.hold()
        blocked = [served.engine.submit([Article(id="held", text=TEXT)], time.monotonic() + 60)]
        assert model.entered.wait(20)
        blocked.append(served.engine.submit([Article(id="waits", text=TEXT)], time.monotonic() + 60))
        with Client(served.url, retries=0) as client, pytest.raises(OverloadedError, match="429"):
            list(client.stance([ROW]))
        threading.Timer(0.5, model.gate.set).start()
        with Client(served.url) as client:
            assert next(client.stance([ROW]))["stance"] == "condemning"
        for submission in blocked:
            submission.future.result(20)


def test_nobody_there():
    with (
        Client("http://127.0.0.1:9", retries=1, patience=1) as client,
        pytest.raises(UnreachableError, match="no answer"),
    ):
        client.model()


def test_another_server(model):
    with live(model) as served, Client(served.url + "/elsewhere") as client, pytest.raises(RefusedError, match="404"):
        client.model()


@pytest.mark.parametrize("url", ["http://a b:x", "127.0.0.1:8000", "ftp://a", "http://"])
def test_an_address_that_cannot_be_used(url):
    with pytest.raises(InputError):
        Client(url)


# Retries: a list of what the service does, and how long was waited in between


def asked(steps, repeatable=True, most=6, patience=300.0, chance=0.0):
    waits, now = [], [0.0]

    def sleep(seconds):
        waits.append(round(seconds, 3))
        now[0] += seconds

    def send():
        step = steps.pop(0)
        if isinstance(step, Exception):
            raise step
        status, *told = step
        return httpx.Response(status, headers={"Retry-After": told[0]} if told else {})

    try:
        outcome = ask(send, Retries(most, patience, sleep, lambda: chance, lambda: now[0]), repeatable).status_code
    except UnreachableError:
        outcome = "unreachable"
    return outcome, waits


BROKEN = httpx.ReadError("broken")
REFUSED = httpx.ConnectError("refused")


@pytest.mark.parametrize(
    ("steps", "options", "outcome", "waits"),
    [
        ([(200,)], {}, 200, []),
        ([(429, "3"), (503, "2"), (200,)], {}, 200, [3.0, 2.0]),
        ([(429, "8"), (200,)], {"chance": 1.0}, 200, [10.0]),
        ([(503,), (503,), (503,), (200,)], {"chance": 1.0}, 200, [0.25, 0.5, 1.0]),
        ([(503, "soon"), (200,)], {"chance": 1.0}, 200, [0.25]),
        ([(429, "3")] * 3, {"most": 2}, 429, [3.0, 3.0]),
        # told to wait longer than the patience goes: no use in waiting at all
        ([(429, "60")], {"patience": 50.0}, 429, []),
        ([(429, "30"), (429, "30")], {"patience": 50.0}, 429, [30.0]),
        ([(502,), (502, "2"), (200,)], {"chance": 1.0}, 200, [0.25, 2.5]),
        ([(502,)] * 3, {"most": 2, "chance": 1.0}, 502, [0.25, 0.5]),
        ([(502,)], {"repeatable": False}, 502, []),
        ([(503, "2"), (200,)], {"repeatable": False}, 200, [2.0]),
        ([(504,)], {}, 504, []),
        ([(500,)], {}, 500, []),
        ([BROKEN, REFUSED, (200,)], {"chance": 1.0}, 200, [0.25, 0.5]),
        ([BROKEN] * 3, {"most": 2, "chance": 1.0}, "unreachable", [0.25, 0.5]),
        ([BROKEN], {"repeatable": False}, "unreachable", []),
        ([REFUSED, (200,)], {"repeatable": False, "chance": 1.0}, 200, [0.25]),
        ([httpx.ReadTimeout("slow")], {}, "unreachable", []),
    ],
)
def test_retries(steps, options, outcome, waits):
    assert asked(list(steps), **options) == (outcome, waits)


def test_a_date_may_say_when_to_come_back():
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=10), usegmt=True)
    outcome, waits = asked([(503, date), (200,)])
    assert outcome == 200
    assert 8 < waits[0] <= 10


def test_waits_without_advice_are_bounded():
    _, waits = asked([(503,)] * 12 + [(200,)], most=12, chance=1.0)
    assert max(waits) == 20.0


def test_importing_it_imports_no_torch():
    code = "import json, sys, quotestance.service.client; print(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-c", code]
    modules = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert {"torch", "transformers", "numpy", "pyarrow", "fastapi", "pydantic"} & set(modules) == set()


def test_what_is_not_done_in_time_is_asked_for_in_halves(model):
    # five of them never fit into the queue beside anything, and the service's deadline passes on more than two at once
    class TooMany(ControlledModel):
        def read_many(self, articles, target=None):
            articles = list(articles)
            if len(articles) > 2:
                time.sleep(0.6)
            return super().read_many(articles, target)

    with live(TooMany(), deadline_seconds=0.4) as served, Client(served.url) as client:
        results = list(client.articles([{"id": str(i), "text": TEXT} for i in range(5)]))
    assert [(r["id"], "error" in r) for r in results] == [(str(i), False) for i in range(5)]


def test_an_item_that_is_not_the_schema_has_its_error_in_its_place(model):
    asked = [
        {"id": "a", "text": TEXT},
        {"id": "b", "text": TEXT, "title": "t" * 2_001},
        {"id": "c", "text": 5},
        {"id": "d", "text": "half \ud800"},
        {"id": "e", "text": TEXT},
    ]
    with live(model) as served, Client(served.url) as client:
        results = list(client.articles(asked))
    assert [r["id"] for r in results] == list("abcde")
    assert [("error" in r) for r in results] == [False, True, True, True, False]
    assert results[1]["error"].startswith("`title`: ")
    assert "Unicode" in results[3]["error"]


def test_what_is_wrong_for_all_is_raised(model):
    with live(model) as served, Client(served.url) as client, pytest.raises(RefusedError):
        list(client.articles([{"text": TEXT}], target="t" * 2_001))


def test_requests_hold_as_many_as_wished(model):
    with live(model, batch_tokens=10_000) as served, Client(served.url, at_once=2) as client:
        assert len(list(client.articles([{"text": TEXT + str(i)} for i in range(5)]))) == 5
    assert max(map(len, model.calls)) == 2


@pytest.mark.parametrize("key", ["secret-of-the-newsroom\n", "", "a key"])
def test_a_key_that_cannot_be_one_is_not_shown(key):
    with pytest.raises(InputError) as raised:
        Client("http://127.0.0.1:1", key=key)
    assert "secret" not in str(raised.value)


# Behind a proxy, which has limits of its own and pages in place of our errors


@contextmanager
def proxy(url, most_bytes=10**9, away=0):
    """Its address: it passes on to `url` what is not over `most_bytes`, after `away` requests that get a 502."""
    left = itertools.count(-away)

    class Handler(BaseHTTPRequestHandler):
        def passed_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if next(left) < 0:
                self.tell(502, b"<h1>Bad gateway</h1>")
            elif len(body) > most_bytes:
                self.tell(413, b"<h1>Request entity too large</h1>")
            else:
                headers = {"Content-Type": "application/json"}
                answer = httpx.request(self.command, url + self.path, content=body, headers=headers)
                self.tell(answer.status_code, answer.content)

        do_GET = do_POST = passed_on  # noqa: N815 (so named by the standard library)

        def tell(self, status, body):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(20)


def test_a_proxy_whose_service_is_away_is_asked_again_but_not_for_feedback(model):
    with live(model) as served:
        with proxy(served.url, away=1) as url, Client(url) as client:
            assert client.model()["version"] == "fake-1"
        with proxy(served.url, away=1) as url, Client(url) as client:
            with pytest.raises(OverloadedError, match=r"a proxy did not get the service's answer \(HTTP 502\)"):
                client.feedback(ROW)
            assert client.model()["version"] == "fake-1"


@pytest.mark.parametrize("kind", ["articles", "stance"])
def test_what_a_proxy_finds_too_large_is_asked_for_in_halves_and_alone_is_an_error_in_its_place(model, kind):
    items = [ROW | {"id": str(i)} if kind == "stance" else {"id": str(i), "text": TEXT} for i in range(7)]
    items[4]["text"] = TEXT * 10
    with live(model) as served, proxy(served.url, most_bytes=600) as url, Client(url) as client:
        results = list(getattr(client, kind)(items))
    assert [r["id"] for r in results] == [item["id"] for item in items]
    assert results.pop(4) == {"id": "4", "error": "too large for a proxy before the service (HTTP 413)"}
    assert not any("error" in r for r in results)
