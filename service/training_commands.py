"""The commands that need the train extra: labels checked to be there, and the extra asked for when it is missing."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from quotestance.model.errors import InputError

_EXTRA = ("accelerate", "sklearn", "matplotlib", "vader", "datasets", "peft")


def train(labels: Sequence[Path], out: Path, **options: Any) -> int:
    """Retrain into `out`; the exit status. Raises InputError."""
    _check_files([*labels, *options.get("validation", ()), *options.get("test", ())])
    run = _with_extra(lambda: import_module("quotestance.training.train_command").run)
    return int(_with_extra(lambda: run(labels=list(labels), out=out, **options)) or 0)


def compare(old: str, new: str, labels: Sequence[Path], **options: Any) -> int:
    """Compare two models; the exit status. Raises InputError."""
    _check_files(labels)
    run = _with_extra(lambda: import_module("quotestance.training.comparison.command").run)
    return int(_with_extra(lambda: run(old=old, new=new, labels=list(labels), **options)) or 0)


def promote(
    names: Sequence[str], to: Path | None, labels: Sequence[Path], rollback: bool, listed: bool, **options: Any
) -> int:
    """Put a model in service, go back to the one before, or list the versions; the exit status. Raises InputError.

    `names` is the model folder; behind `--labels` further label files may stand among them.
    """
    if rollback and listed:
        raise InputError("--rollback and --list are two commands; give one of them")
    if rollback or listed:
        if names or labels:
            raise InputError(f"{'--rollback' if rollback else '--list'} takes no model folder and no labels")
        commands = _with_extra(lambda: import_module("quotestance.training.versions.promote_command"))
        return int(_with_extra(lambda: (commands.rollback if rollback else commands.show)(to)))
    more = [name for name in names if labels and Path(name).is_file()]
    folders = [name for name in names if name not in more]
    if len(folders) != 1:
        raise InputError(f"promote takes one model folder, not {len(folders)}: quotestance promote DIR")
    files = [*labels, *map(Path, more)]
    _check_files(files)
    run = _with_extra(lambda: import_module("quotestance.training.versions.promote_command").run)
    return int(_with_extra(lambda: run(folder=folders[0], to=to, labels=files, **options)) or 0)


def evaluate(
    labels: Sequence[Path], model_dir: Path | None, out: Path | None, json_output: bool, fit: Sequence[Path]
) -> int:
    """Measure a model; the exit status. Raises InputError."""
    _check_files([*labels, *fit])
    run = _with_extra(lambda: import_module("quotestance.training.evaluate_command").run)
    options = {"model_dir": model_dir, "out": out, "json_output": json_output, "fit": list(fit)}
    return int(_with_extra(lambda: run(labels=list(labels), **options)) or 0)


def evaluate_reader(files: Sequence[Path], model_dir: Path | None, out: Path | None, json_output: bool) -> int:
    """Measure a model's reader; the exit status. Raises InputError."""
    _check_files(files)
    run = _with_extra(lambda: import_module("quotestance.training.evaluate_reader").run)
    return int(_with_extra(lambda: run(files=list(files), model_dir=model_dir, out=out, json_output=json_output)) or 0)


def _with_extra(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except ImportError as error:
        # transformers says in words which package it lacks; a plain import has it as the name
        if any(package in f"{error.name} {error}".lower() for package in _EXTRA):
            raise InputError(
                "training needs packages that are not installed: pip install 'quotestance[train]'"
            ) from error
        raise


def _check_files(labels: Sequence[Path]) -> None:
    for path in labels:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; name the label files")
        if not path.exists():
            raise InputError(f"{path}: no such file")
