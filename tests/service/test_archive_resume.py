"""A run that is stopped by anything goes on to the same bytes."""

import errno
import json
import os
import random
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest
from archives import article, command, digests, environment, read_jsonl, score, write_jsonl

from quotestance.service.archive import durable, score_command
from quotestance.service.archive.pieces import PieceResult
from quotestance.service.archive.store import Store

KILLS = int(os.environ.get("QUOTESTANCE_KILLS", "3"))  # 20 for a thorough look
RECORDS = 200


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    records = [article(i) if i % 13 else {"id": f"a{i}"} for i in range(RECORDS)]
    write_jsonl(tmp_path / "in.jsonl", *records, article(1), {**article(2), "text": "Another text about rain."})
    return tmp_path


@pytest.mark.parametrize(
    ("out", "options", "seed"),
    [
        ("out", ("--workers", "2", "--shard-size", "60"), 1),
        ("out.jsonl", ("--workers", "0", "--shard-size", "60"), 2),
    ],
)
def test_killed_at_any_moment_and_run_again_gives_the_same_bytes(archive, out, options, seed):
    arguments = ("in.jsonl", "-o", f"twice/{out}", *options)
    for folder in ("once", "twice"):
        (archive / folder).mkdir()
    assert score("load", "in.jsonl", "-o", f"once/{out}", *options, cwd=archive).returncode == 1
    chance = random.Random(seed)
    killed = 0
    for _ in range(KILLS):
        child = subprocess.Popen(
            command("load_slow", *arguments), cwd=archive, env=environment(), stderr=subprocess.PIPE
        )
        wait_for_its_start(archive / "twice", child)
        time.sleep(chance.uniform(0, 0.7) if killed else 0)  # a fast machine may be done after that
        child.kill()
        child.communicate()
        killed += child.returncode == -signal.SIGKILL
    assert killed
    assert score("load", *arguments, cwd=archive).returncode == 1
    assert digests(archive / "twice") == digests(archive / "once")


def wait_for_its_start(folder: Path, child: "subprocess.Popen[bytes]") -> None:
    while child.poll() is None and not list(folder.glob("*/_work/lock")):
        time.sleep(0.01)


def test_a_single_output_leaves_nothing_but_itself(run, archive):
    assert run("score", "in.jsonl", "-o", "out.jsonl").status == 1
    assert sorted(p.name for p in archive.iterdir()) == ["in.jsonl", "out.jsonl", "out.rejected.jsonl"]
    assert len(read_jsonl("out.jsonl")) + len(read_jsonl("out.rejected.jsonl")) == RECORDS + 2


def interrupted_after(monkeypatch: pytest.MonkeyPatch, pieces: int, error: BaseException) -> None:
    add = Store.add

    def failing(self: Store, result: PieceResult) -> None:
        if (result.shard, result.number) == divmod(pieces, 2):
            raise error
        add(self, result)

    monkeypatch.setattr(Store, "add", failing)


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), 130), (OSError(errno.ENOSPC, "No space left on device", "out.jsonl"), 2)],
)
def test_what_breaks_off_keeps_what_was_done_and_goes_on(run, archive, monkeypatch, error, status):
    with monkeypatch.context() as patched:
        interrupted_after(patched, 4, error)
        result = run("score", "in.jsonl", "-o", "out.jsonl", "--shard-size", "60")
    assert result.status == status
    assert "what was done is kept in out.jsonl.partial; the same command goes on" in result.err
    assert "Traceback" not in result.err
    assert not Path("out.jsonl").exists()
    assert Path("out.jsonl.partial/part-00000.jsonl").exists()
    read: list[int] = []
    model = score_command.load_model(None)
    monkeypatch.setattr(type(model), "read_many", counting(type(model).read_many, read))
    result = run("score", "in.jsonl", "-o", "out.jsonl", "--shard-size", "60", "--resume")
    assert result.status == 1
    assert "going on with an earlier run" in result.err
    assert sum(read) < RECORDS - 80  # what was done is not done again
    assert len(read_jsonl("out.jsonl")) == RECORDS - 16


def counting(read_many, read):
    def counted(self, articles, target=None):
        articles = list(articles)
        read.append(len(articles))
        return read_many(self, articles, target)

    return counted


def test_a_disk_that_is_full_is_one_line_and_the_run_goes_on(archive):
    limit = 30_000  # bytes of any one file

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    arguments = ("in.jsonl", "-o", "out", "--format", "jsonl", "--workers", "0", "--shard-size", "60")
    child = subprocess.run(
        command("load", *arguments), cwd=archive, env=environment(), capture_output=True, preexec_fn=limited, timeout=60
    )
    assert child.returncode == 2, child.stderr
    assert b"File too large" in child.stderr
    assert b"Traceback" not in child.stderr
    assert not list((archive / "out").rglob("*.part"))
    assert score("load", *arguments, cwd=archive).returncode == 1
    assert score("load", "in.jsonl", "-o", "whole", *arguments[3:], cwd=archive).returncode == 1
    assert digests(archive / "out") == digests(archive / "whole")


@pytest.mark.parametrize("name", ["statements-00001.parquet", "_work/shard-00001", "quarantine.jsonl"])
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_what_was_damaged_is_done_again(run, archive, name, damage):
    arguments = ("score", "in.jsonl", "-o", "out", "--shard-size", "60")
    run(*arguments)
    before = digests(archive / "out")
    path = archive / "out" / name
    data = path.read_bytes()
    if damage == "gone" or name == "quarantine.jsonl":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else data[:-5] + b"xxxxx")
    assert run(*arguments).status == 1
    assert digests(archive / "out") == before


