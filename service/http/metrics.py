"""Prometheus metrics of one service: requests, queue, batches, and what the model found."""

from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from quotestance.model.types import ArticleError, Reading, Stance
from quotestance.service.engine.engine import Engine
from quotestance.service.engine.observer import SwapOutcome
from quotestance.service.engine.work import Result

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_TOKENS = (64, 256, 1024, 2048, 4096, 6144, 12_288, 49_152, 262_144)


class ServiceMetrics:
    """One registry for each service, so that several can live in one process; the engine's `Observer`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        ProcessCollector(registry=r)  # memory, processor time, open files
        self._requests = Counter("quotestance_requests", "Requests answered", ["route", "status"], registry=r)
        self._request_seconds = Histogram(
            "quotestance_request_seconds", "Time to answer", ["route"], buckets=_SECONDS, registry=r
        )
        self._batch_seconds = Histogram("quotestance_batch_seconds", "Time in the model", buckets=_SECONDS, registry=r)
        self._tokenise_seconds = Histogram(
            "quotestance_tokenise_seconds", "Of a batch, in the tokenizers", buckets=_SECONDS, registry=r
        )
        self._inference_seconds = Histogram(
            "quotestance_inference_seconds", "Of a batch, in the networks", buckets=_SECONDS, registry=r
        )
        self._batch_tokens = Histogram("quotestance_batch_tokens", "Estimated tokens", buckets=_TOKENS, registry=r)
        self._batch_items = Histogram(
            "quotestance_batch_items", "Items of a batch", buckets=(1, 2, 4, 8, 16, 32, 64), registry=r
        )
        self._queue_seconds = Histogram("quotestance_queue_seconds", "Time in the queue", buckets=_SECONDS, registry=r)
        self._dropped = Counter("quotestance_dropped_items", "Dropped before computing", ["reason"], registry=r)
        self._failed = Counter("quotestance_failed_items", "Items the model raised on", registry=r)
        self._refused = Counter("quotestance_refused_items", "Items answered with an error", registry=r)
        self._truncated = Counter("quotestance_truncated_articles", "Articles with a cut passage", registry=r)
        self._truncated_inputs = Counter("quotestance_truncated_inputs", "Inputs with a cut quote", registry=r)
        self._stances = Counter("quotestance_stances", "Stances given", registry=r)
        self._abstained = Counter("quotestance_abstained_stances", "Stances under the threshold", registry=r)
        self._model = Info("quotestance_model", "The model in force", registry=r)
        self._swaps = Counter("quotestance_model_swaps", "Tries at another model", ["outcome"], registry=r)
        self._load_seconds = Gauge("quotestance_model_load_seconds", "What the last try took", registry=r)
        self._rolled_back = Gauge(
            "quotestance_model_rolled_back", "1 where the model to be loaded could not be used", registry=r
        )
        self._closed = Counter(
            "quotestance_closed_connections", "Ended by the service: full, or slow", ["reason"], registry=r
        )

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
        if isinstance(result, Stance) and result.truncated:
            self._truncated_inputs.inc()

    def connection_closed(self, reason: Literal["full", "slow"]) -> None:
        self._closed.labels(reason).inc()

    def model_tried(self, outcome: SwapOutcome, seconds: float) -> None:
        self._swaps.labels(outcome).inc()
        self._load_seconds.set(seconds)
        self._rolled_back.set(outcome == "rolled back")

    def batch_done(self, items: int, tokens: int, seconds: float, tokenise: float, inference: float) -> None:
        self._batch_items.observe(items)
        self._batch_tokens.observe(tokens)
        self._batch_seconds.observe(seconds)
        self._tokenise_seconds.observe(tokenise)
        self._inference_seconds.observe(inference)

    def waited(self, seconds: float) -> None:
        self._queue_seconds.observe(seconds)

    def dropped(self, reason: Literal["gone", "late"]) -> None:
        self._dropped.labels(reason).inc()

    def item_failed(self) -> None:
        self._failed.inc()
