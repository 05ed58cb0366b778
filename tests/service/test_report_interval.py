"""The mean score and its interval, against the definition and against what is known of it."""

import random

import pytest
from scipy.stats import t as students_t

from quotestance.service.report.interval import UNITS, ClusterSums, MeanScore, mean_score


def sums_of(articles: list[list[float]]) -> ClusterSums:
    each = [(len(scores), round(sum(scores) * UNITS)) for scores in articles]
    return ClusterSums(
        n=sum(k for k, _ in each),
        articles=len(each),
        y=sum(y for _, y in each),
        yy=sum(y * y for _, y in each),
        ky=sum(k * y for k, y in each),
        kk=sum(k * k for k, _ in each),
    )


def test_articles_of_one_statement_give_the_usual_t_interval() -> None:
    scores = [0.2, 0.5, -0.1, 0.3]
    found = mean_score(sums_of([[score] for score in scores]))
    mean = sum(scores) / 4
    error = (sum((score - mean) ** 2 for score in scores) / 3 / 4) ** 0.5
    assert found.mean == pytest.approx(mean)
    assert found.low == pytest.approx(mean - students_t.ppf(0.975, 3) * error)
    assert found.high == pytest.approx(mean + students_t.ppf(0.975, 3) * error)


def test_repeating_statements_within_articles_makes_nothing_surer() -> None:
    once = mean_score(sums_of([[0.2], [0.5], [-0.1]]))
    often = mean_score(sums_of([[0.2] * 9, [0.5] * 9, [-0.1] * 9]))
    assert often.low == pytest.approx(once.low)
    assert often.high == pytest.approx(once.high)


def test_one_article_has_no_interval() -> None:
    assert mean_score(sums_of([[0.5, 0.7]])) == MeanScore(pytest.approx(0.6), None, None)


def test_no_statement_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        mean_score(ClusterSums(0, 0, 0, 0, 0, 0))


def test_stays_within_the_scores() -> None:
    found = mean_score(sums_of([[0.9], [-0.8]]))
    assert (found.low, found.high) == (-1.0, 1.0)


def test_covers_the_truth_about_as_often_as_it_says() -> None:
    """Archives of 12 articles drawn from a world whose mean is 0.1; statements of an article lean together."""
    chance = random.Random(1)
    covered = 0
    for _ in range(400):
        leans = [0.1 + chance.gauss(0, 0.2) for _ in range(12)]
        articles = [[lean + chance.gauss(0, 0.1) for _ in range(chance.choice((1, 3, 5)))] for lean in leans]
        found = mean_score(sums_of(articles))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.1 <= found.high
    assert 0.90 <= covered / 400 <= 0.98


@pytest.mark.parametrize(
    ("score", "side"),
    [
        (MeanScore(-0.5, -0.9, -0.1), "condemning"),
        (MeanScore(0.5, 0.1, 0.9), "supportive"),
        (MeanScore(0.5, -0.1, 1.0), "unclear"),
        (MeanScore(-0.007, -0.008, -0.005), "neutral"),  # misses 0 by a hair
        (MeanScore(0.05, 0.01, 0.15), "unclear"),
        (MeanScore(0.9, None, None), "unclear"),
    ],
)
def test_side(score: MeanScore, side: str) -> None:
    assert score.side == side
