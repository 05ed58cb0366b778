"""`quotestance compare`: two models on the same labelled articles, a verdict, and the examples that flipped."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from quotestance.model.errors import InputError
from quotestance.service.exit_status import complain
from quotestance.training.comparison.chart import bars_of, draw
from quotestance.training.comparison.common_articles import common_articles
from quotestance.training.comparison.compare import Comparison, compare
from quotestance.training.comparison.page import example, page
from quotestance.training.comparison.sides import Seen, Side, open_side, seen_by
from quotestance.training.comparison.verdict import MARGIN
from quotestance.training.evaluate_command import report_refused
from quotestance.training.replay import own_texts

PAGE, FIGURES, PICTURE, FLIPS = "comparison.html", "comparison.json", "comparison.png", "flips.jsonl"


def run(
    old: str,
    new: str,
    labels: Sequence[Path],
    margin: float = 100 * MARGIN,
    json_output: bool = False,
    out: Path | None = None,
) -> int:
    """Compare two models on `labels`; the exit status (1 when some labels were refused).

    `old` and `new` are `shipped`, a model folder, or a folder of versions; `margin` is in points of macro-F1. With
    `out`, the page, the figures, a picture and the flips are written there. Raises InputError, LabelError, ModelError.
    """
    if not 0 <= margin < 100:
        raise InputError(f"--margin {margin:g}: points of macro-F1, from 0 to under 100")
    sides = open_side(old), open_side(new)
    tested = common_articles(labels, seen_together(sides))
    comparison = compare(*sides, tested, margin / 100)
    if out is not None:
        write(comparison, out)
    if json_output:
        print(json.dumps(comparison.figures, indent=2))
    else:
        show(comparison.figures, Console())
    if out is not None:
        complain(f"the page is {out / PAGE}")
    return report_refused(tested.problems)


def seen_together(sides: Sequence[Side]) -> Seen:
    """What any of the models was trained on."""
    seen = Seen(own_texts(), frozenset())
    for side in sides:
        seen |= seen_by(side)
    return seen


def write(comparison: Comparison, out: Path) -> None:
    """The page, the figures, a picture and all flips, in the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / FIGURES).write_text(json.dumps(comparison.figures, indent=2) + "\n", encoding="utf-8")
    (out / FLIPS).write_text("".join(json.dumps(example(f)) + "\n" for f in comparison.flips), encoding="utf-8")
    draw(bars_of(comparison.figures), out / PICTURE)
    (out / PAGE).write_text(page(comparison), encoding="utf-8")


def show(figures: dict[str, Any], console: Console) -> None:
    """The figures as tables, and the verdict."""
    sides_of = (Column(name, overflow="fold") for name in ("old", "new"))  # a version cut short is none
    models = Table(f"{figures['statements']} statements, {figures['articles']} articles", *sides_of)
    sides = figures["old"], figures["new"]
    models.add_row("model", *(escape(s["name"]) for s in sides))
    models.add_row("version", *(s["version"] for s in sides))
    for label, key in (("macro-F1", "macro_f1"), ("accuracy", "accuracy"), ("calibration error", "calibration_error")):
        models.add_row(label, *(f"{s[key]:.3f}" for s in sides))
    if sides[0]["statements_per_second"]:
        models.add_row("statements a second", *(f"{s['statements_per_second']:.1f}" for s in sides))
    models.add_row("size, MiB", *(f"{s['bytes'] / 2**20:.1f}" for s in sides))
    console.print(models)
    rows = Table("new minus old, in points", "difference", "95 % interval")
    for bar in bars_of(figures):
        rows.add_row(escape(bar.label), f"{bar.value:+.1f}", f"{bar.low:+.1f} to {bar.high:+.1f}")
    console.print(rows)
    test = figures["mcnemar"]
    lines = [
        f"put right {test['wrong_to_right']}, spoilt {test['right_to_wrong']}, McNemar's exact p {test['p']:.3g}",
        figures["in_words"],
        f"verdict: {figures['verdict']}",
    ]
    if figures["left_out"]:
        lines.insert(0, f"{figures['left_out']} articles left out: one of the models was trained on them")
    for line in lines:
        console.print(line, markup=False, highlight=False)
