"""A folder of shards, and beside them what a run needs to go on after it was stopped at any moment.

    manifest.json                    what the shards are made of, and by what; `complete` once they all are
    statements-00000.parquet …       the shards
    quarantine.jsonl                 records refused
    _work/lock                       held by the run that writes
    _work/shard-00000                counts and checksums of a finished shard, its records refused: written last
    _work/pieces/00000/00000         a scored piece of an unfinished shard

Every file is written beside its place, flushed and renamed; a shard counts once its record in `_work` is there and the
checksums hold.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quotestance.model.errors import InputError
from quotestance.service.archive.durable import (
    checksum,
    digest,
    durable_output,
    seal,
    sync_folder,
    unseal,
    write_durably,
)
from quotestance.service.archive.encoding import encode_shard, shard_names
from quotestance.service.archive.pieces import WHOLE_SHARD, Counts, Finished, Format, PieceResult, input_digest

MANIFEST = "manifest.json"
QUARANTINE = "quarantine.jsonl"
_WORK = "_work"
_LOCK = "lock"
_SHARD = re.compile(r"(?:(?:statements|articles)-\d{5,}\.parquet|part-\d{5,}\.jsonl(?:\.gz|\.zst)?)(?:\.part)?")
_RECORDS = "shard-*"


@dataclass(frozen=True, slots=True)
class Store:
    """The folder and the shards' format. What it writes raises OSError when the disk is full."""

    folder: Path
    format: Format

    @property
    def work(self) -> Path:
        return self.folder / _WORK

    @property
    def quarantine(self) -> Path:
        return self.folder / QUARANTINE

    @property
    def manifest_path(self) -> Path:
        return self.folder / MANIFEST

    # -- what is there

    def manifest(self) -> dict[str, Any] | None:
        """The manifest, None where there is none. Raises InputError where it cannot be read."""
        try:
            read = json.loads(self.manifest_path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValueError:
            raise InputError(f"{self.manifest_path}: is damaged; --overwrite starts anew") from None
        if not isinstance(read, dict):
            raise InputError(f"{self.manifest_path}: is no manifest of `quotestance score`")
        return read

    def shard(self, shard: int) -> Finished | None:
        """A finished shard whose files are as they were written; one that is damaged is not finished."""
        record = self._record(shard)
        if record is None or any(checksum(self.folder / name) != sum for name, sum in record["files"].items()):
            return None
        return _finished(record)

    def is_whole(self, shards: int) -> bool:
        """Whether all these shards are there, undamaged."""
        return self.quarantine.is_file() and all(self.shard(shard) is not None for shard in range(shards))

    def piece(self, shard: int, number: int) -> Finished | None:
        sealed = unseal(self._piece(shard, number))
        return _finished(sealed[0]) if sealed else None

    @property
    def is_empty(self) -> bool:
        """Whether no piece has been finished."""
        return not any(self.work.glob(_RECORDS)) and not any(self.work.glob("pieces/*/*"))

    @property
    def has_results(self) -> bool:
        """Whether anything scored is here: a shard, its record or a piece."""
        return not self.is_empty or any(self._shards_here())

    def _shards_here(self) -> list[Path]:
        return [path for path in self.folder.glob("*") if _SHARD.fullmatch(path.name) and not path.is_dir()]

    @property
    def was_locked(self) -> bool:
        """Whether a run has been here whose working folder is still there."""
        return (self.work / _LOCK).is_file()

    # -- writing

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Makes the folder and holds it: of two runs on one output, the second ends here. Raises InputError."""
        self.work.mkdir(parents=True, exist_ok=True)
        lock = self.work / _LOCK
        with lock.open("ab") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(f"{self.folder}: another run is writing to it") from None
            if not _is_still(lock, held.fileno()):  # the other run ended, and took the folder with it
                raise InputError(f"{self.folder}: another run has just ended there; start again")
            yield

    def begin(self, manifest: Mapping[str, Any]) -> None:
        """Write the manifest of a run that is not complete."""
        self._write_json(MANIFEST, {**manifest, "complete": False})

    def add(self, result: PieceResult) -> None:
        """Keep a piece's result; with a shard's last piece, the shard is made."""
        if result.number == WHOLE_SHARD:
            return
        if not result.stored:
            path = self._piece(result.shard, result.number)
            path.parent.mkdir(parents=True, exist_ok=True)
            header = {"counts": asdict(result.counts), "input": result.input}
            seal(path, header, [result.quarantine, *result.payloads])
        if result.last:
            self._make_shard(result)

    def finish(self, manifest: Mapping[str, Any], shards: int, counts: Counts) -> None:
        """Write the quarantine of all shards and the manifest that calls them complete."""
        self.write_quarantine(shards)
        self._write_json(MANIFEST, {**manifest, "complete": True, "shards": shards, "counts": asdict(counts)})
        shutil.rmtree(self.work / "pieces", ignore_errors=True)

    def write_quarantine(self, shards: int) -> None:
        """Put the records refused into one file, in the order of the input."""
        with durable_output(self.quarantine) as stream:
            for shard in range(shards):
                if sealed := unseal(self._shard_record(shard)):
                    stream.write(sealed[1][0])
                    continue
                for piece in sorted((self.work / "pieces" / f"{shard:05d}").glob("[0-9]*")):
                    if part := unseal(piece):
                        stream.write(part[1][0])

    def clear(self) -> None:
        """Remove what runs have written here, and nothing else.

        What a later run would take over goes first, and the manifest, which says what it is, last.
        """
        if self.work.is_dir():
            for path in self.work.glob(_RECORDS):
                path.unlink()
            if (self.work / "pieces").exists():
                shutil.rmtree(self.work / "pieces")
            sync_folder(self.work)
        for path in (*self._shards_here(), self.quarantine):
            path.unlink(missing_ok=True)
        sync_folder(self.folder)
        self.manifest_path.unlink(missing_ok=True)

    def remove(self, even_folder: bool = True) -> None:
        """Remove what runs have written, and the folder where nothing else is in it."""
        self.clear()
        shutil.rmtree(self.work, ignore_errors=True)
        if even_folder and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def remove_empty_work(self) -> None:
        """Remove the working folder where nothing but the lock is in it."""
        if {path.name for path in self.work.glob("*")} <= {_LOCK}:
            shutil.rmtree(self.work, ignore_errors=True)

    def shard_files(self, shard: int) -> list[Path]:
        return [self.folder / name for name in shard_names(self.format, shard)]

    def _make_shard(self, result: PieceResult) -> None:
        pieces = [unseal(self._piece(result.shard, number)) for number in range(result.number + 1)]
        whole = [piece for piece in pieces if piece is not None]
        if len(whole) != len(pieces):
            raise InputError(
                f"{self.folder}: a scored piece has been damaged meanwhile; the same command reads it again"
            )
        contents = encode_shard([payloads[1:] for _, payloads in whole], self.format)
        for path, content in zip(self.shard_files(result.shard), contents, strict=True):
            write_durably(path, content)
        counts = sum((_counts(header) for header, _ in whole), Counts())
        record = {
            "counts": asdict(counts),
            "input": input_digest([str(header["input"]) for header, _ in whole]),
            "files": dict(zip(shard_names(self.format, result.shard), map(digest, contents), strict=True)),
        }
        seal(self._shard_record(result.shard), record, [b"".join(payloads[0] for _, payloads in whole)])
        shutil.rmtree(self._piece(result.shard, 0).parent, ignore_errors=True)

    def _record(self, shard: int) -> dict[str, Any] | None:
        sealed = unseal(self._shard_record(shard))
        return sealed[0] if sealed else None

    def _shard_record(self, shard: int) -> Path:
        return self.work / f"shard-{shard:05d}"

    def _piece(self, shard: int, number: int) -> Path:
        return self.work / "pieces" / f"{shard:05d}" / f"{number:05d}"

    def _write_json(self, name: str, value: Mapping[str, Any]) -> None:
        # ASCII, since the names of files may hold bytes that are not UTF-8
        write_durably(self.folder / name, (json.dumps(value, ensure_ascii=True, indent=1) + "\n").encode("ascii"))


def _finished(header: Mapping[str, Any]) -> Finished:
    return Finished(_counts(header), str(header["input"]))


def _counts(header: Mapping[str, Any]) -> Counts:
    return Counts(**header["counts"])


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
