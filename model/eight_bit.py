"""Layers of a BERT encoder whose matrix products are made in eight-bit integers: the fastest way there is on a CPU.

Weights have one scale a row. Inputs have one step and one zero a channel, from ranges that were recorded when the
component was written (`training/ranges.py`): nothing is scaled by what else is in a batch, and sums of integers are
exact. A channel's step moves into the weights (SmoothQuant: Xiao et al. 2023), since oneDNN's product knows one step
for all of its input. Behind a GELU, which is not linear, it cannot; there a channel that reaches far is split in
several (outlier channel splitting: Zhao et al. 2019). Sums, norms and attention are in float32.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from transformers import PreTrainedModel
from transformers.models.bert.modeling_bert import BertLayer

from quotestance.model.components import quantise
from quotestance.model.encoders import Precision, keep_in, pick_precision

# the inputs of a layer's products, named after the module that reads them first
_ATTENTION, _ATTENDED, _WIDE, _NARROW = PLACES = (
    "attention.self.query",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
_TOP = 5.0  # what bytes behind a GELU reach up to: from about here on it is a straight line
_FURTHER = 1 / 8  # so many parts may be added for what goes beyond, as a share of the channels; else the top is raised
# oneDNN prepares a product anew for every shape, which takes as long as some tokens do: few shapes, and these multiples
_ROWS, _PARTS = 32, 32
_NEVER = 1_000  # the number of a part that nothing reaches, so that it stays 0: it fills up a multiple
_SCORES_AT_ONCE = 1 << 18  # of attention, so that they stay in a core's cache
_LEAST_WIDTH = 1e-3  # of a channel's range, as a share of the widest: one that never moved must not have steps of 0


def eight_bits(device: torch.device, wanted: Precision) -> bool:
    """Whether the encoder's layers should be eight-bit: on a CPU on which torch multiplies bytes fast."""
    return wanted in ("auto", "int8") and device.type == "cpu" and _largest_byte() > 0


def use_precision(
    network: nn.Module, encoder: PreTrainedModel, ranges: Mapping[str, Tensor], device: torch.device, wanted: Precision
) -> None:
    """Ready the network, of which `encoder` is a part, for the arithmetic that is wanted."""
    if eight_bits(device, wanted):
        use_eight_bits(encoder, ranges)
    keep_in(network, pick_precision(device, wanted))


def _largest_byte() -> int:
    """The greatest input that this CPU multiplies exactly; 0 where torch has no fast product of bytes."""
    known = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return 0
    if any(known.get(name, False) for name in ("avx512_vnni", "amx_int8")):
        return 255
    # without VNNI oneDNN adds two products of bytes in 16 bits: with seven bits of input they have room
    return 127 if known.get("avx2", False) else 0


def bert_layers(encoder: PreTrainedModel) -> dict[str, BertLayer]:
    """The layers that can be made eight-bit, by their name in the encoder: all of a plain BERT's, none of another's."""
    layers = {name: part for name, part in encoder.named_modules() if isinstance(part, BertLayer)}
    return layers if layers and encoder.config.hidden_act == "gelu" and not encoder.config.is_decoder else {}


def use_eight_bits(encoder: PreTrainedModel, ranges: Mapping[str, Tensor]) -> None:
    """Put eight-bit layers in place of the encoder's, where it is a plain BERT and all their ranges are known.

    `ranges` are named `layer.place` and hold the least and greatest value of each channel, (2, channels).
    """
    layers = bert_layers(encoder)
    if all(f"{name}.{place}" in ranges for name in layers for place in PLACES):
        for name, layer in layers.items():
            encoder.set_submodule(name, EightBitLayer(layer, {place: ranges[f"{name}.{place}"] for place in PLACES}))


