"""What surrounds every answer: request id, security headers, metrics, and one log line without its words."""

import logging
import random
import re
import time
from collections.abc import Collection, Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.logs import log_event

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_SECURITY = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
GONE = 499  # the caller left: never sent, only logged and counted
_IDS = random.Random()  # to tell requests apart, not to be secret: without a call of the system for each
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = ("/livez", "/readyz", "/metrics")  # asked every few seconds by machines


class Envelope:
    """An ASGI application around another; `paths` are those that logs and metrics may name."""

    def __init__(self, app: ASGIApp, metrics: ServiceMetrics, paths: Collection[str]) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})
        scope["state"] |= {"request_id": request_id, "started": started, "facts": {}}
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message.get("headers", ())
                names = {name.lower() for name, _ in given}
                missing = [header for header in _SECURITY if header[0] not in names]
                message["headers"] = [*given, *missing, (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # answered with 500 by now
            log_event(logging.ERROR, "unexpected error", error=error, request_id=request_id)
        finally:
            gone = scope["state"]["facts"].pop("gone", False)
            self._note(scope, GONE if gone else status or GONE, time.monotonic() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # a path that nobody serves may hold anything, and would make a metric of each typing error
        route = scope["path"] if scope["path"] in self._paths else "other"
        self._metrics.answered(route, status, seconds)
        if route in _QUIET and status in (200, 503):
            return
        log_event(
            logging.INFO,
            "request",
            request_id=scope["state"]["request_id"],
            method=scope["method"] if scope["method"] in ("GET", "HEAD", "POST") else "other",
            route=route,
            status=status,
            ms=round(1000 * seconds, 1),
            **scope["state"]["facts"],
        )


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else f"{_IDS.getrandbits(128):032x}"
