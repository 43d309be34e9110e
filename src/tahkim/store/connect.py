"""Getting to a database: what a store's name means, how connections begin, and its errors in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from tahkim.errors import StoreError
from tahkim.writing import reason

ADVISORY_LOCK = 0x7461686B696D
"""What writers of one PostgreSQL database take in turn ("tahkim" in ASCII)."""

WRITES = "tahkim_writes"
"""The execution option of connections that write."""

_NO_DISK = "the disk is full or failing; nothing of this command was kept"
_BUSY = "another command is writing to it: try again when that is done"
_MEANINGS = {
    "database is locked": _BUSY,
    "lock timeout": _BUSY,
    "file is not a database": "is no tahkim project, or is damaged: put back a copy of the file",
    "malformed": "is damaged: put back a copy of the file",
    "database or disk is full": _NO_DISK,
    "disk I/O error": _NO_DISK,
    "No space left on device": _NO_DISK,
    "readonly database": "may not be written to: check who owns the file and its folder",
    "unable to open database file": "cannot be opened: check that its folder is there and may be written to",
    "Connection refused": "no server answers there: check host and port, and that PostgreSQL runs",
}


class Database(NamedTuple):
    """A database that can be talked to. `name` is what messages call it; `secrets` never stand in one."""

    engine: Engine
    name: str
    secrets: tuple[str, ...] = ()


@contextmanager
def explained(name: str, secrets: Sequence[str] = ()) -> Iterator[None]:
    """Turn a database's errors into a StoreError in our words."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(f"{name}: {_meaning(error, secrets)}") from None


def _meaning(error: Exception, secrets: Sequence[str]) -> str:
    message = str(getattr(error, "orig", None) or error).strip()
    for sign, meaning in _MEANINGS.items():
        if sign in message:
            return meaning
    first_line = message.partition("\n")[0]
    for secret in secrets:
        first_line = first_line.replace(secret, "***")
    return first_line


def no_project(place: str) -> StoreError:
    return StoreError(f"no project at {place}: run `tahkim init DIR`")


def database(place: str | Path, create: bool, wait: float) -> Database:
    """The database of a project folder, a `.db` file or a `postgresql://` URL.

    With `create`, an SQLite file and its folder are made. `wait` is how many seconds a writer waits for another.
    """
    if "://" in str(place):
        return _postgresql(str(place), wait)
    folder = Path(place)
    path = folder if folder.suffix == ".db" else folder / ".tahkim" / "project.db"
    if create:
        _make_file(path, wait)
    elif not path.is_file():
        raise no_project(str(place))
    return _sqlite(path, wait)


def _make_file(path: Path, wait: float) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent}: cannot be made: {reason(error)}") from error
    with explained(str(path)), closing(sqlite3.connect(path, timeout=wait)) as made:
        made.execute("PRAGMA journal_mode = WAL")


def _sqlite(path: Path, wait: float) -> Database:
    engine = sql.create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": wait})

    @sql.event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _: object) -> None:
        # The driver would begin transactions only at the first INSERT: reads would not see one state.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @sql.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return Database(engine, str(path))


def _postgresql(place: str, wait: float) -> Database:
    url = _url(place)
    name = (
        f"postgresql://{url.host or url.query.get('host', '')}{f':{url.port}' if url.port else ''}/{url.database or ''}"
    )
    connect_args: dict[str, Any] = {"connect_timeout": 10, "client_encoding": "utf8"}
    try:
        engine = sql.create_engine(url, connect_args=connect_args)
    except ImportError:
        raise StoreError(f"{name}: PostgreSQL needs an extra: pip install 'tahkim[postgres]'") from None

    @sql.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES, False):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, round(wait * 1000))}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")

    secrets = (url.password, url.query.get("password"))
    return Database(engine, name, tuple(secret for secret in secrets if isinstance(secret, str) and secret))


def _url(place: str) -> URL:
    """The URL of a PostgreSQL server with its driver. Errors never repeat it: there may be a password in it."""
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):
        raise StoreError(
            "the store's URL cannot be read: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
            "with special characters in USER and PASSWORD as %XX"
        ) from None
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise StoreError(f"a store is a folder or a postgresql:// URL, not {url.drivername}://")
    return url.set(drivername="postgresql+psycopg")
