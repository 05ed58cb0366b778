"""What is in the output's place already: nothing of it is lost, and nothing of it is taken for what it is not."""

import errno
import json
from pathlib import Path

import pytest
from archives import article, digests, read_jsonl, write_jsonl

from quotestance.model.errors import ModelError
from quotestance.service.archive import output_plan, score_command
from quotestance.service.archive.repeats import SeenIds
from quotestance.service.archive.store import Store

SHARDS = ("--shard-size", "4")


@pytest.fixture
def finished(run, tmp_path: Path) -> Path:
    """A complete archive, whose working folder has been deleted."""
    write_jsonl("in.jsonl", *(article(i) for i in range(10)), {"id": "bad"})
    assert run("score", "in.jsonl", "-o", "out", *SHARDS).status == 1
    remove_work(Path("out"))
    return tmp_path / "out"


def remove_work(folder: Path) -> None:
    for path in (folder / "_work").glob("*"):
        path.unlink()
    (folder / "_work").rmdir()


@pytest.mark.parametrize("options", [("--target", "x"), ("--max-bad", "x"), ("--language", "any")])
def test_a_command_that_fails_leaves_a_finished_archive_as_it_was(run, finished, options):
    before = digests(finished)
    result = run("score", "in.jsonl", "-o", "out", *SHARDS, *options)
    assert result.status == 2
    assert digests(finished) == before
    assert not (finished / "_work").exists()


def test_an_interrupt_before_anything_is_done_leaves_the_shards_of_a_finished_archive(run, finished, monkeypatch):
    shards = [f"{table}-0000{i}.parquet" for table in ("articles", "statements") for i in range(3)]
    before = digests(finished, shards)

    def interrupted(self: Store, result: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Store, "add", interrupted)
        assert run("score", "in.jsonl", "-o", "out", *SHARDS).status == 130
    assert digests(finished, shards) == before
    assert run("score", "in.jsonl", "-o", "out", *SHARDS).status == 1
    assert digests(finished, shards) == before


@pytest.mark.parametrize("manifest", ['{"name": "web app"}', "[]", "not JSON"])
@pytest.mark.parametrize("options", [(), ("--overwrite",)])
def test_another_programs_manifest_is_not_ours(run, manifest, options):
    write_jsonl("in.jsonl", article(1))
    Path("out").mkdir()
    Path("out/manifest.json").write_text(manifest)
    Path("out/part-0001.txt").write_text("mine")
    result = run("score", "in.jsonl", "-o", "out", *options)
    assert (result.status, "name a new or empty folder" in result.err) == (2, True)
    assert sorted(path.name for path in Path("out").iterdir()) == ["manifest.json", "part-0001.txt"]


def test_a_folder_in_the_place_of_the_working_folder_is_looked_at_too(run):
    write_jsonl("in.jsonl", article(1))
    Path("out.jsonl.partial").mkdir()
    Path("out.jsonl.partial/part-0001.txt").write_text("mine")
    assert run("score", "in.jsonl", "-o", "out.jsonl", "--overwrite").status == 2
    assert Path("out.jsonl.partial/part-0001.txt").read_text() == "mine"


def test_a_damaged_manifest_of_a_run_can_be_overwritten(run):
    write_jsonl("in.jsonl", article(1))
    run("score", "in.jsonl", "-o", "out")
    Path("out/manifest.json").write_text("{")
    result = run("score", "in.jsonl", "-o", "out")
    assert (result.status, "is damaged; --overwrite starts anew" in result.err) == (2, True)
    assert run("score", "in.jsonl", "-o", "out", "--overwrite").status == 0


@pytest.mark.parametrize("steps", range(1, 12))
def test_an_overwrite_that_is_cut_off_leaves_nothing_for_a_run_with_other_settings(run, monkeypatch, steps):
    write_jsonl("in.jsonl", *(article(i) for i in range(10)))
    run("score", "in.jsonl", "-o", "out", *SHARDS, "--target", "x")
    unlink, left = Path.unlink, iter(range(steps))

    def cut_off(self: Path, missing_ok: bool = False) -> None:
        if self.parent.name in ("out", "_work") and next(left, None) is None:
            raise KeyboardInterrupt
        unlink(self, missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", cut_off)
        assert run("score", "in.jsonl", "-o", "out", *SHARDS, "--overwrite").status in (0, 130)
    result = run("score", "in.jsonl", "-o", "out", *SHARDS)
    if result.status == 2:
        assert "--overwrite" in result.err
    else:
        run("score", "in.jsonl", "-o", "whole", *SHARDS)
        assert digests(Path("out")) == digests(Path("whole"))


def test_shards_without_a_manifest_are_nobodys(run):
    write_jsonl("in.jsonl", *(article(i) for i in range(10)))
    run("score", "in.jsonl", "-o", "out", *SHARDS, "--target", "x")
    Path("out/manifest.json").unlink()
    before = digests(Path("out"))
    result = run("score", "in.jsonl", "-o", "out", *SHARDS)
    assert (result.status, "no manifest.json that says of what" in result.err) == (2, True)
    assert digests(Path("out")) == before
    assert run("score", "in.jsonl", "-o", "out", *SHARDS, "--overwrite").status == 0


def test_a_single_file_that_could_not_be_put_in_place_is_by_the_next_run(run, monkeypatch):
    write_jsonl("in.jsonl", *(article(i) for i in range(10)), {"id": "bad"})

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "out.jsonl")

    with monkeypatch.context() as patched:
        patched.setattr(output_plan, "merge_shards", full)
        assert run("score", "in.jsonl", "-o", "out.jsonl", *SHARDS).status == 2
    assert not Path("out.jsonl").exists()
    result = run("score", "in.jsonl", "-o", "out.jsonl", *SHARDS)
    assert (result.status, "1 refused (out.rejected.jsonl)" in result.err) == (1, True)
    assert len(read_jsonl("out.jsonl")) == 10
    assert sorted(path.name for path in Path().iterdir()) == ["in.jsonl", "out.jsonl", "out.rejected.jsonl"]


