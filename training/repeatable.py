"""Arithmetic that comes out the same to the byte each time, on the same machine with the same number of threads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def repeatable(threads: int) -> Iterator[None]:
    """Within the block torch uses deterministic algorithms only, and `threads` threads."""
    # asked for by cuBLAS before its first call
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    were, before = torch.are_deterministic_algorithms_enabled(), torch.get_num_threads()
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(were)
        torch.set_num_threads(before)
