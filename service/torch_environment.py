"""What torch's libraries read from the environment once, when torch is first imported: to be set before that."""

import os
from typing import Final

# oneDNN keeps code and buffers for every shape of batch that it has seen, up to 1,024 of them, and no two batches are
# alike: 500 MB after some dozens of articles, for no gain in speed that can be measured
_FEW_SHAPES: Final = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "16", "LRU_CACHE_CAPACITY": "16"}


def keep_few_shapes() -> None:
    """What the user has set is left."""
    for name, value in _FEW_SHAPES.items():
        os.environ.setdefault(name, value)


def wait_asleep() -> None:
    """The arithmetic's threads sleep where they would wait long for each other, and take no core from others.

    Before that they look out for a few microseconds: many waits are over by then, and to be woken takes longer. Beside
    a program that has one of the cores to itself, every further microsecond would cost more than it gains.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
