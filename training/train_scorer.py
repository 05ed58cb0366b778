"""Train the scorer: labelled statements in, a scorer component out.

    python -m quotestance.training.train_scorer LABELS… --base BASE -o DIR

`quotestance train` does this with a split, calibration and an evaluation around it.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.utils.data import DataLoader
from transformers import PreTrainedTokenizerBase, set_seed

from quotestance.model.encoders import Precision, padded, pick_device, pick_precision, word_table
from quotestance.model.passages import MARKERS, Passage
from quotestance.model.scorer import Scorer, ScorerConfig, encode, marker_ids
from quotestance.model.settings import Settings
from quotestance.model.stance_network import StanceNetwork
from quotestance.training.base import MINILM, Base, load_base
from quotestance.training.bundles import bundle_loss, bundles_of
from quotestance.training.calibrate import labelled_logits
from quotestance.training.calibration import fit
from quotestance.training.examples import (
    AS_GIVEN,
    Variation,
    balancing_weights,
    passage_of,
    stance_index,
    varied,
    varied_limits,
    varied_names,
    weights_of,
)
from quotestance.training.label_dataset import as_dataset, statement_of
from quotestance.training.labels import LabelledStatement, read_labels, statements_of
from quotestance.training.loop import PRECISIONS, LoopSettings, Validation, train
from quotestance.training.low_rank import LowRank, attach
from quotestance.training.save import save_component
from quotestance.training.schedule import Schedule, ScheduledDataset, loader
from quotestance.training.splits import by_event
from quotestance.training.teachers import Teachers, data_of, lesson_loss, record_of

_CPU = torch.device("cpu")  # batches are made there; the loop moves them
_UNLABELLED_WEIGHT = 0.6  # of a statement that only teachers judge, where a clear label counts 1

ClassWeights = Literal["none", "balanced"]


@dataclass(frozen=True, slots=True)
class ScorerTraining:
    """The recipe; what was tried is in this folder's README."""

    epochs: int = 10  # many, at a high rate, for an encoder of this size: its word embeddings stay frozen
    rate: float = 2e-4
    head_rate: float = 6e-4
    batch_items: int = 64
    batch_tokens: int = 12_288
    variation: Variation = field(default_factory=Variation)
    seed: int = 0  # the order of the examples and their variations
    start: int = 0  # the head's first weights: the same for every seed, so that models can be averaged (soup.py)
    freeze_embeddings: bool = True  # one table serves reader and scorer
    low_rank: LowRank | None = None
    about_weight: float = 0.0  # of a second question in the loss: is the statement about this strike at all?
    bundle_weight: float = 0.0  # of the loss that tells apart statements of one contrast set or article
    taught: float = 0.0  # with teachers: the share of their answers in the loss, the labels have the rest
    class_weights: ClassWeights = "none"  # balanced: every stance counts the same in all, however often it occurs
    patience: int = 2  # with validation statements: passes without a lower loss after which training stops
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Precision = "auto"


