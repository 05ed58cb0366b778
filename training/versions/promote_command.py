"""`quotestance promote`: a model into a folder of versions and into service, unless it is worse than the one there."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from quotestance.model import pipeline
from quotestance.model.errors import InputError, ModelError
from quotestance.model.pipeline import Model
from quotestance.model.version_folder import current_model
from quotestance.service.exit_status import DONE, SOME_REFUSED, complain
from quotestance.training.before_after import FOLDER
from quotestance.training.comparison.sides import (
    KINDS,
    SHIPPED_NAME,
    Side,
    part_folders,
    same_reader,
    same_scorer,
)
from quotestance.training.comparison.verdict import MARGIN
from quotestance.training.trained_on import trained_on
from quotestance.training.training_record import RECORD, read_record, write_record
from quotestance.training.versions.checks import checked
from quotestance.training.versions.component_files import copy_component
from quotestance.training.versions.judge import Decision, judge
from quotestance.training.versions.store import Entry, Store, now

VARIABLE = "QUOTESTANCE_MODELS"
_DEFAULT = Path(".local/share/quotestance/models")  # in the home folder
_PAPERS = (RECORD, "README.md")


def versions_folder(to: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of versions: `to`, or QUOTESTANCE_MODELS, or the one in the home folder."""
    if to is not None:
        return to
    return Path(environment[VARIABLE]) if environment.get(VARIABLE) else Path.home() / _DEFAULT


def run(
    folder: str,
    to: Path | None = None,
    labels: Sequence[Path] = (),
    force: bool = False,
    margin: float = 100 * MARGIN,
) -> int:
    """Promote a model folder (or `shipped`); the exit status: 0 in service, 1 refused.

    It is compared with the version in service, at first the shipped model, on `labels` or on those that its record
    names; `margin` is in points of macro-F1. `force` promotes it in any case, and the log says so. What the folder
    lacks, reader or scorer, is taken over from the version in service.

    Raises InputError when there is nothing to compare on, and ModelError when the model is damaged or does not run.
    """
    if not 0 <= margin < 100:
        raise InputError(f"--margin {margin:g}: points of macro-F1, from 0 to under 100")
    source = pipeline.SHIPPED if folder == SHIPPED_NAME else current_model(Path(folder))
    if not source.is_dir():
        raise ModelError(f"{source}: no such model folder")
    store = Store(versions_folder(to))
    with store.locked():
        _begin(store)
        with store.staging() as staged:
            return _promote(store, source, staged, labels, force, margin / 100)


def rollback(to: Path | None = None) -> int:
    """Put back in service what was there before the last promotion; the exit status. Raises InputError, ModelError."""
    store = Store(versions_folder(to))
    if store.current is None:
        raise InputError(f"{store.folder}: nothing was promoted there")
    with store.locked():
        current = store.current
        previous = store.before(current or "")
        if previous is None or not store.path(previous).is_dir():
            raise InputError(f"{store.folder}: nothing was in service before {current}")
        model = checked(store.path(previous))
        store.write_log(Entry(now(), "rolled back", previous, model.version, current))
        store.point_to(previous)
    complain(f"{previous} is in service again, in place of {current}")
    return DONE


def show(to: Path | None = None) -> int:
    """List the versions on standard output; the exit status."""
    store = Store(versions_folder(to))
    current = store.current
    table = Table("", Column("version", no_wrap=True), "verdict", "forced")  # a version begins with the time
    entries = {e.version: e for e in store.log() if e.action in ("first", "promoted")}
    for name in store.names():
        entry = entries.get(name)
        facts = (entry.verdict or "not compared", "forced" if entry.forced else "") if entry else ("", "")
        table.add_row("in service" if name == current else "", escape(name), *facts)
    if not store.names():
        complain(f"{store.folder}: no versions yet")
        return DONE
    Console().print(table)
    return DONE


def _begin(store: Store) -> None:
    """The first version is the shipped model, so that there is always something to go back to."""
    if store.current is not None:
        return
    with store.staging() as staged:
        _copy(pipeline.SHIPPED, staged)
        model = checked(staged)
        name = store.keep(staged, _short(model))
    store.write_log(Entry(now(), "first", name, model.version, None))
    store.point_to(name)


def _promote(store: Store, source: Path, staged: Path, labels: Sequence[Path], force: bool, margin: float) -> int:
    in_service = store.current or ""
    serving = store.path(in_service)
    _copy(source, staged)
    try:
        now_serving = checked(serving)
    except ModelError as error:
        if not force:
            raise
        _take_over(pipeline.SHIPPED, staged)
        model, decision = checked(staged), Decision(None, f"not compared, the one in service is damaged: {error}", None)
    else:
        _take_over(serving, staged)
        model = checked(staged)
        if same_scorer(model, now_serving) and same_reader(model, now_serving):
            complain(f"{in_service} is this model, and in service already")
            return DONE
        old = Side("in service", now_serving, part_folders(serving))
        new = Side(str(source), model, part_folders(staged))
        try:
            decision = judge(old, new, staged, labels, margin)
        except InputError as error:
            if not force:
                raise
            decision = Decision(None, f"not compared: {error}", None)
    forced = force and (decision.refusal is not None or decision.verdict is None)
    if decision.refusal is not None and not force:
        store.write_log(_entry("refused", None, model, in_service, decision, forced=False))
        for line in (f"refused, {decision.refusal} (--force promotes it all the same)", *decision.notes):
            complain(line)
        return SOME_REFUSED
    name = store.keep(staged, _short(model))
    store.write_log(_entry("promoted", name, model, in_service, decision, forced))
    store.point_to(name)
    for line in (decision.in_words, *decision.notes, *([f"forced: {decision.refusal}"] if decision.refusal else [])):
        complain(line)
    complain(f"{name} is in service, in place of {in_service}")
    complain(f"back with: quotestance promote --rollback --to {store.folder}")
    return DONE


def _entry(action: str, name: str | None, model: Model, previous: str, decision: Decision, forced: bool) -> Entry:
    return Entry(
        time=now(),
        action="promoted" if action == "promoted" else "refused",
        version=name,
        model=model.version,
        previous=previous,
        verdict=decision.verdict,
        in_words=decision.refusal or decision.in_words,
        forced=forced,
        labels=decision.labels,
    )


def _copy(source: Path, staged: Path) -> None:
    """The components that the folder has, and its papers: nothing else of it goes into service."""
    kinds = [kind for kind in KINDS if (source / kind).is_dir()]
    if not kinds:
        raise ModelError(f"{source}: holds neither a `scorer` nor a `reader` folder; is it a model folder?")
    for kind in kinds:
        copy_component(source / kind, staged)
    for name in _PAPERS:
        if (source / name).is_file():
            shutil.copyfile(source / name, staged / name)
    if (source / FOLDER).is_dir():
        (staged / FOLDER).mkdir()
        for path in sorted((source / FOLDER).iterdir()):
            if path.is_file():
                shutil.copyfile(path, staged / FOLDER / path.name)


def _take_over(serving: Path, staged: Path) -> None:
    """Copy what `staged` lacks from the version in service; its record says what that was trained on."""
    taken = [kind for kind in KINDS if not (staged / kind).is_dir() and (serving / kind).is_dir()]
    for kind in taken:
        copy_component(serving / kind, staged)
    record = read_record(staged)
    if taken and record is not None:
        known = {kind: trained_on(serving / kind) for kind in taken}
        write_record(staged, replace(record, taken_over={**record.taken_over, **known}))


def _short(model: Model) -> str:
    return f"r{model.reader.version}-s{model.scorer.version}"
