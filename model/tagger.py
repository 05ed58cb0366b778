"""The trained reader: cues, and for each its source and content, from one pass over windows of paragraphs."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import log_softmax
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from quotestance.model.attribution_network import ARGUMENT_TAGS, CUE_TAGS, AttributionNetwork
from quotestance.model.batching import token_batches, tokens_at_once
from quotestance.model.components import read_component
from quotestance.model.document import Document
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
from quotestance.model.quotation import find_quotes, outermost
from quotestance.model.settings import Settings
from quotestance.model.stopwatch import timed
from quotestance.model.types import Span
from quotestance.model.windows import Window, tokenise, windows

_IMPOSSIBLE = -1e4
_PAIRS_A_THREAD = 2_048  # of cue and token at once: each is a vector, and a batch may have a hundred thousand


@dataclass(frozen=True, slots=True)
class TaggerConfig:
    """What a reader was trained with; kept in its manifest under `reader`.

    `cue_bias` is added to the cue tags' logits: above 0 finds more cues, below 0 fewer.
    """

    window: int = 320
    context: int = 40
    cue_bias: float = -1.0  # set on PolNeAR's development part, by F1 of quote and speaker together


@dataclass(frozen=True, slots=True)
class TaggedAttribution:
    """One cue with the spans of its source and content, and how probable it is that it reports an attitude."""

    cue: Span
    source: tuple[Span, ...]
    content: tuple[Span, ...]
    attitude: float


class Tagger:
    """A loaded attribution network; safe to call from several threads at once."""

    def __init__(
        self,
        network: AttributionNetwork,
        tokenizer: PreTrainedTokenizerBase,
        config: TaggerConfig,
        version: str,
        settings: Settings,
    ) -> None:
        self.config = config
        self.version = version
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
    def load(cls, folder: Path, settings: Settings) -> "Tagger":
        """Raises ModelError when the folder does not hold a whole, undamaged reader."""
        component = read_component(folder, "reader")
        with unfilled():
            network = AttributionNetwork.from_config(load_config(folder))
        try:
            network.load_state_dict(dict(component.state), assign=True)
            config = TaggerConfig(**component.manifest["reader"])
        except (RuntimeError, TypeError, KeyError) as error:
            raise ModelError(f"{folder}: weights or settings do not fit the reader: {error}") from error
        tagger = cls(network, load_tokenizer(folder), config, component.version, settings)
        use_precision(network, network.encoder, component.ranges, tagger._device, settings.precision)
        return tagger

    def tag(self, documents: Sequence[Document]) -> list[list[TaggedAttribution]]:
        """For each document, its attributions in the order of their cues."""
        found: list[list[TaggedAttribution]] = [[] for _ in documents]
        with self._tokenising:
            work = [(n, w) for n, d in enumerate(documents) for w in document_windows(d, self._tokenizer, self.config)]
        for batch in token_batches([len(w.tokens) for _, w in work], self._batch_tokens):
            for i, attributions in zip(batch, self._tag_windows([work[i][1] for i in batch]), strict=True):
                number = work[i][0]
                found[number] += [_whole_words(documents[number].text, a) for a in attributions]
        return [sorted(attributions, key=lambda a: a.cue) for attributions in found]

    @timed("inference")
    @torch.inference_mode()
    def _tag_windows(self, batch: Sequence[Window]) -> list[list[TaggedAttribution]]:
        inputs = window_tensors(batch, self._tokenizer.pad_token_id or 0, self._device, COLUMNS)
        with autocast(self._device, self._precision):
            hidden = self._network.encode(inputs["input_ids"], inputs["attention_mask"], inputs["shapes"])
            cue_logits = self._network.cues(hidden).float()
        cue_logits[..., 1:] += self.config.cue_bias
        # what lies beyond a window's end must stay outside every cue
        outside = inputs["attention_mask"] == 0
        cue_logits[..., 1:] = cue_logits[..., 1:].masked_fill(outside.unsqueeze(-1), _IMPOSSIBLE)
        tags = decode(log_softmax(cue_logits, -1).cpu().numpy(), CUE_TAGS)
        cues = [
            (row, start, end)
            for row, window in enumerate(batch)
            for start, end in tag_spans(tags[row], CUE_TAGS.index("B"))
            if start in window.own
        ]
        result: list[list[TaggedAttribution]] = [[] for _ in batch]
        if not cues:
            return result
        arguments, attitudes = self._arguments(hidden, inputs["paragraphs"], cues)
        for (row, start, end), row_tags, lean in zip(cues, arguments, attitudes, strict=True):
            window = batch[row]
            row_tags = row_tags[: len(window.tokens)]
            result[row].append(
                TaggedAttribution(
                    cue=_characters(window, start, end),
                    source=tuple(_characters(window, *s) for s in tag_spans(row_tags, ARGUMENT_TAGS.index("B-source"))),
                    content=tuple(
                        _characters(window, *s) for s in tag_spans(row_tags, ARGUMENT_TAGS.index("B-content"))
                    ),
                    attitude=lean,
                )
            )
        return result

    def _arguments(
        self, hidden: Tensor, paragraphs: Tensor, cues: Sequence[tuple[int, int, int]]
    ) -> tuple[list[NDArray[np.int8]], list[float]]:
        """For each cue (window, start, end) the tags of the window's tokens, and how probable an attitude is."""
        tags: list[NDArray[np.int8]] = []
        attitudes: list[float] = []
        at_once = max(1, _PAIRS_A_THREAD * torch.get_num_threads() // hidden.shape[1])
        for place in torch.tensor(cues, device=self._device).split(at_once):  # type: ignore[no-untyped-call]
            with autocast(self._device, self._precision):
                logits, attitude = self._network.arguments(hidden, paragraphs, *place.unbind(1))
            tags += list(decode(log_softmax(logits.float(), -1).cpu().numpy(), ARGUMENT_TAGS))
            attitudes += torch.sigmoid(attitude.float()).tolist()
        return tags, attitudes


@timed("tokenise")
def document_windows(document: Document, tokenizer: PreTrainedTokenizerBase, config: TaggerConfig) -> list[Window]:
    """The document in windows, headings included, with every token's place in the text and in quote marks."""
    paragraphs = [p.span for p in document.paragraphs if p.kind != "boilerplate"]
    quoted = [q.outer for p in paragraphs for q in outermost(find_quotes(document.text, p))]
    tokens = tokenise(document.text, paragraphs, quoted, tokenizer)
    first, separator = (tokenizer.cls_token_id or 0), (tokenizer.sep_token_id or 0)
    return windows(tokens, first, separator, config.window, config.context)


def window_tensors(batch: Sequence[Window], pad: int, device: torch.device, multiple: int = 1) -> dict[str, Tensor]:
    """The network's inputs for windows, each (windows, columns) as in `padded`.

    Paragraphs are counted from each window's first.
    """
    return {
        "input_ids": padded([[t.id for t in w.tokens] for w in batch], pad, device, multiple),
        "attention_mask": padded([[1] * len(w.tokens) for w in batch], 0, device, multiple),
        "shapes": padded([[t.shape for t in w.tokens] for w in batch], 0, device, multiple),
        "paragraphs": padded([[p - w.paragraphs[0] for p in w.paragraphs] for w in batch], 0, device, multiple),
    }


def decode(scores: NDArray[np.float32], tags: Sequence[str]) -> NDArray[np.int8]:
    """The best valid tag sequences (Viterbi 1967): an I- tag only after its own B- or I-.

    `scores` are log probabilities, (sequences, tokens, tags); the result is (sequences, tokens).
    """
    moves = _moves(tags)
    best = scores[:, 0] + np.where([t.startswith("I") for t in tags], _IMPOSSIBLE, 0.0)
    came = np.zeros(scores.shape, np.int8)
    for step in range(1, scores.shape[1]):
        paths = best[:, :, None] + moves
        came[:, step] = paths.argmax(1)
        best = paths.max(1) + scores[:, step]
    result = np.zeros(scores.shape[:2], np.int8)
    tag = best.argmax(1)
    for step in range(scores.shape[1] - 1, -1, -1):
        result[:, step] = tag
        tag = came[np.arange(len(tag)), step, tag]
    return result


def _moves(tags: Sequence[str]) -> NDArray[np.float32]:
    moves = np.zeros((len(tags), len(tags)), np.float32)
    for i, before in enumerate(tags):
        for j, after in enumerate(tags):
            if after.startswith("I") and before[1:] != after[1:]:
                moves[i, j] = _IMPOSSIBLE
    moves[tags.index("O"), [t.startswith("I") for t in tags]] = _IMPOSSIBLE
    return moves


def tag_spans(tags: NDArray[np.int8], begin: int) -> list[tuple[int, int]]:
    """Token ranges of one kind in a sequence of tags: `begin` and the I- tag after it."""
    found: list[tuple[int, int]] = []
    start = None
    for i, tag in enumerate([*tags.tolist(), 0]):
        if start is not None and tag != begin + 1:
            found.append((start, i))
            start = None
        if tag == begin:
            start = i
    return found


def _characters(window: Window, start: int, end: int) -> Span:
    return Span(window.tokens[start].span.start, window.tokens[end - 1].span.end)


def _whole_words(text: str, attribution: TaggedAttribution) -> TaggedAttribution:
    """Spans that end or begin inside a word grown to its edges: tags are given to pieces of words."""
    return TaggedAttribution(
        _grown(text, attribution.cue),
        tuple(_grown(text, s) for s in attribution.source),
        tuple(_grown(text, s) for s in attribution.content),
        attribution.attitude,
    )


def _grown(text: str, span: Span) -> Span:
    start, end = span
    while 0 < start < end and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while start < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return Span(start, end)
