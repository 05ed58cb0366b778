"""Whether two articles are about the same strike: a rule of thumb from its description, the headline and the date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quotestance.training.labelling.extra import extra
from quotestance.training.labels import LabelledArticle

DAYS = 7  # reactions to a strike are reported for about a week
ALIKE_DATED = 0.5  # cosine of the words, rare ones counting more
ALIKE_UNDATED = 0.8  # where nothing but the words speaks for it


@dataclass(frozen=True, slots=True)
class SameEvent:
    """A test article and the training article most like it, by index; `alike` is the cosine of their words."""

    test: int
    training: int
    alike: float


def same_events(training: Sequence[LabelledArticle], test: Sequence[LabelledArticle]) -> list[SameEvent]:
    """Test articles that are probably about an event in the training articles, each with the likest of these.

    Two articles are taken to be about the same event when the descriptions of their main strikes, or their headlines,
    are alike (TF-IDF, cosine): at least 0.5 where both are dated within a week, 0.8 where a date is missing. Articles
    without a strike are not compared. Raises InputError when scikit-learn is not installed.
    """
    ours = [i for i, article in enumerate(training) if article.target]
    theirs = [i for i, article in enumerate(test) if article.target]
    if not ours or not theirs:
        return []
    both = [training[i] for i in ours] + [test[i] for i in theirs]
    strikes = _cosines([article.target or "" for article in both], len(ours))
    headlines = _cosines([article.title for article in both], len(ours))
    found: list[SameEvent] = []
    for row, their in enumerate(theirs):
        best: SameEvent | None = None
        for column, our in enumerate(ours):
            alike = float(max(strikes[row][column], headlines[row][column]))
            apart = days_apart(training[our].date, test[their].date)
            if alike < (ALIKE_UNDATED if apart is None else ALIKE_DATED) or (apart or 0) > DAYS:
                continue
            if best is None or alike > best.alike:
                best = SameEvent(their, our, alike)
        if best is not None:
            found.append(best)
    return found


def days_apart(first: str, second: str) -> int | None:
    """Days between two ISO dates (a time after them is ignored), None where one is missing or of another form."""
    try:
        return abs((date.fromisoformat(first[:10]) - date.fromisoformat(second[:10])).days)
    except ValueError:
        return None


def _cosines(texts: Sequence[str], split: int) -> Any:
    """Cosines of the texts from `split` on with those before it, (texts after, texts before)."""
    vectorizer = extra("sklearn.feature_extraction.text").TfidfVectorizer(sublinear_tf=True, stop_words="english")
    try:
        vectors = vectorizer.fit_transform(texts)
    except ValueError:  # nothing but stop words
        return [[0.0] * split] * (len(texts) - split)
    return (vectors[split:] @ vectors[:split].T).toarray()
