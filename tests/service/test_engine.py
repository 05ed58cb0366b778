"""The engine: order, batches, bounds, and that nobody waits in vain whatever the model does."""

import threading
import time

import pytest
from fakes import TEXT
from serving import SECRET, ControlledModel, answered_wrongly, running, until

from quotestance.model.types import Article, ArticleError, Reading, Stance
from quotestance.service.engine.engine import Engine, EngineLimits
from quotestance.service.engine.work import (
    DeadlineError,
    DrainingError,
    NotReadyError,
    QueueFullError,
    Row,
    WorkerError,
    estimated_tokens,
)

FAST = {"linger": 0.05, "probe_every": 0.02}


def article(name: str, characters: int = 0) -> Article:
    return Article(id=name, text=TEXT + "." * max(0, characters - len(TEXT)))


def row(name: str, quote: str = "I condemn it") -> Row:
    return Row(name, f"He said: {quote}.", "he", "the strike", quote)


def soon(seconds: float = 20.0) -> float:
    return time.monotonic() + seconds


@pytest.fixture
def model():
    return ControlledModel()


def test_results_come_in_the_order_of_the_items(model):
    with running(model) as engine:
        items = [article("a"), row("r", "We support it"), article("b"), row("s"), article("c")]
        results = engine.submit(items, soon()).future.result(20)
    assert [r.article.id for r in results if isinstance(r, Reading)] == ["a", "b", "c"]
    assert [type(r) for r in results] == [Reading, Stance, Reading, Stance, Reading]
    assert [r.label for r in results if isinstance(r, Stance)] == ["supportive", "condemning"]


def test_every_caller_gets_its_own_results(model):
    with running(model, EngineLimits(queue_items=10_000, queue_tokens=10**9, batch_tokens=900, linger=0.001)) as engine:
        wrong = answered_wrongly(engine, 4, article)
    assert wrong == []
    assert len(model.computed) == 8 * sum(1 + turn % 4 for turn in range(15))
    assert max(len(call) for call in model.calls) > 1


def test_batches_are_filled_by_tokens_and_a_larger_item_goes_alone(model):
    budget = 3 * estimated_tokens(article("a", 400))
    with running(model, EngineLimits(batch_tokens=budget, **FAST)) as engine:
        model.hold()
        first = engine.submit([article("first")], soon())
        assert model.entered.wait(20)
        small = engine.submit([article(f"s{i}", 400) for i in range(7)], soon())
        large = engine.submit([article("large", 40_000), article("after", 400)], soon())
        model.gate.set()
        for submission in (first, small, large):
            submission.future.result(20)
    assert model.calls == [["first"], ["s0", "s1", "s2"], ["s3", "s4", "s5"], ["s6"], ["large"], ["after"]]


def test_a_batch_waits_a_moment_to_fill_where_several_ask_and_not_for_a_lone_caller(model):
    with running(model, EngineLimits(linger=0.5, probe_every=0.02)) as engine:
        started = time.monotonic()
        engine.submit([article("alone")], soon()).future.result(20)
        assert time.monotonic() - started < 0.4
        model.hold()
        engine.submit([article("first")], soon())
        assert model.entered.wait(20)
        together = [engine.submit([article(n)], soon()) for n in ("a", "b")]
        model.gate.set()
        for submission in together:
            submission.future.result(20)
        one = engine.submit([article("one")], soon())
        two = engine.submit([article("two")], soon())
        one.future.result(20)
        two.future.result(20)
    assert model.calls == [["alone"], ["first"], ["a", "b"], ["one", "two"]]


def test_a_poisoned_item_gets_its_own_error_and_its_neighbours_their_results(model):
    model.poison = {"bad", "bad row"}
    with running(model) as engine:
        items = [article("a"), article("bad"), article("b"), row("r"), row("bad row")]
        results = engine.submit(items, soon()).future.result(20)
        assert engine.ready
    assert [type(r) for r in results] == [Reading, ArticleError, Reading, Stance, ArticleError]
    assert results[1] == ArticleError("bad", "the model failed on this item (ValueError)")


