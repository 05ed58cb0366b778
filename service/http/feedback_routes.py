"""The feedback routes: a correction is stored before it is acknowledged, and all of them come back as labels."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, TypeVar

from fastapi import FastAPI
from prometheus_client import Counter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from quotestance.model.errors import InputError
from quotestance.service.feedback.database import CONNECTIONS, FeedbackUnavailableError
from quotestance.service.feedback.label_lines import LabelFormat, labels_of
from quotestance.service.feedback.own_threads import OwnThreads, TooManyWaitError
from quotestance.service.feedback.store import FeedbackStore
from quotestance.service.feedback.times import iso_time, parsed_time
from quotestance.service.http.feedback_schema import ExportQuery, FeedbackReceipt, FeedbackRequest
from quotestance.service.http.refusal import MEANINGS, HttpRefusalError, Place
from quotestance.service.http.request_body import not_the_schema, parse_query
from quotestance.service.http.service import Service
from quotestance.service.json_text import json_line

_MOST_WAITING = 64
_RETRY_SOON = {"Retry-After": "5"}
_LINES = "application/x-ndjson"
_OWN_MEANINGS = {
    404: "Feedback is off",
    429: "Too many corrections wait for the database; Retry-After says for how long",
    503: "The database cannot be used now, or no model is loaded yet; Retry-After says when to try again",
}

T = TypeVar("T")


def add_feedback_routes(app: FastAPI, service: Service, store: FeedbackStore | None) -> None:
    """Routes for this store; without one they answer 404."""
    feedback = _Feedback(service, store)

    @app.post("/v1/feedback", status_code=201, response_class=Response, **_TAKES)
    async def correct(request: Request) -> Response:
        """Correct one statement: who is behind it, or its stance. Kept as a label for retraining; sent twice, kept
        once. A later correction of the same statement overtakes the earlier."""
        return await feedback.take(request)

    @app.get("/v1/feedback", response_class=Response, **_GIVES)
    async def export(request: Request) -> Response:
        """The corrections in force as labels for `quotestance train`, one JSON object a line."""
        return await feedback.give(request)

    app.router.routes.append(Route("/v1/feedback", _OtherMethods()))


class _OtherMethods:
    """Answers 405. By themselves, two routes at one path would name only the first one's method as allowed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise HTTPException(405, headers={"Allow": "GET, POST"})


class _Feedback:
    def __init__(self, service: Service, store: FeedbackStore | None) -> None:
        self._service = service
        self._store = store
        self._threads = OwnThreads(CONNECTIONS, _MOST_WAITING)
        self._counted = Counter(
            "quotestance_feedback", "Corrections sent", ["outcome"], registry=service.metrics.registry
        )
        for outcome in ("stored", "repeated", "failed"):
            self._counted.labels(outcome)

    async def take(self, request: Request) -> Response:
        self._service.check_key(request)
        store = self._checked_store()
        body = await self._service.body(request, FeedbackRequest)
        if problems := body.problems(self._service.settings.max_characters):
            raise not_the_schema(problems)
        model = body.model or self._service.engine.model_version
        if model is None:
            raise HttpRefusalError(503, "the model is being loaded; or name the `model` version", headers=_RETRY_SOON)
        try:
            receipt = await self._in_time(request, lambda: store.add(body.correction(model)))
        except BaseException:
            self._counted.labels("failed").inc()
            raise
        self._counted.labels("repeated" if receipt.repeated else "stored").inc()
        answer = {"id": receipt.id, "model": receipt.model, "received": iso_time(receipt.received)}
        return Response(json_line(answer), 200 if receipt.repeated else 201, media_type="application/json")

    async def give(self, request: Request) -> Response:
        self._service.check_key(request)
        store = self._checked_store()
        query = parse_query(request, ExportQuery)
        try:
            since = None if query.since is None else parsed_time(query.since)
        except InputError as error:
            raise not_the_schema([Place("since", str(error))]) from None

        def part(after: int) -> tuple[bytes, int | None]:
            return _part(store, after, query.format, since, query.model)

        # the first part before the status is sent: an outage then is a 503
        first = await self._in_time(request, lambda: part(0))
        headers = {"Content-Disposition": 'attachment; filename="feedback.jsonl"'}
        return StreamingResponse(self._parts(first, part), 200, headers, _LINES)

    async def _parts(
        self, first: tuple[bytes, int | None], part: Callable[[int], tuple[bytes, int | None]]
    ) -> AsyncIterator[bytes]:
        lines, after = first
        while after is not None:
            yield lines
            # what fails here breaks the answer off, so that half an export is not taken for a whole one
            lines, after = await self._threads.run(lambda after=after: part(after))  # type: ignore[misc]

    def _checked_store(self) -> FeedbackStore:
        if self._store is None:
            raise HttpRefusalError(404, "feedback is off in this service (setting `feedback`)")
        return self._store

    async def _in_time(self, request: Request, call: Callable[[], T]) -> T:
        left = request.state.started + self._service.settings.deadline_seconds - time.monotonic()
        try:
            async with asyncio.timeout(left):
                return await self._threads.run(call)
        except TooManyWaitError:
            raise HttpRefusalError(429, "too many wait for the feedback database", headers=_RETRY_SOON) from None
        except FeedbackUnavailableError as error:
            problem = f"the feedback database cannot be used now: {error}; try again, what is sent twice is kept once"
            raise HttpRefusalError(503, problem, headers=_RETRY_SOON) from None


def _part(
    store: FeedbackStore, after: int, form: LabelFormat, since: datetime | None, model: str | None
) -> tuple[bytes, int | None]:
    """The lines of the next articles, and the number of the last one; None where there are no more."""
    page = store.page(after, since, model)
    lines = b"".join(json_line(label) for article in page for label in labels_of(article, form))
    return lines, page[-1].number if page else None


def _meanings(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": _OWN_MEANINGS.get(status) or MEANINGS[status]} for status in statuses}


def _content(media_type: str, *schemas: str) -> dict[str, Any]:
    references = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    return {media_type: {"schema": references[0] if len(references) == 1 else {"anyOf": references}}}


_RECEIPT = _content("application/json", FeedbackReceipt.__name__)
_TAKES: dict[str, Any] = {
    "responses": {
        201: {"description": "Stored", "content": _RECEIPT},
        200: {"description": "The same correction is in force already; its receipt once more", "content": _RECEIPT},
        **_meanings(401, 404, 413, 415, 422, 429, 503, 504),
    },
    "openapi_extra": {
        "requestBody": {"required": True, "content": _content("application/json", FeedbackRequest.__name__)}
    },
}
_GIVES: dict[str, Any] = {
    "responses": {
        200: {
            "description": "One JSON object a line: LabelledArticleLine, or LabelRowLine with `format=rows`",
            "content": {_LINES: {"schema": {"type": "string"}}},
        },
        **_meanings(401, 404, 422, 429, 503, 504),
    },
    "openapi_extra": {
        "parameters": [
            {
                "name": "format",
                "in": "query",
                "description": "An article a line, or a row for each correction",
                "schema": {"enum": ["articles", "rows"], "default": "articles"},
            },
            {
                "name": "since",
                "in": "query",
                "description": "Only corrections that came then or later; a date or time in ISO 8601",
                "schema": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]},
            },
            {
                "name": "model",
                "in": "query",
                "description": "Only corrections of this model version",
                "schema": ExportQuery.model_json_schema()["properties"]["model"]["anyOf"][0],
            },
        ]
    },
}
