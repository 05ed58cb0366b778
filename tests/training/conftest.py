"""A tiny model folder in the place of the shipped one, and labels that a word decides."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from quotestance.model import pipeline
from quotestance.model.attribution_network import AttributionNetwork
from quotestance.model.passages import MARKERS
from quotestance.model.scorer import ScorerConfig, marker_ids
from quotestance.model.stance_network import StanceNetwork
from quotestance.model.tagger import TaggerConfig
from quotestance.training.base import load_base
from quotestance.training.own_data import CONTRAST_TEST
from quotestance.training.save import save_component

STANCES = ("supportive", "neutral", "condemning")
WORDS = {"supportive": "right", "condemning": "wrong", "neutral": "killed"}
Labels = Callable[..., Path]


@pytest.fixture(scope="session")
def tiny_shipped(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path) -> Path:
    """A scorer and a reader with random weights."""
    folder = tmp_path_factory.mktemp("tiny-shipped")
    torch.manual_seed(1)
    base = load_base(str(tiny_base))
    base.tokenizer.add_special_tokens({"additional_special_tokens": list(MARKERS)})
    scorer = StanceNetwork(base.encoder, base.config.hidden_size, marker_ids(base.tokenizer))
    save_component(folder, "scorer", scorer, base, ScorerConfig(), [], {})
    base = load_base(str(tiny_base), kind="reader")
    save_component(
        folder, "reader", AttributionNetwork(base.encoder, base.config.hidden_size), base, TaggerConfig(), [], {}
    )
    return folder


@pytest.fixture
def shipped(tiny_shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The tiny model stands in for the one that ships."""
    monkeypatch.setattr(pipeline, "SHIPPED", tiny_shipped)
    threads = torch.get_num_threads()
    yield tiny_shipped
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()


def label_rows(count: int, shuffled: bool = False, ending: str = "") -> list[dict[str, Any]]:
    """Rows whose stance a word decides, or with `shuffled` stances that nothing decides."""
    rows = []
    for number in range(count):
        stance = STANCES[number % 3]
        text = f"the minister said the strike was {WORDS[stance]} and told people" + " to it" * (number % 5)
        text += f" {'abcdefghij'[number % 10]}{'klmnopqrst'[number // 10 % 10]}{'uvwxyz'[number // 100 % 6]}{ending}"
        rows.append({"id": f"r{number}", "text": text, "actor": "minister", "target": "the strike", "stance": stance})
    if shuffled:
        stances = [row["stance"] for row in rows]
        random.Random(3).shuffle(stances)
        rows = [{**row, "stance": stance} for row, stance in zip(rows, stances, strict=True)]
    return rows


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "labels.jsonl", label_rows(60))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without pictures, which take most of a tiny run's time, and with ten contrast pairs in place of a hundred."""
    few = tmp_path / "few-contrast-pairs.jsonl"
    few.write_text("".join(CONTRAST_TEST.read_text(encoding="utf-8").splitlines(keepends=True)[:20]), encoding="utf-8")
    for module in ("before_after", "versions.judge"):
        monkeypatch.setattr(f"quotestance.training.{module}.CONTRAST_TEST", few)
    for name in ("draw", "draw_reader"):
        monkeypatch.setattr(f"quotestance.training.before_after.{name}", lambda *_: None)