def test_a_poisoned_item_of_another_caller_does_no_harm(model):
    model.poison = {"bad"}
    with running(model) as engine:
        model.hold()
        engine.submit([article("first")], soon())
        assert model.entered.wait(20)
        bad = engine.submit([article("bad")], soon())
        good = engine.submit([article("good")], soon())
        model.gate.set()
        assert isinstance(good.future.result(20)[0], Reading)
        assert isinstance(bad.future.result(20)[0], ArticleError)
    assert ["bad", "good"] in model.calls


def test_a_model_that_gives_too_few_results_is_an_error_not_a_wrong_order(model):
    whole = model.read_many
    model.read_many = lambda articles, target=None: list(whole(articles, target))[: max(1, len(articles) - 1)]
    with running(model) as engine:
        results = engine.submit([article("a"), article("b")], soon()).future.result(20)
    assert [r.article.id for r in results] == ["a", "b"]


@pytest.mark.parametrize("exit_", [SystemExit(SECRET), KeyboardInterrupt(SECRET)])
def test_an_exploding_worker_resolves_its_callers_and_lives_on(model, exit_):
    model.poison, model.raises = {"bomb"}, exit_
    with running(model) as engine:
        model.hold()
        bomb = engine.submit([article("bomb")], soon())
        assert model.entered.wait(20)
        waiting = engine.submit([article("next")], soon())
        model.gate.set()
        with pytest.raises(WorkerError):
            bomb.future.result(20)
        assert isinstance(waiting.future.result(20)[0], Reading)
        assert engine.ready
        assert isinstance(engine.submit([article("later")], soon()).future.result(20)[0], Reading)


def test_a_broken_model_is_told_to_all_who_wait_and_recovers(model):
    with running(model) as engine:
        model.hold()
        computing = engine.submit([article("a"), article("b")], soon())
        assert model.entered.wait(20)
        waiting = [engine.submit([article(f"w{i}")], soon()) for i in range(5)]
        model.broken = True
        model.gate.set()
        for submission in (computing, *waiting):
            with pytest.raises(NotReadyError):
                submission.future.result(20)
        # those who wait are told at once, not after a try each
        assert set(model.computed) == {"a", "b"}
        assert not engine.ready
        with pytest.raises(NotReadyError):
            engine.submit([article("c")], soon())
        model.broken = False
        until(lambda: engine.ready)
        assert isinstance(engine.submit([article("d")], soon()).future.result(20)[0], Reading)


def test_a_full_queue_takes_all_of_a_request_or_nothing(model):
    with running(model, EngineLimits(queue_items=3, **FAST)) as engine:
        model.hold()
        engine.submit([article("first")], soon())
        assert model.entered.wait(20)
        kept = engine.submit([article("a"), article("b")], soon())
        with pytest.raises(QueueFullError) as full:
            engine.submit([article("c"), article("d")], soon())
        assert full.value.retry_after >= 1
        assert engine.waiting_items == 2
        last = engine.submit([article("e")], soon())
        with pytest.raises(QueueFullError):
            engine.check_open()
        model.gate.set()
        assert len(kept.future.result(20)) == 2
        last.future.result(20)
        engine.submit([article("f")], soon()).future.result(20)
    assert model.computed == ["first", "a", "b", "e", "f"]


def test_the_queue_is_bounded_in_tokens_too(model):
    with running(model, EngineLimits(queue_tokens=1_000, **FAST)) as engine:
        model.hold()
        engine.submit([article("first")], soon())
        assert model.entered.wait(20)
        # an empty queue takes what is larger than itself: it could not be served otherwise
        huge = engine.submit([article("huge", 40_000)], soon())
        with pytest.raises(QueueFullError):
            engine.submit([article("small")], soon())
        model.gate.set()
        huge.future.result(20)
        assert engine.waiting_tokens == 0


def test_a_caller_who_has_gone_is_not_computed_for(model):
    with running(model) as engine:
        model.hold()
        engine.submit([article("first")], soon())
        assert model.entered.wait(20)
        gone = engine.submit([article("gone"), article("gone too")], soon())
        stays = engine.submit([article("stays")], soon())
        gone.cancel()
        model.gate.set()
        stays.future.result(20)
    assert model.computed == ["first", "stays"]


