"""Logs of the service: one JSON object a line on standard error, and never a word of what was sent to it."""

import contextlib
import json
import logging
import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

LOGGER = logging.getLogger("quotestance.service")
_OWN_FIELDS = "quotestance_fields"
_FRAMES = 12
_HELD_FOR = 0.1  # seconds
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


class JoinedLines(logging.StreamHandler[TextIO]):
    """Writes a line at once, but in a rush all lines of a tenth of a second together, and a warning with all before it.

    Under overload each write would cost about as much as the answer that it tells of.
    """

    def __init__(self, stream: TextIO) -> None:
        self._held: list[str] = []
        self._written_at = 0.0
        self._timer: threading.Timer | None = None
        self._closed = False
        super().__init__(stream)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._held.append(self.format(record) + self.terminator)
        except Exception:
            # not `handleError`, which prints what was to be logged, and never into the code that logs
            return
        rush = time.monotonic() - self._written_at < _HELD_FOR and not self._closed
        if record.levelno >= logging.WARNING or not rush:
            self.flush()
        elif self._timer is None:
            self._flush_soon()

    def _flush_soon(self) -> None:
        timer = threading.Timer(_HELD_FOR, self.flush)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:  # no more threads
            self.flush()
        else:
            self._timer = timer

    def flush(self) -> None:
        """Write what is held; also called by `logging` at the end of the process."""
        assert self.lock is not None
        with self.lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            lines, self._held = "".join(self._held), []
            if lines:
                self._written_at = time.monotonic()
                # a full disk or a closed pipe must not stop the service, and nobody is there to be told
                with contextlib.suppress(OSError, ValueError):
                    self.stream.write(lines)
                    self.stream.flush()

    def close(self) -> None:
        """Hold nothing from here on."""
        self._closed = True
        self.flush()
        super().close()


def log_to_stderr() -> None:
    """Send the service's lines, and the warnings of the libraries under it, to standard error."""
    handler = JoinedLines(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    LOGGER.setLevel(logging.INFO)
