"""The program as a process: help, version, wrong usage, closed pipes, interrupts."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fakes import TEXT
from typer.testing import CliRunner

from quotestance.service.cli import app, main

PATH = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
WITH_FAKE = """
import sys, fakes
from quotestance.service import cli, read_one
from quotestance.service.archive import score_command as archive
archive.load_model = read_one.load_model = fakes.load
sys.exit(cli.main())
"""


def process(*arguments: str, cwd: Path, code: str = WITH_FAKE, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": PATH, "PYTHONUNBUFFERED": "", **environment},
    )


@pytest.mark.parametrize("command", ["read", "score", "stance", "serve", "train", "evaluate", "compare", "promote"])
def test_help_of_every_command(command):
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"Usage: quotestance {command}" in result.output or f" {command} [OPTIONS]" in result.output
    assert command in CliRunner().invoke(app, ["--help"]).output


def test_no_arguments_print_the_help(capsys):
    assert main([]) == 0
    assert "Usage: quotestance" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("quotestance")


@pytest.mark.parametrize("group", ["labels", "feedback"])
def test_a_group_alone_prints_its_help(group, capsys):
    assert main([group]) == 0
    assert f"Usage: quotestance {group}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["read"],
        ["read", "a", "b"],
        ["--nope"],
        ["train", "x"],
        ["train", "x", "-o", "y", "--base-revision", "z"],
        ["train", "x", "-o", "y", "--part", "reader", "--class-weights", "balanced"],
        ["score", "x", "-o", "y", "--ray-address", "z"],
        ["evaluate", "--reader", "x", "--fit", "y"],
    ],
)
def test_wrong_usage_is_one_line_and_two(arguments, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("quotestance: ")
    assert captured.err.count("\n") == 1


def test_help_loads_neither_torch_nor_the_model(tmp_path):
    code = """
import sys
from quotestance.service.cli import main
main(["--help"]); main(["score", "--help"])
heavy = {"torch", "transformers", "numpy", "quotestance.model.pipeline"} & set(sys.modules)
sys.exit(f"loaded {heavy}" if heavy else 0)
"""
    child = process(cwd=tmp_path, code=code)
    _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, b"")


def test_inputs_are_checked_before_the_model_is_loaded(tmp_path):
    code = """
import sys
from quotestance.service.cli import main
status = main(["score", "missing.jsonl", "-o", "out.jsonl"])
sys.exit(9 if "torch" in sys.modules else status)
"""
    child = process(cwd=tmp_path, code=code)
    child.communicate(timeout=60)
    assert child.returncode == 2


def test_a_missing_model_folder_is_one_line(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    code = """
import sys
from quotestance.model import ModelError
from quotestance.service import cli, read_one
def load_model(folder): raise ModelError(f"{folder}: no such model folder")
read_one.load_model = load_model
sys.exit(cli.main())
"""
    child = process("read", "a.txt", "--model", "gone", cwd=tmp_path, code=code)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (2, b"")
    assert err == b"quotestance: gone: no such model folder\n"


def test_a_closed_pipe_ends_the_run_quietly(tmp_path):
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"id": i, "text": TEXT}) + "\n" for i in range(20_000)))
    child = process("score", "in.jsonl", "-o", "-", cwd=tmp_path)
    assert child.stdout
    assert child.stdout.readline().startswith(b'{"id"')
    child.stdout.close()
    child.stdout = None
    _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (141, b"")


@pytest.mark.parametrize("arguments", [["read", "-"], ["read", "-", "--json"], ["--help"], ["--version"]])
def test_a_pipe_that_nobody_reads(tmp_path, arguments):
    child = process(*arguments, cwd=tmp_path)
    assert child.stdout
    child.stdout.close()
    child.stdout = None
    _, err = child.communicate(TEXT.encode(), timeout=60)
    assert (child.returncode, err) == (141, b"")


def test_an_interrupt_leaves_no_output(tmp_path):
    child = process("score", "-", "-o", "out.jsonl", cwd=tmp_path)
    part = tmp_path / "out.jsonl.partial" / "manifest.json"
    deadline = time.monotonic() + 30
    while not part.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert part.exists()
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (130, b"quotestance: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_read_prints_on_a_terminal_that_is_not_utf8(tmp_path):
    child = process("read", "-", cwd=tmp_path, PYTHONIOENCODING="ascii", LC_ALL="C")
    out, err = child.communicate(TEXT.encode() + "Ünï \u202e".encode(), timeout=60)
    assert (child.returncode, err) == (0, b"")
    assert b"[+ Dora Lind] We support the strike." in b" ".join(out.split())


def test_json_is_utf8_whatever_the_terminal(tmp_path):
    child = process("read", "-", "--json", cwd=tmp_path, PYTHONIOENCODING="ascii")
    out, _ = child.communicate('Dora Lind said: "Über the strike."'.encode(), timeout=60)
    assert json.loads(out.decode("utf-8"))["statements"][0]["quote"] == "Über the strike."
