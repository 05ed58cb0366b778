"""A PostgreSQL server of the tests' own, from the machine's binaries: in a temporary folder, on a unix socket only."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

_UNPRIVILEGED = ("postgres", "nobody")  # the server refuses to run as root
_USER = "tester"


class PostgresServer:
    def __init__(self, binaries: Path, folder: Path, account: str | None) -> None:
        self._binaries = binaries
        self._folder = folder
        self._account = account
        self._data = folder / "data"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{_USER}@/{database}?host={self._folder}"

    def make(self) -> None:
        self._run("initdb", "-D", self._data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder} -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", self._folder / "log", "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-D", self._data, "-m", "immediate")

    def new_database(self, name: str, *options: str) -> str:
        """The URL of an empty database."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(" ".join([f'CREATE DATABASE "{name}"', *options]))
        return self.url(name)

    def _run(self, program: str, *arguments: str | Path) -> None:
        result = subprocess.run(
            [self._binaries / program, *arguments],
            cwd=self._folder,
            user=self._account,
            extra_groups=[] if self._account else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
        assert result.returncode == 0, f"{program} failed"


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A running server; the test is skipped, and says why, where there can be none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    initdb = str(found[-1]) if found else shutil.which("initdb")
    if initdb is None:
        pytest.skip("no PostgreSQL on this machine (initdb not found)")
    account = _account() if os.geteuid() == 0 else None
    # not in pytest's folder: that is closed to other users, and too long a path for a socket
    folder = Path(tempfile.mkdtemp(prefix="qs-pg-"))
    server = PostgresServer(Path(initdb).parent, folder, account)
    try:
        if account:
            shutil.chown(folder, account)
        server.make()
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> str:
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    pytest.skip("PostgreSQL does not run as root, and there is no other account")
