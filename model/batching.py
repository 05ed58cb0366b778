"""Batches filled by tokens rather than by items, of sequences of like length."""

from collections.abc import Iterator, Sequence

# padding costs as much as text: a sequence shorter than this share of a batch's longest begins a new batch
_LIKE = 0.85


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
