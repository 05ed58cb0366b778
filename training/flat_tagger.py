"""The design that the reader was compared with: one tag a token for cue, source and content, and no links.

    python -m quotestance.training.flat_tagger --train POLNEAR --dev POLNEAR -o DIR [--base BASE] [--epochs 10]

Prints exact span F1 on DEV. A flat sequence cannot hold nested contents or say which source belongs to which cue; it is
here so that anyone can see what the shipped design (`attribution_network.py`) gains over it.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, log_softmax
from transformers import PreTrainedModel, set_seed

from quotestance.model.batching import token_batches
from quotestance.model.encoders import autocast, pick_device, pick_precision, word_table
from quotestance.model.segmentation import segment
from quotestance.model.tagger import TaggerConfig, decode, document_windows, tag_spans, window_tensors
from quotestance.model.types import Span
from quotestance.model.windows import Window
from quotestance.training.attribution_data import AttributionArticle, read_polnear
from quotestance.training.base import MINILM, Base, load_base
from quotestance.training.loop import train
from quotestance.training.reader_metrics import PARTS, span_f1, spans_of
from quotestance.training.train_reader import ReaderTraining, WindowExample, loop_of, window_batches, window_examples

TAGS = ("O", "B-cue", "I-cue", "B-source", "I-source", "B-content", "I-content")


class FlatNetwork(nn.Module):
    """Encoder with one tag a token."""

    encoder: PreTrainedModel

    def __init__(self, encoder: PreTrainedModel, hidden_size: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.shape = nn.Embedding(8, hidden_size)
        self.tagger = nn.Linear(hidden_size, len(TAGS))
        self.dropout = nn.Dropout(0.1)
        nn.init.zeros_(self.shape.weight)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, shapes: Tensor) -> Tensor:
        """Logits over `TAGS`, (batch, tokens, 7)."""
        embedded = word_table(self.encoder)(input_ids) + self.shape(shapes)
        hidden = self.encoder(inputs_embeds=embedded, attention_mask=attention_mask).last_hidden_state
        logits: Tensor = self.tagger(self.dropout(hidden))
        return logits


def flat_tags(example: WindowExample) -> list[int]:
    """One tag a token: a cue goes before a source, a source before a content, an inner content before an outer."""
    tags = [0] * len(example.window.tokens)
    by_length = sorted(example.tags, key=lambda row: -sum(t > 2 for t in row))
    for wanted in ((3, 4), (1, 2)):
        for row in by_length:
            for i, tag in enumerate(row):
                if tag in wanted:
                    tags[i] = tag + 2
    for i, tag in enumerate(example.cue_tags):
        if tag > 0:
            tags[i] = tag
    return tags


def train_flat(
    articles: Sequence[AttributionArticle], base: Base, settings: ReaderTraining, folder: Path
) -> FlatNetwork:
    """Fine-tune `base` on articles whose attributions are all listed."""
    set_seed(settings.seed)
    network = FlatNetwork(base.encoder, base.config.hidden_size)
    word_table(base.encoder).weight.requires_grad_(False)
    examples = [e for a in articles for e in window_examples(a, base, TaggerConfig())]
    pad = base.tokenizer.pad_token_id or 0

    def collate(items: Sequence[WindowExample]) -> dict[str, Tensor]:
        inputs = window_tensors([e.window for e in items], pad, torch.device("cpu"))
        labels = torch.full(inputs["input_ids"].shape, -100)
        for row, example in enumerate(items):
            labels[row, : len(example.window.tokens)] = torch.tensor(flat_tags(example))
        return {**inputs, "labels": labels}

    train(network, window_batches(examples, settings, collate), _loss, loop_of(settings), folder)
    return network.eval()


def _loss(network: FlatNetwork, batch: dict[str, Tensor]) -> Tensor:
    logits = network(batch["input_ids"], batch["attention_mask"], batch["shapes"]).float()
    return cross_entropy(logits.flatten(0, 1), batch["labels"].flatten())


@torch.inference_mode()
def tag_flat(network: FlatNetwork, article: AttributionArticle, base: Base) -> dict[str, set[Span]]:
    """The article's spans of each part."""
    device = pick_device("auto")
    network.to(device)
    found: dict[str, set[Span]] = {part: set() for part in PARTS}
    work: list[Window] = document_windows(segment(article.text), base.tokenizer, TaggerConfig())
    for batch in token_batches([len(w.tokens) for w in work], 6_144):
        inputs = window_tensors([work[i] for i in batch], base.tokenizer.pad_token_id or 0, device)
        with autocast(device, pick_precision(device, "auto")):
            logits = network(inputs["input_ids"], inputs["attention_mask"], inputs["shapes"])
        rows = decode(log_softmax(logits.float(), -1).cpu().numpy(), TAGS)
        for i, tags in zip(batch, rows, strict=True):
            window = work[i]
            for part in PARTS:
                for start, end in tag_spans(tags[: len(window.tokens)], TAGS.index(f"B-{part}")):
                    if start in window.own:
                        found[part].add(Span(window.tokens[start].span.start, window.tokens[end - 1].span.end))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--base", default=MINILM)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("-o", "--out", type=Path, required=True, help="for checkpoints")
    args = parser.parse_args()
    base = load_base(args.base, kind="reader")
    settings = replace(ReaderTraining(), epochs=args.epochs)
    network = train_flat(read_polnear(args.train), base, settings, args.out)
    dev = read_polnear(args.dev)
    print(json.dumps(span_f1([tag_flat(network, a, base) for a in dev], [spans_of(a.gold) for a in dev]), indent=2))


if __name__ == "__main__":
    main()
