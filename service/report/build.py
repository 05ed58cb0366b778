"""The findings of a scored archive, through DuckDB in bounded memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from quotestance.model.errors import InputError
from quotestance.service.report.base_tables import create_base_tables
from quotestance.service.report.damaged_file import damaged_file
from quotestance.service.report.findings import Findings
from quotestance.service.report.left_out_queries import left_out
from quotestance.service.report.options import ReportOptions
from quotestance.service.report.queries import (
    Connection,
    actors,
    all_stances,
    names_alike,
    outlets,
    overview,
    quotes,
    rows,
    tallies,
)
from quotestance.service.report.scored_files import ScoredFiles, duckdb_paths
from quotestance.service.report.time_queries import over_time

MEMORY = "1GB"  # of DuckDB; what does not fit goes to the temporary folder
_INTERRUPTED = "Query interrupted"  # the words of DuckDB's RuntimeError

_TARGETS = """
SELECT target_text AS name, count(*) AS articles, coalesce(sum(n), 0)::BIGINT AS statements FROM article
LEFT JOIN (SELECT article_no, count(*) FILTER (counted) AS n FROM statement GROUP BY ALL) USING (article_no)
WHERE target_no IS NOT NULL GROUP BY target_text
"""
_MODELS = """
SELECT model AS name, count(*) AS articles, coalesce(sum(statement_count), 0)::BIGINT AS statements
FROM article WHERE scored GROUP BY model
"""
_TARGET_COUNTS = """
SELECT count(*) FILTER (target_source = 'given'), count(*) FILTER (target_count > 1) FROM article
"""


def findings(files: ScoredFiles, options: ReportOptions, folder: Path) -> Findings:
    """Everything the page shows. `folder` takes what does not fit into memory. Raises InputError."""
    with _database(folder) as con:
        try:
            create_base_tables(con, files, options)
            _check_target(con, options)
            return _findings(con, files, options)
        except RuntimeError as error:
            if str(error) == _INTERRUPTED:
                raise KeyboardInterrupt from error
            raise
        except duckdb.OutOfMemoryException:
            raise InputError(f"the report needs more than {MEMORY} of memory, or more room in {folder}") from None
        except duckdb.Error as error:
            # columns are there, checked before; so one of them is of another type, or a file is damaged
            if damaged := damaged_file((*files.statements, *files.articles)):
                raise InputError(f"{damaged}: a damaged Parquet file: {str(error).splitlines()[0]}") from error
            raise InputError(f"{files.statements[0].parent}: unusable tables: {str(error).splitlines()[0]}") from error


def _findings(con: Connection, files: ScoredFiles, options: ReportOptions) -> Findings:
    outlets_found, no_outlet = outlets(con, options)
    ((given, several),) = rows(con, _TARGET_COUNTS)
    return Findings(
        overview=overview(con),
        stances=all_stances(con),
        actors=actors(con, options),
        outlets=outlets_found,
        no_outlet=no_outlet,
        over_time=over_time(con, options.min_statements),
        quotes=quotes(con, duckdb_paths(files.statements), duckdb_paths(files.articles)),
        alike=names_alike(con, options),
        targets=tallies(con, _TARGETS),
        given_targets=given,
        several_targets=several,
        models=tallies(con, _MODELS),
        left_out=left_out(con, files),
    )


def _check_target(con: Connection, options: ReportOptions) -> None:
    ((articles, fitting),) = rows(con, "SELECT count(*) FILTER (target_count > 0), count(target_no) FROM article")
    if options.target is not None and articles and not fitting:
        raise InputError(f"--target {options.target!r}: no article has a target that holds these words")


@contextmanager
def _database(folder: Path) -> Iterator[Connection]:
    # extensions are what DuckDB would fetch from another host; those it needs here are built in
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(folder / "duckdb"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    con = duckdb.connect(config=settings)
    try:
        yield con
    finally:
        con.close()
