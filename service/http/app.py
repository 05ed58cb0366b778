"""The service as an ASGI application: its routes, the answers to what is refused, and the envelope around them."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from quotestance.service.engine.engine import Engine
from quotestance.service.engine.work import EngineError
from quotestance.service.feedback.store import FeedbackStore
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.envelope import GONE, Envelope
from quotestance.service.http.feedback_routes import add_feedback_routes
from quotestance.service.http.gate import Gate
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.openapi import describe
from quotestance.service.http.refusal import HttpRefusalError, refusal_of, refusal_response
from quotestance.service.http.service import Facts, Reloading, Service
from quotestance.service.http.settings import ServeSettings
from quotestance.service.http.watch_routes import add_watch_routes
from quotestance.service.http.work_routes import WORK_PATHS, add_work_routes
from quotestance.service.page.routes import add_page


def create_app(
    engine: Engine,
    settings: ServeSettings,
    keys: ApiKeys,
    metrics: ServiceMetrics,
    facts: Facts,
    reloading: Reloading | None = None,
    feedback: FeedbackStore | None = None,
) -> ASGIApp:
    """The service as an ASGI application; starting and stopping the engine is the caller's part."""
    service = Service(engine, settings, keys, metrics, facts, reloading)
    app = FastAPI(title="quotestance", docs_url=None, redoc_url=None)
    add_work_routes(app, service)
    add_feedback_routes(app, service, feedback)
    add_watch_routes(app, service)
    add_page(app)
    _add_error_handlers(app)
    _describe_once(app, settings, with_keys=bool(len(keys)))
    metrics.watch(engine)
    paths = {route.path for route in app.routes if hasattr(route, "path")}
    return Envelope(Gate(app, service, WORK_PATHS), metrics, paths)


def _describe_once(app: FastAPI, settings: ServeSettings, with_keys: bool) -> None:
    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app, settings, with_keys)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _add_error_handlers(app: FastAPI) -> None:
    def answer(request: Request, refusal: HttpRefusalError) -> Response:
        return refusal_response(refusal, request.state.request_id)

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
