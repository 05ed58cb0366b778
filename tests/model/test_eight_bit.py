"""Eight-bit layers beside the float32 ones that they replace, on a tiny BERT."""

import copy

import pytest
import torch
from torch import Tensor
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

from quotestance.model import eight_bit
from quotestance.model.eight_bit import PLACES, EightBitLayer, bert_layers, eight_bits, use_eight_bits

CPU = torch.device("cpu")

pytestmark = pytest.mark.skipif(not eight_bits(CPU, "int8"), reason="torch does not multiply bytes fast on this CPU")


@pytest.fixture
def encoder() -> BertModel:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=50, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=256
    )
    encoder = BertModel(config, add_pooling_layer=False).eval()
    for name, weights in encoder.named_parameters():
        if "dense.weight" in name or ("self" in name and "weight" in name):
            weights.data *= 3  # fresh weights are so small that the layers do next to nothing
    # one channel behind the GELU that reaches as far as some of a trained encoder's do
    encoder.encoder.layer[0].intermediate.dense.weight.data[3] *= 30
    encoder.encoder.layer[0].intermediate.dense.bias.data[3] = -8.0
    return encoder


def ranges_of(encoder: BertModel, ids: Tensor) -> dict[str, Tensor]:
    ranges: dict[str, Tensor] = {}
    for name, layer in bert_layers(encoder).items():
        for place in PLACES:

            def note(_: object, inputs: tuple[Tensor], name: str = f"{name}.{place}") -> None:
                ranges[name] = torch.stack(inputs[0].flatten(0, 1).aminmax(dim=0))

            layer.get_submodule(place).register_forward_pre_hook(note)
    run(encoder, ids)
    return ranges


@torch.inference_mode()
def run(encoder: BertModel, ids: Tensor, mask: Tensor | None = None) -> Tensor:
    mask = torch.ones_like(ids) if mask is None else mask
    hidden: Tensor = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    return hidden


@pytest.fixture
def ids() -> Tensor:
    return torch.randint(0, 50, (6, 40), generator=torch.Generator().manual_seed(1))


@pytest.fixture
def pair(encoder: BertModel, ids: Tensor) -> tuple[BertModel, BertModel]:
    """An encoder, and the same with eight-bit layers."""
    quick = copy.deepcopy(encoder)
    use_eight_bits(quick, ranges_of(encoder, ids))
    assert all(isinstance(layer, EightBitLayer) for layer in quick.encoder.layer)
    return encoder, quick


def far(ours: Tensor, exact: Tensor) -> float:
    """How far apart, as a share of the exact vectors' spread."""
    return float((ours - exact).square().mean().sqrt() / exact.std())


def test_eight_bits_stay_close_to_float32(pair: tuple[BertModel, BertModel], ids: Tensor) -> None:
    exact, quick = (run(encoder, ids) for encoder in pair)
    assert 0 < far(quick, exact) < 0.015


def test_a_channel_that_reaches_far_does_not_coarsen_the_others(
    encoder: BertModel, ids: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranges, exact = ranges_of(encoder, ids), run(encoder, ids)
    split, whole = copy.deepcopy(encoder), copy.deepcopy(encoder)
    use_eight_bits(split, ranges)
    monkeypatch.setattr(eight_bit, "_TOP", 1e3)
    use_eight_bits(whole, ranges)
    assert far(run(split, ids), exact) < 0.7 * far(run(whole, ids), exact)


def test_seven_bits_of_input_will_do_where_there_is_no_vnni(
    encoder: BertModel, ids: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True})
    quick = copy.deepcopy(encoder)
    use_eight_bits(quick, ranges_of(encoder, ids))
    assert 0 < far(run(quick, ids), run(encoder, ids)) < 0.025


def test_what_stands_beside_a_text_does_not_change_it(pair: tuple[BertModel, BertModel], ids: Tensor) -> None:
    _, quick = pair
    mask = torch.ones_like(ids)
    mask[0, 30:] = 0
    loud = ids.clone()
    loud[1:] = 7
    alone = run(quick, ids[:1, :30])
    for company in (ids, loud):
        assert far(run(quick, company, mask)[:1, :30], alone) < 1e-3


def test_values_beyond_the_recorded_ranges_are_cut_off(encoder: BertModel, ids: Tensor) -> None:
    ranges = {name: span * 0.5 for name, span in ranges_of(encoder, ids).items()}
    use_eight_bits(encoder, ranges)
    assert run(encoder, ids).isfinite().all()


def test_autocast_around_it_changes_nothing(pair: tuple[BertModel, BertModel], ids: Tensor) -> None:
    layer = pair[1].encoder.layer[0]
    hidden = torch.randn(2, 9, 64)
    with torch.inference_mode():
        plain = layer(hidden)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert torch.equal(layer(hidden), plain)


def test_without_all_ranges_the_layers_stay(encoder: BertModel, ids: Tensor) -> None:
    ranges = ranges_of(encoder, ids)
    del ranges["encoder.layer.1.output.dense"]
    for known in (ranges, {}):
        use_eight_bits(encoder, known)
        assert len(bert_layers(encoder)) == 2


def test_other_encoders_stay() -> None:
    shape = DistilBertConfig(vocab_size=50, dim=32, n_layers=1, n_heads=2, hidden_dim=64)
    distil = DistilBertModel(shape)
    before = [type(part) for part in distil.modules()]
    use_eight_bits(distil, {})
    assert [type(part) for part in distil.modules()] == before
    size = {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    assert not bert_layers(BertModel(BertConfig(**size, hidden_act="relu")))


@pytest.mark.parametrize(
    ("known", "largest"),
    [({"avx512_vnni": True, "avx2": True}, 255), ({"avx2": True}, 127), ({"avx2": False}, 0), ({}, 0)],
)
def test_the_cpu_decides(monkeypatch: pytest.MonkeyPatch, known: dict[str, bool], largest: int) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)
    assert eight_bit._largest_byte() == largest
    assert eight_bits(CPU, "auto") == eight_bits(CPU, "int8") == (largest > 0)
    assert not eight_bits(CPU, "float32")
    assert not eight_bits(CPU, "bfloat16")
    assert not eight_bits(torch.device("cuda"), "int8")
