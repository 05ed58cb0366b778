"""The feedback routes: bodies, answers, keys and outages; and the whole service, killed after an acknowledgement."""

import json
import logging
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the service needs the serve extra")
import httpx
import schemathesis
import sqlalchemy as sa
from fakes import FakeModel
from feedback_serving import BODY, QUOTE, TEXT, feedback_serving
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from serving import until

from quotestance.model.errors import InputError
from quotestance.service.cli import main
from quotestance.service.feedback import queries
from quotestance.service.feedback import store as store_module
from quotestance.service.feedback.database import FeedbackUnavailableError
from quotestance.service.http.feedback_schema import FeedbackRequest, LabelledArticleLine, LabelRowLine
from quotestance.service.logs import JsonLines

KEY = "first-key-0123456789"
START = TEXT.index(QUOTE)
EVERYTHING = BODY | {
    "start": START, "end": START + len(QUOTE), "speaker": "Ines Holt", "speaker_start": TEXT.index("Ines"),
    "speaker_end": TEXT.index("Ines") + 9, "cue": "said", "cue_start": TEXT.index("said"),
    "cue_end": TEXT.index("said") + 4, "kind": "direct", "actor_type": "government", "about": "strike",
    "certainty": 2, "article_id": "a1", "title": "A raid", "date": "2026-02-03", "source": "The Post",
    "url": "https://example.org/a", "model": "older-1", "comment": "she speaks for her country",
    "predicted": {"actor": "Ines Holt", "stance": "neutral", "confidence": 0.61}, "is_statement": True,
}  # fmt: skip
FAKE_SERVICE = """
import sys
from fakes import FakeModel
from quotestance.service import cli
from quotestance.service.http import serve_command
serve_command.load_model = lambda folder: FakeModel()
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "feedback.sqlite"


@pytest.fixture
def service(file):
    with feedback_serving(file) as service:
        yield service


def error_of(answer, status):
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["request_id"] == answer.headers["x-request-id"]
    return body["error"]


# Round trip


def test_a_correction_comes_back_as_a_label(service):
    sent = datetime.now(UTC)
    answer = service.ask(json=EVERYTHING)
    assert answer.status_code == 201
    receipt = answer.json()
    assert set(receipt) == {"id", "model", "received"}
    assert receipt["model"] == "older-1"
    assert abs((datetime.fromisoformat(receipt["received"]) - sent).total_seconds()) < 10
    (article,) = service.labels()
    assert article == {
        "doc_id": "a1", "title": "A raid", "date": "2026-02-03", "source": "The Post",
        "url": "https://example.org/a", "text": TEXT,
        "strikes": [{"id": "S1", "description": "the harbour raid", "attacker": "", "main": True}],
        "statements": [
            {
                "quote": QUOTE, "quote_span": [START, START + len(QUOTE)], "speaker": "Ines Holt",
                "speaker_span": [EVERYTHING["speaker_start"], EVERYTHING["speaker_end"]], "cue": "said",
                "cue_span": [EVERYTHING["cue_start"], EVERYTHING["cue_end"]], "kind": "direct", "actor": "Norvania",
                "actor_type": "government", "strike": "S1", "stance": "condemning", "about": "strike", "certainty": 2,
                "feedback_id": receipt["id"], "received": receipt["received"], "model": "older-1",
            }
        ],
    }  # fmt: skip
    (row,) = service.labels("?format=rows")
    expected = {"doc_id": "a1", "certainty": 2} | {
        key: EVERYTHING[key] for key in ("text", "actor", "target", "stance", "quote")
    }
    assert row == expected
    LabelledArticleLine.model_validate(article)
    LabelRowLine.model_validate(row)


def test_what_the_service_reads_can_be_sent_back_corrected(service):
    text = 'Dora Lind said: "We support the strike."'
    read = service.ask(path="/v1/articles", json={"articles": [{"id": "a7", "text": text}]}).json()["results"][0]
    (statement,) = read["statements"]
    names = ("quote", "start", "end", "speaker", "speaker_start", "speaker_end", "cue", "kind", "actor", "actor_type")
    fields = {name: statement[name] for name in (*names, "cue_start", "cue_end")}
    predicted = {name: statement[name] for name in ("actor", "stance", "confidence")}
    body = fields | {
        "text": text, "target": read["target"]["text"], "stance": "neutral", "article_id": read["id"],
        "model": read["model"], "predicted": predicted,
    }  # fmt: skip
    assert service.ask(json=body).status_code == 201
    assert service.labels()[0]["statements"][0]["quote"] == "We support the strike."


def test_the_least_that_can_be_sent(service):
    receipt = service.ask(json={k: BODY[k] for k in ("text", "actor", "target", "stance")}).json()
    assert receipt["model"] == FakeModel.version
    (article,) = service.labels()
    assert article["statements"][0]["quote_span"] == [0, len(TEXT)]
    assert len(article["doc_id"]) == 16
    assert "quote" not in service.labels("?format=rows")[0]


def test_a_quote_without_offsets_is_taken_where_it_comes_first(service):
    text = "No. She said no. No."
    service.correct(text=text, quote="No")
    assert service.correct(text=text, quote="No", start=0, end=2).status_code == 200
    assert service.correct(text=text, quote="No", start=17.0, end=19).status_code == 201
    assert [s["quote_span"] for s in service.labels()[0]["statements"]] == [[0, 2], [17, 19]]


def test_corrections_of_one_article_come_together_with_an_id_for_each_target(service):
    service.correct(quote="Sudmark kept silent", actor="Sudmark", stance="neutral", target="the siege")
    service.correct(text="Another text.", quote=None)
    service.correct(title="The title")
    first, second = service.labels()
    assert [(s["id"], s["description"], s["main"]) for s in first["strikes"]] == [
        ("S1", "the harbour raid", True),
        ("S2", "the siege", False),
    ]
    assert [(s["actor"], s["strike"]) for s in first["statements"]] == [("Norvania", "S1"), ("Sudmark", "S2")]
    assert (first["title"], second["text"]) == ("The title", "Another text.")


def test_sent_twice_is_kept_once_and_a_later_one_wins(service):
    first = service.correct()
    again = service.correct()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert service.correct(stance="neutral", actor="Ines Holt").status_code == 201
    assert [(s["actor"], s["stance"]) for s in service.labels()[0]["statements"]] == [("Ines Holt", "neutral")]
    text = service.metrics()
    assert 'quotestance_feedback_total{outcome="stored"} 2.0' in text
    assert 'quotestance_feedback_total{outcome="repeated"} 1.0' in text


def test_what_is_no_statement_needs_neither_actor_nor_stance(service):
    service.correct()
    assert service.correct(is_statement=False, stance=None, actor=None).status_code == 201
    assert service.labels() == []
    assert service.ask("GET").text == ""


def test_filters(service):
    service.correct(model="m 1")
    received = service.correct(model="m2", target="the siege").json()["received"]
    assert [len(service.labels(q)) for q in ("?model=m%201", "?model=m3", "?since=2020-01-01")] == [1, 0, 1]
    assert len(service.labels("?since=2020-01-01T00:00:00%2B02:00")[0]["statements"]) == 2
    later = {"?since=9999-12-31", f"?since={received}&model=m%201&format=rows"}
    assert [len(service.labels(q)) for q in sorted(later)][1] == 0
    assert len(service.labels(f"?since={received}&format=rows")) >= 1


def test_hostile_text_survives_the_wire_and_the_database(service):
    text = "\0 \\u0000 \\ \U0001f600 \u2028\u2029 \x1c ' \" \r\n <b> x"
    assert service.correct(text=text, quote="\U0001f600", actor="\0x", comment=text).status_code == 201
    (article,) = service.labels()
    assert article["text"] == text
    assert article["statements"][0]["quote"] == "\U0001f600"
    assert article["statements"][0]["actor"] == "\0x"


# 422


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"text": None}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \n"}, "text"),
        ({"text": "\x1c"}, "text"),
        ({"actor": None}, "actor"),
        ({"actor": " "}, "actor"),
        ({"target": None}, "target"),
        ({"stance": None}, "stance"),
        ({"stance": "positive"}, "stance"),
        ({"stance": None, "is_statement": True}, "stance"),
        ({"is_statement": "no"}, "is_statement"),
        ({"stanze": "neutral"}, "stanze"),
        ({"quote": "We will forget this"}, "quote"),
        ({"quote": ""}, "quote"),
        ({"start": START + 1, "end": START + 1 + len(QUOTE)}, "start"),
        ({"start": START}, "end"),
        ({"end": START}, "start"),
        ({"start": -1, "end": 3}, "start"),
        ({"start": 10**30, "end": 10**30}, "start"),
        ({"start": 0.5, "end": 3}, "start"),
        ({"quote": None, "start": 0, "end": 3}, "quote"),
        ({"speaker": "nobody there"}, "speaker"),
        ({"speaker": "Ines", "speaker_start": 0, "speaker_end": 4}, "speaker_start"),
        ({"cue_start": 0, "cue_end": 4}, "cue"),
        ({"kind": "spoken"}, "kind"),
        ({"actor_type": "army"}, "actor_type"),
        ({"certainty": 4}, "certainty"),
        ({"certainty": True}, "certainty"),
        ({"predicted": {"confidence": 1.5}}, "predicted.confidence"),
        ({"predicted": {"score": 0.5}}, "predicted.score"),
        ({"comment": "x" * 4001}, "comment"),
        ({"article_id": "x" * 2001}, "article_id"),
        ({"model": ""}, "model"),
    ],
)
def test_what_cannot_be_a_correction_is_422_and_names_the_place(service, fields, place):
    answer = service.correct(**fields)
    assert error_of(answer, 422).startswith(f"{place}: ")
    assert place in [entry["place"] for entry in answer.json()["places"]]
    assert service.labels() == []


def test_every_blank_that_labels_may_not_consist_of_is_described():
    pattern = re.compile(FeedbackRequest.model_json_schema()["properties"]["text"]["pattern"])
    blank = [chr(c) for c in range(sys.maxunicode + 1) if chr(c).isspace()]
    assert [c for c in map(chr, range(sys.maxunicode + 1)) if not pattern.search(c)] == blank


def test_a_lone_surrogate_and_what_is_not_json(service):
    for body in (b'{"text": "\\ud800"}', b'{"text": "\xff"}', b"[]", b"{", b""):
        error_of(service.ask(content=body, headers={"Content-Type": "application/json"}), 422)
    error_of(service.ask(content=b"{}", headers={"Content-Type": "text/plain"}), 415)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("?format=csv", "format"),
        ("?since=yesterday", "since"),
        ("?since=2026-01-01T00:00:00+02:00", "since"),  # a + arrives as a space
        ("?since=0001-01-01T00:00:00%2B23:59", "since"),
        ("?sinse=2026-01-01", "sinse"),
        ("?model=", "model"),
    ],
)
def test_a_query_that_cannot_be_used(service, query, place):
    assert error_of(service.ask("GET", f"/v1/feedback{query}"), 422).startswith(f"{place}: ")


def test_limits(file):
    with feedback_serving(file, max_characters=len(TEXT), max_body_bytes=2000) as service:
        assert service.correct().status_code == 201
        assert error_of(service.correct(text=TEXT + "x"), 422).startswith("text: ")
        error_of(service.correct(text="x" * 3000), 413)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD", "QUERY"])
def test_other_methods_are_405_and_name_both(service, method):
    answer = service.ask(method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


# Keys, off, loading


def test_keys(file):
    with feedback_serving(file, keys=[KEY]) as service:
        assert [service.correct().status_code, service.ask("GET").status_code] == [401, 401]
        headers = {"X-API-Key": KEY}
        assert service.ask(json=BODY, headers=headers).status_code == 201
        assert service.ask("GET", headers=headers).status_code == 200


def test_off(tmp_path):
    with feedback_serving(None) as service:
        for answer in (service.correct(), service.ask("GET")):
            assert "feedback is off" in error_of(answer, 404)
        assert service.ask("GET", "/readyz").status_code == 200


def test_while_the_model_is_loading_the_version_must_be_named(file):
    with feedback_serving(file, ready=False) as service:
        assert "model" in error_of(service.correct(), 503)
        assert service.correct(model="m1").status_code == 201


# Outages


def test_a_full_disk_is_503_and_all_that_was_acknowledged_stays(service, caplog):
    caplog.handler.setFormatter(JsonLines())
    caplog.set_level(logging.INFO, "quotestance")
    assert service.correct().status_code == 201
    limit = [1]
    service.store.engine.dispose()

    @sa.event.listens_for(service.store.engine, "connect")
    def fill(connection, record):
        connection.execute(f"PRAGMA max_page_count = {limit[0]}")

    long = {"text": "Raid! " * 20_000, "quote": None}
    answer = service.correct(**long)
    assert "its disk is full" in error_of(answer, 503)
    assert answer.headers["retry-after"] == "5"
    error_of(service.correct(**long), 503)
    assert len(service.labels()) == 1
    assert service.correct().status_code == 200
    assert service.ask("GET", "/readyz").status_code == 200
    limit[0] = 1_000_000
    service.store.engine.dispose()
    assert service.correct(**long).status_code == 201
    assert len(service.labels()) == 2
    assert 'quotestance_feedback_total{outcome="failed"} 2.0' in service.metrics()
    assert "Raid!" not in caplog.text
    assert "Norvania" not in caplog.text


def test_a_database_that_another_program_keeps_locked(service, file, monkeypatch):
    assert service.correct().status_code == 201
    service.store.engine.dispose()
    sa.event.listen(service.store.engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout = 50"))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "locked" in error_of(service.correct(stance="neutral"), 503)
    # readers need not wait for a writer
    assert len(service.labels()) == 1
    other.execute("ROLLBACK")
    other.close()
    assert service.correct(stance="neutral").status_code == 201


@pytest.mark.parametrize("content", [b"no database at all" * 100, None])
def test_a_file_that_cannot_be_opened_stops_nothing_and_is_logged_once(tmp_path, caplog, monkeypatch, content):
    monkeypatch.setattr(store_module, "_BETWEEN_OPENINGS", 0.0)
    caplog.set_level(logging.INFO, "quotestance")
    file = tmp_path / "later" / "feedback.sqlite"
    if content:
        file.parent.mkdir()
        file.write_bytes(content)
    with feedback_serving(file) as service:
        service.store.open_soon()
        until(lambda: "feedback database unavailable" in caplog.text)
        for _ in range(3):
            error_of(service.correct(), 503)
        row = {"text": "Oslo supports it.", "actor": "Oslo", "target": "it"}
        assert service.ask(path="/v1/stance", json={"inputs": [row]}).status_code == 200
        file.unlink(missing_ok=True)
        file.parent.mkdir(exist_ok=True)
        assert service.correct().status_code == 201
    events = [record.getMessage() for record in caplog.records if "database" in record.getMessage()]
    assert events == ["feedback database unavailable", "feedback database available again"]


def test_after_a_failed_opening_requests_are_refused_at_once_for_a_while(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(store_module, "bring_up_to_date", lambda engine: opened.append(1) or fail())

    def fail():
        raise FeedbackUnavailableError("it is away")

    with feedback_serving(tmp_path / "f.sqlite") as service:
        for _ in range(4):
            assert "it is away" in error_of(service.correct(), 503)
    assert len(opened) == 1


def test_a_database_that_hangs_holds_up_nothing_else(file, monkeypatch):
    gate = threading.Event()
    with feedback_serving(file, deadline_seconds=0.3) as service:
        assert service.correct().status_code == 201
        monkeypatch.setattr(type(service.store), "_page", lambda *_: gate.wait(20) and [])
        try:
            asked = time.monotonic()
            for _ in range(5):  # more than there are threads
                error_of(service.ask("GET"), 504)
            assert time.monotonic() - asked < 5
            assert service.ask("GET", "/readyz").status_code == 200
        finally:
            gate.set()


def test_too_many_waiting_are_429(service, monkeypatch):
    from quotestance.service.feedback import own_threads

    def full(*_):
        raise own_threads.TooManyWaitError

    monkeypatch.setattr(own_threads.OwnThreads, "submit", full)
    assert service.correct().headers["retry-after"] == "5"
    error_of(service.correct(), 429)


def test_an_export_that_breaks_off_is_no_whole_one(service, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_ARTICLES", 1)
    service.correct()
    service.correct(text="Another raid.", quote=None)
    real = type(service.store)._page

    def breaks(store, after, *filters):
        if after:
            raise FeedbackUnavailableError("it is away")
        return real(store, after, *filters)

    monkeypatch.setattr(type(service.store), "_page", breaks)
    with pytest.raises(AssertionError):  # httpx's: the answer never came to its end
        service.ask("GET")


# The description


def test_the_description_has_both_routes(service):
    document = service.ask("GET", "/openapi.json").json()
    post, get = (document["paths"]["/v1/feedback"][method] for method in ("post", "get"))
    assert {"200", "201", "401", "404", "413", "415", "422", "429", "503", "504"} == set(post["responses"])
    assert {p["name"] for p in get["parameters"]} == {"format", "since", "model"}
    schemas = document["components"]["schemas"]
    assert {"FeedbackRequest", "FeedbackReceipt", "LabelledArticleLine", "LabelRowLine"} <= set(schemas)
    assert schemas["FeedbackRequest"]["properties"]["text"]
    assert "GET /v1/feedback" in service.ask("GET", "/docs").text


PARTS = (("quote", "start", "end"), ("speaker", "speaker_start", "speaker_end"), ("cue", "cue_start", "cue_end"))


def coherent(body):
    """The body with what no schema can say: that quote, speaker and cue are found in the text where they say."""
    body, text = dict(body), body["text"]
    for part, start, end in PARTS:
        given = [body.pop(name, None) for name in (part, start, end)]
        if given[0]:
            first = int(given[1] or 0) % len(text)
            body[part] = text[first : first + len(given[0])]
            if given[1] is not None:
                body |= {start: first, end: first + len(body[part])}
    return body


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_routes_are_as_described(service, method, mode):
    described = schemathesis.openapi.from_asgi("/openapi.json", service.app)["/v1/feedback"][method]
    statuses = Counter()

    @given(case=described.as_strategy(generation_mode=mode))
    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def check(case):
        if method == "POST" and mode is GenerationMode.POSITIVE:
            case.body = coherent(case.body)
        statuses[case.call_and_validate().status_code] += 1

    check()
    assert set(statuses) <= ({200, 201} if mode is GenerationMode.POSITIVE else {200, 422})


# The whole program


def start(folder, *flags, **variables):
    child = subprocess.Popen(
        [sys.executable, "-c", FAKE_SERVICE, "serve", "--port", "0", *flags],
        stderr=subprocess.PIPE, cwd=folder, text=True,
        env={
            **os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)]),
            "XDG_STATE_HOME": str(folder / "state"), **variables,
        },
    )  # fmt: skip
    shown = json.loads(child.stderr.readline())
    return child, shown, f"http://127.0.0.1:{shown['port']}/v1/feedback"


def send(url, **fields):
    deadline = time.monotonic() + 20
    while (answer := httpx.post(url, json=BODY | fields)).status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


def test_killed_right_after_an_acknowledgement_nothing_is_lost(tmp_path):
    child, shown, url = start(tmp_path)
    try:
        file = tmp_path / "state" / "quotestance" / "feedback.sqlite"
        assert shown["feedback"] == str(file)
        receipts = [send(url, target=f"raid {i}").json() for i in range(5)]
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    assert (file.parent.stat().st_mode & 0o777) == 0o700
    with feedback_serving(file) as service:
        (article,) = service.labels()
        assert [s["feedback_id"] for s in article["statements"]] == [r["id"] for r in receipts]
        again = service.correct(target="raid 2")
        assert (again.status_code, again.json()) == (200, receipts[2])
        with service.store.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_after_a_good_end_the_file_holds_all_by_itself(tmp_path):
    child, shown, url = start(tmp_path)
    try:
        receipts = [send(url, target=f"raid {i}").json() for i in range(3)]
        child.send_signal(signal.SIGTERM)
        child.stderr.read()
        assert child.wait(30) == 0
    finally:
        child.kill()
        child.wait()
        child.stderr.close()
    alone = tmp_path / "moved" / "feedback.sqlite"
    alone.parent.mkdir()
    shutil.copy(shown["feedback"], alone)
    with feedback_serving(alone) as service:
        (article,) = service.labels()
    assert [s["feedback_id"] for s in article["statements"]] == [r["id"] for r in receipts]


def test_a_password_is_never_shown_and_an_unreachable_server_stops_nothing(tmp_path):
    pytest.importorskip("psycopg", reason="PostgreSQL needs the postgres extra")
    url = "postgresql://user:hush-hush@127.0.0.1:1/feedback?password=hush-hush&sslmode=disable"
    child, shown, address = start(tmp_path, QUOTESTANCE_FEEDBACK=url)
    try:
        assert shown["feedback"] == "postgresql://user:***@127.0.0.1:1/feedback?sslmode=disable"
        answer = httpx.post(address, json=BODY | {"model": "m1"})
        assert answer.status_code == 503
        assert "it cannot be reached" in answer.json()["error"]
        assert "hush" not in answer.text
        assert httpx.get(address.replace("/v1/feedback", "/livez")).status_code == 200
        child.send_signal(signal.SIGTERM)
        err = child.stderr.read()  # not communicate, which misses what readline has read ahead
        child.wait(30)
    finally:
        child.kill()
        child.wait()
        child.stderr.close()
    assert child.returncode == 0, err
    assert "hush" not in err
    (event,) = [e for line in err.splitlines() if (e := json.loads(line))["event"] == "feedback database unavailable"]
    assert "refused" in event["driver"]


@pytest.mark.parametrize(
    "setting",
    ["mysql://u:hush@h/d", "postgresql://u:hush@h:port/d", "sqlite://", "sqlite:///:memory:", "."],
)
def test_a_setting_that_cannot_be_used_is_one_line(capsys, setting):
    assert main(["serve", "--port", "0", "--feedback", setting]) == 2
    err = capsys.readouterr().err
    assert err.startswith("quotestance: feedback: ")
    assert err.count("\n") == 1
    assert "hush" not in err


def test_the_serve_command_names_a_missing_package(monkeypatch):
    from quotestance.service.feedback import database

    def missing(*_, **__):
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")

    monkeypatch.setattr(database, "create_engine", missing)
    with pytest.raises(InputError, match=r"quotestance\[postgres\]"):
        database.open_engine(sa.make_url("postgresql+psycopg://h/d"))
