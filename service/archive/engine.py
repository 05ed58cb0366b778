"""The seam between the `score` command and what does the work: on this machine, or on several."""

from collections.abc import Callable, Iterator
from typing import Protocol

from quotestance.model.errors import ModelError
from quotestance.service.archive.ahead import Ahead
from quotestance.service.archive.pieces import PieceResult, Stored, Work, result_of_stored
from quotestance.service.archive.score_piece import score_piece
from quotestance.service.loading import ReadsArticles

Load = Callable[[], ReadsArticles]


class Engine(Protocol):
    """Scores pieces. Every engine gives the same results, so a run may go on with another one.

    Only the last digits may differ where a model computes with more than one thread, as in the command's own process.
    """

    @property
    def version(self) -> str:
        """The model's."""
        ...

    def run(self, work: Work, stored: Stored | None) -> Iterator[PieceResult]:
        """The results of `work.pieces(stored)`, in order, with bounded memory.

        An article that cannot be scored, even one that kills a worker, is refused and costs no other. Raises ModelError
        where nothing can be scored, and what reading raises.
        """
        ...

    def close(self) -> None: ...


def check_version(expected: str, version: str) -> None:
    """Raises ModelError where a worker has another model than the first: one output is one model's."""
    if version != expected:
        raise ModelError(f"a worker has loaded the model {version}, the others {expected}: the model was replaced")


class InProcessEngine:
    """Scores in this process, while the next pieces are read in a thread."""

    def __init__(self, load: Load) -> None:
        self._model = load()

    @property
    def version(self) -> str:
        return self._model.version

    def run(self, work: Work, stored: Stored | None) -> Iterator[PieceResult]:
        pieces = Ahead(work.pieces(stored), depth=2)
        try:
            for piece in pieces:
                yield (
                    result_of_stored(piece)
                    if piece.stored is not None
                    else score_piece(self._model, piece, work.recipe)
                )
        finally:
            pieces.close()

    def close(self) -> None:
        """Nothing is held."""
