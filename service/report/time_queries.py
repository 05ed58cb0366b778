"""Stances over time, from the base tables."""

from collections.abc import Mapping
from datetime import date

from quotestance.service.report.findings import Bin, OverTime, Point
from quotestance.service.report.options import TIMELINES
from quotestance.service.report.queries import Connection, rows
from quotestance.service.report.timeline import drawn_range, grain_of

_RANGE = """
SELECT min(day), quantile_disc(day, 0.025), quantile_disc(day, 0.975), max(day)
FROM statement WHERE counted AND day IS NOT NULL
"""

_OUTSIDE = "SELECT count(*) FILTER (day < $first), count(*) FILTER (day > $last) FROM statement WHERE counted"

_DATES = """
SELECT count(*) FILTER (NOT has_date), count(*) FILTER (has_date AND day IS NULL),
    any_value(either), any_value(day_first) FROM article CROSS JOIN date_order
"""

_BINS = """
SELECT date_trunc('{grain}', day)::DATE AS bin, (date_trunc('{grain}', day) + INTERVAL {step})::DATE,
    count(*) FILTER (label = 'condemning'), count(*) FILTER (label = 'neutral'), count(*) FILTER (label = 'supportive')
FROM statement WHERE counted AND day BETWEEN $first AND $last GROUP BY ALL ORDER BY bin
"""

# those with the most dated statements, and with two stretches or more: one point is no course of time
_POINTS = """
WITH point AS (
    SELECT {column} AS number, date_trunc('{grain}', day)::DATE AS bin, count(*) AS n, sum(units)::HUGEINT AS y
    FROM statement WHERE counted AND day BETWEEN $first AND $last AND {where} GROUP BY ALL
), most AS (
    SELECT number, sum(n) AS total FROM point GROUP BY number HAVING count(*) > 1 AND sum(n) >= $least
    ORDER BY total DESC, number LIMIT $most
)
SELECT number, name, bin, n, y FROM point JOIN most USING (number) JOIN {table} ON {table}.{column} = number
ORDER BY total DESC, number, bin
"""

_STEPS = {"day": "1 DAY", "week": "7 DAY", "month": "1 MONTH", "quarter": "3 MONTH", "year": "1 YEAR"}


def over_time(con: Connection, least: int) -> OverTime:
    """Counts for each stretch of time, and the courses of the actors and outlets with at least `least` statements."""
    (dates,) = rows(con, _DATES)
    undated, unreadable = dates[:2]
    either, day_first = dates[2] or 0, bool(dates[3])
    ((earliest, low, high, latest),) = rows(con, _RANGE)
    if earliest is None:
        return OverTime(None, (), (), (), 0, 0, undated, unreadable, either, day_first)
    first, last = drawn_range(earliest, low, high, latest)
    days = {"first": first, "last": last}
    ((before, after),) = rows(con, _OUTSIDE, days)
    grain = grain_of(first, last)
    bins = tuple(Bin(*row) for row in rows(con, _BINS.format(grain=grain, step=_STEPS[grain]), days))
    actors, outlets = (
        _points(con, _POINTS.format(grain=grain, column=f"{table}_no", table=table, where=where), days, least)
        for table, where in (("actor", "named"), ("outlet", "outlet_no IS NOT NULL"))
    )
    return OverTime(grain, bins, actors, outlets, before, after, undated, unreadable, either, day_first)


def _points(con: Connection, query: str, days: Mapping[str, date], least: int) -> tuple[Point, ...]:
    found = rows(con, query, {**days, "least": least, "most": TIMELINES})
    return tuple(Point(number, name, start, n, int(y) / (n * 10_000)) for number, name, start, n, y in found)
