"""The second question in training, whether a statement is about the strike at all: it shapes the encoder, then goes."""

from pathlib import Path

import torch

from quotestance.model.scorer import ScorerConfig
from quotestance.training.base import load_base
from quotestance.training.labels import read_labels
from quotestance.training.train_scorer import ScorerTraining, train_scorer


def trained(labels: Path, base: Path, out: Path, about_weight: float) -> dict[str, torch.Tensor]:
    settings = ScorerTraining(epochs=1, about_weight=about_weight)
    network = train_scorer(read_labels([labels]).statements, load_base(base), settings, ScorerConfig(), out)
    return dict(network.state_dict())


def test_the_network_has_the_same_parts_with_and_without_it_but_other_weights(
    tmp_path: Path, tiny_base: Path, labels: Path
) -> None:
    plain = trained(labels, tiny_base, tmp_path / "plain", 0.0)
    asked = trained(labels, tiny_base, tmp_path / "asked", 1.0)
    assert plain.keys() == asked.keys()
    assert any(not torch.equal(plain[name], asked[name]) for name in plain if name.startswith("encoder."))
