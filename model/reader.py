"""The reader's interface: documents in, attributions out; the rules and the trained tagger both stand behind it."""

from collections.abc import Sequence
from typing import Protocol

from quotestance.model.attribution_rules import attribute
from quotestance.model.document import Document
from quotestance.model.types import Attribution


class Reader(Protocol):
    """Finds who says what; `version` names its weights or rules."""

    @property
    def version(self) -> str: ...

    def attribute(self, documents: Sequence[Document]) -> list[list[Attribution]]:
        """For each document, its attributions in text order."""
        ...


class RuleReader:
    """Quote marks, reporting words and clauses, by rule."""

    version = "rules"

    def attribute(self, documents: Sequence[Document]) -> list[list[Attribution]]:
        return [attribute(document) for document in documents]
