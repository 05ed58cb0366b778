"""What one task, document or row of another tool's file comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """A line of a label file, None where the item holds no label.

    `notes` say what was left out or decided; `refused` say which parts cannot be used, while the rest can.
    """

    row: Mapping[str, Any] | None
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
