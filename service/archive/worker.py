"""A worker process: its own model, one piece at a time, until its pipe is closed or the command is gone."""

import contextlib
import multiprocessing
import os
import queue
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from quotestance.model.errors import QuotestanceError
from quotestance.service.archive.engine import Load
from quotestance.service.archive.pieces import Piece, Recipe
from quotestance.service.archive.score_piece import score_piece
from quotestance.service.loading import ReadsArticles

Task = tuple[Piece, Recipe]


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is loaded."""

    version: str
    on_gpu: bool


@dataclass(frozen=True, slots=True)
class Unusable:
    """The model cannot be loaded, or fails on everything: one line for the user."""

    message: str


def work(connection: Connection, load: Load, threads: int) -> None:
    """Say Ready, then answer each task with its PieceResult, in order; or say Unusable and leave."""
    _limit_threads(threads)
    _be_first_to_go()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
    # a thread empties the pipe, so that the command never waits for a busy worker
    threading.Thread(target=_receive, args=(connection, tasks), daemon=True).start()
    try:
        model = load()
        connection.send(Ready(model.version, _on_gpu()))
        _answer(connection, model, tasks)
    except QuotestanceError as error:
        connection.send(Unusable(str(error)))
    except (BrokenPipeError, ConnectionResetError):
        pass  # the command is gone


def _answer(connection: Connection, model: ReadsArticles, tasks: "queue.SimpleQueue[Task | None]") -> None:
    while (task := tasks.get()) is not None:
        piece, recipe = task
        connection.send(score_piece(model, piece, recipe))


def _receive(connection: Connection, tasks: "queue.SimpleQueue[Task | None]") -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            tasks.put(connection.recv())
    tasks.put(None)


def _limit_threads(threads: int) -> None:
    """Best before torch is imported: cores are divided by workers, not fought for."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)
    if threads == 1:
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
    if torch := sys.modules.get("torch"):  # a program of the user's own imports it first: spawned, it runs anew here
        torch.set_num_threads(threads)


def _be_first_to_go() -> None:
    """Where memory runs out, Linux should end a worker, which is replaced, and not the command."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _on_gpu() -> bool:
    torch = sys.modules.get("torch")
    return bool(torch and torch.cuda.is_available())
