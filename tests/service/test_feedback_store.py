"""The feedback store on SQLite and on a real PostgreSQL: what goes in comes out, once, whatever fails meanwhile."""

import logging
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import pytest

pytest.importorskip("fastapi", reason="the service needs the serve extra")
pytest.importorskip("psycopg", reason="PostgreSQL needs the postgres extra")
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from feedback_serving import feedback_serving, store_at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_server import postgres_server

from quotestance.service.feedback import queries, schema_version
from quotestance.service.feedback import store as store_module
from quotestance.service.feedback.columns import escaped, unescaped
from quotestance.service.feedback.correction import Correction
from quotestance.service.feedback.database import FeedbackUnavailableError
from quotestance.service.feedback.store import FeedbackStore
from quotestance.service.feedback.tables import ARTICLES, CORRECTIONS, METADATA

PLAIN = Correction(
    text="Norvania scorned the raid.", target="the raid", actor="Norvania", stance="condemning", model="m1"
)
FULL = Correction(
    text="Ines Holt said it was wrong.", target="the raid", actor="Ines Holt", stance="condemning", model="m1",
    quote_start=15, quote_end=27, speaker="Ines Holt", speaker_start=0, speaker_end=9, cue="said", cue_start=10,
    cue_end=14, kind="indirect", actor_type="person", about="strike", certainty=2, article_id="a1", title="A raid",
    date="2026-02-03", source="The Post", url="https://example.org/a", predicted_actor="Holt",
    predicted_stance="neutral", predicted_confidence=0.1 + 0.2, comment="not neutral",
)  # fmt: skip
HOSTILE = "\0 \\ \\u0000 \\\\u d \ud800\udc00 \udfff \U0001f600 \u2028 \r\n ' \" ; -- %s :x {} é e\u0301 \ufeff\uffff"
OPENER = """
import sys
from quotestance.service.feedback.location import feedback_location
from quotestance.service.feedback.store import FeedbackStore
print("here", flush=True)
sys.stdin.readline()
FeedbackStore(feedback_location(sys.argv[1], {})).open()
"""
_names = count()


@pytest.fixture(scope="module")
def server():
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """A path or a URL where nothing is yet."""
    if request.param == "sqlite":
        return str(tmp_path / "feedback.sqlite")
    return request.getfixturevalue("server").new_database(f"t{next(_names)}")


@pytest.fixture
def store(place):
    store = store_at(place)
    yield store
    store.close()


def kept(store, **filters):
    return [stored.correction for article in store.articles(**filters) for stored in article.corrections]


def rows(store):
    with store.engine.begin() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(CORRECTIONS)).scalar_one()


# What goes in comes out


def test_everything_of_a_correction_comes_back(store):
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    receipt = store.add(FULL)
    store.add(PLAIN)
    assert kept(store) == [FULL, PLAIN]
    first, second = store.articles()
    assert (first.text, second.text) == (FULL.text, PLAIN.text)
    assert (first.corrections[0].id, first.corrections[0].received) == (receipt.id, receipt.received)
    assert before <= receipt.received <= datetime.now(UTC)
    assert receipt.received.utcoffset() == timedelta(0)


def test_hostile_text_comes_back_as_it_was(store):
    hostile = replace(
        PLAIN, text=HOSTILE, target=HOSTILE, actor=HOSTILE, model=HOSTILE, comment=HOSTILE, title=HOSTILE, cue=HOSTILE
    )
    store.add(hostile)
    assert kept(store) == [hostile]
    assert kept(store, model=HOSTILE) == [hostile]
    # what a codec would take for the same text is another one
    store.add(replace(PLAIN, text="\ud83d\ude00"))
    store.add(replace(PLAIN, text="\U0001f600"))
    assert [article.text for article in store.articles()] == [HOSTILE, "\ud83d\ude00", "\U0001f600"]


@given(st.text(st.characters(codec=None, exclude_categories=[])))
@settings(max_examples=200, suppress_health_check=[HealthCheck.differing_executors])
def test_escaping_is_undone(text):
    stored = escaped(text)
    assert unescaped(stored) == text
    assert "\0" not in stored
    stored.encode("utf-8")


def test_plain_text_is_stored_as_it_is(store):
    store.add(replace(PLAIN, actor="Ōsaka “the third” 😀"))
    with store.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT actor FROM feedback_corrections").scalar() == "Ōsaka “the third” 😀"


