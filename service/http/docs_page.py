"""The API's description as a page of plain HTML: no scripts, nothing from another host."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from quotestance.service.http.refusal import MEANINGS

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>quotestance: HTTP</title></head>
<body><h1>quotestance: HTTP</h1>
<p>The whole description, for programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI).</p>
{routes}
<h2>Answers other than 200</h2><dl>{statuses}</dl>
<h2>Bodies</h2>{bodies}
</body></html>
"""


def api_page(openapi: Mapping[str, Any]) -> str:
    """The page for this OpenAPI document."""
    routes = "".join(
        f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2><p>{escape(told.get('description', ''))}</p>"
        for path, operations in openapi["paths"].items()
        for method, told in operations.items()
    )
    statuses = "".join(f"<dt>{status}</dt><dd>{escape(meaning)}</dd>" for status, meaning in MEANINGS.items())
    bodies = "".join(
        f"<h3>{escape(name)}</h3><pre>{escape(json.dumps(schema, indent=2))}</pre>"
        for name, schema in openapi.get("components", {}).get("schemas", {}).items()
    )
    return _PAGE.format(routes=routes, statuses=statuses, bodies=bodies)
