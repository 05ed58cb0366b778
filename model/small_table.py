"""Word embeddings kept in eight-bit integers, as they are stored: a quarter of the memory, and the same values."""

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from quotestance.model.components import quantise
from quotestance.model.encoders import word_table

_ROUNDING = 1e-6  # of a scale, when it is found anew from the rows that it was multiplied into


class SmallTable(nn.Module):
    """In inference what the `nn.Embedding` is that it was made from, with one scale a row."""

    rows: Tensor
    scale: Tensor

    def __init__(self, rows: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.num_embeddings = len(rows)
        self.register_buffer("rows", rows)
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        """Ids of any shape → float32 of that shape and, last, the size of an embedding."""
        return self.rows[ids] * self.scale[ids].unsqueeze(-1)


def shrink_words(*encoders: PreTrainedModel) -> None:
    """Give these encoders, which share a table or have one each, a small one in its place, where no value changes."""
    made: dict[int, SmallTable] = {}
    for encoder in encoders:
        weight = word_table(encoder).weight.detach()
        if weight.data_ptr() not in made:
            rows, scale = quantise(weight)
            if not torch.allclose(rows * scale[:, None], weight, rtol=_ROUNDING, atol=0):
                continue
            made[weight.data_ptr()] = SmallTable(rows, scale)
        encoder.set_input_embeddings(made[weight.data_ptr()])
