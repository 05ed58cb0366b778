"""Who goes into the next batch: the small soon, the large always on, the longest alone."""

import time

import pytest
from fakes import TEXT
from serving import ControlledModel, running

from quotestance.model.types import Article
from quotestance.service.engine.engine import EngineLimits
from quotestance.service.engine.fair_batch import fair_batch
from quotestance.service.engine.work import Submission


def submission(name: str, *tokens: int, deadline: float = 100.0, at: float = 0.0) -> Submission:
    """Items of about so many tokens: an article counts three times its text's."""
    items = [Article(id=f"{name}{i}", text="." * (4 * n // 3)) for i, n in enumerate(tokens)]
    return Submission(items, deadline, at)


def drawn(submissions, budget, rounds=99):
    """The ids of each batch, until nothing waits."""
    lines = [list(s.works) for s in submissions]
    batches, passed_over = [], None
    while any(lines) and len(batches) < rounds:
        batch, passed_over = fair_batch([line for line in lines if line], budget, passed_over)
        assert batch, "a batch without work would go on for ever"
        batches.append([work.item.id for work in batch])
        lines = [[work for work in line if work not in batch] for line in lines]
    return batches


def test_nothing_waits():
    assert fair_batch([], 100, None) == ([], None)


def test_a_small_request_is_in_the_next_batch_however_large_the_one_before_it():
    large = submission("large", *[30] * 50)
    small = submission("small", 30, deadline=200.0, at=1.0)
    first, *others = drawn([large, small], 90)
    assert "small0" in first
    assert [name for batch in [first, *others] for name in batch if name != "small0"] == [
        f"large{i}" for i in range(50)
    ]


def test_a_large_request_gets_half_of_each_batch_however_many_small_ones_come():
    large = submission("large", *[30] * 10)
    small = [submission(f"s{i}-", 30, deadline=101.0 + i, at=float(i)) for i in range(100)]
    batches = drawn([large, *small], 120)
    last = next(i for i, batch in enumerate(batches) if "large9" in batch)
    assert last == 4


@pytest.mark.parametrize("large", [60, 90, 1_000])
def test_an_item_that_does_not_fit_in_begins_the_next_batch(large):
    first = submission("large", large)
    small = [submission(f"s{i}-", 30, deadline=101.0 + i, at=float(i)) for i in range(20)]
    batches = drawn([first, *small], 90)
    assert next(i for i, batch in enumerate(batches) if "large0" in batch) <= 1


def test_an_item_over_the_budget_is_alone_and_is_passed_over_once():
    batches = drawn([submission("huge", 1_000, 30), submission("small", 30, 30, deadline=200.0)], 90)
    assert batches == [["small0", "small1"], ["huge0"], ["huge1"]]


def test_whose_deadline_is_next_goes_first():
    late = submission("late", *[30] * 4, deadline=200.0)
    soon = submission("soon", *[30] * 6, deadline=100.0, at=1.0)
    batches = drawn([late, soon], 60)
    last = {name[:4]: i for i, batch in enumerate(batches) for name in batch}
    assert batches[0] == ["late0", "soon0"]
    assert last["soon"] <= 4


def test_a_batch_is_sorted_longest_first():
    requests = [submission(name, n) for name, n in [("a", 30), ("b", 90), ("c", 60)]]
    assert drawn(requests, 1_000) == [["b0", "c0", "a0"]]


def test_a_small_request_overtakes_a_large_one_in_the_engine():
    model = ControlledModel()
    with running(model, EngineLimits(queue_items=500, batch_tokens=3 * 90, linger=0.0)) as engine:
        model.hold()
        engine.submit([Article(id="first", text=TEXT)], time.monotonic() + 20)
        assert model.entered.wait(20)
        large = engine.submit([Article(id=f"l{i}", text=TEXT) for i in range(60)], time.monotonic() + 20)
        small = engine.submit([Article(id="small", text=TEXT)], time.monotonic() + 20)
        model.gate.set()
        small.future.result(20)
        large.future.result(20)
    assert "small" in model.calls[1]
    assert [n for n in model.computed if n.startswith("l")] == [f"l{i}" for i in range(60)]
