"""SQLite or PostgreSQL behind one SQLAlchemy engine: durable commits, bounded waits, failures in words."""

import sqlite3
import time
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from quotestance.model.errors import InputError, QuotestanceError

CONNECTIONS = 4
_WAIT = 5  # seconds, for a connection or for a lock
_LONGEST_STATEMENT = "20s"
_WRITES = "quotestance_writes"

# by the beginning of sqlite3's name for the error
_SQLITE_REASONS = {
    "SQLITE_FULL": "its disk is full",
    "SQLITE_BUSY": "another program keeps it locked",
    "SQLITE_LOCKED": "another program keeps it locked",
    "SQLITE_READONLY": "it cannot be written to",
    "SQLITE_CANTOPEN": "its file cannot be opened",
    "SQLITE_PERM": "its file cannot be opened",
    "SQLITE_IOERR": "its disk fails",
    "SQLITE_NOTADB": "its file is not a SQLite database",
    "SQLITE_CORRUPT": "its file is damaged",
}
# by the beginning of the SQLSTATE; a connection that fails has none
_POSTGRESQL_REASONS = {
    "53100": "its disk is full",
    "55P03": "another program keeps it locked",
    "57014": "it takes too long",
    "57P": "it is being stopped",
    "25006": "it is read-only now",
    "42501": "its user may not do this",
}


class FeedbackUnavailableError(QuotestanceError):
    """The database cannot be used now; the text says why, and holds nothing of what was sent or of its URL."""


def open_engine(url: URL) -> Engine:
    """An engine for the database at `url`; nothing is connected yet. Raises InputError where a package is missing."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=_WAIT, connect_args={"timeout": _WAIT}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options: dict[str, Any] = {
        "application_name": "quotestance",
        "connect_timeout": _WAIT,
        "tcp_user_timeout": 1000 * _WAIT,  # a machine that is gone without a word
        "client_encoding": "utf8",
        "prepare_threshold": None,  # poolers that share connections know no prepared statements
    }
    try:
        engine = create_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=_WAIT,
            pool_pre_ping=True,
            connect_args={name: value for name, value in options.items() if name not in url.query},
        )
    except ModuleNotFoundError:
        raise InputError(
            "feedback in PostgreSQL needs a package that is not installed: pip install 'quotestance[postgres]'"
        ) from None
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine, for transactions that will write: SQLite then waits for its lock at the start."""
    return engine.execution_options(**{_WRITES: True})


def is_outage(error: SQLAlchemyError) -> bool:
    """Whether the database, and not what was asked of it, is why this failed."""
    return isinstance(error, DBAPIError | PoolTimeoutError)


def reason(error: SQLAlchemyError) -> str:
    """Why the database cannot be used, in words of ours."""
    if isinstance(error, PoolTimeoutError):
        return "it takes too long"
    cause = error.orig if isinstance(error, DBAPIError) else None
    for attribute, reasons in (("sqlite_errorname", _SQLITE_REASONS), ("sqlstate", _POSTGRESQL_REASONS)):
        code = getattr(cause, attribute, None) or ""
        for beginning, words in reasons.items():
            if code.startswith(beginning):
                return words
        if code:
            return f"it answers with {code}"
    return "it cannot be reached"


def words_of_driver(error: BaseException | None) -> str | None:
    """What the driver says where it was not about a statement: such words hold neither a password nor a text."""
    if isinstance(error, DBAPIError) and error.statement is None and not error.connection_invalidated:
        return " ".join(str(error.orig).split())
    return None


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours to send, also before what changes tables
    _write_ahead(connection)
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:
    # for this one change SQLite does not wait by itself when another process makes it, too
    until = time.monotonic() + _WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname not in ("SQLITE_BUSY", "SQLITE_LOCKED") or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    # a reader that begins to write does not wait for the lock but fails: so it is taken first
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    connection.exec_driver_sql(
        f"SET LOCAL statement_timeout = '{_LONGEST_STATEMENT}'; SET LOCAL lock_timeout = '{_WAIT}s'; "
        # a server may be set to acknowledge before its disk has it
        "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
    )
