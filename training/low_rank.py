"""Low-rank adapters (LoRA, Hu et al. 2022) on an encoder, merged into its weights once training is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from peft import LoraConfig
from peft.tuners.lora import LoraModel
from transformers import PreTrainedModel

_ADAPTER = "default"


@dataclass(frozen=True, slots=True)
class LowRank:
    """Matrices of rank `rank` beside every linear layer of the encoder; their product counts `alpha / rank` times."""

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05


def attach(encoder: PreTrainedModel, settings: LowRank) -> Callable[[], PreTrainedModel]:
    """Put adapters into `encoder`, the only weights of it that are then trained.

    Returns what merges them: it gives the encoder with its linear layers as they were, adapted weights in them.
    """
    config = LoraConfig(
        r=settings.rank, lora_alpha=settings.alpha, lora_dropout=settings.dropout, target_modules="all-linear"
    )
    adapted = LoraModel(encoder, {_ADAPTER: config}, _ADAPTER)

    def merge() -> PreTrainedModel:
        return cast(PreTrainedModel, adapted.merge_and_unload())

    return merge
