"""What OUT means: one file, a folder of shards, or standard output; and whether it may be written."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from quotestance.model.errors import InputError
from quotestance.service.archive.durable import durable_output
from quotestance.service.archive.encoding import merge_shards, table_names
from quotestance.service.archive.manifest import is_ours
from quotestance.service.archive.pieces import FORMATS, Format
from quotestance.service.archive.sources import Source
from quotestance.service.archive.store import Store
from quotestance.service.atomic_output import STDOUT

_WORK_SUFFIX: Final = ".partial"


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """`file` is None where OUT is a folder. The work goes through `store`, for one file a folder beside it."""

    store: Store
    file: Path | None = None

    @property
    def name(self) -> str:
        return str(self.file or self.store.folder)

    @property
    def rejected(self) -> Path:
        """Where the records refused go in the end: `scored.jsonl` → `scored.rejected.jsonl`."""
        return self._beside("rejected.jsonl") if self.file else self.store.quarantine

    def put_in_place(self, shards: int, refused: bool) -> None:
        """Make the one file of the shards, and remove the working folder; nothing where OUT is a folder."""
        if self.file is None:
            return
        if refused:
            with self.store.quarantine.open("rb") as source, durable_output(self.rejected) as stream:
                shutil.copyfileobj(source, stream)
        else:
            self.rejected.unlink(missing_ok=True)  # of an earlier run that this one replaces
        for column, path in reversed(list(enumerate(self._files()))):  # OUT itself comes last: it says that all is done
            with durable_output(path) as stream:
                merge_shards((self.store.shard_files(n)[column] for n in range(shards)), stream, self.store.format)
        # all is in place: a run that is cut off from here on has left nothing to go on with
        self.store.manifest_path.unlink(missing_ok=True)
        self.store.remove()

    def written(self) -> Iterable[Path]:
        """The files that a single output consists of."""
        return (*self._files(), self.rejected) if self.file else ()

    def siblings(self) -> list[Path]:
        """Outputs of other formats that would have the same file of rejects."""
        return [self._beside(format) for format in FORMATS if format != self.store.format] if self.file else []

    def _files(self) -> list[Path]:
        assert self.file is not None
        others = table_names(self.store.format)[1:]
        return [self.file, *(self._beside(f"{table}.{self.store.format}") for table in others)]

    def _beside(self, ending: str) -> Path:
        assert self.file is not None
        stem = self.file.name[: -len(self.store.format) - 1]
        return self.file.with_name(f"{stem}.{ending}")


def plan_output(out: str, wanted: Format | None) -> OutputPlan | None:
    """What to write, None for standard output. Raises InputError where OUT cannot be written."""
    if wanted is not None and wanted not in FORMATS:
        raise InputError(f"--format {wanted}: one of {', '.join(FORMATS)}")
    if out == STDOUT:
        if wanted not in (None, "jsonl"):
            raise InputError(f"--format {wanted}: standard output takes jsonl")
        return None
    path = Path(out)
    format = _format_of(path)
    folder = path.is_dir() or out.endswith("/") or (format is None and not path.suffix)
    if folder:
        plan = OutputPlan(Store(path, wanted or "parquet"))
    elif format is None:
        raise InputError(
            f"{out}: cannot write this kind of file; OUT is {_listing()}, a folder, or - for standard output"
        )
    elif wanted not in (None, format):
        raise InputError(f"{out}: is no {wanted} file")
    else:
        plan = OutputPlan(Store(path.with_name(path.name + _WORK_SUFFIX), format), path)
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such folder to write to")
    return plan


def inputs_only(sources: Sequence[Source], plan: OutputPlan) -> list[Source]:
    """The sources without those that are this output's own files, come upon in a folder that holds both.

    Raises InputError where one was named.
    """
    written = {path.resolve() for path in plan.written()}
    folder = plan.store.folder.resolve()
    kept = []
    for source in sources:
        path = source.path.resolve() if source.path else None
        if path is None or not (path in written or folder in path.parents):
            kept.append(source)
        elif source.folder is None:
            raise InputError(f"{source.name}: is both an input and the output")
    return kept


def check_place(plan: OutputPlan, overwrite: bool) -> None:
    """Raises InputError where something is there already that is not a run to go on with, or to overwrite."""
    folder = plan.store.folder
    for written in plan.written():
        if written.is_dir():
            raise InputError(f"{written}: is a folder")
    if plan.file is not None:
        others = [other for other in plan.siblings() if other.exists()]
        if others and plan.rejected.exists():
            raise InputError(f"{plan.rejected}: is the one of {others[0]}; give OUT another name")
        there = [path for path in plan.written() if path.exists()]
        if there and not overwrite and not plan.store.manifest_path.exists():
            raise InputError(f"{there[0]}: is there already; --overwrite replaces it")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file, not a folder")
    if folder.is_dir() and any(folder.iterdir()):
        _check_folder(plan.store, overwrite)


def _check_folder(store: Store, overwrite: bool) -> None:
    """Raises InputError where the folder is not a run's, or its shards are of nobody knows which."""
    folder = store.folder
    try:
        manifest = store.manifest()
    except InputError:
        if not store.was_locked:  # a file of that name is all there is: it may be anyone's
            raise InputError(f"{store.manifest_path}: is damaged; name a new or empty folder") from None
        if overwrite:
            return
        raise
    if manifest is not None and not is_ours(manifest):
        raise InputError(f"{folder}: holds another program's manifest.json; name a new or empty folder")
    if manifest is None and not store.was_locked and any(path != store.work for path in folder.iterdir()):
        raise InputError(f"{folder}: holds other things and no manifest.json; name a new or empty folder")
    if manifest is None and store.has_results and not overwrite:
        raise InputError(f"{folder}: holds shards and no manifest.json that says of what; --overwrite starts anew")


def _format_of(path: Path) -> Format | None:
    return next((format for format in FORMATS if path.name.lower().endswith(f".{format}")), None)


def _listing() -> str:
    return ", ".join(f".{format}" for format in FORMATS)