def test_a_long_text_is_kept_once(store):
    text = "The raid. " * 30_000
    for actor in ("a", "b", "c"):
        store.add(replace(PLAIN, text=text, actor=actor))
    assert [len(article.corrections) for article in store.articles()] == [3]
    with store.engine.begin() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(ARTICLES)).scalar_one() == 1


# Once, and the latest


def test_the_same_correction_is_kept_once(store):
    first = store.add(FULL)
    again = store.add(FULL)
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.id, again.received, again.model) == (first.id, first.received, first.model)
    assert rows(store) == 1


def test_the_latest_correction_of_a_statement_wins_and_the_others_are_kept(store):
    other = replace(FULL, actor="Norvania", stance="neutral", model="m2", comment=None)
    first, second = store.add(FULL), store.add(other)
    assert first.id != second.id
    assert kept(store) == [other]
    # taken back: the first is in force again
    third = store.add(FULL)
    assert not third.repeated
    assert len({first.id, second.id, third.id}) == 3
    assert kept(store) == [FULL]
    assert rows(store) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"target": "the siege"},
        {"text": FULL.text + " "},
        {"quote_start": 16},
        {"speaker": "Holt", "speaker_start": 5},  # "Holt and Fell said": one quote each, in the same place
    ],
)
def test_another_statement_is_not_overtaken(store, other):
    store.add(FULL)
    store.add(replace(FULL, stance="neutral", **other))
    assert len(kept(store)) == 2


def test_without_a_quote_each_actor_is_a_statement(store):
    for correction in (PLAIN, replace(PLAIN, actor="Sudmark"), replace(PLAIN, stance="neutral")):
        store.add(correction)
    assert {(c.actor, c.stance) for c in kept(store)} == {("Norvania", "neutral"), ("Sudmark", "condemning")}


def test_what_is_no_statement_is_kept_but_not_exported(store):
    store.add(FULL)
    store.add(replace(FULL, is_statement=False, stance=None))
    assert kept(store) == []
    assert rows(store) == 2


def test_filters(store, monkeypatch):
    store.add(FULL)
    store.add(replace(PLAIN, model="m2"))
    middle = datetime.now(UTC) + timedelta(milliseconds=2)
    time.sleep(0.005)
    store.add(replace(FULL, stance="neutral"))
    assert [c.stance for c in kept(store, model="m1")] == ["neutral"]
    assert [c.text for c in kept(store, model="m2")] == [PLAIN.text]
    assert [c.stance for c in kept(store, since=middle)] == ["neutral"]
    assert kept(store, since=middle, model="m2") == []
    assert kept(store, since=middle + timedelta(hours=1)) == []


def test_pages_leave_nothing_out(store, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_ARTICLES", 3)
    texts = [f"Raid {i}." for i in range(10)]
    for text in texts:
        store.add(replace(PLAIN, text=text))
        store.add(replace(PLAIN, text=text, actor="Sudmark"))
    articles = list(store.articles())
    assert [article.text for article in articles] == texts
    assert {len(article.corrections) for article in articles} == {2}
    assert len(store.page()) == 3


def test_many_at_once_are_all_kept_and_none_twice(store):
    failed = []

    def send(number):
        try:
            for i in range(5):
                store.add(replace(FULL, stance=("neutral", "condemning")[number % 2]))
                store.add(replace(PLAIN, text=f"{number}.{i}"))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(list(store.articles())) == 31
    with store.engine.begin() as connection:
        statement = CORRECTIONS.c.statement == FULL.statement
        found = connection.execute(sa.select(CORRECTIONS).where(statement).order_by(CORRECTIONS.c.version)).all()
    assert [row.version for row in found] == list(range(1, len(found) + 1))
    assert all(a.content != b.content for a, b in pairwise(found))


# Tables


def test_migrations_make_the_tables_that_the_code_uses(store):
    store.open()
    with store.engine.begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema_version.VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, METADATA) == []


def test_replicas_that_start_together_migrate_once(place):
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, place],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        )
        for _ in range(2)
    ]  # fmt: skip
    assert [starter.stdout.readline() for starter in starters] == ["here\n"] * 2
    for starter in starters:
        starter.stdin.write("\n")
        starter.stdin.flush()
    ended = [(starter.communicate(timeout=60)[1], starter.returncode) for starter in starters]
    assert ended == [("", 0)] * 2
    store = store_at(place)
    store.add(PLAIN)
    store.close()


