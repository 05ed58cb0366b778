"""Where labels go: the checked place, what was refused beside it, and both said on stderr."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from quotestance.model.errors import InputError
from quotestance.service.archive.records import BadRecord, Origin
from quotestance.service.atomic_output import STDOUT, Rejects, rejected_path
from quotestance.service.exit_status import complain

_LISTED = 20  # refusals named on stderr one by one; the file beside OUT has them all


def checked_place(out: str, inputs: Sequence[Path], overwrite: bool) -> Path | None:
    """OUT as a path, None for standard output.

    Raises InputError when it cannot be written, is there already, or is one of the inputs.
    """
    if out == STDOUT:
        return None
    path = Path(out)
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such folder to write to")
    for written in (path, rejected_path(path)):
        if written.is_dir():
            raise InputError(f"{written}: is a folder")
        if written.resolve() in {p.resolve() for p in inputs}:
            raise InputError(f"{written}: is both an input and the output")
        if written.exists() and not overwrite:
            raise InputError(f"{written}: is there already; --overwrite replaces it")
    return path


@dataclass(slots=True)
class Refusals:
    """What was refused, with file and line: into the file beside OUT, and the first of them on stderr."""

    rejects: Rejects
    first: str = ""

    def add(self, path: Path, line: int, reason: str, raw: str) -> None:
        self.rejects.add(BadRecord(Origin.of(str(path), line, raw.encode("utf-8", "surrogatepass")), reason))
        message = f"{path}:{line}: {reason}"
        self.first = self.first or message
        if self.rejects.out is not None and self.rejects.count <= _LISTED:
            complain(f"refused {message}")

    @property
    def summary(self) -> str:
        """The end of a command's last line, empty where nothing was refused."""
        return f", {self.rejects.count:,} refused ({self.rejects.place})" if self.rejects.count else ""
