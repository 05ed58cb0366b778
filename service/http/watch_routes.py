"""The routes by which the service is watched and its model reloaded."""

import asyncio
from dataclasses import asdict

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from quotestance.service.engine.work import NotReadyError
from quotestance.service.http.docs_page import api_page
from quotestance.service.http.local import is_local
from quotestance.service.http.openapi import described, text_response
from quotestance.service.http.refusal import HttpRefusalError
from quotestance.service.http.response_schema import Health, ModelAnswer, ReloadAnswer
from quotestance.service.http.service import Service

_TEXT_METRICS = "text/plain; version=0.0.4; charset=utf-8"
_LIMITS = ("max_items", "max_characters", "max_targets", "max_body_bytes", "deadline_seconds")


def add_watch_routes(app: FastAPI, service: Service) -> None:
    """`/v1/model`, `/v1/model/reload`, `/livez`, `/readyz`, `/metrics` and `/docs`."""
    _add_model_routes(app, service)
    _add_health_routes(app, service)

    @app.get("/metrics", **text_response("Prometheus metrics", 401))
    async def metrics(request: Request) -> Response:
        """Prometheus metrics."""
        service.check_key(request)
        return Response(service.metrics.exposition(service.engine.model_version), media_type=_TEXT_METRICS)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(api_page(app.openapi()))


def _add_model_routes(app: FastAPI, service: Service) -> None:
    reloading = asyncio.Lock()

    @app.get("/v1/model", **described(ModelAnswer, None, 401, 503))
    async def model(request: Request) -> Response:
        """The model in force: version, stances, threshold, what it was made from; this service's limits; and what
        became of the last attempt to put another model into service."""
        service.check_key(request)
        version = service.engine.model_version
        if version is None:
            raise NotReadyError("the model is being loaded")
        limits = {name: getattr(service.settings, name) for name in _LIMITS}
        attempt = service.reloading.last_attempt() if service.reloading else None
        told = asdict(attempt) if attempt else None
        return JSONResponse({"version": version, **service.facts(), "limits": limits, "last_reload": told})

    @app.post("/v1/model/reload", **described(ReloadAnswer, None, 401, 403, 409, 503))
    async def reload(request: Request) -> Response:
        """Load the model that is in the model's folder now and, once it has been tried, put it into service; the
        one in service stays where that fails (409). With a key, or, where no keys are set, from the same machine."""
        service.check_key(request)
        if not len(service.keys) and not is_local(request):
            raise HttpRefusalError(403, "without keys, only a program on the same machine may reload the model")
        if service.reloading is None:
            raise HttpRefusalError(409, "this service does not reload its model")
        if reloading.locked():
            raise HttpRefusalError(409, "the model is being reloaded already")
        async with reloading:
            attempt = await asyncio.to_thread(service.reloading.reload)
        if attempt.outcome == "rolled back":
            raise HttpRefusalError(409, f"rolled back, {attempt.version} stays in service: {attempt.reason}")
        return JSONResponse(asdict(attempt))


def _add_health_routes(app: FastAPI, service: Service) -> None:
    @app.head("/livez", include_in_schema=False)
    @app.get("/livez", **described(Health, None))
    async def livez() -> Response:
        """Alive: the process answers."""
        return JSONResponse({"status": "alive"})

    @app.head("/readyz", include_in_schema=False)
    @app.get("/readyz", **described(Health, None, answers={503: Health}))
    async def readyz() -> Response:
        """Ready: the model has read an article, and work that comes now would be done."""
        ready = service.engine.ready
        state = service.engine.state
        status = "stalled" if state == "ready" and not ready else state
        return JSONResponse({"status": status}, status_code=200 if ready else 503)
