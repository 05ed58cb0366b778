"""`quotestance train`: labels in; a calibrated scorer, its figures before and after, and a manifest out."""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from quotestance.model.errors import InputError, LabelError
from quotestance.model.pipeline import SHIPPED
from quotestance.model.scorer import Scorer, ScorerConfig
from quotestance.model.settings import Settings
from quotestance.training.base import load_base
from quotestance.training.evaluate_scorer import figures, score_labels
from quotestance.training.labels import Labels, read_labels, statements_of
from quotestance.training.save import save_component
from quotestance.training.splits import by_event
from quotestance.training.train_scorer import ScorerTraining, calibrated, train_scorer

_HELD_OUT = 0.2
_LEAST = 10  # articles (or rows): with fewer there is nothing to calibrate and measure on
_CONTINUED = ScorerTraining(
    epochs=3, rate=4e-5, head_rate=3e-4, batch_items=32
)  # the shipped model knows the task: a gentler rate than from a base


def run(
    labels: Sequence[Path],
    out: Path,
    base: str | None = None,
    revision: str | None = None,
    epochs: int | None = None,
    lr: float | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    resume: bool = False,
) -> int:
    """Train into `out`; the exit status (1 when some labels were refused).

    A fifth of the articles is held out by event, for calibration and for the figures that are printed.

    Raises LabelError when there is too little to train on, InputError when `out` holds a model already, and
    ModelError when the base cannot be loaded.
    """
    if (out / "scorer").exists() and not resume:
        raise InputError(f"{out}: holds a trained scorer already; name another folder, or go on with --resume")
    read = read_labels(labels)
    if len(read.articles) < _LEAST:
        raise LabelError(f"{len(read.articles)} usable articles or rows; at least {_LEAST} are needed to train")
    seed = 0 if seed is None else seed
    training, held_out = by_event(read.articles, _HELD_OUT, seed)
    chosen = _CONTINUED if base is None else ScorerTraining()
    settings = replace(
        chosen,
        epochs=epochs or chosen.epochs,
        rate=lr or chosen.rate,
        batch_items=batch_size or chosen.batch_items,
        seed=seed,
    )
    start = load_base(base or SHIPPED, revision)
    statements, held = statements_of(training), statements_of(held_out)
    network = train_scorer(statements, start, settings, ScorerConfig(), out / "checkpoints", resume)
    config = calibrated(network, start, ScorerConfig(), held)
    trained = Scorer(network, start.tokenizer, config, "", Settings())
    after = figures(score_labels(trained, held), config.threshold)
    before = None
    if base is None:
        shipped = Scorer.load(SHIPPED / "scorer", Settings())
        before = figures(score_labels(shipped, held), shipped.threshold)
    seen = {"held_out": after, "before": before}
    save_component(out, "scorer", network, start, config, labels, asdict(settings), seen)
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    _print(out, len(statements), before, after)
    return _report(read, out)


def _print(out: Path, trained_on: int, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    table = Table("on held-out articles", "statements", "accuracy", "macro-F1")
    for name, row in (("shipped model", before), ("trained model", after)):
        if row is not None:
            table.add_row(name, str(row["statements"]), f"{row['accuracy']:.3f}", f"{row['macro_f1']:.3f}")
    console = Console(stderr=True)
    console.print(table)
    console.print(f"trained on {trained_on} statements; use it with --model {out}", markup=False)


def _report(read: Labels, out: Path) -> int:
    if not read.problems:
        return 0
    path = out / "refused.jsonl"
    path.write_text("".join(json.dumps(asdict(p)) + "\n" for p in read.problems), encoding="utf-8")
    print(
        f"quotestance: {len(read.problems)} labels refused, listed in {path}; first: {read.problems[0]}",
        file=sys.stderr,
    )
    return 1