def test_stores_opened_by_many_threads(place):
    stores = [store_at(place) for _ in range(4)]
    failed = []

    def begin(store):
        try:
            store.add(PLAIN)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=begin, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert rows(stores[0]) == 1
    for store in stores:
        store.close()


def test_tables_of_a_newer_program_are_refused(store, caplog):
    store.add(PLAIN)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE feedback_version SET version_num = 'v999'")
    newer = FeedbackStore(store.location)
    for _ in range(2):
        with pytest.raises(FeedbackUnavailableError, match="version v999, which is newer than this program's v1; up"):
            newer.add(PLAIN)
    assert [record.getMessage() for record in caplog.records] == ["feedback database unavailable"]
    newer.close()


# PostgreSQL's own


def test_a_database_of_another_encoding_is_refused(server):
    url = server.new_database("ascii", "ENCODING 'SQL_ASCII'", "TEMPLATE template0")
    store = store_at(url)
    with pytest.raises(FeedbackUnavailableError, match="its encoding is SQL_ASCII"):
        store.open()
    store.close()


def test_no_such_database_and_a_refused_user(server):
    for url, words in (
        (server.url("nowhere"), "cannot be reached|no database"),
        ("postgresql://127.0.0.1:1/x", "reach"),
    ):
        store = store_at(url)
        with pytest.raises(FeedbackUnavailableError, match=words):
            store.open()
        store.close()


def test_a_commit_waits_for_the_disk_even_where_the_server_would_not(server):
    store = store_at(server.new_database("hasty"))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql('ALTER DATABASE "hasty" SET synchronous_commit = off')
    store.close()
    with store.engine.begin() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    store.close()


def test_a_server_that_stops_and_comes_back(server, monkeypatch, caplog):
    """503 while it is away, the rest unaffected, and afterwards everything acknowledged is there."""
    monkeypatch.setattr(store_module, "_BETWEEN_OPENINGS", 0.05)
    caplog.set_level(logging.INFO)
    with feedback_serving(server.new_database("stops")) as service:
        assert service.correct().status_code == 201
        server.stop()
        try:
            for answer in (service.correct(stance="neutral"), service.ask("GET")):
                assert answer.status_code == 503
                assert answer.headers["retry-after"] == "5"
                assert "feedback database cannot be used now" in answer.json()["error"]
            assert service.ask("GET", "/readyz").status_code == 200
            row = {"text": "Oslo supports it.", "actor": "Oslo", "target": "it"}
            assert service.ask(path="/v1/stance", json={"inputs": [row]}).status_code == 200
        finally:
            server.start()
        time.sleep(0.06)
        assert service.correct().status_code == 200
        assert [s["stance"] for article in service.labels() for s in article["statements"]] == ["condemning"]
        assert 'quotestance_feedback_total{outcome="failed"} 1.0' in service.metrics()
    events = [record.getMessage() for record in caplog.records if record.getMessage().startswith("feedback")]
    assert events == ["feedback database unavailable", "feedback database available again"]


def test_a_server_that_restarts_between_two_corrections_is_not_noticed(server):
    store = store_at(server.new_database("restarts"))
    store.add(PLAIN)
    server.stop()
    server.start()
    store.add(FULL)
    assert len(kept(store)) == 2
    store.close()


def test_a_server_that_is_not_there_at_first(server, monkeypatch):
    monkeypatch.setattr(store_module, "_BETWEEN_OPENINGS", 0.05)
    url = server.new_database("later")
    server.stop()
    try:
        store = store_at(url)
        with pytest.raises(FeedbackUnavailableError, match="reached"):
            store.add(PLAIN)
    finally:
        server.start()
    time.sleep(0.06)
    store.add(PLAIN)
    assert kept(store) == [PLAIN]
    store.close()


def test_a_connection_that_breaks_in_a_transaction_is_tried_again(server):
    store = store_at(server.new_database("breaks"))
    store.open()
    broken = []

    @sa.event.listens_for(store.engine, "before_cursor_execute")
    def kill_once(connection, cursor, statement, *_):
        if "INSERT INTO feedback_corrections" in statement and not broken:
            broken.append(True)
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert not store.add(PLAIN).repeated
    assert (broken, kept(store)) == ([True], [PLAIN])
    store.close()
