"""Statements that are hard to tell apart, learnt side by side: members of a contrast set, the voices of one article.

Method: contrastive estimation over instance bundles (Dua et al. 2021, "Learning with Instance Bundles for Reading
Comprehension"), here over every two statements of a set with different stances. What the two share cannot lower this
loss, only what tells them apart.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

import torch
from torch import Tensor
from torch.nn.functional import softplus

from quotestance.training.labels import LabelledStatement
from quotestance.training.own_data import set_of


def bundles_of(statements: Sequence[LabelledStatement]) -> list[int]:
    """The number of each statement's bundle: a contrast set's passages, or one article.

    Passages of a set may stand apart. Where a mix holds an article twice, that is two bundles.
    """
    times: Counter[str] = Counter()
    numbers: dict[tuple[str, int], int] = {}
    result: list[int] = []
    for doc_id, members in groupby(statements, key=lambda s: s.doc_id):
        times[doc_id] += 1
        number = numbers.setdefault((set_of(doc_id), times[doc_id]), len(numbers))
        result += [number for _ in members]
    return result


def bundle_loss(logits: Tensor, labels: Tensor, bundles: Tensor, weights: Tensor) -> Tensor:
    """How readily two statements of one bundle would trade their stances; zero where a batch has no such two.

    `logits` are (batch, 3), the others (batch,). Of two statements with different labels, it is the negative log
    likelihood of their labels against the same two the other way round.
    """
    mine = logits.gather(1, labels[:, None])  # (batch, 1)
    swapped = logits[:, labels]  # (batch, batch): each statement's logit for the other's label
    margins = (mine - swapped) + (mine - swapped).T
    told_apart = (bundles[:, None] == bundles) & (labels[:, None] != labels)
    counts = torch.minimum(weights[:, None], weights) * told_apart
    return (softplus(-margins) * counts).sum() / counts.sum().clamp(min=1e-6)