@dataclass(frozen=True, slots=True)
class _Product:
    """Bytes times weights, and a bias."""

    weight: Tensor
    scale: Tensor
    zeros: Tensor
    bias: Tensor

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor, zero: Tensor) -> "_Product":
        """`weight` (out, in) multiplies how far the bytes are above `zero` (in,); `bias` is (out,)."""
        rows, scale = quantise(weight)
        packed = torch.ops.onednn.qlinear_prepack(rows, None)
        return cls(
            packed, scale, torch.zeros(len(rows), dtype=torch.int64), bias - (rows.float() * scale[:, None]) @ zero
        )

    def floats(self, source: Tensor) -> Tensor:
        """(rows, in) bytes → (rows, out) float32."""
        return self._run(source, 1.0, 0, torch.float32, "none")

    def gelu(self, source: Tensor, step: float, zero: int) -> Tensor:
        """(rows, in) bytes → (rows, out) bytes: the GELU in steps above `zero`, cut off at 0 and 255."""
        return self._run(source, step, zero, torch.uint8, "gelu")

    def _run(self, source: Tensor, step: float, zero: int, kind: torch.dtype, then: str) -> Tensor:
        result: Tensor = torch.ops.onednn.qlinear_pointwise(
            source, 1.0, 0, self.weight, self.scale, self.zeros, self.bias, step, zero, kind, then, [], "none"
        )
        return result


@dataclass(frozen=True, slots=True)
class _Bytes:
    """Turns float32 to bytes, each channel in its own steps above its own zero."""

    step: Tensor
    zero: Tensor
    largest: int
    steps: Tensor  # in one unit
    half: Tensor  # a step above the zero, for what is cut off to be rounded

    @classmethod
    def over(cls, span: Tensor) -> "_Bytes":
        """For values within `span`, (2, channels); what lies beyond is cut off."""
        largest = _largest_byte()
        low, high = span[0].clamp(max=0.0), span[1].clamp(min=0.0)
        width = high - low
        step = width.clamp(min=_LEAST_WIDTH * float(width.max())) / (largest - 1)
        zero = torch.round(-low / step)
        return cls(step, zero, largest, 1 / step, zero + 0.5)

    def __call__(self, values: Tensor) -> Tensor:
        """(tokens, channels) float32 → bytes of the same, and below them rows without meaning up to a multiple."""
        missing = -len(values) % _ROWS
        result = torch.addcmul(self.half, values, self.steps).clamp_(0, self.largest).to(torch.uint8)
        return pad(result, (0, 0, 0, missing)) if missing else result

    def product(self, *layers: nn.Linear) -> _Product:
        """The product of these bytes with the weights of the layers, one below the other."""
        weight = torch.cat([layer.weight.detach() for layer in layers])
        return _Product.of(weight * self.step, torch.cat([layer.bias.detach() for layer in layers]), self.zero)


@dataclass(frozen=True, slots=True)
class _FeedForward:
    """The two products around the GELU, with bytes between them."""

    widen: _Product
    narrow: _Product
    step: float
    zero: int
    largest: int

    @classmethod
    def of(cls, wide: nn.Linear, narrow: nn.Linear, source: _Bytes, span: Tensor) -> "_FeedForward":
        """`span` is that of the values behind the GELU, (2, channels)."""
        low, reach = float(span[0].min()), span[1]
        top = float(reach.max().clamp(1e-3, _TOP))
        while int(_further(reach, top).sum()) > _FURTHER * len(reach):
            top *= 1.1
        # gelu(x) is about min(gelu(x), top) + gelu(x - top): what goes beyond the top goes on in a further part
        parts = [
            (channel, part) for channel, more in enumerate(_further(reach, top).tolist()) for part in range(more + 1)
        ]
        parts += [(0, _NEVER)] * (_rounded(len(parts), _PARTS) - len(parts))
        channels, numbers = torch.tensor(parts).unbind(1)
        step = (top - low) / source.largest
        zero = round(-low / step)
        return cls(
            _Product.of(
                wide.weight.detach()[channels] * source.step, wide.bias.detach()[channels] - numbers * top, source.zero
            ),
            _Product.of(
                narrow.weight.detach()[:, channels] * step, narrow.bias.detach(), torch.full((len(parts),), float(zero))
            ),
            step,
            zero,
            source.largest,
        )

    def __call__(self, source: Tensor) -> Tensor:
        between = self.widen.gelu(source, self.step, self.zero)
        return self.narrow.floats(between if self.largest == 255 else between.clamp_(max=self.largest))


