"""Scoring on a Ray cluster: the same pieces, read by Ray Data's actors, each of which loads the model once.

The command reads the input and writes the output, so the other machines need no shared disk, only quotestance itself
(and a --model folder at the same path). Pieces go out in windows, one block each. A block whose actor dies is tried
once more by Ray; what is then still missing is tried record by record, and what is missing again is refused.
"""

import logging
import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from quotestance.model.errors import InputError, ModelError
from quotestance.service.archive.ahead import Ahead
from quotestance.service.archive.engine import Load, check_version
from quotestance.service.archive.machine import WORKER_BYTES, WORKER_THREADS
from quotestance.service.archive.manifest import package_version
from quotestance.service.archive.pieces import Piece, PieceResult, Recipe, Stored, Work, result_of_stored
from quotestance.service.archive.records import ArticleRecord
from quotestance.service.archive.score_piece import joined, refused_piece, score_piece
from quotestance.service.usable_cores import usable_cores

# of a window: its actors load the model anew, so it should keep them busy for long, yet fit in memory twice
_WINDOW_PIECES: Final = 128  # a worker
_WINDOW_CHARACTERS: Final = 100_000_000


class PieceReader:
    """Ray Data's callable: one row in, one row out, whatever the articles are."""

    def __init__(self, load: Load, recipe: Recipe, version: str, package: str) -> None:
        self._model = load()
        self._recipe = recipe
        self._version = version
        here = package_version()
        self._mismatch = "" if here == package else f"a machine has quotestance {here}, the command {package}"

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """One piece: `number` and `piece` to `number`, `result` (a PieceResult) and `error` (its message)."""
        result, failure = None, ""
        try:
            check_version(self._version, self._model.version)
            if self._mismatch:
                raise ModelError(self._mismatch)
            result = score_piece(self._model, batch["piece"][0], self._recipe)
        except ModelError as error:
            failure = str(error)
        return {"number": [int(batch["number"][0])], "result": [result], "error": [failure]}


class RayEngine:
    """`address` is that of a running cluster; without it, one is started on this machine."""

    def __init__(self, load: Load, address: str | None = None, workers: int | None = None) -> None:
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # before the import: it phones home otherwise
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise InputError(
                "--engine ray needs packages that are not installed: pip install 'quotestance[ray]'"
            ) from error
        self._ray: Any = ray
        self._load = load
        # as many as the local engine's: other counts round differently
        self._threads = min(WORKER_THREADS, usable_cores())
        self._connect(address, workers)
        resources = self._ray.cluster_resources()
        self._gpus = 1 if resources.get("GPU") else 0
        self._memory = WORKER_BYTES if resources.get("memory", 0) >= WORKER_BYTES else None
        room = resources["memory"] // WORKER_BYTES if self._memory else 1
        places = resources.get("GPU") or min(resources.get("CPU", 1) // self._threads, room)
        self._workers = workers or max(1, int(places))
        try:
            self._version = str(ray.get(ray.remote(num_gpus=self._gpus)(_version_of).remote(load)))
        except ray.exceptions.RayError as error:
            self.close()
            cause = getattr(error, "cause", None) or error
            if isinstance(cause, ModelError):
                raise cause from None
            raise ModelError(f"the model cannot be loaded on the cluster ({type(cause).__name__})") from None

    @property
    def version(self) -> str:
        return self._version

    def run(self, work: Work, stored: Stored | None) -> Iterator[PieceResult]:
        """Results in order, a window being read ahead."""
        windows = Ahead(_windows(work.pieces(stored), self._workers), depth=1)
        try:
            for window in windows:
                yield from self._window(window, work.recipe)
        finally:
            windows.close()

    def close(self) -> None:
        self._ray.shutdown()

    def _connect(self, address: str | None, workers: int | None) -> None:
        options: dict[str, Any] = {"address": address} if address else {"include_dashboard": False}
        if workers and not address:
            options["num_cpus"] = workers * self._threads
        try:
            self._ray.init(logging_level=logging.ERROR, log_to_driver=False, **options)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise InputError(f"no Ray cluster at {address or 'this machine'}: {error}") from None
        for name in ("ray.data", "ray"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what fails is reported by us
        context = self._ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.execution_options.preserve_order = True
        context.max_errored_blocks = -1

    def _window(self, pieces: Sequence[Piece], recipe: Recipe) -> Iterator[PieceResult]:
        ready = {i: result_of_stored(piece) for i, piece in enumerate(pieces) if piece.stored is not None}
        unread = [(i, piece) for i, piece in enumerate(pieces) if piece.stored is None]
        given = 0
        for number, result in self._read(unread, recipe):
            ready[number] = result
            while given in ready:
                yield ready.pop(given)
                given += 1
        for number in range(given, len(pieces)):
            yield ready.pop(number) if number in ready else self._one_by_one(pieces[number], recipe)

    def _one_by_one(self, piece: Piece, recipe: Recipe) -> PieceResult:
        alone = [replace(piece, records=(record,)) for record in piece.records]
        parts = dict(self._read(list(enumerate(alone)), recipe))
        if not parts and sum(isinstance(r, ArticleRecord) for r in piece.records) > 1:
            raise ModelError("the cluster's workers die on every article")
        reason = "the worker that read it died (out of memory?)"
        return joined(piece, [parts.get(i) or refused_piece(p, reason, recipe) for i, p in enumerate(alone)], recipe)

    def _read(self, pieces: Sequence[tuple[int, Piece]], recipe: Recipe) -> Iterator[tuple[int, PieceResult]]:
        """Through the cluster, in order; what killed its actor twice is left out."""
        if not pieces:
            return
        data = self._ray.data
        rows = data.from_items([{"number": n, "piece": p} for n, p in pieces], override_num_blocks=len(pieces))
        actors = data.ActorPoolStrategy(size=min(self._workers, len(pieces)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Ray means to drop max_task_retries, and has nothing in its place yet
            read = rows.map_batches(
                PieceReader,
                batch_size=1,
                compute=actors,
                fn_constructor_args=(self._load, recipe, self._version, package_version()),
                num_cpus=self._threads,  # Ray gives it to torch as well
                num_gpus=self._gpus,
                memory=self._memory,
                max_restarts=-1,
                max_task_retries=1,
            )
        try:
            for row in read.iter_rows():
                if row["error"]:
                    raise ModelError(row["error"])
                yield int(row["number"]), row["result"]
        except self._ray.exceptions.RayError as error:
            raise ModelError(
                f"the cluster failed ({type(error).__name__}): has every machine quotestance, and the model at the "
                "same path?"
            ) from error


def _version_of(load: Load) -> str:
    return load().version


def _windows(pieces: Iterable[Piece], workers: int) -> Iterator[list[Piece]]:
    window: list[Piece] = []
    characters = 0
    for piece in pieces:
        window.append(piece)
        characters += sum(len(r.article.text) for r in piece.records if isinstance(r, ArticleRecord))
        if len(window) >= _WINDOW_PIECES * workers or characters >= _WINDOW_CHARACTERS:
            yield window
            window, characters = [], 0
    if window:
        yield window
