"""What the scorer must beat: the commonest stance, a lexicon of leaning words, TF-IDF with logistic regression."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from quotestance.model.cues import lexicon
from quotestance.model.types import STANCES
from quotestance.training.labels import LabelledStatement
from quotestance.training.metrics import Labels

_WORD = re.compile(r"\w+")


class Baseline(Protocol):
    name: str

    def fit(self, statements: Sequence[LabelledStatement]) -> None: ...

    def predict(self, statements: Sequence[LabelledStatement]) -> Labels:
        """Indices into `STANCES`, one a statement."""
        ...


class Majority:
    name = "majority class"

    def fit(self, statements: Sequence[LabelledStatement]) -> None:
        commonest = Counter(s.stance for s in statements).most_common(1)[0][0]
        self._call = STANCES.index(commonest)

    def predict(self, statements: Sequence[LabelledStatement]) -> Labels:
        return np.full(len(statements), self._call)


class LeaningWords:
    """Counts the reader's verbs that lean to support or condemnation, in the quote and its cue; neutral when equal."""

    name = "lexicon"

    def fit(self, statements: Sequence[LabelledStatement]) -> None:
        self._lean = {
            word: form.cue.lean
            for word, forms in lexicon().verbs.items()
            for form in forms
            if form.cue.lean is not None and not form.cue.rest
        }

    def predict(self, statements: Sequence[LabelledStatement]) -> Labels:
        calls = []
        for statement in statements:
            words = (
                statement.quote.of(statement.text) + " " + (statement.cue.of(statement.text) if statement.cue else "")
            )
            leans = Counter(self._lean.get(w.lower()) for w in _WORD.findall(words))
            lean = leans["supportive"] - leans["condemning"]
            calls.append(STANCES.index("supportive" if lean > 0 else "condemning" if lean < 0 else "neutral"))
        return np.array(calls)


class BagOfWords:
    """TF-IDF of the quote's and cue's words and word pairs, with a balanced logistic regression."""

    name = "TF-IDF + logistic regression"

    def fit(self, statements: Sequence[LabelledStatement]) -> None:
        self._model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
            LogisticRegression(C=4.0, max_iter=2_000, class_weight="balanced"),
        )
        self._model.fit([_words(s) for s in statements], [STANCES.index(s.stance) for s in statements])

    def predict(self, statements: Sequence[LabelledStatement]) -> Labels:
        return np.asarray(self._model.predict([_words(s) for s in statements]))


def _words(statement: LabelledStatement) -> str:
    cue = statement.cue.of(statement.text) if statement.cue else ""
    return f"{cue} {statement.quote.of(statement.text)}"


BASELINES: tuple[type[Baseline], ...] = (Majority, LeaningWords, BagOfWords)
