"""What a report is asked to show."""

from dataclasses import dataclass
from pathlib import Path

MIN_STATEMENTS = 3
TOP = 25
TIMELINES = 6  # actors and outlets that get a picture of their own over time
QUOTES = 8  # of each side
LISTED = 15  # rows of the other tables: targets, reasons, languages, names alike


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """`target`: only stances toward targets whose description holds these words; None for each article's first."""

    target: str | None = None
    include_abstained: bool = False
    min_statements: int = MIN_STATEMENTS
    top: int = TOP
    aliases: Path | None = None
