"""Every kind of file that `score` reads, and every kind that it writes."""

import csv
import gzip
import io
import json
import os
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from archives import article, read_jsonl, write_jsonl
from fakes import TEXT

from quotestance.service import csv_lines
from quotestance.service.archive import tables
from quotestance.service.archive.parquet_schema import ARTICLES, STATEMENTS
from quotestance.service.archive.pieces import Cut, Recipe, Work
from quotestance.service.archive.sources import Source, find_sources

ROWS = [
    {"key": f"k{i}", "body": f"{TEXT}Second line,\nwith “marks” {i}.", "head": None if i % 2 else "Raid"}
    for i in range(7)
]
MAP = ("--map", "text=body,id=key", "--map", "title=head")


def write_csv(path: str, rows: list[dict[str, Any]], delimiter: str = ",") -> None:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    data = stream.getvalue().encode()
    packed = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}
    Path(path).write_bytes(packed.get(Path(path).suffix, bytes)(data))


def write_columns(path: str, rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows)
    if path.endswith(".parquet"):
        pq.write_table(table, path, row_group_size=3)
        return
    with pa.OSFile(path, "wb") as stream, pa.ipc.new_file(stream, table.schema) as writer:
        writer.write_table(table)


def write_dataset(folder: str, rows: list[dict[str, Any]]) -> None:
    """As `datasets` saves one: Arrow streams, and two files of JSON."""
    Path(folder).mkdir(parents=True)
    for name, part in (("data-1.arrow", rows[:1]), ("data-0.arrow", rows[1:])):
        table = pa.Table.from_pylist(part)
        with pa.OSFile(f"{folder}/{name}", "wb") as stream, pa.ipc.new_stream(stream, table.schema) as writer:
            writer.write_table(table)
    state = {"_data_files": [{"filename": "data-1.arrow"}, {"filename": "data-0.arrow"}]}
    Path(folder, "state.json").write_text(json.dumps(state))
    Path(folder, "dataset_info.json").write_text("{}")


@pytest.mark.parametrize(
    "name",
    ["t.csv", "t.csv.gz", "t.csv.zst", "semi.csv", "t.tsv", "t.parquet", "t.arrow", "t.jsonl", "t.jsonl.zst", "saved"],
)
def test_a_table_is_read_with_its_columns_mapped(run, name):
    if name == "saved":
        write_dataset(name, ROWS)
    elif name.endswith(("parquet", "arrow")):
        write_columns(name, ROWS)
    elif "jsonl" in name:
        lines = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
        Path(name).write_bytes(zstandard.ZstdCompressor().compress(lines) if name.endswith("zst") else lines)
    else:
        write_csv(name, ROWS, {"t.tsv": "\t", "semi.csv": ";"}.get(name, ","))
    result = run("score", name, "-o", "out.jsonl", *MAP)
    assert (result.status, result.err.count("\n")) == (0, 1)
    scored = read_jsonl("out.jsonl")
    assert [line["id"] for line in scored] == [row["key"] for row in ROWS]
    assert [line.get("title") for line in scored] == [row["head"] for row in ROWS]
    for line, row in zip(scored, ROWS, strict=True):
        assert all(row["body"][s["start"] : s["end"]] == s["quote"] for s in line["statements"])


