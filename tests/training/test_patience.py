"""Training stops after so many passes without gain, however often a pass is checked."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from quotestance.training import loop
from quotestance.training.loop import LoopSettings, Validation, train


@pytest.mark.parametrize(("long_pass", "checks"), [(400, 1), (4, 3)])
@pytest.mark.parametrize("patience", [1, 2])
def test_patience_is_in_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long_pass: int, checks: int, patience: int
) -> None:
    monkeypatch.setattr(loop, "_LONG_PASS", long_pass)
    rows = [{"x": torch.zeros(1, 2)}] * 40
    losses: list[float] = []

    def rising(network: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        found: Tensor = network(inputs["x"]).square().mean()
        if network.training:
            return found
        losses.append(len(losses))
        return torch.tensor(losses[-1])

    validation = Validation(DataLoader(rows[:1], batch_size=None), times=4, patience=patience)
    settings = LoopSettings(1e-3, 1e-3, device="cpu")
    train(nn.Linear(2, 1), DataLoader(rows, batch_size=None), rising, settings, tmp_path, validation=validation)
    assert len(losses) == 1 + patience * checks
