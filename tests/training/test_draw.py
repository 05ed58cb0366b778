"""Training mixes drawn from label files."""

import gzip
import json
import random
from pathlib import Path

import pytest

from quotestance.training.draw import draw


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
