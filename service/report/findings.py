"""What a report says, as plain values: every number of the page is a field of these."""

from dataclasses import dataclass
from datetime import date

from quotestance.service.report.interval import MeanScore
from quotestance.service.report.timeline import Grain


@dataclass(frozen=True, slots=True)
class Overview:
    """What the archive holds; `actors` and `outlets` are different names, `first` and `last` the days of the dated."""

    articles: int
    statements: int
    actors: int
    outlets: int
    dated: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class StanceCounts:
    """Statements by stance: those that count, and those the model abstained on by their likeliest stance."""

    condemning: int
    neutral: int
    supportive: int
    abstained_condemning: int
    abstained_neutral: int
    abstained_supportive: int

    @property
    def abstained(self) -> int:
        return self.abstained_condemning + self.abstained_neutral + self.abstained_supportive


@dataclass(frozen=True, slots=True)
class Group:
    """An actor or an outlet; `counted` statements make the score, from `articles` articles."""

    number: int
    name: str
    type: str | None
    counted: int
    articles: int
    stances: StanceCounts
    score: MeanScore


@dataclass(frozen=True, slots=True)
class Groups:
    """Those shown, from condemning to supportive, and those not shown.

    `few` have too few counted statements, `beyond` are over the number shown, `uncounted` have no counted statement.
    """

    shown: tuple[Group, ...]
    few: int
    few_counted: int
    beyond: int
    beyond_counted: int
    uncounted: int


@dataclass(frozen=True, slots=True)
class Bin:
    """A stretch of time from `start` to before `end`, and the counted statements in it."""

    start: date
    end: date
    condemning: int
    neutral: int
    supportive: int


@dataclass(frozen=True, slots=True)
class Point:
    """One actor's or outlet's mean score over a stretch of time."""

    number: int
    name: str
    start: date
    counted: int
    mean: float


@dataclass(frozen=True, slots=True)
class OverTime:
    """Stances over time; `grain` is None where no counted statement has a day."""

    grain: Grain | None
    bins: tuple[Bin, ...]
    actors: tuple[Point, ...]
    outlets: tuple[Point, ...]
    before: int  # counted statements before the stretches shown
    after: int
    undated: int  # articles without a date
    unreadable: int  # articles whose date is none that is known
    either: int  # dates such as 7/10/2016 that could be read two ways
    day_first: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """A statement as it stands in its article."""

    side: str
    actor: str
    cue: str | None
    quote: str
    kind: str | None
    probability: float
    target: str
    article_id: str
    start: int
    end: int
    title: str | None
    source: str | None
    day: date | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """A name and how often it occurs: of a target, a language, a model, a reason."""

    name: str | None
    articles: int
    statements: int = 0


@dataclass(frozen=True, slots=True)
class Tallies:
    """The most frequent, and how many others there are with how many articles (or records) together."""

    shown: tuple[Tally, ...]
    others: int
    others_articles: int


@dataclass(frozen=True, slots=True)
class Alike:
    """Two names of persons that may be one: the last word of `long` is all of `short`; counted statements of each."""

    short: str
    long: str
    short_counted: int
    long_counted: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the figures do not count, and why."""

    no_target: int  # articles scored in which no strike was found, or with --target none that fits
    no_target_statements: int
    unnamed: int  # counted statements whose text names no speaker
    mention_only: int  # counted statements whose actor is only the mention as written
    not_scored: Tallies  # articles by language
    quarantined: Tallies  # records by reason
    truncated: int
    repeated_ids: int
    orphans: int  # statements whose article is not in the tables
    repeats: int  # statements that stand word for word, from the same actor, in an article before
    bad_lines: int
    finished: bool  # false where scoring has not come to its end


@dataclass(frozen=True, slots=True)
class Findings:
    """The whole report."""

    overview: Overview
    stances: StanceCounts
    actors: Groups
    outlets: Groups
    no_outlet: Group | None
    over_time: OverTime
    quotes: tuple[Quote, ...]
    alike: tuple[Alike, ...]
    targets: Tallies
    given_targets: int  # articles whose target was given, not found
    several_targets: int  # articles with more than one target
    models: Tallies
    left_out: LeftOut
