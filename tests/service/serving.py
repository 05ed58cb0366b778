"""Models and an engine for the service's tests: models that can be held, poisoned and broken, all without weights."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from fakes import FakeModel

from quotestance.model.types import Article, ArticleError, Reading, Stance
from quotestance.service.engine.engine import Engine, EngineLimits, Observer

SECRET = "the words of an article"


class ControlledModel(FakeModel):
    """`calls` lists the ids of each batch; `gate`, while closed, holds the worker inside one (after `entered`)."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.poison: set[str] = set()
        self.raises: BaseException = ValueError(SECRET)
        self.broken = False

    def read_many(
        self, articles: Iterable[Article], target: str | Sequence[str] | None = None
    ) -> Iterator[Reading | ArticleError]:
        articles = list(articles)
        self._before([article.id for article in articles])
        return super().read_many(articles, target)

    def stance(self, rows: Sequence[Mapping[str, Any]]) -> list[Stance | ArticleError]:
        self._before([row["id"] for row in rows])
        return super().stance(rows)

    @property
    def computed(self) -> list[str]:
        return [name for call in self.calls for name in call]

    def hold(self) -> None:
        self.entered.clear()
        self.gate.clear()

    def _before(self, names: list[str]) -> None:
        if set(names) != {"warm-up"}:
            self.calls.append(names)
            self.entered.set()
            assert self.gate.wait(20)
            if self.poison & set(names):
                raise self.raises
        if self.broken:
            raise self.raises


@contextmanager
def running(
    model: ControlledModel, limits: EngineLimits | None = None, observer: Observer | None = None
) -> Iterator[Engine]:
    """An engine that is ready."""
    engine = Engine(lambda: model, limits or EngineLimits(linger=0.05, probe_every=0.02), observer)
    engine.start()
    try:
        until(lambda: engine.ready)
        yield engine
    finally:
        model.gate.set()
        engine.stop(20)


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)


def answered_wrongly(engine: Engine, most: int, make: Callable[[str], Article]) -> list[list[str]]:
    """What eight callers at once asked for, fifteen times each, up to `most` articles, and got something else."""
    wrong: list[list[str]] = []

    def caller(name: str) -> None:
        for turn in range(15):
            names = [f"{name}-{turn}-{i}" for i in range(1 + turn % most)]
            results = engine.submit([make(n) for n in names], time.monotonic() + 20).future.result(20)
            if [r.article.id for r in results if isinstance(r, Reading)] != names:
                wrong.append(names)

    threads = [threading.Thread(target=caller, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return wrong
