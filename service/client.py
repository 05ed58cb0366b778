"""A client of the HTTP service: `Client(url)`; needs the `client` extra, and neither torch nor a model.

    with Client("http://127.0.0.1:8000") as client:
        for result in client.articles([{"id": "a1", "text": "…"}], target="the raid on the port"):
            print(result.get("error") or result["actors"])

Results are the objects that the service gives, in the order of what was asked, and come as they are computed. A service
that is full, loading or restarting is asked again, also behind a proxy; what it refuses for good is raised.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from quotestance.model.errors import InputError
from quotestance.model.types import Article
from quotestance.service.client_errors import (
    AnsweredError,
    OverloadedError,
    RefusedError,
    ServiceError,
    UnreachableError,
)
from quotestance.service.client_retries import Retries, ask
from quotestance.service.json_text import json_line

try:
    import httpx
except ImportError as error:
    raise ImportError("the client needs httpx: pip install 'quotestance[client]'") from error

Json = dict[str, Any]

_ENVELOPE = 64  # bytes around the items of a body, and to spare
_TOO_LARGE = 413
_IN_HALVES = (_TOO_LARGE, 429, 504)  # what may be answered to less at once
# of a proxy, which tells it in a page of its own
_BY_A_PROXY = {_TOO_LARGE: "too large for a proxy before the service", 502: "a proxy did not get the service's answer"}
_NOT_UNICODE = "not valid Unicode: it holds half a character (a lone surrogate)"


@dataclass(frozen=True, slots=True)
class _Unsent:
    """An item that no request can hold; `error` is its reason."""

    id: Any
    error: str


class Client:
    """Asks one service; safe to use from several threads, since every call is complete in itself.

    `timeout` is for one request, in seconds; above the service's own deadline, it only ends what has hung. A request is
    tried again up to `retries` times, and all its tries together take at most about `patience` seconds. It holds up to
    `at_once` items, or as many as the service takes; what is too large or not done in time is asked for again in
    halves, and items that are not the schema, or too large alone, have their error in their place.

    Calls raise RefusedError (a wrong key, a target or correction that is not the schema), OverloadedError (full, not
    ready or away behind its proxy to the end of the patience, or past the service's deadline) and UnreachableError,
    which are ServiceErrors and QuotestanceErrors.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        timeout: float = 90.0,
        retries: int = 6,
        patience: float = 300.0,
        at_once: int = 64,
    ) -> None:
        headers = {"Content-Type": "application/json"}
        if at_once < 1:
            raise InputError("`at_once` must be 1 or more")
        if key is not None and not (key and all("!" <= c <= "~" for c in key)):
            raise InputError("the key holds what no key may, such as a space or a line end")
        if key is not None:
            headers["X-API-Key"] = key
        try:
            self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout)
            if self._http.base_url.scheme not in ("http", "https") or not self._http.base_url.host:
                raise httpx.InvalidURL("it is not http://HOST[:PORT]")
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise InputError(f"the service's address or key cannot be used: {error}") from None
        self._retries = Retries(retries, patience)
        self._at_once = at_once

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def model(self) -> Json:
        """The model in force: its version, threshold, what it was made from, and the service's limits."""
        return self._asked("GET", "/v1/model")

    def articles(
        self, articles: Iterable[Article | Mapping[str, Any]], target: str | Sequence[str] | None = None
    ) -> Iterator[Json]:
        """For each article the scored article, or `{"id", "error"}`; `target` holds for those that have none."""
        rest: Json = {} if target is None else {"target": target if isinstance(target, str) else list(target)}
        items = (_article_fields(a) if isinstance(a, Article) else a for a in articles)
        return self._in_parts("/v1/articles", "articles", items, rest)

    def stance(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Json]:
        """For each row `{"text", "actor", "target"[, "quote", "id"]}` its stance, or `{"id", "error"}`."""
        return self._in_parts("/v1/stance", "inputs", rows, {})

    def feedback(self, correction: Mapping[str, Any]) -> Json:
        """Send a corrected statement, as `POST /v1/feedback` describes it; the service's answer.

        After a connection that broke, or a proxy's 502, it is not sent again: it may have been taken.
        """
        return self._asked("POST", "/v1/feedback", json_line(correction), repeatable=False)

    def _in_parts(self, path: str, field: str, items: Iterable[Mapping[str, Any]], rest: Json) -> Iterator[Json]:
        limits = self.model()["limits"]
        most, longest = min(int(limits["max_items"]), self._at_once), int(limits["max_body_bytes"])
        too_large = f"over {longest:,} bytes, the service's limit"
        closing = json.dumps(rest)[1:].encode("ascii") if rest else b"}"
        room = longest - len(closing) - _ENVELOPE

        def ask_for(part: Sequence[bytes]) -> Json:
            body = b'{"%s": [%s]%s%s' % (field.encode("ascii"), b", ".join(part), b", " if rest else b"", closing)
            return self._asked("POST", path, body)

        for part in _parts(items, most, room, too_large):
            if isinstance(part, _Unsent):
                yield {"id": part.id, "error": part.error}
            else:
                yield from _results(part, field, ask_for)

    def _asked(self, method: str, path: str, body: bytes | None = None, repeatable: bool = True) -> Json:
        answer = ask(lambda: self._http.request(method, path, content=body), self._retries, repeatable)
        try:
            value = answer.json()
        except ValueError:
            value = None
        if answer.is_success and isinstance(value, dict):
            return value
        raise _error_of(answer, value if isinstance(value, dict) else {})


