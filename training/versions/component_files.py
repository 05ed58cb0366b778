"""Copy a component of a model folder, file by file as its manifest lists them, and make sure that it is on disk."""

import json
import os
import shutil
from pathlib import Path

from quotestance.model.components import MANIFEST, read_component
from quotestance.model.errors import ModelError


def copy_component(part: Path, folder: Path) -> None:
    """Copy the component `part` (a folder named by its kind) into the model folder `folder`.

    Files that it shares with a neighbour keep their place beside it. Raises ModelError when it is damaged, before and
    after the copy.
    """
    kind = part.name
    read_component(part, kind)
    manifest = json.loads((part / MANIFEST).read_text(encoding="utf-8"))
    for name in (*manifest["files"], MANIFEST):
        target = Path(os.path.normpath(folder / kind / name))
        if not target.is_relative_to(folder):
            raise ModelError(f"{part / MANIFEST}: names a file outside the model folder: {name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(part / name, target)
    read_component(folder / kind, kind)


def flush(path: Path) -> None:
    """Everything under `path`, itself included, is on disk when this returns."""
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            flush(inner)
    flush_one(path)


def flush_one(path: Path) -> None:
    """A file, or a folder's list of names, is on disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
