"""The page at /: plain files of the package, each under a path of its own, that may load only one another."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

PREFIX = "/page/"

_INDEX = "index.html"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    # the browser itself refuses a script of ours that would parse text as HTML
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # kept by the browser, and asked about each time: what a new release brings is seen at once
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the page as it is sent; `etag` changes with its bytes."""

    name: str
    content: bytes
    media_type: str
    etag: str

    def answer(self, request: Request) -> Response:
        """The file, or 304 where the browser has these very bytes."""
        headers = _HEADERS | {"ETag": self.etag}
        if self.etag in _etags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return Response(self.content, headers=headers, media_type=self.media_type)


def static_files() -> list[StaticFile]:
    """The page's files, by name."""
    folder = files("quotestance.service.page") / "static"
    found = sorted((entry.name, entry.read_bytes()) for entry in folder.iterdir() if entry.is_file())
    return [StaticFile(name, content, _media_type(name), _etag(content)) for name, content in found]


def add_page(app: FastAPI) -> None:
    """Route `/` and what the page loads; no API key is asked, for nothing in these files is anyone's."""
    for file in static_files():
        path = "/" if file.name == _INDEX else PREFIX + file.name
        app.router.add_route(path, file.answer, include_in_schema=False)


def _media_type(name: str) -> str:
    return _TYPES[name[name.rindex(".") :]]


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _etags(header: str) -> list[str]:
    # a proxy that compresses marks an etag as weak; for a GET that is as good
    return [etag.strip().removeprefix("W/") for etag in header.split(",")]
