"""What torch's libraries read from the environment once, when torch is first imported: to be set before that."""

import os
from typing import Final

FEW_SHAPES: Final = 16  # for a process that is to stay small
ALL_SHAPES: Final = 128  # of the eight-bit products: prepared anew, they would take a twentieth of a batch's time


def keep_shapes(most: int) -> None:
    """Have oneDNN keep what it has prepared for so many shapes of its products; what the user has set is left.

    By itself it keeps 1,024, and outside the eight-bit layers no two batches are alike: 500 MB after some dozens of
    articles.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(most))
    os.environ.setdefault("LRU_CACHE_CAPACITY", str(FEW_SHAPES))


def wait_asleep() -> None:
    """The arithmetic's threads sleep where they would wait long for each other, and take no core from others.

    Before that they look out for a few microseconds: many waits are over by then, and to be woken takes longer. Beside
    a program that has one of the cores to itself, every further microsecond would cost more than it gains.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
