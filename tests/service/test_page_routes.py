"""The page's files as served: whole, typed, cached by their bytes, and allowed to load nothing from elsewhere."""

import asyncio
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the service needs the serve extra")
import httpx
from serving import ControlledModel

from quotestance.service.engine.engine import Engine
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.app import create_app
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.settings import ServeSettings
from quotestance.service.page.routes import PREFIX, static_files

NAMES = [file.name for file in static_files()]
PATHS = ["/" if name == "index.html" else PREFIX + name for name in NAMES]
STATIC = files("quotestance.service.page") / "static"


def ask(path, method="GET", **headers):
    """Of a service whose keys are set and whose model is not loaded."""
    settings = ServeSettings()
    metrics = ServiceMetrics()
    engine = Engine(lambda: ControlledModel(), settings.engine_limits, metrics)
    app = create_app(engine, settings, ApiKeys(["a-key-0123456789abc"]), metrics, dict)

    async def once():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(once())


@pytest.mark.parametrize("path", PATHS)
def test_every_file_is_served_without_a_key(path):
    response = ask(path)
    assert response.status_code == 200
    kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript", "json": "application/json"}
    suffix = "html" if path == "/" else path.rsplit(".")[-1]
    assert response.headers["content-type"].startswith(kinds.get(suffix, "image/svg+xml"))
    assert response.content


def test_the_policy_allows_this_service_only():
    headers = ask("/").headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert {policy[name] for name in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "geolocation=()" in headers["permissions-policy"]


def test_a_browser_that_has_the_bytes_is_not_sent_them_again():
    first = ask("/page/page.css")
    assert first.headers["cache-control"] == "no-cache"
    etag = first.headers["etag"]
    for known in (etag, f'"other", W/{etag}'):
        again = ask("/page/page.css", **{"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert "content-security-policy" in again.headers
    assert ask("/page/page.css", **{"If-None-Match": '"other"'}).status_code == 200


def test_head_and_other_methods():
    assert ask("/", "HEAD").status_code == 200
    assert ask("/", "POST").status_code == 405


@pytest.mark.parametrize("path", ["/page/", "/page/missing.js", "/page/../routes.py", "/page/%2e%2e/routes.py"])
def test_nothing_else_is_served(path):
    assert ask(path).status_code == 404


def test_the_rest_of_the_service_still_asks_for_its_key():
    assert ask("/v1/model").status_code == 401


def test_the_page_is_not_in_the_description():
    paths = ask("/openapi.json").json()["paths"]
    assert not [path for path in paths if path == "/" or path.startswith(PREFIX)]


def test_the_example_is_the_one_of_the_readme():
    ours = json.loads((STATIC / "example.json").read_text(encoding="utf-8"))
    theirs = json.loads((Path(__file__).parents[1] / "data" / "article.json").read_text(encoding="utf-8"))
    assert ours == theirs


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".js")])
def test_scripts_never_parse_html_and_import_what_is_there(name):
    script = (STATIC / name).read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\.write\(|\beval\(|new Function|DOMParser", script)
    assert not re.search(r"https?://", script)
    imported = re.findall(r'^\s*(?:import|export)\b.*from "\./([^"]+)"', script, re.MULTILINE)
    assert set(imported) <= set(NAMES)


def test_every_file_is_used():
    index = (STATIC / "index.html").read_text(encoding="utf-8")
    scripts = [(STATIC / name).read_text(encoding="utf-8") for name in NAMES if name.endswith(".js")]
    used = set(re.findall(r'(?:"\./|page/)([\w.]+)"', "".join([index, *scripts])))
    assert used | {"index.html"} == set(NAMES)


def test_no_style_in_the_page_itself():
    index = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*src=)|\son\w+=|https?://", index)
