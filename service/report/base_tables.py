"""The tables that every query of the report asks: articles and statements in few and small columns.

`article`: article_no, id, outlet_no, day, has_date, language, scored, truncated, model, target_no, target_text,
target_source, statement_count, file_no. `target_no` says which of the article's targets its stances are about.
`statement`: article_no, index, start, end, actor_no (null where the text names nobody), named (false where the name is
only the mention as written), label, units (the score in 1/10,000), confidence, abstained, counted, quote_hash,
outlet_no, day. `actor` and `outlet`: their number, key and most frequent name. `country`: the key of a country's name
for that of each of its forms.
"""

from collections.abc import Sequence

import duckdb

from quotestance.service.report.aliases import read_aliases
from quotestance.service.report.countries import short_forms
from quotestance.service.report.dates import date_macros
from quotestance.service.report.options import ReportOptions
from quotestance.service.report.scored_files import ScoredFiles, duckdb_paths

# what counts as the same name: case, spacing, full stops, the form of quote marks and a leading "the" do not matter
_NAME_MACRO = r"""
CREATE MACRO name_key(name) AS trim(regexp_replace(regexp_replace(regexp_replace(replace(lower(nfc_normalize(name)),
    '.', ''), '[‘’ʼ`´]', '''', 'g'), '[\s\p{Z}]+', ' ', 'g'), '^ ?the ', ''))
"""

# whole words with a space on either side, so that "US" is in "US-led" and not in "Russian"; marks belong to letters
_WORDS_MACRO = r"""
CREATE MACRO words_of(text) AS ' ' || trim(regexp_replace(name_key(text), '[^\p{L}\p{M}\p{N}]+', ' ', 'g')) || ' '
"""

_ARTICLE = """
CREATE TABLE article AS
WITH read AS (
    SELECT *, row_number() OVER (ORDER BY filename, file_row_number) AS article_no
    FROM read_parquet($articles, hive_partitioning = false, filename = true, file_row_number = true)
), first_of_id AS (
    SELECT * FROM read QUALIFY row_number() OVER (PARTITION BY id ORDER BY article_no) = 1
), aimed AS (
    SELECT *,
        coalesce(nullif(trim(source), ''),
            nullif(regexp_extract(lower(url), '^https?://(?:www[.])?([^/:?#]+)', 1), '')) AS outlet,
        CASE WHEN len(targets) > 0 THEN targets WHEN target.text IS NOT NULL THEN [target] ELSE [] END AS its_targets
    FROM first_of_id
), chosen AS (
    SELECT *, CASE WHEN len(its_targets) = 0 THEN NULL WHEN $target IS NULL THEN 1
        ELSE list_position([contains(words_of(t.text), words_of($target)) FOR t IN its_targets], true) END AS target_no
    FROM aimed
)
SELECT article_no, id, outlet, name_key(outlet) AS outlet_key, day_of(date) AS day,
    coalesce(trim(date), '') <> '' AS has_date, language, coalesce(scored, true) AS scored,
    coalesce(truncated, false) AS truncated, model, nullif(target_no, 0) AS target_no, len(its_targets) AS target_count,
    its_targets[target_no].text AS target_text, its_targets[target_no].source AS target_source, statement_count
FROM chosen
"""

_OUTLET = """
CREATE TABLE outlet AS
WITH written AS (
    SELECT outlet_key AS key, outlet AS name, count(*) AS n FROM article WHERE outlet IS NOT NULL GROUP BY ALL
)
SELECT row_number() OVER (ORDER BY key) AS outlet_no, key, name FROM written
QUALIFY row_number() OVER (PARTITION BY key ORDER BY n DESC, name) = 1
"""

_WRITTEN = """
CREATE TABLE written AS
WITH names AS (
    SELECT actor, actor_type, count(*) AS n FROM read_parquet($statements, hive_partitioning = false)
    WHERE actor IS NOT NULL GROUP BY ALL
), keyed AS (
    SELECT names.*, coalesce(country.country_key, name_key(actor)) AS own_key
    FROM names LEFT JOIN country ON country.key = name_key(actor) AND actor_type = 'government'
)
SELECT keyed.actor, actor_type, n, alias.key IS NOT NULL AS listed, coalesce(alias.actor_key, own_key) AS key,
    CASE WHEN alias.key IS NULL THEN coalesce(actor_type, '') ELSE '' END AS type_key,
    coalesce(alias.actor, keyed.actor) AS name
FROM keyed LEFT JOIN alias ON alias.key = own_key
"""

