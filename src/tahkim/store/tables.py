"""The store's tables, and the numbered steps that bring a database to them.

A step is never changed once a release has it: a new one is added at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from tahkim.errors import StoreError

_metadata = sql.MetaData()

DOCUMENTS = sql.Table(
    "documents",
    _metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("text", sql.Text),
    sql.Column("sha256", sql.Text),
    sql.Column("length", sql.BigInteger),
    sql.Column("meta", sql.Text),
    sql.Column("group", sql.Text, quote=True),
    sql.Column("call", sql.BigInteger, quote=True),
    sql.Column("redacted", sql.Text),
)
FORMER = sql.Table(
    "former_facts",
    _metadata,
    sql.Column("doc_id", sql.Text, primary_key=True),
    sql.Column("call", sql.BigInteger, primary_key=True, quote=True),
    sql.Column("meta", sql.Text),
    sql.Column("group", sql.Text, quote=True),
)
ANNOTATIONS = sql.Table(
    "annotations",
    _metadata,
    sql.Column("doc_id", sql.Text, primary_key=True),
    sql.Column("annotator", sql.Text, primary_key=True),
    sql.Column("revision", sql.BigInteger, primary_key=True),
    sql.Column("status", sql.Text),
    sql.Column("hash", sql.Text),
    sql.Column("at", sql.Text),
    sql.Column("source", sql.Text),
    sql.Column("body", sql.Text),
    sql.Column("call", sql.BigInteger, quote=True),
)
LOG = sql.Table(
    "log",
    _metadata,
    sql.Column("n", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("kind", sql.Text),
    sql.Column("at", sql.Text),
    sql.Column("by", sql.Text, quote=True),
    sql.Column("unique_key", sql.Text),
    sql.Column("payload", sql.Text),
    sql.Column("prev", sql.Text),
    sql.Column("hash", sql.Text),
)
SETTINGS = sql.Table(
    "settings", _metadata, sql.Column("name", sql.Text, primary_key=True), sql.Column("value", sql.Text)
)
USERS = sql.Table(
    "users",
    _metadata,
    sql.Column("name", sql.Text, primary_key=True),
    sql.Column("role", sql.Text),
    sql.Column("password", sql.Text),
    sql.Column("at", sql.Text),
)
SESSIONS = sql.Table(
    "sessions",
    _metadata,
    sql.Column("digest", sql.Text, primary_key=True),
    sql.Column("user", sql.Text, quote=True),
    sql.Column("expires", sql.Text),
)
TOKENS = sql.Table(
    "tokens",
    _metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("digest", sql.Text),
    sql.Column("user", sql.Text, quote=True),
    sql.Column("scope", sql.Text),
    sql.Column("at", sql.Text),
    sql.Column("revoked", sql.Text),
)
VERSIONS = sql.Table(
    "tahkim_migrations", _metadata, sql.Column("number", sql.BigInteger, primary_key=True, autoincrement=False)
)

ALL = (SETTINGS, DOCUMENTS, FORMER, ANNOTATIONS, LOG, USERS, SESSIONS, TOKENS)
"""Every table but that of the migrations, after those it refers to."""

# PostgreSQL sorts names as bytes only when told to; SQLite always does.
_NAME = {"sqlite": "TEXT", "postgresql": 'TEXT COLLATE "C"'}

_APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER log_no_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
        "CREATE TRIGGER log_no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$",
        "CREATE TRIGGER log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON log "
        "FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only()",
    ),
}


def _require_utf8(connection: Connection) -> None:
    encoding = connection.scalar(sql.text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise StoreError(
            f"the database's encoding is {encoding}, which cannot hold every text: make one with ENCODING 'UTF8'"
        )


def _first_tables(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        _require_utf8(connection)
    name = _NAME[connection.dialect.name]
    statements = (
        f"CREATE TABLE settings (name {name} PRIMARY KEY, value TEXT NOT NULL)",
        f"""CREATE TABLE documents (
            id {name} PRIMARY KEY, text TEXT NOT NULL, sha256 TEXT NOT NULL, length BIGINT NOT NULL,
            meta TEXT NOT NULL, "group" TEXT, "call" BIGINT NOT NULL)""",
        'CREATE INDEX documents_call ON documents ("call")',
        f"""CREATE TABLE annotations (
            doc_id {name} NOT NULL REFERENCES documents (id), annotator {name} NOT NULL, revision BIGINT NOT NULL,
            status TEXT NOT NULL, hash TEXT NOT NULL, at TEXT NOT NULL, source TEXT NOT NULL, body TEXT NOT NULL,
            "call" BIGINT NOT NULL, PRIMARY KEY (doc_id, annotator, revision))""",
        'CREATE INDEX annotations_call ON annotations ("call")',
        f"""CREATE TABLE log (
            n BIGINT PRIMARY KEY, kind {name} NOT NULL, at TEXT NOT NULL, "by" TEXT NOT NULL, unique_key {name},
            payload TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL, UNIQUE (kind, unique_key))""",
        *_APPEND_ONLY[connection.dialect.name],
    )
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.execute(sql.insert(SETTINGS), {"name": "project", "value": f'"{token_hex(8)}"'})


def _accounts(connection: Connection) -> None:
    """People who use the server. Of sessions and tokens only digests are kept."""
    name = _NAME[connection.dialect.name]
    for statement in (
        f"CREATE TABLE users (name {name} PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, at TEXT NOT NULL)",
        f"""CREATE TABLE sessions (digest {name} PRIMARY KEY, "user" {name} NOT NULL, expires TEXT NOT NULL)""",
        f"""CREATE TABLE tokens (
            id {name} PRIMARY KEY, digest TEXT NOT NULL UNIQUE, "user" {name} NOT NULL, scope TEXT NOT NULL,
            at TEXT NOT NULL, revoked TEXT)""",
    ):
        connection.exec_driver_sql(statement)


def _former_facts(connection: Connection) -> None:
    """What a document's meta and group were before a call changed them; and when a document was redacted."""
    name = _NAME[connection.dialect.name]
    connection.exec_driver_sql("ALTER TABLE documents ADD COLUMN redacted TEXT")
    connection.exec_driver_sql(
        f"""CREATE TABLE former_facts (
            doc_id {name} NOT NULL REFERENCES documents (id), "call" BIGINT NOT NULL, meta TEXT NOT NULL, "group" TEXT,
            PRIMARY KEY (doc_id, "call"))"""
    )


MIGRATIONS: list[Callable[[Connection], None]] = [_first_tables, _accounts, _former_facts]
