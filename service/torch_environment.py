"""What torch's libraries read from the environment once, when torch is first imported."""

import os
from typing import Final

# oneDNN keeps code and buffers for every shape of batch that it has seen, up to 1,024 of them, and no two batches are
# alike: 500 MB after some dozens of articles, for no gain in speed that can be measured
_FEW_SHAPES: Final = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "16", "LRU_CACHE_CAPACITY": "16"}


def keep_few_shapes() -> None:
    """Must come before torch is imported; what the user has set is left."""
    for name, value in _FEW_SHAPES.items():
        os.environ.setdefault(name, value)
