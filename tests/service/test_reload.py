"""Reloading by HTTP and by signal: who may, what is answered, what is told afterwards."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fakes import TEXT
from serving import ControlledModel, until

pytest.importorskip("fastapi", reason="the service needs the serve extra")
import httpx
from live import live

from quotestance.service.engine.engine import Engine, EngineLimits
from quotestance.service.engine.model_watch import Attempt
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.app import create_app
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.service import Reloading
from quotestance.service.http.settings import ServeSettings

KEY = "a-key-of-the-newsroom"
PATH = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])


def attempt(outcome, reason=None):
    return Attempt(outcome, "v2", "fake-1", reason, "2026-01-02T03:04:05+00:00", 0.5)


@pytest.fixture
def engine():
    model = ControlledModel()
    engine = Engine(lambda: model, EngineLimits())
    engine.start()
    until(lambda: engine.ready)
    yield engine
    engine.stop(20)


def ask(engine, keys=(), result=None, client="127.0.0.1", base="http://127.0.0.1:8000", **headers):
    reloading = Reloading(lambda: result or attempt("swapped"), lambda: result)
    app = create_app(engine, ServeSettings(), ApiKeys(keys), ServiceMetrics(), dict, reloading)

    async def go():
        transport = httpx.ASGITransport(app, client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url=base) as asking:
            answer = await asking.post("/v1/model/reload", headers=headers)
            return answer, await asking.get("/v1/model", headers=headers)

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, 200),
        ({"base": "http://localhost:8000"}, 200),
        ({"base": "http://[::1]:8000", "client": "::1"}, 200),
        ({"client": "10.0.0.9"}, 403),
        # a page of another site, by a name that leads here; and a proxy on this machine
        ({"base": "http://evil.example:8000"}, 403),
        ({"Origin": "http://127.0.0.1:8000"}, 403),
        ({"X-Forwarded-For": "10.0.0.9"}, 403),
        ({"keys": (KEY,)}, 401),
        ({"keys": (KEY,), "client": "10.0.0.9", "X-API-Key": KEY}, 200),
    ],
)
def test_who_may_reload(engine, options, status):
    answer, _ = ask(engine, **options)
    assert answer.status_code == status


def test_what_became_of_it_is_told(engine):
    answer, model = ask(engine, result=attempt("swapped"))
    assert answer.json()["outcome"] == "swapped"
    assert model.json()["last_reload"] == answer.json()
    answer, model = ask(engine, result=attempt("rolled back", "versions/v2/scorer: damaged"))
    assert answer.status_code == 409
    assert answer.json()["error"] == "rolled back, fake-1 stays in service: versions/v2/scorer: damaged"
    assert model.json()["last_reload"]["reason"] == "versions/v2/scorer: damaged"


def test_one_at_a_time(engine):
    held = threading.Event()
    reloading = Reloading(lambda: held.wait(20) and attempt("swapped"), lambda: None)
    with live(ControlledModel(), reloading=reloading) as served:
        url = f"{served.url}/v1/model/reload"
        answers = []
        first = threading.Thread(target=lambda: answers.append(httpx.post(url, timeout=20)))
        first.start()
        time.sleep(0.2)
        assert httpx.post(url).status_code == 409
        assert httpx.get(f"{served.url}/livez").status_code == 200
        held.set()
        first.join(20)
    assert answers[0].status_code == 200


SERVE = """
import sys
from fakes import FakeModel
from quotestance.service import cli
from quotestance.service.http import serve_command
def load(folder):
    if folder.name == "bad":
        raise MemoryError
    model = FakeModel()
    model.version = folder.name
    return model
serve_command.load_model = load
sys.exit(cli.main(sys.argv[1:]))
"""


def test_the_whole_program_swaps_rolls_back_and_rotates_keys(tmp_path):
    for name in ("v1", "v2", "bad"):
        (tmp_path / "versions" / name).mkdir(parents=True)
    (tmp_path / "current").write_text("v1")
    keys = tmp_path / "keys"
    keys.write_text(f"{KEY}-old\n")
    (tmp_path / "serve.toml").write_text('port = 0\nkeys_file = "keys"\npoll_seconds = 0.05\nmodel = "."\n')
    child = subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", "--config", str(tmp_path / "serve.toml")],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": PATH},
    )
    try:
        settings = json.loads(child.stderr.readline())
        url = f"http://127.0.0.1:{settings['port']}"
        assert (settings["config"], settings["keys"]) == (str(tmp_path / "serve.toml"), 1)
        assert json.loads(child.stderr.readline())["model"] == "v1"

        def version(key=f"{KEY}-old"):
            body = {"articles": [{"text": TEXT}]}
            return httpx.post(f"{url}/v1/articles", json=body, headers={"X-API-Key": key}).json()["results"][0]["model"]

        def promote(name):
            (tmp_path / "new").write_text(name)
            (tmp_path / "new").replace(tmp_path / "current")

        assert version() == "v1"
        promote("v2")
        until(lambda: version() == "v2")
        promote("bad")
        rolled_back = 'quotestance_model_swaps_total{outcome="rolled back"} 1.0'
        headers = {"X-API-Key": f"{KEY}-old"}
        until(lambda: rolled_back in httpx.get(f"{url}/metrics", headers=headers).text)
        assert "quotestance_model_rolled_back 1.0" in httpx.get(f"{url}/metrics", headers=headers).text
        assert version() == "v2"
        told = httpx.get(f"{url}/v1/model", headers=headers).json()["last_reload"]
        assert (told["outcome"], told["named"], told["version"]) == ("rolled back", "bad", "v2")

        keys.write_text("")
        child.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        assert version() == "v2"
        keys.write_text(f"{KEY}-new\n")
        asked = {"X-API-Key": f"{KEY}-new"}
        until(lambda: httpx.get(f"{url}/v1/model", headers=asked).status_code == 200)
        assert httpx.get(f"{url}/v1/model", headers=headers).status_code == 401

        child.send_signal(signal.SIGTERM)
        _, err = child.communicate(timeout=30)
    finally:
        child.kill()
        child.wait()
    events = [json.loads(line)["event"] for line in err.splitlines()]
    assert child.returncode == 0, err
    assert events.count("model swapped") == 1
    assert "keys not read again: the old ones stay" in events
    assert "keys read again" in events
    assert KEY not in err
