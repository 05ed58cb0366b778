"""The numbers of the report, each a query over the base tables, in an order that is the same again."""

from collections.abc import Mapping
from typing import Any

import duckdb

from quotestance.service.report.findings import Alike, Group, Groups, Overview, Quote, StanceCounts, Tallies, Tally
from quotestance.service.report.interval import ClusterSums, mean_score
from quotestance.service.report.options import LISTED, QUOTES, ReportOptions

Connection = duckdb.DuckDBPyConnection

_STANCES = """
    count(*) FILTER (counted AND label = 'condemning'), count(*) FILTER (counted AND label = 'neutral'),
    count(*) FILTER (counted AND label = 'supportive'), count(*) FILTER (abstained AND label = 'condemning'),
    count(*) FILTER (abstained AND label = 'neutral'), count(*) FILTER (abstained AND label = 'supportive')
"""

_OVERVIEW = """
SELECT count(*), (SELECT count(*) FROM statement), (SELECT count(DISTINCT actor_no) FROM statement WHERE named),
    count(DISTINCT outlet_key), count(day), min(day), max(day) FROM article
"""

_GROUPS = """
CREATE OR REPLACE TEMP TABLE grouped AS
WITH its_statement AS (SELECT {column} AS number, * FROM statement WHERE {where}),
per_article AS (
    SELECT number, article_no, count(*)::HUGEINT AS k, sum(units)::HUGEINT AS y
    FROM its_statement WHERE counted GROUP BY ALL
), sums AS (
    SELECT number, sum(k) AS n, count(*) AS articles, sum(y) AS y, sum(y * y) AS yy, sum(k * y) AS ky, sum(k * k) AS kk
    FROM per_article GROUP BY number
), stances AS (SELECT number, {stances} FROM its_statement GROUP BY number)
SELECT stances.number, sums.* EXCLUDE number, stances.* EXCLUDE number
FROM stances LEFT JOIN sums ON sums.number IS NOT DISTINCT FROM stances.number
"""
_SHOWN = """
SELECT {columns}, grouped.* FROM grouped {join} WHERE {where} ORDER BY n DESC, number LIMIT $top
"""
_NOT_SHOWN = """
WITH enough AS (
    SELECT n FROM grouped WHERE number IS NOT NULL AND n >= $least ORDER BY n DESC, number OFFSET $top
)
SELECT count(*) FILTER (n < $least), coalesce(sum(n) FILTER (n < $least), 0)::BIGINT,
    (SELECT count(*) FROM enough), (SELECT coalesce(sum(n), 0)::BIGINT FROM enough), count(*) FILTER (n IS NULL)
FROM grouped WHERE number IS NOT NULL
"""

# where ids repeat, words, title and address are those of the first rows, which the figures keep
_QUOTES = """
WITH best AS (
    SELECT * FROM statement WHERE named AND label = $side AND NOT abstained AND quote_length >= 12
    QUALIFY row_number() OVER (PARTITION BY article_no ORDER BY confidence DESC, index) = 1
), once AS (
    SELECT * FROM best
    QUALIFY row_number() OVER (PARTITION BY actor_no ORDER BY confidence DESC, article_no, index) = 1
), strongest AS (
    SELECT * FROM once
    QUALIFY row_number() OVER (PARTITION BY quote_hash ORDER BY confidence DESC, article_no, index) = 1
    ORDER BY confidence DESC, article_no, index LIMIT $most
), place AS (
    SELECT strongest.*, article.id, article.outlet, article.target_text FROM strongest JOIN article USING (article_no)
), text AS (
    SELECT article_id, index, start, quote, cue, kind, filename, file_row_number
    FROM read_parquet($statements, hive_partitioning = false, filename = true, file_row_number = true)
    WHERE article_id IN (SELECT id FROM place)
), head AS (
    SELECT id, title, url
    FROM read_parquet($articles, hive_partitioning = false, filename = true, file_row_number = true)
    WHERE id IN (SELECT id FROM place)
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY filename, file_row_number) = 1
)
SELECT $side, actor.name, text.cue, text.quote, text.kind, place.confidence, target_text, place.id,
    place.start, place."end", head.title, outlet, place.day, head.url
FROM place JOIN actor USING (actor_no)
JOIN text ON text.article_id = place.id AND text.index = place.index AND text.start = place.start
    AND hash(lower(trim(text.quote))) = place.quote_hash
JOIN head ON head.id = place.id
QUALIFY row_number() OVER (PARTITION BY place.article_no ORDER BY text.filename, text.file_row_number) = 1
ORDER BY place.confidence DESC, place.article_no, place.index
"""

