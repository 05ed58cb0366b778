"""Splits that never part an article, and keep articles on one event together."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from quotestance.model.types import STANCES
from quotestance.training.labels import LabelledArticle, statements_of

_SAME_EVENT_DAYS = 3  # articles with one strike's description and dates no further apart are on one event
_LARGEST_EVENT = 1 / 3  # share of the articles: a larger "event" is a habit of describing, and is split by article
_DRAWS = 64
_NAME = re.compile(r"\b[A-Z][\w’'-]+")
_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Split:
    """Three parts with no event in common. `by_article` says that one event was too large to be kept together."""

    training: tuple[LabelledArticle, ...]
    validation: tuple[LabelledArticle, ...]
    test: tuple[LabelledArticle, ...]
    by_article: bool = False


def by_event(
    articles: Sequence[LabelledArticle], share: float, seed: int = 0
) -> tuple[list[LabelledArticle], list[LabelledArticle]]:
    """(training, held out): dated articles are held out as one run of days, undated ones by their order.

    The run starts at a place that `seed` picks, so that other seeds hold out other events. Raises ValueError when
    `share` is not between 0 and 1 or leaves one side empty.
    """
    if not 0 < share < 1 or len(articles) < 2:
        raise ValueError(f"cannot hold out {share:.0%} of {len(articles)} articles")
    ordered = sorted(articles, key=lambda a: (a.date, a.doc_id))
    count = min(len(ordered) - 1, max(1, round(share * len(ordered))))
    start = (seed * count) % (len(ordered) - count + 1)
    held = ordered[start : start + count]
    return [*ordered[:start], *ordered[start + count :]], held


def three_ways(articles: Sequence[LabelledArticle], validation: float, test: float, seed: int = 0) -> Split:
    """Split whole events; either share may be 0. The order of `articles` does not matter.

    Of 64 draws that `seed` fixes the one is taken whose parts come nearest to the shares asked for and to the mix of
    stances of all. Raises ValueError when there are fewer articles than parts.
    """
    wanted = {"test": test, "validation": validation}
    parts = [name for name, share in wanted.items() if share]
    if len(articles) <= len(parts):
        raise ValueError(f"cannot split {len(articles)} articles into {len(parts) + 1} parts")
    ordered = sorted(articles, key=lambda a: (a.date, a.doc_id, a.text, [s.quote for s in a.statements]))
    groups, by_article = events_of(ordered), False
    if max(map(len, groups)) > max(1.0, _LARGEST_EVENT * len(ordered)) or len(groups) <= len(parts):
        groups, by_article = _same_text(ordered).of(ordered), True
    best: tuple[float, dict[str, list[LabelledArticle]]] | None = None
    for number in range(_DRAWS):
        drawn = _draw(groups, wanted, len(ordered), random.Random(f"{seed}/{number}"))
        cost = _distance(drawn, wanted, ordered)
        if best is None or cost < best[0]:
            best = (cost, drawn)
    if best is None or not all(best[1][name] for name in ("training", *parts)):
        raise ValueError(f"cannot split {len(articles)} articles into {len(parts) + 1} parts: too few differ")
    chosen = {name: tuple(part) for name, part in best[1].items()}
    return Split(chosen["training"], chosen["validation"], chosen["test"], by_article)


def events_of(articles: Sequence[LabelledArticle]) -> list[list[LabelledArticle]]:
    """Articles grouped by event: those with one `doc_id` or text, or one strike's description at about one time.

    Descriptions are the same when they share two or more names, or are equal and hold a name. "The strikes" says
    nothing about the event, so that only `doc_id` and text group such articles.
    """
    groups = _same_text(articles)
    by_strike: dict[object, list[int]] = {}
    for i, article in enumerate(articles):
        if (strike := _strike_key(article.target)) is not None:
            by_strike.setdefault(strike, []).append(i)
    for members in by_strike.values():
        undated = [i for i in members if _day(articles[i]) is None]
        dated = sorted((day, i) for i in members if (day := _day(articles[i])) is not None)
        for i in undated:
            groups.join(members[0], i)
        for (day, i), (next_day, j) in pairwise(dated):
            if next_day - day <= _SAME_EVENT_DAYS:
                groups.join(i, j)
    return groups.of(articles)


def _same_text(articles: Sequence[LabelledArticle]) -> "_Groups":
    groups = _Groups(len(articles))
    seen: dict[tuple[str, str], int] = {}
    for i, article in enumerate(articles):
        for key in (("doc_id", article.doc_id), ("text", article.text)):
            groups.join(seen.setdefault(key, i), i)
    return groups


def _strike_key(description: str | None) -> object | None:
    plain = _ARTICLE.sub("", description or "")
    names = frozenset(_NAME.findall(plain))
    if len(names) >= 2:
        return names
    return plain.casefold() if names else None


def _day(article: LabelledArticle) -> int | None:
    try:
        return date.fromisoformat(article.date[:10]).toordinal()
    except ValueError:
        return None


def _draw(
    groups: Sequence[list[LabelledArticle]], wanted: dict[str, float], total: int, rng: random.Random
) -> dict[str, list[LabelledArticle]]:
    """Groups in random order, each to the first part that is not full; the last to training."""
    parts: dict[str, list[LabelledArticle]] = {"training": [], "validation": [], "test": []}
    for k in rng.sample(range(len(groups)), len(groups)):
        group = groups[k]
        open_parts = [
            name
            for name, share in wanted.items()
            if share and len(parts[name]) + len(group) / 2 <= max(1, round(share * total))
        ]
        parts[open_parts[0] if open_parts else "training"] += group
    return parts


def _distance(
    parts: dict[str, list[LabelledArticle]], wanted: dict[str, float], articles: Sequence[LabelledArticle]
) -> float:
    whole = _mix(articles)
    shares = {**wanted, "training": 1 - sum(wanted.values())}
    cost = 0.0
    for name, share in shares.items():
        if share:
            mix = _mix(parts[name])
            cost += abs(len(parts[name]) / len(articles) - share) + sum(abs(mix[s] - whole[s]) for s in STANCES)
            cost += 10.0 * (not parts[name])
    return cost


def _mix(articles: Sequence[LabelledArticle]) -> dict[str, float]:
    counts = Counter(s.stance for s in statements_of(articles))
    return {stance: counts[stance] / max(1, counts.total()) for stance in STANCES}


class _Groups:
    """Sets of places that are joined step by step."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def join(self, one: int, other: int) -> None:
        a, b = self._root(one), self._root(other)
        self._parent[max(a, b)] = min(a, b)

    def of(self, articles: Sequence[LabelledArticle]) -> list[list[LabelledArticle]]:
        members: dict[int, list[LabelledArticle]] = {}
        for i, article in enumerate(articles):
            members.setdefault(self._root(i), []).append(article)
        return list(members.values())

    def _root(self, place: int) -> int:
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place
