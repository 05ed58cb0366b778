"""What a client of the HTTP service raises."""

from collections.abc import Mapping

from quotestance.model.errors import QuotestanceError


class ServiceError(QuotestanceError):
    """Base of the client's errors."""


class UnreachableError(ServiceError):
    """No answer came: nobody listens there, or the connection broke or hung."""


class AnsweredError(ServiceError):
    """An answer other than 2xx; `places` says of each wrong place of the request what is wrong there."""

    def __init__(self, status: int, problem: str, places: Mapping[str, str], request_id: str | None) -> None:
        super().__init__(f"{problem} (HTTP {status})")
        self.status = status
        self.places = places
        self.request_id = request_id


class RefusedError(AnsweredError):
    """The service will not do this, however often it is asked."""


class OverloadedError(AnsweredError):
    """The service could not do this in time: it was full, not ready, away behind its proxy, or past its deadline."""
