"""Dates of many forms as days, in SQL: ISO 8601, RFC 2822, `June 28, 2021`, `28-JUN-2021`, `6/28/2021`, epochs.

The day is the one written: no time of day or zone moves it. Of `7/10/2016` nobody can tell by itself which is the
month: the first number, unless the archive's other dates of that form show that it is the day. With full stops the
day comes first.
"""

from collections.abc import Sequence

import duckdb

_SLASHED = r"^(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b"
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[.]?"
_DAY_MONTH = rf"(?:^|[^\w:])(\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH},?[ -](\d{{4}})(?:$|\D)"
_MONTH_DAY = rf"(?:^|\W){_MONTH}[ -](\d{{1,2}})(?:st|nd|rd|th)?,?[ -](\d{{4}})(?:$|\D)"

_STOPPED = r"""
CREATE MACRO stopped(t) AS regexp_matches(t, '^\d{1,2}[.]')
"""
_PARTS = f"""
CREATE MACRO slashed_part(t, part) AS try_cast(regexp_extract(t, '{_SLASHED}', part) AS INTEGER)
"""
_DAY_OF = rf"""
CREATE MACRO any_day_of(t, day_first) AS CASE
    WHEN regexp_matches(t, '^\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}($|\D)') THEN try_cast(
        regexp_replace(regexp_extract(t, '^\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}'), '[/.]', '-', 'g') AS DATE)
    WHEN regexp_matches(t, '^(19|20)\d{{6}}($|t|\d{{6}}$)') THEN cast(try_strptime(left(t, 8), '%Y%m%d') AS DATE)
    WHEN regexp_matches(t, '^\d{{9,10}}([.]\d*)?$') THEN cast(make_timestamp(
        cast(floor(try_cast(t AS DOUBLE)) AS BIGINT) * 1000000) AS DATE)
    WHEN regexp_matches(t, '^\d{{12,13}}$') THEN cast(make_timestamp(try_cast(t AS BIGINT) * 1000) AS DATE)
    WHEN regexp_matches(t, '{_DAY_MONTH}') THEN cast(try_strptime(
        regexp_extract(t, '{_DAY_MONTH}', 1) || ' ' || regexp_extract(t, '{_DAY_MONTH}', 2) || ' ' ||
        regexp_extract(t, '{_DAY_MONTH}', 3), '%d %b %Y') AS DATE)
    WHEN regexp_matches(t, '{_MONTH_DAY}') THEN cast(try_strptime(
        regexp_extract(t, '{_MONTH_DAY}', 2) || ' ' || regexp_extract(t, '{_MONTH_DAY}', 1) || ' ' ||
        regexp_extract(t, '{_MONTH_DAY}', 3), '%d %b %Y') AS DATE)
    WHEN regexp_matches(t, '{_SLASHED}') THEN coalesce(
        try_cast(slashed_day(t, day_first OR stopped(t)) AS DATE),
        try_cast(slashed_day(t, NOT (day_first OR stopped(t))) AS DATE))
    END
"""
_SLASHED_DAY = """
CREATE MACRO slashed_day(t, day_first) AS printf('%04d-%02d-%02d', slashed_part(t, 3),
    CASE WHEN day_first THEN slashed_part(t, 2) ELSE slashed_part(t, 1) END,
    CASE WHEN day_first THEN slashed_part(t, 1) ELSE slashed_part(t, 2) END)
"""
# anything outside these years is a misprint or a placeholder (0001-01-01, 9999-12-31)
_YEARS = """
CREATE MACRO day_of(t) AS (SELECT CASE WHEN year(d) BETWEEN 1900 AND 2099 THEN d END
    FROM (SELECT any_day_of(lower(trim(t)), {day_first}) AS d))
"""
_ORDER = """
SELECT count(*) FILTER (a > 12 AND b <= 12) AS day_first, count(*) FILTER (b > 12 AND a <= 12) AS month_first,
    count(*) FILTER (a <= 12 AND b <= 12 AND a <> b) AS either
FROM (SELECT slashed_part(trim(date), 1) AS a, slashed_part(trim(date), 2) AS b
    FROM read_parquet($articles, hive_partitioning = false) WHERE NOT stopped(trim(date)))
"""


def date_macros(con: duckdb.DuckDBPyConnection, articles: Sequence[str]) -> None:
    """Define `day_of(text)`, a DATE or null, and the table `date_order` (day_first, either): how dates were read."""
    for macro in (_STOPPED, _PARTS, _SLASHED_DAY, _DAY_OF):
        con.execute(macro)
    day_first, month_first, either = con.execute(_ORDER, {"articles": articles}).fetchall()[0]
    order = "true" if day_first and not month_first else "false"
    con.execute(_YEARS.format(day_first=order))
    con.execute(f"CREATE TABLE date_order AS SELECT {order} AS day_first, {int(either)} AS either")
