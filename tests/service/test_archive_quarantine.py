"""Records that cannot be used: each is put aside with its line and reason, and costs no other."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from archives import article, read_jsonl, write_jsonl
from fakes import TEXT

from quotestance.service.archive.language import language_of
from quotestance.service.archive.records import Origin, article_records
from quotestance.service.archive.repeats import SeenIds
from quotestance.service.archive.sources import find_sources
from quotestance.service.archive.usable_text import markup_share, why_unusable

PAGE = "<html><style>p{color:red}</style><script>let a = 1 < 2;</script><body><p class='x'>Two died.</p></body></html>"
GERMAN = "Der Minister sagte am Freitag, der Angriff auf den Hafen sei richtig gewesen und werde fortgesetzt. " * 4
FRENCH = "La ministre a déclaré vendredi que la frappe sur le port était justifiée et serait poursuivie. " * 4
ENGLISH = "The minister said on Friday that the strike on the port had been right and would be continued. " * 4


def broken_lines() -> list[bytes]:
    """Two hundred lines, each bad in its own way."""
    wrong: list[Any] = [0, 1.5, True, [], ["a"], {}, {"a": 1}, -1, [None], [[]]]
    kinds = [json.dumps({"id": "w", "text": value}).encode() for value in wrong]
    for field in ("title", "source", "url"):
        kinds += [json.dumps({"text": TEXT, field: value}).encode() for value in wrong]
    for field in ("id", "date"):
        kinds += [json.dumps({"text": TEXT, field: value}).encode() for value in (True, False, [], [1], {}, {"x": "y"})]
    kinds += [
        json.dumps({"text": TEXT, "target": value}).encode()
        for value in ("", " ", 0, 5, True, [], [""], ["a", 2], {}, [[]])
    ]
    kinds += [json.dumps({"text": blank}).encode() for blank in ("", " ", "\n", "\t\r\n", "\u00a0", "\u2003 \u3000")]
    kinds += [
        json.dumps({key: TEXT}).encode()
        for key in ("Text", "TEXT", "txt", "body", "content", " text", "text ", "t\u0435xt")
    ]
    kinds += [
        json.dumps(value).encode() for value in (None, True, False, 0, -3.5, "text", [], [{"text": TEXT}], [[[]]], "")
    ]
    whole = json.dumps({"id": "cut", "text": TEXT})
    kinds += [whole[:end].encode() for end in range(1, len(whole) - 1, 2)]
    kinds += [
        b'{"text": "caf' + bytes([byte]) + b' said"}' for byte in (0x80, 0xBF, 0xC0, 0xC3, 0xE9, 0xED, 0xF5, 0xFE, 0xFF)
    ]
    kinds += [b'{"text": "' + bytes([byte]) + b' in a string"}' for byte in (0, 1, 8, 9, 11, 12, 27, 31)]
    kinds += [
        whole.encode("utf-16-le"),
        whole.encode("utf-16-be"),
        whole.encode("utf-32-le"),
        b"\xff\xfe" + whole.encode("utf-16-le"),
    ]
    kinds += [
        b"id,text",
        b"<article>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        b"--",
        b"{}",
        b'{"text"}',
        b"{'text': 'a'}",
    ]
    kinds += [
        b'{"text": "a",}',
        b'{"text": "a"} trailing',
        b'{"text": "a"}{"text": "b"}',
        b'{"text": undefined}',
        b'{text: "a"}',
    ]
    kinds += [
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b'{"text": "a", "n": ' + b"9" * 5_000 + b"}",
        b'{"text": "\\ud8"}',
        b'{"text": "\\x41"}',
    ]
    kinds += [
        json.dumps({"text": text}).encode()
        for text in (PAGE, PAGE * 50, "<br>" * 99 + "Two died.", "<" + "a" * 99 + ">b")
    ]
    kinds += [
        json.dumps({"text": text}).encode()
        for text in ("12 34", "...", "\ufffd" * 50 + "a", "\0" * 20 + "ab", "ab\x01\x02", "\ud800a")
    ]
    kinds += [json.dumps({"text": "long " * 250_000}).encode(), json.dumps({"text": "é" * 1_000_001}).encode()]
    kinds += [json.dumps({"text": "word " * 4_000_000}).encode()]  # 20 MB
    kinds += [json.dumps({"id": "a0", "text": TEXT + "other"}).encode()]
    distinct = list(dict.fromkeys(kinds))
    assert len(distinct) >= 200
    return distinct[-200:]


def test_two_hundred_kinds_of_broken_records_among_two_thousand_good_ones(run):
    broken = broken_lines()
    lines: list[bytes] = []
    bad_at: dict[int, bytes] = {}
    for i in range(2_000):
        lines.append(json.dumps(article(i)).encode())
        if i % 10 == 0:
            lines.append(broken[i // 10])
            bad_at[len(lines)] = lines[-1]
    Path("in.jsonl").write_bytes(b"\n".join(lines))
    result = run("score", "in.jsonl", "-o", "out.jsonl")
    assert result.status == 1
    assert "2,000 articles, 6,000 statements" in result.err
    assert "200 refused (out.rejected.jsonl)" in result.err
    assert [line["id"] for line in read_jsonl("out.jsonl")] == [f"a{i}" for i in range(2_000)]
    rejected = read_jsonl("out.rejected.jsonl")
    assert [line["line"] for line in rejected] == list(bad_at)
    assert all(line["reason"] and line["source"] == "in.jsonl" for line in rejected)
    for line, raw in zip(rejected, bad_at.values(), strict=True):
        assert raw.decode("utf-8", "replace").startswith(line["raw"][:20]) or "raw_base64" in line
        assert len(line["raw"]) <= 4 * 65_536
    assert rejected[-2]["cut"] == "the first 65,536 of 20,000,012 bytes"


def test_repeats_are_scored_once_and_said(run):
    other = {**article(1), "text": "Other words about rain."}
    write_jsonl(
        "in.jsonl",
        article(1),
        article(2),
        article(1),
        other,
        {"text": TEXT},
        {"text": TEXT},
        {"text": TEXT, "title": "T"},
    )
    result = run("score", "in.jsonl", "-o", "out.jsonl")
    assert result.status == 1
    assert "3 refused (out.rejected.jsonl), 2 of them repeats" in result.err
    ids = [line["id"] for line in read_jsonl("out.jsonl")]
    assert ids[:2] == ["a1", "a2"]
    assert len(ids[2]) == 16
    assert ids[3].startswith(f"{ids[2]}-")  # the same text under another title
    reasons = {line["line"]: line["reason"] for line in read_jsonl("out.rejected.jsonl")}
    assert reasons[3] == "a repeat: in.jsonl, line 1 has the id 'a1' and the same content"
    assert reasons[4] == "another article has the same id 'a1': in.jsonl, line 1"
    assert set(reasons) == {3, 4, 6}


def test_seen_ids_survive_anything_in_an_id(tmp_path):
    with SeenIds(tmp_path / "ids") as seen:
        for id in ("", "a", "\0", "\ud800", "é" * 10_000, "'; drop table seen"):
            assert seen.add(id, "x", Origin("s")) is None
            earlier = seen.add(id, "y", Origin("t", 5))
            assert earlier is not None
            assert (str(earlier), earlier.same) == ("s", False)
    assert not list(tmp_path.iterdir())


def test_items_of_a_list_are_named_by_their_number(run):
    Path("in.json").write_text(json.dumps([article(1), article(2), 5, article(1), {"id": "a2", "text": TEXT}]))
    assert run("score", "in.json", "-o", "out.jsonl").status == 1
    assert [(line["source"], line["line"], line["reason"]) for line in read_jsonl("out.rejected.jsonl")] == [
        ("in.json item 3", None, "not a JSON object but a number"),
        ("in.json item 4", None, "a repeat: in.json item 1 has the id 'a1' and the same content"),
        ("in.json item 5", None, "another article has the same id 'a2': in.json item 2"),
    ]


def test_a_list_of_any_length_is_one_source(tmp_path):
    (tmp_path / "in.json").write_text(json.dumps([article(i) for i in range(50)]))
    records = list(article_records(find_sources([str(tmp_path / "in.json")])))
    assert {record.origin.source for record in records} == {str(tmp_path / "in.json")}
    assert [record.origin.item for record in records] == list(range(1, 51))


def test_another_language_is_listed_and_not_scored(run):
    texts = [GERMAN + TEXT, FRENCH + TEXT, ENGLISH + TEXT, TEXT, "Der Angriff war richtig."]
    write_jsonl("in.jsonl", *({"id": i, "text": text} for i, text in enumerate(texts)))
    result = run("score", "in.jsonl", "-o", "out.jsonl")
    assert (result.status, "2 not English (listed, not scored)" in result.err) == (0, True)
    lines = read_jsonl("out.jsonl")
    assert [(line["language"], line["scored"]) for line in lines] == [
        ("de", False),
        ("fr", False),
        ("en", True),
        (None, True),
        (None, True),
    ]
    assert [len(line["statements"]) for line in lines] == [0, 0, 3, 3, 0]
    assert run("score", "in.jsonl", "-o", "any.jsonl", "--language", "any").status == 0
    assert [len(line["statements"]) for line in read_jsonl("any.jsonl")] == [3, 3, 3, 3, 0]


def test_lists_of_names_are_not_another_language():
    assert language_of("al-Nahr, Abdullahi Mohammed, Mogadishu, Garowe, Puntland, Jubaland: " * 8).english


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("a < b and c > d", 0.0),
        ("<b>x</b>", 7 / 8),
        ("<script>if (a<b) {}</script>x", 28 / 29),
        ("<3 <4 <5", 0.0),
        ("x" * 9 + "<p>", 3 / 12),
    ],
)
def test_the_share_of_markup(text, share):
    assert markup_share(text) == pytest.approx(share)


def test_an_article_with_some_markup_is_kept():
    assert why_unusable(f"<p>{ENGLISH}</p>\n<p>{TEXT}</p>") is None
    assert "mostly markup" in str(why_unusable(PAGE))


def test_an_unfinished_tag_of_a_megabyte_takes_no_time():
    start = time.perf_counter()
    assert markup_share("<" + "a" * 2**20) == 0
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize("text", ["<" * 500_000, "<a " * 200_000, "<script>" * 100_000, "\ud800" * 500_000 + "a"])
def test_hostile_texts_take_linear_time(text):
    why_unusable(text + "a")