_ALIKE = """
WITH said AS (SELECT actor_no, count(*) AS n FROM statement WHERE named AND counted GROUP BY actor_no),
person AS (
    SELECT name, n, string_split(key, ' ') AS words FROM actor JOIN said USING (actor_no) WHERE type = 'person'
)
SELECT short.name, long.name, short.n, long.n FROM person short JOIN person long ON long.words[-1] = short.words[1]
WHERE len(short.words) = 1 AND upper(short.name[1]) = short.name[1] AND len(long.words) > 1
    AND short.n + long.n >= $least
ORDER BY short.n + long.n DESC, short.name, long.name LIMIT $most
"""


def rows(con: Connection, query: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """All rows of a query's answer."""
    return con.execute(query, dict(values or {})).fetchall()


def overview(con: Connection) -> Overview:
    (row,) = rows(con, _OVERVIEW)
    return Overview(*row)


def all_stances(con: Connection) -> StanceCounts:
    (row,) = rows(con, f"SELECT {_STANCES} FROM statement")  # noqa: S608 (our own words)
    return StanceCounts(*row)


def actors(con: Connection, options: ReportOptions) -> Groups:
    """The actors whose name is known, not only mentioned."""
    con.execute(_GROUPS.format(column="actor_no", where="named", stances=_STANCES))
    return _groups(con, "actor.name, actor.type", "JOIN actor ON actor.actor_no = number", options)


def outlets(con: Connection, options: ReportOptions) -> tuple[Groups, Group | None]:
    """The outlets, and apart from them the articles that name none."""
    con.execute(_GROUPS.format(column="outlet_no", where="true", stances=_STANCES))
    found = _groups(con, "outlet.name, NULL", "JOIN outlet ON outlet.outlet_no = number", options)
    nameless = _SHOWN.format(columns="'', NULL", join="", where="number IS NULL AND n > 0")
    return found, next((_group(row) for row in rows(con, nameless, {"top": 1})), None)


def quotes(con: Connection, statements: list[str], articles: list[str]) -> tuple[Quote, ...]:
    """The statements with the highest probability of each side, one of each actor and one of each article."""
    return tuple(
        Quote(*row)
        for side in ("condemning", "supportive")
        for row in rows(con, _QUOTES, {"side": side, "most": QUOTES, "statements": statements, "articles": articles})
    )


def names_alike(con: Connection, options: ReportOptions) -> tuple[Alike, ...]:
    return tuple(Alike(*row) for row in rows(con, _ALIKE, {"least": options.min_statements, "most": LISTED}))


def tallies(con: Connection, query: str, values: Mapping[str, Any] | None = None) -> Tallies:
    """The most frequent of a query's rows (name, articles, statements), and the rest counted."""
    ((different, articles),) = rows(con, f"SELECT count(*), coalesce(sum(articles), 0) FROM ({query})", values)  # noqa: S608
    found = rows(con, f"FROM ({query}) ORDER BY articles DESC, name NULLS LAST LIMIT {LISTED}", values)
    shown = tuple(Tally(name, articles, statements) for name, articles, statements in found)
    return Tallies(shown, different - len(shown), int(articles) - sum(tally.articles for tally in shown))


def _groups(con: Connection, columns: str, join: str, options: ReportOptions) -> Groups:
    limits = {"least": options.min_statements, "top": options.top}
    query = _SHOWN.format(columns=columns, join=join, where="n >= $least")
    shown = [_group(row) for row in rows(con, query, limits)]
    (not_shown,) = rows(con, _NOT_SHOWN, limits)
    return Groups(tuple(sorted(shown, key=lambda group: (group.score.mean, group.name))), *not_shown)


def _group(row: tuple[Any, ...]) -> Group:
    name, kind, number, *numbers = row
    sums = ClusterSums(*(int(value) for value in numbers[:6]))
    return Group(number or 0, name, kind, sums.n, sums.articles, StanceCounts(*numbers[6:]), mean_score(sums))
