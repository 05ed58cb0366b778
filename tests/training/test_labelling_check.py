"""`quotestance labels check`: what it warns of, what it fails, and what it lets pass."""

import gzip
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quotestance.model.types import STANCES, Span
from quotestance.service.cli import main
from quotestance.training import extra
from quotestance.training.labelling import set_checks
from quotestance.training.labelling.likely_wrong import enough_labels, likely_wrong
from quotestance.training.labelling.near_duplicates import near_duplicates
from quotestance.training.labels import LabelledStatement

sys.path.insert(0, str(Path(__file__).parent))
from labelling_examples import QUOTE, TEXT, line, row, write

LONG = " ".join(f"word{number}" for number in range(200))


def checked(capfd: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, list[dict[str, Any]]]:
    """The exit status, and the findings that are not pass lines."""
    status = main(["labels", "check", "--json", *map(str, arguments)])
    return status, [f for f in json.loads(capfd.readouterr().out)["findings"] if f["level"] != "pass"]


def of(findings: Sequence[dict[str, Any]], check: str) -> list[tuple[str, int | None, int | None]]:
    return [(f["level"], f["line"], f["other_line"]) for f in findings if f["check"] == check]


def named(name: str, text: str, **changes: Any) -> dict[str, Any]:
    return line(f"{TEXT} {text}", article_doc_id=name, **changes)


def enough(count: int = 90) -> list[dict[str, Any]]:
    """Articles of all stances that are unlike each other."""
    rng = random.Random(3)
    return [
        named(f"n{i}", " ".join(f"w{rng.randrange(10**6)}" for _ in range(60)), stance=STANCES[i % 3])
        for i in range(count)
    ]


