"""Ranges are recorded with every component that is written, and used on loading."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from quotestance.model.components import MANIFEST, RANGES, read_component
from quotestance.model.eight_bit import PLACES, EightBitLayer, eight_bits
from quotestance.model.errors import ModelError
from quotestance.model.passages import build_passage
from quotestance.model.scorer import Scorer
from quotestance.model.settings import Settings
from quotestance.model.tagger import Tagger
from quotestance.model.types import Span
from quotestance.training.ranges import record_ranges
from quotestance.training.release import release

TEXT = "the minister said the strike was right and told people"


@pytest.fixture
def folder(tiny_shipped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_shipped, tmp_path / "model"))


@pytest.mark.parametrize("kind", ["scorer", "reader"])
def test_a_written_component_has_a_range_for_each_product(tiny_shipped: Path, kind: str) -> None:
    component = read_component(tiny_shipped / kind, kind)
    assert set(component.ranges) == {f"encoder.layer.{n}.{place}" for n in range(2) for place in PLACES}
    assert all(len(span) == 2 and (span[0] < span[1]).all() for span in component.ranges.values())
    assert not any(name in component.state for name in component.ranges)


def test_recording_again_changes_no_byte(folder: Path) -> None:
    names = (MANIFEST, RANGES, "model.safetensors")
    before = [(folder / "scorer" / name).read_bytes() for name in names]
    record_ranges(folder, "scorer")
    assert [(folder / "scorer" / name).read_bytes() for name in names] == before


def test_only_tokens_count_not_what_rows_are_filled_up_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("scorer", "tagger"):
        monkeypatch.setattr(f"quotestance.model.{module}.COLUMNS", 64)
    for kind in ("scorer", "reader"):
        before = read_component(folder / kind, kind).ranges
        record_ranges(folder, kind)
        for name, span in read_component(folder / kind, kind).ranges.items():
            assert torch.allclose(span, before[name], atol=1e-4)


def test_released_components_have_their_ranges(tiny_shipped: Path, tmp_path: Path) -> None:
    release({"scorer": tiny_shipped / "scorer"}, tmp_path)
    released = read_component(tmp_path / "scorer", "scorer")
    written = read_component(tiny_shipped / "scorer", "scorer")
    assert all(torch.equal(released.ranges[name], span) for name, span in written.ranges.items())


def test_damaged_ranges_are_refused(folder: Path) -> None:
    (folder / "scorer" / RANGES).write_bytes(b"")
    with pytest.raises(ModelError, match="damaged"):
        Scorer.load(folder / "scorer", Settings(device="cpu"))


@pytest.mark.skipif(not eight_bits(torch.device("cpu"), "int8"), reason="torch does not multiply bytes fast here")
def test_precision_chooses_the_layers(folder: Path) -> None:
    def layers(settings: Settings) -> list[bool]:
        parts = (Scorer.load(folder / "scorer", settings), Tagger.load(folder / "reader", settings))
        return [isinstance(layer, EightBitLayer) for part in parts for layer in part.encoder.encoder.layer]

    assert all(layers(Settings(device="cpu", precision="int8")))
    assert all(layers(Settings(device="cpu")))
    assert not any(layers(Settings(device="cpu", precision="float32")))
    for kind in ("scorer", "reader"):
        manifest = json.loads((folder / kind / MANIFEST).read_text())
        del manifest["files"][RANGES]
        (folder / kind / MANIFEST).write_text(json.dumps(manifest))
    assert not any(layers(Settings(device="cpu", precision="int8")))


def test_a_scorer_in_eight_bits_judges_as_in_float32(folder: Path) -> None:
    exact = Scorer.load(folder / "scorer", Settings(device="cpu", precision="float32"))
    quick = Scorer.load(folder / "scorer", Settings(device="cpu", precision="int8"))
    passages = [
        build_passage(TEXT, Span(0, end), None, "minister", "the strike", exact.config.limits) for end in (20, 40)
    ]
    for ours, theirs in zip(quick.distributions(passages), exact.distributions(passages), strict=True):
        assert ours == pytest.approx(theirs, abs=0.02)
