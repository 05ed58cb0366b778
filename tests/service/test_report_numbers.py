"""Every number of the page, recomputed from the Parquet files by queries that share nothing with the report's own."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import duckdb
import pytest
from report_archive import HOSTILE, NAMES, TARGETS, Archive, write_archive
from report_page import Page
from scipy.stats import t as students_t

from quotestance.service.report.build import findings
from quotestance.service.report.options import ReportOptions
from quotestance.service.report.page import page
from quotestance.service.report.scored_files import scored_files
from quotestance.service.report.text import shown

Numbers = dict[str, float | str]


class Case(NamedTuple):
    options: ReportOptions
    con: duckdb.DuckDBPyConnection
    page: Page


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return write_archive(tmp_path_factory.mktemp("report") / "scored")


@pytest.fixture(
    scope="module",
    params=[
        ReportOptions(),
        ReportOptions(target="OF KARSK", include_abstained=True, min_statements=25, top=4),
        ReportOptions(min_statements=70, top=2),
    ],
    ids=["default", "target", "few"],
)
def case(request: pytest.FixtureRequest, archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    options: ReportOptions = request.param
    folder = tmp_path_factory.mktemp("work")
    html = page("scored", findings(scored_files(archive.folder, folder), options, folder), options)
    con = duckdb.connect()
    _truth(con, archive, options)
    yield Case(options, con, Page(html))
    con.close()


def _truth(con: duckdb.DuckDBPyConnection, archive: Archive, options: ReportOptions) -> None:
    """The view `s` of the statements with what is true of them, and `a` of the articles."""
    con.execute("CREATE TABLE day (id VARCHAR, day DATE)")
    con.executemany("INSERT INTO day VALUES (?, ?)", [[id, day] for id, day in archive.days.items()])
    con.execute("CREATE TABLE who (actor VARCHAR, who VARCHAR)")
    pairs = {name: who or name for name, who, _ in NAMES if name}
    con.executemany("INSERT INTO who VALUES (?, ?)", [list(pair) for pair in pairs.items()])
    outlets = {"Karsk Courier": "karsk courier", "KARSK COURIER": "karsk courier", "Lund Post": "lund post"}
    outlets |= {"The Evening": "evening", "evening": "evening", HOSTILE: HOSTILE}
    con.execute("CREATE TABLE outlet (source VARCHAR, outlet VARCHAR)")
    con.executemany("INSERT INTO outlet VALUES (?, ?)", [list(pair) for pair in outlets.items()])
    # the target in view: the only one with these words, or an article's first
    chosen = TARGETS[1] if options.target else None
    con.execute(
        f"CREATE TABLE a AS SELECT * FROM read_parquet('{archive.folder}/articles-*.parquet') JOIN day USING (id)"
    )
    con.execute("CREATE TABLE seen (target VARCHAR)")
    con.execute("INSERT INTO seen VALUES (?)", [chosen])
    con.execute(
        """
        ALTER TABLE a ADD COLUMN outlet VARCHAR;
        UPDATE a SET outlet = outlet.outlet FROM outlet WHERE outlet.source = a.source;
        UPDATE a SET outlet = 'news.example' WHERE source IS NULL AND url LIKE 'https://news%';
        UPDATE a SET outlet = 'lund.example' WHERE source IS NULL AND url LIKE 'http://www%';
        ALTER TABLE a ADD COLUMN seen VARCHAR;
        UPDATE a SET seen = target.text WHERE (SELECT target FROM seen) IS NULL;
        UPDATE a SET seen = (SELECT target FROM seen)
            WHERE list_contains([t.text FOR t IN targets], (SELECT target FROM seen));
        """
    )
    con.execute(
        f"""
        CREATE TABLE s AS
        WITH every AS (
            SELECT s.*, a.day, a.outlet, a.seen, w.who FROM read_parquet('{archive.folder}/statements-*.parquet') s
            JOIN a ON a.id = s.article_id LEFT JOIN who w ON w.actor = s.actor
        )
        SELECT every.* EXCLUDE (stance, score, confidence, abstained), x.stance, x.score, x.confidence, x.abstained,
            resolved AND actor IS NOT NULL AS named,
            x.stance IS NOT NULL AND ({options.include_abstained} OR NOT x.abstained) AS c
        FROM every LEFT JOIN (
            SELECT article_id, index, unnest(stances, recursive := true) FROM every
        ) x ON x.article_id = every.article_id AND x.index = every.index AND x.target = every.seen
        """
    )


def _one(case: Case, query: str, *values: Any) -> Any:
    return case.con.execute(query, list(values)).fetchall()[0][0]


def _all(case: Case, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return case.con.execute(query, list(values)).fetchall()


def _mean_with_interval(case: Case, where: str, *values: Any) -> tuple[float, float | None, float | None]:
    """By the definition: residuals of the articles, one by one."""
    per_article = _all(case, f"SELECT count(*), sum(score) FROM s WHERE c AND {where} GROUP BY article_id", *values)
    n, groups = sum(k for k, _ in per_article), len(per_article)
    mean = sum(y for _, y in per_article) / n
    if groups < 2:
        return mean, None, None
    variance = groups / (groups - 1) * sum((y - k * mean) ** 2 for k, y in per_article) / n**2
    half = students_t.ppf(0.975, groups - 1) * variance**0.5
    return mean, max(-1.0, mean - half), min(1.0, mean + half)


def _groups(case: Case, key: str, column: str, kind: str, where: str) -> tuple[Numbers, list[tuple[Any, ...]]]:
    """The numbers of actors or outlets, and (number, type) of those shown, in their order."""
    least, top = case.options.min_statements, case.options.top
    every = _all(
        case,
        f"""SELECT {column}, {kind}, count(*) FILTER (c) AS n FROM s WHERE {where} GROUP BY 1, 2
        ORDER BY n DESC, lower({column}), 2""",
    )
    enough = [row for row in every if row[2] >= least]
    few = [row for row in every if 0 < row[2] < least]
    found = []
    for name, its_kind, n in enough[:top]:
        its = f"{where} AND {column} = ? AND {kind} IS NOT DISTINCT FROM ?"
        found.append((_mean_with_interval(case, its, name, its_kind), name, its_kind, n, its))
    found.sort(key=lambda row: row[0][0])
    expected: Numbers = {}
    for i, (interval, name, its_kind, n, its) in enumerate(found):
        head = f"{key}/{i}"
        expected |= {f"{head}/counted": n, f"{head}/mean": interval[0]}
        if interval[1] is not None and interval[2] is not None:
            expected |= {f"{head}/low": interval[1], f"{head}/high": interval[2]}
        expected[f"{head}/articles"] = _one(
            case, f"SELECT count(DISTINCT article_id) FROM s WHERE c AND {its}", name, its_kind
        )
        for stance in ("condemning", "neutral", "supportive"):
            query = f"SELECT count(*) FROM s WHERE c AND stance = '{stance}' AND {its}"
            expected[f"{head}/{stance}"] = _one(case, query, name, its_kind)
        expected[f"{head}/abstained"] = _one(case, f"SELECT count(*) FROM s WHERE abstained AND {its}", name, its_kind)
    beyond = enough[top:]
    if few:
        expected |= {f"{key}/few": len(few), f"{key}/few_counted": sum(row[2] for row in few)}
    if beyond:
        expected |= {f"{key}/beyond": len(beyond), f"{key}/beyond_counted": sum(row[2] for row in beyond)}
    if uncounted := sum(row[2] == 0 for row in every):
        expected[f"{key}/uncounted"] = uncounted
    return expected, [(name, its_kind) for _, name, its_kind, _, _ in found]


def _assert_same(found: dict[str, str], expected: Numbers) -> None:
    assert set(found) == {key for key, value in expected.items() if value is not None}
    for key, value in found.items():
        wanted = expected[key]
        if isinstance(wanted, str):
            assert value == wanted, key
        else:
            assert float(value) == pytest.approx(wanted, abs=0.00005001), key


def test_overview(case: Case) -> None:
    judged, abstained = _all(case, "SELECT count(*), count(*) FILTER (abstained) FROM s WHERE stance IS NOT NULL")[0]
    query = """SELECT count(*), (SELECT count(*) FROM s), count(DISTINCT outlet), min(day)::VARCHAR, max(day)::VARCHAR,
        (SELECT count(DISTINCT (who, actor_type)) FROM s WHERE named) FROM a"""
    articles, statements, outlets, first, last, actors = _all(case, query)[0]
    expected = {"articles": articles, "statements": statements, "actors": actors, "outlets": outlets, "first": first}
    expected |= {
        "last": last,
        "judged": judged,
        "sure": judged - abstained,
        "sure_share": (judged - abstained) / judged,
    }
    _assert_same(case.page.those("overview/"), {f"overview/{key}": value for key, value in expected.items()})


def test_stances(case: Case) -> None:
    counts = dict(_all(case, "SELECT stance, count(*) FROM s WHERE c GROUP BY 1"))
    whole = sum(counts.values())
    expected: Numbers = {f"stances/{stance}": count for stance, count in counts.items()}
    expected |= {f"stances/{stance}/share": count / whole for stance, count in counts.items()}
    expected["stances/abstained"] = _one(case, "SELECT count(*) FROM s WHERE abstained")
    _assert_same(case.page.those("stances/"), expected)
    judged = _all(
        case, "SELECT stance, count(*), count(*) FILTER (abstained) FROM s WHERE stance IS NOT NULL GROUP BY 1"
    )
    expected = {f"judged/{stance}": n for stance, n, _ in judged}
    expected |= {f"judged/{stance}/abstained": few for stance, _, few in judged}
    expected |= {f"judged/{stance}/abstained_share": few / n for stance, n, few in judged}
    _assert_same(case.page.those("judged/"), expected)


def test_actors(case: Case) -> None:
    expected, actors = _groups(case, "actors", "who", "actor_type", "named")
    sides = dict.fromkeys(("condemning", "neutral", "supportive", "unclear"), 0)
    for name, kind in actors:
        mean, low, high = _mean_with_interval(case, "named AND who = ? AND actor_type = ?", name, kind)
        if low is not None and high is not None and high < 0 and mean <= -0.1:
            sides["condemning"] += 1
        elif low is not None and low > 0 and mean >= 0.1:
            sides["supportive"] += 1
        else:
            near = low is not None and high is not None and low >= -0.1 and high <= 0.1
            sides["neutral" if near else "unclear"] += 1
    expected |= {f"actors/sides/{side}": count for side, count in sides.items()} if actors else {}
    _assert_same(case.page.those("actors/"), expected)


def test_outlets(case: Case) -> None:
    expected, outlets = _groups(case, "outlets", "outlet", "NULL", "outlet IS NOT NULL")
    for i in range(len(outlets)):
        for stance in ("condemning", "neutral", "supportive"):
            share = float(expected[f"outlets/{i}/{stance}"]) / float(expected[f"outlets/{i}/counted"])
            expected[f"outlets/{i}/{stance}_share"] = share
    _assert_same(case.page.those("outlets/"), expected)
    nameless = dict(_all(case, "SELECT stance, count(*) FROM s WHERE c AND outlet IS NULL GROUP BY 1"))
    expected = {f"no_outlet/{stance}": nameless.get(stance, 0) for stance in ("condemning", "neutral", "supportive")}
    expected["no_outlet/counted"] = sum(nameless.values())
    _assert_same(case.page.those("no_outlet/"), expected if nameless else {})


def test_bins_are_weeks(case: Case) -> None:
    rows = _all(
        case,
        """SELECT (day - ((isodow(day) - 1)::INTEGER))::VARCHAR, stance, count(*) FROM s WHERE c AND day IS NOT NULL
        GROUP BY 1, 2""",
    )
    expected: Numbers = {f"bins/{day}/{s}": 0 for day, _, _ in rows for s in ("condemning", "neutral", "supportive")}
    expected |= {f"bins/{day}/{stance}": count for day, stance, count in rows}
    _assert_same(case.page.those("bins/"), expected)


@pytest.mark.parametrize(
    ("key", "column", "where"), [("actors", "(who, actor_type)", "named"), ("outlets", "outlet", "outlet IS NOT NULL")]
)
def test_courses(case: Case, key: str, column: str, where: str) -> None:
    query = f"""WITH point AS (
            SELECT {column} AS whose, day - ((isodow(day) - 1)::INTEGER) AS week, count(*) AS n, avg(score) AS mean
            FROM s WHERE c AND day IS NOT NULL AND {where} GROUP BY 1, 2
        ), most AS (
            SELECT whose, sum(n) AS total FROM point GROUP BY 1 HAVING count(*) > 1 AND sum(n) >= ?
            ORDER BY total DESC, lower(whose::VARCHAR) LIMIT 6
        )
        SELECT n, mean FROM point JOIN most USING (whose) ORDER BY total DESC, lower(whose::VARCHAR), week"""
    expected: Numbers = {}
    for i, (n, mean) in enumerate(_all(case, query, case.options.min_statements)):
        expected |= {f"{key}_over_time/{i}/counted": n, f"{key}_over_time/{i}/mean": mean}
    _assert_same(case.page.those(f"{key}_over_time/"), expected)


def test_dates(case: Case) -> None:
    undated = _one(case, "SELECT count(*) FROM a WHERE coalesce(trim(date), '') = ''")
    unreadable = _one(case, "SELECT count(*) FROM a WHERE day IS NULL") - undated
    either = "SELECT count(*) FROM a WHERE date LIKE '%/%/20%' AND day(day) <= 12 AND day(day) <> month(day)"
    expected: Numbers = {"time/undated": undated, "time/unreadable": unreadable, "time/either": _one(case, either)}
    _assert_same(case.page.those("time/"), expected)


@pytest.mark.parametrize("side", ["condemning", "supportive"])
def test_quotes(case: Case, side: str) -> None:
    found: list[tuple[Any, ...]] = []
    for row in _all(
        case,
        """SELECT article_id, who, actor_type, quote, confidence, start, "end", day FROM s
        WHERE named AND NOT abstained AND stance = ? ORDER BY confidence DESC, article_id, index""",
        side,
    ):
        if all(row[0] != its[0] for its in found):
            found.append(row)  # the article's surest
    actors: list[tuple[Any, ...]] = []
    for row in found:
        if all(row[1:3] != its[1:3] for its in actors):
            actors.append(row)
    quotes: list[tuple[Any, ...]] = []
    for row in actors:
        if all(row[3].strip().lower() != its[3].strip().lower() for its in quotes):
            quotes.append(row)
    expected: Numbers = {}
    for i, (*_, probability, start, end, day) in enumerate(quotes[:8]):
        head = f"quotes/{side}/{i}"
        expected |= {f"{head}/probability": probability, f"{head}/start": start, f"{head}/end": end}
        expected |= {f"{head}/day": f"{day}"} if day else {}
    assert expected
    _assert_same(case.page.those(f"quotes/{side}/"), expected)


def test_targets(case: Case) -> None:
    rows = _all(
        case,
        """SELECT seen, count(*), (SELECT count(*) FROM s WHERE c AND s.seen = a.seen) FROM a WHERE seen IS NOT NULL
        GROUP BY seen ORDER BY 2 DESC, seen""",
    )
    expected: Numbers = {"targets/articles": sum(n for _, n, _ in rows)}
    expected["targets/given"] = _one(
        case, "SELECT count(*) FROM a WHERE seen IS NOT NULL AND targets[1].source = 'given'"
    )
    expected["targets/several"] = _one(case, "SELECT count(*) FROM a WHERE len(targets) = 2")
    expected |= {"targets/different": len(rows)} if len(rows) > 1 else {}
    for i, (_, articles, statements) in enumerate(rows):
        expected |= {f"targets/{i}/articles": articles, f"targets/{i}/statements": statements}
    _assert_same(case.page.those("targets/"), expected)


def test_names_alike(case: Case) -> None:
    rows = _all(
        case,
        """WITH n AS (SELECT who, count(*) AS n FROM s WHERE named AND c AND actor_type = 'person' GROUP BY who)
        SELECT short.n, long.n FROM n short JOIN n long ON ends_with(long.who, ' ' || short.who)
        WHERE short.n + long.n >= ? ORDER BY short.n + long.n DESC, short.who""",
        case.options.min_statements,
    )
    assert rows
    expected: Numbers = {}
    for i, (short, long) in enumerate(rows):
        expected |= {f"alike/{i}/short": short, f"alike/{i}/long": long}
    _assert_same(case.page.those("alike/"), expected)


def test_what_is_left_out(case: Case) -> None:
    queries = {
        "no_target": "SELECT count(*) FROM a WHERE scored AND seen IS NULL",
        "no_target_statements": "SELECT count(*) FROM s WHERE seen IS NULL",
        "unnamed": "SELECT count(*) FROM s WHERE c AND actor IS NULL",
        "mention_only": "SELECT count(*) FROM s WHERE c AND actor IS NOT NULL AND NOT resolved",
        "truncated": "SELECT count(*) FROM a WHERE truncated",
        "repeats": """SELECT sum(n - 1)::BIGINT FROM (SELECT count(DISTINCT article_id) AS n FROM s
            WHERE c AND named AND length(quote) >= 40 GROUP BY who, actor_type, lower(trim(quote)))""",
    }
    expected: Numbers = {f"left_out/{key}": _one(case, query) for key, query in queries.items()}
    assert all(expected.values())
    _assert_same(case.page.those("left_out/"), expected)
    languages = _all(case, "SELECT language, count(*) FROM a WHERE NOT scored GROUP BY 1 ORDER BY 2 DESC, 1")
    _assert_same(case.page.those("not_scored/"), {f"not_scored/{i}": row[1] for i, row in enumerate(languages)})
    _assert_same(case.page.those("quarantined/"), {"quarantined/0": 2, "quarantined/1": 1})


def test_models_and_options(case: Case) -> None:
    models = _all(case, "SELECT model, count(*) FROM a WHERE scored GROUP BY 1 ORDER BY 2 DESC")
    expected: Numbers = {f"models/{i}": row[1] for i, row in enumerate(models)}
    _assert_same(case.page.those("models/"), expected | {"models/different": 2})
    options: Numbers = {"options/min_statements": case.options.min_statements, "options/top": case.options.top}
    found = case.page.those("options/")
    _assert_same(found, {key: options[key] for key in found})


def test_no_number_is_left_unchecked(case: Case) -> None:
    checked = {"overview", "stances", "judged", "actors", "outlets", "no_outlet", "bins", "actors_over_time", "time"}
    checked |= {"outlets_over_time", "quotes", "targets", "alike", "left_out", "not_scored", "quarantined", "models"}
    assert {key.split("/")[0] for key in case.page.numbers} <= checked | {"options"}


def test_other_digits_are_words_of_the_method(case: Case) -> None:
    allowed = {"95 %", "−1", "+1", "near 0", "of 0", "0.1", "Q1", "week of"}
    for words in case.page.words:
        text = words
        for phrase in sorted(allowed, key=len, reverse=True):
            text = text.replace(phrase, "")
        if "week of" not in words:
            assert not any(c.isdigit() for c in text), words


def test_the_rows_of_actors_bear_their_names(case: Case) -> None:
    _, actors = _groups(case, "actors", "who", "actor_type", "named")
    who = {shown(name, 80): who or name for name, who, _ in NAMES if name}
    assert [who[head] for head in case.page.heads[: len(actors)]] == [name for name, _ in actors]
