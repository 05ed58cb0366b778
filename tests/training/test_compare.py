"""Differences, verdicts and the number of labels to tell, on calls that are made up here."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from quotestance.model.types import STANCES
from quotestance.training.comparison.compare import chance_alone
from quotestance.training.comparison.paired import (
    Difference,
    accuracy,
    agreement,
    difference,
    kappa,
    macro_f1,
    mcnemar,
    mean_difference,
    stance_f1,
)
from quotestance.training.comparison.verdict import labels_to_tell, overall, verdict
from quotestance.training.metrics import f1
from quotestance.training.metrics import macro_f1 as plain_macro_f1

Calls = NDArray[np.int64]


def calls_with(truth: Calls, wrong: float, seed: int, only: int | None = None) -> Calls:
    """The truth with a share of it (of one stance, if `only`) turned to another stance."""
    rng = np.random.default_rng(seed)
    turned = rng.uniform(size=len(truth)) < wrong
    if only is not None:
        turned &= truth == only
    return np.where(turned, (truth + 1) % 3, truth)


def make(statements: int, old_wrong: float, new_wrong: float) -> tuple[list[str], Calls, Calls, Calls]:
    truth = np.arange(statements) % 3
    groups = [f"a{i // 5}" for i in range(statements)]
    return groups, truth, calls_with(truth, old_wrong, 1), calls_with(truth, new_wrong, 2)


def judged(statements: int, old_wrong: float, new_wrong: float, margin: float = 0.01):  # type: ignore[no-untyped-def]
    groups, truth, old, new = make(statements, old_wrong, new_wrong)
    return verdict(difference(groups, truth, old, new), statements, len(set(groups)), margin)


def test_figures_of_counts_are_those_of_the_metrics() -> None:
    _, truth, old, new = make(200, 0.3, 0.5)
    counts = np.zeros((3, 3))
    np.add.at(counts, (truth, new), 1)
    assert macro_f1(counts) == pytest.approx(plain_macro_f1(truth, new))
    assert stance_f1(2)(counts) == pytest.approx(f1(truth, new, 2))
    assert accuracy(counts) == pytest.approx((truth == new).mean())
    measured = difference([str(i) for i in range(200)], truth, old, new)
    assert measured.value == pytest.approx(plain_macro_f1(truth, new) - plain_macro_f1(truth, old))
    assert measured.low < measured.value < measured.high


def test_the_interval_is_that_of_the_difference_and_wider_by_article() -> None:
    truth = np.arange(300) % 3
    old = calls_with(truth, 0.3, 1)
    new = old.copy()
    # whole articles of ten are put right: as single statements that would look surer than it is
    for article in range(0, 30, 6):
        new[article * 10 : article * 10 + 10] = truth[article * 10 : article * 10 + 10]
    by_article = difference([f"a{i // 10}" for i in range(300)], truth, old, new)
    by_statement = difference([str(i) for i in range(300)], truth, old, new)
    assert by_article.value == pytest.approx(by_statement.value)
    assert by_article.high - by_article.low > 1.3 * (by_statement.high - by_statement.low)


def test_better_and_worse_are_told_from_enough_labels() -> None:
    assert judged(900, 0.4, 0.2).name == "better"
    assert judged(900, 0.2, 0.4).name == "worse"


def test_no_worse_is_a_matter_of_the_margin() -> None:
    groups, truth, old, _ = make(1500, 0.2, 0.2)
    new = old.copy()
    new[:3] = (truth[:3] + 1) % 3
    measured = difference(groups, truth, old, new)
    assert verdict(measured, 1500, 300, margin=0.01).name == "no worse"
    assert verdict(measured, 1500, 300, margin=0.0001).name != "no worse"


def test_cannot_tell_comes_with_the_labels_that_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quotestance.training.comparison.paired.ROUNDS", 1_000)
    groups, truth, old, new = make(150, 0.33, 0.25)
    measured = difference(groups, truth, old, new)
    found = verdict(measured, 150, 30)
    assert found.name == "can't tell"
    assert found.labels_to_tell is not None
    assert 300 < found.labels_to_tell < 3_000
    # with as many labels, a true difference of that size is indeed told most of the time
    told = 0
    for seed in range(20):
        n = found.labels_to_tell
        rng = np.random.default_rng(seed)
        drawn = rng.integers(0, 30, n // 5)
        rows = np.concatenate([np.arange(5) + 5 * a for a in drawn])
        groups = [f"d{i // 5}" for i in range(len(rows))]
        again = verdict(difference(groups, truth[rows], old[rows], new[rows]), len(rows), len(drawn))
        told += again.name != "can't tell"
    assert 13 <= told <= 20


def test_labels_to_tell_by_hand() -> None:
    # (1.96 + 0.84)² · 0.04² / 0.05² · 200 = 1004.7: the nearer verdict is `no worse`, 0.04 and a margin of 0.01 away
    assert labels_to_tell(Difference(0.04, -0.04, 0.12, 0.04), 200, 40, margin=0.01) == 1100
    # 0.03 below is further from 0 than from the margin
    assert labels_to_tell(Difference(-0.03, -0.1, 0.04, 0.03), 100, 20, margin=0.01) == 790
    assert labels_to_tell(Difference(0.0, -0.1, 0.1, 0.0001), 8, 4, margin=0.01) == 20


@pytest.mark.parametrize(("statements", "articles"), [(19, 19), (100, 4)])
def test_too_few_cannot_tell_whatever_they_show(statements: int, articles: int) -> None:
    assert verdict(Difference(0.5, 0.4, 0.6, 0.01), statements, articles).name == "can't tell"


def test_agreement_on_few_statements_is_not_shown_to_be_equality() -> None:
    truth = np.arange(60) % 3
    groups = [str(i) for i in range(60)]
    few = verdict(difference(groups, truth, truth, truth), 60, 60)
    assert few.name == "can't tell"
    truth = np.arange(600) % 3
    many = verdict(difference([str(i) for i in range(600)], truth, truth, truth), 600, 600)
    assert many.name == "no worse"


def test_worse_on_one_stance_is_named_though_better_on_average() -> None:
    truth = np.arange(900) % 3
    groups = [f"a{i // 5}" for i in range(900)]
    # supportive and neutral taken for one another, condemning always right; the new one the other way round
    swapped = np.random.default_rng(1).uniform(size=900) < 0.4
    old = np.where(swapped & (truth < 2), 1 - truth, truth)
    new = calls_with(truth, 0.3, 3, only=2)
    per_stance = {
        name: difference(groups, truth, old, new, stance_f1(k), units=300)
        for k, name in enumerate(("supportive", "neutral", "condemning"))
    }
    found = verdict(difference(groups, truth, old, new), 900, 180, per_stance=per_stance)
    assert found.name == "better"
    assert found.worse_on == ("condemning",)


def test_one_verdict_over_the_parts_is_the_least_favourable() -> None:
    named = {d.name: d for d in (judged(900, 0.4, 0.2), judged(900, 0.2, 0.4), judged(60, 0.3, 0.29))}
    better, worse, unsure = named["better"], named["worse"], named["can't tell"]
    assert overall([better, worse]) == "worse"
    assert overall([better, unsure]) == "can't tell"
    assert overall([better]) == "better"


def test_mcnemar_is_exact() -> None:
    truth = np.zeros(10, np.int64)
    old, new = np.array([1, 0, 0, 0, 0, 0, 0, 0, 1, 1]), np.array([0, 1, 1, 1, 1, 1, 1, 0, 1, 1])
    found = mcnemar(truth, old, new)
    assert (found.right_to_wrong, found.wrong_to_right) == (6, 1)
    assert found.p == pytest.approx(2 * (1 + 7) / 2**7)
    assert mcnemar(truth, old, old).p == 1.0


def test_kappa_is_none_where_labels_are_shuffled() -> None:
    groups, truth, old, _ = make(300, 0.2, 0.2)
    assert agreement(groups, truth, old).low > 0.5
    shuffled = np.random.default_rng(0).permutation(truth)
    found = agreement(groups, shuffled, old)
    assert found.low < 0 < found.high
    # two of four right where chance gives 10 of 16
    counts = np.array([[2, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert kappa(counts) == pytest.approx((0.5 - 10 / 16) / (1 - 10 / 16))
    assert kappa(np.diag([4, 0, 0])) == 0.0


def told(truth: Any, calls: Any) -> str | None:
    """What is said of two labels each in articles, going by how well the calls agree with them."""
    found = agreement([f"a{i // 2}" for i in range(len(truth))], truth, calls)
    counts = {name: {"statements": int((truth == k).sum())} for k, name in enumerate(STANCES)}
    return chance_alone({"per_stance": counts, "new": {"agreement": asdict(found)}, "articles": (len(truth) + 1) // 2})


@pytest.mark.parametrize("statements", [12, 24, 60])
def test_shuffled_labels_say_nothing_however_few(statements: int) -> None:
    calls = np.arange(statements) % 3
    nearly = np.where(np.arange(statements) % 8 == 7, (calls + 1) % 3, calls)
    assert told(nearly, calls) is None
    said = [told(np.random.default_rng(seed).permutation(nearly), calls) for seed in range(100)]
    assert sum(s is None for s in said) <= 8  # of 100 shufflings, 2 or 3 are above a 95 % interval by chance
    assert "cannot be told from chance" in next(s for s in said if s)


def test_labels_of_one_stance_have_no_chance_to_tell_from() -> None:
    assert told(np.zeros(30, np.int64), np.zeros(30, np.int64)) is None


def test_a_mean_differs_by_what_is_added() -> None:
    groups, _, _, _ = make(100, 0.0, 0.0)
    values = np.random.default_rng(0).uniform(size=100)
    found = mean_difference(groups, values, values + 0.25)
    assert (found.value, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))


@pytest.mark.parametrize(("statements", "articles", "enough"), [(40, 4, False), (19, 19, False), (20, 5, True)])
def test_a_mean_of_too_few_is_not_shown_to_differ(statements: int, articles: int, enough: bool) -> None:
    groups = [f"a{i % articles}" for i in range(statements)]
    found = mean_difference(groups, np.zeros(statements), np.full(statements, 0.5))
    assert found.value == 0.5
    assert (found.low > 0) == enough
    assert mean_difference(groups, np.full(statements, 0.5), np.zeros(statements)).high == (-0.5 if enough else 0)


@pytest.mark.parametrize(("articles", "enough"), [(1, False), (2, False), (4, False), (6, True)])
def test_agreement_within_few_articles_is_not_told_from_chance(articles: int, enough: bool) -> None:
    truth = np.arange(2 * articles) % 3
    found = agreement([f"a{i // 2}" for i in range(2 * articles)], truth, truth)
    assert (found.value, found.low > 0) == (pytest.approx(1.0), enough)
    said = told(truth, truth)
    assert (said is None) == enough
    assert enough or f"on {articles} articles; at least 5 would tell" in str(said)


def test_worse_on_one_stance_takes_enough_articles() -> None:
    lower = {"condemning": Difference(-0.5, -0.9, -0.1, 0.1)}
    measured = Difference(0.0, -0.1, 0.1, 0.1)
    assert verdict(measured, 100, 4, per_stance=lower).worse_on == ()
    assert verdict(measured, 100, 5, per_stance=lower).worse_on == ("condemning",)


def test_nothing_to_compare_on_is_an_error() -> None:
    empty = np.array([], np.int64)
    with pytest.raises(ValueError, match="no statements"):
        difference([], empty, empty, empty)
