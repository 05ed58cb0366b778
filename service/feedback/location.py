"""Where the feedback is kept: the setting as a database URL, and the URL as it may be shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from quotestance.model.errors import InputError

OFF = "off"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_SHOWN_OPTIONS = ("host", "port", "dbname", "sslmode")  # others may hold a password


@dataclass(frozen=True, slots=True)
class Location:
    """One database; `make_folder` where its folder is ours to make."""

    url: URL = field(repr=False)
    make_folder: bool = False

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(str(self.url.database)) if self.url.get_backend_name() == "sqlite" else None

    def __str__(self) -> str:
        """For people and logs: a path, or the URL without what may be secret."""
        if self.file is not None:
            return str(self.file)
        options = {name: value for name, value in self.url.query.items() if name in _SHOWN_OPTIONS}
        return self.url.set(drivername="postgresql", query=options).render_as_string(hide_password=True)


def feedback_location(setting: str, environment: Mapping[str, str]) -> Location | None:
    """The database that a setting names, None for `off`; without a setting, a file in the user's state folder.

    Raises InputError for what is neither a path nor a usable URL; its text never holds the URL.
    """
    if setting.lower() == OFF:
        return None
    if not setting:
        return Location(_sqlite(_default_file(environment)), make_folder=True)
    if not _URL.match(setting):
        return Location(_sqlite(_expanded(setting)))
    try:
        url = make_url(setting)
    except (ArgumentError, ValueError):
        raise InputError(
            "feedback: not a usable database URL (not shown: it may hold a password); "
            "characters such as @ : / % within a password are written as %40 %3A %2F %25"
        ) from None
    if url.drivername in _SQLITE:
        if not url.database or url.database == ":memory:" or url.query:
            raise InputError("feedback: a SQLite URL must name a file and nothing else: sqlite:///folder/name.sqlite")
        return Location(_sqlite(Path(url.database)))
    if url.drivername not in _POSTGRESQL:
        raise InputError(f"feedback: cannot keep it in {url.drivername}; give a path, sqlite:///… or postgresql://…")
    return Location(url.set(drivername="postgresql+psycopg"))


def _default_file(environment: Mapping[str, str]) -> Path:
    state = Path(environment.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():
        state = _expanded("~") / ".local" / "state"
    return state / "quotestance" / "feedback.sqlite"


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InputError("feedback: no home folder to keep it in; name a file or a database, or off") from None


def _sqlite(file: Path) -> URL:
    if file.is_dir():
        raise InputError(f"feedback: {file} is a folder; name a file in it")
    return URL.create("sqlite+pysqlite", database=str(file.absolute()))
