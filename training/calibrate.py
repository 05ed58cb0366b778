"""Calibrate a trained scorer on labelled articles that it has not seen, and write the result into its manifest.

    python -m quotestance.training.calibrate DIR LABELS…

Prints what to expect on further articles: the calibration error and the abstention's effect when each half of the
articles is judged by the temperature and threshold of the other half.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from quotestance.model.components import amend_manifest
from quotestance.model.scorer import Scorer
from quotestance.model.settings import Settings
from quotestance.model.types import STANCES
from quotestance.training.calibration import Logits, fit, softmax
from quotestance.training.events import sets_of
from quotestance.training.examples import passage_of, stance_index
from quotestance.training.labels import LabelledStatement, read_labels, statements_of
from quotestance.training.metrics import Labels, calibration_error


def labelled_logits(scorer: Scorer, statements: Sequence[LabelledStatement]) -> tuple[Logits, list[int]]:
    """The scorer's raw scores, (n, 3), and the true stances as indices, both in the order of `STANCES`."""
    logits: Logits = scorer.logits([passage_of(s, scorer.config.limits) for s in statements]).double().numpy()
    return logits, [stance_index(s) for s in statements]


def cross_fitted(logits: Logits, truth: Labels, first: Labels) -> tuple[Logits, Labels]:
    """Probabilities and "kept" flags, each half's from the other half; `first` is 1 for the first half's rows."""
    probabilities = np.zeros_like(logits)
    kept = np.zeros(len(truth), np.int64)
    for half in (0, 1):
        ours, theirs = first == half, first != half
        temperature, threshold = fit(logits[theirs], truth[theirs].tolist())
        probabilities[ours] = softmax(logits[ours], temperature)
        kept[ours] = probabilities[ours].max(axis=1) >= threshold
    return probabilities, kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("labels", nargs="+", type=Path)
    args = parser.parse_args()
    folder = args.folder / "scorer"
    # in the precision it runs in on a CPU such as this one
    scorer = Scorer.load(folder, Settings(device="cpu"))
    groups = sets_of(read_labels(args.labels).articles)
    if len(groups) < 2:
        parser.error(f"{len(groups)} labelled articles; two at least are needed")
    logits, indices = labelled_logits(scorer, statements_of([a for group in groups for a in group]))
    truth = np.array(indices)
    halves = np.array([i % 2 for i, group in enumerate(groups) for a in group for _ in a.statements])
    probabilities, kept = cross_fitted(logits, truth, halves)
    calls = probabilities.argmax(axis=1)
    polar = calls != STANCES.index("neutral")
    right = (calls == truth)[polar & (kept == 1)]
    temperature, threshold = fit(logits, indices)
    config = replace(scorer.config, temperature=temperature, threshold=threshold)
    amend_manifest(folder, {"scorer": asdict(config), "calibrated_on": [path.name for path in args.labels]})
    print(f"temperature {temperature}, threshold {threshold}, on {len(truth)} statements")
    print(f"cross-fitted: calibration error {calibration_error(probabilities, truth):.3f}; supportive and condemning")
    print(f"calls kept {len(right) / polar.sum():.2f}, right among them {right.mean():.3f}")


if __name__ == "__main__":
    main()
