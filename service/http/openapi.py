"""The OpenAPI description. Bodies are read and checked by hand (their bytes are counted, the places of mistakes named)
and answers are built by hand, so both are described by hand."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, TypeAdapter
from starlette.responses import Response

from quotestance.service.http.feedback_schema import FEEDBACK_SCHEMAS
from quotestance.service.http.refusal import MEANINGS
from quotestance.service.http.request_schema import ArticlesRequest, StanceRequest
from quotestance.service.http.response_schema import (
    ArticlesAnswer,
    ErrorAnswer,
    Health,
    ModelAnswer,
    ReloadAnswer,
    StanceAnswer,
)
from quotestance.service.http.settings import ServeSettings

_DESCRIBED: tuple[type[Any], ...] = (
    ArticlesRequest,
    StanceRequest,
    *FEEDBACK_SCHEMAS,
    ArticlesAnswer,
    StanceAnswer,
    ModelAnswer,
    ReloadAnswer,
    Health,
    ErrorAnswer,
)
_WORK = (401, 408, 413, 415, 422, 429, 503, 504)


def described(
    answer: type[Any], body: type[BaseModel] | None, *statuses: int, answers: dict[int, type[Any]] | None = None
) -> dict[str, Any]:
    """A route's arguments: the answer's type, the body's where it takes one, and the other statuses there are.

    `answers` has the types of answers other than 200 that are no ErrorAnswer.
    """
    others = {status: _json(MEANINGS[status], ErrorAnswer) for status in statuses or (_WORK if body else ())}
    special = {status: _json(MEANINGS[status], kind) for status, kind in (answers or {}).items()}
    # a class without a media type, or FastAPI adds its own to what is described
    route: dict[str, Any] = {
        "response_class": Response,
        "responses": {200: _json("Done", answer), **others, **special},
    }
    if body is not None:
        content = {"application/json": {"schema": _reference(body)}}
        route["openapi_extra"] = {"requestBody": {"required": True, "content": content}}
    return route


def text_response(meaning: str, *statuses: int) -> dict[str, Any]:
    """A route's arguments, where the answer is plain text."""
    content = {"text/plain": {"schema": {"type": "string"}}}
    others = {status: _json(MEANINGS[status], ErrorAnswer) for status in statuses}
    return {"response_class": Response, "responses": {200: {"description": meaning, "content": content}, **others}}


def describe(app: FastAPI, settings: ServeSettings, with_keys: bool) -> dict[str, Any]:
    """The document: the routes, their bodies with the limits of these settings, and the keys where any are set."""
    document = get_openapi(title="quotestance", version=_release(), routes=app.routes)
    schemas = _schemas()
    for name, field in (("ArticlesRequest", "articles"), ("StanceRequest", "inputs")):
        schemas[name]["properties"][field]["maxItems"] = settings.max_items
    for name in ("ArticlesRequest", "ArticleIn"):
        for choice in schemas[name]["properties"]["target"]["anyOf"]:
            if choice.get("type") == "array":
                choice["maxItems"] = settings.max_targets
    document.setdefault("components", {})["schemas"] = schemas
    if with_keys:
        _add_keys(document)
    return document


def _schemas() -> dict[str, Any]:
    adapters = [(kind.__name__, "validation", TypeAdapter(kind)) for kind in _DESCRIBED]
    _, found = TypeAdapter.json_schemas(adapters, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _add_keys(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    for path, operations in document["paths"].items():
        if path.startswith("/v1/") or path == "/metrics":
            for operation in operations.values():
                operation["security"] = [{"bearer": []}, {"header": []}]


def _json(meaning: str, kind: type[Any]) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/json": {"schema": _reference(kind)}}}


def _reference(kind: type[Any]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _release() -> str:
    try:
        return version("quotestance")
    except PackageNotFoundError:
        return "0"
