"""Which articles to label next: those of which the model is unsure, and that differ from each other.

Uncertainty is entropy (Settles 2009, "Active Learning Literature Survey"); articles are picked one by one for it and
against their likeness to those picked before, as maximal marginal relevance does (Carbonell and Goldstein 1998, "The
Use of MMR, Diversity-Based Reranking"). Likeness is the cosine of latent semantic vectors (Deerwester et al. 1990).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quotestance.training.extra import extra

HARDEST = 3  # statements of an article that count: one hard statement among plain ones is little to learn from
BALANCE = 0.5  # of uncertainty against likeness
_DIMENSIONS = 128

Vectors = NDArray[np.float64]


def uncertainty(distributions: Sequence[Sequence[float]]) -> float:
    """How unsure the model is of an article, 0 … 1: the mean entropy of its three least sure statements.

    Entropy is divided by that of the even distribution. Statements that are not there count as sure.
    """
    entropies = sorted((_entropy(p) for p in distributions), reverse=True)[:HARDEST]
    return sum(entropies) / HARDEST


def semantic_vectors(texts: Sequence[str]) -> Vectors:
    """(texts, dimensions) vectors of length 1, or 0 for a text of stop words; the same texts give the same.

    Raises InputError when scikit-learn is not installed.
    """
    text, decomposition = extra("sklearn.feature_extraction.text"), extra("sklearn.decomposition")
    try:
        words = text.TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    except ValueError:  # nothing but stop words
        return np.zeros((len(texts), 1))
    dimensions = min(_DIMENSIONS, min(words.shape) - 1)
    if dimensions < 2:
        found: Vectors = words.toarray()
    else:
        found = decomposition.TruncatedSVD(dimensions, random_state=0).fit_transform(words)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    normalised: Vectors = found / np.where(lengths > 1e-12, lengths, 1.0)
    return normalised


def pick(uncertainties: Sequence[float], vectors: Vectors, labelled: Vectors, count: int) -> list[int]:
    """Indices of `count` articles (or all), the one most worth labelling first; ties go to the earlier article.

    `vectors` are the articles', `labelled` those of what is labelled already, both (articles, dimensions).
    """
    unsure = np.asarray(uncertainties)
    likeness = (vectors @ labelled.T).max(axis=1) if len(labelled) else np.zeros(len(vectors))
    free = np.ones(len(vectors), dtype=bool)
    picked: list[int] = []
    while len(picked) < min(count, len(vectors)):
        # rounded, so that the last bits of a sum do not decide
        worth = np.round(BALANCE * unsure - (1 - BALANCE) * likeness, 9)
        best = int(np.where(free, worth, -np.inf).argmax())
        picked.append(best)
        free[best] = False
        likeness = np.maximum(likeness, vectors @ vectors[best])
    return picked


def _entropy(distribution: Sequence[float]) -> float:
    p = np.clip(np.asarray(distribution, dtype=float), 0.0, None)
    p = p[p > 0] / p.sum() if p.sum() > 0 else p[:0]
    return float(-(p * np.log(p)).sum() / np.log(len(distribution))) if len(p) else 0.0
