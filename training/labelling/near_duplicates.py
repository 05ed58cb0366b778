"""Texts that are nearly the same, found without comparing each with each: MinHash and locality-sensitive hashing.

Broder 1997, "On the resemblance and containment of documents"; the library is datasketch.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from quotestance.training.extra import extra

THRESHOLD = 0.7  # shared share of runs of words: a wire story with another headline and a few words changed
_RUN = 4  # words
_PERMUTATIONS = 128
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts by index, `first` before `second`, and the share of their runs of words that both have, 0 … 1."""

    first: int
    second: int
    shared: float


def near_duplicates(texts: Sequence[str], threshold: float = THRESHOLD) -> list[Pair]:
    """Pairs of texts that share at least `threshold` of their runs of four words, identical ones included.

    Hashing may miss a pair near the threshold; every pair given has been compared in full. Raises InputError when
    datasketch is not installed.
    """
    datasketch = extra("datasketch")
    runs = [_runs(text) for text in texts]
    index = datasketch.MinHashLSH(threshold=threshold, num_perm=_PERMUTATIONS)
    pairs: list[Pair] = []
    for number, own in enumerate(runs):
        if not own:
            continue
        sketch = datasketch.MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch(sorted(own))
        for other in sorted(index.query(sketch)):
            shared = len(own & runs[other]) / len(own | runs[other])
            if shared >= threshold:
                pairs.append(Pair(other, number, shared))
        index.insert(number, sketch)
    return pairs


def _runs(text: str) -> frozenset[bytes]:
    words = _WORD.findall(text.lower())
    runs = (words[i : i + _RUN] for i in range(max(1, len(words) - _RUN + 1)))
    return frozenset(" ".join(run).encode("utf-8", "surrogatepass") for run in runs if run)