def test_a_damaged_piece_is_scored_again(run, archive, monkeypatch):
    arguments = ("score", "in.jsonl", "-o", "out", "--shard-size", "60")
    run("score", "in.jsonl", "-o", "whole", "--shard-size", "60")
    with monkeypatch.context() as patched:
        interrupted_after(patched, 5, KeyboardInterrupt())
        run(*arguments)
    piece = archive / "out/_work/pieces/00002/00000"
    piece.write_bytes(piece.read_bytes()[:-1] + b"?")
    assert run(*arguments).status == 1
    assert digests(archive / "out") == digests(archive / "whole")


def test_a_complete_output_is_left_alone(run, archive):
    run("score", "in.jsonl", "-o", "out")
    times = {path: path.stat().st_mtime_ns for path in Path("out").glob("*")}
    result = run("score", "in.jsonl", "-o", "out")
    assert (result.status, "is complete already" in result.err) == (1, True)
    assert {path: path.stat().st_mtime_ns for path in Path("out").glob("*")} == times


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("--target", "x"), '--target [] then, ["x"] now'),
        (("--language", "any"), "--language"),
        (("--shard-size", "50"), "--shard-size 60 then, 50 now"),
        (("--format", "jsonl"), 'format "parquet" then, "jsonl" now'),
        (("--map", "title=id"), "--map"),
    ],
)
def test_a_run_with_other_settings_is_refused_and_says_which(run, archive, change, reason):
    run("score", "in.jsonl", "-o", "out", "--shard-size", "60")
    before = digests(archive / "out")
    result = run("score", "in.jsonl", "-o", "out", "--shard-size", "60", *change)
    assert result.status == 2
    assert reason in result.err
    assert "--overwrite" in result.err
    assert digests(archive / "out") == before
    assert run("score", "in.jsonl", "-o", "out", *change, "--overwrite").status == 1
    assert digests(archive / "out") != before


def test_other_inputs_are_refused(run, archive, monkeypatch):
    with monkeypatch.context() as patched:
        interrupted_after(patched, 5, KeyboardInterrupt())
        run("score", "in.jsonl", "-o", "out", "--shard-size", "60")
    text = Path("in.jsonl").read_text()
    write_jsonl("in.jsonl", article(1))
    result = run("score", "in.jsonl", "-o", "out", "--shard-size", "60")
    assert (result.status, "inputs" in result.err) == (2, True)
    Path("in.jsonl").write_text(text.replace("Number 5.", "Number 6.", 1))  # of the same size
    result = run("score", "in.jsonl", "-o", "out", "--shard-size", "60")
    assert (result.status, "the input is not what it was" in result.err) == (2, True)


def test_the_first_input_that_differs_is_named(run):
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        write_jsonl(name, article(1))
    size = Path("a.jsonl").stat().st_size
    run("score", "a.jsonl", "b.jsonl", "-o", "out")
    for inputs, said in (
        (("a.jsonl", "c.jsonl"), f"inputs b.jsonl of {size} bytes then, c.jsonl of {size} bytes now"),
        (("a.jsonl",), f"inputs b.jsonl of {size} bytes then, no more now"),
        (("a.jsonl", "b.jsonl", "c.jsonl"), f"inputs no more then, c.jsonl of {size} bytes now"),
    ):
        result = run("score", *inputs, "-o", "out")
        assert (result.status, said in result.err) == (2, True)


def test_only_one_run_at_a_time(run, archive):
    with Store(Path("out"), "parquet").locked():
        result = run("score", "in.jsonl", "-o", "out")
    assert result.status == 2
    assert "out: another run is writing to it" in result.err


def test_a_folder_with_other_things_is_refused(run, archive):
    Path("out").mkdir()
    Path("out/mine.txt").write_text("mine")
    for more in ((), ("--overwrite",)):
        result = run("score", "in.jsonl", "-o", "out", *more)
        assert (result.status, "holds other things" in result.err) == (2, True)
    assert [p.name for p in Path("out").iterdir()] == ["mine.txt"]


def test_the_manifest_says_what_the_shards_are(run, archive):
    run("score", "in.jsonl", "-o", "out", "--target", "the raid", "--shard-size", "150")
    manifest = json.loads(Path("out/manifest.json").read_text())
    assert (manifest["model"], manifest["targets"], manifest["shards"]) == ("fake-1", ["the raid"], 2)
    assert manifest["complete"]
    assert manifest["inputs"]["first"] == [{"path": "in.jsonl", "bytes": Path("in.jsonl").stat().st_size}]
    counts = manifest["counts"]
    assert (counts["records"], counts["articles"], counts["refused"], counts["repeats"]) == (202, 184, 18, 1)


def test_a_sealed_file_that_was_changed_is_as_if_not_there(tmp_path):
    path = tmp_path / "sealed"
    durable.seal(path, {"counts": 1}, [b"one\n", b"", b"\0three"])
    assert durable.unseal(path) == ({"counts": 1}, [b"one\n", b"", b"\0three"])
    data = path.read_bytes()
    for i in range(0, len(data), 7):
        path.write_bytes(data[:i] + bytes([data[i] ^ 1]) + data[i + 1 :])
        assert durable.unseal(path) is None
    for length in (0, 10, 64, 65, len(data) - 1):
        path.write_bytes(data[:length])
        assert durable.unseal(path) is None


def test_the_output_within_the_input_folder_is_no_input(run, archive):
    Path("in.jsonl").rename("here.jsonl")
    for _ in range(2):
        result = run("score", ".", "-o", "scored", "--format", "jsonl")
        assert result.status == 1
    assert len(read_jsonl("scored/part-00000.jsonl")) == RECORDS - 16
