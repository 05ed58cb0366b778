"""A request that is sent again: after 429, 502 and 503 when the service says, otherwise after a while that grows."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from quotestance.service.client_errors import UnreachableError

_AGAIN = (429, 503)
_BAD_GATEWAY = 502  # of a proxy, whose service is away or broke off: it may have taken the request
_FIRST_WAIT = 0.25  # seconds
_LONGEST_WAIT = 20.0
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_BROKEN = (*_NEVER_SENT, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


@dataclass(frozen=True, slots=True)
class Retries:
    """Up to `most` times again, within about `patience` seconds in all."""

    most: int
    patience: float
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    clock: Callable[[], float] = time.monotonic


def ask(send: Callable[[], httpx.Response], retries: Retries, repeatable: bool) -> httpx.Response:
    """The answer, whatever its status; a 429, 502 or 503 only once there is no patience left.

    Where it is not `repeatable`, it is sent again only if it was never taken. Raises UnreachableError.
    """
    again_after = (*_AGAIN, _BAD_GATEWAY) if repeatable else _AGAIN
    until = retries.clock() + retries.patience
    tried = 0
    while True:
        try:
            answer = send()
            if answer.status_code not in again_after:
                return answer
            wait = _told_wait(answer, retries)
        except httpx.TransportError as error:
            again = isinstance(error, _BROKEN if repeatable else _NEVER_SENT)
            wait = None
            if not again or tried == retries.most or retries.clock() >= until:
                raise UnreachableError(f"no answer: {str(error) or type(error).__name__}") from error
            answer = None
        wait = _own_wait(tried, retries) if wait is None else wait
        if answer is not None and (tried == retries.most or retries.clock() + wait > until):
            return answer
        tried += 1
        retries.sleep(min(wait, max(0.0, until - retries.clock())))


def _told_wait(answer: httpx.Response, retries: Retries) -> float | None:
    told = answer.headers.get("retry-after", "")
    try:
        seconds = float(told) if told.isdecimal() else (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    # all who were told the same must not come back at once
    return float(max(0.0, seconds) * (1 + 0.25 * retries.chance()))


def _own_wait(tried: int, retries: Retries) -> float:
    return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**tried) * (0.5 + 0.5 * retries.chance())
