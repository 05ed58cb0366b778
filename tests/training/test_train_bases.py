"""Any encoder can be the base; low-rank adapters leave ordinary weights; the reader is retrained too."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import DebertaV2Config, DebertaV2Model, PreTrainedModel, RobertaConfig, RobertaModel

from quotestance.model.components import read_component
from quotestance.model.errors import InputError, LabelError, ModelError
from quotestance.model.pipeline import load
from quotestance.training.base import load_base
from quotestance.training.low_rank import LowRank, attach
from quotestance.training.train_command import run
from quotestance.training.train_options import TrainOptions
from quotestance.training.training_record import read_record

from .conftest import write_rows

pytestmark = pytest.mark.usefixtures("shipped", "quick")
ROW = {"text": "the minister said the strike was wrong", "actor": "minister", "target": "the strike"}
LETTERS = [chr(c) for c in range(ord("a"), ord("z") + 1)]


def byte_level(folder: Path) -> dict[str, int]:
    """A RoBERTa-like tokenizer: bytes, `<s>` and `</s>`."""
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    pieces = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    save(tokenizer, folder, {"cls": "<s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>", "mask": "<mask>"})
    return vocabulary


def unigram(folder: Path) -> dict[str, int]:
    """A DeBERTa-like tokenizer: sentence pieces with `▁` for a blank."""
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
    pieces = [(p, 0.0) for p in special] + [("▁", -2.0)] + [(letter, -3.0) for letter in LETTERS]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    save(tokenizer, folder, {n: f"[{n.upper()}]" for n in ("cls", "sep", "pad", "unk", "mask")})
    return {piece: i for i, (piece, _) in enumerate(pieces)}


def save(tokenizer: Tokenizer, folder: Path, special: dict[str, str]) -> None:
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    content = {"tokenizer_class": "PreTrainedTokenizerFast", **{f"{k}_token": v for k, v in special.items()}}
    (folder / "tokenizer_config.json").write_text(json.dumps(content))


def roberta(size: int) -> PreTrainedModel:
    return RobertaModel(
        RobertaConfig(
            vocab_size=size,
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=48,
            max_position_embeddings=130,
            pad_token_id=1,
        )
    )


def deberta(size: int) -> PreTrainedModel:
    return DebertaV2Model(
        DebertaV2Config(
            vocab_size=size,
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=48,
            max_position_embeddings=300,
            type_vocab_size=0,
            relative_attention=True,
            position_buckets=32,
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            pos_att_type=["p2c", "c2p"],
            position_biased_input=False,
        )
    )


@pytest.mark.parametrize(("tokenizer", "model", "most"), [(byte_level, roberta, 128), (unigram, deberta, 224)])
def test_other_kinds_of_encoders_are_bases(
    tmp_path: Path,
    labels: Path,
    tokenizer: Callable[[Path], dict[str, int]],
    model: Callable[[int], PreTrainedModel],
    most: int,
) -> None:
    base = tmp_path / "base"
    torch.manual_seed(0)
    model(len(tokenizer(base))).save_pretrained(base)
    out = tmp_path / "new"
    assert run([labels], out, base=str(base), epochs=1, replay=0.0) == 0
    trained = load(out)
    assert trained.scorer.config.max_tokens == most
    (stance,) = trained.stance([{**ROW, "text": ROW["text"] + " and so on" * 60}])
    assert sum(getattr(stance, "probabilities", {}).values()) == pytest.approx(1)


def test_merged_adapters_give_the_same_outputs_in_the_shape_of_the_base(tiny_base: Path) -> None:
    encoder = load_base(str(tiny_base)).encoder
    names = set(encoder.state_dict())
    ids = torch.tensor([[2, 7, 8, 9, 3]])
    merge = attach(encoder, LowRank())
    encoder.eval()
    trainable = [n for n, p in encoder.named_parameters() if p.requires_grad]
    assert trainable
    assert all("lora_" in name for name in trainable)
    with torch.no_grad():
        plain = encoder(input_ids=ids).last_hidden_state
        for name, parameter in encoder.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.05)
        adapted = encoder(input_ids=ids).last_hidden_state
        merged = merge().eval()
        assert set(merged.state_dict()) == names
        assert torch.allclose(merged(input_ids=ids).last_hidden_state, adapted, atol=1e-5)
    assert not torch.allclose(adapted, plain, atol=1e-3)


def test_low_rank_training_leaves_an_ordinary_model_folder(tmp_path: Path, labels: Path, shipped: Path) -> None:
    run([labels], tmp_path / "new", low_rank=True, epochs=2, batch_size=8, replay=0.0, class_weights="balanced")
    component = read_component(tmp_path / "new" / "scorer", "scorer")
    before = read_component(shipped / "scorer", "scorer")
    assert component.state.keys() == before.state.keys()
    attention = next(n for n in component.state if n.endswith("query.weight"))
    assert not torch.equal(component.state[attention], before.state[attention])
    table = next(n for n in component.state if n.endswith("word_embeddings.weight"))
    assert torch.allclose(component.state[table], before.state[table])
    assert component.manifest["training"]["low_rank"] == {"rank": 16, "alpha": 32, "dropout": 0.05}


def whole_article(number: int) -> dict[str, Any]:
    text = f"The minister told people: “It was right.” She said that strike {LETTERS[number]} killed people."
    quote, speaker = "It was right", "The minister"
    spans = {name: [text.index(words), text.index(words) + len(words)] for name, words in
             (("quote_span", quote), ("speaker_span", speaker), ("cue_span", "told"))}  # fmt: skip
    statement = {
        **spans,
        "actor": "minister",
        "actor_type": "person",
        "kind": "direct",
        "strike": "S",
        "stance": "neutral",
    }
    strikes = [{"id": "S", "description": "the strike", "main": True}]
    return {"doc_id": f"d{number}", "text": text, "strikes": strikes, "statements": [statement]}


def test_both_parts_are_retrained_and_the_other_is_taken_over(tmp_path: Path, shipped: Path) -> None:
    articles = write_rows(tmp_path / "articles.jsonl", [whole_article(i) for i in range(20)])
    both = tmp_path / "both"
    assert run([articles], both, part="both", epochs=1, replay=0.0) == 0
    record = read_record(both)
    assert record is not None
    assert set(record.parts) == {"scorer", "reader"}
    assert set(record.figures["after"]) == {"scorer", "kept", "reader"}
    again = tmp_path / "again"
    run([articles], again, base=str(both), epochs=1, replay=0.0, seed=1)
    assert load(again).reader.version == record.parts["reader"] != load(shipped).reader.version


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"part": "all"}, "--part all: one of scorer, reader, both"),
        ({"class_weights": "heavy"}, "--class-weights heavy"),
        ({"replay": 1.0}, "--replay 1: a share"),
        ({"seed": -1}, "--seed -1: a whole number from 0 to 4294967295"),
        ({"seed": 2**32}, "--seed 4294967296: a whole"),
        ({"lr": 0.0}, "--lr 0: must be above 0"),
    ],
)
def test_options_out_of_range_are_one_line(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        TrainOptions(**options)


def test_a_base_that_lacks_a_part_or_is_not_there_is_one_line(tmp_path: Path, labels: Path, shipped: Path) -> None:
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "scorer").symlink_to(shipped / "scorer")
    articles = write_rows(tmp_path / "articles.jsonl", [whole_article(i) for i in range(20)])
    with pytest.raises(InputError, match="holds only a scorer"):
        run([articles], tmp_path / "new", base=str(tmp_path / "half"), part="both", replay=0.0)
    with pytest.raises(ModelError, match="cannot be loaded as a base"):
        run([labels], tmp_path / "new", base=str(tmp_path / "nowhere"), replay=0.0)
    with pytest.raises(LabelError, match="whole articles"):
        run([labels], tmp_path / "new", part="reader", replay=0.0)
    assert not (tmp_path / "new").exists()
