"""Continue an encoder's masked-language training on news text, before it learns to read or to score.

    python -m quotestance.training.adapt TEXTS… --base BASE -o DIR [--passes 0]

TEXTS are JSON lines (`.jsonl`, `.jsonl.gz`) with a `text`; labels are not used. With `--passes 0` the base is only
written out as a component. Method: Devlin et al. 2019; domain-adaptive pretraining: Gururangan et al. 2020.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, gelu
from transformers import PreTrainedModel, set_seed

from quotestance.model.encoders import padded, word_table
from quotestance.model.tokenizable import tokenizable
from quotestance.training.base import MINILM, Base, load_base, save_encoder
from quotestance.training.loop import LoopSettings, train
from quotestance.training.schedule import Schedule, ScheduledDataset, loader
from quotestance.training.text_files import open_text

_LENGTH = 192  # tokens a block
_MASKED = 0.2  # share of tokens to guess: more than BERT's 15 % helps small encoders (Wettig et al. 2023)
_NOT_GUESSED = -100
_CPU = torch.device("cpu")  # batches are made there; the loop moves them


@dataclass(frozen=True, slots=True)
class AdaptSettings:
    passes: int = 3
    rate: float = 3e-4
    head_rate: float = 1e-3
    batch_items: int = 64
    seed: int = 0
    device: str = "auto"


class MaskedLanguageNetwork(nn.Module):
    """The encoder with a fresh head that guesses words against the encoder's own frozen table."""

    encoder: PreTrainedModel

    def __init__(self, encoder: PreTrainedModel, hidden_size: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.dense = nn.Linear(hidden_size, hidden_size)
        self.norm = nn.LayerNorm(hidden_size)
        self.bias = nn.Parameter(torch.zeros(word_table(encoder).num_embeddings))

    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> Tensor:
        """The mean loss over the guessed tokens; all inputs are (batch, tokens)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        guessed = labels != _NOT_GUESSED
        table = word_table(self.encoder).weight
        features = self.norm(gelu(self.dense(hidden[guessed])))
        return cross_entropy((features @ table.T.to(features.dtype) + self.bias).float(), labels[guessed])


def adapt(texts: Sequence[str], base: Base, settings: AdaptSettings, checkpoints: Path, resume: bool = False) -> None:
    """Train `base.encoder` in place on `texts`, its embedding table frozen."""
    set_seed(settings.seed)
    tokenizer = base.tokenizer
    first, last, mask = tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.mask_token_id
    blocks = []
    for text in texts:
        ids = tokenizer(tokenizable(text), add_special_tokens=False, verbose=False)["input_ids"]
        blocks += [[first, *ids[i : i + _LENGTH], last] for i in range(0, len(ids), _LENGTH) if len(ids) - i > 8]
    network = MaskedLanguageNetwork(base.encoder, base.config.hidden_size)
    word_table(base.encoder).weight.requires_grad_(False)

    def make(index: int, epoch: int) -> tuple[list[int], list[int]]:
        rng = random.Random(f"{settings.seed}/{epoch}/{index}")
        ids, labels = list(blocks[index]), [_NOT_GUESSED] * len(blocks[index])
        for i in range(1, len(ids) - 1):
            if rng.random() < _MASKED:
                labels[i], ids[i] = ids[i], _masked(ids[i], mask, base.config.vocab_size, rng)
        return ids, labels

    def collate(items: Sequence[tuple[list[int], list[int]]]) -> dict[str, Tensor]:
        rows = [ids for ids, _ in items]
        return {
            "input_ids": padded(rows, tokenizer.pad_token_id or 0, _CPU),
            "attention_mask": padded([[1] * len(row) for row in rows], 0, _CPU),
            "labels": padded([labels for _, labels in items], _NOT_GUESSED, _CPU),
        }

    schedule = Schedule([len(b) for b in blocks], settings.passes, settings.batch_items, 10**9, settings.seed)
    dataset = ScheduledDataset(len(blocks), settings.passes, make)
    loop = LoopSettings(settings.rate, settings.head_rate, seed=settings.seed, device=settings.device)
    log = train(network, loader(dataset, schedule, collate), _loss, loop, checkpoints, resume)
    print(f"{len(blocks)} blocks; loss {[round(e['loss'], 3) for e in log if 'loss' in e][::10]}")


def _loss(network: MaskedLanguageNetwork, batch: dict[str, Tensor]) -> Tensor:
    loss: Tensor = network(**batch)
    return loss


def _masked(token: int, mask: int, vocabulary: int, rng: random.Random) -> int:
    """80 % the mask, 10 % another word, 10 % itself, as in BERT."""
    draw = rng.random()
    return mask if draw < 0.8 else rng.randrange(vocabulary) if draw < 0.9 else token


def read_texts(paths: Sequence[Path]) -> list[str]:
    texts = []
    for path in paths:
        with open_text(path) as lines:
            texts += [json.loads(line)["text"] for line in lines]
    return texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="*", type=Path)
    parser.add_argument("--base", default=MINILM)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--passes", type=int, default=AdaptSettings().passes)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    settings = AdaptSettings(passes=args.passes, seed=args.seed)
    base = load_base(args.base)
    if args.passes:
        adapt(read_texts(args.texts), base, settings, args.out / "checkpoints", args.resume)
    save_encoder(
        args.out, base, {"adapted_on": [p.name for p in args.texts] if args.passes else [], "passes": args.passes}
    )


if __name__ == "__main__":
    main()
