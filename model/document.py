"""An article's text cut into paragraphs and sentences, as spans into the text exactly as given."""

from dataclasses import dataclass
from typing import Literal

from quotestance.model.types import Span

ParagraphKind = Literal["body", "heading", "boilerplate"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of text without its surrounding white space; `sentences` cover it in order (empty unless body)."""

    span: Span
    kind: ParagraphKind
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A segmented article; `text` is the article's text exactly as given and every span indexes it."""

    text: str
    title: str | None
    paragraphs: tuple[Paragraph, ...]

    @property
    def body(self) -> tuple[Paragraph, ...]:
        """The paragraphs that are neither headings nor page rubbish."""
        return tuple(p for p in self.paragraphs if p.kind == "body")
