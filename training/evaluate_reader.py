"""`quotestance evaluate --reader`: who says what, measured on labelled articles and on attribution files."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from quotestance.model.errors import LabelError, ModelError
from quotestance.model.pipeline import load
from quotestance.model.reader import RuleReader, TaggedReader
from quotestance.training.attribution_data import AttributionArticle, read_polnear
from quotestance.training.evaluate_command import report_refused
from quotestance.training.label_lines import LabelLine, label_lines
from quotestance.training.labels import LabelProblem, read_labels
from quotestance.training.pictures import draw_reader
from quotestance.training.reader_metrics import PARTS, Match, attribution_f1, match, summary

PICTURE, FIGURES, ERRORS = "reader.png", "reader.json", "reader-errors.jsonl"
_BINS = 5
_WORST = 5  # articles listed


def run(
    files: Sequence[Path], model_dir: Path | None = None, out: Path | None = None, json_output: bool = False
) -> int:
    """Measure a model's reader; the exit status (1 when some labels were refused).

    Files are labelled articles (the rules alone are measured beside the model), or attribution files with every
    attribution of each text, `{"text", "attributions": [{"source", "cue", "content"}]}`. With `out`, the figures, a
    picture and the errors are written there. Raises LabelError and ModelError.
    """
    reader = load(model_dir).reader
    attributed, labelled = _split(files)
    result: dict[str, Any] = {"reader": reader.version, "files": [p.name for p in files]}
    problems: Sequence[LabelProblem] = ()
    if attributed:
        if not isinstance(reader, TaggedReader):
            raise ModelError("this model has no trained reader; attribution files need one")
        articles: list[AttributionArticle] = [a for path in attributed for a in read_polnear(path)]
        result["attributions"] = attribution_f1(reader.tagger, articles)
    matches: list[Match] = []
    if labelled:
        labels = read_labels(labelled)
        problems = labels.problems
        whole = labels.whole_articles
        if not whole:
            raise LabelError("these labels hold no whole articles; the reader has nothing to read")
        matches = match(reader, whole)
        result["statements"] = {**summary(matches), "confidence": _confidence(matches), "worst": _worst(matches)}
        result["statements, rules alone"] = summary(match(RuleReader(), whole))
    if out is not None:
        _write(out, result, matches)
    if json_output:
        print(json.dumps(result, indent=2))
    else:
        _print(result)
    return report_refused(problems)


def _split(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Attribution files, and label files: told apart by their first line that is an object."""
    attributed: list[Path] = []
    labelled: list[Path] = []
    for path in files:
        reasons = []
        for line in label_lines(path):
            if isinstance(line, LabelLine):
                (attributed if "attributions" in line.fields else labelled).append(path)
                break
            reasons.append(f"line {line.number}: {line.reason}")
        else:
            raise LabelError(f"{path}: cannot be read: {reasons[0]}")
    return attributed, labelled


def _confidence(matches: Sequence[Match]) -> list[dict[str, float]]:
    """The resolver's confidence against the share of right actors, in bins of equal width."""
    rows = [(m.resolution.confidence, m.actor_right) for m in matches if m.resolution is not None]
    result = []
    for k in range(_BINS):
        inside = [(c, r) for c, r in rows if min(int(c * _BINS), _BINS - 1) == k]
        if inside:
            confidence, right = np.array(inside, float).mean(axis=0)
            result.append({"statements": len(inside), "confidence": float(confidence), "right": float(right)})
    return result


def _worst(matches: Sequence[Match]) -> list[dict[str, Any]]:
    """The articles with most statements missed or given to a wrong actor."""
    wrong = Counter(m.gold.doc_id for m in matches if not m.actor_right)
    count = Counter(m.gold.doc_id for m in matches)
    return [{"doc_id": d, "wrong": n, "statements": count[d]} for d, n in wrong.most_common(_WORST)]


def _write(out: Path, result: dict[str, Any], matches: Sequence[Match]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / FIGURES).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    draw_reader(result, out / PICTURE)
    with (out / ERRORS).open("w", encoding="utf-8") as file:
        for m in matches:
            if not m.actor_right:
                text, found = m.gold.text, m.found
                error = {
                    "doc_id": m.gold.doc_id,
                    "error": "missed" if found is None else "actor" if m.speaker_right else "speaker",
                    "quote": m.gold.quote.of(text),
                    "speaker": m.gold.speaker.of(text) if m.gold.speaker else None,
                    "actor": m.gold.actor,
                    "found_speaker": found.speaker.of(text) if found and found.speaker else None,
                    "found_actor": m.resolution.actor.name if m.resolution and m.resolution.actor else None,
                }
                file.write(json.dumps(error, ensure_ascii=False) + "\n")


def _print(result: dict[str, Any]) -> None:
    console = Console()
    if "attributions" in result:
        figures = result["attributions"]
        table = Table(f"spans, {figures['articles']} articles", *PARTS)
        for name in ("exact", "overlap"):
            table.add_row(f"{name} F1", *(f"{figures[name][part]:.3f}" for part in PARTS))
        console.print(table)
        joint = figures["joint"]
        console.print(
            f"quote and speaker together: F1 {joint['f1']:.3f} (precision {joint['precision']:.3f}, "
            f"recall {joint['recall']:.3f})",
            highlight=False,
        )
    rows = [(name, result[key]) for name, key in _READERS if key in result]
    if not rows:
        return
    table = Table("share", *(f"{name}" for name, _ in rows))
    for label, group, key in _lines([r for _, r in rows]):
        shares = [r[group] if key is None else r[group].get(key) for _, r in rows]
        table.add_row(label, *("–" if share is None else f"{share:.3f}" for share in shares))
    console.print(table)
    for entry in result["statements"]["confidence"]:
        console.print(
            f"actors given with confidence {entry['confidence']:.2f}: right in {entry['right']:.2f} of "
            f"{entry['statements']}",
            highlight=False,
        )
    worst = ", ".join(f"{w['doc_id']} ({w['wrong']} of {w['statements']})" for w in result["statements"]["worst"])
    console.print(f"most wrong: {worst}", markup=False, highlight=False)


_READERS = (("model", "statements"), ("rules alone", "statements, rules alone"))


def _lines(readers: Sequence[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    """A reader has no share of a kind of mention of which it found none."""
    mentions = sorted({kind for figures in readers for kind in figures["actor_by_mention"]})
    return [
        (f"statements found, of {readers[0]['statements']}", "found", None),
        *((f"  {kind}", "found_by_kind", kind) for kind in readers[0]["found_by_kind"]),
        ("speaker right, of those found", "speaker", None),
        ("actor right, of those found", "actor", None),
        *((f"  {kind} speakers", "actor_by_mention", kind) for kind in mentions),
    ]
