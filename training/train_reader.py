"""Train the reader: articles with their attributions in, a reader component out.

python -m quotestance.training.train_reader --polnear FILE… --labels FILE… --base BASE -o DIR
"""

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax
from torch.utils.data import DataLoader
from transformers import set_seed

from quotestance.model.attribution_network import ARGUMENT_TAGS, CUE_TAGS, AttributionNetwork
from quotestance.model.cues import lexicon
from quotestance.model.encoders import Precision, word_table
from quotestance.model.errors import LabelError
from quotestance.model.segmentation import segment
from quotestance.model.tagger import TaggerConfig, document_windows, window_tensors
from quotestance.model.types import Span
from quotestance.model.windows import Window
from quotestance.training.attribution_data import AttributionArticle, GoldAttribution, from_labels, read_polnear
from quotestance.training.base import MINILM, Base, load_base
from quotestance.training.labels import read_labels
from quotestance.training.loop import PRECISIONS, LoopSettings, Loss, Validation, train
from quotestance.training.low_rank import LowRank, attach
from quotestance.training.save import save_component
from quotestance.training.schedule import Schedule, ScheduledDataset, loader

IGNORED = -100
ANY_SOURCE = len(ARGUMENT_TAGS)  # "inside a source whose edges the label does not settle"
ANY_CUE = len(CUE_TAGS)  # the same for a cue
_SOURCE_EDGE = 12  # tokens on either side of such a source that may belong to it
_CUE_EDGE = 6
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class ReaderTraining:
    """The recipe."""

    epochs: int = 16
    rate: float = 5e-4  # the word embeddings are frozen: the rest bears a high rate
    head_rate: float = 1e-3
    batch_windows: int = 32
    batch_tokens: int = 9_600
    outside: float = 0.5  # weight of tokens outside source and content: most tokens are
    arguments: float = 1.0  # weight of source and content against the cues
    attitude: float = 0.3
    seed: int = 0
    low_rank: LowRank | None = None
    patience: int = 2  # with validation articles: passes without a lower loss after which training stops
    device: str = "auto"
    precision: Precision = "auto"


@dataclass(frozen=True, slots=True)
class WindowExample:
    """A window with its cues: token ranges, a tag a token for each, and 1 / 0 / IGNORED for attitude.

    `cue_tags` is a tag a token, IGNORED where the labels do not say whether it is a cue.
    """

    window: Window
    cue_tags: tuple[int, ...]
    cues: tuple[tuple[int, int], ...]
    tags: tuple[tuple[int, ...], ...]
    attitudes: tuple[int, ...]


def train_reader(
    articles: Sequence[AttributionArticle],
    base: Base,
    settings: ReaderTraining,
    config: TaggerConfig,
    checkpoints: Path,
    resume: bool = False,
    validation: Sequence[AttributionArticle] = (),
) -> AttributionNetwork:
    """Fine-tune `base` on articles with their attributions.

    With `validation` articles, their loss says when to stop and which weights to keep. Raises LabelError when no
    statement of `articles` has a cue.
    """
    set_seed(settings.seed)
    network = AttributionNetwork(base.encoder, base.config.hidden_size)
    if base.head:
        network.load_state_dict(dict(base.head), strict=False)
    merge = attach(base.encoder, settings.low_rank) if settings.low_rank else None
    word_table(base.encoder).weight.requires_grad_(False)
    pad = base.tokenizer.pad_token_id or 0

    def batches_of(part: Sequence[AttributionArticle], passes: int) -> DataLoader[WindowExample]:
        examples = [e for a in part for e in window_examples(a, base, config)]
        return window_batches(examples, replace(settings, epochs=passes), lambda items: collate(items, pad))

    batches = batches_of(articles, settings.epochs)
    if not len(batches):
        raise LabelError("no statement of these articles has a cue (`cue_span`): a reader learns from nothing else")
    to_check = batches_of(validation, 1)
    # statements without cues make no examples: such articles say nothing of when to stop
    checked = Validation(to_check, settings.epochs, settings.patience) if len(to_check) else None
    loss: Loss = lambda n, b: _loss(n, b, settings)  # noqa: E731
    train(network, batches, loss, loop_of(settings), checkpoints, resume, checked, name="reader")
    if merge is not None:
        network.encoder = merge()
    return network.cpu().eval()


