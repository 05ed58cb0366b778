"""Scoring on this machine: worker processes, each with its own model, and pieces handed to whichever is free.

Processes and not threads, since much of the work is Python code, of which one process runs one thread at a time.
Spawned and not forked, since a fork of a process with threads may hang.
"""

import multiprocessing
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Final

from quotestance.model.errors import ModelError
from quotestance.service.archive import worker
from quotestance.service.archive.ahead import Ahead
from quotestance.service.archive.engine import Load, check_version
from quotestance.service.archive.machine import WORKER_THREADS, default_workers
from quotestance.service.archive.pieces import Piece, PieceResult, Recipe, Stored, Work, result_of_stored
from quotestance.service.archive.records import ArticleRecord
from quotestance.service.archive.score_piece import joined, refused_piece
from quotestance.service.usable_cores import usable_cores

_AT_WORKER: Final = 2  # pieces handed out: one being read, one waiting
_WINDOW: Final = 4  # pieces under way for each worker, counted from the oldest that is not done
_FAILED_STARTS: Final = 3  # in a row
_DEAD_IN_A_ROW: Final = 8  # records tried alone that each killed a worker, with no article scored between
_SLOWEST: Final = 200  # characters a second: a worker below that hangs
_PATIENCE: Final = 900.0  # seconds on top
_TICK: Final = 0.05  # seconds of waiting for workers while there may be more to read,
_LOOK: Final = 0.5  # and while there is not


@dataclass(slots=True)
class _Split:
    """A piece that killed two workers, its records being tried one by one."""

    piece: Piece
    parts: list[PieceResult | None]


@dataclass(slots=True)
class _Task:
    """A piece on its way, or a record of it alone."""

    order: int
    piece: Piece
    deaths: int = 0
    split: _Split | None = None
    index: int = 0

    @property
    def patience(self) -> float:
        texts = sum(len(r.article.text) for r in self.piece.records if isinstance(r, ArticleRecord))
        return _PATIENCE + texts / _SLOWEST


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    connection: Connection
    ready: bool = False
    tasks: deque[_Task] = field(default_factory=deque)
    since: float = field(default_factory=time.monotonic)

    @property
    def hangs(self) -> bool:
        return bool(self.tasks) and time.monotonic() - self.since > self.tasks[0].patience


