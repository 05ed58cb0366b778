"""Batches filled by tokens rather than by items, of sequences of like length."""

from collections.abc import Iterator, Sequence

import torch

# more at once is no faster on a CPU, and costs memory
_TOKENS_A_THREAD = 512
# padding costs as much as text: a sequence shorter than this share of a batch's longest begins a new batch
_LIKE = 0.7


def token_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices grouped so that (items · longest) stays within `budget`; longest first; a longer item goes alone."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        longest = lengths[batch[0]] if batch else 0
        if batch and ((len(batch) + 1) * longest > budget or lengths[index] < _LIKE * longest):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def tokens_at_once(device: torch.device, most: int) -> int:
    """The budget of one forward pass: `most`, or less where the device is a CPU of few threads."""
    return min(most, _TOKENS_A_THREAD * torch.get_num_threads()) if device.type == "cpu" else most
