"""The model as the commands see it, loaded only when a command has checked everything else."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from quotestance.model.types import Article, ArticleError, Reading, Stance
from quotestance.service.quick_imports import quick_imports
from quotestance.service.torch_environment import keep_few_shapes


class ReadsArticles(Protocol):
    """What `read` and `score` need of a model; results come in order, an ArticleError where one was refused."""

    @property
    def version(self) -> str: ...

    def read_many(
        self, articles: Iterable[Article], target: str | Sequence[str] | None = None
    ) -> Iterator[Reading | ArticleError]: ...


class JudgesRows(Protocol):
    """What `stance` needs of a model."""

    @property
    def version(self) -> str: ...

    def stance(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Stance | ArticleError]: ...


class LoadedModel(ReadsArticles, JudgesRows, Protocol):
    """Both together: `quotestance.model.Model` fits."""


def load_model(folder: Path | None) -> LoadedModel:
    """The shipped model, or the one in `folder`. Raises ModelError when it cannot be used."""
    return import_loader()(folder)


@cache
def import_loader() -> Callable[[Path | None], LoadedModel]:
    """What loads a model; torch and transformers are imported for it, once, which takes seconds."""
    keep_few_shapes()
    with quick_imports():
        from quotestance.model import load

        return load
