"""The training loop by itself, around a network of one layer."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from quotestance.model.encoders import Precision
from quotestance.training.loop import LoopSettings, Validation, train


class OneLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(4, 2)


def batches() -> DataLoader[Any]:
    rows = [{"x": torch.arange(4.0) + i, "y": torch.ones(2)} for i in range(4)]
    return DataLoader(rows, batch_size=2)  # type: ignore[arg-type]


@pytest.mark.parametrize(("precision", "expected"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
def test_bfloat16_reaches_the_parts_of_a_network_that_a_loss_calls(
    tmp_path: Path, precision: Precision, expected: torch.dtype
) -> None:
    seen: list[torch.dtype] = []

    def loss(network: OneLayer, batch: dict[str, Tensor]) -> Tensor:
        out = network.encoder(batch["x"])  # not the network's forward, which it has none of
        seen.append(out.dtype)
        return (out.float() - batch["y"]).pow(2).mean()

    validation = Validation(batches(), times=1, patience=1)
    settings = LoopSettings(1e-3, 1e-3, device="cpu", precision=precision)
    network = OneLayer()
    train(network, batches(), loss, settings, tmp_path, validation=validation)
    assert len(seen) >= 4  # steps and validation
    assert set(seen) == {expected}
    assert {p.dtype for p in network.parameters()} == {torch.float32}
