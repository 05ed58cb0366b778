"""The words of quotestance as frozen dataclasses; every module may import this one, and this one imports none.

All offsets are `str` indices into the article's `text` exactly as given, half-open: `text[start:end]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

StanceLabel = Literal["supportive", "neutral", "condemning"]
STANCES: tuple[StanceLabel, ...] = get_args(StanceLabel)

Kind = Literal["direct", "mixed", "indirect"]
KINDS: tuple[Kind, ...] = get_args(Kind)

ActorType = Literal["person", "government", "armed_group", "organisation", "group"]
ACTOR_TYPES: tuple[ActorType, ...] = get_args(ActorType)


class Span(NamedTuple):
    """A half-open range of characters, `text[start:end]`."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


def iou(a: Span, b: Span) -> float:
    """Intersection over union of two spans in characters, 0 … 1."""
    shared = min(a.end, b.end) - max(a.start, b.start)
    return 0.0 if shared <= 0 else shared / (max(a.end, b.end) - min(a.start, b.start))


@dataclass(frozen=True, slots=True)
class Article:
    """One news document; `text` is kept exactly as given. `target`, where given, is what its stances are about."""

    id: str
    text: str
    title: str | None = None
    date: str | None = None
    source: str | None = None
    url: str | None = None
    target: str | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ArticleError:
    """Stands in a stream of readings for an article that could not be read; its neighbours are not affected."""

    id: str
    error: str


@dataclass(frozen=True, slots=True)
class Target:
    """What stances are about: a strike or any military action, as a short description."""

    text: str
    source: Literal["given", "found"] = "given"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says what, as spans: the reader's finding before anyone asks who the speaker is.

    `speaker` is the mention as written (for a continued quote, the nearest mention before it); None when the
    text names nobody. `cue` is None when no reporting words introduce the quote.
    """

    quote: Span
    speaker: Span | None
    cue: Span | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a speaker is: the canonical name within the article."""

    name: str
    type: ActorType


@dataclass(frozen=True, slots=True)
class Resolution:
    """The resolver's answer for one attribution.

    `actor` is None when the text names no speaker. When `resolved` is false, the actor's name is the mention as
    written: the resolver found no antecedent it would stand by. `reason` says how it was decided, in a few words.
    """

    actor: Actor | None
    resolved: bool
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Stance:
    """A stance toward one target, with its calibrated distribution.

    `tokens` is how many the scorer read, where that is known; `truncated` is true where the quote was too long for it.
    """

    label: StanceLabel
    probabilities: Mapping[StanceLabel, float]
    abstained: bool
    tokens: int | None = None
    truncated: bool = False

    @property
    def score(self) -> float:
        """P(supportive) − P(condemning), −1 … 1."""
        return self.probabilities["supportive"] - self.probabilities["condemning"]

    @property
    def confidence(self) -> float:
        return max(self.probabilities.values())


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one actor; `stances` holds one entry for each target, none where there is no target."""

    quote: str
    span: Span
    speaker: str | None
    speaker_span: Span | None
    cue: str
    cue_span: Span | None
    kind: Kind
    actor: Actor | None
    resolved: bool
    stances: tuple[Stance, ...] = ()

    @property
    def stance(self) -> Stance | None:
        """The stance toward the first target, or None where there is no target."""
        return self.stances[0] if self.stances else None


@dataclass(frozen=True, slots=True)
class ActorStance:
    """One actor's statements taken together; `statements` are indices into the reading's statements."""

    actor: Actor
    stances: tuple[Stance, ...]
    statements: tuple[int, ...]

    @property
    def stance(self) -> Stance | None:
        return self.stances[0] if self.stances else None


@dataclass(frozen=True, slots=True)
class Reading:
    """One article, read: its targets, every statement in text order, and the actors behind them."""

    article: Article
    targets: tuple[Target, ...]
    statements: tuple[Statement, ...]
    actors: tuple[ActorStance, ...]
    model: str
    truncated: bool = False
    warnings: tuple[str, ...] = field(default=())

    @property
    def target(self) -> Target | None:
        return self.targets[0] if self.targets else None
