"""The files for running the service: they parse, and what they name is there."""

import configparser
import re
import shutil
import subprocess
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the service needs the serve extra")

from quotestance.service.cli import main
from quotestance.service.feedback.location import feedback_location
from quotestance.service.http.api_keys import VARIABLE
from quotestance.service.http.settings import CONFIG, PREFIX, ServeSettings, serve_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "service" / "deploy"
VARIABLES = {CONFIG, VARIABLE} | {PREFIX + field.name.upper() for field in fields(ServeSettings)}


@pytest.fixture(scope="module")
def unit():
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(DEPLOY / "quotestance.service")
    return parser


@pytest.fixture(scope="module")
def dockerfile():
    """The instructions with their arguments, continued lines joined."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(None, 1)) for line in lines]


@pytest.mark.parametrize("name", ["quotestance.service", "serve.toml", "Dockerfile"])
def test_the_variables_they_name_are_settings(name):
    found = set(re.findall(r"QUOTESTANCE_[A-Z_]+", (DEPLOY / name).read_text(encoding="utf-8")))
    assert found - VARIABLES - {"QUOTESTANCE_NAME"} == set()


def test_the_units_command_has_flags_that_there_are(unit, capsys):
    program, command, *rest = unit["Service"]["ExecStart"].split()
    assert (Path(program).name, command) == ("quotestance", "serve")
    assert main(["serve", "--help"]) == 0
    told = capsys.readouterr().out
    assert [word for word in rest if word.startswith("--") and word not in told] == []


def test_the_unit_leaves_time_to_drain_and_reloads_by_hangup(unit):
    service = unit["Service"]
    assert float(service["TimeoutStopSec"]) > ServeSettings().drain_seconds + 5
    assert service["KillSignal"] == "SIGTERM"
    assert service["ExecReload"].endswith("kill -HUP $MAINPID")
    assert service["RestartPreventExitStatus"] == "2"
    assert service["DynamicUser"] == "yes"
    # torch compiles kernels while it runs
    assert "MemoryDenyWriteExecute" not in service


def test_systemd_takes_the_unit(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    text = (DEPLOY / "quotestance.service").read_text(encoding="utf-8")
    (tmp_path / "quotestance.service").write_text(re.sub(r"/opt/\S+/quotestance(?= serve)", "/bin/true", text))
    command = ["systemd-analyze", "verify", str(tmp_path / "quotestance.service")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert "quotestance.service" not in result.stderr, result.stderr


def test_the_example_of_settings_can_be_used_and_says_the_defaults():
    file = DEPLOY / "serve.toml"
    assert serve_settings({}, {}, file) == ServeSettings()
    every_line = re.sub(r"^# (?=\w+ = )", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(tomllib.loads(every_line)) <= {field.name for field in fields(ServeSettings)}


def test_the_image_is_small_pinned_and_not_roots(dockerfile):
    bases = [arguments.split()[0] for instruction, arguments in dockerfile if instruction == "FROM"]
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base) for base in bases)
    last = dict(dockerfile)
    assert last["USER"] == "10001:10001"
    assert "/readyz" in last["HEALTHCHECK"]
    assert (last["ENTRYPOINT"], last["CMD"]) == ('["quotestance"]', '["serve"]')
    torch = next(arguments for instruction, arguments in dockerfile if "torch==" in arguments)
    assert "https://download.pytorch.org/whl/cpu" in torch
    release = re.search(r"torch==\S+", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert release
    assert release[0] in torch


def test_what_the_image_copies_is_in_the_repository_and_not_ignored(dockerfile):
    copied = [arguments.split()[:-1] for i, arguments in dockerfile if i == "COPY" and not arguments.startswith("--")]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for name in (name for names in copied for name in names):
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored


def test_feedback_is_kept_where_the_deployed_service_may_write(unit, dockerfile):
    service = unit["Service"]
    assert service["Environment"] == "XDG_STATE_HOME=%S"  # /var/lib
    unit_file = feedback_location("", {"XDG_STATE_HOME": "/var/lib"}).file
    assert unit_file.parent == Path("/var/lib") / service["StateDirectory"]
    variables = next(a for i, a in dockerfile if i == "ENV" and "XDG_STATE_HOME" in a)
    state = re.search(r"XDG_STATE_HOME=(\S+)", variables)[1]
    kept = next(a for i, a in dockerfile if i == "VOLUME")
    assert str(feedback_location("", {"XDG_STATE_HOME": state}).file.parent) == kept
    assert any(i == "RUN" and "-o 10001" in a and kept in a for i, a in dockerfile)
