"""The reader's network: one pass over a window of paragraphs finds the cues, and for each cue its source and content.

Cues are tagged token by token; then every (cue, token) pair is scored for being inside the cue's source or content,
from the two tokens' vectors and where they stand to each other (the pairwise scorer of dependency-style semantic role
labelling: Dozat and Manning 2018, Shi and Lin 2019). Several cues may share a source, and contents may nest.
"""

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from quotestance.model.encoders import fresh_encoder, without_pooler

CUE_TAGS = ("O", "B", "I")
ARGUMENT_TAGS = ("O", "B-source", "I-source", "B-content", "I-content")
SHAPES = 8  # how a token is written: see `windows.shape_of`
_DISTANCES = 24
_PARAGRAPHS = 5


class AttributionNetwork(nn.Module):
    """Encoder with a cue tagger, a (cue, token) scorer, and a head that tells attitudes from reported speech."""

    encoder: PreTrainedModel

    def __init__(self, encoder: PreTrainedModel, hidden_size: int, width: int = 256, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = without_pooler(encoder)
        self.shape = nn.Embedding(SHAPES, hidden_size)
        self.cue_tagger = nn.Linear(hidden_size, len(CUE_TAGS))
        self.token_side = nn.Linear(hidden_size, width)
        self.cue_side = nn.Linear(2 * hidden_size, width)
        self.distance = nn.Embedding(2 * _DISTANCES + 1, width)
        self.paragraph = nn.Embedding(_PARAGRAPHS, width)
        self.middle = nn.Linear(width, width)
        self.argument_tagger = nn.Linear(width, len(ARGUMENT_TAGS))
        self.attitude = nn.Linear(2 * hidden_size, 1)
        self.dropout = nn.Dropout(dropout)
        nn.init.zeros_(self.shape.weight)

    @classmethod
    def from_config(cls, config: PretrainedConfig) -> "AttributionNetwork":
        """A network of this shape with fresh weights."""
        return cls(fresh_encoder(config), config.hidden_size)

    def encode(self, input_ids: Tensor, attention_mask: Tensor, shapes: Tensor) -> Tensor:
        """Token vectors, (batch, tokens, hidden); the inputs are (batch, tokens)."""
        words: Tensor = self.encoder.get_input_embeddings()(input_ids)
        embedded = words + self.shape(shapes)
        hidden: Tensor = self.encoder(inputs_embeds=embedded, attention_mask=attention_mask).last_hidden_state
        return hidden

    def cues(self, hidden: Tensor) -> Tensor:
        """Logits over `CUE_TAGS`, (batch, tokens, 3)."""
        logits: Tensor = self.cue_tagger(self.dropout(hidden))
        return logits

    def cue_vectors(self, hidden: Tensor, window: Tensor, start: Tensor, end: Tensor) -> Tensor:
        """One vector a cue, (cues, 2 · hidden): its first and last token; `end` is exclusive."""
        return torch.cat([hidden[window, start], hidden[window, end - 1]], dim=-1)

    def arguments(
        self, hidden: Tensor, paragraphs: Tensor, window: Tensor, start: Tensor, end: Tensor
    ) -> tuple[Tensor, Tensor]:
        """For each cue, logits over `ARGUMENT_TAGS` at every token (cues, tokens, 5), and its attitude logit (cues,).

        `paragraphs` (batch, tokens) numbers the paragraphs of each window; `window`, `start`, `end` (cues,) say where
        the cues stand.
        """
        cue = self.dropout(self.cue_vectors(hidden, window, start, end))
        position = torch.arange(hidden.shape[1], device=hidden.device)
        offset = (position - start[:, None]).clamp(min=0) - (end[:, None] - 1 - position).clamp(min=0)
        inside = (position >= start[:, None]) & (position < end[:, None])
        distance = _look_up(self.distance, _bucket(offset.masked_fill(inside, 0)) + _DISTANCES)
        own = paragraphs[window, start]
        step = _look_up(self.paragraph, (paragraphs[window] - own[:, None]).clamp(-2, 2) + 2)
        token = self.token_side(self.dropout(hidden))[window]
        joint = nn.functional.gelu(token + self.cue_side(cue)[:, None] + distance + step)
        joint = nn.functional.gelu(self.middle(self.dropout(joint)))
        return self.argument_tagger(joint), self.attitude(cue).squeeze(-1)


def _look_up(table: nn.Embedding, index: Tensor) -> Tensor:
    if not torch.is_grad_enabled():
        looked_up: Tensor = table(index)
        return looked_up
    # a product with one-hot rows: the gradient of a look-up of few rows many times over is slow on a CPU
    chosen = nn.functional.one_hot(index, table.num_embeddings).to(table.weight.dtype)
    return chosen @ table.weight


def _bucket(offset: Tensor) -> Tensor:
    """Signed distances in tokens, exact up to 8, then by powers of two, within ± `_DISTANCES`."""
    size = offset.abs()
    far = 8 + (torch.log2(size.clamp(min=8).float() / 8) * 2.5).long()
    return torch.sign(offset) * torch.where(size <= 8, size, far).clamp(max=_DISTANCES)
