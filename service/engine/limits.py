"""An engine's bounds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """`workers` is how many batches are computed at once, `linger` how long a batch waits to fill, `probe_every` how
    often a model that fails is tried again, and `stall` how long one batch may take before the engine is called not
    ready; all times in seconds."""

    workers: int = 1
    queue_items: int = 256
    queue_tokens: int = 200_000
    batch_tokens: int = 6_144
    linger: float = 0.004
    probe_every: float = 1.0
    stall: float = 300.0
