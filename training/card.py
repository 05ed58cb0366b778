"""Write the model card of the weights that ship, from measured figures and the manifests.

    python -m quotestance.training.card --figures DIR… -o model/weights/README.md

DIR are folders that `quotestance evaluate … -o DIR` and `quotestance evaluate --reader … -o DIR` wrote.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard, ModelCardData

from quotestance.model.components import MANIFEST, amend_manifest
from quotestance.model.pipeline import SHIPPED
from quotestance.training.evaluate_command import FIGURES as SCORER_FIGURES
from quotestance.training.evaluate_reader import FIGURES as READER_FIGURES

# what a training file is, and its licence as stated at its source; by how the file's name begins
_SOURCES = {
    "train": "351 lead parts of articles by US outlets and on the Syrian war, 2012–2016, annotated for this project "
    "by a language model; collections Apache-2.0 (Article-Bias-Prediction), CC BY (FA-KES); articles their publishers'",
    "passages": "passages written for this project by a language model; Apache-2.0",
    "contrast-train": "sets of passages that differ in a few words, written in the same way; Apache-2.0",
    "contrast-pairs": "short pairs of passages that differ in a few words, written in the same way; Apache-2.0",
    "hard-sets": "longer sets of such passages, written in the same way; Apache-2.0",
    "polnear": "PolNeAR (Newell, Margolin, Ruths 2018): US political news with attributions; no licence stated",
    "evaluative-sentences": "8,000 sentences of US news with a word of arms in them, without labels, on which other "
    "scorers' answers were learnt; collection Apache-2.0 (Article-Bias-Prediction), articles their publishers'",
    "mix": "a draw from the files above",
}

_TEXT = """---
{{ card_data }}
---

# quotestance: reader and scorer

Two small transformers on one frozen table of word embeddings, both fine-tuned from
[all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2) (Apache-2.0) and stored in eight bits.
The **reader** finds who says what in a news article; the **scorer** says whether a statement is supportive of, neutral
toward, or condemning a named military strike. Versions: {{ version }}.

## Use

Looking at English news coverage of military strikes in bulk, with a person checking what matters. A stance is what one
text reports an actor to have said, toward one strike: no fact about a person's beliefs. Not for decisions about any
individual: no screening, surveillance, targeting, employment, credit, visas or moderation of a person's account.

## Data

{{ data }}

Labels of real articles were made by a language model in one pass under a written guide. On articles not used here, two
independent passes agreed on the stance of 97 % of the statements that both found (kappa 0.95).

## Figures

{{ figures }}

## Where it is weak

{{ weak }}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figures", nargs="+", type=Path, required=True)
    parser.add_argument("-o", "--out", type=Path, required=True)
    args = parser.parse_args()
    scorers = [json.loads(p.read_text()) for f in args.figures if (p := f / SCORER_FIGURES).exists()]
    readers = [json.loads(p.read_text()) for f in args.figures if (p := f / READER_FIGURES).exists()]
    manifests = {k: json.loads((SHIPPED / k / MANIFEST).read_text(encoding="utf-8")) for k in ("reader", "scorer")}
    card = ModelCard.from_template(
        ModelCardData(
            language="en",
            license="apache-2.0",
            library_name="quotestance",
            base_model="sentence-transformers/all-MiniLM-L6-v2",
            tags=["stance-detection", "quote-attribution", "news"],
        ),
        template_str=_TEXT,
        version=", ".join(s["model"] for s in scorers) or "unmeasured",
        data=_data(manifests),
        figures="\n\n".join([*map(_scorer, scorers), *map(_reader, readers)]),
        weak="\n".join(line for s in scorers for line in _weak(s)),
    )
    args.out.write_text(str(card).rstrip() + "\n", encoding="utf-8")
    if (folder := args.out.parent).resolve() == SHIPPED.resolve():
        for figures in scorers:
            amend_manifest(folder / "scorer", {"figures": _told_of_scorer(figures)})
        for figures in readers:
            amend_manifest(folder / "reader", {"figures": _told_of_reader(figures)})


