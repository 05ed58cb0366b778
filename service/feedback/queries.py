"""The statements on the feedback tables, each within a transaction of the caller's."""

from dataclasses import asdict, fields
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, func, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from quotestance.service.feedback.correction import (
    CorrectedArticle,
    Correction,
    Receipt,
    Stored,
    correction_id,
    text_digest,
)
from quotestance.service.feedback.tables import ARTICLES, CORRECTIONS

PAGE_ARTICLES = 16
_FIELDS = tuple(field.name for field in fields(Correction) if field.name != "text")


def add_correction(connection: Connection, correction: Correction) -> Receipt:
    """Insert a correction, unless it is the one in force already.

    Raises IntegrityError where another transaction corrects the same statement at the same moment.
    """
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    digest = text_digest(correction.text)
    article = insert(ARTICLES).values(digest=digest, text=correction.text)
    connection.execute(article.on_conflict_do_nothing(index_elements=["digest"]))
    number = connection.execute(select(ARTICLES.c.number).where(ARTICLES.c.digest == digest)).scalar_one()
    c = CORRECTIONS.c
    before = connection.execute(
        select(c.id, c.model, c.received, c.version, c.content)
        .where(c.statement == correction.statement)
        .order_by(c.version.desc())
        .limit(1)
    ).one_or_none()
    if before and before.content == correction.content:
        return Receipt(before.id, before.model, before.received, repeated=True)
    version = before.version + 1 if before else 1
    now = datetime.now(UTC)
    received = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as the answer will say it
    name = correction_id(correction, version)
    row = asdict(correction) | {
        "id": name,
        "article": number,
        "statement": correction.statement,
        "version": version,
        "content": correction.content,
        "received": received,
    }
    del row["text"]
    connection.execute(CORRECTIONS.insert().values(row))
    return Receipt(name, correction.model, received, repeated=False)


def read_page(connection: Connection, after: int, since: datetime | None, model: str | None) -> list[CorrectedArticle]:
    """Up to PAGE_ARTICLES articles with a number over `after` that have corrections in force, in order."""
    wanted = _in_force(since, model)
    corrected = exists(select(CORRECTIONS.c.number).where(CORRECTIONS.c.article == ARTICLES.c.number, *wanted))
    numbered = select(ARTICLES.c.number, ARTICLES.c.text).where(ARTICLES.c.number > after, corrected)
    articles = connection.execute(numbered.order_by(ARTICLES.c.number).limit(PAGE_ARTICLES)).all()
    texts: dict[int, str] = dict(articles)
    rows = connection.execute(
        select(CORRECTIONS)
        .where(CORRECTIONS.c.article.in_(list(texts)), *wanted)
        .order_by(CORRECTIONS.c.article, func.coalesce(CORRECTIONS.c.quote_start, 0), CORRECTIONS.c.number)
    ).mappings()
    return [
        CorrectedArticle(number, texts[number], tuple(_stored(row, texts[number]) for row in group))
        for number, group in groupby(rows, key=lambda row: row["article"])
    ]


def _in_force(since: datetime | None, model: str | None) -> list[ColumnElement[bool]]:
    """What a correction must be to be exported: of a statement, not overtaken by a later one, and asked for."""
    later = CORRECTIONS.alias("later")
    overtaken = exists(
        select(later.c.number).where(
            later.c.statement == CORRECTIONS.c.statement, later.c.version > CORRECTIONS.c.version
        )
    )
    conditions: list[ColumnElement[bool]] = [CORRECTIONS.c.is_statement, ~overtaken]
    if since is not None:
        conditions.append(CORRECTIONS.c.received >= since)
    if model is not None:
        conditions.append(CORRECTIONS.c.model == model)
    return conditions


def _stored(row: RowMapping, text: str) -> Stored:
    values: dict[str, Any] = {name: row[name] for name in _FIELDS}
    return Stored(row["id"], row["received"], row["version"], Correction(text=text, **values))
