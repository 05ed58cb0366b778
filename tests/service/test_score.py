"""`quotestance score`: files in, scored lines out, and what happens to records that cannot be used."""

import base64
import gzip
import json
import random
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

import pytest
from fakes import TEXT

from quotestance.service import lines as service_lines
from quotestance.service.archive.records import RAW_BYTES
from quotestance.service.archive.sources import Source


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_bytes().splitlines()]


def write_jsonl(path: str, *records: Any) -> None:
    Path(path).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def leftovers() -> list[str]:
    return sorted(path.name for path in Path().iterdir() if ".part" in path.name or "out" in path.name)


def test_scores_lines_in_order_and_keeps_metadata(run):
    write_jsonl("in.jsonl", {"id": 7, "text": TEXT, "title": "Strike", "date": "2031-05-01"}, {"text": "Rain fell."})
    result = run("score", "in.jsonl", "-o", "out.jsonl")
    first, second = lines("out.jsonl")
    assert (result.status, result.out) == (0, "")
    assert (first["id"], first["title"], first["date"]) == ("7", "Strike", "2031-05-01")
    assert "source" not in first
    assert [s["stance"] for s in first["statements"]] == ["supportive", "condemning", "neutral"]
    assert all(TEXT[s["start"] : s["end"]] == s["quote"] for s in first["statements"])
    assert (second["target"], second["statements"]) == (None, [])
    assert len(second["id"]) == 16
    assert leftovers() == ["out.jsonl"]
    assert result.err.startswith("quotestance: 2 articles, 3 statements, ")


def test_the_order_holds_over_chunks_with_bad_records_between(run):
    records: list[Any] = [{"id": str(i), "text": TEXT} if i % 10 else {"id": str(i)} for i in range(200)]
    write_jsonl("in.jsonl", *records)
    assert run("score", "in.jsonl", "-o", "out.jsonl").status == 1
    assert [line["id"] for line in lines("out.jsonl")] == [str(i) for i in range(200) if i % 10]
    assert [line["line"] for line in lines("out.rejected.jsonl")] == list(range(1, 201, 10))


def test_every_kind_of_input_at_once(run):
    write_jsonl("a.jsonl", {"id": "a", "text": TEXT})
    with gzip.open("b.jsonl.gz", "wb") as stream:
        stream.write(json.dumps({"id": "b", "text": TEXT}).encode())
    Path("c.json").write_text(json.dumps([{"id": "c1", "text": TEXT}, {"id": "c2", "text": TEXT}]))
    Path("d.json").write_text(json.dumps({"doc_id": "d", "text": TEXT}, indent=2))
    Path("folder").mkdir()
    for name in ("f", "e"):
        Path(f"folder/{name}.txt").write_text(TEXT)
    Path("folder/notes.md").write_text("not an article")
    for name in ("g1", "g2"):
        Path(f"{name}.txt").write_text(TEXT)
    stdin = json.dumps({"id": "stdin", "text": TEXT}).encode()
    arguments = ["a.jsonl", "b.jsonl.gz", "c.json", "d.json", "folder", "g*.txt", "g1.txt", "-"]
    assert run("score", *arguments, "-o", "out.jsonl", stdin=stdin).status == 0
    expected = ["a", "b", "c1", "c2", "d", "e", "f", "g1", "g2", "stdin"]
    assert [line["id"] for line in lines("out.jsonl")] == expected


def test_a_file_whose_name_looks_like_a_glob(run):
    Path("report[1].txt").write_text(TEXT)
    assert run("score", "report[1].txt", "-o", "out.jsonl").status == 0
    assert lines("out.jsonl")[0]["id"] == "report[1]"


def test_bom_and_crlf(run):
    Path("in.jsonl").write_bytes(b"\xef\xbb\xbf" + json.dumps({"id": "a", "text": TEXT}).encode() + b"\r\n\r\n")
    Path("t.txt").write_bytes(b"\xef\xbb\xbfFirst.\r\n" + TEXT.encode())
    assert run("score", "in.jsonl", "t.txt", "-o", "out.jsonl").status == 0
    quote = lines("out.jsonl")[1]["statements"][0]
    assert ("First.\r\n" + TEXT)[quote["start"] : quote["end"]] == quote["quote"]


def test_targets_given_once_several_times_and_by_the_record(run):
    write_jsonl("in.jsonl", {"text": TEXT}, {"text": TEXT, "target": "own"}, {"text": TEXT, "target": ["x", "y"]})
    assert run("score", "in.jsonl", "-o", "one.jsonl", "--target", "A").status == 0
    assert run("score", "in.jsonl", "-o", "two.jsonl", "--target", "A", "--target", "B").status == 0
    first, second, third = lines("one.jsonl")
    assert first["target"] == {"text": "A", "source": "given"}
    assert "stances" not in first["statements"][0]
    assert second["target"]["text"] == "own"
    assert [target["text"] for target in third["targets"]] == ["x", "y"]
    statement = lines("two.jsonl")[0]["statements"][0]
    assert [entry["target"] for entry in statement["stances"]] == ["A", "B"]
    assert statement["stances"][0]["probabilities"] == statement["probabilities"]
    assert len(lines("two.jsonl")[0]["actors"][0]["stances"]) == 2


