"""The evaluations' pictures: the scorer's confusion, calibration and abstention; the reader's shares and confidence."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from quotestance.model.types import STANCES
from quotestance.training.evaluate_scorer import Scored
from quotestance.training.metrics import risk_coverage


def draw(scored: Scored, path: Path) -> None:
    """One picture of three panels, as PNG: confusion matrix, reliability diagram, risk against coverage."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4))
    _confusion(left, scored)
    _reliability(middle, scored)
    coverage, risk = risk_coverage(scored.probabilities, scored.truth)
    right.plot(coverage, risk, color="tab:blue")
    right.set(title="Error when the least sure are left out", xlabel="share kept", ylabel="share wrong", xlim=(0, 1))
    right.set_ylim(bottom=0)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _confusion(axes: Axes, scored: Scored) -> None:
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (scored.truth, scored.calls), 1)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i in range(3):
        for j in range(3):
            axes.text(
                j, i, str(counts[i, j]), ha="center", va="center", color="white" if shares[i, j] > 0.5 else "black"
            )
    axes.set(title="Labelled stance against scored", xlabel="scored", ylabel="labelled")
    axes.set_xticks(range(3), STANCES)
    axes.set_yticks(range(3), STANCES, rotation=90, va="center")


def _reliability(axes: Axes, scored: Scored, bins: int = 10) -> None:
    confidence = scored.probabilities.max(axis=1)
    right = scored.calls == scored.truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    filled = [b for b in range(bins) if (place == b).any()]
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.plot(
        [confidence[place == b].mean() for b in filled],
        [right[place == b].mean() for b in filled],
        marker="o",
        color="tab:blue",
    )
    axes.set(
        title="Is 0.9 right nine times in ten?",
        xlabel="confidence",
        ylabel="share right",
        xlim=(0.3, 1),
        ylim=(0, 1.02),
    )


def draw_reader(figures: dict[str, Any], path: Path) -> None:
    """One picture, as PNG: what share is found and right, by kind, and whether the actors' confidence holds."""
    bars: dict[str, float] = {}
    if "attributions" in figures:
        bars |= {f"{part}, exact F1": value for part, value in figures["attributions"]["exact"].items()}
        bars["quote + speaker F1"] = figures["attributions"]["joint"]["f1"]
    statements = figures.get("statements")
    if statements:
        bars["found"] = statements["found"]
        bars |= {f"found, {kind}": value for kind, value in statements["found_by_kind"].items()}
        bars |= {"speaker right": statements["speaker"], "actor right": statements["actor"]}
        bars |= {f"actor, {kind}": value for kind, value in statements["actor_by_mention"].items()}
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), gridspec_kw={"width_ratios": [2, 1]})
    places = range(len(bars))
    left.barh(places, list(bars.values()), color="tab:blue")
    left.set_yticks(places, list(bars))
    left.invert_yaxis()
    left.set(xlim=(0, 1), title="The reader")
    right.plot([0, 1], [0, 1], color="grey", linestyle=":")
    if statements:
        rows = statements["confidence"]
        right.plot([r["confidence"] for r in rows], [r["right"] for r in rows], marker="o", color="tab:blue")
    right.set(title="Actors: confidence against truth", xlabel="confidence", ylabel="share right")
    right.set(xlim=(0, 1), ylim=(0, 1.02))
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