def window_batches(
    examples: Sequence[WindowExample],
    settings: ReaderTraining,
    make_batch: Callable[[list[WindowExample]], dict[str, Tensor]],
) -> DataLoader[WindowExample]:
    """Every pass over the windows, in batches by tokens."""
    lengths = [len(e.window.tokens) for e in examples]
    schedule = Schedule(lengths, settings.epochs, settings.batch_windows, settings.batch_tokens, settings.seed)
    dataset = ScheduledDataset(len(examples), settings.epochs, lambda index, epoch: examples[index])
    return loader(dataset, schedule, make_batch)


def loop_of(settings: ReaderTraining) -> LoopSettings:
    """The training loop's part of the recipe."""
    return LoopSettings(
        settings.rate,
        settings.head_rate,
        warmup=0.06,
        seed=settings.seed,
        device=settings.device,
        precision=settings.precision,
    )


def window_examples(article: AttributionArticle, base: Base, config: TaggerConfig) -> list[WindowExample]:
    """The article's windows, each with every cue that stands in it, context included."""
    examples = []
    known = [] if article.complete else _possible_cues(article.text)
    for window in document_windows(segment(article.text), base.tokenizer, config):
        cues, tags, attitudes = [], [], []
        for gold in article.gold:
            cue = _range(window, gold.cue)
            if cue is not None:
                cues.append(cue)
                tags.append(_argument_tags(window, gold, cue, article.loose_sources))
                attitudes.append(IGNORED if gold.attitude is None else int(gold.attitude))
        if cues or article.complete:
            cue_tags = _cue_tags(window, cues, None if article.complete else known)
            examples.append(WindowExample(window, cue_tags, tuple(cues), tuple(tags), tuple(attitudes)))
    return examples


def _possible_cues(text: str) -> list[Span]:
    """Words that may report something: in an article whose labels are not complete, these may be unlisted cues."""
    words = lexicon().verbs.keys() | lexicon().nouns
    return [Span(*m.span()) for m in _WORD.finditer(text) if m.group().lower() in words]


def _cue_tags(window: Window, cues: Sequence[tuple[int, int]], possible: Sequence[Span] | None) -> tuple[int, ...]:
    tags = [CUE_TAGS.index("O")] * len(window.tokens)
    if possible is None:
        for cue in cues:
            _write(tags, cue, CUE_TAGS.index("B"))
        return tuple(tags)
    for span in possible:
        if (place := _range(window, span)) is not None:
            tags[slice(*place)] = [IGNORED] * (place[1] - place[0])
    for start, end in cues:
        for i in range(max(0, start - _CUE_EDGE), min(len(tags), end + _CUE_EDGE)):
            tags[i] = IGNORED
    for start, end in cues:
        tags[start:end] = [ANY_CUE] * (end - start)
    return tuple(tags)


def _argument_tags(window: Window, gold: GoldAttribution, cue: tuple[int, int], loose: bool) -> tuple[int, ...]:
    tags = [0] * len(window.tokens)
    for span in gold.source:
        if (place := _range(window, span)) is not None:
            start, end = place
            if loose:
                edge = range(max(0, start - _SOURCE_EDGE), min(len(tags), end + _SOURCE_EDGE))
                for i in edge:
                    tags[i] = ANY_SOURCE if start <= i < end else IGNORED if i not in range(*cue) else tags[i]
            else:
                _write(tags, place, ARGUMENT_TAGS.index("B-source"))
    for span in gold.content:
        if (place := _range(window, span)) is not None:
            _write(tags, place, ARGUMENT_TAGS.index("B-content"))
    return tuple(tags)


def _write(tags: list[int], place: tuple[int, int], begin: int) -> None:
    start, end = place
    tags[start:end] = [begin, *[begin + 1] * (end - start - 1)]


