"""The routes that ask for work: articles, and texts whose actor and target are known."""

from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from quotestance.model.types import ArticleError, Reading, Stance
from quotestance.service.engine.work import Result, Row, Submission
from quotestance.service.http.openapi import described
from quotestance.service.http.request_schema import ArticlesRequest, StanceRequest
from quotestance.service.http.response_schema import ArticlesAnswer, StanceAnswer
from quotestance.service.http.service import Answered, Service
from quotestance.service.json_text import json_line
from quotestance.service.reading_json import reading_json, row_json

WORK_PATHS = ("/v1/articles", "/v1/stance")


def add_work_routes(app: FastAPI, service: Service) -> None:
    """`POST /v1/articles` and `POST /v1/stance`."""

    @app.post("/v1/articles", **described(ArticlesAnswer, ArticlesRequest))
    async def articles(request: Request) -> Response:
        """Read articles: who stood where. `results` has for each article what `quotestance score` writes, in order,
        or `{"id", "error"}`."""
        body = await service.checked(request, ArticlesRequest)
        service.check_count("articles", body.articles)
        service.check_targets("target", body.target)
        for i, article in enumerate(body.articles):
            service.check_targets(f"articles[{i}].target", article.target)
        answered = await service.results(request, [a.article(body.target) for a in body.articles])
        return _answer(request, service, answered, [_article_json(r) for r in answered.results])

    @app.post("/v1/stance", **described(StanceAnswer, StanceRequest))
    async def stance(request: Request) -> Response:
        """Judge texts whose actor and target are known. `results` has for each input what `quotestance stance`
        writes, in order, or `{"id", "error"}`."""
        body = await service.checked(request, StanceRequest)
        service.check_count("inputs", body.inputs)
        rows = [entry.row() for entry in body.inputs]
        answered = await service.results(request, rows)
        triples = zip(rows, answered.results, answered.versions, strict=True)
        return _answer(request, service, answered, [_row_json(*triple) for triple in triples])


def _article_json(result: Result) -> dict[str, Any]:
    return reading_json(result) if isinstance(result, Reading) else _error_json(result)


def _row_json(row: Row, result: Result, version: str | None) -> dict[str, Any]:
    return row_json(row.fields, result, version or "") if isinstance(result, Stance) else _error_json(result)


def _error_json(result: Result) -> dict[str, Any]:
    assert isinstance(result, ArticleError)
    return {"id": result.id, "error": result.error}


def _answer(request: Request, service: Service, answered: Answered, results: list[dict[str, Any]]) -> Response:
    # where the model was swapped half-way, the newer one; each result names its own
    versions = [version for version in answered.versions if version is not None]
    version = versions[-1] if versions else service.engine.model_version
    times = _times(answered.submission)
    request.state.facts.update(items=len(results), **{f"{name}_ms": spent for name, spent in times.items()})
    headers = {"Server-Timing": ", ".join(f"{name};dur={spent}" for name, spent in times.items())}
    return Response(json_line({"results": results, "model": version}), 200, headers, "application/json")


def _times(submission: Submission) -> dict[str, float]:
    """Milliseconds in the queue; in the tokenizers and the networks, of the whole batches; and from the first item's
    batch to the last one's end."""
    started, finished = submission.started_at, submission.finished_at
    if started is None or finished is None:
        return dict.fromkeys(("queue", "tokenise", "inference", "model"), 0.0)
    seconds = {
        "queue": started - submission.submitted_at,
        "tokenise": submission.tokenise_seconds,
        "inference": submission.inference_seconds,
        "model": finished - started,
    }
    return {name: round(1000 * spent, 1) for name, spent in seconds.items()}
