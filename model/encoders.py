"""What the reader and the scorer share: a tokenizer from a model folder, the device, padded tensors."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModel,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)
from transformers.initialization import no_init_weights

from quotestance.model.errors import ModelError

# attention takes 16 numbers at once and what is left over one by one: with nothing left over, the order in which it
# adds does not depend on the longest row
COLUMNS = 16


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The fast tokenizer of a component's folder, neither padding nor truncating by itself.

    Raises ModelError when it cannot be read.
    """
    try:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: its tokenizer cannot be loaded: {error}") from error
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    return tokenizer  # type: ignore[no-any-return]


def load_config(folder: Path) -> PretrainedConfig:
    """The encoder's shape. Raises ModelError when it cannot be read."""
    try:
        config: PretrainedConfig = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / 'config.json'}: cannot be loaded: {error}") from error
    return config


def fresh_encoder(config: PretrainedConfig) -> PreTrainedModel:
    """An encoder of this shape with fresh weights."""
    encoder: PreTrainedModel = AutoModel.from_config(config, trust_remote_code=False)  # type: ignore[no-untyped-call]
    return encoder


def unfilled() -> AbstractContextManager[None]:
    """Networks made within have no initial weights: for those that are loaded right after, this saves half a second."""
    return no_init_weights()


def share_words(first: PreTrainedModel, second: PreTrainedModel) -> None:
    """Let two encoders with the same word embeddings keep them once in memory."""
    ours, theirs = word_table(first), word_table(second)
    if ours.weight.shape == theirs.weight.shape and torch.equal(ours.weight, theirs.weight):
        theirs.weight = ours.weight


def without_pooler(encoder: PreTrainedModel) -> PreTrainedModel:
    """The encoder without the pooler of BERT-like models: it is not used, so it is neither loaded nor saved."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None  # type: ignore[assignment]
    return encoder


def word_table(encoder: PreTrainedModel) -> nn.Embedding:
    """The encoder's word embeddings."""
    table = encoder.get_input_embeddings()
    if not isinstance(table, nn.Embedding):
        raise ModelError(f"an encoder of type {type(encoder).__name__} has no table of word embeddings")
    return table


def pick_device(wanted: Literal["auto", "cpu", "cuda"]) -> torch.device:
    """`auto` is a CUDA device where there is one, and the CPU elsewhere."""
    return torch.device(
        "cuda" if wanted == "auto" and torch.cuda.is_available() else "cpu" if wanted == "auto" else wanted
    )


Precision = Literal["auto", "float32", "bfloat16", "int8"]


def pick_precision(device: torch.device, wanted: Precision) -> torch.dtype:
    """`auto` is bfloat16 on a GPU and on a CPU with instructions for it, and float32 elsewhere.

    With `int8` the same, for what stays outside the encoder's layers.
    """
    if wanted in ("auto", "int8"):
        return torch.bfloat16 if device.type == "cuda" or _cpu_has_bfloat16() else torch.float32
    return torch.bfloat16 if wanted == "bfloat16" else torch.float32


def _cpu_has_bfloat16() -> bool:
    # without such instructions a CPU only imitates bfloat16, many times slower than float32
    known = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(known.get(name, False) for name in ("avx512_bf16", "amx_bf16"))


def autocast(device: torch.device, precision: torch.dtype) -> Any:
    """Matrix products in bfloat16 where that is the precision; sums and norms stay in float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == torch.bfloat16)


def keep_in(network: nn.Module, precision: torch.dtype) -> None:
    """Keep the matrices of the network's linear layers in that precision, for `autocast` to take as they are."""
    # autocast would round them anew at every call, which takes longer than a short passage does
    if precision == torch.bfloat16:
        for part in network.modules():
            if isinstance(part, nn.Linear):
                part.to(precision)


def padded(rows: Sequence[Sequence[int]], value: int, device: torch.device, multiple: int = 1) -> Tensor:
    """Rows of differing lengths as one (rows, columns) tensor, filled up with `value` to a multiple of columns."""
    columns = -(-max(map(len, rows)) // multiple) * multiple
    return torch.tensor([[*row, *[value] * (columns - len(row))] for row in rows], device=device)
