"""Broken label files: each kind gets a message with its line from every command, and no traceback."""

import gzip
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import zstandard

from quotestance.model.errors import LabelError
from quotestance.service import lines
from quotestance.service.cli import main
from quotestance.training.labels import read_labels

sys.path.insert(0, str(Path(__file__).parent))
from labelling_examples import TEXT, line, row

GOOD = json.dumps(line(article_doc_id="good")).encode() + b"\n"
ALL = ("check", "import", "train")


class Broken(NamedTuple):
    """A file, the line that a message must name, words of that message, and the commands that refuse it."""

    name: str
    data: bytes
    line: int
    words: str
    commands: tuple[str, ...] = ALL


def second(value: Any) -> bytes:
    """A good line, and the broken one under it."""
    return GOOD + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n"


def task(*results: Any, **changes: Any) -> dict[str, Any]:
    return {"id": 7, "data": {"text": TEXT}, "annotations": [{"result": list(results)}]} | changes


def region(**changes: Any) -> dict[str, Any]:
    value = {"start": 10, "end": 17, "text": "Ada Obi", "labels": ["quote"]} | changes
    return {"id": "r1", "from_name": "span", "to_name": "text", "type": "labels", "value": value}


STANCE = {"id": "r1", "from_name": "stance", "to_name": "text", "type": "choices"} | {
    "value": {"choices": ["supportive"]}
}
ACTOR = {"id": "r1", "from_name": "actor", "to_name": "text", "type": "textarea", "value": {"text": ["Ada Obi"]}}
STRIKE = {"id": "t", "from_name": "target", "to_name": "text", "type": "textarea", "value": {"text": ["the raid"]}}
WHOLE = (region(), STANCE, ACTOR, STRIKE)
LINK = {"type": "relation", "from_id": "r1", "to_id": "gone", "labels": ["speaker"]}


def tasks(broken: Any) -> bytes:
    """A Label Studio export: a good task in line 2, the broken one in line 3."""
    return b"[\n" + json.dumps(task(*WHOLE)).encode() + b",\n" + json.dumps(broken).encode() + b"\n]\n"


def document(**changes: Any) -> dict[str, Any]:
    entities = [
        {"id": 1, "label": "condemning", "start_offset": 23, "end_offset": 64},
        {"id": 2, "label": "speaker", "start_offset": 10, "end_offset": 17},
    ]
    relations = [{"id": 1, "from_id": 1, "to_id": 2, "type": "speaker"}]
    return {"text": TEXT, "target": "the raid", "entities": entities, "relations": relations} | changes


def documents(**changes: Any) -> bytes:
    return b"".join(json.dumps(d).encode() + b"\n" for d in (document(), document(**changes)))


CSV = b"text,actor,target,stance\nAda Obi said no.,Ada Obi,the raid,condemning\n"
PACKED = gzip.compress(GOOD * 400, compresslevel=0)

