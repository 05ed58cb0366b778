"""Settings in force while reading and scoring, in one place, made once and handed down."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Settings:
    """`threshold` overrides the model's own abstention threshold; None keeps it."""

    max_characters: int = 1_000_000  # an article longer than this is refused: no news article is
    batch_tokens: int = 4_096  # per forward pass, at most (`batching.tokens_at_once`)
    articles_at_once: int = 32  # how many articles of a stream are batched together
    threshold: float | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    # auto, like int8: int8 on a CPU that multiplies bytes, for a component with recorded ranges; otherwise bfloat16
    # where the chip computes in it, else float32
    precision: Literal["auto", "float32", "bfloat16", "int8"] = "auto"
