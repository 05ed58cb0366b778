"""What requests must look like: nothing unknown, nothing converted, every text valid Unicode."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quotestance.model.types import Article
from quotestance.service.archive.records import content_id
from quotestance.service.engine.work import Row

_SHORT = 2_000  # characters; names, headlines and targets are far below it

Short = Annotated[str, Field(max_length=_SHORT)]
Targets = Annotated[str, Field(max_length=_SHORT)] | Annotated[list[Short], Field(min_length=1)]


class Strict(BaseModel):
    """Takes nothing that it does not know, and converts nothing."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class ArticleIn(Strict):
    """One article; `target` asks about a strike of your choice, without it the article's main strike is found."""

    id: Short | None = None
    text: str
    title: Short | None = None
    date: Short | None = None
    source: Short | None = None
    url: Short | None = None
    target: Targets | None = None

    def article(self, target: Targets | None) -> Article:
        """As the model takes it; `target` is the request's, which the article's own goes before."""
        return Article(
            id=self.id or content_id(self.text),
            text=self.text,
            title=self.title,
            date=self.date,
            source=self.source,
            url=self.url,
            target=_frozen(target if self.target is None else self.target),
        )


class ArticlesRequest(Strict):
    """The body of `POST /v1/articles`; `target` holds for every article that has none of its own."""

    articles: Annotated[list[ArticleIn], Field(min_length=1)]
    target: Targets | None = None


class InputIn(Strict):
    """A text whose actor and target are known; `quote`, where given, is a part of `text`."""

    id: Short | None = None
    text: str
    actor: Short
    target: Short
    quote: Annotated[str, Field(min_length=1)] | None = None

    def row(self) -> Row:
        """As the engine takes it, with an id."""
        texts = [t for t in (self.text, self.actor, self.target, self.quote) if t is not None]
        return Row(self.id or content_id(*texts), self.text, self.actor, self.target, self.quote)


class StanceRequest(Strict):
    """The body of `POST /v1/stance`."""

    inputs: Annotated[list[InputIn], Field(min_length=1)]


def _frozen(target: Targets | None) -> str | tuple[str, ...] | None:
    return tuple(target) if isinstance(target, list) else target
