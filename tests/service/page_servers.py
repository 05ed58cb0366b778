"""The service on a port for the page's tests: fixed readings, and a feedback route that notes what it gets."""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
from fakes import stance_of
from fastapi import Body, FastAPI
from fastapi.responses import JSONResponse
from serving import ControlledModel, until

from quotestance.model.types import Actor, ActorStance, Article, Kind, Reading, Span, Stance, Statement, Target
from quotestance.service.engine.engine import Engine
from quotestance.service.http.api_keys import ApiKeys
from quotestance.service.http.app import create_app
from quotestance.service.http.metrics import ServiceMetrics
from quotestance.service.http.settings import ServeSettings

FACTS = {"stances": ["supportive", "neutral", "condemning"], "threshold": 0.754}

# quotes within one another and side by side, one for two actors, a pronoun, nobody, and characters of two UTF-16 units
TANGLED = (
    "🚀 Port raid 🕊️\n\nMinister Ada Brandt said 🕊️ the envoy’s “shameful” words about the raid were wrong. "
    "“We support it,” she added.\n\nOslo and Rome condemned the raid. It was called a mistake."
)
_CONDEMNING = Stance("condemning", {"supportive": 0.05, "neutral": 0.14, "condemning": 0.81}, False)
_SUPPORTIVE = Stance("supportive", {"supportive": 0.62, "neutral": 0.3, "condemning": 0.08}, True)
_NEUTRAL = Stance("neutral", {"supportive": 0.1, "neutral": 0.85, "condemning": 0.05}, False)
_SAID = re.compile(r'(\w+ \w+) (said): "([^"\n]*)"')


def _statement(
    quote: str, speaker: str | None, cue: str, actor: Actor | None, stance: Stance, kind: Kind = "indirect"
) -> Statement:
    def span(words: str) -> Span:
        return Span(TANGLED.index(words), TANGLED.index(words) + len(words))

    resolved = actor is not None
    spoken_at = span(speaker) if speaker else None
    return Statement(quote, span(quote), speaker, spoken_at, cue, span(cue), kind, actor, resolved, (stance,))


def tangled_statements() -> list[Statement]:
    """Those of TANGLED, in text order."""
    brandt, envoy = Actor("Ada Brandt", "person"), Actor("the envoy", "person")
    oslo, rome = Actor("Oslo", "government"), Actor("Rome", "government")
    outer = "🕊️ the envoy’s “shameful” words about the raid were wrong"
    return [
        _statement(outer, "Minister Ada Brandt", "said", brandt, _SUPPORTIVE),
        _statement("“shameful” words about the raid", "the envoy", "words", envoy, _CONDEMNING, "mixed"),
        _statement("We support it", "she", "added", brandt, _SUPPORTIVE, "direct"),
        _statement("condemned the raid", "Oslo", "condemned", oslo, _CONDEMNING),
        _statement("condemned the raid", "Rome", "condemned", rome, _CONDEMNING),
        _statement("a mistake", None, "called", None, _NEUTRAL),
    ]


class PageModel(ControlledModel):
    """TANGLED as above; otherwise `Name said: "quote"`, the statements of one name taken together."""

    def _read(self, article: Article, given: str | Sequence[str] | None) -> Reading:
        texts = [given] if isinstance(given, str) else list(given or ())
        found = re.search("strike|raid", article.text)
        targets = tuple(Target(text) for text in texts) or ((Target("the raid on the port", "found"),) if found else ())
        said = tangled_statements() if article.text == TANGLED else self._said(article.text)
        # the second target of two is seen the other way round
        turned = [_turned(statement, len(targets)) for statement in said]
        return Reading(article, targets, tuple(turned), tuple(_actors(turned)), self.version)

    def _said(self, text: str) -> list[Statement]:
        return [
            Statement(
                m[3],
                Span(*m.span(3)),
                m[1],
                Span(*m.span(1)),
                m[2],
                Span(*m.span(2)),
                "direct",
                Actor(m[1], "person"),
                True,
                (stance_of(m[3]),),
            )
            for m in _SAID.finditer(text)
        ]


def _turned(statement: Statement, targets: int) -> Statement:
    (stance,) = statement.stances
    opposite = {"supportive": "condemning", "condemning": "supportive", "neutral": "neutral"}
    other = Stance(
        opposite[stance.label],  # type: ignore[arg-type]
        {opposite[label]: p for label, p in stance.probabilities.items()},  # type: ignore[misc]
        stance.abstained,
    )
    stances = (stance, *[other] * (targets - 1))[:targets]
    values = {name: getattr(statement, name) for name in Statement.__dataclass_fields__}
    return Statement(**values | {"stances": stances})


def _actors(statements: Sequence[Statement]) -> Iterator[ActorStance]:
    names = Counter(statement.actor for statement in statements if statement.actor)
    for actor in names:
        indices = tuple(i for i, statement in enumerate(statements) if statement.actor == actor)
        yield ActorStance(actor, statements[indices[0]].stances, indices)


class Feedback:
    """`POST /v1/feedback` as the service answers it; `status` other than 201 is what it answers in its place."""

    def __init__(self) -> None:
        self.status = 201
        self.received: list[dict[str, Any]] = []
        self.app = FastAPI()

        @self.app.post("/v1/feedback")
        async def feedback(body: dict[str, Any] = Body()) -> JSONResponse:  # noqa: B008
            if self.status != 201:
                return JSONResponse({"error": "the feedback store is not available", "request_id": "r1"}, self.status)
            self.received.append(body)
            answer = {"id": "c1", "model": body["model"], "received": "2026-01-02T03:04:05+00:00"}
            return JSONResponse(answer, 201)


class PageServer:
    """A running service; `base` is its address."""

    def __init__(self, engine: Engine, model: PageModel, feedback: Feedback, base: str) -> None:
        self.engine = engine
        self.model = model
        self.feedback = feedback
        self.base = base


@contextmanager
def page_server(keys: Sequence[str] = (), ready: bool = True, **settings: Any) -> Iterator[PageServer]:
    model, feedback = PageModel(), Feedback()
    chosen = ServeSettings(**settings)
    metrics = ServiceMetrics()
    engine = Engine(lambda: model, chosen.engine_limits, metrics)
    service = create_app(engine, chosen, ApiKeys(keys), metrics, lambda: FACTS)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (feedback.app if scope.get("path") == "/v1/feedback" else service)(scope, receive, send)

    if ready:
        engine.start()
        until(lambda: engine.ready)
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield PageServer(engine, model, feedback, f"http://127.0.0.1:{port}")
    finally:
        model.gate.set()
        server.should_exit = True
        server.force_exit = True
        thread.join(20)
        if ready:
            engine.stop(20)
