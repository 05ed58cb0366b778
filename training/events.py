"""Which articles are about one event: a rule of thumb from their strikes' descriptions, headlines and dates.

`train` splits by it, and `labels check` warns by it, so that a split made by the one passes the other.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quotestance.training.extra import extra
from quotestance.training.labels import LabelledArticle
from quotestance.training.own_data import set_of

DAYS = 7  # reactions to a strike are reported for about a week
ALIKE_DATED = 0.5  # cosine of the words, rare ones counting more
ALIKE_UNDATED = 0.8  # where nothing but the words speaks for it
_ROWS = 256  # of cosines at a time
_NAME = re.compile(r"\b[A-Z][\w’'-]+")
_KINDS = re.compile(
    r"^(?:air|airstrikes?|artillery|attacks?|bombing|cross-border|drone|military|missile|naval|raids?|retaliatory|rocket"
    r"|shelling|strikes?)\b\s*",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SameEvent:
    """Two articles by index, `first` before `second`; `alike` is the cosine of their words."""

    first: int
    second: int
    alike: float


def same_events(articles: Sequence[LabelledArticle]) -> Iterator[SameEvent]:
    """Pairs of articles that are probably about one event.

    These are articles whose main strikes' descriptions, or whose headlines, are alike (TF-IDF, cosine): at least 0.5
    where both are dated within a week, 0.8 where a date is missing. A description without a name, "the strikes", says
    nothing about the event; articles without a strike are not compared. Raises InputError when scikit-learn is not
    installed.
    """
    places = [i for i, article in enumerate(articles) if article.target]
    days = [_day(articles[i]) for i in places]
    strikes = _vectors([_telling(articles[i].target or "") for i in places])
    headlines = _vectors([articles[i].title for i in places])
    for start in range(0, len(places), _ROWS):
        rows = slice(start, start + _ROWS)
        for row, column, alike in _alike(strikes, headlines, rows):
            if column >= row:
                continue
            one, other = days[column], days[row]
            apart = None if one is None or other is None else abs(one - other)
            if alike >= (ALIKE_UNDATED if apart is None else ALIKE_DATED) and (apart or 0) <= DAYS:
                yield SameEvent(places[column], places[row], alike)


def events_of(articles: Sequence[LabelledArticle]) -> list[list[LabelledArticle]]:
    """Articles grouped by event: those of `same_events`, and those with one `doc_id` or text. Raises InputError."""
    groups = _same_text(articles)
    for same in same_events(articles):
        groups.join(same.first, same.second)
    return groups.of(articles)


def texts_of(articles: Sequence[LabelledArticle]) -> list[list[LabelledArticle]]:
    """Articles grouped by `doc_id` and text alone."""
    return _same_text(articles).of(articles)


def sets_of(articles: Sequence[LabelledArticle]) -> list[list[LabelledArticle]]:
    """Articles grouped by `doc_id`, text and contrast set."""
    groups = _same_text(articles)
    first: dict[str, int] = {}
    for i, article in enumerate(articles):
        groups.join(first.setdefault(set_of(article.doc_id), i), i)
    return groups.of(articles)


def _telling(description: str) -> str:
    # a capital that only opens the description is no name
    return description if _NAME.search(_KINDS.sub("", _ARTICLE.sub("", description), count=1)) else ""


def _day(article: LabelledArticle) -> int | None:
    """The day of an ISO date (a time after it is ignored), None where it is missing or of another form."""
    try:
        return date.fromisoformat(article.date[:10]).toordinal()
    except ValueError:
        return None


def _vectors(texts: Sequence[str]) -> Any:
    """TF-IDF vectors of length 1, or 0 for a text without words, (texts, words); None where no text has any."""
    vectorizer = extra("sklearn.feature_extraction.text").TfidfVectorizer(sublinear_tf=True, stop_words="english")
    try:
        return vectorizer.fit_transform(texts)
    except ValueError:  # nothing but stop words
        return None


def _alike(strikes: Any, headlines: Any, rows: slice) -> Iterator[tuple[int, int, float]]:
    """(row, column, cosine) of the pairs in these rows that are alike at all, by either."""
    cosines = [(vectors[rows] @ vectors.T).toarray() for vectors in (strikes, headlines) if vectors is not None]
    if not cosines:
        return
    best = cosines[0] if len(cosines) == 1 else cosines[0].clip(min=cosines[1])
    for row, column in zip(*(best >= ALIKE_DATED).nonzero(), strict=True):
        yield rows.start + int(row), int(column), float(best[row, column])


def _same_text(articles: Sequence[LabelledArticle]) -> "_Groups":
    groups = _Groups(len(articles))
    seen: dict[tuple[str, str], int] = {}
    for i, article in enumerate(articles):
        for key in (("doc_id", article.doc_id), ("text", article.text)):
            groups.join(seen.setdefault(key, i), i)
    return groups


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
