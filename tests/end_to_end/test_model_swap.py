"""The shipped model swapped in a service that has just started: the first one is let go."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the service needs the serve extra")

SCRIPT = """
import sys, time, weakref
from pathlib import Path
from quotestance.service.engine.engine import Engine
from quotestance.service.engine.model_source import ModelSource
from quotestance.service.engine.model_watch import ModelWatch
from quotestance.service.engine.observer import NoObserver
from quotestance.service.http.serve_command import _first
from quotestance.service.http.settings import ServeSettings
from quotestance.service.loading import load_model

folder, settings = Path(sys.argv[1]), ServeSettings()
watch = ModelWatch(ModelSource(folder, load_model), NoObserver(), lambda folder: {})
engine = Engine(lambda: _first(watch, 1), settings.engine_limits)
engine.start()
while not engine.ready:
    time.sleep(0.05)
first = weakref.ref(engine._workers.model.now)
(folder / "current").write_text("b")
watch.look(engine)
print(watch.last_attempt.outcome, first() is None)
"""


def test_the_first_model_is_let_go_when_another_takes_its_place(tmp_path):
    shipped = Path(__file__).parents[2] / "model" / "weights"
    (tmp_path / "versions").mkdir()
    for name in ("a", "b"):
        (tmp_path / "versions" / name).symlink_to(shipped)
    (tmp_path / "current").write_text("a")
    # a process of its own: what happens only while torch is imported
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, timeout=300)
    assert done.stdout == "swapped True\n", done.stderr
