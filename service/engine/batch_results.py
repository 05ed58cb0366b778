"""A batch of articles and rows through the model, so that no item can spoil its neighbours' results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quotestance.model.types import Article, ArticleError
from quotestance.service.engine.work import Item, Result, Row, Work
from quotestance.service.loading import LoadedModel


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item; `failure` is what the model raised on it, where it raised."""

    work: Work
    result: Result
    failure: Exception | None = None


def batch_results(model: LoadedModel, batch: Sequence[Work], is_wanted: Callable[[Work], bool]) -> list[Outcome]:
    """An outcome for each item. Where a batch raises, its items are tried one by one, if they are still wanted.

    What the model raises lands in the outcomes; only what is no Exception (an exit, an interrupt) is passed on.
    """
    outcomes: list[Outcome] = []
    for kind in (Article, Row):
        works = [work for work in batch if isinstance(work.item, kind)]
        if not works:
            continue
        try:
            outcomes += _together(model, works)
        except Exception as error:
            if len(works) == 1:
                outcomes.append(_failed(works[0], error))
            else:
                outcomes += [_alone(model, work) for work in works if is_wanted(work)]
    return outcomes


def _alone(model: LoadedModel, work: Work) -> Outcome:
    try:
        return _together(model, [work])[0]
    except Exception as error:
        return _failed(work, error)


def _together(model: LoadedModel, works: Sequence[Work]) -> list[Outcome]:
    results = _computed(model, [work.item for work in works])
    return [Outcome(work, result) for work, result in zip(works, results, strict=True)]


def _computed(model: LoadedModel, items: Sequence[Item]) -> list[Result]:
    rows = [item.fields for item in items if isinstance(item, Row)]
    if rows:
        return list(model.stance(rows))
    return list(model.read_many([item for item in items if isinstance(item, Article)]))


def _failed(work: Work, error: Exception) -> Outcome:
    # the exception's own words may quote the text or a path: its kind is enough for a caller
    reason = f"the model failed on this item ({type(error).__name__})"
    return Outcome(work, ArticleError(work.item.id, reason), error)
