"""An interrupted run in a model folder: the same command goes on with it, another one is told so."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quotestance.model.errors import InputError
from quotestance.training.training_record import RECORD

CHECKPOINTS = "checkpoints"
_RUN = "run.json"
THREADS, PRECISION = "threads", "precision"
_ARITHMETIC = (THREADS, PRECISION)
_COMPONENTS = ("scorer", "reader")


def claim(out: Path, run: Mapping[str, Any], resume: bool) -> dict[str, Any]:
    """Make `out` ready for a run that `run` describes; the threads and the precision to use.

    These are `run`'s, or what the interrupted run had: others round differently. Without `resume` an
    interrupted run goes, and the components that it had written. Raises InputError when `out` holds a model, or with
    `resume` an interrupted run of another description.
    """
    folder = out / CHECKPOINTS
    if (out / RECORD).exists():
        raise InputError(f"{out}: holds a trained model already; name another folder")
    if not resume and (folder / _RUN).exists():
        # the checkpoints last: while they are there, the components are known to be the run's
        for name in (*_COMPONENTS, CHECKPOINTS):
            shutil.rmtree(out / name, ignore_errors=True)
    try:
        begun = json.loads((folder / _RUN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        begun = None
    except (OSError, ValueError):
        begun = {}
    if begun is None:
        if any((out / kind).exists() for kind in _COMPONENTS):
            raise InputError(f"{out}: holds a model already; name another folder")
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{_RUN}.part"
        part.write_text(json.dumps(run, indent=2, ensure_ascii=False), encoding="utf-8")
        part.replace(folder / _RUN)
        return {name: run[name] for name in _ARITHMETIC}
    wanted = json.loads(json.dumps(run))
    differing = sorted(
        k for k in wanted.keys() | begun.keys() if k not in _ARITHMETIC and wanted.get(k) != begun.get(k)
    )
    if differing:
        raise InputError(
            f"{out}: holds an interrupted run that differs in {', '.join(differing)}; the command that began it goes "
            "on with it, --fresh throws it away"
        )
    return {name: begun.get(name, run[name]) for name in _ARITHMETIC}
