import pytest
import torch

from quotestance.model import encoders
from quotestance.model.encoders import autocast, pick_precision

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("has", "wanted", "got"),
    [
        (True, "auto", torch.bfloat16),
        (False, "auto", torch.float32),
        (True, "int8", torch.bfloat16),
        (False, "int8", torch.float32),
        (True, "float32", torch.float32),
        (False, "bfloat16", torch.bfloat16),
    ],
)
def test_auto_takes_bfloat16_only_where_the_cpu_has_it(
    monkeypatch: pytest.MonkeyPatch, has: bool, wanted: encoders.Precision, got: torch.dtype
) -> None:
    monkeypatch.setattr(encoders, "_cpu_has_bfloat16", lambda: has)
    assert pick_precision(CPU, wanted) == got


def test_a_gpu_computes_in_bfloat16() -> None:
    assert pick_precision(torch.device("cuda"), "auto") == torch.bfloat16


def test_products_follow_the_precision() -> None:
    a, b = torch.ones(2, 3), torch.ones(3, 2)
    with autocast(CPU, torch.bfloat16):
        assert (a @ b).dtype == torch.bfloat16
    with autocast(CPU, torch.float32):
        assert (a @ b).dtype == torch.float32
