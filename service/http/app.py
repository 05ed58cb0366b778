"""The routes: what comes in is checked and given to the engine, what comes out is put in order and sent."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp

from quotestance.model.types import ArticleError, Reading, Stance
from quotestance.service.engine.engine import Engine
from quotestance.service.engine.work import EngineError, Item, Result, Row, Submission
from quotestance.service.feedback.store import FeedbackStore
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.docs_page import api_page
from quotestance.service.http.envelope import GONE, Envelope
from quotestance.service.http.feedback_routes import add_feedback_routes
from quotestance.service.http.feedback_schema import FEEDBACK_SCHEMAS
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.refusal import MEANINGS, HttpRefusalError, Place, error_body, refusal_of
from quotestance.service.http.request_body import parse_body, read_body
from quotestance.service.http.request_schema import ArticlesRequest, StanceRequest
from quotestance.service.http.settings import ServeSettings
from quotestance.service.json_text import json_line
from quotestance.service.page.routes import add_page
from quotestance.service.reading_json import reading_json, stance_json

Schema = TypeVar("Schema", bound=BaseModel)
Facts = Callable[[], Mapping[str, Any]]

_SCHEMAS: tuple[type[BaseModel], ...] = (ArticlesRequest, StanceRequest, *FEEDBACK_SCHEMAS)
_TEXT_METRICS = "text/plain; version=0.0.4; charset=utf-8"


class Service:
    """What the routes share."""

    def __init__(
        self, engine: Engine, settings: ServeSettings, keys: ApiKeys, metrics: ServiceMetrics, facts: Facts
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.keys = keys
        self.metrics = metrics
        self.facts = facts

    def check_key(self, request: Request) -> None:
        """Raises HttpRefusalError (401)."""
        if not self.keys.admit(request.headers):
            raise HttpRefusalError(401, "no key, or a wrong one", headers={"WWW-Authenticate": "Bearer"})

    async def checked(self, request: Request, schema: type[Schema]) -> Schema:
        """The request's body, once everything that is cheaper to check has been.

        Raises HttpRefusalError, EngineError, TimeoutError and ClientDisconnect.
        """
        self.check_key(request)
        self.engine.check_open()
        return await self.body(request, schema)

    async def body(self, request: Request, schema: type[Schema]) -> Schema:
        """The request's body, counted, parsed and checked.

        Raises HttpRefusalError, TimeoutError and ClientDisconnect.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            # also keeps other sites' forms, which cannot send this type, from using a service on the reader's machine
            raise HttpRefusalError(415, "the body must be sent with Content-Type: application/json")
        async with asyncio.timeout_at(self._loop_deadline(request)):
            body = await read_body(request, self.settings.max_body_bytes)
            return await parse_body(body, schema)

    def check_count(self, field: str, items: Sequence[object]) -> None:
        """Raises HttpRefusalError (422) where there are too many."""
        if len(items) > self.settings.max_items:
            problem = f"{len(items)} items; the limit is {self.settings.max_items}"
            raise HttpRefusalError(422, f"{field}: {problem}", [Place(field, problem)])

    def check_targets(self, place: str, target: str | Sequence[str] | None) -> None:
        """Raises HttpRefusalError (422) where there are too many."""
        if isinstance(target, list) and len(target) > self.settings.max_targets:
            problem = f"{len(target)} targets; the limit is {self.settings.max_targets}"
            raise HttpRefusalError(422, f"{place}: {problem}", [Place(place, problem)])

    async def results(self, request: Request, items: Sequence[Item]) -> tuple[list[Result], Submission]:
        """The engine's results in order, with an error in the place of each item that cannot be used.

        Raises EngineError, TimeoutError, and ClientDisconnect when the caller has left.
        """
        refused = [self._refusal(item) for item in items]
        usable = [item for item, error in zip(items, refused, strict=True) if error is None]
        submission = self.engine.submit(usable, self._deadline(request))
        done = iter(await self._wait(request, submission))
        results = [next(done) if error is None else error for error in refused]
        for result in results:
            self.metrics.result(result)
        _note_times(request, submission, len(items))
        return results, submission

    async def _wait(self, request: Request, submission: Submission) -> list[Result]:
        answer = asyncio.wrap_future(submission.future)
        gone = asyncio.ensure_future(_disconnected(request))
        try:
            left = self._deadline(request) - time.monotonic()
            waited: set[asyncio.Future[Any]] = {answer, gone}
            await asyncio.wait(waited, timeout=max(0.0, left), return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            raise ClientDisconnect if gone.done() else TimeoutError
        finally:
            gone.cancel()
            # where nobody waits any more, what is still queued need not be computed
            submission.cancel()

    def _refusal(self, item: Item) -> ArticleError | None:
        if not item.text.strip():
            return ArticleError(item.id, "`text` is empty")
        if len(item.text) > self.settings.max_characters:
            limit = self.settings.max_characters
            return ArticleError(item.id, f"`text` has {len(item.text):,} characters; the limit is {limit:,}")
        return None

    def _deadline(self, request: Request) -> float:
        return float(request.state.started) + self.settings.deadline_seconds

    def _loop_deadline(self, request: Request) -> float:
        return asyncio.get_running_loop().time() + self._deadline(request) - time.monotonic()


def create_app(
    engine: Engine,
    settings: ServeSettings,
    keys: ApiKeys,
    metrics: ServiceMetrics,
    facts: Facts,
    feedback: FeedbackStore | None = None,
) -> ASGIApp:
    """The service as an ASGI application; starting and stopping the engine is the caller's part.

    Without a store, feedback is off.
    """
    service = Service(engine, settings, keys, metrics, facts)
    app = FastAPI(title="quotestance", docs_url=None, redoc_url=None)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    _add_work_routes(app, service)
    add_feedback_routes(app, service, feedback)
    _add_watch_routes(app, service)
    add_page(app)
    _add_error_handlers(app)
    metrics.watch(engine)
    paths = {route.path for route in app.routes if hasattr(route, "path")}
    return Envelope(app, metrics, paths)


def _add_work_routes(app: FastAPI, service: Service) -> None:
    @app.post("/v1/articles", **_described(ArticlesRequest))
    async def articles(request: Request) -> Response:
        """Read articles: who stood where. `results` has for each article what `quotestance score` writes, in order,
        or `{"id", "error"}`."""
        body = await service.checked(request, ArticlesRequest)
        service.check_count("articles", body.articles)
        service.check_targets("target", body.target)
        for i, article in enumerate(body.articles):
            service.check_targets(f"articles[{i}].target", article.target)
        results, submission = await service.results(request, [a.article(body.target) for a in body.articles])
        return _answer([_article_json(r) for r in results], service.engine.model_version, submission)

    @app.post("/v1/stance", **_described(StanceRequest))
    async def stance(request: Request) -> Response:
        """Judge texts whose actor and target are known. `results` has for each input what `quotestance stance`
        writes, in order, or `{"id", "error"}`."""
        body = await service.checked(request, StanceRequest)
        service.check_count("inputs", body.inputs)
        rows = [entry.row() for entry in body.inputs]
        results, submission = await service.results(request, rows)
        version = service.engine.model_version
        judged = [_row_json(row, result, version) for row, result in zip(rows, results, strict=True)]
        return _answer(judged, version, submission)


def _add_watch_routes(app: FastAPI, service: Service) -> None:
    @app.get("/v1/model", responses=_responses(401, 503))
    async def model(request: Request) -> Response:
        """The model in force: version, stances, threshold, what it was made from, and this service's limits."""
        service.check_key(request)
        version = service.engine.model_version
        if version is None:
            raise HttpRefusalError(503, "the model is being loaded", headers={"Retry-After": "5"})
        names = ("max_items", "max_characters", "max_targets", "max_body_bytes", "deadline_seconds")
        limits = {name: getattr(service.settings, name) for name in names}
        return JSONResponse({"version": version, **service.facts(), "limits": limits})

    @app.get("/livez")
    async def livez() -> Response:
        """Alive: the process answers."""
        return JSONResponse({"status": "alive"})

    @app.get("/readyz", responses={503: {"description": MEANINGS[503]}})
    async def readyz() -> Response:
        """Ready: the model has read an article, and work that comes now would be done."""
        ready = service.engine.ready
        state = service.engine.state
        status = "stalled" if state == "ready" and not ready else state
        return JSONResponse({"status": status}, status_code=200 if ready else 503)

    @app.get("/metrics", responses=_responses(401))
    async def metrics(request: Request) -> Response:
        """Prometheus metrics."""
        service.check_key(request)
        return Response(service.metrics.exposition(service.engine.model_version), media_type=_TEXT_METRICS)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(api_page(app.openapi()))


def _add_error_handlers(app: FastAPI) -> None:
    def answer(request: Request, refusal: HttpRefusalError) -> Response:
        body = error_body(refusal, request.state.request_id)
        return Response(body, refusal.status, dict(refusal.headers), "application/json")

    @app.exception_handler(HttpRefusalError)
    async def refused(request: Request, error: HttpRefusalError) -> Response:
        return answer(request, error)

    @app.exception_handler(EngineError)
    async def not_done(request: Request, error: EngineError) -> Response:
        return answer(request, refusal_of(error))

    @app.exception_handler(TimeoutError)
    async def late(request: Request, error: TimeoutError) -> Response:
        return answer(request, HttpRefusalError(504, "not done within the time allowed"))

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, error: ClientDisconnect) -> Response:
        request.state.facts["gone"] = True
        return Response(status_code=GONE)  # nobody is there to receive it

    @app.exception_handler(HTTPException)
    async def no_such_route(request: Request, error: HTTPException) -> Response:
        return answer(request, HttpRefusalError(error.status_code, error.detail, headers=error.headers or {}))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        return answer(request, HttpRefusalError(500, "an error of the service; its log has the request id"))


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _article_json(result: Result) -> dict[str, Any]:
    return reading_json(result) if isinstance(result, Reading) else _error_json(result)


