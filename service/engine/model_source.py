"""Where models come from: a model folder, or a folder of versions whose pointer says which one is in service."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from quotestance.model.errors import ModelError
from quotestance.model.version_folder import POINTER, VERSIONS, current_model
from quotestance.service.file_stamp import Stamp, file_stamp
from quotestance.service.loading import LoadedModel

_MANIFESTS = ("scorer/manifest.json", "reader/manifest.json")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model folder as it was found: two that are equal hold the same model. `folder` is None for the shipped one."""

    folder: Path | None
    manifests: tuple[Stamp | None, ...]

    @property
    def name(self) -> str:
        """The folder's name, as an operator knows it."""
        return self.folder.name if self.folder else "shipped"


@dataclass(frozen=True, slots=True)
class ModelSource:
    """`folder` as given with --model. `load` takes the folder of one model."""

    folder: Path | None
    load: Callable[[Path | None], LoadedModel]

    def pointer(self) -> tuple[str, Stamp] | None:
        """What the pointer says, and since when; None where there is none."""
        if self.folder is None:
            return None
        path = self.folder / POINTER
        try:
            stamp = file_stamp(path)
            return None if stamp is None else (path.read_text(encoding="utf-8", errors="replace").strip(), stamp)
        except OSError:
            return None

    def candidate(self) -> Candidate:
        """The model to load now. Raises ModelError where the pointer names none."""
        if self.folder is not None and (self.folder / VERSIONS).is_dir() and self.pointer() is None:
            raise ModelError(f"{self.folder / POINTER}: missing; it names the version in service")
        folder = current_model(self.folder) if self.folder is not None else None
        return Candidate(folder, tuple(file_stamp(folder / name) for name in _MANIFESTS) if folder else ())
