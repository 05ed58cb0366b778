"""The commands of training/EXAMPLE.md, in its order, with a tiny model in the place of the shipped one."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.main import get_command

from quotestance.model.pipeline import load
from quotestance.service.cli import app, main
from quotestance.training.labels import read_labels
from quotestance.training.own_data import EXAMPLE

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "training" / "EXAMPLE.md"
COMMANDS = ["feedback export", "labels check", "train", "compare", "promote", "read"]
# the page's own commands are for the real model; a tiny one is trained at another rate, on nothing but the corrections
QUICKLY = {"train": ["--replay", "0", "--epochs", "6", "--lr", "3e-3", "--batch-size", "8"], "promote": ["--force"]}


def commands() -> list[list[str]]:
    """The lines of the page's block of commands, without the program's name."""
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(line)[1:] for line in block.strip().splitlines()]


def known() -> set[str]:
    """The commands of this checkout; those of a group with its name, `labels check`."""
    program = get_command(app)
    groups = getattr(program, "commands", {})
    return set(groups) | {
        f"{name} {inner}" for name, group in groups.items() for inner in getattr(group, "commands", {})
    }


def name_of(command: list[str]) -> str:
    return next(name for name in COMMANDS if " ".join(command).startswith(name))


def test_the_page_has_six_commands() -> None:
    assert [name_of(command) for command in commands()] == COMMANDS


def test_the_example_corrections_are_labels_of_several_events() -> None:
    labels = read_labels([EXAMPLE])
    assert labels.problems == ()
    assert (len(labels.articles), len(labels.statements)) == (60, 120)
    assert len({a.target for a in labels.articles}) == 20


@pytest.mark.usefixtures("shipped", "quick")
def test_the_commands_lead_from_corrections_to_a_promoted_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE, "corrections.jsonl")  # in place of the export, as the page says
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    for command in commands():
        name = name_of(command)
        if name == "feedback export":
            continue
        assert main([*command, *QUICKLY.get(name, [])]) == 0, name
    trained = load("my-model")
    assert load("models").version == trained.version
    assert trained.version in capsys.readouterr().out
    assert (tmp_path / "comparison" / "comparison.html").is_file()
    entry = json.loads(Path("models", "promotions.jsonl").read_text().splitlines()[-1])
    assert entry["action"] == "promoted"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_page_is_there(name: str) -> None:
    assert name in known()
    assert main([*name.split(), "--help"]) == 0