def _row_json(row: Row, result: Result, version: str | None) -> dict[str, Any]:
    if not isinstance(result, Stance):
        return _error_json(result)
    return {"id": row.id, "actor": row.actor, "target": row.target, **stance_json(result), "model": version}


def _error_json(result: Result) -> dict[str, Any]:
    assert isinstance(result, ArticleError)
    return {"id": result.id, "error": result.error}


def _answer(results: list[dict[str, Any]], version: str | None, submission: Submission) -> Response:
    queued, computed = _times(submission)
    headers = {"Server-Timing": f"queue;dur={queued}, model;dur={computed}"}
    return Response(json_line({"results": results, "model": version}), 200, headers, "application/json")


def _times(submission: Submission) -> tuple[float, float]:
    """Milliseconds in the queue, and from the first item's batch to the last one's end."""
    if submission.started_at is None or submission.finished_at is None:
        return 0.0, 0.0
    queued = submission.started_at - submission.submitted_at
    return round(1000 * queued, 1), round(1000 * (submission.finished_at - submission.started_at), 1)


def _note_times(request: Request, submission: Submission, items: int) -> None:
    queued, computed = _times(submission)
    request.state.facts.update(items=items, queue_ms=queued, model_ms=computed)


def _responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": MEANINGS[status]} for status in statuses}


def _described(schema: type[BaseModel]) -> dict[str, Any]:
    """The body is read and checked by hand (its bytes are counted, its places named), so it is described by hand."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema.__name__}"}}}
    return {
        "responses": _responses(*MEANINGS),
        "openapi_extra": {"requestBody": {"required": True, "content": content}},
    }


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        try:
            from importlib.metadata import version

            release = version("quotestance")
        except Exception:
            release = "0"
        document = get_openapi(title="quotestance", version=release, routes=app.routes)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for schema in _SCHEMAS:
            described = schema.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(described.pop("$defs", {}))
            schemas[schema.__name__] = described
        app.openapi_schema = document
    return app.openapi_schema
