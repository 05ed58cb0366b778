"""The reader's interface: documents in, attributions out; the rules, and the tagger with the rules, stand behind it."""

from collections.abc import Sequence
from typing import Protocol

from quotestance.model.attribution_rules import attribute
from quotestance.model.document import Document
from quotestance.model.joint_speakers import one_speaker_each
from quotestance.model.statement_list import combine
from quotestance.model.tagged_statements import statements
from quotestance.model.tagger import Tagger
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
        return [one_speaker_each(document, attribute(document)) for document in documents]


class TaggedReader:
    """The trained tagger's cues, sources and contents, and the rules' quote marks, as one list."""

    def __init__(self, tagger: Tagger) -> None:
        self.tagger = tagger

    @property
    def version(self) -> str:
        return self.tagger.version

    def attribute(self, documents: Sequence[Document]) -> list[list[Attribution]]:
        return [
            one_speaker_each(document, combine(document.text, attribute(document), statements(document, tagged)))
            for document, tagged in zip(documents, self.tagger.tag(documents), strict=True)
        ]