def test_a_caller_who_has_gone_keeps_nobody_out(model):
    with running(model, EngineLimits(queue_items=3, **FAST)) as engine:
        model.hold()
        engine.submit([article("first")], soon())
        assert model.entered.wait(20)
        engine.submit([article("gone"), article("gone too")], soon()).cancel()
        stays = engine.submit([article("stays"), article("too")], soon())
        engine.submit([article("gone")], soon()).cancel()
        last = engine.submit([article("last")], soon())
        model.gate.set()
        assert len(stays.future.result(20)) == 2
        last.future.result(20)
    assert model.computed == ["first", "stays", "too", "last"]


def test_work_past_its_deadline_is_dropped_and_its_caller_told(model):
    with running(model) as engine:
        model.hold()
        engine.submit([article("first")], soon())
        assert model.entered.wait(20)
        late = engine.submit([article("late")], soon(0.02))
        stays = engine.submit([article("stays")], soon())
        time.sleep(0.05)
        model.gate.set()
        with pytest.raises(DeadlineError):
            late.future.result(20)
        stays.future.result(20)
    assert model.computed == ["first", "stays"]


def test_nothing_is_tried_again_for_a_caller_who_left_meanwhile(model):
    model.poison = {"bad"}
    with running(model) as engine:
        model.hold()
        both = engine.submit([article("bad"), article("good")], soon())
        assert model.entered.wait(20)
        both.cancel()
        model.gate.set()
        engine.submit([article("next")], soon()).future.result(20)
    assert model.calls == [["bad", "good"], ["next"]]


def test_draining_finishes_what_was_accepted_and_takes_nothing_new(model):
    with running(model) as engine:
        model.hold()
        accepted = [engine.submit([article(f"a{i}", 20_000)], soon()) for i in range(4)]
        assert model.entered.wait(20)
        engine.begin_drain()
        assert not engine.ready
        with pytest.raises(DrainingError):
            engine.submit([article("new")], soon())
        model.gate.set()
        assert engine.stop(20)
        assert all(isinstance(s.future.result(0)[0], Reading) for s in accepted)


def test_what_draining_has_no_time_for_is_resolved(model):
    with running(model) as engine:
        model.hold()
        accepted = [engine.submit([article(f"a{i}", 20_000)], soon()) for i in range(3)]
        assert model.entered.wait(20)
        assert not engine.stop(0.05)
        for submission in accepted:
            with pytest.raises(DrainingError):
                submission.future.result(0)


def test_a_batch_that_takes_too_long_makes_the_engine_not_ready(model):
    with running(model, EngineLimits(stall=0.05, **FAST)) as engine:
        model.hold()
        stuck = engine.submit([article("stuck")], soon())
        until(lambda: not engine.ready)
        with pytest.raises(NotReadyError):
            engine.submit([article("new")], soon())
        model.gate.set()
        stuck.future.result(20)
        until(lambda: engine.ready)


def test_nothing_is_taken_before_the_model_has_read_something(model):
    held = threading.Event()

    def load() -> ControlledModel:
        assert held.wait(20)
        return model

    engine = Engine(load, EngineLimits(**FAST))
    engine.start()
    with pytest.raises(NotReadyError):
        engine.submit([article("early")], soon())
    assert engine.state == "loading"
    held.set()
    until(lambda: engine.ready)
    assert engine.stop(20)


@pytest.mark.parametrize("broken_in", ["load", "warm-up"])
def test_a_model_that_cannot_be_loaded_or_run_is_never_ready(model, broken_in):
    model.broken = True
    told = threading.Event()

    def load() -> ControlledModel:
        if broken_in == "load":
            raise ValueError(SECRET)
        return model

    engine = Engine(load, EngineLimits(**FAST), on_load_failure=told.set)
    engine.start()
    assert told.wait(20)
    assert not engine.ready
    assert isinstance(engine.load_error, ValueError)
    assert engine.stop(20)


def test_no_items_are_no_work(model):
    with running(model) as engine:
        assert engine.submit([], soon()).future.result(0) == []
