"""Splits that never part an article, and keep articles on one event together."""

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from quotestance.model.types import STANCES
from quotestance.training.events import events_of, sets_of, texts_of
from quotestance.training.labels import LabelledArticle, statements_of

_LARGEST_EVENT = 1 / 3  # share of the articles: a larger "event" is a habit of describing, and is split by article
_DRAWS = 64


@dataclass(frozen=True, slots=True)
class Split:
    """Three parts with no event in common, but where `by_article` says that it could not be done.

    One event was too large to be kept together, or too few articles are on events without a known text.
    """

    training: tuple[LabelledArticle, ...]
    validation: tuple[LabelledArticle, ...]
    test: tuple[LabelledArticle, ...]
    by_article: bool = False


def by_event(
    articles: Sequence[LabelledArticle], share: float, seed: int = 0
) -> tuple[list[LabelledArticle], list[LabelledArticle]]:
    """(training, held out): dated articles are held out as one run of days, undated ones by their order.

    Rows of one text and passages of one contrast set stay together. The run starts at a place that `seed` picks, so
    that other seeds hold out other events. Raises ValueError when `share` is not between 0 and 1 or leaves one side
    empty.
    """
    whole = sets_of(sorted(articles, key=lambda a: (a.date, a.doc_id)))
    if not 0 < share < 1 or len(whole) < 2:
        raise ValueError(f"cannot hold out {share:.0%} of {len(whole)} articles")
    count = min(len(whole) - 1, max(1, round(share * len(whole))))
    start = (seed * count) % (len(whole) - count + 1)
    training, held = [*whole[:start], *whole[start + count :]], whole[start : start + count]
    return [a for group in training for a in group], [a for group in held for a in group]


def three_ways(
    articles: Sequence[LabelledArticle],
    validation: float,
    test: float,
    seed: int = 0,
    known: Collection[str] = frozenset(),
) -> Split:
    """Split whole events; either share may be 0. The order of `articles` does not matter.

    Of 64 draws that `seed` fixes the one is taken whose parts come nearest to the shares asked for and to the mix of
    stances of all. An event with over a third of the articles is split by article, and so is every one where there are
    no more events than parts. Events with a `known` text are for training, and the shares are of the others; where
    these are too few, just the articles with such a text are. Raises ValueError when there are fewer articles than
    parts, InputError when scikit-learn is not installed.
    """
    wanted = {"test": test, "validation": validation}
    parts = [name for name, share in wanted.items() if share]
    if len(articles) <= len(parts):
        raise ValueError(f"cannot split {len(articles)} articles into {len(parts) + 1} parts")
    ordered = sorted(articles, key=lambda a: (a.date, a.doc_id, a.text, [s.quote for s in a.statements]))
    if not parts:
        return Split(tuple(ordered), (), ())
    events = events_of(ordered)
    most = max(1.0, _LARGEST_EVENT * len(ordered)) if len(events) > len(parts) else 0
    groups = [group for event in events for group in (texts_of(event) if len(event) > most else [event])]
    by_article = any(len(event) > most for event in events)
    kept, free = _apart(groups, known)
    if kept and len(free) <= len(parts):
        by_article = True
        kept, free = _apart(texts_of(ordered), known)
    if len(free) < len(parts):
        raise ValueError(f"{len(free)} articles are new to the model before: too few to hold some out")
    new = [article for group in free for article in group]
    best: tuple[float, dict[str, list[LabelledArticle]]] | None = None
    for number in range(_DRAWS):
        drawn = _draw(free, wanted, len(new), random.Random(f"{seed}/{number}"))
        cost = _distance(drawn, wanted, new)
        if best is None or cost < best[0]:
            best = (cost, drawn)
    if best is not None:
        best[1]["training"][:0] = kept
    if best is None or not all(best[1][name] for name in ("training", *parts)):
        raise ValueError(f"cannot split {len(articles)} articles into {len(parts) + 1} parts: too few differ")
    chosen = {name: tuple(part) for name, part in best[1].items()}
    return Split(chosen["training"], chosen["validation"], chosen["test"], by_article)


def _apart(
    groups: Sequence[list[LabelledArticle]], known: Collection[str]
) -> tuple[list[LabelledArticle], list[list[LabelledArticle]]]:
    """The articles of groups that hold a known text, and the other groups."""
    kept = [article for group in groups if any(a.text in known for a in group) for article in group]
    return kept, [group for group in groups if not any(a.text in known for a in group)]


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
