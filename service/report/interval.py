"""The mean score of a group of statements and how sure it is, with statements clustered in articles.

Statements of one article are no independent evidence: they share the reporter, the event and the model's mistakes.
So articles are what was sampled, and the mean over statements is a ratio of two sums over articles. Its variance is
the linearised one (Woodruff 1971; Cochran, Sampling Techniques, 1977, ch. 6 and 9A) with the correction G/(G−1) and
Student's t with G−1 degrees of freedom for G articles (Cameron and Miller, A Practitioner's Guide to Cluster-Robust
Inference, Journal of Human Resources 50(2), 2015). A bootstrap over articles would be random, and too narrow with few.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from scipy.special import stdtrit

UNITS = 10_000  # of a score: sums of whole numbers are the same in any order, so the page is the same to the byte
NEAR = 0.1  # of 0: many plain facts give a narrow interval that may miss 0 by a hair, which is no side taken
_UPPER = 0.975

Side = Literal["condemning", "neutral", "supportive", "unclear"]


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Sums over the articles of a group, scores in units of 1/10,000.

    `n` statements in `articles`; for an article with k statements whose scores sum to y: `y`, `yy`, `ky`, `kk` are the
    sums of y, y², k·y and k².
    """

    n: int
    articles: int
    y: int
    yy: int
    ky: int
    kk: int


@dataclass(frozen=True, slots=True)
class MeanScore:
    """`low` and `high` are None where one article is all there is: nothing says how articles differ."""

    mean: float
    low: float | None
    high: float | None

    @property
    def side(self) -> Side:
        """What the interval bears out: a side where all of it lies on that side of 0 and the mean beyond `NEAR`;
        `neutral` where all of it is within `NEAR` of 0; else `unclear`."""
        if self.low is None or self.high is None:
            return "unclear"
        if self.high < 0 and self.mean <= -NEAR:
            return "condemning"
        if self.low > 0 and self.mean >= NEAR:
            return "supportive"
        return "neutral" if self.low >= -NEAR and self.high <= NEAR else "unclear"


def mean_score(sums: ClusterSums) -> MeanScore:
    """The mean with its 95 % interval, cut off at −1 and 1. Raises ValueError when there is no statement."""
    if sums.n < 1:
        raise ValueError("a mean needs at least one statement")
    mean = sums.y / (sums.n * UNITS)
    if sums.articles < 2:
        return MeanScore(mean, None, None)
    # Σ(y − k·mean)², times n²: whole numbers, so nothing cancels
    residuals = sums.yy * sums.n**2 - 2 * sums.y * sums.n * sums.ky + sums.y**2 * sums.kk
    variance = sums.articles / (sums.articles - 1) * residuals / (sums.n**4 * UNITS**2)
    half = float(stdtrit(sums.articles - 1, _UPPER)) * sqrt(variance)
    return MeanScore(mean, max(-1.0, mean - half), min(1.0, mean + half))
