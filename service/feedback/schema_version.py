"""Brings the tables up to date, one program at a time, and refuses those of a newer program."""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from quotestance.service.feedback.database import FeedbackUnavailableError, writing

VERSION_TABLE = "feedback_version"
_LOCK = 7_128_309_514_260_873  # any number; programs that migrate this database must agree on it
_PATIENCE = "60s"  # another replica may be migrating a large table

_one_at_a_time = threading.Lock()  # Alembic keeps the migration under way in a global


def bring_up_to_date(engine: Engine) -> None:
    """Run the migrations that are missing.

    Raises FeedbackUnavailableError where the tables are newer than this program, or the database is not in UTF-8.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        _check_encoding(connection)
        if _is_current(connection, scripts):
            return
    with _one_at_a_time, writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '{_PATIENCE}'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        # with the lock: another replica may have been first
        if not _is_current(connection, scripts):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _is_current(connection: Connection, scripts: ScriptDirectory) -> bool:
    found = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    newest = scripts.get_current_head()
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise FeedbackUnavailableError(
            f"its tables have version {found}, which is newer than this program's {newest}; upgrade quotestance"
        )
    return found == newest


def _check_encoding(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise FeedbackUnavailableError(f"its encoding is {encoding}; create it with ENCODING 'UTF8'")
