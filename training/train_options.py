"""The options of `quotestance train`, and the recipes that they change."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from quotestance.model.encoders import Precision
from quotestance.model.errors import InputError
from quotestance.training.examples import Variation
from quotestance.training.loop import PRECISIONS
from quotestance.training.low_rank import LowRank
from quotestance.training.replay import SHARE
from quotestance.training.train_reader import ReaderTraining
from quotestance.training.train_scorer import ClassWeights, ScorerTraining

Part = Literal["scorer", "reader", "both"]
VALIDATION, TEST = 0.15, 0.2  # shares of the articles, where no files are named
# from a model that knows the task: gentler rates than from a base, and as few passes as validation asks for
_SCORER = ScorerTraining(epochs=4, rate=4e-5, head_rate=3e-4, batch_items=32, variation=Variation(foreign_target=0.2))
_READER = ReaderTraining(epochs=4, rate=1e-4, head_rate=2e-4, batch_windows=16)
_SEEDS = 2**32  # as many as NumPy takes
_LOW_RANK_RATE = 8  # times the rate: adapters start from nothing


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """What a user may set; None keeps the recipe's value."""

    part: Part = "scorer"
    base: str | None = None
    revision: str | None = None
    epochs: int | None = None
    lr: float | None = None
    batch_size: int | None = None
    low_rank: bool = False
    class_weights: ClassWeights = "none"
    patience: int = 2
    replay: float = SHARE
    seed: int = 0
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("--part", self.part, get_args(Part)),
            ("--precision", self.precision, PRECISIONS),
            ("--class-weights", self.class_weights, get_args(ClassWeights)),
        ):
            if value not in allowed:
                raise InputError(f"{name} {value}: one of {', '.join(allowed)}")
        if not 0 <= self.replay < 1:
            raise InputError(f"--replay {self.replay:g}: a share from 0 to under 1")
        if not 0 <= self.seed < _SEEDS:
            raise InputError(f"--seed {self.seed}: a whole number from 0 to {_SEEDS - 1}")
        for option, number in (("--epochs", self.epochs), ("--batch-size", self.batch_size), ("--lr", self.lr)):
            if number is not None and not 0 < number < float("inf"):
                raise InputError(f"{option} {number:g}: must be above 0")

    @property
    def kinds(self) -> tuple[str, ...]:
        """The components to train."""
        return ("scorer", "reader") if self.part == "both" else (self.part,)


def scorer_recipe(options: TrainOptions, continued: bool) -> ScorerTraining:
    """`continued` says that training goes on from a scorer of ours, not from a bare encoder."""
    chosen = _SCORER if continued else ScorerTraining()
    return replace(
        chosen,
        epochs=options.epochs or chosen.epochs,
        rate=_rate(options, chosen.rate),
        batch_items=options.batch_size or chosen.batch_items,
        low_rank=LowRank() if options.low_rank else None,
        class_weights=options.class_weights,
        patience=options.patience,
        seed=options.seed,
        precision=options.precision,
    )


def reader_recipe(options: TrainOptions, continued: bool) -> ReaderTraining:
    """As `scorer_recipe`; a batch is of windows of an article."""
    chosen = _READER if continued else ReaderTraining()
    return replace(
        chosen,
        epochs=options.epochs or chosen.epochs,
        rate=_rate(options, chosen.rate),
        batch_windows=options.batch_size or chosen.batch_windows,
        low_rank=LowRank() if options.low_rank else None,
        patience=options.patience,
        seed=options.seed,
        precision=options.precision,
    )


def _rate(options: TrainOptions, usual: float) -> float:
    return options.lr or usual * (_LOW_RANK_RATE if options.low_rank else 1)
