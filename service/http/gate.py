"""What can be refused before a request is looked at: strangers, and work for which there is no room.

Under overload most requests end here, and each takes time from those that are computed: so before the routes.
"""

from collections.abc import Collection

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from quotestance.service.engine.work import EngineError
from quotestance.service.http.refusal import HttpRefusalError, refusal_of, refusal_response
from quotestance.service.http.service import Service


class Gate:
    """An ASGI application around another; `paths` are those whose POST asks for work."""

    def __init__(self, app: ASGIApp, service: Service, paths: Collection[str]) -> None:
        self._app = app
        self._service = service
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in self._paths:
            refusal = self._refusal(Request(scope))
            if refusal is not None:
                await refusal_response(refusal, scope["state"]["request_id"])(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, request: Request) -> HttpRefusalError | None:
        try:
            self._service.check_open(request)
        except HttpRefusalError as refusal:
            return refusal
        except EngineError as error:
            return refusal_of(error)
        except Exception:
            # raised again by the route, and answered there
            return None
        return None
