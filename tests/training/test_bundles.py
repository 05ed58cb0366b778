"""Statements of one contrast set or article are learnt side by side."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from quotestance.model.scorer import ScorerConfig
from quotestance.training.base import load_base
from quotestance.training.bundles import bundle_loss, bundles_of
from quotestance.training.labels import read_labels
from quotestance.training.schedule import Schedule
from quotestance.training.train_scorer import ScorerTraining, train_scorer

SUPPORTIVE, NEUTRAL, CONDEMNING = 0, 1, 2


def loss(logits: list[list[float]], labels: list[int], bundles: list[int], weights: list[float] | None = None) -> float:
    ones = [1.0] * len(labels) if weights is None else weights
    return float(bundle_loss(torch.tensor(logits), torch.tensor(labels), torch.tensor(bundles), torch.tensor(ones)))


def test_members_of_a_set_and_voices_of_an_article_are_one_bundle(labels: Path) -> None:
    one = read_labels([labels]).statements[0]
    ids = ["set-1a", "set-1a", "set-1b", "set-2a", "as-x", "as-x", "set-2b", "set-1a", "as-x", "set-1b"]
    assert bundles_of([replace(one, doc_id=i) for i in ids]) == [0, 0, 0, 1, 2, 2, 1, 3, 4, 3]


def test_what_two_statements_share_does_not_count_but_what_tells_them_apart_does() -> None:
    labels, bundles = [SUPPORTIVE, CONDEMNING], [4, 4]
    alike = loss([[1.0, 0.0, 2.0], [1.0, 0.0, 2.0]], labels, bundles)
    assert alike == pytest.approx(0.6931, abs=1e-4)  # even odds
    assert loss([[3.0, 0.0, 2.0], [3.0, 0.0, 2.0]], labels, bundles) == pytest.approx(alike)
    # the difference alone counts, even where both are called condemning
    apart = loss([[1.0, 0.0, 2.0], [-1.0, 0.0, 4.0]], labels, bundles)
    wrong_way = loss([[-1.0, 0.0, 4.0], [1.0, 0.0, 2.0]], labels, bundles)
    assert apart < alike < wrong_way


def test_only_statements_of_one_bundle_with_different_stances_are_compared() -> None:
    logits = [[5.0, 0.0, -5.0], [4.0, 1.0, 0.0]]
    assert loss(logits, [SUPPORTIVE, CONDEMNING], [1, 2]) == 0.0
    assert loss(logits, [NEUTRAL, NEUTRAL], [1, 1]) == 0.0
    assert loss(logits, [SUPPORTIVE, CONDEMNING], [1, 1]) > 0.0
    assert loss(logits, [SUPPORTIVE, CONDEMNING], [1, 1], [1.0, 0.0]) == 0.0


def test_a_pair_counts_as_much_as_its_less_certain_member() -> None:
    good, bad = [[9.0, 0.0, 0.0], [0.0, 0.0, 9.0]], [[0.0, 0.0, 9.0], [9.0, 0.0, 0.0]]
    labels, bundles = [SUPPORTIVE, CONDEMNING] * 2, [1, 1, 2, 2]
    sure, unsure = (loss(good + bad, labels, bundles, [1.0, 1.0, 1.0, w]) for w in (1.0, 0.1))
    assert unsure == pytest.approx(sure * 2 * 0.1 / 1.1, rel=1e-3)


def test_a_schedule_keeps_bundles_together_as_far_as_they_fit() -> None:
    lengths = [10, 12, 30, 11, 10, 50, 12, 12, 12, 12, 12, 9]
    bundles = [0, 0, 1, 2, 2, 3, 4, 4, 4, 4, 4, 5]  # the fifth has more than a batch holds
    for seed in range(5):
        batches = list(Schedule(lengths, 2, items=4, tokens=90, seed=seed, bundles=bundles))
        assert sorted(i for batch in batches for i in batch) == list(range(24))
        for batch in batches:
            assert len(batch) <= 4
            assert len(batch) == 1 or len(batch) * max(lengths[i % 12] for i in batch) <= 90
        for pair in ((0, 1), (3, 4), (12, 13), (15, 16)):
            assert any(set(pair) <= set(batch) for batch in batches)


def test_bundles_change_what_is_learnt(tmp_path: Path, tiny_base: Path, labels: Path) -> None:
    statements = read_labels([labels]).statements
    # all in one article, so that there is something to tell apart
    statements = [replace(s, doc_id="one") for s in statements]
    without, with_them = (
        train_scorer(
            statements,
            load_base(tiny_base),
            ScorerTraining(epochs=1, bundle_weight=weight),
            ScorerConfig(),
            tmp_path / str(weight),
        ).state_dict()
        for weight in (0.0, 0.5)
    )
    assert not all(torch.equal(without[name], with_them[name]) for name in without)
