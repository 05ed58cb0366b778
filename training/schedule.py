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
    """A batch sampler over a ScheduledDataset: batches of at most `items` items and `tokens` padded tokens.

    With `bundles`, a number for each item, items of one number are in one batch as far as the limits let them.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        epochs: int,
        items: int,
        tokens: int,
        seed: int,
        bundles: Sequence[int] | None = None,
    ) -> None:
        members: dict[int, list[int]] = {}
        for i, bundle in enumerate(range(len(lengths)) if bundles is None else bundles):
            members.setdefault(bundle, []).append(i)
        self._batches: list[list[int]] = []
        for epoch in range(epochs):
            rng = random.Random(seed * 1_000 + epoch)
            self._batches += [
                [epoch * len(lengths) + i for i in batch]
                for batch in _epoch(lengths, list(members.values()), items, tokens, rng)
            ]

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self._batches)


def _epoch(
    lengths: Sequence[int], bundles: Sequence[list[int]], items: int, tokens: int, rng: random.Random
) -> list[list[int]]:
    order = list(bundles)
    rng.shuffle(order)
    batches: list[list[int]] = []
    for pool in _pools(order, items * _POOL):
        batch: list[int] = []
        longest = 0
        for bundle in sorted(pool, key=lambda members: max(lengths[i] for i in members)):
            for at, i in enumerate(bundle):
                # a bundle that does not fit whole starts a batch; one that no batch holds is parted
                coming = 1 if at else len(bundle)
                length = max(longest, lengths[i] if at else max(lengths[j] for j in bundle))
                if batch and (len(batch) + coming > items or (len(batch) + coming) * length > tokens):
                    batches.append(batch)
                    batch, longest = [], 0
                batch.append(i)
                longest = max(longest, lengths[i])
        batches.append(batch)
    rng.shuffle(batches)
    return batches


def _pools(bundles: Sequence[list[int]], size: int) -> Iterator[list[list[int]]]:
    pool: list[list[int]] = []
    held = 0
    for bundle in bundles:
        if held >= size:
            yield pool
            pool, held = [], 0
        pool.append(bundle)
        held += len(bundle)
    if pool:
        yield pool


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