def test_a_single_file_is_done_once_it_is_in_place(run, monkeypatch):
    write_jsonl("in.jsonl", *(article(i) for i in range(10)))

    def interrupted(self: Store, even_folder: bool = True) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Store, "remove", interrupted)
        result = run("score", "in.jsonl", "-o", "out.jsonl", *SHARDS)
    assert (result.status, "is kept" in result.err) == (130, False)
    before = Path("out.jsonl").read_bytes()
    result = run("score", "in.jsonl", "-o", "out.jsonl", "--target", "x")
    assert (result.status, "out.jsonl: is there already" in result.err) == (2, True)
    assert Path("out.jsonl").read_bytes() == before
    assert run("score", "in.jsonl", "-o", "out.jsonl", "--target", "x", "--overwrite").status == 0
    assert sorted(path.name for path in Path().iterdir()) == ["in.jsonl", "out.jsonl"]


def test_an_overwrite_that_fails_before_it_begins_removes_nothing(run, monkeypatch):
    write_jsonl("in.jsonl", *(article(i) for i in range(10)))
    run("score", "in.jsonl", "-o", "out", *SHARDS)
    for path in (Path("out/manifest.json"), *Path("out/_work").glob("shard-*")):
        path.unlink()
    before = digests(Path("out"))

    def unusable(folder: Path | None) -> None:
        raise ModelError("no such model folder")

    monkeypatch.setattr(score_command, "load_model", unusable)
    assert run("score", "in.jsonl", "-o", "out", *SHARDS, "--overwrite").status == 2
    assert digests(Path("out")) == before


def test_a_complete_output_of_standard_input_is_compared_with_it(run):
    first, other, fewer, more = (
        "".join(json.dumps(article(i)) + "\n" for i in numbers).encode()
        for numbers in (range(8), range(1, 9), range(4), range(9))
    )
    assert run("score", "-", "-o", "out", *SHARDS, stdin=first).status == 0
    before = digests(Path("out"))
    result = run("score", "-", "-o", "out", *SHARDS, stdin=first)
    assert (result.status, "is complete already" in result.err) == (0, True)
    for stdin in (other, fewer, more, b""):
        result = run("score", "-", "-o", "out", *SHARDS, stdin=stdin)
        assert (result.status, "the input is not what it was" in result.err) == (2, True)
        assert digests(Path("out")) == before


def test_less_of_standard_input_than_an_earlier_run_had_is_not_the_whole(run, monkeypatch):
    lines = [json.dumps(article(i)).encode() + b"\n" for i in range(12)]
    add = Store.add

    def interrupted(self: Store, result: object) -> None:
        if result.shard == 2:  # type: ignore[attr-defined]
            raise KeyboardInterrupt
        add(self, result)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Store, "add", interrupted)
        run("score", "-", "-o", "out", *SHARDS, stdin=b"".join(lines))
    result = run("score", "-", "-o", "out", *SHARDS, stdin=b"".join(lines[:4]))
    assert (result.status, "it ends earlier" in result.err) == (2, True)


def test_an_overwrite_spares_files_that_no_run_has_written(run, finished):
    others = [finished / name for name in ("statements-2021 notes.xlsx", "articles-2024.md", "part-1.docx")]
    for other in others:
        other.write_text("mine")
    (finished / "part-1").mkdir()
    assert run("score", "in.jsonl", "-o", "out", *SHARDS, "--overwrite").status == 1
    assert all(other.read_text() == "mine" for other in others)
    assert (finished / "part-1").is_dir()


def test_outputs_of_two_formats_do_not_share_one_file_of_rejects(run):
    write_jsonl("in.jsonl", article(1), {"id": "bad"})
    assert run("score", "in.jsonl", "-o", "scored.jsonl").status == 1
    rejected = Path("scored.rejected.jsonl").read_text()
    for options in ((), ("--overwrite",)):
        result = run("score", "in.jsonl", "-o", "scored.parquet", *options)
        assert (result.status, "scored.rejected.jsonl: is the one of scored.jsonl" in result.err) == (2, True)
    assert Path("scored.rejected.jsonl").read_text() == rejected


def test_where_no_list_of_ids_can_be_kept_the_disk_is_to_blame(tmp_path):
    with pytest.raises(OSError, match="cannot keep the list of ids"):
        SeenIds(tmp_path / "nowhere" / "ids")