def _told_of_scorer(figures: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest, and with it `GET /v1/model`, tells of the figures."""
    names = ("statements", "accuracy", "macro_f1", "macro_f1_interval", "per_stance", "calibration_error", "selective")
    told = {"files": figures["labels"], **{name: figures["scorer"][name] for name in names}}
    return told | {name: figures[name] for name in ("contrast_pairs", "end_to_end") if figures.get(name)}


def _told_of_reader(figures: Mapping[str, Any]) -> dict[str, Any]:
    names = ("found", "speaker", "actor")
    told = {"files": figures["files"]}
    if shares := figures.get("statements"):
        told |= {name: shares[name] for name in names}
    if spans := figures.get("attributions"):
        told["exact_span_f1"] = spans["exact"]
    return told


def _data(manifests: Mapping[str, Mapping[str, Any]]) -> str:
    rows = ["| part | file | what, and licence as stated at its source | SHA-256 |", "| --- | --- | --- | --- |"]
    for part, manifest in manifests.items():
        for entry in manifest["data"]:
            what = next((text for start, text in _SOURCES.items() if entry["file"].startswith(start)), "")
            rows.append(f"| {part} | {entry['file']} | {what} | `{entry['sha256'][:12]}…` |")
    return "\n".join(rows)


def _scorer(figures: Mapping[str, Any]) -> str:
    scorer = figures["scorer"]
    low, high = scorer["macro_f1_interval"]
    chosen = scorer["selective"]
    rows = [
        ("macro-F1 (95 % interval by article)", f"{scorer['macro_f1']:.3f} ({low:.3f} to {high:.3f})"),
        ("accuracy", f"{scorer['accuracy']:.3f}"),
        *((f"F1, {name}", f"{value:.3f}") for name, value in scorer["per_stance"].items()),
        *((f"macro-F1 of {name}", f"{row['macro_f1']:.3f}") for name, row in figures["baselines"].items()),
        ("calibration error, 15 bins", f"{scorer['calibration_error']:.3f}"),
        (
            f"supportive and condemning calls at {chosen['threshold']:.2f}: right; share kept",
            f"{chosen['precision']:.2f}; {chosen['coverage']:.2f}",
        ),
    ]
    if pairs := figures.get("contrast_pairs"):
        rows.append((f"contrast pairs with both members right, of {pairs['pairs']}", f"{pairs['both_right']:.2f}"))
    if whole := figures.get("end_to_end"):
        rows.append(("nothing given: F1 of (actor, supportive or condemning)", f"{whole['f1']:.3f}"))
    labels = ", ".join(figures["labels"])
    return _table(f"Stance, with quote, actor and target given ({labels}, {scorer['statements']} statements)", rows)


def _reader(figures: Mapping[str, Any]) -> str:
    rows: list[tuple[str, str]] = []
    if spans := figures.get("attributions"):
        rows += [(f"{part}, exact span F1", f"{value:.3f}") for part, value in spans["exact"].items()]
        rows.append(("quote and speaker together, F1", f"{spans['joint']['f1']:.3f}"))
    if shares := figures.get("statements"):
        rows.append(("statements found", f"{shares['found']:.3f}"))
        rows += [(f"found, {kind}", f"{value:.3f}") for kind, value in shares["found_by_kind"].items()]
        rows += [("speaker right, of those found", f"{shares['speaker']:.3f}")]
        rows += [("actor right, of those found", f"{shares['actor']:.3f}")]
        rows += [(f"actor right, {kind}", f"{value:.3f}") for kind, value in shares["actor_by_mention"].items()]
    return _table(f"Who says what ({', '.join(figures['files'])})", rows)


def _weak(figures: Mapping[str, Any]) -> list[str]:
    slices = figures["scorer"]["slices"]
    least = sorted((row["macro_f1"], name, row) for name, row in slices.items() if row["statements"] >= 20)[:4]
    return [
        f"- {name}: macro-F1 {f1:.3f}, accuracy {row['accuracy']:.3f} on {row['statements']}" for f1, name, row in least
    ]


def _table(title: str, rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join([f"**{title}**", "", "| what | value |", "| --- | --- |", *(f"| {a} | {b} |" for a, b in rows)])


if __name__ == "__main__":
    main()