def test_good_labels_pass(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.jsonl", *enough())
    assert main(["labels", "check", str(path)]) == 0
    captured = capfd.readouterr()
    assert {printed.split()[0] for printed in captured.out.splitlines()} == {"pass"}
    assert "0 warn, 0 fail" in captured.err


def test_a_span_that_does_not_fit_says_what_stands_there_and_where_it_should_be(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.jsonl", line(), line(quote_span=[22, 63]))
    assert main(["labels", "check", str(path)]) == 1
    printed = next(part for part in capfd.readouterr().out.splitlines() if part.startswith("fail"))
    assert printed.startswith(f"fail  {path}:2 statement 1: `quote_span` [22, 63] holds other words than `quote`")
    assert "which stands at [23, 64]; there stands “he was wrong to order the raid on Tessal”" in printed


def test_a_quote_that_cuts_a_word_is_warned_of(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    # in UTF-16 units, with no words to tell
    shifted = line("\U0001f4f0 " + TEXT, quote=None, quote_span=[26, 67], article_doc_id="d2")
    status, found = checked(capfd, write(tmp_path / "a.jsonl", line(), shifted))
    assert (status, of(found, "spans")) == (0, [("warn", 2, None)])
    assert "cuts a word, “e was wrong" in next(f["message"] for f in found if f["check"] == "spans")


def test_stances_that_nobody_or_few_have_are_warned_of(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, found = checked(capfd, write(tmp_path / "a.jsonl", line()))
    assert status == 0
    messages = [f["message"] for f in found if f["check"] == "counts"]
    assert [m.split(":")[0].split(";")[0] for m in messages] == [
        "no supportive statement",
        "no neutral statement",
        "only 1 condemning statements",
        "only 1 articles or rows",
    ]


def test_duplicates_to_the_letter_and_nearly(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(
        tmp_path / "a.jsonl", named("a", LONG), named("b", LONG), named("c", LONG.replace("word100", "other")), line()
    )
    status, found = checked(capfd, path)
    assert status == 0
    assert ("warn", 2, 1) in of(found, "duplicates")
    assert ("warn", 3, 1) in of(found, "duplicates")
    assert not any(4 in (f["line"], f["other_line"]) for f in found if f["check"] == "duplicates")


def test_one_passage_with_two_stances_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.jsonl", row(), row(actor="Another"), row(stance="neutral"), row(target="the siege"))
    status, found = checked(capfd, path)
    assert (status, of(found, "contradictions")) == (1, [("fail", 3, 1)])


def test_one_label_twice_is_a_duplicate(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, found = checked(capfd, write(tmp_path / "a.jsonl", row(), row(), row(actor="Another")))
    assert (status, of(found, "duplicates")) == (0, [("warn", 2, 1)])


def test_test_articles_that_are_trained_on_fail(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    training = write(tmp_path / "a.jsonl", line(), named("b", LONG))
    test = write(tmp_path / "b.jsonl", named("c", LONG.replace("word7", "x")), line(), named("d", LONG[::-1]))
    status, found = checked(capfd, training, "--test", test)
    assert status == 1
    assert of(found, "overlap") == [("fail", 2, 1), ("fail", 1, 2)]
    assert {f["file"] for f in found if f["check"] == "overlap"} == {str(test)}


def test_test_articles_of_an_event_trained_on_are_warned_of(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def about(name: str, strike: str, date: str) -> dict[str, Any]:
        strikes = [{"id": "S1", "description": strike, "main": True}]
        text = f"{name} {LONG[len(name) * 100 :]}"
        return named(name, text, article_strikes=strikes, article_title=name, article_date=date)

    others = [
        about(f"o{'o' * i}", f"shelling of {place}", "2031-01-03") for i, place in enumerate(["Orn", "Ulm", "Asa"])
    ]
    training = write(tmp_path / "a.jsonl", about("a", "air strikes on the port of Velm", "2031-01-02"), *others)
    test = write(
        tmp_path / "b.jsonl",
        about("bbbbbbb", "air strikes on Velm port", "2031-01-05T10:00:00Z"),
        about("cccccccc", "air strikes on Velm port", "2031-03-05"),
        about("ddddddddd", "a drone over Kell", "2031-01-02"),
    )
    _, found = checked(capfd, training, "--test", test)
    assert of(found, "same event") == [("warn", 1, 1)]


def test_near_duplicates_are_found_and_others_are_not() -> None:
    texts = [LONG, LONG.replace("word50", "changed"), LONG.upper(), " ".join(reversed(LONG.split())), "", "a", "a"]
    assert [(p.first, p.second) for p in near_duplicates(texts)] == [(0, 1), (0, 2), (1, 2), (5, 6)]


def statements(count: int, wrong: int) -> list[LabelledStatement]:
    rng = random.Random(5)
    cues = {
        "supportive": ["praised", "welcomed"],
        "neutral": ["noted", "counted"],
        "condemning": ["blamed", "deplored"],
    }
    made = []
    for i in range(count):
        stance = STANCES[i % 3]
        text = f"{rng.choice(cues[stance])} the raid {' '.join(rng.choices('abcdefgh', k=4))}"
        shown = STANCES[(i + 1) % 3] if i < wrong else stance
        made.append(
            LabelledStatement(f"d{i % 30}", text, Span(0, len(text)), None, None, "indirect", "A", None, "t", shown)
        )
    return made


def test_labels_that_are_likely_wrong_are_named_with_another() -> None:
    made = statements(300, wrong=6)
    found = likely_wrong(made)
    assert {f.statement for f in found} == set(range(6))
    assert [f.suggested for f in sorted(found, key=lambda f: f.statement)] == [STANCES[i % 3] for i in range(6)]


def test_few_labels_are_not_judged() -> None:
    made = statements(300, wrong=0)
    assert enough_labels(made)
    assert not enough_labels(made[:150])
    assert not enough_labels([replace(s, text=made[0].text) for s in made])
    assert not enough_labels([s for s in made if s.stance != "neutral"] * 2)


def test_without_cleanlab_the_check_says_that_it_was_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_checks, "enough_labels", lambda statements: True)
    monkeypatch.setattr(set_checks, "can_be_looked_for", lambda: False)
    (finding,) = set_checks.likely_wrong_findings([])
    assert finding.level == "pass"
    assert "quotestance[audit]" in finding.message


def test_likely_wrong_labels_are_warned_of_with_their_place(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"doc_id": s.doc_id, "text": f"{s.text} {i}", "actor": s.actor, "target": s.target, "stance": s.stance}
        for i, s in enumerate(statements(300, wrong=1))
    ]
    status, found = checked(capfd, write(tmp_path / "a.jsonl", *rows))
    assert (status, of(found, "likely wrong")) == (0, [("warn", 1, None)])
    assert "labelled neutral, perhaps supportive" in next(f["message"] for f in found if f["check"] == "likely wrong")


def test_strikes_without_a_main_one_and_statements_of_a_model_are_warned_of(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    strikes = [{"id": "S1", "description": "the raid"}, {"id": "S2"}]
    status, found = checked(
        capfd, write(tmp_path / "a.jsonl", line(article_strikes=strikes, article_predicted_by="m1"))
    )
    messages = " ".join(f["message"] for f in found)
    assert status == 0
    assert "0 of its 2 strikes are marked `main`" in messages
    assert "1 strikes lack `id` or `description`" in messages
    assert "a model's (m1)" in messages


def test_nothing_usable_is_two(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    good, bad = write(tmp_path / "a.jsonl", line()), write(tmp_path / "b.jsonl", "nothing")
    assert main(["labels", "check", str(bad)]) == 2
    assert main(["labels", "check", str(good), "--test", str(bad)]) == 2
    assert main(["labels", "check", str(tmp_path / "gone.jsonl")]) == 2
    assert capfd.readouterr().err.splitlines()[-1].endswith("gone.jsonl: cannot be read: No such file or directory")


def test_many_findings_of_a_kind_are_counted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(row()).encode() + b"\n" + b"{\n" * 40))
    assert main(["labels", "check", str(path)]) == 1
    printed = capfd.readouterr().out.splitlines()
    assert sum(part.startswith("fail") for part in printed) == 16
    assert "fail  … and 25 more like these (readable); --json has all" in printed


def test_nothing_in_a_file_acts_on_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = "\x1b[2J\ud800 it was wrong"
    rows = [{"text": text, "actor": "\x1b]0;x\x07", "target": "t", "stance": stance} for stance in STANCES[:2]]
    path = write(tmp_path / "a.jsonl", *rows, line(stance="\x1b[1m\udfff"))
    assert main(["labels", "check", str(path)]) == 1
    printed = capfd.readouterr().out
    assert "contradict" not in printed
    assert "supportive at" in printed
    assert all(c.isprintable() or c == "\n" for c in printed)


def test_without_the_extra_one_line_says_what_to_install(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(module: str) -> Any:
        raise ModuleNotFoundError(f"No module named '{module}'", name=module)

    monkeypatch.setattr(extra, "import_module", missing)
    assert main(["labels", "check", str(write(tmp_path / "a.jsonl", line()))]) == 2
    said = capfd.readouterr().err
    assert said == "quotestance: this needs datasketch, which is not installed: pip install 'quotestance[train]'\n"
    assert QUOTE not in said


def test_a_file_without_a_label_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bare = write(tmp_path / "bare.jsonl", {"text": "They met.", "strikes": [], "statements": []})
    good = write(tmp_path / "good.jsonl", line())
    assert main(["labels", "check", str(good), str(bare)]) == 2
    assert f"{bare}: no usable label" in capfd.readouterr().err
