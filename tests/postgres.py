"""A real PostgreSQL for the tests: made in a folder of its own, gone afterwards.

Where the server is not installed the tests that need it are skipped by name. As root the server runs as the user
`postgres`, because it refuses root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sql

_numbers = count(1)


def _binaries() -> Path | None:
    """The folder of initdb and pg_ctl: the newest of Debian's, or that on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def _as_server_user(folder: Path) -> list[str]:
    """What to put before a command so that it does not run as root."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None or "postgres" not in {entry.pw_name for entry in pwd.getpwall()}:
        pytest.skip("PostgreSQL refuses to run as root, and there is no setpriv or no user postgres")
    shutil.chown(folder, "postgres", "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]


def _run(*command: str | Path, folder: Path) -> None:
    done = subprocess.run(
        [*map(str, command)], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout.decode(errors='replace')}")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[sql.URL]:
    """The maintenance database of a server that listens on a socket only."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin or on the PATH")
    # Not pytest's own folder: only its owner may enter that, and the path of a socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"
    try:
        user = _as_server_user(folder)
        control = [*user, binaries / "pg_ctl", "-D", data, "-w"]
        flags = ["-A", "trust", "-U", "tahkim", "-E", "UTF8", "--locale=C", "--no-sync"]
        _run(*user, binaries / "initdb", "-D", data, *flags, folder=folder)
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        _run(*control, "-o", options, "-l", folder / "server.log", "start", folder=folder)
        try:
            yield sql.URL.create("postgresql+psycopg", "tahkim", database="postgres", query={"host": str(folder)})
        finally:
            _run(*control, "-m", "immediate", "stop", folder=folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgresql_url(postgresql_server: sql.URL) -> Iterator[str]:
    """The URL of a fresh, empty database."""
    name = f"project_{next(_numbers)}"
    engine = sql.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield postgresql_server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store may be made, once of each kind: a test with it runs twice."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return str(tmp_path / "project")
