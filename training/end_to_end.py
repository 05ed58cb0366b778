"""Nothing given but the article: are the right actors found with the right stance?"""

from collections.abc import Iterable, Sequence
from typing import Any

from quotestance.model.pipeline import Model
from quotestance.model.types import Article, ArticleError, Reading, StanceLabel
from quotestance.training.labels import LabelledArticle
from quotestance.training.reader_metrics import same_actor


def end_to_end(model: Model, articles: Sequence[LabelledArticle]) -> dict[str, Any]:
    """F1 of (actor, supportive or condemning) within each article, the target found by the model.

    An actor's true stance is that of most of its labelled non-neutral statements on the main strike. Each actor found
    counts for one labelled actor at most, first for one of its very name.
    """
    right = found = wanted = flipped = 0
    inputs = [Article(id=a.doc_id, text=a.text, title=a.title or None) for a in articles]
    for article, reading in zip(articles, model.read_many(inputs), strict=True):
        gold = _gold(article)
        ours = {} if isinstance(reading, ArticleError) else _ours(reading)
        wanted += len(gold)
        found += len(ours)
        for name, stance in _matched(gold, ours):
            right += ours[name] == stance
            flipped += ours[name] != stance
    return {
        "articles": len(articles),
        "precision": right / found if found else 0.0,
        "recall": right / wanted if wanted else 0.0,
        "f1": 2 * right / (found + wanted) if found + wanted else 0.0,
        "opposite": flipped,
    }


def _matched(gold: dict[str, StanceLabel], ours: Iterable[str]) -> list[tuple[str, StanceLabel]]:
    """The actors found that are labelled ones, with the labelled stance."""
    free, waiting = list(ours), []
    pairs = []
    for name, stance in gold.items():
        if name in free:
            free.remove(name)
            pairs.append((name, stance))
        else:
            waiting.append((name, stance))
    for name, stance in waiting:
        if match := next((n for n in free if same_actor(n, name)), None):
            free.remove(match)
            pairs.append((match, stance))
    return pairs


def _gold(article: LabelledArticle) -> dict[str, StanceLabel]:
    votes: dict[str, list[StanceLabel]] = {}
    for statement in article.statements:
        if statement.target == article.target and statement.stance != "neutral":
            votes.setdefault(statement.actor, []).append(statement.stance)
    return {actor: max(sorted(set(v)), key=v.count) for actor, v in votes.items()}


def _ours(reading: Reading) -> dict[str, StanceLabel]:
    return {a.actor.name: a.stance.label for a in reading.actors if a.stance and a.stance.label != "neutral"}
