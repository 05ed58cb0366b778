"""Splits that never part an article, and keep articles of one event together as far as dates tell."""

from collections.abc import Sequence

from quotestance.training.labels import LabelledArticle


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
