"""Training mixes drawn from label files."""

import gzip
import json
import random
from pathlib import Path

import pytest

from quotestance.model.scorer import ScorerConfig
from quotestance.model.stance_network import StanceNetwork
from quotestance.training.base import load_base
from quotestance.training.draw import draw, main
from quotestance.training.save import save_component
from quotestance.training.trained_on import manifest


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl.gz"
    rows = [json.dumps({"doc_id": f"{kind}-{n}"}) + "\n" for kind in ("a", "b") for n in range(5)]
    path.write_bytes(gzip.compress("".join(rows).encode()))
    return path


def test_all_some_and_those_of_a_prefix(labels: Path) -> None:
    assert len(draw(str(labels), random.Random(0))) == 10
    assert len(set(draw(f"{labels}:4", random.Random(0)))) == 4
    ids = [json.loads(line)["doc_id"] for line in draw(f"{labels}@b-:3", random.Random(0))]
    assert len(ids) == 3
    assert all(i.startswith("b-") for i in ids)


def test_the_same_seed_draws_the_same(labels: Path) -> None:
    assert draw(f"{labels}:4", random.Random(7)) == draw(f"{labels}:4", random.Random(7))


def test_more_than_there_is_cannot_be_drawn(labels: Path) -> None:
    with pytest.raises(ValueError, match="there are only 5"):
        draw(f"{labels}@a-:6", random.Random(0))


def test_what_is_trained_on_a_mix_names_the_files_that_it_was_drawn_from(
    tmp_path: Path, labels: Path, tiny_shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mix = tmp_path / "mix.jsonl"
    monkeypatch.setattr("sys.argv", ["draw", f"{labels}@a-:2", str(labels), "-o", str(mix)])
    main()
    base = load_base(tiny_shipped)
    network = StanceNetwork(base.encoder, base.config.hidden_size, [1, 2, 3, 4])
    save_component(tmp_path / "out", "scorer", network, base, ScorerConfig(), [mix], {})
    names = [entry["file"] for entry in manifest(tmp_path / "out" / "scorer")["data"]]
    assert "labels.jsonl.gz" in names
    assert "mix.jsonl" not in names
