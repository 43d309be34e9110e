"""A whole store as rows, and a store made of such rows: what backups are, and moving between databases.

Rows carry all a store holds, its secrets too: the digests of sessions and tokens and the hashes of passwords.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from tahkim.errors import StoreError
from tahkim.store import tables
from tahkim.store.connect import WRITES, database, explained

ROWS_AT_ONCE = 500


class TableRow(NamedTuple):
    """A row and the table it is of; values are whole numbers, texts and None."""

    table: str
    values: Mapping[str, Any]


def rows(connection: Connection) -> Iterator[TableRow]:
    """Every row of every table, each table in the order of its key, tables after those they refer to."""
    for table in tables.ALL:
        with connection.execute(sql.select(table).order_by(*table.primary_key.columns)) as found:
            for row in found:
                yield TableRow(str(table.name), {str(column): value for column, value in row._mapping.items()})


def make(place: str | Path, version: int, content: Iterable[TableRow], wait: float = 30.0) -> None:
    """Make a store of this version and these rows, in one transaction, and bring it to today's version when opened.

    StoreError where there is a store already, or where this tahkim does not know the version.
    """
    if not 1 <= version <= len(tables.MIGRATIONS):
        raise StoreError(
            f"the backup is of store version {version}, this tahkim knows 1 to {len(tables.MIGRATIONS)}: upgrade tahkim"
        )
    opened = database(place, create=True, wait=wait)
    try:
        writer = opened.engine.execution_options(**{WRITES: True})
        with explained(opened.name, opened.secrets), writer.begin() as connection:
            if sql.inspect(connection).get_table_names():
                raise StoreError(f"{opened.name}: there is something already: restore into an empty place")
            tables.VERSIONS.create(connection)
            for number, migration in enumerate(tables.MIGRATIONS[:version], start=1):
                migration(connection)
                connection.execute(sql.insert(tables.VERSIONS), {"number": number})
            connection.execute(sql.delete(tables.SETTINGS))
            _fill(connection, content)
    finally:
        opened.engine.dispose()


def _fill(connection: Connection, content: Iterable[TableRow]) -> None:
    known = {table.name for table in tables.ALL}
    for name, group in groupby(content, key=lambda row: row.table):
        if name not in known:
            raise StoreError(f"the backup has a table {name}, which no store has: it is damaged")
        while batch := [dict(row.values) for row in islice(group, ROWS_AT_ONCE)]:
            # The columns are those the backup has: a later migration adds what came after.
            table = sql.table(name, *(sql.column(column) for column in batch[0]))
            connection.execute(sql.insert(table), batch)