def _rounded(count: int, multiple: int) -> int:
    return -(-count // multiple) * multiple


def _further(reach: Tensor, top: float) -> Tensor:
    """How many parts beside the first a channel needs to reach so far in steps of `top`."""
    return ((reach / top).ceil().long() - 1).clamp(min=0)


def _attention(parts: Tensor, mask: Tensor | None) -> Tensor:
    """Queries, keys and values, (batch, tokens, 3, heads, head size) → (batch, tokens, heads, head size).

    `mask` is as `scaled_dot_product_attention` takes it, (batch, 1, tokens, tokens), all of a sequence's rows alike.
    """
    batch, tokens, _, heads, size = parts.shape
    # products of heads that lie together: on short sequences nearly twice as fast as torch's own attention is on a CPU
    query, key, value = parts.permute(2, 0, 3, 1, 4).reshape(3, batch * heads, tokens, size)
    hidden = _added(mask, batch, tokens).repeat_interleave(heads, 0)
    result = torch.empty_like(query)
    step = max(1, _SCORES_AT_ONCE // tokens**2)
    for at in range(0, batch * heads, step):
        some = slice(at, at + step)
        scores = torch.baddbmm(hidden[some], query[some], key[some].transpose(1, 2), alpha=size**-0.5)
        torch.bmm(scores.softmax(-1), value[some], out=result[some])
    return result.view(batch, heads, tokens, size).transpose(1, 2)


def _added(mask: Tensor | None, batch: int, tokens: int) -> Tensor:
    """What is added to a sequence's scores, (batch, 1, tokens): 0, or the least number where there is no text."""
    if mask is None:
        return torch.zeros(batch, 1, tokens)
    row = mask[:, 0, :1].expand(batch, 1, tokens)
    return torch.zeros(row.shape).masked_fill_(~row, torch.finfo(torch.float32).min) if row.dtype == torch.bool else row


class EightBitLayer(nn.Module):
    """Does on a CPU what a BertLayer does in inference; `ranges` are by `PLACES`, (2, channels) each."""

    def __init__(self, layer: BertLayer, ranges: Mapping[str, Tensor]) -> None:
        super().__init__()
        attention, merge = layer.attention.self, layer.attention.output
        self._heads = attention.num_attention_heads
        self._read = _Bytes.over(ranges[_ATTENTION])
        self._parts = self._read.product(attention.query, attention.key, attention.value)
        self._attended = _Bytes.over(ranges[_ATTENDED])
        self._merge = self._attended.product(merge.dense)
        self._middle = _Bytes.over(ranges[_WIDE])
        self._feed = _FeedForward.of(layer.intermediate.dense, layer.output.dense, self._middle, ranges[_NARROW])
        self.middle_norm, self.norm = merge.LayerNorm, layer.output.LayerNorm

    def forward(self, hidden: Tensor, attention_mask: Tensor | None = None, *_: Any, **__: Any) -> Tensor:
        """(batch, tokens, hidden) → the same; `attention_mask` is that of `scaled_dot_product_attention`."""
        with torch.autocast("cpu", enabled=False):
            batch, tokens, width = hidden.shape
            source = hidden.float().reshape(-1, width)
            parts = self._parts.floats(self._read(source))[: len(source)].view(batch, tokens, 3, self._heads, -1)
            attended = _attention(parts, attention_mask).reshape(-1, width)
            middle = self.middle_norm(self._merge.floats(self._attended(attended))[: len(source)].add_(source))
            result: Tensor = self.norm(self._feed(self._middle(middle))[: len(source)].add_(middle))
            return result.view(batch, tokens, width)
