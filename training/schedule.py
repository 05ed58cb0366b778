"""An explicit schedule of batches: every epoch's batches are known before training starts.

The schedule depends on the lengths and the seed alone, so that a run that was stopped goes on with the batch it was
at, and the same seed gives the same run.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

_POOL = 50  # batches sorted by length together: little padding, and still a different mix every epoch


Batch = dict[str, Tensor]
Example = TypeVar("Example")


class ScheduledDataset(Dataset[Example], Generic[Example]):
    """`epochs` passes over `size` examples; `make(index, epoch)` builds one, so that epochs may differ."""

    def __init__(self, size: int, epochs: int, make: Callable[[int, int], Example]) -> None:
        self._size, self._epochs, self._make = size, epochs, make

    def __len__(self) -> int:
        return self._size * self._epochs

    def __getitem__(self, position: int) -> Example:
        epoch, index = divmod(position, self._size)
        return self._make(index, epoch)


class Schedule:
    """A batch sampler over a ScheduledDataset: batches of at most `items` items and `tokens` padded tokens."""

    def __init__(self, lengths: Sequence[int], epochs: int, items: int, tokens: int, seed: int) -> None:
        self._batches: list[list[int]] = []
        for epoch in range(epochs):
            rng = random.Random(seed * 1_000 + epoch)
            self._batches += [
                [epoch * len(lengths) + i for i in batch] for batch in _epoch(lengths, items, tokens, rng)
            ]

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self._batches)


def _epoch(lengths: Sequence[int], items: int, tokens: int, rng: random.Random) -> list[list[int]]:
    order = list(range(len(lengths)))
    rng.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), items * _POOL):
        batch: list[int] = []
        for i in sorted(order[start : start + items * _POOL], key=lambda i: lengths[i]):
            if batch and (len(batch) == items or (len(batch) + 1) * lengths[i] > tokens):
                batches.append(batch)
                batch = []
            batch.append(i)
        batches.append(batch)
    rng.shuffle(batches)
    return batches


def loader(
    dataset: ScheduledDataset[Example], schedule: Schedule, collate: Callable[[list[Example]], Batch]
) -> DataLoader[Example]:
    """The dataset in the schedule's batches."""
    # a generator of its own: otherwise each pass draws from the global one, and a resumed run would differ
    # a GPU would wait for batches that its own process makes
    workers = 2 if torch.cuda.is_available() else 0
    return DataLoader(
        dataset, batch_sampler=schedule, collate_fn=collate, generator=torch.Generator(), num_workers=workers
    )
