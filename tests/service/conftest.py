"""The commands run in the test's own process with the fake model in place of the real one."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from quotestance.service import read_one, stance_rows
from quotestance.service.archive import score_command as archive
from quotestance.service.archive.engine import InProcessEngine
from quotestance.service.cli import main

sys.path.insert(0, str(Path(__file__).parent))
from fakes import FakeModel


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a service keeps without being told where does not land in the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


class Outcome(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """`run("score", …, stdin=b"…")` in an empty folder."""
    for module in (archive, read_one, stance_rows):
        monkeypatch.setattr(module, "load_model", lambda folder: FakeModel())
    monkeypatch.setattr(archive, "LocalEngine", lambda load, workers: InProcessEngine(load))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        status = main(arguments)
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return Outcome(status, captured.out.decode(), captured.err.decode())

    return call
