"""`quotestance stance`: rows in, their stances out."""

import json
from pathlib import Path

import pytest

from quotestance.service.archive.records import RAW_BYTES

ROW = {"id": "r1", "text": "Dora Lind said they support it.", "actor": "Dora Lind", "target": "the strike"}


def write(*rows: object) -> None:
    Path("in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def read(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(name).read_bytes().splitlines()]


def test_the_fields_of_a_judged_row(run):
    write(ROW)
    result = run("stance", "in.jsonl", "-o", "out.jsonl")
    assert (result.status, result.out) == (0, "")
    assert read("out.jsonl") == [
        {
            "id": "r1",
            "actor": "Dora Lind",
            "target": "the strike",
            "stance": "supportive",
            "probabilities": {"supportive": 0.9124, "neutral": 0.05, "condemning": 0.0376},
            "score": 0.8748,
            "confidence": 0.9124,
            "abstained": False,
            "truncated": False,
            "tokens": None,
            "model": "fake-1",
        }
    ]
    assert result.err.startswith("quotestance: 1 rows, ")


def test_a_quote_is_what_is_judged(run):
    write(ROW | {"quote": "Dora Lind said"}, ROW | {"quote": None})
    assert run("stance", "in.jsonl", "-o", "out.jsonl").status == 0
    assert [row["stance"] for row in read("out.jsonl")] == ["neutral", "supportive"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quote": "never said"}, "`quote` is not found in `text`"),
        ({"quote": ""}, "`quote` is empty"),
        ({"quote": 3}, "`quote` must be text, not a number"),
        ({"actor": None}, "`actor` is missing"),
        ({"target": " "}, "`target` is empty"),
        ({"target": ["a"]}, "`target` must be text, not a list"),
        ({"text": False}, "`text` must be text, not true or false"),
        ({"id": []}, "`id` must be text, not a list"),
        ({"text": "support " * 200_000}, "`text` is over the limit"),
    ],
)
def test_a_bad_row_is_put_aside(run, change, reason):
    write(ROW, ROW | change, ROW | {"id": 3})
    result = run("stance", "in.jsonl", "-o", "out.jsonl")
    (rejected,) = read("out.rejected.jsonl")
    assert result.status == 1
    assert [row["id"] for row in read("out.jsonl")] == ["r1", "3"]
    assert (rejected["source"], rejected["line"], rejected["reason"]) == ("in.jsonl", 2, reason)
    assert rejected["raw"] == json.dumps(ROW | change)[:RAW_BYTES]


def test_order_over_several_chunks_and_through_pipes(run):
    rows = "".join(json.dumps(ROW | {"id": str(i)}) + "\n" for i in range(600))
    result = run("stance", "-", "-o", "-", stdin=rows.encode())
    assert result.status == 0
    assert [json.loads(line)["id"] for line in result.out.splitlines()] == [str(i) for i in range(600)]


def test_no_rows_and_wrong_kinds_are_unusable(run):
    write()
    assert "no row in in.jsonl" in run("stance", "in.jsonl", "-o", "out.jsonl").err
    Path("rows.txt").write_text("a")
    result = run("stance", "rows.txt", "-o", "out.jsonl")
    assert result.status == 2
    assert "rows.txt: cannot read this kind of file" in result.err
    assert not Path("out.jsonl").exists()
