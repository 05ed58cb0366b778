"""The scorer's network: any encoder of transformers, and a head over its first token and the marked quote."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from quotestance.model.encoders import fresh_encoder, without_pooler
from quotestance.model.types import STANCES


class StanceNetwork(nn.Module):
    """Encoder → (first token ⊕ mean over the quote's tokens) → three logits in the order of `STANCES`.

    The marks around quote and speaker have embeddings of their own, so that the encoder's table can stay frozen and
    be shared. `marker_ids` are the tokenizer's ids of these marks.
    """

    encoder: PreTrainedModel
    marker_ids: Tensor

    def __init__(
        self, encoder: PreTrainedModel, hidden_size: int, marker_ids: Sequence[int], dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.encoder = without_pooler(encoder)
        self.markers = nn.Embedding(len(marker_ids), hidden_size)
        self.dense = nn.Linear(2 * hidden_size, hidden_size)
        self.classifier = nn.Linear(hidden_size, len(STANCES))
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("marker_ids", torch.tensor(list(marker_ids)), persistent=False)
        nn.init.normal_(self.markers.weight, std=0.05)  # the size of a word's embedding

    @classmethod
    def from_config(cls, config: PretrainedConfig, marker_ids: Sequence[int]) -> "StanceNetwork":
        """A network of this shape with fresh weights."""
        return cls(fresh_encoder(config), config.hidden_size, marker_ids)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, quote_mask: Tensor) -> Tensor:
        """Logits, shape (batch, 3); the inputs are (batch, tokens), `quote_mask` is 1 on the quote's tokens."""
        return self.classified(self.features(input_ids, attention_mask, quote_mask))

    def features(self, input_ids: Tensor, attention_mask: Tensor, quote_mask: Tensor) -> Tensor:
        """What the passage is judged by, shape (batch, hidden size)."""
        hidden = self.encoder(inputs_embeds=self._embedded(input_ids), attention_mask=attention_mask).last_hidden_state
        weights = quote_mask.unsqueeze(-1).to(hidden.dtype)
        quote = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        features = self.dropout(torch.cat([hidden[:, 0], quote], dim=-1))
        return self.dropout(torch.tanh(self.dense(features)))  # type: ignore[no-any-return]

    def classified(self, features: Tensor) -> Tensor:
        """Logits, shape (batch, 3), of `features`."""
        logits: Tensor = self.classifier(features)
        return logits

    def _embedded(self, input_ids: Tensor) -> Tensor:
        table: Any = self.encoder.get_input_embeddings()
        is_marker = input_ids.unsqueeze(-1) == self.marker_ids
        words: Tensor = table(input_ids.clamp(max=table.num_embeddings - 1))
        marks = is_marker.to(words.dtype) @ self.markers.weight.to(words.dtype)
        return torch.where(is_marker.any(-1, keepdim=True), marks, words)
