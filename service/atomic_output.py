"""Output that is either there in full or not there: written beside its place and renamed into it."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, TypeVar

from quotestance.model.errors import InputError
from quotestance.model.types import ArticleError
from quotestance.service.archive.records import BadRecord, Origin
from quotestance.service.archive.sources import Source
from quotestance.service.exit_status import complain

STDOUT = "-"


class HasOrigin(Protocol):
    """A record that knows where it was read."""

    @property
    def origin(self) -> Origin: ...


Record = TypeVar("Record", bound=HasOrigin)
Result = TypeVar("Result")


def checked_output(out: str, sources: Sequence[Source], overwrite: bool, with_rejected: bool = True) -> Path | None:
    """OUT, a file of JSON lines, as a path; None for standard output. Otherwise as `checked_place`."""
    if out != STDOUT and Path(out).suffix.lower() != ".jsonl":
        raise InputError(f"{out}: cannot write this kind of file; OUT is a .jsonl file, or - for standard output")
    return checked_place(out, [source.path for source in sources if source.path], overwrite, with_rejected)


def checked_place(out: str, inputs: Iterable[Path], overwrite: bool, with_rejected: bool = True) -> Path | None:
    """OUT, a file of any kind, as a path; None for standard output.

    The file of what is refused is checked too, unless there will be none. Raises InputError when one of them cannot be
    written, is there already, or is one of the inputs.
    """
    if out == STDOUT:
        return None
    path = Path(out)
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such folder to write to")
    read = {given.resolve() for given in inputs}
    for written in (path, rejected_path(path)) if with_rejected else (path,):
        if written.is_dir():
            raise InputError(f"{written}: is a folder")
        if written.resolve() in read:
            raise InputError(f"{written}: is both an input and the output")
        if written.exists() and not overwrite:
            raise InputError(f"{written}: is there already; --overwrite replaces it")
    return path


def rejected_path(out: Path) -> Path:
    """Where the records refused go: `scored.jsonl` → `scored.rejected.jsonl`."""
    return out.with_name(out.stem + ".rejected.jsonl")


@contextmanager
def output(path: Path | None) -> Iterator[IO[bytes]]:
    """A stream to write to; the file is in place once the block has ended well, and otherwise nothing is left."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as stream:
            yield stream
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@dataclass(slots=True)
class Rejects:
    """Collects the records refused: in a file beside OUT, or where OUT is standard output as lines on stderr."""

    out: Path | None
    count: int = 0
    _stream: IO[bytes] | None = field(default=None, repr=False)

    def add(self, bad: BadRecord) -> None:
        self.count += 1
        if self.out is None:
            complain(f"refused {bad.place}: {bad.reason}")
            return
        if self._stream is None:
            self._stream = self._part(self.out).open("wb")
        self._stream.write(bad.json())

    def accepted(
        self, chunk: Iterable[Record | BadRecord], results: Iterable[Result | ArticleError]
    ) -> Iterator[tuple[Record, Result]]:
        """The records with their results, in order; what was refused, on reading or by the model, is collected.

        `results` holds one entry for each record of the chunk that is no BadRecord.
        """
        answers = iter(results)
        for record in chunk:
            if isinstance(record, BadRecord):
                self.add(record)
                continue
            result = next(answers)
            if isinstance(result, ArticleError):
                self.add(BadRecord(record.origin, result.error))
            else:
                yield record, result

    @property
    def place(self) -> str:
        """In words, for the summary."""
        return str(rejected_path(self.out)) if self.out else "listed above"

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._stream is not None:
            self._stream.close()
        if self.out is None:
            return
        if kind is not None:
            self._part(self.out).unlink(missing_ok=True)
        elif self._stream is not None:
            self._part(self.out).replace(rejected_path(self.out))
        else:
            rejected_path(self.out).unlink(missing_ok=True)  # of an earlier run that this one replaces

    @staticmethod
    def _part(out: Path) -> Path:
        rejected = rejected_path(out)
        return rejected.with_name(rejected.name + ".part")
