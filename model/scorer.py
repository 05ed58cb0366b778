"""The scorer: passages in, calibrated distributions over the stances out."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from quotestance.model.batching import token_batches, tokens_at_once
from quotestance.model.components import read_component
from quotestance.model.eight_bit import use_precision
from quotestance.model.encoders import (
    COLUMNS,
    autocast,
    load_config,
    load_tokenizer,
    padded,
    pick_device,
    pick_precision,
    unfilled,
)
from quotestance.model.errors import ModelError
from quotestance.model.passages import MARKERS, QUOTE_END, QUOTE_START, Passage, PassageLimits
from quotestance.model.settings import Settings
from quotestance.model.stance_network import StanceNetwork
from quotestance.model.stopwatch import timed
from quotestance.model.types import STANCES, Stance, StanceLabel


@dataclass(frozen=True, slots=True)
class ScorerConfig:
    """What a scorer was trained with and calibrated to; kept in its manifest under `scorer`.

    Logits are divided by `temperature` before the softmax. A stance whose confidence is under `threshold` is
    marked as abstained.
    """

    max_tokens: int = 224
    before: int = 320
    after: int = 0
    quote: int = 900
    temperature: float = 1.0
    threshold: float = 0.5

    @property
    def limits(self) -> PassageLimits:
        return PassageLimits(before=self.before, after=self.after, quote=self.quote)


def marker_ids(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The ids of the marks around quote and speaker; they must have been added to the tokenizer."""
    # asked of the backend mark by mark: every batch comes here, and `get_vocab` copies the whole vocabulary
    ids = [tokenizer.backend_tokenizer.token_to_id(mark) for mark in MARKERS]
    if None in ids:
        raise ModelError("the scorer's tokenizer lacks the marks for quote and speaker")
    return ids


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of passages, and for each token whether it belongs to the marked quote."""

    ids: list[list[int]]
    quoted: list[list[int]]
    truncated: list[bool]


def encode(passages: Sequence[Passage], tokenizer: PreTrainedTokenizerBase, max_tokens: int) -> Encoded:
    """Passages as sentence pairs of at most `max_tokens` tokens; what is cut off is the end of the passage."""
    marks = dict(zip(MARKERS, marker_ids(tokenizer), strict=True))
    start, end = marks[QUOTE_START], marks[QUOTE_END]
    ids: list[list[int]] = tokenizer(
        [p.question for p in passages],
        [p.text for p in passages],
        truncation="longest_first",
        max_length=max_tokens,
        return_attention_mask=False,
        return_token_type_ids=False,
    )["input_ids"]
    return Encoded(
        ids=ids,
        quoted=[_between(row, start, end) for row in ids],
        truncated=[p.truncated or end not in row for p, row in zip(passages, ids, strict=True)],
    )


def _between(ids: Sequence[int], start: int, end: int) -> list[int]:
    """1 from the start mark up to (not with) the end mark, 0 elsewhere."""
    inside = 0
    result = []
    for token in ids:
        inside = 1 if token == start else 0 if token == end else inside
        result.append(inside)
    return result


class Scorer:
    """A loaded scorer; safe to call from several threads at once."""

    def __init__(
        self,
        network: StanceNetwork,
        tokenizer: PreTrainedTokenizerBase,
        config: ScorerConfig,
        version: str,
        settings: Settings,
    ) -> None:
        self.config = config
        self.version = version
        self.threshold = config.threshold if settings.threshold is None else settings.threshold
        self._tokenizer = tokenizer
        self._tokenising = threading.Lock()  # a fast tokenizer refuses to be set up by one thread while another uses it
        self._device = pick_device(settings.device)
        self._precision = pick_precision(self._device, settings.precision)
        self._network = network.to(self._device).eval()
        self._batch_tokens = tokens_at_once(self._device, settings.batch_tokens)

    @property
    def encoder(self) -> PreTrainedModel:
        return self._network.encoder

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> "Scorer":
        """Raises ModelError when the folder does not hold a whole, undamaged scorer."""
        component = read_component(folder, "scorer")
        tokenizer = load_tokenizer(folder)
        with unfilled():
            network = StanceNetwork.from_config(load_config(folder), marker_ids(tokenizer))
        try:
            network.load_state_dict(dict(component.state), assign=True)
            config = ScorerConfig(**component.manifest["scorer"])
        except (RuntimeError, TypeError, KeyError) as error:
            raise ModelError(f"{folder}: weights or settings do not fit the scorer: {error}") from error
        scorer = cls(network, tokenizer, config, component.version, settings)
        use_precision(network, network.encoder, component.ranges, scorer._device, settings.precision)
        return scorer

    def logits(self, passages: Sequence[Passage]) -> Tensor:
        """Raw scores, (passages, 3) on the CPU, in the order of `STANCES`; no temperature applied."""
        return self._logits(self._encoded(passages))

    @timed("tokenise")
    def _encoded(self, passages: Sequence[Passage]) -> Encoded:
        if not passages:
            return Encoded([], [], [])
        with self._tokenising:
            return encode(passages, self._tokenizer, self.config.max_tokens)

    def _logits(self, encoded: Encoded) -> Tensor:
        result = torch.zeros(len(encoded.ids), len(STANCES))
        for batch in token_batches([len(row) for row in encoded.ids], self._batch_tokens):
            result[batch] = self._forward([encoded.ids[i] for i in batch], [encoded.quoted[i] for i in batch])
        return result

    def score(self, passages: Sequence[Passage]) -> list[Stance]:
        """One calibrated stance a passage, in order, with how many tokens were read and whether any were cut."""
        encoded = self._encoded(passages)
        rows = zip(self._probabilities(encoded), encoded.ids, encoded.truncated, strict=True)
        return [replace(self.stance(row), tokens=len(ids), truncated=cut) for row, ids, cut in rows]

    def distributions(self, passages: Sequence[Passage]) -> list[dict[StanceLabel, float]]:
        """Calibrated probabilities by stance, in order of the passages."""
        return self.judge(passages)[0]

    def judge(self, passages: Sequence[Passage]) -> tuple[list[dict[StanceLabel, float]], list[bool]]:
        """Calibrated probabilities by stance, and whether a part of the quote was too long to be seen, in order."""
        encoded = self._encoded(passages)
        return self._probabilities(encoded), encoded.truncated

    def _probabilities(self, encoded: Encoded) -> list[dict[StanceLabel, float]]:
        probabilities = torch.softmax(self._logits(encoded).double() / self.config.temperature, dim=-1)
        return [dict(zip(STANCES, row, strict=True)) for row in probabilities.tolist()]

    def stance(self, distribution: Mapping[StanceLabel, float]) -> Stance:
        """The stance of a distribution: its most probable label, abstained under the threshold in force."""
        label = max(STANCES, key=lambda s: distribution[s])
        return Stance(label, {s: distribution[s] for s in STANCES}, distribution[label] < self.threshold)

    @timed("inference")
    @torch.inference_mode()
    def _forward(self, ids: Sequence[Sequence[int]], quoted: Sequence[Sequence[int]]) -> Tensor:
        pad = self._tokenizer.pad_token_id or 0
        with autocast(self._device, self._precision):
            logits: Tensor = self._network(
                padded(ids, pad, self._device, COLUMNS),
                padded([[1] * len(row) for row in ids], 0, self._device, COLUMNS),
                padded(quoted, 0, self._device, COLUMNS),
            )
        return logits.float().cpu()