_ACTOR = """
CREATE TABLE actor AS
WITH named AS (SELECT key, type_key, name, sum(n) AS n FROM written GROUP BY ALL),
    typed AS (SELECT key, type_key, actor_type AS type, sum(n) AS n FROM written GROUP BY ALL),
    best AS (SELECT key, type_key, name FROM named
        QUALIFY row_number() OVER (PARTITION BY key, type_key ORDER BY n DESC, name) = 1),
    best_type AS (SELECT key, type_key, type FROM typed
        QUALIFY row_number() OVER (PARTITION BY key, type_key ORDER BY n DESC, type) = 1)
SELECT row_number() OVER (ORDER BY key, type_key) AS actor_no, key, type_key, name, type
FROM best JOIN best_type USING (key, type_key)
"""

_STATEMENT = """
CREATE TABLE statement AS
WITH said AS (
    SELECT a.article_no, a.day, outlet.outlet_no, actor.actor_no, s.index, s.start, s."end", s.resolved, s.quote,
        a.target_no, a.statement_count, s.filename, s.file_row_number,
        CASE WHEN a.target_no > 1 THEN s.stances[a.target_no].stance ELSE s.stance END AS stance,
        CASE WHEN a.target_no > 1 THEN s.stances[a.target_no].score ELSE s.score END AS score,
        CASE WHEN a.target_no > 1 THEN s.stances[a.target_no].confidence ELSE s.confidence END AS confidence,
        CASE WHEN a.target_no > 1 THEN s.stances[a.target_no].abstained ELSE s.abstained END AS abstained
    FROM read_parquet($statements, hive_partitioning = false, filename = true, file_row_number = true) s
    JOIN article a ON a.id = s.article_id
    LEFT JOIN outlet ON outlet.key = a.outlet_key
    LEFT JOIN written ON written.actor = s.actor AND written.actor_type IS NOT DISTINCT FROM s.actor_type
    LEFT JOIN actor ON actor.key = written.key AND actor.type_key = written.type_key
), judged AS (
    SELECT *, CASE WHEN target_no IS NOT NULL AND stance IN ('supportive', 'neutral', 'condemning')
        AND abs(try_cast(score AS DECIMAL(9, 4))) <= 1 THEN stance END AS label
    FROM said {first_of_id}
)
SELECT article_no, day, outlet_no, actor_no, index, start, "end",
    actor_no IS NOT NULL AND coalesce(resolved, true) AS named,
    label, CASE WHEN label IS NOT NULL THEN cast(try_cast(score AS DECIMAL(9, 4)) * 10000 AS INTEGER) END AS units,
    confidence, label IS NOT NULL AND coalesce(abstained, false) AS abstained,
    label IS NOT NULL AND ($include_abstained OR NOT coalesce(abstained, false)) AS counted,
    hash(lower(trim(quote))) AS quote_hash, length(quote) AS quote_length
FROM judged
"""

# only where ids repeat: the window over all statements is the dearest part of a large archive
_FIRST_OF_ID = """WHERE index < statement_count
    QUALIFY row_number() OVER (PARTITION BY article_no, index ORDER BY filename, file_row_number) = 1"""


def create_base_tables(con: duckdb.DuckDBPyConnection, files: ScoredFiles, options: ReportOptions) -> None:
    """Make the tables. Raises InputError where the alias file cannot be used."""
    statements, articles = map(duckdb_paths, (files.statements, files.articles))
    con.execute(_NAME_MACRO)
    con.execute(_WORDS_MACRO)
    countries = _country_table(con)
    con.execute("CREATE TABLE alias (key VARCHAR, actor_key VARCHAR, actor VARCHAR)")
    if options.aliases:
        for key, actor in read_aliases(options.aliases, lambda name: _name_key(con, name), countries).items():
            con.execute("INSERT INTO alias VALUES (?, ?, ?)", [key, actor.key, actor.name])
    date_macros(con, articles)
    con.execute(_ARTICLE, {"articles": articles, "target": options.target})
    con.execute(_OUTLET)
    con.execute(_WRITTEN, {"statements": statements})
    con.execute(_ACTOR)
    con.execute(
        _STATEMENT.format(first_of_id=_FIRST_OF_ID if _ids_repeat(con, articles) else ""),
        {"statements": statements, "include_abstained": options.include_abstained},
    )


def _country_table(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Make the table `country`; what it holds."""
    countries = {_name_key(con, form): _name_key(con, name) for form, name in short_forms().items()}
    con.execute("CREATE TABLE country (key VARCHAR PRIMARY KEY, country_key VARCHAR)")
    con.executemany("INSERT INTO country VALUES (?, ?)", [list(pair) for pair in countries.items()])
    return countries


def _ids_repeat(con: duckdb.DuckDBPyConnection, articles: Sequence[str]) -> bool:
    counts = "SELECT count(*), count(DISTINCT id) FROM read_parquet($articles, hive_partitioning = false)"
    total, different = con.execute(counts, {"articles": articles}).fetchall()[0]
    return bool(total != different)


def _name_key(con: duckdb.DuckDBPyConnection, name: str) -> str:
    return str(con.execute("SELECT name_key(?)", [name]).fetchall()[0][0])