BAD_LINES = {
    b'{"id": "x", "text": "cut': "not valid JSON",
    b"not json": "not valid JSON",
    b"[1, 2]": "not a JSON object but a list",
    b"null": "not a JSON object but null",
    b'{"id": "x"}': "`text` is missing",
    b'{"text": null}': "`text` is missing",
    b'{"text": 5}': "`text` must be text, not a number",
    b'{"text": ["a"]}': "`text` must be text, not a list",
    b'{"text": ""}': "`text` is empty",
    b'{"text": " \\n "}': "`text` is empty",
    b'{"text": "a", "title": {}}': "`title` must be text, not an object",
    b'{"text": "a", "id": true}': "`id` must be text, not true or false",
    b'{"text": "a", "target": ""}': "`target` must be a text that is not empty",
    b'{"text": "a", "target": ["b", 1]}': "`target` must be a text that is not empty",
    b'{"text": "caf\xe9"}': "not UTF-8 text: byte 0xe9 at offset 13",
    b'{"text": "nul \x00 byte"}': "not valid JSON",
    b"[" * 100_000: "nested too deeply",
    b'{"text": "a", "n": ' + b"9" * 5000 + b"}": "not usable JSON",
    json.dumps({"text": "long " * 1_000_001}).encode(): "over the limit",
}


@pytest.mark.parametrize(("line", "reason"), BAD_LINES.items(), ids=lambda value: str(value)[:40])
def test_a_bad_line_is_put_aside_and_its_neighbours_are_scored(run, line, reason):
    good, other = (json.dumps({"id": id, "text": TEXT}).encode() for id in ("good", "other"))
    Path("in.jsonl").write_bytes(good + b"\n" + line + b"\n" + other)
    result = run("score", "in.jsonl", "-o", "out.jsonl")
    (rejected,) = lines("out.rejected.jsonl")
    assert result.status == 1
    assert len(lines("out.jsonl")) == 2
    assert (rejected["source"], rejected["line"]) == ("in.jsonl", 2)
    assert reason in rejected["reason"]
    assert rejected["raw"] == line[:RAW_BYTES].decode("utf-8", "backslashreplace")
    assert ("cut" in rejected) == (len(line) > RAW_BYTES)
    assert base64.b64decode(rejected.get("raw_base64", "")) in (line, b"")
    assert ("raw_base64" in rejected) == (b"\xe9" in line)
    assert "1 refused (out.rejected.jsonl)" in result.err
    assert leftovers() == ["out.jsonl", "out.rejected.jsonl"]


def test_lone_surrogates_come_out_as_valid_utf8(run):
    Path("in.jsonl").write_text('{"id": "s\\ud800", "text": "\\udfff Dora Lind said: \\"We support it \\ud83d.\\""}\n')
    assert run("score", "in.jsonl", "-o", "out.jsonl", "--target", "x").status == 0
    (line,) = lines("out.jsonl")  # decodes as UTF-8
    assert line["statements"][0]["quote"] == "We support it \ud83d."


def test_nul_characters_in_json_are_text(run):
    write_jsonl("in.jsonl", {"text": "a\0b " + TEXT})
    assert run("score", "in.jsonl", "-o", "out.jsonl").status == 0
    assert lines("out.jsonl")[0]["statements"][0]["start"] == len("a\0b ") + TEXT.index("We")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("p.jsonl", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\n\n\0", "a binary file, not JSON lines"),
        ("p.jsonl", '{"text": "a"}'.encode("utf-16"), "UTF-16"),
        ("p.json", b"\0\1\2", "a binary file"),
        ("p.json", b"", "not valid JSON"),
        ("p.txt", b"PK\3\4\0\0", "a binary file"),
        ("p.txt", "Café".encode("latin-1"), "not UTF-8 text: byte 0xe9 at offset 3"),
        ("p.txt", b"", "is empty"),
        ("p.txt", b"\xef\xbb\xbf \r\n", "is empty"),
        ("p.txt", b"word " * 1_000_001, "over the limit"),
        ("p.jsonl.gz", b"not gzip", "damaged or cut short after line 0"),
    ],
)
def test_a_bad_file_does_not_stop_the_others(run, name, data, reason):
    Path(name).write_bytes(data)
    write_jsonl("good.jsonl", {"id": "good", "text": TEXT})
    assert run("score", name, "good.jsonl", "-o", "out.jsonl").status == 1
    (rejected,) = lines("out.rejected.jsonl")
    assert (rejected["source"], rejected["line"]) == (name, None)
    assert reason in rejected["reason"]
    assert [line["id"] for line in lines("out.jsonl")] == ["good"]