def train_scorer(
    statements: Sequence[LabelledStatement],
    base: Base,
    settings: ScorerTraining,
    config: ScorerConfig,
    checkpoints: Path,
    resume: bool = False,
    validation: Sequence[LabelledStatement] = (),
    teachers: Sequence[Path] = (),
    unlabelled: Sequence[LabelledStatement] = (),
) -> StanceNetwork:
    """Fine-tune `base` on `statements`, each counting by its certainty.

    With `validation` statements, their loss says when to stop and which weights to keep. `teachers` are scorers whose
    answers are learnt beside the labels, and alone for `unlabelled` statements, whose own stances are not used.
    """
    tokenizer = base.tokenizer
    tokenizer.add_special_tokens({"additional_special_tokens": list(MARKERS)})
    torch.manual_seed(settings.start)
    network = StanceNetwork(base.encoder, base.config.hidden_size, marker_ids(tokenizer))
    if base.head:
        network.load_state_dict(dict(base.head), strict=False)
    if settings.about_weight:
        network.about = nn.Linear(base.config.hidden_size, 1)
    device = pick_device(settings.device)
    if device.type == "cpu" and pick_precision(device, settings.precision) == torch.bfloat16:
        # in bfloat16 the fused kernel's backward pass takes three times as long as one step after the other, and for
        # rows as short as these the steps need little memory
        base.encoder.set_attn_implementation("eager")
    merge = attach(base.encoder, settings.low_rank) if settings.low_rank else None
    set_seed(settings.seed)
    word_table(base.encoder).weight.requires_grad_(not (settings.freeze_embeddings or settings.low_rank))
    batches = _training_batches(statements, tokenizer, settings, config, unlabelled if teachers else ())
    taught_by = Teachers.load(teachers, marker_ids(tokenizer)) if teachers else None
    checked = None
    if validation:
        plain = replace(settings, epochs=1, variation=AS_GIVEN, class_weights="none")
        checked = Validation(
            _training_batches(validation, tokenizer, plain, config), settings.epochs, settings.patience
        )
    loop = LoopSettings(
        settings.rate,
        settings.head_rate,
        seed=settings.seed,
        device=settings.device,
        precision=settings.precision,
    )
    loss = partial(
        _loss,
        about_weight=settings.about_weight,
        bundle_weight=settings.bundle_weight,
        teachers=taught_by,
        taught=settings.taught,
    )
    train(network, batches, loss, loop, checkpoints, resume, checked, name="scorer")
    if settings.about_weight:
        del network.about  # it has done its work on the encoder
    if merge is not None:
        network.encoder = merge()
    return network.cpu().eval()


@dataclass(frozen=True, slots=True)
class _Example:
    passage: Passage
    label: int
    about_strike: bool
    bundle: int
    weight: float
    labelled: bool


def _training_batches(
    statements: Sequence[LabelledStatement],
    tokenizer: PreTrainedTokenizerBase,
    settings: ScorerTraining,
    config: ScorerConfig,
    unlabelled: Sequence[LabelledStatement] = (),
) -> DataLoader[Any]:
    """Every pass over the statements, each varied anew, in batches by tokens."""
    labelled = len(statements)
    counts = weights_of(statements)
    balance: Mapping[str, float] = {}
    if settings.class_weights == "balanced":
        balance = balancing_weights(statements, settings.variation.foreign_target)
    counts += [_UNLABELLED_WEIGHT] * len(unlabelled)
    statements = [*statements, *unlabelled]
    rows = as_dataset(statements)
    bundles = bundles_of(statements)
    targets = sorted({s.target for s in statements})

    def make(index: int, epoch: int) -> _Example:
        seed = f"{settings.seed}/{epoch}/{index}"
        statement = varied(statement_of(rows[index]), targets, settings.variation, seed)
        limits = varied_limits(config.limits, settings.variation, seed)
        passage = varied_names(passage_of(statement, limits), settings.variation, seed)
        about_strike = statement.about == "strike"
        stance = stance_index(statement)
        weight = counts[index] * (balance.get(statement.stance, 1.0) if index < labelled else 1.0)
        return _Example(passage, stance, about_strike, bundles[index], weight, index < labelled)

    def collate(items: Sequence[_Example]) -> dict[str, Tensor]:
        encoded = encode([item.passage for item in items], tokenizer, config.max_tokens)
        pad = tokenizer.pad_token_id or 0
        return {
            "input_ids": padded(encoded.ids, pad, _CPU),
            "attention_mask": padded([[1] * len(row) for row in encoded.ids], 0, _CPU),
            "quote_mask": padded(encoded.quoted, 0, _CPU),
            "labels": torch.tensor([item.label for item in items]),
            "about": torch.tensor([float(item.about_strike) for item in items]),
            "bundles": torch.tensor([item.bundle for item in items]),
            "weights": torch.tensor([item.weight for item in items]),
            "labelled": torch.tensor([float(item.labelled) for item in items]),
        }

    lengths = [
        len(row) for row in encode([passage_of(s, config.limits) for s in statements], tokenizer, config.max_tokens).ids
    ]
    together = bundles if settings.bundle_weight else None
    schedule = Schedule(lengths, settings.epochs, settings.batch_items, settings.batch_tokens, settings.seed, together)
    return loader(ScheduledDataset(len(statements), settings.epochs, make), schedule, collate)


