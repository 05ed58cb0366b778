"""What the routes share: keys, limits, the body of a request, and the engine's results for it."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request

from quotestance.model.types import ArticleError
from quotestance.service.engine.engine import Engine
from quotestance.service.engine.model_watch import Attempt
from quotestance.service.engine.work import Item, Result, Submission, target_count
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.refusal import HttpRefusalError, Place
from quotestance.service.http.request_body import Receiving, parse_body, read_body
from quotestance.service.http.settings import ServeSettings

Schema = TypeVar("Schema", bound=BaseModel)
Facts = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Answered:
    """Results in the order of the items; `versions` has for each the model that scored it, None where none did."""

    results: Sequence[Result]
    versions: Sequence[str | None]
    submission: Submission


@dataclass(frozen=True, slots=True)
class Reloading:
    """How the routes reach the model's reloading: `reload` blocks until it is known what became of it."""

    reload: Callable[[], Attempt]
    last_attempt: Callable[[], Attempt | None]


class Service:
    """What the routes share."""

    def __init__(
        self,
        engine: Engine,
        settings: ServeSettings,
        keys: ApiKeys,
        metrics: ServiceMetrics,
        facts: Facts,
        reloading: Reloading | None = None,
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.keys = keys
        self.metrics = metrics
        self.facts = facts
        self.reloading = reloading
        self._receiving = Receiving(settings.receiving_bytes)

    def check_key(self, request: Request) -> None:
        """Raises HttpRefusalError (401)."""
        if not self.keys.admit(request.headers):
            raise HttpRefusalError(401, "no key, or a wrong one", headers={"WWW-Authenticate": "Bearer"})

    def check_open(self, request: Request) -> None:
        """Raises HttpRefusalError (401), and the EngineError for which no work would be taken."""
        self.check_key(request)
        self.engine.check_open()

    def check_json(self, request: Request) -> None:
        """Raises HttpRefusalError (415). Also keeps other sites' forms, which cannot send this type, from using a
        service on the reader's machine."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise HttpRefusalError(415, "the body must be sent with Content-Type: application/json")
        coding = request.headers.get("content-encoding", "identity").strip().lower()
        if coding != "identity":
            raise HttpRefusalError(415, "the body must be sent as it is, without Content-Encoding")

    async def checked(self, request: Request, schema: type[Schema]) -> Schema:
        """The request's body, once everything that is cheaper to check has been.

        Raises HttpRefusalError, EngineError, TimeoutError and ClientDisconnect.
        """
        self.check_open(request)
        return await self.body(request, schema)

    async def body(self, request: Request, schema: type[Schema]) -> Schema:
        """The request's body, counted, parsed and checked.

        Raises HttpRefusalError, TimeoutError and ClientDisconnect.
        """
        self.check_json(request)
        async with asyncio.timeout_at(self._loop_deadline(request)):
            with self._receiving.body() as count:
                body = await self._body(request, count)
                return await parse_body(body, schema)

    async def _body(self, request: Request, count: Callable[[int], None]) -> bytes:
        try:
            async with asyncio.timeout(self.settings.body_seconds):
                return await read_body(request, self.settings.max_body_bytes, count)
        except TimeoutError:
            if time.monotonic() >= self._deadline(request):
                raise
            # the rest of the body is not read, so the connection cannot be used again
            raise HttpRefusalError(408, "the body did not come in time", headers={"Connection": "close"}) from None

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

    async def results(self, request: Request, items: Sequence[Item]) -> Answered:
        """The engine's results in order, with an error in the place of each item that cannot be used.

        Raises EngineError, TimeoutError, and ClientDisconnect when the caller has left.
        """
        refused = [self._refusal(item) for item in items]
        usable = [item for item, error in zip(items, refused, strict=True) if error is None]
        submission = self.engine.submit(usable, self._deadline(request))
        computed = await self._wait(request, submission)
        done = iter(zip(computed, submission.versions, strict=True))
        answers = [next(done) if error is None else (error, None) for error in refused]
        answered = Answered([result for result, _ in answers], [version for _, version in answers], submission)
        for result in answered.results:
            self.metrics.result(result)
        return answered

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
        targets = target_count(item)
        if len(item.text) * targets > self.settings.max_characters:
            # one article is computed in one go, and all others wait for it
            limit = self.settings.max_characters // targets
            return ArticleError(
                item.id, f"`text` has {len(item.text):,} characters; the limit with {targets} targets is {limit:,}"
            )
        return None

    def _deadline(self, request: Request) -> float:
        return float(request.state.started) + self.settings.deadline_seconds

    def _loop_deadline(self, request: Request) -> float:
        return asyncio.get_running_loop().time() + self._deadline(request) - time.monotonic()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
