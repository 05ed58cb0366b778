"""Reading news articles and scoring stances: `load()` gives a `Model`; its `read` gives a `Reading`."""

from typing import TYPE_CHECKING

from quotestance.model.errors import InputError, LabelError, ModelError, QuotestanceError
from quotestance.model.settings import Settings
from quotestance.model.types import (
    STANCES,
    Actor,
    ActorStance,
    Article,
    ArticleError,
    Reading,
    Span,
    Stance,
    Statement,
    Target,
)

if TYPE_CHECKING:
    from quotestance.model.pipeline import Model, load

__all__ = [
    "STANCES",
    "Actor",
    "ActorStance",
    "Article",
    "ArticleError",
    "InputError",
    "LabelError",
    "Model",
    "ModelError",
    "QuotestanceError",
    "Reading",
    "Settings",
    "Span",
    "Stance",
    "Statement",
    "Target",
    "load",
]

_LAZY = ("Model", "load")


def __getattr__(name: str) -> object:
    # torch and transformers take seconds to import: the commands that need only the types do not wait for them
    if name in _LAZY:
        from quotestance.model import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