@contextmanager
def _watched(each: _Worker) -> Iterator[None]:
    """Ends the worker where a call on its pipe takes too long: a pipe has no limit of its own. The call then fails."""
    timer = threading.Timer(each.tasks[0].patience if each.tasks else _PATIENCE, each.process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class LocalEngine:
    """The first worker is started at once, the others as there is work. Raises ModelError where no model can be had."""

    def __init__(self, load: Load, workers: int | None = None) -> None:
        self._load = load
        self._limit = workers or default_workers()
        self._threads = max(1, min(WORKER_THREADS, usable_cores() // self._limit))
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        self._dead_in_a_row = 0
        self._on_gpu = False
        self._running = threading.Lock()
        self._closed = False
        self._waiting: deque[_Task] = deque()
        self._results: dict[int, PieceResult] = {}
        self._recipe = Recipe()
        self._version = ""
        self._start()
        while not self._version:
            self._attend(1.0)
            if not self._workers:
                self._start()
        if self._on_gpu and workers is None:
            self._limit = 1

    @property
    def version(self) -> str:
        return self._version

    @property
    def process_ids(self) -> list[int]:
        return [w.process.pid for w in self._workers if w.process.pid]

    def run(self, work: Work, stored: Stored | None) -> Iterator[PieceResult]:
        """Results in order. A piece whose worker dies is tried once more, then its records one by one."""
        self._recipe = work.recipe
        pieces = Ahead(work.pieces(stored), depth=_WINDOW * self._limit)
        with self._running:
            try:
                yield from self._in_order(pieces)
            finally:
                pieces.close()

    def close(self) -> None:
        self._closed = True
        self._running.acquire(timeout=5)  # a run in another thread sees that it is over
        for each in self._workers:
            each.process.terminate()
        for each in self._workers:
            each.process.join(5)
            if each.process.is_alive():
                each.process.kill()
                each.process.join()
            each.connection.close()
        self._workers.clear()

    def _in_order(self, pieces: Ahead[Piece]) -> Iterator[PieceResult]:
        taken = given = 0
        exhausted = False
        while not self._closed:
            while not exhausted and taken - given < _WINDOW * self._limit and len(self._waiting) < self._limit:
                try:
                    piece = pieces.poll(0 if taken > given else _TICK)
                except StopIteration:
                    exhausted = True
                    break
                if piece is None:
                    break
                self._take(taken, piece)
                taken += 1
            self._hand_out()
            while given in self._results:
                yield self._results.pop(given)
                given += 1
            if exhausted and given == taken:
                return
            if taken > given:
                self._attend(_TICK if not exhausted else _LOOK)

    def _take(self, order: int, piece: Piece) -> None:
        if piece.stored is not None:
            self._results[order] = result_of_stored(piece)
        else:
            self._waiting.append(_Task(order, piece))

    def _hand_out(self) -> None:
        while self._waiting:
            free = min(self._workers, key=lambda w: len(w.tasks), default=None)
            if (free is None or free.tasks) and len(self._workers) < self._limit:
                free = self._start()
            if free is None or len(free.tasks) >= _AT_WORKER:
                return
            task = self._waiting.popleft()
            if not free.tasks:
                free.since = time.monotonic()
            free.tasks.append(task)
            try:
                with _watched(free):
                    free.connection.send((task.piece, self._recipe))
            except OSError:
                self._bury(free)

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=worker.work, args=(theirs, self._load, self._threads), daemon=True)
        # a Ctrl-C reaches the whole group; workers are born deaf to it, and the command decides
        resource_tracker.ensure_running()  # which would lift the mask
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        started = _Worker(process, ours)
        self._workers.append(started)
        return started

    def _attend(self, timeout: float) -> None:
        """Take what the workers say, and notice who has died."""
        by_connection = {w.connection: w for w in self._workers}
        heard = wait(list(by_connection), timeout)  # a dead worker's pipe has an end to be read
        for connection in heard:
            each = by_connection[connection]  # type: ignore[index]
            try:
                with _watched(each):
                    said = each.connection.recv()
            except (EOFError, OSError):
                self._bury(each)
            else:
                self._hear(each, said)
        for each in [w for w in self._workers if w.hangs]:
            each.process.kill()
            self._bury(each)

    def _hear(self, each: _Worker, said: worker.Ready | worker.Unusable | PieceResult) -> None:
        if isinstance(said, worker.Unusable):
            raise ModelError(said.message)
        if isinstance(said, worker.Ready):
            each.ready = True
            each.since = time.monotonic()
            check_version(self._version or said.version, said.version)
            self._version, self._on_gpu = said.version, said.on_gpu
            return
        self._failed_starts = 0
        if said.counts.articles:
            self._dead_in_a_row = 0
        each.since = time.monotonic()
        self._done(each.tasks.popleft(), said)

    def _done(self, task: _Task, result: PieceResult) -> None:
        if task.split is None:
            self._results[task.order] = result
            return
        task.split.parts[task.index] = result
        parts = [part for part in task.split.parts if part is not None]
        if len(parts) == len(task.split.parts):
            self._results[task.order] = joined(task.split.piece, parts, self._recipe)

    def _bury(self, each: _Worker) -> None:
        """A worker is dead: what it was reading is suspect, what waited for it is not."""
        self._workers.remove(each)
        each.process.join(5)
        if each.process.is_alive():  # its pipe is closed, but it lingers
            each.process.kill()
            each.process.join()
        each.connection.close()
        if self._closed:
            return
        cause = _cause(each.process.exitcode)
        tasks = list(each.tasks)
        if not each.ready:
            self._failed_starts += 1
            if self._failed_starts >= _FAILED_STARTS:
                raise ModelError(f"workers {cause} while they load the model; try fewer --workers")
            self._limit = max(1, self._limit - 1)
        elif tasks:
            self._suspect(tasks.pop(0), cause)
        self._waiting.extendleft(reversed(tasks))

    def _suspect(self, task: _Task, cause: str) -> None:
        task.deaths += 1
        if task.split is not None:
            self._dead_in_a_row += 1
            if self._dead_in_a_row >= _DEAD_IN_A_ROW:
                raise ModelError(f"every worker that reads an article {cause}; try fewer --workers")
            self._done(task, refused_piece(task.piece, f"the worker that read it {cause}", self._recipe))
        elif task.deaths == 1:
            self._waiting.appendleft(task)
        else:
            split = _Split(task.piece, [None] * len(task.piece.records))
            alone = [replace(task.piece, records=(record,)) for record in task.piece.records]
            self._waiting.extendleft(
                _Task(task.order, piece, split=split, index=i) for i, piece in reversed(list(enumerate(alone)))
            )


def _cause(exitcode: int | None) -> str:
    if exitcode is None or exitcode >= 0:
        return f"ended with status {exitcode}"
    try:
        name = signal.Signals(-exitcode).name
    except ValueError:
        name = f"signal {-exitcode}"
    return f"was killed by {name}" + (" (out of memory?)" if -exitcode == signal.SIGKILL else "")