def _range(window: Window, span: Span) -> tuple[int, int] | None:
    """The window's tokens that overlap `span`, as a range."""
    inside = [i for i, t in enumerate(window.tokens) if t.span.overlaps(span)]
    return (inside[0], inside[-1] + 1) if inside else None


def collate(items: Sequence[WindowExample], pad: int) -> dict[str, Tensor]:
    """Windows as the network's inputs, with `cue_tags` (windows, tokens), `places` (cues, 3), `tags`, `attitudes`."""
    inputs = window_tensors([e.window for e in items], pad, torch.device("cpu"))
    longest = inputs["input_ids"].shape[1]
    cue_tags = torch.full(inputs["input_ids"].shape, IGNORED)
    places: list[tuple[int, int, int]] = []
    tags = []
    for row, example in enumerate(items):
        cue_tags[row, : len(example.cue_tags)] = torch.tensor(example.cue_tags)
        for (start, end), row_tags in zip(example.cues, example.tags, strict=True):
            places.append((row, start, end))
            tags.append([*row_tags, *[IGNORED] * (longest - len(row_tags))])
    return {
        **inputs,
        "cue_tags": cue_tags,
        "places": torch.tensor(places, dtype=torch.long).reshape(-1, 3),
        "tags": torch.tensor(tags, dtype=torch.long).reshape(-1, longest),
        "attitudes": torch.tensor([a for e in items for a in e.attitudes], dtype=torch.long),
    }


def _loss(network: AttributionNetwork, batch: dict[str, Tensor], settings: ReaderTraining) -> Tensor:
    hidden = network.encode(batch["input_ids"], batch["attention_mask"], batch["shapes"])
    logits = network.cues(hidden).float()
    total = _mean_loss(logits, batch["cue_tags"], slice(1, 3), ANY_CUE, outside=1.0)
    if len(batch["places"]):
        arguments, attitude = network.arguments(hidden, batch["paragraphs"], *batch["places"].unbind(1))
        source = slice(ARGUMENT_TAGS.index("B-source"), ARGUMENT_TAGS.index("I-source") + 1)
        loss = _mean_loss(arguments.float(), batch["tags"], source, ANY_SOURCE, settings.outside)
        total = total + settings.arguments * loss
        known = batch["attitudes"] != IGNORED
        if known.any():
            truth = batch["attitudes"][known].float()
            total = total + settings.attitude * binary_cross_entropy_with_logits(attitude.float()[known], truth)
    return total


def _mean_loss(logits: Tensor, tags: Tensor, either: slice, either_tag: int, outside: float) -> Tensor:
    """Mean cross-entropy over the tokens not IGNORED; `either_tag` is satisfied by any of the tags in `either`."""
    scores = log_softmax(logits, -1)
    exact = scores.gather(-1, tags.clamp(0, logits.shape[-1] - 1).unsqueeze(-1)).squeeze(-1)
    losses = -torch.where(tags == either_tag, torch.logsumexp(scores[..., either], -1), exact)
    weights = torch.where(tags > 0, 1.0, outside) * (tags != IGNORED)
    return (losses * weights).sum() / weights.sum().clamp(min=1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--polnear", nargs="*", type=Path, default=[])
    parser.add_argument("--labels", nargs="*", type=Path, default=[])
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--base", default=MINILM)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=ReaderTraining().epochs)
    parser.add_argument("--precision", choices=PRECISIONS, default="auto", help="of the products")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    settings = ReaderTraining(seed=args.seed, epochs=args.epochs, precision=args.precision)
    config = TaggerConfig()
    base = load_base(args.base, kind="reader")
    articles = [a for path in args.polnear for a in read_polnear(path)]
    if args.labels:
        articles += from_labels(read_labels(args.labels).articles)
    network = train_reader(articles, base, settings, config, args.out / "checkpoints", args.resume)
    save_component(args.out, "reader", network, base, config, [*args.polnear, *args.labels], asdict(settings))


if __name__ == "__main__":
    main()
