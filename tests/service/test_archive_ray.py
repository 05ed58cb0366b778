"""The Ray engine gives the bytes that the local one gives, and outlives its workers."""

import os
from pathlib import Path

import fakes
import pytest
from archives import PATH, article, digests, read_jsonl, write_jsonl

from quotestance.service.archive import score_command
from quotestance.service.archive.engine import InProcessEngine
from quotestance.service.archive.manifest import package_version
from quotestance.service.archive.pieces import Cut, Recipe, Work
from quotestance.service.archive.sources import find_sources

pytest.importorskip("ray", reason="needs the ray extra")


@pytest.mark.filterwarnings("ignore")  # Ray's own warnings are not ours to mend
def test_ray_gives_the_same_bytes_though_workers_die(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", PATH)
    records = [article(i) if i % 9 else {"id": f"a{i}"} for i in range(120)]
    records[100]["text"] += " RAISE"
    records[50]["text"] += f" DIE ONCE {tmp_path}/died"
    write_jsonl("in.jsonl", *records)
    monkeypatch.setattr(score_command, "load_model", fakes.load_dangerous)
    options = score_command.ScoreOptions(shard_size=50, engine="ray", workers=1)
    assert score_command.score(["in.jsonl"], "by-ray", options) == 1
    assert Path("died").exists()
    monkeypatch.setattr(score_command, "LocalEngine", lambda load, workers: InProcessEngine(load))
    assert score_command.score(["in.jsonl"], "here", score_command.ScoreOptions(shard_size=50)) == 1
    assert digests(Path("by-ray")) == digests(Path("here"))
    assert len(read_jsonl("here/quarantine.jsonl")) == 15
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_an_actor_with_another_model_or_program_is_said(tmp_path):
    from quotestance.service.archive.ray_engine import PieceReader

    write_jsonl(tmp_path / "in.jsonl", article(1))
    (piece,) = Work(tuple(find_sources([str(tmp_path / "in.jsonl")])), {}, Recipe(), Cut()).pieces()
    own = package_version()
    for version, package, error in (
        ("fake-1", own, ""),
        ("fake-0", own, "has loaded the model fake-1, the others fake-0"),
        ("fake-1", "0.0.9", f"a machine has quotestance {own}, the command 0.0.9"),
    ):
        row = PieceReader(fakes.load, Recipe(), version, package)({"number": [0], "piece": [piece]})
        assert error in row["error"][0]
        assert (row["result"][0] is None) == bool(error)


def test_standard_output_is_not_for_ray(run):
    write_jsonl("in.jsonl", article(1))
    result = run("score", "in.jsonl", "-o", "-", "--engine", "ray")
    assert (result.status, "the Ray engine writes files" in result.err) == (2, True)


def test_without_ray_it_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    write_jsonl("in.jsonl", article(1))
    result = run("score", "in.jsonl", "-o", "out", "--engine", "ray")
    assert result.status == 2
    assert "pip install 'quotestance[ray]'" in result.err
    assert not Path("out").exists()
