"""Prometheus metrics of one service: requests, queue, batches, and what the model found."""

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest

from quotestance.model.types import ArticleError, Reading
from quotestance.service.engine.engine import Engine
from quotestance.service.engine.work import Result

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_TOKENS = (64, 256, 1024, 2048, 4096, 6144, 12_288, 49_152, 262_144)


class ServiceMetrics:
    """One registry for each service, so that several can live in one process; the engine's `Observer`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self._requests = Counter("quotestance_requests", "Requests answered", ["route", "status"], registry=r)
        self._request_seconds = Histogram(
            "quotestance_request_seconds", "Time to answer", ["route"], buckets=_SECONDS, registry=r
        )
        self._batch_seconds = Histogram("quotestance_batch_seconds", "Time in the model", buckets=_SECONDS, registry=r)
        self._batch_tokens = Histogram("quotestance_batch_tokens", "Estimated tokens", buckets=_TOKENS, registry=r)
        self._batch_items = Histogram(
            "quotestance_batch_items", "Items of a batch", buckets=(1, 2, 4, 8, 16, 32, 64), registry=r
        )
        self._queue_seconds = Histogram("quotestance_queue_seconds", "Time in the queue", buckets=_SECONDS, registry=r)
        self._dropped = Counter("quotestance_dropped_items", "Dropped before computing", ["reason"], registry=r)
        self._failed = Counter("quotestance_failed_items", "Items the model raised on", registry=r)
        self._refused = Counter("quotestance_refused_items", "Items answered with an error", registry=r)
        self._truncated = Counter("quotestance_truncated_articles", "Articles with a cut passage", registry=r)
        self._stances = Counter("quotestance_stances", "Stances given", registry=r)
        self._abstained = Counter("quotestance_abstained_stances", "Stances under the threshold", registry=r)
        self._model = Info("quotestance_model", "The model in force", registry=r)

    def watch(self, engine: Engine) -> None:
        """Show the state of this engine, as it is whenever it is asked for."""
        gauges = {
            "quotestance_queue_items": ("Items that wait", lambda: engine.waiting_items),
            "quotestance_queue_tokens": ("Estimated tokens that wait", lambda: engine.waiting_tokens),
            "quotestance_ready": ("1 where work would be done", lambda: int(engine.ready)),
        }
        for name, (meaning, value) in gauges.items():
            Gauge(name, meaning, registry=self.registry).set_function(value)

    def exposition(self, model_version: str | None) -> bytes:
        """The text that Prometheus reads."""
        self._model.info({"version": model_version or ""})
        return generate_latest(self.registry)

    def answered(self, route: str, status: int, seconds: float) -> None:
        self._requests.labels(route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def result(self, result: Result) -> None:
        """Count what one answer holds."""
        if isinstance(result, ArticleError):
            self._refused.inc()
            return
        stances = [s.stance for s in result.statements] if isinstance(result, Reading) else [result]
        self._stances.inc(sum(stance is not None for stance in stances))
        self._abstained.inc(sum(stance.abstained for stance in stances if stance))
        if isinstance(result, Reading) and result.truncated:
            self._truncated.inc()

    def batch_done(self, items: int, tokens: int, seconds: float) -> None:
        self._batch_items.observe(items)
        self._batch_tokens.observe(tokens)
        self._batch_seconds.observe(seconds)

    def waited(self, seconds: float) -> None:
        self._queue_seconds.observe(seconds)

    def dropped(self, reason: Literal["gone", "late"]) -> None:
        self._dropped.labels(reason).inc()

    def item_failed(self) -> None:
        self._failed.inc()
