"""The model card (`README.md`) of a retrained model folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard, ModelCardData

from quotestance.training.before_after import FOLDER
from quotestance.training.training_record import LabelFile, TrainingRecord

_TEXT = """---
{{ card_data }}
---

# A retrained quotestance model

{{ parts }}, retrained by `quotestance train` from {{ start }}.

On the held-out articles, against the model before: **{{ verdict }}**. {{ in_words }}.

## Use

Looking at English news coverage of military strikes in bulk, with a person checking what matters. A stance is what one
text reports an actor to have said, toward one strike: no fact about a person's beliefs. Not for decisions about any
individual: no screening, surveillance, targeting, employment, credit, visas or moderation of a person's account.

## Data

{{ data }}

{{ replay }}

## Figures

{{ figures }}

Pictures of each are in `{{ folder }}`.

## How it was made

{{ settings }}
"""

PARTED = "held_out_by"  # the setting that says what held-out articles were set apart by
_KNOWN_EVENTS: dict[str, str] = {
    "event": "No event has articles on both sides, as far as dates, descriptions and headlines tell.",
    "article": "Most articles are on one event, or on those that the model before knew, with some on both sides.",
    "file": "Whether events have articles on both sides is said by `quotestance labels check LABELS --test FILE`.",
}


def write_card(out: Path, record: TrainingRecord) -> None:
    """Write `README.md` into the model folder `out`."""
    shown, verdict = record.figures, record.figures["verdict"]
    share = record.settings["options"]["replay"]
    card = ModelCard.from_template(
        ModelCardData(
            language="en", library_name="quotestance", tags=["stance-detection", "quote-attribution", "news"]
        ),
        template_str=_TEXT,
        parts=" and ".join(f"{kind} {version}" for kind, version in record.parts.items()).capitalize(),
        start=str(record.start["name"]) + (f" ({record.start['version']})" if record.start.get("version") else ""),
        verdict=verdict["verdict"],
        in_words=verdict["in_words"],
        data=_data(record),
        replay=f"Of the statements trained on, {share:.0%} (or all that there are) are passages written for "
        "quotestance, so that the model keeps what it knew."
        if share
        else "No passages of quotestance's own were mixed in.",
        figures="\n\n".join(_figures(kind, shown) for kind in record.parts),
        folder=FOLDER,
        settings=_settings(record),
    )
    (out / "README.md").write_text(str(card).rstrip() + "\n", encoding="utf-8")


def _data(record: TrainingRecord) -> str:
    rows: list[tuple[str, ...]] = []
    for use, files in (
        ("labels", record.labels),
        ("validation", record.validation.files),
        ("test", record.test.files),
    ):
        rows += [(use, f.path.rsplit("/", 1)[-1], f"`{f.sha256[:12]}…`") for f in _once(files)]
    counts = (
        f"{len(record.trained_on)} texts to train and validate on; held out for the figures: {record.test.statements} "
        f"statements of {len(record.test.texts)} texts. {_KNOWN_EVENTS[record.settings[PARTED]]}"
    )
    return _table(("use", "file", "SHA-256"), rows) + f"\n\n{counts}"


def _once(files: Sequence[LabelFile]) -> list[LabelFile]:
    return list({f.sha256: f for f in files}.values())


def _figures(kind: str, shown: dict[str, Any] | Any) -> str:
    before, after = shown["before"], shown["after"]
    sides = (before, after)
    if kind == "scorer":
        lines = (("macro-F1", "macro_f1"), ("accuracy", "accuracy"), ("calibration error", "calibration_error"))
        rows = [(label, *(f"{side['scorer'][key]:.3f}" for side in sides)) for label, key in lines]
        for stance in before["scorer"]["per_stance"]:
            rows += [(f"F1, {stance}", *(f"{side['scorer']['per_stance'][stance]:.3f}" for side in sides))]
        pairs = (f"{side['kept']['both_right']:.2f}" for side in sides)
        rows += [("what it knew: contrast pairs with both members right", *pairs)]
    else:
        lines = (("statements found", "found"), ("speaker right", "speaker"), ("actor right", "actor"))
        rows = [(label, *(f"{side['reader'][key]:.3f}" for side in sides)) for label, key in lines]
    return _table((kind, "before", "after"), rows)


def _settings(record: TrainingRecord) -> str:
    options = {k: v for k, v in record.settings["options"].items() if v is not None}
    code = record.code
    rows = [*options.items(), ("threads", record.settings["threads"]), ("device", record.settings["device"])]
    rows += [("quotestance", code.get("version") or "from source"), ("commit", code.get("commit") or "unknown")]
    rows += list(record.libraries.items())
    return _table(("setting", "value"), [(str(name), str(value)) for name, value in rows])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