def test_splits_of_a_saved_dataset_and_folders_within_folders(run):
    write_dataset("all/data/train", ROWS[:4])
    write_dataset("all/data/test", ROWS[4:])
    Path("all/data/dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    for name in ("all/x/one.txt", "all/y/one.txt", "all/.git/no.txt", "all/_work/no.txt"):
        Path(name).parent.mkdir()
        Path(name).write_text(f"{TEXT}{name}")
    with gzip.open("all/z.txt.gz", "wb") as stream:
        stream.write(TEXT.encode())
    assert run("score", "all", "-o", "out.jsonl", *MAP).status == 0
    ids = [line["id"] for line in read_jsonl("out.jsonl")]
    assert ids == [*(row["key"] for row in ROWS), "x/one", "y/one", "z"]


def test_two_files_of_one_name_are_both_scored(run):
    for folder in ("a", "b", "c"):
        Path(folder).mkdir()
        Path(folder, "001.txt").write_text(TEXT + ("A" if folder == "c" else folder))
    Path("a/copy.txt").write_text(TEXT + "a")
    assert run("score", "a", "b", "c", "-o", "out.jsonl").status == 0
    ids = [line["id"] for line in read_jsonl("out.jsonl")]
    assert ids[:2] == ["001", "copy"]
    assert all(id.startswith("001-") for id in ids[2:])
    assert len(set(ids)) == 4


def test_broken_rows_of_a_csv_file_are_put_aside_with_their_line(run):
    good = 'k{},"' + TEXT.replace('"', '""').replace("\n", "\n\n") + '"\n'
    lines = [
        "id,text\n",
        good.format(1),
        "short\n",
        good.format(2),
        'k3,"never closed\n',
        good.format(4),
        'k5,"a"b\n',
        "\n",
    ]
    data = "".join(lines).encode() + b"k6,caf\xe9 " + b"\n" + good.format(7).encode() + b'k8,"open at the end'
    Path("in.csv").write_bytes(data)
    assert run("score", "in.csv", "-o", "out.jsonl").status == 1
    assert [line["id"] for line in read_jsonl("out.jsonl")] == ["k1", "k2", "k4", "k7"]
    rejected = read_jsonl("out.rejected.jsonl")
    expected = [b"short", b'k3,"never closed', b'k5,"a"b', b"k6,caf\xe9 ", b'k8,"open at the end']
    physical = data.split(b"\n")
    assert [physical[line["line"] - 1] for line in rejected] == expected
    assert [line["raw"] for line in rejected] == [raw.decode("utf-8", "backslashreplace") for raw in expected]
    reasons = " | ".join(line["reason"] for line in rejected)
    assert "has 1 cells where the first line has 2" in reasons
    assert "not UTF-8 text: byte 0xe9" in reasons


def test_a_csv_file_of_nothing_but_open_quotes_comes_to_an_end(run, monkeypatch):
    monkeypatch.setattr(csv_lines, "_REREAD_BYTES", 100_000)
    Path("in.csv").write_text("id,text\n" + 'k,"open "\n' * 2_000)
    assert run("score", "in.csv", "-o", "out.jsonl").status == 1
    assert read_jsonl("out.rejected.jsonl")


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.arrow"])
def test_a_missing_column_is_said_at_once(run, name):
    (write_csv if name == "t.csv" else write_columns)(name, ROWS)
    result = run("score", name, "-o", "out.jsonl")
    assert result.status == 2
    assert f"{name}: has no column `text`; it has key, body, head (--map text=COLUMN names another)" in result.err
    result = run("score", name, "-o", "out.jsonl", "--map", "text=body,url=link")
    assert "has no column `link`" in result.err


@pytest.mark.parametrize("mapping", ["body", "bodytext=body", "text=", "=x"])
def test_a_mapping_that_says_nothing(run, mapping):
    write_csv("t.csv", ROWS)
    result = run("score", "t.csv", "-o", "out.jsonl", "--map", mapping)
    assert (result.status, "give FIELD=COLUMN" in result.err) == (2, True)


def test_a_field_within_a_field(run):
    write_jsonl("in.jsonl", {"meta": {"id": 5}, "article": {"text": TEXT}}, {"meta": None, "article": []})
    assert run("score", "in.jsonl", "-o", "out.jsonl", "--map", "text=article.text,id=meta.id").status == 1
    assert [line["id"] for line in read_jsonl("out.jsonl")] == ["5"]
    assert read_jsonl("out.rejected.jsonl")[0]["reason"] == "`article.text` is missing"


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow", "t.jsonl.zst", "t.csv.gz"])
def test_a_file_cut_short_gives_what_it_still_holds(run, name):
    noise = random.Random(5)
    rows = [{"id": f"k{i}", "text": f"{TEXT} {noise.getrandbits(4000):x}"} for i in range(300)]
    if name.endswith("csv.gz"):
        write_csv(name, rows)
    elif name.endswith("zst"):
        frames = [json.dumps(row).encode() + b"\n" for row in rows]
        Path(name).write_bytes(b"".join(zstandard.ZstdCompressor().compress(frame) for frame in frames))
    elif name.endswith("arrow"):
        table = pa.Table.from_pylist(rows)
        with pa.OSFile(name, "wb") as stream, pa.ipc.new_stream(stream, table.schema) as writer:
            writer.write_table(table, max_chunksize=10)
    else:
        write_columns(name, rows)
    data = Path(name).read_bytes()
    Path(name).write_bytes(data[: len(data) // 2])
    write_jsonl("good.jsonl", article(1))
    assert run("score", name, "good.jsonl", "-o", "out.jsonl").status == 1
    (rejected,) = read_jsonl("out.rejected.jsonl")
    assert (rejected["source"], rejected["line"]) == (name, None)
    scored = len(read_jsonl("out.jsonl")) - 1
    assert scored == 0 if name == "t.parquet" else 100 < scored < 200  # Parquet has its index at the end


def test_decimal_numbers_are_ids_as_other_numbers_are(run):
    ids = pa.array([Decimal(7), Decimal("8.5"), Decimal(10**30)], pa.decimal128(38, 1))
    pq.write_table(pa.table({"id": ids, "text": [TEXT, f"{TEXT} a", f"{TEXT} b"]}), "t.parquet")
    assert run("score", "t.parquet", "-o", "out.jsonl").status == 0
    assert [line["id"] for line in read_jsonl("out.jsonl")] == ["7", "8.5", str(10**30)]


def test_of_a_large_row_group_only_a_little_is_held(tmp_path):
    texts = [random.Random(i).randbytes(12_000).hex() for i in range(4_000)]  # 96 MB in one row group
    pq.write_table(pa.table({"text": texts}), tmp_path / "t.parquet", compression="none", use_dictionary=False)
    records = tables.table_records(Source(tmp_path / "t.parquet", "parquet"), {})
    before = pa.total_allocated_bytes()
    most = max(pa.total_allocated_bytes() - before for _ in records)
    assert most < 50_000_000


def test_a_bad_byte_far_into_a_csv_row_is_named(run):
    Path("t.csv").write_bytes(b"id,text\nk," + "\u0436".encode() * 40_000 + b"caf\xe9 " + b"x" * 9 + b"\n")
    assert run("score", "t.csv", "-o", "out.jsonl").status == 1
    (line,) = read_jsonl("out.rejected.jsonl")
    assert line["reason"].startswith("`text`: not UTF-8 text: byte 0xe9 at offset 80003")


def test_parquet_values_of_every_kind(run):
    rows = [
        {"id": 7, "text": TEXT, "date": pd.Timestamp("2031-05-01"), "title": float("nan")},
        {"id": 8, "text": None, "date": None, "title": float("nan")},
        {"id": 9, "text": TEXT + "9", "date": pd.NaT, "title": float("nan")},
    ]
    pd.DataFrame(rows).to_parquet("t.parquet")
    pq.write_table(pa.table({"id": ["b"], "text": pa.array([b"caf\xe9"], pa.binary())}), "b.parquet")
    assert run("score", "t.parquet", "b.parquet", "-o", "out.jsonl").status == 1
    first, second = read_jsonl("out.jsonl")
    assert (first["id"], first["date"][:10], second["id"]) == ("7", "2031-05-01", "9")
    missing, wrong = read_jsonl("out.rejected.jsonl")
    assert (missing["line"], missing["reason"]) == (2, "`text` is missing")
    assert (wrong["line"], wrong["reason"]) == (1, "`text` must be text, not bytes")


@pytest.mark.parametrize("name", ["a.csv.zst", "a.csv.gz"])
@pytest.mark.parametrize("damage", ["cut", "plain"])
def test_a_compressed_table_that_is_damaged_in_its_first_block(run, name, damage):
    write_csv(name, ROWS)
    Path(name).write_bytes(Path(name).read_bytes()[:20] if damage == "cut" else b"id,text\na,b\n")
    write_jsonl("good.jsonl", article(1))
    result = run("score", name, "good.jsonl", "-o", "out.jsonl")
    assert (result.status, result.err.count("\n")) == (1, 1)
    (rejected,) = read_jsonl("out.rejected.jsonl")
    assert rejected["source"] == name
    assert "damaged or cut short after line 0" in rejected["reason"] or "Not a gzipped file" in rejected["reason"]
    assert len(read_jsonl("out.jsonl")) == 1


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow"])
@pytest.mark.parametrize(
    ("type", "far"), [(pa.timestamp("us"), 10**18), (pa.timestamp("s"), 10**12), (pa.date32(), 2**31 - 1)]
)
def test_a_date_beyond_all_calendars_costs_its_row_alone(run, name, type, far):
    texts = [TEXT + str(i) for i in range(3)]
    table = pa.table({"id": ["a", "b", "c"], "text": texts, "date": pa.array([0, far, 1], type)})
    if name == "t.parquet":
        pq.write_table(table, name)
    else:
        with pa.OSFile(name, "wb") as stream, pa.ipc.new_file(stream, table.schema) as writer:
            writer.write_table(table)
    assert run("score", name, "-o", "out.jsonl").status == 1
    assert [line["id"] for line in read_jsonl("out.jsonl")] == ["a", "c"]
    (rejected,) = read_jsonl("out.rejected.jsonl")
    assert (rejected["line"], rejected["reason"].split(":")[0]) == (2, "a date or number that cannot be read")


@pytest.mark.parametrize("out", ["out", "out.jsonl", "out.parquet"])
def test_files_whose_names_are_not_utf8(run, out):
    Path("in").mkdir()
    for name in (b"caf\xe9.txt", b"bad\xe9.txt", b"t\xe9.parquet", b"u\xe9.arrow"):
        path = Path("in", os.fsdecode(name))
        if path.suffix == ".txt":
            path.write_text(TEXT if name.startswith(b"caf") else " ")
            continue
        write_columns(f"plain{path.suffix}", [{"id": path.suffix, "text": TEXT}, {"id": "bad", "text": ""}])
        Path(f"plain{path.suffix}").rename(path)
    for _ in range(2):
        result = run("score", "in", "-o", out, *(("--resume",) if out == "out" else ("--overwrite",)))
        assert result.status == 1
        assert "Traceback" not in result.err
    rejected = read_jsonl("out/quarantine.jsonl" if out == "out" else "out.rejected.jsonl")
    names = [os.fsencode(line["source"]) for line in rejected]
    assert names == [b"in/bad\xe9.txt", b"in/t\xe9.parquet", b"in/u\xe9.arrow"]
    if out == "out.jsonl":
        assert [line["id"] for line in read_jsonl(out)] == ["caf\udce9", ".parquet", ".arrow"]
    Path("in", os.fsdecode(b"bad\xe9.txt")).write_text(TEXT + "longer")
    if out == "out":
        result = run("score", "in", "-o", out)
        assert (result.status, "inputs" in result.err) == (2, True)


def test_shards_are_read_by_duckdb_and_pandas(run):
    write_jsonl(
        "in.jsonl", *(article(i) for i in range(10)), {"id": "s", "text": 'Ana Po said: "We support \ud83d it."'}
    )
    arguments = ("score", "in.jsonl", "--target", "x", "--target", "y")
    for out in ("out", "out.parquet", "out.jsonl"):
        assert run(*arguments, "-o", out, "--shard-size", "4").status == 0
    assert sorted(p.name for p in Path("out").glob("*-*")) == [
        f"{table}-0000{i}.parquet" for table in ("articles", "statements") for i in range(3)
    ]
    whole = duckdb.sql("select * from 'out/statements-*.parquet' order by filename, file_row_number").fetchall()
    assert duckdb.sql("select * from 'out.parquet'").fetchall() == whole
    articles = pd.read_parquet("out.articles.parquet")
    assert list(articles["id"]) == [f"a{i}" for i in range(10)] + ["s"]
    assert pq.read_schema("out.parquet").equals(STATEMENTS)
    assert pq.read_schema("out/articles-00001.parquet").equals(ARTICLES)
    lines = read_jsonl("out.jsonl")
    statements = pq.read_table("out.parquet").to_pylist()
    assert len(statements) == sum(len(line["statements"]) for line in lines) == 31
    first, told = statements[0], lines[0]["statements"][0]
    assert all(
        first[key] == told[key] for key in ("quote", "start", "end", "cue", "kind", "actor", "score", "abstained")
    )
    assert (first["article_id"], first["index"], first["p_supportive"]) == (
        "a0",
        0,
        told["probabilities"]["supportive"],
    )
    assert [s["target"] for s in first["stances"]] == ["x", "y"]
    assert statements[-1]["quote"] == "We support \ufffd it."
    actor = pq.read_table("out.articles.parquet").to_pylist()[0]["actors"][0]
    assert (actor["actor"], actor["statements"], actor["p_supportive"]) == ("Dora Lind", [0], first["p_supportive"])


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_compressed_lines(run, suffix):
    write_jsonl("in.jsonl", *(article(i) for i in range(10)), {"id": "bad"})
    assert run("score", "in.jsonl", "-o", "out.jsonl").status == 1
    assert run("score", "in.jsonl", "-o", f"packed.jsonl.{suffix}", "--shard-size", "3").status == 1
    assert run("score", "in.jsonl", "-o", "parts", "--format", f"jsonl.{suffix}", "--shard-size", "3").status == 1
    expected = read_jsonl("out.jsonl")
    assert pd.read_json(f"packed.jsonl.{suffix}", lines=True)["id"].tolist() == [line["id"] for line in expected]
    assert duckdb.sql(f"select count(*) from read_json('packed.jsonl.{suffix}')").fetchall() == [(10,)]
    assert duckdb.sql(f"select count(*) from read_json('parts/part-*.jsonl.{suffix}')").fetchall() == [(10,)]
    assert Path("packed.rejected.jsonl").read_bytes() == Path("out.rejected.jsonl").read_bytes()
    assert run("score", f"packed.jsonl.{suffix}", "-o", "again.jsonl", "--map", "text=model").status == 1


def test_the_share_of_the_input_that_was_read_only_grows(tmp_path):
    for name in ("a.csv", "b.jsonl.gz", "c.txt", "d.parquet"):
        if name.endswith(".csv"):
            write_csv(str(tmp_path / name), ROWS)
        elif name.endswith("parquet"):
            write_columns(str(tmp_path / name), ROWS)
        else:
            packed = gzip.compress if name.endswith("gz") else bytes
            (tmp_path / name).write_bytes(packed(json.dumps({"body": TEXT}).encode() + b"\n"))
    work = Work(tuple(find_sources([str(tmp_path)])), {"text": "body"}, Recipe(), Cut(piece=2))
    shares = [piece.share for piece in work.pieces()]
    assert shares == sorted(shares, key=lambda share: share or 0.0)
    assert shares[-1] == 1.0
    assert (
        next(Work((Source(tmp_path / "c.txt", "txt"), Source(None, "jsonl")), {}, Recipe(), Cut()).pieces()).share
        is None
    )


def test_a_folder_that_a_link_leads_to_again_is_read_once(tmp_path):
    (tmp_path / "texts/2021-06").mkdir(parents=True)
    (tmp_path / "texts/2021-06/a.txt").write_text(TEXT)
    (tmp_path / "texts/latest").symlink_to("2021-06")
    (tmp_path / "texts/2021-06/self").symlink_to(".")
    assert len(find_sources([str(tmp_path / "texts")])) == 1
