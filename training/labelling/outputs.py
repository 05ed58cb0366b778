"""What is refused of labels: kept beside the output, and said on stderr."""

from dataclasses import dataclass
from pathlib import Path

from quotestance.service.archive.records import BadRecord, Origin
from quotestance.service.atomic_output import Rejects
from quotestance.service.exit_status import complain

_LISTED = 20  # refusals named on stderr one by one; the file beside OUT has them all


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
