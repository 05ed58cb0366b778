"""Answers other than 200, all in one shape: `{"error", "places", "request_id"}`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from quotestance.service.engine.work import (
    DeadlineError,
    DrainingError,
    EngineError,
    NotReadyError,
    QueueFullError,
)
from quotestance.service.json_text import json_line

MEANINGS: Mapping[int, str] = {
    401: "No key, or a wrong one",
    403: "Not allowed from here",
    408: "The body did not come in time",
    409: "Rolled back: the model in service stays",
    413: "The body is too large",
    415: "The body is not announced as application/json, or is compressed",
    422: "Not the schema, or too many items; `places` names where",
    429: "The queue is full; Retry-After says for how long",
    503: "The model is being loaded, does not run, or the service is stopping",
    504: "The deadline passed",
}
_RETRY_SOON = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a request something is wrong, and what."""

    place: str
    problem: str


@dataclass(slots=True, eq=False)
class HttpRefusalError(Exception):
    """A request that is answered with an error status."""

    status: int
    error: str
    places: Sequence[Place] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal_of(error: EngineError) -> HttpRefusalError:
    """The answer for work that the engine did not do."""
    if isinstance(error, QueueFullError):
        return HttpRefusalError(429, str(error), headers={"Retry-After": str(error.retry_after)})
    if isinstance(error, DeadlineError):
        return HttpRefusalError(504, str(error))
    if isinstance(error, DrainingError | NotReadyError):
        return HttpRefusalError(503, str(error), headers=_RETRY_SOON)
    return HttpRefusalError(503, "the work failed; try again", headers=_RETRY_SOON)


def error_body(refusal: HttpRefusalError, request_id: str) -> bytes:
    """The JSON of a refusal."""
    body: dict[str, Any] = {"error": refusal.error}
    if refusal.places:
        body["places"] = [{"place": p.place, "problem": p.problem} for p in refusal.places]
    return json_line(body | {"request_id": request_id})


def refusal_response(refusal: HttpRefusalError, request_id: str) -> Response:
    """The whole answer."""
    return Response(error_body(refusal, request_id), refusal.status, dict(refusal.headers), "application/json")
