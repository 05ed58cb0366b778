"""The model before and after retraining on the held-out articles, and on pairs that no model here was trained on."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from quotestance.model.pipeline import load
from quotestance.training.comparison.common_articles import CommonArticles
from quotestance.training.comparison.compare import chance_alone, compare
from quotestance.training.comparison.paired import LEAST_ARTICLES
from quotestance.training.comparison.sides import Side, part_folders
from quotestance.training.evaluate_scorer import contrast_pairs, figures, score_labels
from quotestance.training.labels import LabelledArticle, read_labels, whole
from quotestance.training.own_data import CONTRAST_TEST
from quotestance.training.pictures import draw, draw_reader
from quotestance.training.reader_metrics import match, summary

FOLDER, FIGURES = "evaluation", "figures.json"
CHANCE = "chance"  # the figure that says whether the labels taught anything


def before_after(
    before: Path, after: Path, kinds: Sequence[str], test: Sequence[LabelledArticle], files: Sequence[Path]
) -> dict[str, Any]:
    """Figures of the model folders on `test`, the verdict between them, and what the retrained one kept.

    Pictures and the figures are written into `after`'s folder `evaluation`.
    """
    folder = after / FOLDER
    folder.mkdir(exist_ok=True)
    tested = CommonArticles(tuple(test), 0, (), tuple(files))
    sides = {name: Side(name, load(path), part_folders(path)) for name, path in (("before", before), ("after", after))}
    comparison = compare(sides["before"], sides["after"], tested, timed=False).figures
    result: dict[str, Any] = {"verdict": {k: comparison[k] for k in ("verdict", "in_words", "labels_to_tell")}}
    if "scorer" in kinds:
        # that there are too few to tell says nothing against the labels
        result[CHANCE] = chance_alone(comparison) if comparison["articles"] >= LEAST_ARTICLES else None
    for name, side in sides.items():
        rows: dict[str, Any] = {}
        if "scorer" in kinds:
            scored = score_labels(side.model.scorer, tested.statements)
            draw(scored, folder / f"{name}.png")
            rows["scorer"] = figures(scored, side.model.scorer.threshold)
            pairs = read_labels([CONTRAST_TEST]).statements
            rows["kept"] = contrast_pairs(score_labels(side.model.scorer, pairs))
        if "reader" in kinds:
            rows["reader"] = summary(match(side.model.reader, whole(test)))
            draw_reader({"statements": {**rows["reader"], "confidence": []}}, folder / f"reader-{name}.png")
        result[name] = rows
    (folder / FIGURES).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return result
