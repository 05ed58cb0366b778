"""Our own passages mixed among new labels, so that a model keeps what it knew: few labels alone would ruin it.

Of the statements that a retrained model learns from, `SHARE` are replayed: half from the passages, half from the
contrast sets, drawn anew for each seed. A contrast set stays whole, since its members teach by their difference.
"""

import random
from collections.abc import Collection, Iterable, Sequence
from functools import cache

from quotestance.training.labels import LabelledArticle, read_labels, statements_of
from quotestance.training.own_data import CONTRAST_TRAIN, PASSAGES, set_of
from quotestance.training.training_record import text_key

SHARE = 0.5
SOURCES = (PASSAGES, CONTRAST_TRAIN)


def own_articles() -> list[list[LabelledArticle]]:
    """The articles of each file in `SOURCES`."""
    return [list(read_labels([path]).articles) for path in SOURCES]


@cache
def own_texts() -> frozenset[str]:
    """The keys of the passages that ship: the shipped model has learnt them, and retraining replays them."""
    return frozenset(text_key(a.text) for source in own_articles() for a in source)


def replayed(
    sources: Iterable[Sequence[LabelledArticle]],
    new_statements: int,
    share: float,
    seed: int,
    without: Collection[str] = (),
) -> list[LabelledArticle]:
    """Articles whose statements are `share` of all once `new_statements` are added, as near as whole sets allow.

    Each source gives the same number, or all it has. Texts in `without` are left out. Raises ValueError when the share
    is not in [0, 1).
    """
    if not 0 <= share < 1:
        raise ValueError(f"cannot replay a share of {share}")
    files = list(sources)
    wanted = round(new_statements * share / (1 - share))
    drawn: list[LabelledArticle] = []
    for number, articles in enumerate(files):
        quota = wanted * (number + 1) // len(files) - wanted * number // len(files)
        drawn += _draw([a for a in articles if a.text not in without], quota, random.Random(f"{seed}/replay/{number}"))
    return drawn


def _draw(articles: Sequence[LabelledArticle], quota: int, rng: random.Random) -> list[LabelledArticle]:
    sets: dict[str, list[LabelledArticle]] = {}
    for article in articles:
        sets.setdefault(set_of(article.doc_id), []).append(article)
    names = sorted(sets)
    rng.shuffle(names)
    drawn: list[LabelledArticle] = []
    count = 0
    for name in names:
        if count >= quota:
            break
        drawn += sets[name]
        count += len(statements_of(sets[name]))
    return drawn
