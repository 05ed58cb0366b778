"""What answers look like: described only, since they are built as plain JSON (`reading_json`), not by these types."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from quotestance.model.types import ActorType, Kind, StanceLabel

Probability = Annotated[float, Field(ge=0, le=1)]
Score = Annotated[float, Field(ge=-1, le=1)]
Offset = Annotated[int, Field(ge=0)]
_EXACT = ConfigDict(extra="forbid")


class Probabilities(TypedDict):
    """One for each stance, with a sum of 1."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    supportive: Probability
    neutral: Probability
    condemning: Probability


class StanceFields(TypedDict):
    """All null where the article has no target."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    stance: StanceLabel | None
    probabilities: Probabilities | None
    score: Score | None
    confidence: Probability | None
    abstained: bool | None


class TargetStance(StanceFields):
    """The stance toward one of several targets."""

    target: str


class ScoredStatement(StanceFields):
    """What one source says; `start` and `end` are offsets into `text`, in characters."""

    quote: str
    start: Offset
    end: Offset
    speaker: str | None
    speaker_start: Offset | None
    speaker_end: Offset | None
    cue: str
    cue_start: Offset | None
    cue_end: Offset | None
    kind: Kind
    actor: str | None
    actor_type: ActorType | None
    resolved: bool
    stances: NotRequired[list[TargetStance]]


class ScoredActor(TypedDict):
    """One actor's statements, which `statements` counts from 0, taken together."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    actor: str
    actor_type: ActorType
    stance: StanceLabel | None
    score: Score | None
    confidence: Probability | None
    abstained: bool | None
    statements: list[Offset]
    stances: NotRequired[list[TargetStance]]


class ArticleTarget(TypedDict):
    """What the stances are about."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    text: str
    source: Literal["given", "found"]


class ScoredArticle(TypedDict):
    """One article, read; `model` is the version that did it."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    id: str
    title: NotRequired[str]
    date: NotRequired[str]
    source: NotRequired[str]
    url: NotRequired[str]
    target: ArticleTarget | None
    targets: NotRequired[list[ArticleTarget]]
    statements: list[ScoredStatement]
    actors: list[ScoredActor]
    model: str
    truncated: bool
    warnings: NotRequired[list[str]]


class ScoredRow(TypedDict):
    """One judged input; `tokens` is how many were read, `truncated` whether the quote was too long for all of it."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    id: str
    actor: str
    target: str
    stance: StanceLabel
    probabilities: Probabilities
    score: Score
    confidence: Probability
    abstained: bool
    truncated: bool
    tokens: Offset | None
    model: str


class ItemError(TypedDict):
    """An item that could not be used; its neighbours are not affected."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    id: str
    error: str


class ArticlesAnswer(TypedDict):
    """`results` is in the order of `articles`."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    results: list[ScoredArticle | ItemError]
    model: str


class StanceAnswer(TypedDict):
    """`results` is in the order of `inputs`."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    results: list[ScoredRow | ItemError]
    model: str


class Limits(TypedDict):
    """Of one request, or of one of its items."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    max_items: int
    max_characters: int
    max_targets: int
    max_body_bytes: int
    deadline_seconds: float


class ReloadAnswer(TypedDict):
    """`named` is the folder that was to be loaded, `version` what is in service now, `at` in ISO 8601."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    outcome: Literal["swapped", "unchanged", "rolled back"]
    named: str | None
    version: str | None
    reason: str | None
    at: str
    seconds: float


class ModelAnswer(TypedDict):
    """The model in force, of whose parts `reader` and `scorer` tell what they were made from."""

    version: str
    labels: NotRequired[list[StanceLabel]]
    stances: list[StanceLabel]
    threshold: float | None
    base: NotRequired[dict[str, Any]]
    figures: NotRequired[dict[str, Any]]
    reader: NotRequired[dict[str, Any]]
    scorer: NotRequired[dict[str, Any]]
    limits: Limits
    last_reload: ReloadAnswer | None


class Health(TypedDict):
    """One word."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    status: Literal["alive", "loading", "ready", "failing", "stalled", "draining", "stopped"]


class WrongPlace(TypedDict):
    """Where in a request something is wrong, and what."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    place: str
    problem: str


class ErrorAnswer(TypedDict):
    """Every answer that is not 200."""

    __pydantic_config__ = _EXACT  # type: ignore[misc]
    error: str
    places: NotRequired[list[WrongPlace]]
    request_id: str
