"""What the figures of a report do not count, and why."""

from quotestance.service.report.findings import LeftOut, Tallies
from quotestance.service.report.queries import Connection, rows, tallies
from quotestance.service.report.scored_files import ScoredFiles, duckdb_paths

_COUNTS = """
SELECT (SELECT count(*) FROM article WHERE scored AND target_no IS NULL),
    count(*) FILTER (label IS NULL), count(*) FILTER (counted AND actor_no IS NULL),
    count(*) FILTER (counted AND actor_no IS NOT NULL AND NOT named),
    (SELECT count(*) FROM article WHERE truncated) FROM statement
"""

_REPEATED_IDS = "SELECT count(*) - count(DISTINCT id) FROM read_parquet($articles, hive_partitioning = false)"

_ORPHANS = """
SELECT count(*) FROM read_parquet($statements, hive_partitioning = false)
WHERE article_id IS NULL OR article_id NOT IN (SELECT id FROM article)
"""

# short quotes ("no comment") may well be said twice
_REPEATS = """
SELECT coalesce(sum(articles - 1), 0)::BIGINT FROM (
    SELECT count(DISTINCT article_no) AS articles FROM statement
    WHERE counted AND named AND quote_length >= 40 GROUP BY actor_no, quote_hash
)
"""

_NOT_SCORED = """
SELECT language AS name, count(*) AS articles, coalesce(sum(statement_count), 0)::BIGINT AS statements
FROM article WHERE NOT scored GROUP BY language
"""

# the place within one record is taken out of its reason, so that like reasons are counted together
_REASONS = r"""
SELECT regexp_replace(coalesce(reason, 'no reason given'),
    '(column|line|offset|byte|item|char) (0x[0-9a-f]+|\d+)', '\1 …', 'g') AS name, count(*) AS articles, 0 AS statements
FROM read_json($rejected, format = 'newline_delimited', columns = {reason: 'VARCHAR'}, ignore_errors = true)
GROUP BY ALL
"""


def left_out(con: Connection, files: ScoredFiles) -> LeftOut:
    """Everything that is counted apart, from the base tables, the archive's files and the records refused."""
    statements, articles = map(duckdb_paths, (files.statements, files.articles))
    ((no_target, no_stance, unnamed, mention_only, truncated),) = rows(con, _COUNTS)
    ((repeated_ids,),) = rows(con, _REPEATED_IDS, {"articles": articles})
    ((orphans,),) = rows(con, _ORPHANS, {"statements": statements})
    ((repeats,),) = rows(con, _REPEATS)
    quarantined = (
        tallies(con, _REASONS, {"rejected": duckdb_paths([files.rejected])}) if files.rejected else Tallies((), 0, 0)
    )
    return LeftOut(
        no_target=no_target,
        no_target_statements=no_stance,
        unnamed=unnamed,
        mention_only=mention_only,
        not_scored=tallies(con, _NOT_SCORED),
        quarantined=quarantined,
        truncated=truncated,
        repeated_ids=repeated_ids,
        orphans=orphans,
        repeats=repeats,
        bad_lines=files.bad_lines,
        finished=files.finished,
    )
