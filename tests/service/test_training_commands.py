"""`train` and `evaluate` hand over to the training modules, and ask for the extra where it is missing."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the stand-ins of the training modules were called with; `evaluate` gives status 1."""
    made: list[dict[str, Any]] = []

    def stand_in(name: str, status: int) -> None:
        module = ModuleType(name)
        module.run = lambda **arguments: made.append(arguments) or status  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)

    stand_in("quotestance.training.train_command", 0)
    stand_in("quotestance.training.evaluate_command", 1)
    stand_in("quotestance.training.comparison.command", 0)
    stand_in("quotestance.training.versions.promote_command", 0)
    return made


def test_train_hands_its_options_over(run, calls):
    Path("labels.jsonl").write_text("{}\n")
    options = [
        "--base",
        "b",
        "--base-revision",
        "r",
        "--epochs",
        "2",
        "--lr",
        "1e-5",
        "--batch-size",
        "8",
        "--seed",
        "3",
    ]
    options += ["--part", "both", "--lora", "--replay", "0.2", "--class-weights", "balanced", "--patience", "4"]
    options += ["--threads", "2", "--fresh", "--test", "labels.jsonl", "--validation", "labels.jsonl"]
    assert run("train", "labels.jsonl", "-o", "new", *options).status == 0
    assert calls == [
        {
            "labels": [Path("labels.jsonl")],
            "out": Path("new"),
            "part": "both",
            "test": [Path("labels.jsonl")],
            "validation": [Path("labels.jsonl")],
            "base": "b",
            "revision": "r",
            "low_rank": True,
            "replay": 0.2,
            "class_weights": "balanced",
            "epochs": 2,
            "patience": 4,
            "lr": 1e-5,
            "batch_size": 8,
            "seed": 3,
            "threads": 2,
            "resume": False,
        }
    ]


def test_compare_hands_its_options_over(run, calls):
    Path("labels.jsonl").write_text("{}\n")
    assert run("compare", "shipped", "new", "labels.jsonl", "--margin", "2", "--json", "-o", "out").status == 0
    assert calls == [
        {
            "old": "shipped",
            "new": "new",
            "labels": [Path("labels.jsonl")],
            "margin": 2.0,
            "json_output": True,
            "out": Path("out"),
        }
    ]


def test_promote_takes_label_files_behind_its_option(run, calls):
    for name in ("a.jsonl", "b.jsonl"):
        Path(name).write_text("{}\n")
    assert run("promote", "--labels", "a.jsonl", "b.jsonl", "new", "--to", "models", "--force").status == 0
    labels = [Path("a.jsonl"), Path("b.jsonl")]
    assert calls == [{"folder": "new", "to": Path("models"), "labels": labels, "margin": 1.0, "force": True}]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["promote"], "one model folder, not 0"),
        (["promote", "a", "b"], "one model folder, not 2"),
        (["promote", "a", "--rollback"], "--rollback takes no model folder"),
        (["promote", "--list", "--rollback"], "give one of them"),
        (["promote", "a", "--labels", "gone.jsonl"], "gone.jsonl: no such file"),
    ],
)
def test_promote_called_wrongly_is_one_line(run, calls, arguments, words):
    result = run(*arguments)
    assert result.status == 2
    assert words in result.err
    assert result.err.count("\n") == 1
    assert calls == []


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
