"""Hot swap: the pointer moves, the new model is tried, and it takes over between two batches, or does not."""

import gc
import math
import os
import threading
import time
import weakref
from pathlib import Path

import pytest
from fakes import TEXT
from serving import ControlledModel, until

from quotestance.model.errors import ModelError
from quotestance.model.types import Article, Stance
from quotestance.service.engine.engine import Engine, EngineLimits
from quotestance.service.engine.model_source import ModelSource
from quotestance.service.engine.model_watch import ModelWatch
from quotestance.service.engine.observer import NoObserver
from quotestance.service.engine.work import NotReadyError, Row


class Versions:
    """A folder of versions, and the models that loading one of them gives, or the error."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loaded: list[str] = []
        self.faults: dict[str, object] = {}
        self.models: dict[str, ControlledModel] = {}
        for name in ("v1", "v2", "v3"):
            (folder / "versions" / name / "scorer").mkdir(parents=True)
            (folder / "versions" / name / "scorer" / "manifest.json").write_text(name)
        self.promote("v1")

    def promote(self, name: str) -> None:
        (self.folder / "new").write_text(name)
        (self.folder / "new").replace(self.folder / "current")

    def load(self, folder: Path | None) -> ControlledModel:
        assert folder is not None
        self.loaded.append(folder.name)
        fault = self.faults.get(folder.name)
        if isinstance(fault, Exception):
            raise fault
        model = self.models[folder.name] = ControlledModel()
        model.version = folder.name
        if callable(fault):
            fault(model)
        return model


class Outcomes(NoObserver):
    def __init__(self) -> None:
        self.tried: list[str] = []

    def model_tried(self, outcome, seconds):
        self.tried.append(outcome)


@pytest.fixture
def versions(tmp_path):
    return Versions(tmp_path)


@pytest.fixture
def outcomes():
    return Outcomes()


@pytest.fixture
def watch(versions, outcomes):
    source = ModelSource(versions.folder, versions.load)
    return ModelWatch(source, outcomes, lambda folder: {"folder": folder.name})


@pytest.fixture
def engine(versions, watch):
    engine = Engine(watch.first, EngineLimits(linger=0.0, probe_every=0.02, batch_tokens=1))
    engine.start()
    until(lambda: engine.ready)
    yield engine
    for model in versions.models.values():
        model.gate.set()
    engine.stop(20)


def read(engine, *names):
    submission = engine.submit([Article(id=name, text=TEXT) for name in names], time.monotonic() + 20)
    submission.future.result(20)
    return submission.versions


def test_a_new_pointer_puts_its_model_into_service(versions, watch, engine, outcomes):
    watch.look(engine)
    assert versions.loaded == ["v1"]
    versions.promote("v2")
    watch.look(engine)
    watch.look(engine)
    assert versions.loaded == ["v1", "v2"]
    assert read(engine, "a") == ["v2"]
    assert engine.model_version == "v2"
    assert watch.facts == {"folder": "v2"}
    assert (watch.last_attempt.outcome, watch.last_attempt.named, watch.last_attempt.version) == ("swapped", "v2", "v2")
    assert outcomes.tried == ["swapped"]


def test_the_batch_in_hand_is_finished_by_the_model_it_was_begun_with(versions, watch, engine):
    old = versions.models["v1"]
    old.hold()
    submission = engine.submit([Article(id=n, text=TEXT) for n in ("a", "b")], time.monotonic() + 20)
    assert old.entered.wait(20)
    versions.promote("v2")
    swap = threading.Thread(target=watch.look, args=(engine,))
    swap.start()
    until(lambda: engine.model_version == "v2")
    assert swap.is_alive()  # until the old model has been let go
    old.gate.set()
    submission.future.result(20)
    swap.join(20)
    assert submission.versions == ["v1", "v2"]
    assert versions.models["v1"].computed == ["a"]


def not_finite(model):
    model.stance = lambda rows: [Stance("neutral", dict.fromkeys(NAMES, math.nan), False) for _ in rows]


def other_labels(model):
    model.stance = lambda rows: [Stance("neutral", {"for": 0.5, "against": 0.5}, False) for _ in rows]


def not_one(model):
    model.stance = lambda rows: [Stance("neutral", dict.fromkeys(NAMES, 0.5), False) for _ in rows]


def does_not_read(model):
    model.broken = True


NAMES = ("supportive", "neutral", "condemning")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (ModelError("versions/v2/scorer: damaged"), "versions/v2/scorer: damaged"),
        (MemoryError(), "MemoryError while it was loaded or tried"),
        (not_finite, "the model's probabilities are not finite"),
        (other_labels, "the model's labels are not supportive, neutral, condemning"),
        (not_one, "the model's probabilities do not sum to 1"),
        (does_not_read, "ValueError while it was loaded or tried"),
    ],
)
def test_a_model_that_cannot_be_used_is_rolled_back_and_not_tried_again(
    versions, watch, engine, outcomes, fault, reason
):
    versions.faults["v2"] = fault
    versions.promote("v2")
    for _ in range(3):
        watch.look(engine)
    assert versions.loaded == ["v1", "v2"]
    assert read(engine, "a") == ["v1"]
    assert outcomes.tried == ["rolled back"]
    attempt = watch.last_attempt
    assert (attempt.outcome, attempt.named, attempt.version, attempt.reason) == ("rolled back", "v2", "v1", reason)
    assert watch.facts == {"folder": "v1"}


def test_after_a_roll_back_the_next_pointer_is_tried(versions, watch, engine, outcomes):
    versions.faults["v2"] = MemoryError()
    for name in ("v2", "v3"):
        versions.promote(name)
        watch.look(engine)
    assert outcomes.tried == ["rolled back", "swapped"]
    assert engine.model_version == "v3"


def test_back_to_the_version_in_service_loads_nothing(versions, watch, engine, outcomes):
    versions.faults["v2"] = MemoryError()
    for name in ("v2", "v1"):
        versions.promote(name)
        watch.look(engine)
    assert outcomes.tried == ["rolled back", "unchanged"]
    assert versions.loaded == ["v1", "v2"]


@pytest.mark.parametrize("name", ["", "gone", "../v2"])
def test_a_pointer_to_nothing_is_rolled_back(versions, watch, engine, name):
    versions.promote(name)
    watch.look(engine)
    assert watch.last_attempt.outcome == "rolled back"
    assert watch.last_attempt.reason.startswith("current: names ")
    assert engine.model_version == "v1"


def test_a_pointer_that_is_gone_is_rolled_back(versions, watch, engine):
    (versions.folder / "current").unlink()
    watch.look(engine)
    assert engine.model_version == "v1"
    versions.promote("v2")
    watch.look(engine)
    assert engine.model_version == "v2"


def test_reloading_on_request_tries_again_and_leaves_alone_what_has_not_changed(versions, watch, engine):
    assert watch.reload(engine).outcome == "unchanged"
    assert versions.loaded == ["v1"]
    versions.faults["v2"] = MemoryError()
    versions.promote("v2")
    assert watch.reload(engine).outcome == "rolled back"
    del versions.faults["v2"]
    assert watch.reload(engine).outcome == "swapped"
    # the same folder with other files in it is another model
    manifest = versions.folder / "versions" / "v2" / "scorer" / "manifest.json"
    os.utime(manifest, ns=(1, 1))
    assert watch.reload(engine).outcome == "swapped"


def test_a_stopping_service_reloads_nothing(versions, watch, engine):
    engine.begin_drain()
    versions.promote("v2")
    watch.look(engine)
    with pytest.raises(NotReadyError):
        watch.reload(engine)
    assert versions.loaded == ["v1"]


def test_a_good_model_takes_over_from_one_that_does_not_run(versions, watch, engine):
    versions.models["v1"].broken = True
    with pytest.raises(NotReadyError):
        engine.submit([Row("r", TEXT, "he", "the strike")], time.monotonic() + 20).future.result(20)
    versions.promote("v2")
    watch.look(engine)
    until(lambda: engine.ready)
    assert read(engine, "a") == ["v2"]


def test_the_old_model_is_let_go(versions, watch, engine):
    old = weakref.ref(versions.models.pop("v1"))
    read(engine, "a")
    versions.promote("v2")
    watch.look(engine)
    gc.collect()
    assert old() is None


def test_no_request_fails_or_waits_while_models_are_swapped(versions, watch, engine):
    waits, seen, stop = [], set(), threading.Event()

    def ask():
        while not stop.is_set():
            started = time.monotonic()
            seen.update(read(engine, "a", "b"))
            waits.append(time.monotonic() - started)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for name in ["v2", "v3", "v1"] * 5:
        versions.promote(name)
        watch.look(engine)
    stop.set()
    for asker in askers:
        asker.join(20)
    assert seen == {"v1", "v2", "v3"}
    assert max(waits) < 2


def test_a_plain_model_folder_is_reloaded_on_request_only(tmp_path):
    (tmp_path / "scorer").mkdir()
    (tmp_path / "scorer" / "manifest.json").write_text("1")
    loads = []

    def load(folder):
        loads.append(folder)
        return ControlledModel()

    watch = ModelWatch(ModelSource(tmp_path, load), NoObserver(), lambda folder: {})
    engine = Engine(watch.first, EngineLimits(linger=0.0))
    engine.start()
    until(lambda: engine.ready)
    os.utime(tmp_path / "scorer" / "manifest.json", ns=(1, 1))
    watch.look(engine)
    assert loads == [tmp_path]
    assert watch.reload(engine).outcome == "swapped"
    assert engine.stop(20)
