import pytest
import torch

from quotestance.model.batching import token_batches, tokens_at_once
from quotestance.model.encoders import padded


def test_batches_stay_within_the_budget_longest_first() -> None:
    assert list(token_batches([90, 100, 95, 300], 200)) == [[3], [1, 2], [0]]


def test_a_batch_is_of_sequences_of_like_length() -> None:
    lengths = [10, 200, 190, 11, 100, 171]
    batches = list(token_batches(lengths, 10_000))
    assert batches == [[1, 2, 5], [4], [3, 0]]
    filled = sum(len(batch) * lengths[batch[0]] for batch in batches)
    assert filled < 1.1 * sum(lengths)


def test_no_sequences_are_no_batches() -> None:
    assert list(token_batches([], 100)) == []


def test_a_cpu_takes_less_at_once_where_it_has_few_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    assert tokens_at_once(torch.device("cpu"), 4_096) == 1_024
    assert tokens_at_once(torch.device("cpu"), 600) == 600
    assert tokens_at_once(torch.device("cuda"), 4_096) == 4_096


def test_rows_are_filled_up_to_a_multiple() -> None:
    filled = padded([[5, 6], [7] * 17], 1, torch.device("cpu"), 16)
    assert filled.shape == (2, 32)
    assert filled[0].tolist() == [5, 6, *[1] * 30]
    assert padded([[5] * 16], 0, torch.device("cpu"), 16).shape == (1, 16)
    assert padded([[5] * 17], 0, torch.device("cpu")).shape == (1, 17)
