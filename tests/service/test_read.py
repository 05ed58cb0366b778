"""`quotestance read`: where the article comes from, and the two ways it is printed."""

import json
from pathlib import Path

import pytest
from fakes import TEXT

ARTICLE = json.dumps({"id": "a1", "title": "Strike on the port", "text": TEXT})


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", ARTICLE), ("a.json", f"[{ARTICLE}]"), ("a.jsonl", ARTICLE + "\n"), ("a.JSON", ARTICLE)],
)
def test_json_files(run, name, content):
    Path(name).write_text(content)
    result = run("read", name, "--json")
    reading = json.loads(result.out)
    assert (result.status, result.err) == (0, "")
    assert (reading["id"], reading["title"]) == ("a1", "Strike on the port")
    assert len(reading["statements"]) == 3


@pytest.mark.parametrize("name", ["a.txt", "a", "a.md"])
def test_text_files_have_no_title_unless_given(run, name):
    Path(name).write_text(TEXT)
    reading = json.loads(run("read", name, "--json").out)
    assert (reading["id"], "title" in reading) == ("a", False)
    assert json.loads(run("read", name, "--json", "--title", "Port hit").out)["title"] == "Port hit"


def test_stdin_as_json_or_text(run):
    assert json.loads(run("read", "-", "--json", stdin=b"\n " + ARTICLE.encode()).out)["id"] == "a1"
    from_text = json.loads(run("read", "-", "--json", stdin=TEXT.encode()).out)
    assert [s["actor"] for s in from_text["statements"]] == ["Dora Lind", "Omar Fell", "Ines Holt"]
    braced = json.loads(run("read", "-", "--json", stdin=b"{sic} " + TEXT.encode()).out)
    assert len(braced["statements"]) == 3


@pytest.mark.parametrize("stdin", [f"[{ARTICLE}]", f"\n [\n {ARTICLE}\n]\n"])
def test_a_list_of_one_on_stdin_is_that_article(run, stdin):
    reading = json.loads(run("read", "-", "--json", stdin=stdin.encode()).out)
    assert (reading["id"], reading["title"], len(reading["statements"])) == ("a1", "Strike on the port", 3)


@pytest.mark.parametrize("content", [f"[{ARTICLE}, {ARTICLE}]", "[]", " [\n] "])
def test_a_list_of_none_or_more_on_stdin_is_refused_as_in_a_file(run, content):
    Path("a.json").write_text(content)
    from_file, from_stdin = run("read", "a.json"), run("read", "-", stdin=content.encode())
    assert (from_stdin.status, from_stdin.out) == (2, "")
    assert from_stdin.err == from_file.err.replace("a.json", "<stdin>")


def test_text_in_brackets_on_stdin_is_text(run):
    reading = json.loads(run("read", "-", "--json", stdin=b"[Port] " + TEXT.encode()).out)
    assert len(reading["statements"]) == 3


def test_targets(run):
    reading = json.loads(run("read", "-", "--json", "--target", "A", "--target", "B", stdin=TEXT.encode()).out)
    assert [target["text"] for target in reading["targets"]] == ["A", "B"]
    shown = run("read", "-", "--target", "Raid A", "--target", "Raid B", stdin=TEXT.encode()).out
    assert "target: Raid A" in shown
    assert "target: Raid B" in shown
    assert "toward the first target" in shown


def test_what_is_asked_for_goes_before_the_files_own_target(run):
    Path("a.json").write_text(json.dumps({"text": TEXT, "target": "the siege"}))
    for asked, found in (("the raid", "the raid"), (None, "the siege")):
        options = ("--target", asked) if asked else ()
        assert json.loads(run("read", "a.json", "--json", *options).out)["target"]["text"] == found


def test_for_a_person_without_colour(run):
    result = run("read", "-", "--title", "Strike on the port", stdin=TEXT.encode())
    words = " ".join(result.out.split())
    assert result.status == 0
    assert words.startswith("Strike on the port")
    assert 'Dora Lind said: "[+ Dora Lind] We support the strike."' in words
    assert 'Omar Fell said: "[− Omar Fell] I condemn it."' in words
    assert 'Ines Holt said: "[·? Ines Holt] It was at noon."' in words
    assert "target (found in the article): the strike" in words
    assert "Omar Fell person − condemning -0.90 0.93 1" in words
    assert "abstained" in words
    assert "1 of 3 statements" in words
    assert "model: fake-1" in words
    assert "\x1b" not in result.out


def test_without_a_strike_statements_are_shown_without_stance(run):
    result = run("read", "-", stdin=b'Dora Lind said: "It rained."')
    assert "[Dora Lind] It rained." in result.out
    assert "No strike found" in result.out


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "a.txt: `text` is empty"),
        ("a.txt", b"\0\1", "a.txt: a binary file"),
        ("a.pdf", b"%PDF-1.7 \xff\xfe", "a.pdf: not UTF-8 text"),
        ("a.json", b"", "a.json: not valid JSON"),
        ("a.json", b"{}", "a.json: `text` is missing"),
        ("a.json", b'{\n"text": 3}', "a.json: `text` must be text"),
        ("a.json", b'{\n"text": "a"', "a.json: not valid JSON: Expecting ',' delimiter (line 2, column 12)"),
        ("a.json", b"[]", "a.json: no article"),
        ("a.jsonl", b'\n{"text": 1}', "a.jsonl, line 2: `text` must be text"),
        ("a.jsonl", b'{"text": "a"}\n{"text": "b"}', "a.jsonl: holds more than one article"),
        ("a.txt", b"word " * 1_000_001, "a.txt: `text` is over the limit"),
        ("b.txt", b"", "a.txt: no such file"),
    ],
)
def test_unusable_files_are_one_line(run, name, content, message):
    Path(name).write_bytes(content)
    result = run("read", name if name != "b.txt" else "a.txt")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"quotestance: {message}")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    "stdin", [b"", b" \n", b"\0", b"\xff", b'{"text": ', b'{"text": ""}', b'{"title": "a"}', b'[{"text": "a"']
)
def test_unusable_stdin_is_one_line(run, stdin):
    result = run("read", "-", stdin=stdin)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("quotestance: <stdin>: ")
    assert result.err.count("\n") == 1


def test_a_folder_is_named_as_such(run):
    Path("folder").mkdir()
    assert "folder: is a folder" in run("read", "folder").err


def test_a_hostile_file_name_does_not_reach_the_terminal(run):
    result = run("read", "\x1b[31m\u202eevil\n.txt")
    assert result.status == 2
    assert "\x1b" not in result.err
    assert "\u202e" not in result.err
    assert result.err.count("\n") == 1
