"""The service's log lines: together in a rush, and none lost."""

import errno
import io
import json
import logging
import subprocess
import sys

import pytest
from serving import until

from quotestance.service.logs import JoinedLines


class Stream(io.StringIO):
    """Keeps each write apart."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []
        self.full = False

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "no space left")
        self.writes.append(text)
        return len(text)

    @property
    def lines(self) -> list[str]:
        return "".join(self.writes).splitlines()


@pytest.fixture
def stream():
    return Stream()


@pytest.fixture
def logger(stream):
    made = logging.Logger("rush")
    handler = JoinedLines(stream)
    made.addHandler(handler)
    yield made
    handler.close()


def test_a_line_alone_is_written_at_once(logger, stream):
    logger.info("one")
    assert stream.writes == ["one\n"]


def test_a_rush_is_written_together_and_in_order(logger, stream):
    for i in range(200):
        logger.info("%d", i)
    assert len(stream.writes) < 20
    until(lambda: len(stream.lines) == 200, 5)
    assert stream.lines == [str(i) for i in range(200)]
    assert len(stream.writes) < 40


def test_a_warning_is_written_at_once_with_what_came_before_it(logger, stream):
    for word in ("a", "b", "c"):
        logger.info(word)
    logger.warning("d")
    assert stream.lines == ["a", "b", "c", "d"]


def test_what_is_held_is_written_when_the_process_ends():
    lines = "log_event(20, 'one'); log_event(20, 'two'); log_event(20, 'three')"
    code = f"from quotestance.service.logs import log_event, log_to_stderr; log_to_stderr(); {lines}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["one", "two", "three"]


def test_what_is_held_is_written_when_the_handler_is_closed_and_nothing_is_held_after(stream):
    handler = JoinedLines(stream)
    logger = logging.Logger("end")
    logger.addHandler(handler)
    logger.info("a")
    logger.info("b")
    handler.close()
    assert stream.lines == ["a", "b"]
    logger.info("c")
    assert stream.lines == ["a", "b", "c"]


def test_a_line_that_cannot_be_made_harms_nobody(logger, stream, capsys):
    logger.warning("%d", "no number")
    logger.warning("kept")
    assert stream.lines == ["kept"]
    assert capsys.readouterr().err == ""


def test_without_another_thread_lines_are_written_at_once(logger, stream, monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Timer.start", start)
    for word in ("a", "b", "c"):
        logger.info(word)
    assert stream.lines == ["a", "b", "c"]


def test_where_nothing_can_be_written_the_service_goes_on(logger, stream):
    stream.full = True
    logger.warning("lost")
    stream.full = False
    logger.warning("kept")
    assert stream.lines == ["kept"]