def _results(part: Sequence[bytes], field: str, ask_for: Callable[[Sequence[bytes]], Json]) -> Iterator[Json]:
    """The results of a part, in order. What is too large or not done in time is asked for in halves, and items that are
    not the schema, or too large alone, have their error in their place.

    Raises RefusedError and OverloadedError where that is no help.
    """
    try:
        answer = ask_for(part)
    except AnsweredError as error:
        if len(part) > 1 and error.status in _IN_HALVES:
            yield from _results(part[: len(part) // 2], field, ask_for)
            yield from _results(part[len(part) // 2 :], field, ask_for)
            return
        wrong = {0: str(error)} if error.status == _TOO_LARGE else _wrong_items(error, field)
        if not wrong:
            raise
        rest = [item for i, item in enumerate(part) if i not in wrong]
        results = _results(rest, field, ask_for) if rest else iter(())
        for i, item in enumerate(part):
            yield {"id": _id_of(json.loads(item)), "error": wrong[i]} if i in wrong else next(results)
    else:
        yield from answer["results"]


def _wrong_items(error: AnsweredError, field: str) -> dict[int, str]:
    """What is wrong with which items, if that is all that is wrong."""
    wrong: dict[int, list[str]] = {}
    for place, problem in error.places.items():
        found = re.match(rf"{field}\[(\d+)\]\.?(.*)", place)
        if error.status != 422 or not found:
            return {}
        wrong.setdefault(int(found[1]), []).append(f"`{found[2]}`: {problem}" if found[2] else problem)
    return {i: "; ".join(problems) for i, problems in wrong.items()}


def _parts(items: Iterable[Mapping[str, Any]], most: int, room: int, too_large: str) -> Iterator[list[bytes] | _Unsent]:
    """The items as JSON, in parts that fit into one request each, and in their places those that fit into none."""
    part: list[bytes] = []
    size = 0
    for item in items:
        encoded, problem = _encoded(item)
        if len(encoded) > room:
            problem = too_large
        if part and (problem or len(part) == most or size + len(encoded) + 2 > room):
            yield part
            part, size = [], 0
        if problem:
            yield _Unsent(_id_of(item), problem)
            continue
        part.append(encoded)
        size += len(encoded) + 2
    if part:
        yield part


def _encoded(item: Any) -> tuple[bytes, str | None]:
    """The item as JSON, and why JSON cannot hold it, where it cannot."""
    try:
        encoded = json.dumps(item, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except UnicodeEncodeError:
        return b"", _NOT_UNICODE
    except (TypeError, ValueError, RecursionError) as error:
        return b"", f"JSON cannot hold it: {error}"
    return encoded, None


def _id_of(item: Any) -> Any:
    return item.get("id") if isinstance(item, Mapping) else None


def _article_fields(article: Article) -> Json:
    fields = {key: value for key, value in dataclasses.asdict(article).items() if value is not None}
    # an empty id is the class's way of having none
    return fields if article.id else {key: value for key, value in fields.items() if key != "id"}


def _error_of(answer: httpx.Response, told: Mapping[str, Any]) -> ServiceError:
    kind = OverloadedError if answer.status_code in (429, 502, 503, 504) else RefusedError
    places = {place["place"]: place["problem"] for place in told.get("places", ())}
    unknown = _BY_A_PROXY.get(answer.status_code, f"not the answer of a quotestance service, from {answer.url}")
    problem = told.get("error") or unknown
    return kind(answer.status_code, str(problem), places, told.get("request_id"))


__all__ = ["Client", "OverloadedError", "RefusedError", "ServiceError", "UnreachableError"]