KINDS = {
    "bad JSON": Broken("a.jsonl", second(b'{"text": '), 2, "not a JSON line"),
    "not an object": Broken("a.jsonl", second([1]), 2, "not a JSON object"),
    "null": Broken("a.jsonl", second(None), 2, "not a JSON object"),
    "nested too deeply": Broken("a.jsonl", second(b'{"a":' * 100_000), 2, "nested too deeply"),
    "an endless number": Broken("a.jsonl", second(b'{"text": ' + b"9" * 5_000 + b"}"), 2, "not a JSON line"),
    "NaN": Broken("a.jsonl", second(line(about=float("nan"))), 2, "NaN is not JSON"),
    "truncated gz": Broken("a.jsonl.gz", PACKED[: len(PACKED) // 2], 200, "damaged or cut short"),
    "not gz at all": Broken("a.jsonl.gz", GOOD, 1, "damaged or cut short"),
    "UTF-16 without a mark": Broken("a.jsonl", GOOD.decode().encode("utf-16-be"), 1, "UTF-16 or UTF-32, not UTF-8"),
    "UTF-32": Broken("a.jsonl", GOOD.decode().encode("utf-32"), 1, "UTF-16 or UTF-32, not UTF-8"),
    "gz of another name": Broken("a.jsonl", gzip.compress(GOOD), 1, "does not end in .gz; rename it"),
    "zst of another name": Broken("a.jsonl", zstandard.compress(GOOD), 1, "does not end in .zst; rename it"),
    "gz with rubbish behind": Broken("a.jsonl.gz", gzip.compress(GOOD) + b"rubbish", 2, "damaged or cut short"),
    "a raw NUL": Broken("a.jsonl", second(b'{"text": "a\0b"}'), 2, "a control character, which JSON writes as"),
    "two objects in a line": Broken("a.jsonl", second(GOOD.strip() + GOOD), 2, "one object a line"),
    "line ends of old Macs": Broken("a.jsonl", (GOOD + GOOD).replace(b"\n", b"\r"), 1, "one object a line"),
    "an object in many lines": Broken(
        "a.jsonl", json.dumps(line(), indent=2).encode(), 1, "spread over many lines; a label file has one object"
    ),
    "a name given twice": Broken("a.jsonl", second(b'{"text": "a", "text": "b"}'), 2, "`text` stands twice"),
    "spans in quotation marks": Broken("a.jsonl", second(line(quote_span=["23", "64"])), 2, "two whole numbers"),
    "spans with decimals": Broken("a.jsonl", second(line(quote_span=[23.0, 64.0])), 2, "two whole numbers"),
    "spans in UTF-16 units": Broken(
        "a.jsonl", second(line("\U0001f4f0 " + TEXT, quote_span=[26, 67])), 2, "which stands at [25, 66]"
    ),
    "spans in bytes": Broken(
        "a.jsonl", second(line("“…” " + TEXT, quote_span=[33, 74])), 2, "for `quote`, which stands at [27, 68]"
    ),
    "a stance as a number": Broken("a.jsonl", second(line(stance=1)), 2, "1 is not one of supportive"),
    "CSV of another name": Broken("a.jsonl", CSV, 1, "`quotestance labels import --format csv` brings it in"),
    "UTF-16": Broken("a.jsonl", GOOD.decode().encode("utf-16"), 1, "UTF-16 or UTF-32, not UTF-8"),
    "Latin-1": Broken("a.jsonl", second(b'{"text": "caf\xe9"}'), 2, "not UTF-8 text: byte 0xe9"),
    "a binary file": Broken("a.jsonl", bytes(range(256)), 1, "binary file"),
    "an array, not lines": Broken("a.jsonl", b"[" + GOOD + b"]", 1, "one JSON array", ("check", "train")),
    "an array in many lines": Broken("a.jsonl", b"[\n" + GOOD + b"]", 1, "one JSON array", ("check", "train")),
    "an array cut short": Broken("a.json", b"[\n" + GOOD + b",\n" + GOOD, 4, "cut short", ("import",)),
    "an empty file": Broken("a.jsonl", b"", 1, "holds nothing"),
    "only blank lines": Broken("a.jsonl", b"\n\n  \n", 1, "holds nothing"),
    "a huge line": Broken("a.jsonl", second({"text": "x" * 3_000_000}), 2, "a line over"),
    "no text": Broken("a.jsonl", second({"statements": []}), 2, "`text` is missing"),
    "a blank text": Broken("a.jsonl", second(row(text=" \n")), 2, "`text` must be a text"),
    "a number for a text": Broken("a.jsonl", second(row(text=5)), 2, "`text` must be a text"),
    "a number for an actor": Broken("a.jsonl", second(line(actor=5)), 2, "`actor` must be a text"),
    "no target": Broken("a.jsonl", second(row(target=None)), 2, "`target` is missing"),
    "a quote from elsewhere": Broken("a.jsonl", second(row(quote="never said")), 2, "not a substring"),
    "statements not a list": Broken("a.jsonl", second({**line(), "statements": "none"}), 2, "list of objects"),
    "strikes not a list": Broken("a.jsonl", second(line(article_strikes={"id": 1})), 2, "`strikes` must be a list"),
    "a strike not declared": Broken("a.jsonl", second(line(strike="S9")), 2, "'S9' is not the id"),
    "a span out of range": Broken("a.jsonl", second(line(quote_span=[23, 640])), 2, "outside the text of 65"),
    "a negative span": Broken("a.jsonl", second(line(speaker_span=[-3, 4])), 2, "outside the text"),
    "a reversed span": Broken("a.jsonl", second(line(quote_span=[64, 23])), 2, "does not end after its start"),
    "a span of other words": Broken("a.jsonl", second(line(quote_span=[22, 63])), 2, "stands at [23, 64]"),
    "a span of truth values": Broken("a.jsonl", second(line(quote_span=[True, 9])), 2, "two whole numbers"),
    "a span of one number": Broken("a.jsonl", second(line(cue_span=[3])), 2, "two whole numbers"),
    "no quote span": Broken("a.jsonl", second(line(quote_span=None)), 2, "`quote_span` is missing"),
    "an unknown stance": Broken("a.jsonl", second(line(stance="against")), 2, "'against' is not one of"),
    "an unknown kind": Broken("a.jsonl", second(line(kind="spoken")), 2, "'spoken' is not one of"),
    "an unknown actor type": Broken("a.jsonl", second(line(actor_type="robot")), 2, "'robot' is not one of"),
    "a certainty out of range": Broken("a.jsonl", second(line(certainty=7)), 2, "7 is not 1, 2 or 3"),
    "a certainty in words": Broken("a.jsonl", second(line(certainty="high")), 2, "'high' is not 1, 2 or 3"),
    "one name, two articles": Broken(
        "a.jsonl", second(line(TEXT + " Then it rained.", article_doc_id="good")), 2, "another article", ("check",)
    ),
    "CSV without a column": Broken("a.csv", CSV.replace(b"stance", b"label"), 1, "no column 'stance'", ("import",)),
    "CSV row too long": Broken("a.csv", CSV + b"a,b,c,condemning,e\n", 3, "5 columns", ("import",)),
    "CSV quote not closed": Broken("a.csv", CSV + b'"a,b,c,condemning\n', 3, "not valid CSV", ("import",)),
    "CSV stance unknown": Broken("a.csv", CSV + b"a,b,c,never\n", 3, "'never' is not one of", ("import",)),
    "CSV in Latin-1": Broken("a.csv", CSV + b"caf\xe9,b,c,neutral\n", 3, "not UTF-8", ("import",)),
    "CSV taken for labels": Broken("a.csv", CSV, 1, "not a JSON line", ("check", "train")),
    "Label Studio taken for labels": Broken("a.json", tasks(task()), 1, "labels import", ("check", "train")),
    "Label Studio without results": Broken(
        "a.json", tasks(task(annotations=[{"id": 1}])), 3, "`annotations[].result`", ("import",)
    ),
    "Label Studio without a text": Broken("a.json", tasks(task(data={})), 3, "`data.text`", ("import",)),
    "Label Studio region outside": Broken("a.json", tasks(task(region(end=900))), 3, "no span of", ("import",)),
    "Label Studio region of other words": Broken(
        "a.json", tasks(task(region(text="Obi"))), 3, "other words than the region's", ("import",)
    ),
    "Label Studio without a stance": Broken("a.json", tasks(task(region(), ACTOR, STRIKE)), 3, "`stance`", ("import",)),
    "Label Studio without a strike": Broken("a.json", tasks(task(region(), STANCE, ACTOR)), 3, "`strike`", ("import",)),
    "Label Studio label unknown": Broken("a.json", tasks(task(region(labels=["PER"]))), 3, "'PER'", ("import",)),
    "Label Studio relation to nothing": Broken(
        "a.json", tasks(task(*WHOLE, LINK)), 3, "no usable region gone", ("import",)
    ),
    "Label Studio JSON-MIN": Broken("a.json", b'[{"text": "x", "annotation_id": 3}]', 1, "JSON-MIN", ("import",)),
    "doccano taken for labels": Broken("a.jsonl", documents(), 1, "labels import", ("check",)),
    "doccano label unknown": Broken(
        "a.jsonl", documents(label=[], entities=[[0, 4, "PER"]], relations=[]), 2, "'per' is not one of", ("import",)
    ),
    "doccano relation to nothing": Broken(
        "a.jsonl", documents(relations=[{"from_id": 1, "to_id": 9}]), 2, "no usable entity 9", ("import",)
    ),
    "doccano span outside": Broken(
        "a.jsonl", documents(entities=[[0, 400, "neutral"]], relations=[]), 2, "no span of the text", ("import",)
    ),
    "doccano span malformed": Broken("a.jsonl", documents(entities=[[0, "neutral"]]), 2, "`entities[0]`", ("import",)),
    "doccano line spoilt": Broken("a.jsonl", documents(line={"statements": 3}), 2, "list of objects", ("import",)),
}  # fmt: skip
CASES = [(kind, command) for kind, broken in KINDS.items() for command in broken.commands]


def test_there_are_enough_kinds() -> None:
    assert all(sum(command in broken.commands for broken in KINDS.values()) >= 20 for command in ALL)


@pytest.mark.parametrize(("kind", "command"), CASES)
def test_each_kind_is_refused_with_its_line(
    kind: str,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lines, "MAX_BYTES", 2**21)
    broken = KINDS[kind]
    Path(broken.name).write_bytes(broken.data)
    if command == "train":
        try:
            said = "\n".join(map(str, read_labels([broken.name]).problems))
        except LabelError as error:
            said = str(error)
    else:
        options = ["-o", "out.jsonl"] if command == "import" else []
        status = main(["labels", command, broken.name, *options])
        captured = capfd.readouterr()
        said = captured.out + captured.err
        assert status in (1, 2)
        kept = command == "check" or Path("out.jsonl").exists()
        assert kept or status == 2
    message = next((part for part in said.splitlines() if f"{broken.name}:{broken.line}" in part), "")
    assert message, said
    assert broken.words in message
    assert "Traceback" not in said


def test_what_is_good_is_kept_beside_what_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(second(line(stance="against")) + GOOD)
    assert main(["labels", "import", str(path), "-o", str(out)]) == 1
    assert len(out.read_text().splitlines()) == 2
    (refused,) = [json.loads(part) for part in (tmp_path / "out.rejected.jsonl").read_text().splitlines()]
    assert (refused["line"], json.loads(refused["raw"])["doc_id"]) == (2, "d1")
    assert refused["reason"].startswith("statement 1: `stance` 'against'")


@pytest.mark.parametrize("command", ALL)
def test_byte_order_marks_are_no_problem(command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(2 * (b"\xef\xbb\xbf" + GOOD))
    if command == "train":
        assert read_labels([path]).problems == ()
    else:
        options = ["-o", str(tmp_path / "out.jsonl")] if command == "import" else []
        assert main(["labels", command, str(path), *options]) == 0
