"""Stretches of time to count in: the shortest that keeps a picture readable."""

from datetime import date
from typing import Literal

Grain = Literal["day", "week", "month", "quarter", "year"]

# the longest range in days for each, so that there are at most about 60 of them
_LONGEST: tuple[tuple[Grain, int], ...] = (("day", 21), ("week", 400), ("month", 1_830), ("quarter", 5_500))


_FAR = 1.5  # times as far off as most of the statements are from each other


def drawn_range(first: date, low: date, high: date, last: date) -> tuple[date, date]:
    """The days to draw: all of them, or where a few lie far off (old articles, misprints) those of most statements.

    `low` and `high` hold the middle 95 % of the statements between them.
    """
    far = _FAR * max((high - low).days, 7)
    return (low if (low - first).days > far else first), (high if (last - high).days > far else last)


def grain_of(first: date, last: date) -> Grain:
    """The stretch for a range of days."""
    days = (last - first).days + 1
    return next((grain for grain, longest in _LONGEST if days <= longest), "year")


def label_of(start: date, grain: Grain) -> str:
    """The stretch that begins with `start`, for people: `week of 5 Jan 2026`."""
    day = f"{start.day} {start:%b %Y}"
    labels = {"day": day, "week": f"week of {day}", "month": f"{start:%b %Y}"}
    quarter = f"Q{(start.month + 2) // 3} {start.year}"
    return labels.get(grain, quarter if grain == "quarter" else str(start.year))
