"""`quotestance evaluate`: the figures of a model on labelled articles, beside the baselines, in one run."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from quotestance.model.pipeline import load
from quotestance.model.types import STANCES
from quotestance.training.end_to_end import end_to_end
from quotestance.training.evaluate_scorer import Scored, baseline_figures, contrast_pairs, figures, score_labels
from quotestance.training.labels import LabelProblem, read_labels
from quotestance.training.own_data import CONTRAST_TEST, CONTRAST_TRAIN, PASSAGES
from quotestance.training.pictures import draw
from quotestance.training.reader_metrics import match, summary

PICTURE, FIGURES, ERRORS = "evaluation.png", "evaluation.json", "errors.jsonl"


def run(
    labels: Sequence[Path],
    model_dir: Path | None = None,
    out: Path | None = None,
    json_output: bool = False,
    fit: Sequence[Path] | None = None,
) -> int:
    """Measure a model on `labels`; the exit status (1 when some labels were refused).

    The baselines are fitted on `fit`, or on the passages that ship with the package. With `out`, the figures, a
    picture and the errors are written there. Raises LabelError and ModelError.
    """
    model = load(model_dir)
    read = read_labels(labels)
    scored = score_labels(model.scorer, read.statements)
    training = read_labels(fit or (PASSAGES, CONTRAST_TRAIN)).statements
    whole = read.whole_articles
    result: dict[str, Any] = {
        "model": model.version,
        "labels": [path.name for path in labels],
        "scorer": figures(scored, model.scorer.threshold),
        "baselines": baseline_figures(training, read.statements),
        "contrast_pairs": contrast_pairs(score_labels(model.scorer, read_labels([CONTRAST_TEST]).statements)),
    }
    if whole:
        result["reader"] = summary(match(model.reader, whole))
        result["end_to_end"] = end_to_end(model, whole)
    if out is not None:
        _write(out, result, scored)
    if json_output:
        print(json.dumps(result, indent=2))
    else:
        _print(result)
    return report_refused(read.problems)


def _write(out: Path, result: dict[str, Any], scored: Scored) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / FIGURES).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    draw(scored, out / PICTURE)
    with (out / ERRORS).open("w", encoding="utf-8") as file:
        for statement, truth, call, row in zip(
            scored.statements, scored.truth, scored.calls, scored.probabilities, strict=True
        ):
            if truth != call:
                error = {
                    "doc_id": statement.doc_id,
                    "actor": statement.actor,
                    "target": statement.target,
                    "about": statement.about,
                    "labelled": STANCES[truth],
                    "scored": STANCES[call],
                    "confidence": round(float(row[call]), 3),
                    "certainty": statement.certainty,
                    "quote": statement.quote.of(statement.text),
                }
                file.write(json.dumps(error) + "\n")


def _print(result: dict[str, Any]) -> None:
    console = Console()
    scorer = result["scorer"]
    table = Table("stance, quote, actor and target given", "statements", "accuracy", "macro-F1")
    for name, row in [(f"model {result['model']}", scorer), *result["baselines"].items(), *scorer["slices"].items()]:
        table.add_row(name, str(row["statements"]), f"{row['accuracy']:.3f}", f"{row['macro_f1']:.3f}")
    console.print(table)
    low, high = scorer["macro_f1_interval"]
    chosen = scorer["selective"]
    lines = [
        f"macro-F1 {scorer['macro_f1']:.3f}, 95 % interval by article {low:.3f} to {high:.3f} ("
        + _each(scorer["per_stance"])
        + ")",
        f"calibration error {scorer['calibration_error']:.3f}",
        f"at the threshold {chosen['threshold']:.2f}, supportive and condemning calls are right in "
        f"{chosen['precision']:.0%}, and {chosen['coverage']:.0%} of them are kept",
    ]
    if pairs := result["contrast_pairs"]:
        lines.append(f"contrast pairs: both members right in {pairs['both_right']:.2f} of {pairs['pairs']}")
    if "reader" in result:
        reader, whole = result["reader"], result["end_to_end"]
        lines += [
            f"reader: statements found {reader['found']:.3f} ({_each(reader['found_by_kind'])})",
            f"of these, speaker right {reader['speaker']:.3f}, actor right {reader['actor']:.3f} "
            f"({_each(reader['actor_by_mention'])})",
            f"end to end, nothing given: F1 of (actor, stance) {whole['f1']:.3f} (precision {whole['precision']:.3f}, "
            f"recall {whole['recall']:.3f}); opposite stance given {whole['opposite']} times",
        ]
    for line in lines:
        console.print(line, markup=False, highlight=False)


def _each(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in shares.items())


def report_refused(problems: Sequence[LabelProblem]) -> int:
    """Name each refused label on standard error; the exit status that goes with them."""
    for problem in problems:
        print(f"quotestance: refused {problem}", file=sys.stderr)
    return 1 if problems else 0