def _loss(
    network: StanceNetwork,
    batch: dict[str, Tensor],
    about_weight: float = 0.0,
    bundle_weight: float = 0.0,
    teachers: Teachers | None = None,
    taught: float = 0.0,
) -> Tensor:
    inputs = (batch["input_ids"], batch["attention_mask"], batch["quote_mask"])
    features = network.features(*inputs)
    logits = network.classified(features).float()
    losses = cross_entropy(logits, batch["labels"], reduction="none")
    if about_weight:
        about = network.get_submodule("about")(features).squeeze(-1).float()
        losses = losses + about_weight * binary_cross_entropy_with_logits(about, batch["about"], reduction="none")
    if teachers is not None:
        share = 1 - batch["labelled"] * (1 - taught)  # all of it where there is no label
        losses = (1 - share) * losses + share * lesson_loss(logits, teachers.answers(*inputs))
    loss = (losses * batch["weights"]).sum() / batch["weights"].sum()
    if bundle_weight:
        judged = batch["weights"] * batch["labelled"]
        loss = loss + bundle_weight * bundle_loss(logits, batch["labels"], batch["bundles"], judged)
    return loss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", nargs="+", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--base", default=MINILM)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=ScorerTraining().rate)
    parser.add_argument("--epochs", type=int, default=ScorerTraining().epochs)
    parser.add_argument(
        "--hold-out",
        type=float,
        default=0.0,
        help="share of each file's articles left out; calibrates on those of the first file",
    )
    parser.add_argument(
        "--foreign-target", type=float, default=Variation().foreign_target, help="share of such examples"
    )
    parser.add_argument(
        "--renamed", type=float, default=Variation().renamed, help="share of examples under other names"
    )
    parser.add_argument("--about", type=float, default=ScorerTraining().about_weight, help="weight of that loss")
    parser.add_argument(
        "--bundles", type=float, default=ScorerTraining().bundle_weight, help="weight of the loss within sets"
    )
    parser.add_argument("--teachers", nargs="+", type=Path, default=[], help="scorers whose answers are learnt too")
    parser.add_argument("--taught", type=float, default=0.6, help="share of these in the loss")
    parser.add_argument("--unlabelled", nargs="+", type=Path, default=[], help="statements that teachers alone judge")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto", help="of the products")
    parser.add_argument("--keep-float", action="store_true", help="also write float.safetensors, the weights unrounded")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    if args.unlabelled and not args.teachers:
        parser.error("--unlabelled: nobody judges these statements without --teachers")
    config = ScorerConfig()
    settings = ScorerTraining(
        seed=args.seed,
        epochs=args.epochs,
        rate=args.rate,
        precision=args.precision,
        variation=Variation(foreign_target=args.foreign_target, renamed=args.renamed),
        about_weight=args.about,
        bundle_weight=args.bundles,
        taught=args.taught if args.teachers else 0.0,
    )
    base = load_base(args.base)
    training, held = [], []
    for path in args.labels:
        articles = list(read_labels([path]).articles)
        kept, out = by_event(articles, args.hold_out) if args.hold_out else (articles, [])
        training += kept
        held += out if path == args.labels[0] else []  # the first file is the one most like what will be read
    apart = {article.text for article in held}
    training = [article for article in training if article.text not in apart]
    network = train_scorer(
        statements_of(training),
        base,
        settings,
        config,
        args.out / "checkpoints",
        args.resume,
        teachers=args.teachers,
        unlabelled=read_labels(args.unlabelled).statements,
    )
    if held:
        config = calibrated(network, base, config, statements_of(held))
    record = asdict(settings) | ({"teachers": record_of(args.teachers)} if args.teachers else {})
    files = [*args.labels, *args.unlabelled]
    save_component(args.out, "scorer", network, base, config, files, record, learnt=data_of(args.teachers))
    if args.keep_float:
        save_file(network.state_dict(), args.out / "float.safetensors")


def calibrated(
    network: StanceNetwork, base: Base, config: ScorerConfig, held_out: Sequence[LabelledStatement]
) -> ScorerConfig:
    """`config` with the temperature and threshold fitted on statements of articles that the network did not see."""
    logits, truth = labelled_logits(Scorer(network, base.tokenizer, config, "", Settings()), held_out)
    temperature, threshold = fit(logits, truth)
    return replace(config, temperature=temperature, threshold=threshold)


if __name__ == "__main__":
    main()
