"""A scored article as the archive's outputs have it: the JSON object with its language, and the rows of the tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from quotestance.model.types import Article, Reading, Stance, Target
from quotestance.service.archive.language import Language
from quotestance.service.reading_json import reading_json, stance_json


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """A reading and the language of its text. An article in another language is listed, without statements."""

    reading: Reading
    language: Language

    @property
    def scored(self) -> bool:
        return self.language.english

    def json(self) -> dict[str, Any]:
        """The object that `read --json` prints, and `language` and `scored`."""
        return reading_json(self.reading) | {"language": self.language.code, "scored": self.scored}


def unread(article: Article, language: Language, model: str) -> ScoredArticle:
    """An article that is listed only."""
    return ScoredArticle(Reading(article, targets=(), statements=(), actors=(), model=model), language)


def statement_rows(article: ScoredArticle) -> Iterator[dict[str, Any]]:
    """The rows of the table of statements."""
    reading = article.reading
    for index, (statement, fields) in enumerate(zip(reading.statements, article.json()["statements"], strict=True)):
        stances = _stances(reading.targets, statement.stances)
        yield {
            **fields,
            "article_id": reading.article.id,
            "index": index,
            **_columns(statement.stance),
            "stances": stances,
        }


def article_row(article: ScoredArticle) -> dict[str, Any]:
    """The row of the table of articles."""
    reading = article.reading
    targets = [{"text": target.text, "source": target.source} for target in reading.targets]
    actors = [
        {
            "actor": actor.actor.name,
            "actor_type": actor.actor.type,
            **_columns(actor.stance),
            "statements": list(actor.statements),
            "stances": _stances(reading.targets, actor.stances),
        }
        for actor in reading.actors
    ]
    head = {key: getattr(reading.article, key) for key in ("id", "title", "date", "source", "url")}
    return {
        **head,
        "target": targets[0] if targets else None,
        "targets": targets,
        "actors": actors,
        "statement_count": len(reading.statements),
        "language": article.language.code,
        "scored": article.scored,
        "truncated": reading.truncated,
        "model": reading.model,
    }


def _columns(stance: Stance | None) -> dict[str, Any]:
    """A stance with its probabilities as columns."""
    fields = stance_json(stance)
    probabilities = fields.pop("probabilities") or {}
    return fields | {f"p_{label}": probabilities.get(label) for label in ("supportive", "neutral", "condemning")}


def _stances(targets: Sequence[Target], stances: Sequence[Stance]) -> list[dict[str, Any]]:
    return [{"target": t.text, **_columns(stance)} for t, stance in zip(targets, stances, strict=True)]
