"""Model folders: what was written comes back, and what is broken is refused by name."""

import json
from pathlib import Path

import pytest
import torch

from quotestance.model.components import describe, pack, quantise, read_component, unpack, write_component
from quotestance.model.errors import ModelError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    state = {"layer.weight": torch.randn(128, 16), "layer.bias": torch.randn(128), "head.weight": torch.randn(3, 16)}
    target = tmp_path / "model" / "scorer"
    target.mkdir(parents=True)
    (target / "config.json").write_text("{}")
    write_component(target, "scorer", pack(state), {"scorer": {}})
    return target


def test_eight_bits_a_weight_stay_close() -> None:
    matrix = torch.randn(64, 300)
    rows, scale = quantise(matrix)
    assert rows.dtype == torch.int8
    assert (rows.float() * scale[:, None] - matrix).abs().max() <= matrix.abs().amax() / 127 / 2 + 1e-6


def test_an_empty_row_survives() -> None:
    rows, scale = quantise(torch.zeros(2, 4))
    assert (rows.float() * scale[:, None]).eq(0).all()


def test_packing_keeps_small_matrices_and_vectors_exact() -> None:
    state = {"big": torch.randn(64, 8), "head": torch.randn(3, 8), "bias": torch.randn(64)}
    back = unpack(pack(state))
    assert torch.equal(back["head"], state["head"])
    assert torch.equal(back["bias"], state["bias"])
    assert torch.allclose(back["big"], state["big"], atol=0.05)


def test_a_component_is_read_back_and_its_version_follows_its_bytes(folder: Path) -> None:
    component = read_component(folder, "scorer")
    assert set(component.state) == {"layer.weight", "layer.bias", "head.weight"}
    (folder / "config.json").write_text('{"changed": true}')
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["config.json"] = describe(folder / "config.json")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert read_component(folder, "scorer").version != component.version


def test_a_flipped_byte_is_found(folder: Path) -> None:
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match=r"model\.safetensors: damaged"):
        read_component(folder, "scorer")


def test_a_truncated_file_is_found(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelError, match="damaged"):
        read_component(folder, "scorer")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"model\.safetensors: missing"):
        read_component(folder, "scorer")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "cannot be read"),
        ("[]", "not a model manifest"),
        ('{"files": {}, "format": 99, "kind": "scorer"}', "format 99"),
        ('{"files": {}, "format": 1, "kind": "reader"}', "holds a 'reader'"),
    ],
)
def test_a_broken_manifest_says_what_is_wrong(folder: Path, content: str, words: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(ModelError, match=words):
        read_component(folder, "scorer")


def test_a_missing_manifest_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"manifest\.json: missing"):
        read_component(tmp_path, "scorer")


def test_a_manifest_cannot_name_files_elsewhere(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["../../../etc/passwd"] = {"sha256": "", "bytes": 0}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="outside the model folder"):
        read_component(folder, "scorer")


def test_a_file_that_is_no_safetensors_is_refused_even_with_the_right_hash(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(b"not tensors at all")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["model.safetensors"] = describe(path)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="not a safetensors file"):
        read_component(folder, "scorer")
