"""A correction as it is stored: what a user says about one statement of one article, and about which prediction."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from quotestance.model.types import ActorType, Kind, Span, StanceLabel

_ID_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One statement as it should have been read; offsets are `str` indices into `text`, and both of a pair or none.

    Without a quote the whole text is the statement. `actor` and `stance` are None only where `is_statement` is False:
    then the passage is no statement at all. `model` is the version that made the prediction.
    """

    text: str
    target: str
    actor: str | None
    stance: StanceLabel | None
    model: str
    is_statement: bool = True
    quote_start: int | None = None
    quote_end: int | None = None
    speaker: str | None = None
    speaker_start: int | None = None
    speaker_end: int | None = None
    cue: str | None = None
    cue_start: int | None = None
    cue_end: int | None = None
    kind: Kind | None = None
    actor_type: ActorType | None = None
    about: str | None = None
    certainty: int | None = None
    article_id: str | None = None
    title: str | None = None
    date: str | None = None
    source: str | None = None
    url: str | None = None
    predicted_actor: str | None = None
    predicted_stance: StanceLabel | None = None
    predicted_confidence: float | None = None
    comment: str | None = None

    @property
    def quote(self) -> Span | None:
        return _span(self.quote_start, self.quote_end)

    @property
    def speaker_span(self) -> Span | None:
        return _span(self.speaker_start, self.speaker_end)

    @property
    def cue_span(self) -> Span | None:
        return _span(self.cue_start, self.cue_end)

    @property
    def content(self) -> str:
        """A digest of everything in it: two corrections with the same one are the same correction."""
        return _digest(list(asdict(self).values()))

    @property
    def statement(self) -> str:
        """A digest that corrections of the same statement share: same text and target, quote and speaker in one place.

        Two speakers named together have one quote each in the same place, so the speaker's place counts. Where there
        is no quote, the actor was asked about and is no reading of the text: then each actor is a statement. So it is
        with a quote that the model missed, where the speaker has no place either.
        """
        if self.quote is None:
            return _digest([self.text, self.target, self.actor])
        who = self.actor if self._was_missed and self.speaker_span is None else self.speaker_span
        return _digest([self.text, self.target, [self.quote, who]])

    @property
    def _was_missed(self) -> bool:
        """Whether the model is said to have found nothing there: no stance, with a confidence of 0."""
        return self.predicted_confidence == 0 and self.predicted_stance is None and self.predicted_actor is None


@dataclass(frozen=True, slots=True)
class Stored:
    """A correction as the database has it; `version` counts those of the same statement from 1."""

    id: str
    received: datetime
    version: int
    correction: Correction


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told; `repeated` where the same correction was there already."""

    id: str
    model: str
    received: datetime
    repeated: bool


@dataclass(frozen=True, slots=True)
class CorrectedArticle:
    """One text with the corrections in force, in text order; `number` grows with the order of arrival."""

    number: int
    text: str
    corrections: tuple[Stored, ...]


def text_digest(text: str) -> str:
    """The same for the same text, whatever characters it holds."""
    return _digest([text])


def correction_id(correction: Correction, version: int) -> str:
    """The id of this correction as the `version`-th of its statement."""
    return _digest([correction.content, version])[:_ID_DIGITS]


def _span(start: int | None, end: int | None) -> Span | None:
    return None if start is None or end is None else Span(start, end)


def _digest(values: Sequence[object]) -> str:
    # surrogates pass as they are: escaped, a pair of lone ones would look like the character they could form
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
