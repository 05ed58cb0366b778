"""`quotestance train`: labels in; a calibrated model, its figures before and after, and a record of its making out."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from quotestance.model import pipeline
from quotestance.model.components import MANIFEST, amend_manifest
from quotestance.model.encoders import pick_device
from quotestance.model.errors import InputError
from quotestance.model.version_folder import current_model
from quotestance.service.exit_status import DONE, SOME_REFUSED, complain
from quotestance.training.base import Base, load_base
from quotestance.training.before_after import CHANCE, before_after
from quotestance.training.interrupted import CHECKPOINTS, PRECISION, THREADS, claim
from quotestance.training.labels import LabelProblem, statements_of
from quotestance.training.loop import precision_here
from quotestance.training.material import Files, Material, material
from quotestance.training.own_data import CONTRAST_TRAIN, PASSAGES
from quotestance.training.parts import LEAST_TO_CALIBRATE, write_reader, write_scorer
from quotestance.training.repeatable import repeatable
from quotestance.training.replay import own_texts
from quotestance.training.retrained_card import PARTED, write_card
from quotestance.training.train_options import TrainOptions, reader_recipe, scorer_recipe
from quotestance.training.trained_on import FILES, TEXTS, Facts, texts_of_known_files, together, trained_on
from quotestance.training.training_record import (
    TrainingRecord,
    code_version,
    held_out,
    label_file,
    library_versions,
    read_record,
    text_key,
    write_record,
)
from quotestance.training.versions.component_files import copy_component

REFUSED = "refused.jsonl"


def run(
    labels: Sequence[Path],
    out: Path,
    validation: Sequence[Path] = (),
    test: Sequence[Path] = (),
    resume: bool = True,
    threads: int | None = None,
    **options: Any,
) -> int:
    """Train into `out`; the exit status (1 when some labels were refused). `options` are those of `TrainOptions`.

    Validation says when to stop and calibrates, test is for the figures; each is split off by event where no files are
    given. The same labels, options and number of threads give the same weights to the byte on one machine. A run that
    was interrupted goes on when it is called again, unless `resume` is false.

    Raises LabelError when there is too little to train on, InputError when `out` holds a model already, and ModelError
    when the base cannot be loaded.
    """
    chosen = TrainOptions(**{name: value for name, value in options.items() if value is not None})
    files = Files(tuple(labels), tuple(validation), tuple(test))
    start = _start_folder(chosen)
    start_facts = _start_facts(start, chosen)
    record_before = read_record(start) if start else None
    validated = _only_validated(record_before, chosen.kinds)
    known = _known_texts(files, start_facts) if start else ()
    parts = material(files, chosen, known=known, validated=validated)
    bases = {kind: load_base(start or chosen.base or "", chosen.revision, kind) for kind in chosen.kinds}
    description = _description(files, chosen, bases, start is not None)
    here = {THREADS: threads or torch.get_num_threads(), PRECISION: precision_here(chosen.precision)}
    arithmetic = claim(out, {**description, **here}, resume)
    count, chosen = int(arithmetic[THREADS]), replace(chosen, precision=arithmetic[PRECISION])
    complain(_in_words(parts))
    for note in (*parts.notes, *_left_as_it_was(parts, chosen, start)):
        complain(note)
    settings = {"options": asdict(chosen), THREADS: count, "device": str(pick_device("auto")), PARTED: parts.parted}
    before = start or pipeline.SHIPPED
    facts = {
        "data": [*files.labels, *files.validation, *((PASSAGES, CONTRAST_TRAIN) if parts.replay else ())],
        "training": {**settings, "code": code_version()},
        "calibrated_on": [path.name for path in files.validation or files.labels],
    }
    writers = {"scorer": write_scorer, "reader": write_reader}
    with repeatable(count):
        versions = {kind: writers[kind](out, bases[kind], start, parts, chosen, facts) for kind in chosen.kinds}
        taken_over = _take_over(start, out, versions)
        figures = before_after(before, out, chosen.kinds, parts.test, files.test or files.labels)
    for kind in versions:
        told = {"files": [path.name for path in files.test or files.labels], **figures["after"][kind]}
        amend_manifest(out / kind, {"figures": told})
    record = TrainingRecord(
        parts=versions,
        bases={kind: base.origin for kind, base in bases.items()},
        start=start_facts,
        labels=tuple(map(label_file, files.labels)),
        trained_on=tuple(sorted({text_key(a.text) for a in (*parts.training, *parts.validation)})),
        validation=held_out(files.validation or files.labels, parts.validation),
        test=held_out(files.test or files.labels, parts.test),
        settings=settings,
        code=code_version(),
        libraries=library_versions(),
        figures=figures,
        taken_over=taken_over,
    )
    write_card(out, record)
    status = _report(parts.problems, out)
    write_record(out, record)
    shutil.rmtree(out / CHECKPOINTS, ignore_errors=True)
    _print(out, figures)
    return status


def _start_folder(options: TrainOptions) -> Path | None:
    """The model folder that training goes on from; None where it starts from a bare encoder."""
    folder = pipeline.SHIPPED if options.base is None else current_model(Path(options.base))
    kinds = [kind for kind in options.kinds if (folder / kind / MANIFEST).is_file()]
    if kinds and len(kinds) < len(options.kinds):
        raise InputError(f"{folder}: holds only a {kinds[0]}; name --part {kinds[0]}")
    return folder if kinds else None


def _only_validated(record: TrainingRecord | None, kinds: Sequence[str]) -> set[str]:
    """The keys of texts that the model before was validated with and, in all its `kinds`, never trained on."""
    # what a part that was taken over has learnt may have validated the part that was trained
    return set(record.validation.texts) if record and set(kinds) <= record.parts.keys() else set()


def _description(files: Files, options: TrainOptions, bases: Mapping[str, Base], continued: bool) -> dict[str, Any]:
    """All that decides what comes out, but for the threads: hashes of the files, recipes with every default."""
    held_apart = {"labels": files.labels, "validation": files.validation, "test": files.test}
    own = (PASSAGES, CONTRAST_TRAIN) if options.replay else ()
    return {
        **{name: sorted(label_file(p).sha256 for p in paths) for name, paths in {**held_apart, "own": own}.items()},
        **{name: value for name, value in asdict(options).items() if name not in ("base", PRECISION)},
        "recipe": {
            "scorer": asdict(scorer_recipe(options, continued)),
            "reader": asdict(reader_recipe(options, continued)),
        },
        "start": {kind: dict(base.origin) for kind, base in bases.items()},
    }


def _start_facts(start: Path | None, options: TrainOptions) -> dict[str, Any]:
    if start is None:
        return {"name": options.base, "revision": options.revision}
    return {
        "name": "the shipped model" if options.base is None else options.base,
        "version": pipeline.load(start).version,
        **together([trained_on(start / kind) for kind in options.kinds]),
    }


def _known_texts(files: Files, start: Facts) -> set[str]:
    """The keys of the texts that the model before was trained on, as far as it says: none of them can be held out."""
    paths = (*files.labels, *files.validation, *files.test)
    hashes = {entry["sha256"] for entry in start.get(FILES, ())}
    return {*start.get(TEXTS, ()), *texts_of_known_files(paths, hashes), *own_texts()}


def _take_over(start: Path | None, out: Path, trained: Mapping[str, str]) -> dict[str, Facts]:
    """What was not trained is the start's, unless that is the package's own: every model falls back on it.

    Returns what the components taken over were trained on.
    """
    taken: dict[str, Facts] = {}
    if start is None or start == pipeline.SHIPPED:
        return taken
    for kind in ("scorer", "reader"):
        if kind not in trained and (start / kind / MANIFEST).is_file():
            copy_component(start / kind, out)
            taken[kind] = trained_on(start / kind)
    return taken


def _left_as_it_was(parts: Material, options: TrainOptions, start: Path | None) -> list[str]:
    count = len(statements_of(parts.validation))
    if "scorer" not in options.kinds or start is None or count >= LEAST_TO_CALIBRATE:
        return []
    return [
        f"{count} statements to validate are too few to calibrate on ({LEAST_TO_CALIBRATE} would do): temperature and "
        "threshold stay those of the model before"
    ]


def _in_words(parts: Material) -> str:
    counts = {
        name: f"{len(statements_of(articles)):,} of {len(articles):,} articles"
        for name, articles in (
            ("to train on", parts.training),
            ("to validate", parts.validation),
            ("to test", parts.test),
            ("replayed", parts.replay),
        )
    }
    return "statements: " + ", ".join(f"{value} {name}" for name, value in counts.items())


def _print(out: Path, figures: Mapping[str, Any]) -> None:
    before, after = figures["before"], figures["after"]
    table = Table("on held-out articles", "before", "after")
    if "scorer" in after:
        rows = [("statements", "statements", "d"), ("accuracy", "accuracy", ".3f"), ("macro-F1", "macro_f1", ".3f")]
        for name, key, form in (*rows, ("calibration error", "calibration_error", ".3f")):
            table.add_row(name, *(format(side["scorer"][key], form) for side in (before, after)))
        table.add_row("contrast pairs right", *(f"{side['kept']['both_right']:.2f}" for side in (before, after)))
    if "reader" in after:
        for name, key in (("statements found", "found"), ("speaker right", "speaker"), ("actor right", "actor")):
            table.add_row(name, *(f"{side['reader'][key]:.3f}" for side in (before, after)))
    Console(stderr=True).print(table)
    complain(figures["verdict"]["in_words"])
    if chance := figures.get(CHANCE):
        complain(f"look at the labels: {chance}")
    complain(f"use it with --model {out}, or put it in service with: quotestance promote {out}")


def _report(problems: Sequence[LabelProblem], out: Path) -> int:
    if not problems:
        return DONE
    path = out / REFUSED
    path.write_text("".join(json.dumps(asdict(p)) + "\n" for p in problems), encoding="utf-8")
    complain(f"{len(problems)} labels refused, listed in {path}; first: {problems[0]}")
    return SOME_REFUSED
