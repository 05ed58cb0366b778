"""Labels that are probably wrong: confident learning on what a cheap model thinks of statements it was not shown.

Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels"; the library is cleanlab.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from quotestance.model.types import STANCES, StanceLabel
from quotestance.training.extra import extra
from quotestance.training.labels import LabelledStatement

LEAST_STATEMENTS = 200
LEAST_OF_A_STANCE = 20
_FOLDS = 5
_SURE = 0.7  # of another stance; below it most of what is found is merely hard


@dataclass(frozen=True, slots=True)
class LikelyWrong:
    """A statement by index, the stance that the model gives it, and how sure the model is of that, 0 … 1."""

    statement: int
    suggested: StanceLabel
    probability: float


def can_be_looked_for() -> bool:
    """Whether cleanlab is installed: its licence is the AGPL, so the `train` extra does not bring it."""
    return find_spec("cleanlab") is not None


def enough_labels(statements: Sequence[LabelledStatement]) -> bool:
    """Whether there are enough statements, of each stance and from enough articles, to judge by."""
    counts = Counter(s.stance for s in statements)
    return (
        len(statements) >= LEAST_STATEMENTS
        and all(counts[stance] >= LEAST_OF_A_STANCE for stance in STANCES)
        and len({s.text for s in statements}) >= _FOLDS
    )


def likely_wrong(statements: Sequence[LabelledStatement]) -> list[LikelyWrong]:
    """Labels that confident learning finds wrong, the likeliest first. There must be `enough_labels`.

    Raises InputError when scikit-learn is not installed.
    """
    given = np.array([STANCES.index(s.stance) for s in statements])
    probabilities = out_of_fold(statements)
    found = extra("cleanlab.filter").find_label_issues(
        given, probabilities, return_indices_ranked_by="self_confidence", filter_by="both", n_jobs=1
    )
    suggested = probabilities.argmax(axis=1)
    return [
        LikelyWrong(int(i), STANCES[int(suggested[i])], float(probabilities[i, suggested[i]]))
        for i in found
        if suggested[i] != given[i] and probabilities[i, suggested[i]] >= _SURE
    ]


def out_of_fold(statements: Sequence[LabelledStatement]) -> NDArray[np.float64]:
    """(statements, stances) probabilities of each statement by a model fitted on other articles.

    TF-IDF of the words and word pairs of cue and quote, with logistic regression.
    """
    selection, linear = extra("sklearn.model_selection"), extra("sklearn.linear_model")
    text, pipeline = extra("sklearn.feature_extraction.text"), extra("sklearn.pipeline")
    model = pipeline.make_pipeline(
        text.TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        linear.LogisticRegression(C=4.0, max_iter=2_000),
    )
    words = [s.cue_and_quote for s in statements]
    labels = [STANCES.index(s.stance) for s in statements]
    result: NDArray[np.float64] = selection.cross_val_predict(
        model,
        words,
        labels,
        groups=[s.text for s in statements],
        cv=selection.GroupKFold(_FOLDS),
        method="predict_proba",
    )
    return result
