"""One actor out of many statements: strong words outweigh facts, and the result stays a distribution."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.model.aggregate import aggregate
from quotestance.model.batching import token_batches
from quotestance.model.types import STANCES, StanceLabel


def distribution(supportive: float, condemning: float) -> dict[StanceLabel, float]:
    return {"supportive": supportive, "neutral": 1 - supportive - condemning, "condemning": condemning}


def test_a_strong_statement_outweighs_three_facts() -> None:
    facts = [distribution(0.03, 0.03)] * 3
    result = aggregate([*facts, distribution(0.0, 0.95)])
    assert max(result, key=result.__getitem__) == "condemning"


def test_facts_alone_stay_neutral() -> None:
    result = aggregate([distribution(0.05, 0.04)] * 4)
    assert result["neutral"] == pytest.approx(0.91)


def test_opposite_statements_cancel() -> None:
    result = aggregate([distribution(0.9, 0.0), distribution(0.0, 0.9)])
    assert result["supportive"] == pytest.approx(result["condemning"])


def test_nothing_to_take_together_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        aggregate([])


@given(st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)), min_size=1, max_size=20))
def test_the_result_is_a_distribution(pairs: list[tuple[float, float]]) -> None:
    result = aggregate([distribution(a, b) for a, b in pairs])
    assert sum(result.values()) == pytest.approx(1.0)
    assert all(0 <= result[s] <= 1 for s in STANCES)


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 1_000))
def test_batches_hold_every_item_once_and_keep_the_budget(lengths: list[int], budget: int) -> None:
    batches = list(token_batches(lengths, budget))
    assert sorted(i for b in batches for i in b) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget
