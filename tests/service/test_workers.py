"""Several workers: side by side, each caller's results in order, and an end that loses nothing."""

import os
import sys
import threading
import time

import pytest
from serving import ControlledModel, answered_wrongly, running, until
from test_engine import article, row, soon

from quotestance.model.types import ArticleError, Reading
from quotestance.service.engine.cores import shared_out
from quotestance.service.engine.engine import Engine, EngineLimits
from quotestance.service.engine.work import DrainingError, NotReadyError, estimated_tokens

LARGE = 4_000  # characters: more than a worker must leave to the other
TWO = {"workers": 2, "linger": 0.001, "probe_every": 0.02}


@pytest.fixture
def model():
    return ControlledModel()


class CountingModel(ControlledModel):
    """Notes how many batches were computed at once."""

    def __init__(self) -> None:
        super().__init__()
        self.most = self.now = 0
        self.lock = threading.Lock()

    def _before(self, names):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            time.sleep(0.002)
            super()._before(names)
        finally:
            with self.lock:
                self.now -= 1


def test_two_workers_compute_at_once_and_every_caller_gets_its_own_results():
    model = CountingModel()
    with running(model, EngineLimits(queue_items=10_000, queue_tokens=10**9, **TWO)) as engine:
        wrong = answered_wrongly(engine, 9, lambda name: article(name, 2_000))
    assert wrong == []
    assert sorted(model.computed) == sorted(
        f"{caller}-{turn}-{i}" for caller in range(8) for turn in range(15) for i in range(1 + turn % 9)
    )
    assert model.most == 2


def test_a_worker_leaves_the_other_its_share(model):
    with running(model, EngineLimits(**TWO)) as engine:
        model.hold()
        engine.submit([article("first", LARGE)], soon())
        engine.submit([article("second", LARGE)], soon())
        until(lambda: len(model.calls) == 2)
        many = engine.submit([article(f"m{i}", 1_000) for i in range(8)], soon())
        tokens = 8 * estimated_tokens(article("m0", 1_000))
        model.gate.set()
        many.future.result(20)
    assert tokens > 4_096  # or there would be nothing to share
    assert len(model.calls[2]) == 4
    assert sorted(model.computed[2:]) == [f"m{i}" for i in range(8)]


def test_a_held_worker_holds_up_no_other(model):
    with running(model, EngineLimits(**TWO)) as engine:
        entered, release = threading.Event(), threading.Event()
        before = model._before

        def slow(names):
            if names == ["slow"]:
                entered.set()
                assert release.wait(20)
            before(names)

        model._before = slow
        held = engine.submit([article("slow")], soon())
        assert entered.wait(20)
        for name in "abc":
            engine.submit([article(name)], soon()).future.result(20)
        assert not held.future.done()
        release.set()
        assert isinstance(held.future.result(20)[0], Reading)


def test_one_stalled_worker_makes_the_engine_not_ready(model):
    with running(model, EngineLimits(stall=0.1, **TWO)) as engine:
        model.hold()
        engine.submit([article("slow")], soon())
        until(lambda: not engine.ready)
        model.gate.set()
        until(lambda: engine.ready)


def test_a_stop_finishes_what_both_have_in_hand(model):
    with running(model, EngineLimits(**TWO)) as engine:
        model.hold()
        submissions = [engine.submit([article(name, LARGE)], soon()) for name in "abcd"]
        until(lambda: len(model.calls) == 2)
        stopped: list[bool] = []
        stopping = threading.Thread(target=lambda: stopped.append(engine.stop(20)))
        stopping.start()
        until(lambda: engine.state == "draining")
        model.gate.set()
        stopping.join(20)
        assert stopped == [True]
        assert [s.future.result(1)[0].article.id for s in submissions] == list("abcd")


def test_a_stop_that_runs_out_of_patience_tells_every_caller(model):
    with running(model, EngineLimits(**TWO)) as engine:
        model.hold()
        submissions = [engine.submit([article(name, LARGE)], soon()) for name in "abc"]
        until(lambda: len(model.calls) == 2)
        started = time.monotonic()
        assert not engine.stop(0.2)
        assert time.monotonic() - started < 2
        for submission in submissions:
            with pytest.raises(DrainingError):
                submission.future.result(1)


def test_a_model_that_breaks_and_recovers(model):
    with running(model, EngineLimits(**TWO)) as engine:
        model.broken = True
        with pytest.raises(NotReadyError):
            engine.submit([article("a")], soon()).future.result(20)
        assert not engine.ready
        model.broken = False
        until(lambda: engine.ready)
        assert isinstance(engine.submit([article("b")], soon()).future.result(20)[0], Reading)


def test_poisoned_items_with_two_workers(model):
    model.poison = {"bad"}
    with running(model, EngineLimits(**TWO)) as engine:
        results = engine.submit([article("a"), article("bad"), row("r")], soon()).future.result(20)
    assert isinstance(results[1], ArticleError)


def test_a_model_that_cannot_be_loaded_starts_no_worker():
    def load():
        raise ValueError("broken")

    told = threading.Event()
    engine = Engine(load, EngineLimits(**TWO), None, told.set)
    engine.start()
    assert told.wait(20)
    assert isinstance(engine.load_error, ValueError)
    assert not engine.ready
    assert engine.stop(5)


@pytest.mark.parametrize(
    ("threads", "shares"), [(1, (1, 1)), (2, (2, 1)), (3, (3, 1)), (4, (4, 1)), (9, (4, 2)), (16, (4, 4))]
)
def test_threads_are_shared_out_among_the_workers(threads, shares):
    assert shared_out(threads) == shares


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives each thread a priority of its own")
def test_workers_stand_behind_the_thread_that_answers():
    with running(ControlledModel()):
        workers = [t.native_id for t in threading.enumerate() if t.name == "quotestance-worker"]
        assert workers
        own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        assert all(os.getpriority(os.PRIO_PROCESS, worker) > own for worker in workers)
