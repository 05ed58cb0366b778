"""Dates of many forms, and the stretches of time that statements are counted in."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quotestance.service.report.dates import date_macros
from quotestance.service.report.timeline import drawn_range, grain_of, label_of

DAY = date(2021, 6, 28)


def day_of(text: str, folder: Path, others: tuple[str, ...] = ()) -> date | None:
    path = folder / "articles.parquet"
    pq.write_table(pa.table({"date": [text, *others]}), path)
    with duckdb.connect() as con:
        date_macros(con, [str(path)])
        found: date | None = con.execute("SELECT day_of(?)", [text]).fetchall()[0][0]
        return found


@pytest.mark.parametrize(
    "text",
    [
        "2021-06-28",
        " 2021-6-28 ",
        "2021/06/28",
        "2021-06-28T23:59:59-05:00",
        "2021-06-28 00:00:01+14:00",
        "Mon, 28 Jun 2021 23:59:00 -0500",
        "June 28, 2021",
        "Monday, June 28th, 2021 8:15 PM EDT",
        "JUNE 28 2021",
        "Jun. 28, 2021",
        "28 June 2021",
        "28-JUN-2021 15:28:37.56",
        "6/28/2021",
        "28/6/2021",
        "28.06.2021",
        "20210628",
        "20210628T101112Z",
        "20210628101112",
        "1624838400",
        "1624838400.5",
        "1624838400000",
    ],
)
def test_forms(text: str, tmp_path: Path) -> None:
    assert day_of(text, tmp_path) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2021",
        "2021-06",
        "2021-02-30",
        "30 February 2021",
        "13/13/2021",
        "0001-01-01",
        "9999-12-31",
        "9" * 40,
    ],
)
def test_no_date(text: str, tmp_path: Path) -> None:
    assert day_of(text, tmp_path) is None


@pytest.mark.parametrize(
    ("text", "others", "day"),
    [
        ("7/10/2016", (), date(2016, 7, 10)),
        ("7/10/2016", ("6/28/2016",), date(2016, 7, 10)),
        ("7/10/2016", ("28/6/2016",), date(2016, 10, 7)),  # the others have the day first
        ("7/10/2016", ("28/6/2016", "6/28/2016"), date(2016, 7, 10)),  # they do not agree
        ("7.10.2016", (), date(2016, 10, 7)),
    ],
)
def test_which_number_is_the_month(text: str, others: tuple[str, ...], day: date, tmp_path: Path) -> None:
    assert day_of(text, tmp_path, others) == day


@pytest.mark.parametrize(
    ("last", "grain"),
    [
        (date(2021, 1, 1), "day"),
        (date(2021, 1, 21), "day"),
        (date(2021, 3, 1), "week"),
        (date(2023, 1, 1), "month"),
        (date(2030, 1, 1), "quarter"),
        (date(2099, 1, 1), "year"),
    ],
)
def test_grain(last: date, grain: str) -> None:
    assert grain_of(date(2021, 1, 1), last) == grain


def test_far_days_are_not_drawn() -> None:
    low, high = date(2021, 1, 1), date(2021, 12, 31)
    assert drawn_range(date(2020, 12, 1), low, high, date(2022, 2, 1)) == (date(2020, 12, 1), date(2022, 2, 1))
    assert drawn_range(date(1987, 1, 1), low, high, date(2022, 2, 1)) == (low, date(2022, 2, 1))
    assert drawn_range(date(2020, 12, 1), low, high, date(2099, 1, 1)) == (date(2020, 12, 1), high)


def test_labels() -> None:
    labels = [label_of(DAY, grain) for grain in ("day", "week", "month", "quarter", "year")]
    assert labels == ["28 Jun 2021", "week of 28 Jun 2021", "Jun 2021", "Q2 2021", "2021"]


@pytest.mark.parametrize("text", ["6/7/2021 10:30:00.000", "6/7/2021 10:30 a.m.", "7.6.2021", "7.6.2021 10:30"])
def test_a_full_stop_in_the_time_says_nothing_of_the_day(text: str, tmp_path: Path) -> None:
    assert day_of(text, tmp_path) == date(2021, 6, 7)
