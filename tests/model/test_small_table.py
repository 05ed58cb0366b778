"""Word embeddings kept in eight bits: the same values in a quarter of the memory."""

import torch
from transformers import BertConfig, BertModel

from quotestance.model.components import quantise
from quotestance.model.small_table import SmallTable, shrink_words


def encoder(seed: int = 0) -> BertModel:
    torch.manual_seed(seed)
    config = BertConfig(vocab_size=70, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    return BertModel(config, add_pooling_layer=False).eval()


def as_stored(encoder: BertModel) -> BertModel:
    rows, scale = quantise(encoder.get_input_embeddings().weight.detach())
    encoder.get_input_embeddings().weight.data = rows * scale[:, None]
    return encoder


def test_a_stored_table_gives_the_same_values() -> None:
    ours = as_stored(encoder())
    ids = torch.tensor([[3, 69, 0], [1, 3, 5]])
    before = ours.get_input_embeddings()(ids)
    shrink_words(ours)
    table = ours.get_input_embeddings()
    assert isinstance(table, SmallTable)
    assert table.num_embeddings == 70
    assert table.rows.dtype == torch.int8
    assert table(ids).shape == (2, 3, 16)
    torch.testing.assert_close(table(ids), before, rtol=1e-6, atol=0)


def test_encoders_that_share_a_table_share_the_small_one() -> None:
    ours, theirs, others = as_stored(encoder()), as_stored(encoder()), as_stored(encoder(1))
    theirs.get_input_embeddings().weight = ours.get_input_embeddings().weight
    shrink_words(ours, theirs, others)
    assert ours.get_input_embeddings() is theirs.get_input_embeddings()
    assert others.get_input_embeddings() is not ours.get_input_embeddings()


def test_a_table_that_eight_bits_would_change_stays() -> None:
    ours = encoder()
    table = ours.get_input_embeddings()
    shrink_words(ours)
    assert ours.get_input_embeddings() is table
