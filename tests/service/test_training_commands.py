"""`train` and `evaluate` hand over to the training modules, and ask for the extra where it is missing."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the stand-ins of the two training modules were called with; they give status 0 and 1."""
    made: list[dict[str, Any]] = []

    def stand_in(name: str, status: int) -> None:
        module = ModuleType(name)
        module.run = lambda **arguments: made.append(arguments) or status  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)

    stand_in("quotestance.training.train_command", 0)
    stand_in("quotestance.training.evaluate_command", 1)
    return made


def test_train_hands_its_options_over(run, calls):
    Path("labels.jsonl").write_text("{}\n")
    options = ["--base", "b", "--epochs", "2", "--lr", "1e-5", "--batch-size", "8", "--seed", "3", "--resume"]
    assert run("train", "labels.jsonl", "-o", "new", *options).status == 0
    assert calls == [
        {
            "labels": [Path("labels.jsonl")],
            "out": Path("new"),
            "base": "b",
            "revision": None,
            "epochs": 2,
            "lr": 1e-5,
            "batch_size": 8,
            "seed": 3,
            "resume": True,
        }
    ]


def test_evaluate_hands_its_options_over_and_its_status_back(run, calls):
    Path("labels.jsonl").write_text("{}\n")
    assert run("evaluate", "labels.jsonl", "--model", "m", "--json").status == 1
    assert calls == [
        {"labels": [Path("labels.jsonl")], "model_dir": Path("m"), "out": None, "json_output": True, "fit": []}
    ]


def test_missing_labels_are_unusable(run, calls):
    for command in (["train", "gone.jsonl", "-o", "new"], ["evaluate", "gone.jsonl"]):
        result = run(*command)
        assert (result.status, result.err) == (2, "quotestance: gone.jsonl: no such file\n")
    assert calls == []


@pytest.mark.parametrize(
    "error",
    [ModuleNotFoundError("No module named 'sklearn'", name="sklearn"), ImportError("Trainer requires `accelerate>=1`")],
)
def test_without_the_extra_one_line_says_what_to_install(run, calls, monkeypatch, error):
    def broken(**_: Any) -> int:
        raise error

    monkeypatch.setattr(sys.modules["quotestance.training.train_command"], "run", broken)
    Path("labels.jsonl").write_text("{}\n")
    result = run("train", "labels.jsonl", "-o", "new")
    assert result.status == 2
    assert "pip install 'quotestance[train]'" in result.err
    assert result.err.count("\n") == 1


def test_another_missing_module_is_a_bug_and_not_hidden(run, calls, monkeypatch):
    def broken(**_: Any) -> int:
        raise ModuleNotFoundError("No module named 'typo'", name="typo")

    monkeypatch.setattr(sys.modules["quotestance.training.train_command"], "run", broken)
    Path("labels.jsonl").write_text("{}\n")
    with pytest.raises(ModuleNotFoundError, match="typo"):
        run("train", "labels.jsonl", "-o", "new")
