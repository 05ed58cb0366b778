"""What the scorer reads: a passage with the quote and its speaker marked, and the question asked of it.

The question (actor, target) and the marked passage go into the encoder as a sentence pair, so that the same words
can be judged for another actor or against another strike.
"""

from dataclasses import dataclass

from quotestance.model.tokenizable import tokenizable
from quotestance.model.types import Span

QUOTE_START, QUOTE_END = "[QUOTE]", "[/QUOTE]"
SPEAKER_START, SPEAKER_END = "[SPEAKER]", "[/SPEAKER]"
MARKERS = (QUOTE_START, QUOTE_END, SPEAKER_START, SPEAKER_END)


_SPEAKER_FOLLOWS = 120  # characters after a quote within which its speaker may stand


@dataclass(frozen=True, slots=True)
class PassageLimits:
    """How much of an article the scorer sees around a quote, in characters."""

    before: int = 320
    after: int = 0
    quote: int = 900


@dataclass(frozen=True, slots=True)
class Passage:
    """One question to the scorer: `question` names actor and target, `text` is the marked passage."""

    question: str
    text: str
    truncated: bool = False


def build_passage(
    text: str,
    quote: Span,
    speaker: Span | None,
    actor: str,
    target: str,
    limits: PassageLimits = PassageLimits(),
) -> Passage:
    """The passage around `quote` (a span of `text`), cut at words, with the quote and the speaker marked."""
    end = min(quote.end, quote.start + limits.quote)
    # what follows a quote is mostly the next actor's words; only the speaker's own mention is worth seeing
    follows = speaker is not None and end <= speaker.start <= end + _SPEAKER_FOLLOWS
    seen = speaker.end if speaker is not None and follows else end
    window = Span(
        _word_start(text, max(0, quote.start - limits.before)),
        max(seen, _word_end(text, min(len(text), end + limits.after))),
    )
    marks = [(quote.start, 1, QUOTE_START), (end, 0, QUOTE_END)]
    if speaker is not None and window.contains(speaker) and speaker.start < speaker.end:
        # a speaker's end mark comes before, its start mark after, a quote mark at the same place
        marks += [(speaker.start, 2, SPEAKER_START), (speaker.end, -1, SPEAKER_END)]
    pieces: list[str] = []
    at = window.start
    for position, _, mark in sorted(marks):
        pieces += [tokenizable(text[at:position]), mark]
        at = position
    pieces.append(tokenizable(text[at : window.end]))
    return Passage(
        question=f"{tokenizable(actor)} : {tokenizable(target)}",
        text=" ".join(" ".join(pieces).split()),
        truncated=end < quote.end,
    )


def _word_start(text: str, at: int) -> int:
    """The first start of a word at or after `at`, within 30 characters."""
    if at == 0 or text[at - 1].isspace():
        return at
    for i in range(at, min(at + 30, len(text))):
        if text[i].isspace():
            return i + 1
    return at


def _word_end(text: str, at: int) -> int:
    """The last end of a word at or before `at`, within 30 characters."""
    if at >= len(text) or text[at].isspace():
        return min(at, len(text))
    for i in range(at, max(at - 30, 0), -1):
        if text[i - 1].isspace():
            return i - 1
    return at
