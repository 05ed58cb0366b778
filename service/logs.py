"""Logs of the service: one JSON object a line on standard error, and never a word of what was sent to it."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("quotestance.service")
_OWN_FIELDS = "quotestance_fields"
_FRAMES = 12
_encode = json.JSONEncoder(default=str).encode


def log_event(level: int, event: str, error: BaseException | None = None, **fields: Any) -> None:
    """One line; of an error its kind and where it was raised, not its words, which may quote an article."""
    if error is not None:
        fields |= error_fields(error)
    if LOGGER.isEnabledFor(level):
        # as `LOGGER.log`, which would look for its caller's file and line, that nobody reads
        LOGGER.handle(LOGGER.makeRecord(LOGGER.name, level, "", 0, event, (), None, extra={_OWN_FIELDS: fields}))


def error_fields(error: BaseException) -> dict[str, Any]:
    """The kind of an error and the places it came through, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "at": places}


class JsonLines(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if record.name != LOGGER.name:
            line["logger"] = record.name
        line |= getattr(record, _OWN_FIELDS, {})
        if record.exc_info and record.exc_info[1] is not None:
            line |= error_fields(record.exc_info[1])
        return _encode(line)


def log_to_stderr() -> None:
    """Send the service's lines, and the warnings of the libraries under it, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    LOGGER.setLevel(logging.INFO)
