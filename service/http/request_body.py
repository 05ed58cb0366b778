"""A request's body: its bytes counted as they come, then parsed and checked against a schema."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from quotestance.service.http.doubled_key import doubled_key
from quotestance.service.http.refusal import HttpRefusalError, Place

_LARGE = 64 * 1024  # bytes; parsing more than this would hold up the event loop
_MOST_PLACES = 20
_LONGEST_NAME = 80
_POSITION = re.compile(r" at (line \d+ column \d+)$")

Schema = TypeVar("Schema", bound=BaseModel)


class Receiving:
    """How many bytes all the bodies that are in memory at once may have."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = 0

    @contextmanager
    def body(self) -> Iterator[Callable[[int], None]]:
        """Within the block, what is given counts further bytes of one body, and raises HttpRefusalError (429)."""
        own = 0

        def count(size: int) -> None:
            nonlocal own
            if self._bytes + size > self._limit:
                # the rest of the body is not read, so the connection cannot be used again
                headers = {"Retry-After": "1", "Connection": "close"}
                raise HttpRefusalError(429, "too much is being received; try again in 1 s", headers=headers)
            own += size
            self._bytes += size

        try:
            yield count
        finally:
            self._bytes -= own


async def read_body(request: Request, limit: int, count: Callable[[int], None]) -> bytes:
    """The body, whose bytes are told to `count` as they come.

    Raises HttpRefusalError (413) as soon as it is over `limit`, what `count` raises, and ClientDisconnect.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise _too_large(limit)
    received = bytearray()
    async for chunk in request.stream():
        count(len(chunk))
        received += chunk
        if len(received) > limit:
            raise _too_large(limit)
    return bytes(received)


async def parse_body(body: bytes, schema: type[Schema]) -> Schema:
    """The checked request. Raises HttpRefusalError (422) naming each place that is wrong."""
    try:
        if len(body) > _LARGE:
            return await asyncio.to_thread(_parsed, body, schema)
        return _parsed(body, schema)
    except ValidationError as error:
        raise not_the_schema(_places(error)) from None


def parse_query(request: Request, schema: type[Schema]) -> Schema:
    """The checked query parameters, all texts. Raises HttpRefusalError (422)."""
    try:
        return schema.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise not_the_schema(_places(error)) from None


def not_the_schema(places: Sequence[Place]) -> HttpRefusalError:
    """The answer (422) to a request that is wrong in these places."""
    first = places[0]
    more = f", and {len(places) - 1} more" if len(places) > 1 else ""
    return HttpRefusalError(422, f"{first.place}: {first.problem}{more}", places)


def _parsed(body: bytes, schema: type[Schema]) -> Schema:
    checked = schema.model_validate_json(body)
    # of two fields of one name the last would go unseen; a body that fits the schema is neither deep nor strange
    if doubled := doubled_key(body):
        raise HttpRefusalError(422, f"{place_of(doubled)}: given twice", [Place(place_of(doubled), "given twice")])
    return checked


def place_of(location: Sequence[int | str]) -> str:
    """`articles[0].text`; a name that a caller chose is shortened and made printable."""
    result = ""
    for part in location:
        if isinstance(part, int):
            result += f"[{part}]"
        else:
            name = part[:_LONGEST_NAME].encode("ascii", "backslashreplace").decode("ascii")
            result += f".{name}" if result else name
    return result or "body"


def _too_large(limit: int) -> HttpRefusalError:
    # the rest of the body is not read, so the connection cannot be used again
    return HttpRefusalError(413, f"the body is over {limit:,} bytes", headers={"Connection": "close"})


def _places(error: ValidationError) -> list[Place]:
    found: dict[str, list[str]] = {}
    for entry in error.errors(include_url=False, include_input=False, include_context=False):
        place, problem = place_of(_without_alternatives(entry)), entry["msg"]
        if entry["type"] == "extra_forbidden":
            problem = "unknown field"
        if entry["type"] == "json_invalid" and (position := _POSITION.search(problem)):
            place, problem = position[1], problem[: position.start()]
        found.setdefault(place, []).append(problem)
    places = [Place(place, " or: ".join(dict.fromkeys(problems))) for place, problems in found.items()]
    return places[:_MOST_PLACES]


def _without_alternatives(entry: Any) -> list[int | str]:
    """The location without pydantic's names for the members of a union, which stand for no part of the body."""
    location: list[int | str] = list(entry["loc"])
    members = {i for i, part in enumerate(location) if i and location[i - 1] == "target" and isinstance(part, str)}
    return [part for i, part in enumerate(location) if i not in members]


__all__ = ["ClientDisconnect", "Receiving", "not_the_schema", "parse_body", "parse_query", "place_of", "read_body"]
