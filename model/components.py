"""Model folders: safetensors and a manifest whose hashes are checked before anything is loaded.

A component (the reader or the scorer) is a folder with `manifest.json`, `config.json`, `tokenizer.json` and
`model.safetensors`. Matrices may be stored as int8 with one scale a row; they are widened to float32 on loading.
`ranges.safetensors`, where there is one, says what the encoder's products read (`eight_bit.py`). A manifest may name
files of a neighbouring folder, so that the shipped reader and scorer share one embedding table.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from quotestance.model.errors import ModelError

FORMAT = 1
MANIFEST = "manifest.json"
# what a component is but for its weights
SHAPE_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json")
_FILES = (*SHAPE_FILES, "model.safetensors")
RANGES = "ranges.safetensors"
_INT8, _SCALE = ".int8", ".scale"
_SMALL = 64  # a matrix with fewer rows than this is a head: not worth the error of eight bits


@dataclass(frozen=True, slots=True)
class Component:
    """A verified component: its folder, its manifest, its weights in float32, and the ranges recorded with them."""

    folder: Path
    manifest: Mapping[str, Any]
    state: Mapping[str, Tensor]
    ranges: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Eight hexadecimal digits that change with any byte of the component's files."""
        listed = sorted((name, entry["sha256"]) for name, entry in self.manifest["files"].items())
        return hashlib.sha256(json.dumps(listed).encode()).hexdigest()[:8]


def read_component(folder: Path, kind: str) -> Component:
    """Check a component's files against its manifest and read its weights.

    Raises ModelError, naming the file, when one is missing, damaged, or of another kind or format.
    """
    manifest = _read_manifest(folder, kind)
    state: dict[str, Tensor] = {}
    ranges: dict[str, Tensor] = {}
    for name, entry in manifest["files"].items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve().parent):
            raise ModelError(f"{folder / MANIFEST}: names a file outside the model folder: {name}")
        _check(path, entry)
        if path.suffix == ".safetensors":
            try:
                if name == RANGES:
                    ranges = load_file(path)
                else:
                    state |= load_file(path)
            except SafetensorError as error:
                raise ModelError(f"{path}: not a safetensors file: {error}") from error
    return Component(folder, manifest, unpack(state), ranges)


def write_component(
    folder: Path,
    kind: str,
    state: Mapping[str, Tensor],
    manifest: Mapping[str, Any],
    shared: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Write `model.safetensors` and the manifest; shape and tokenizer already in `folder` are listed with their hashes.

    `shared` lists files of neighbouring folders that belong to the component, `{relative path: {sha256, bytes}}`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / "model.safetensors")
    files = {p.name: describe(p) for p in sorted(folder.iterdir()) if p.is_file() and p.name in _FILES}
    content = {"format": FORMAT, "kind": kind, **manifest, "files": {**files, **(shared or {})}}
    _write_manifest(folder, content)


def add_ranges(folder: Path, ranges: Mapping[str, Tensor]) -> None:
    """Put the ranges of what a written component's products read beside its weights, and into its manifest.

    `ranges` are named `layer.place` and hold the least and greatest value of each channel, (2, channels).
    """
    save_file({name: tensor.contiguous() for name, tensor in sorted(ranges.items())}, folder / RANGES)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][RANGES] = describe(folder / RANGES)
    _write_manifest(folder, manifest)


def amend_manifest(folder: Path, changes: Mapping[str, Any]) -> None:
    """Replace entries of a component's manifest; its version, which is that of its files, stays."""
    _write_manifest(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | dict(changes))


def describe(path: Path) -> dict[str, Any]:
    """A file's entry in a manifest: its SHA-256 and its size in bytes."""
    return {"sha256": _sha256(path), "bytes": path.stat().st_size}


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Store every matrix as int8 with one scale a row, and everything small as it is."""
    packed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if tensor.dim() == 2 and tensor.shape[0] >= _SMALL:
            packed[name + _INT8], packed[name + _SCALE] = quantise(tensor)
        else:
            packed[name] = tensor.clone()
    return packed


def unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The float32 weights that `pack` stored."""
    state: dict[str, Tensor] = {}
    for name, tensor in packed.items():
        if name.endswith(_INT8):
            whole = name.removesuffix(_INT8)
            state[whole] = tensor.float() * packed[whole + _SCALE].float()[:, None]
        elif not name.endswith(_SCALE):
            state[name] = tensor.float() if tensor.is_floating_point() else tensor
    return state


def quantise(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Symmetric int8 with one scale a row: (rows, columns) → int8 of the same shape, float32 (rows,)."""
    scale = matrix.float().abs().amax(dim=1) / 127
    scale[scale == 0] = 1.0
    return torch.round(matrix / scale[:, None]).clamp(-127, 127).to(torch.int8), scale


def _write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _read_manifest(folder: Path, kind: str) -> Mapping[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path}: missing; a model folder holds a manifest") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ModelError(f"{path}: not a model manifest")
    if manifest.get("format") != FORMAT:
        raise ModelError(f"{path}: format {manifest.get('format')!r}; this version reads format {FORMAT}")
    if manifest.get("kind") != kind:
        raise ModelError(f"{path}: holds a {manifest.get('kind')!r}, not a {kind!r}")
    return manifest


def _check(path: Path, entry: Any) -> None:
    if not path.is_file():
        raise ModelError(f"{path}: missing; the model is incomplete, install it again")
    if not isinstance(entry, dict) or path.stat().st_size != entry.get("bytes") or _sha256(path) != entry.get("sha256"):
        raise ModelError(f"{path}: damaged: its size or SHA-256 is not the manifest's; install the model again")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
