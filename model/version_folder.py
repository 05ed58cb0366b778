"""A folder of model versions: `versions/NAME` is a model folder each, the file `current` names the one in service."""

from pathlib import Path

from quotestance.model.errors import ModelError

POINTER = "current"
VERSIONS = "versions"


def is_version_folder(folder: Path) -> bool:
    """Whether this is a folder of versions rather than one model."""
    return (folder / POINTER).is_file()


def current_model(folder: Path) -> Path:
    """The model folder to load: the version in service of a folder of versions, or the folder itself.

    Raises ModelError where the pointer names no version that is there.
    """
    if not is_version_folder(folder):
        return folder
    name = (folder / POINTER).read_text(encoding="utf-8").strip()
    version = folder / VERSIONS / name
    if not name or Path(name).name != name or not version.is_dir():
        raise ModelError(f"{folder / POINTER}: names {name!r}, which is no folder in {folder / VERSIONS}")
    return version
