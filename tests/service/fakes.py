"""A model without weights: `Name said: "quote"` is a statement, and the words of the quote decide its stance."""

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from quotestance.model.errors import ModelError
from quotestance.model.types import (
    Actor,
    ActorStance,
    Article,
    ArticleError,
    Reading,
    Span,
    Stance,
    Statement,
    Target,
)

TEXT = (
    'Dora Lind said: "We support the strike." Later Omar Fell said: "I condemn it." Ines Holt said: "It was at noon."\n'
)
MAX_CHARACTERS = 1_000_000
_STATEMENT = re.compile(r'(\w+ \w+) (said|warned): "([^"\n]*)"')


def stance_of(quote: str) -> Stance:
    if "support" in quote:
        return Stance("supportive", {"supportive": 0.91238, "neutral": 0.05001, "condemning": 0.03761}, False)
    if "condemn" in quote:
        return Stance("condemning", {"supportive": 0.03331, "neutral": 0.03331, "condemning": 0.93338}, False)
    return Stance("neutral", {"supportive": 0.30004, "neutral": 0.40002, "condemning": 0.29994}, True)


def load(folder: Path | None = None) -> "FakeModel":
    """In place of `load_model`; a worker process can import it."""
    return FakeModel()


def load_dangerous(folder: Path | None = None) -> "DangerousModel":
    return DangerousModel()


def load_slow(folder: Path | None = None) -> "SlowModel":
    return SlowModel()


def load_another(marker: Path) -> "FakeModel":
    """Each call another version, as where the model's folder is replaced between them."""
    marker.touch(exist_ok=True)
    model = FakeModel()
    with marker.open("a") as stream:
        stream.write("x")
    model.version = f"fake-{marker.stat().st_size}"
    return model


def load_nothing(folder: Path | None = None) -> "FakeModel":
    raise ModelError("no such model folder")


def load_and_die(folder: Path | None = None) -> "FakeModel":
    os._exit(3)


class FakeModel:
    version = "fake-1"

    def read_many(
        self, articles: Iterable[Article], target: str | Sequence[str] | None = None
    ) -> Iterator[Reading | ArticleError]:
        for article in articles:
            if len(article.text) > MAX_CHARACTERS:
                yield ArticleError(article.id, "`text` is over the limit")
            else:
                yield self._read(article, article.target or target)

    def stance(self, rows: Sequence[Mapping[str, Any]]) -> list[Stance | ArticleError]:
        return [
            ArticleError(row["id"], "`text` is over the limit")
            if len(row["text"]) > MAX_CHARACTERS
            else stance_of(row.get("quote", row["text"]))
            for row in rows
        ]

    def _read(self, article: Article, given: str | Sequence[str] | None) -> Reading:
        texts = [given] if isinstance(given, str) else list(given or ())
        targets = tuple(Target(text) for text in texts)
        if not targets and "strike" in article.text:
            targets = (Target("the strike", "found"),)
        statements = tuple(
            Statement(
                quote=match[3],
                span=Span(*match.span(3)),
                speaker=match[1],
                speaker_span=Span(*match.span(1)),
                cue=match[2],
                cue_span=Span(*match.span(2)),
                kind="direct",
                actor=Actor(match[1], "person"),
                resolved=True,
                stances=tuple(stance_of(match[3]) for _ in targets),
            )
            for match in _STATEMENT.finditer(article.text)
        )
        actors = tuple(
            ActorStance(statement.actor, statement.stances, (i,))
            for i, statement in enumerate(statements)
            if statement.actor
        )
        return Reading(article, targets, statements, actors, self.version)


class SlowModel(FakeModel):
    """Takes a few milliseconds an article, so that a run can be stopped in its midst."""

    def _read(self, article: Article, given: str | Sequence[str] | None) -> Reading:
        time.sleep(0.008)
        return super()._read(article, given)


class DangerousModel(FakeModel):
    """Does what an article tells it: kill its process, kill or stop it once, or raise."""

    def _read(self, article: Article, given: str | Sequence[str] | None) -> Reading:
        if "KILL" in article.text:
            os.kill(os.getpid(), signal.SIGKILL)
        if once := re.search(r"DIE ONCE (\S+)", article.text):
            with contextlib.suppress(FileExistsError):
                Path(once[1]).touch(exist_ok=False)
                os.kill(os.getpid(), signal.SIGKILL)
        if once := re.search(r"STOP ONCE (\S+)", article.text):
            with contextlib.suppress(FileExistsError):
                Path(once[1]).touch(exist_ok=False)
                os.kill(os.getpid(), signal.SIGSTOP)
        if "RAISE" in article.text:
            raise RuntimeError("not for anyone to read")
        return super()._read(article, given)