def test_a_file_that_cannot_be_opened_does_not_stop_the_others(run, monkeypatch):
    def locked(source: Source, watch: object = None) -> AbstractContextManager[IO[bytes]]:
        if source.name == "good.jsonl":
            return Path("good.jsonl").open("rb")
        raise PermissionError(13, "Permission denied", source.name)

    monkeypatch.setattr(service_lines, "open_bytes", locked)
    write_jsonl("good.jsonl", {"id": "good", "text": TEXT})
    for name in ("locked.jsonl", "locked.txt"):
        Path(name).write_text("")
    assert run("score", "locked.jsonl", "locked.txt", "good.jsonl", "-o", "out.jsonl").status == 1
    assert ["Permission denied" in line["reason"] for line in lines("out.rejected.jsonl")] == [True, True]
    assert [line["id"] for line in lines("out.jsonl")] == ["good"]


def test_a_compressed_file_cut_short_gives_what_it_still_holds(run):
    noise = random.Random(5)  # incompressible, so that half the file is about half the lines
    texts = [f"{TEXT} {noise.getrandbits(4000):x}" for _ in range(100)]
    data = gzip.compress("".join(json.dumps({"text": text}) + "\n" for text in texts).encode())
    Path("in.jsonl.gz").write_bytes(data[: len(data) // 2])
    assert run("score", "in.jsonl.gz", "-o", "out.jsonl").status == 1
    (rejected,) = lines("out.rejected.jsonl")
    scored = len(lines("out.jsonl"))
    assert 30 < scored < 70
    assert f"cut short after line {scored}" in rejected["reason"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jsonl", "-o", "out.jsonl"], "missing.jsonl: no such file or folder"),
        (["*.jsonl.gz", "-o", "out.jsonl"], "*.jsonl.gz: matches no file"),
        (["empty_folder", "-o", "out.jsonl"], "empty_folder: a folder without files to read"),
        (["table.xlsx", "-o", "out.jsonl"], "table.xlsx: cannot read this kind of file"),
        (["empty.jsonl", "-o", "out.jsonl"], "no article in empty.jsonl"),
        (["good.jsonl", "-o", "out.csv"], "out.csv: cannot write this kind of file"),
        (["good.jsonl", "-o", "nowhere/out.jsonl"], "nowhere: no such folder"),
        (["good.jsonl", "-o", "good.jsonl"], "is both an input and the output"),
        (["good.jsonl", "-o", "good.jsonl", "--overwrite"], "is both an input and the output"),
        (["good.jsonl", "-o", "there.jsonl"], "there.jsonl: is there already"),
        (["good.jsonl", "-o", "out.jsonl", "--target", "x", "--target", " "], "--target is empty"),
        (["missing.jsonl", "-o", "out.jsonl", "--target", ""], "--target is empty"),
        (["good.jsonl"], "Missing option"),
        (["good.jsonl", "-o", "out.jsonl", "--fast"], "No such option"),
        (["-o", "out.jsonl"], "Missing argument"),
    ],
)
def test_unusable_arguments_are_one_line_and_leave_nothing(run, arguments, message):
    Path("empty_folder").mkdir()
    Path("table.xlsx").write_text("id,text\n")
    Path("empty.jsonl").write_text("\n")
    write_jsonl("good.jsonl", {"text": TEXT})
    Path("there.jsonl").write_text("mine")
    result = run("score", *arguments)
    assert result.status == 2
    assert message in result.err
    assert result.err.startswith("quotestance: ")
    assert result.err.count("\n") == 1
    assert leftovers() == []
    assert Path("there.jsonl").read_text() == "mine"


def test_overwrite_replaces_the_output_and_the_old_rejects(run):
    Path("bad.jsonl").write_text("oops\n")
    write_jsonl("good.jsonl", {"text": TEXT})
    assert run("score", "bad.jsonl", "good.jsonl", "-o", "out.jsonl").status == 1
    assert run("score", "good.jsonl", "-o", "out.jsonl", "--overwrite").status == 0
    assert leftovers() == ["out.jsonl"]


def test_to_stdout_with_refusals_on_stderr(run):
    stdin = b"oops\n" + json.dumps({"id": "a", "text": TEXT}).encode()
    result = run("score", "-", "-o", "-", stdin=stdin)
    assert result.status == 1
    assert [json.loads(line)["id"] for line in result.out.splitlines()] == ["a"]
    assert "quotestance: refused <stdin>, line 1: not valid JSON" in result.err
    assert leftovers() == []
