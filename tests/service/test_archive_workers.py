"""Worker processes: what dies, hangs or raises costs itself and nothing else."""

import re
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import fakes
import pytest
from archives import article, digests, read_jsonl, score, write_jsonl
from typer.main import get_command

from quotestance.model.errors import ModelError
from quotestance.service.archive import local_engine, machine, score_command
from quotestance.service.archive.bad_limit import BadLimit
from quotestance.service.archive.local_engine import LocalEngine
from quotestance.service.archive.pieces import Cut, Recipe, Work
from quotestance.service.archive.score_progress import duration
from quotestance.service.archive.sources import find_sources
from quotestance.service.cli import app


def test_a_worker_that_dies_is_replaced_and_a_deadly_record_put_aside(tmp_path):
    records = [article(i) for i in range(100)]
    write_jsonl(tmp_path / "good.jsonl", *(r for i, r in enumerate(records) if i not in (40, 70)))
    records[40]["text"] += " KILL"
    records[70]["text"] += " RAISE"
    records[90]["text"] += f" DIE ONCE {tmp_path}/died"
    write_jsonl(tmp_path / "in.jsonl", *records)
    result = score("load_dangerous", "in.jsonl", "-o", "out.jsonl", "--workers", "2", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert (tmp_path / "died").exists()
    assert [line["id"] for line in read_jsonl(tmp_path / "out.jsonl")] == [
        f"a{i}" for i in range(100) if i not in (40, 70)
    ]
    killed, raised = read_jsonl(tmp_path / "out.rejected.jsonl")
    assert (killed["line"], killed["reason"]) == (41, "the worker that read it was killed by SIGKILL (out of memory?)")
    assert (raised["line"], raised["reason"]) == (71, "the model failed on this article (RuntimeError)")
    assert b"not for anyone to read" not in result.stderr


def test_more_workers_give_the_same_bytes(tmp_path):
    write_jsonl(tmp_path / "in.jsonl", *(article(i) if i % 7 else {"id": i} for i in range(300)))
    for workers in ("0", "2"):
        arguments = ("in.jsonl", "-o", workers, "--workers", workers, "--shard-size", "64")
        assert score("load", *arguments, cwd=tmp_path).returncode == 1
    assert digests(tmp_path / "0") == digests(tmp_path / "2")


def test_a_model_that_fails_on_everything_stops_the_run(tmp_path):
    write_jsonl(tmp_path / "in.jsonl", *({"id": i, "text": f"RAISE {i}"} for i in range(20)))
    result = score("load_dangerous", "in.jsonl", "-o", "out.jsonl", "--workers", "1", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == b"quotestance: the model fails on every article (RuntimeError)\n"
    assert [p.name for p in tmp_path.iterdir()] == ["in.jsonl"]


def test_workers_that_die_of_every_article_stop_the_run(tmp_path):
    write_jsonl(tmp_path / "in.jsonl", *({"id": i, "text": f"KILL {i}"} for i in range(20)))
    result = score("load_dangerous", "in.jsonl", "-o", "out.jsonl", "--workers", "1", cwd=tmp_path)
    assert result.returncode == 2
    assert b"every worker that reads an article was killed by SIGKILL" in result.stderr


def test_a_worker_that_neither_reads_nor_answers_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(local_engine, "_PATIENCE", 6.0)
    monkeypatch.setattr(local_engine, "_SLOWEST", 10**9)
    long = [{"id": str(i), "text": f"{'A quiet day. ' * 1_500} {i}"} for i in range(96)]  # pieces that no pipe holds
    long[0]["text"] += f" STOP ONCE {tmp_path}/stopped"
    write_jsonl(tmp_path / "in.jsonl", *long)
    engine = LocalEngine(fakes.load_dangerous, 1)
    work = Work(tuple(find_sources([str(tmp_path / "in.jsonl")])), {}, Recipe(), Cut())
    with closing(engine):
        results = list(engine.run(work, None))
    assert (tmp_path / "stopped").exists()
    assert sum(result.counts.articles for result in results) == 96


@pytest.mark.parametrize(
    ("load", "reason"),
    [(fakes.load_nothing, "no such model folder"), (fakes.load_and_die, "ended with status 3 while")],
)
def test_workers_that_cannot_load_the_model(load, reason):
    with pytest.raises(ModelError, match=reason):
        LocalEngine(load, 1)


def test_a_worker_with_another_model_stops_the_run(tmp_path):
    write_jsonl(tmp_path / "in.jsonl", *(article(i) for i in range(200)))
    engine = LocalEngine(partial(fakes.load_another, tmp_path / "loaded"), 2)
    work = Work(tuple(find_sources([str(tmp_path / "in.jsonl")])), {}, Recipe(), Cut())
    with closing(engine), pytest.raises(ModelError, match="a worker has loaded the model fake-2, the others fake-1"):
        list(engine.run(work, None))


def test_of_a_folder_of_versions_the_one_in_service_at_the_start_is_loaded(run, tmp_path, monkeypatch):
    (tmp_path / "models/versions/one").mkdir(parents=True)
    (tmp_path / "models/current").write_text("one\n")
    write_jsonl("in.jsonl", article(1))
    loaded: list[Path] = []
    monkeypatch.setattr(score_command, "load_model", lambda folder: loaded.append(folder) or fakes.FakeModel())
    assert run("score", "in.jsonl", "-o", "out", "--model", "models").status == 0
    assert loaded == [tmp_path / "models/versions/one"]
    (tmp_path / "models/current").write_text("two")
    result = run("score", "in.jsonl", "-o", "other", "--model", "models")
    assert (result.status, "names 'two', which is no folder" in result.err) == (2, True)
    assert not Path("other").exists()


def test_files_that_the_kernel_keeps_in_memory_are_free_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("5000000\n")
    (tmp_path / "memory.current").write_text("4000000\n")
    assert machine.free_memory() == 1_000_000
    (tmp_path / "memory.stat").write_text("anon 900\nfile 3500000\ninactive_file 3000000\nactive_file 500000\n")
    assert machine.free_memory() == 4_000_000


def test_workers_by_the_machine(monkeypatch):
    monkeypatch.setattr(machine, "usable_cores", lambda: 8)
    for memory, workers in ((None, 8), (100 * 2**30, 8), (4 * 2**30, 3), (1, 1)):
        monkeypatch.setattr(machine, "free_memory", lambda memory=memory: memory)
        assert machine.default_workers() == workers


def test_the_help_says_the_default_of_workers():
    (option,) = [p for p in get_command(app).commands["score"].params if p.name == "workers"]
    assert "one for every core" in option.help


@pytest.mark.parametrize(
    ("option", "status", "kept"), [("3", 2, 4), ("4", 0, 0), ("1%", 2, 4), ("5%", 0, 0), ("x", 2, 0), ("101%", 2, 0)]
)
def test_too_many_bad_records_stop_the_run(run, option, status, kept):
    write_jsonl("in.jsonl", *(article(i) if i % 25 else {"id": i} for i in range(100)), article(1))
    result = run("score", "in.jsonl", "-o", "out", "--max-bad", option, "--shard-size", "40")
    assert result.status == (status or 1)
    if kept:
        assert re.search("4 of (80|101) records are bad, over --max-bad; see out/quarantine.jsonl", result.err)
        assert len([line for line in read_jsonl("out/quarantine.jsonl") if "repeat" not in line["reason"]]) == kept
        assert run("score", "in.jsonl", "-o", "out", "--shard-size", "40").status == 1


def test_the_limit_of_bad_records_is_checked_in_one_place():
    assert BadLimit.parse(None) == BadLimit()
    assert BadLimit.parse("2.5%") == BadLimit(share=0.025)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(3, "3 s"), (600, "10 min"), (3 * 3600 + 300, "3 h 05 min"), (200_000, "2 d 7 h")]
)
def test_the_time_left_is_for_people(seconds, shown):
    assert duration(seconds) == shown


def test_a_worker_keeps_to_its_threads_where_torch_is_there_already():
    # as it is where the program that scores is a file of the user's own, which a spawned process runs anew
    script = (
        "import torch; from quotestance.service.archive.worker import _limit_threads; "
        "torch.set_num_threads(2); _limit_threads(1); print(torch.get_num_threads())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.stdout == "1\n", done.stderr
