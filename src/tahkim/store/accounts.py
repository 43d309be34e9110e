"""People who use the server: users with a role, their sessions, and tokens for programs.

Passwords come in as hashes; of sessions and tokens only digests are kept, so that who reads the database cannot enter
with what is in it. Every change of users and tokens is an entry of the log, written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from tahkim.errors import UsageError
from tahkim.store import tables
from tahkim.store.project import Draft, Store, append_drafts

Role = Literal["annotator", "lead", "reader", "admin"]
Scope = Literal["gold", "metrics", "decide"]
ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)


class User(NamedTuple):
    """Someone who may log in; `name` is the name of an annotator where they are one."""

    name: str
    role: Role
    at: str


class Token(NamedTuple):
    """What a program shows instead of a password; it may do what `scope` says, and never more than its user."""

    id: str
    user: str
    scope: Scope
    at: str
    revoked: str | None


class Accounts:
    """The users of a project's store. Times are ISO 8601 in UTC, so that they compare as text."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def users(self) -> list[User]:
        """Everybody, by name."""
        table = tables.USERS
        with self._store.reading() as connection:
            rows = connection.execute(sql.select(table.c.name, table.c.role, table.c.at).order_by(table.c.name))
            return [User(*row) for row in rows]

    def user(self, name: str) -> User | None:
        return next((user for user in self.users() if user.name == name), None)

    def password(self, name: str) -> str | None:
        """The hash of a user's password, None when there is no such user."""
        table = tables.USERS
        with self._store.reading() as connection:
            return connection.scalar(sql.select(table.c.password).where(table.c.name == name))

    def add(self, name: str, role: str, password: str, *, by: str, at: str) -> None:
        """A new user. The first one ends every session that was opened while the project had none."""
        _known_role(role)
        table = tables.USERS
        with self._store.writing() as connection:
            if connection.scalar(sql.select(table.c.name).where(table.c.name == name)) is not None:
                raise UsageError(f"there is a user {name} already: choose another name, or change the role")
            if connection.scalar(sql.select(sql.func.count()).select_from(table)) == 0:
                connection.execute(sql.delete(tables.SESSIONS))
            connection.execute(sql.insert(table), {"name": name, "role": role, "password": password, "at": at})
            _enter(connection, {"action": "add", "name": name, "role": role}, by, at)

    def set_role(self, name: str, role: str, *, by: str, at: str) -> None:
        """Give a user another role, from their next request on."""
        _known_role(role)
        with self._store.writing() as connection:
            _existing(connection, name)
            connection.execute(sql.update(tables.USERS).where(tables.USERS.c.name == name).values(role=role))
            _enter(connection, {"action": "role", "name": name, "role": role}, by, at)

    def set_password(self, name: str, password: str, *, by: str, at: str) -> None:
        """Give a user another password; their sessions end."""
        with self._store.writing() as connection:
            _existing(connection, name)
            connection.execute(sql.update(tables.USERS).where(tables.USERS.c.name == name).values(password=password))
            connection.execute(sql.delete(tables.SESSIONS).where(tables.SESSIONS.c.user == name))
            _enter(connection, {"action": "password", "name": name}, by, at)

    def remove(self, name: str, *, by: str, at: str) -> None:
        """Take a user away, with their sessions and tokens; what they decided stays."""
        with self._store.writing() as connection:
            _existing(connection, name)
            if connection.scalar(sql.select(sql.func.count()).select_from(tables.USERS)) == 1:
                raise UsageError(f"{name} is the only user: without users anyone on this machine could enter")
            connection.execute(sql.delete(tables.USERS).where(tables.USERS.c.name == name))
            connection.execute(sql.delete(tables.SESSIONS).where(tables.SESSIONS.c.user == name))
            live = sql.and_(tables.TOKENS.c.user == name, tables.TOKENS.c.revoked.is_(None))
            connection.execute(sql.update(tables.TOKENS).where(live).values(revoked=at))
            _enter(connection, {"action": "remove", "name": name}, by, at)

    # Sessions.

    def open_session(self, digest: str, user: str, expires: str, at: str) -> None:
        """Remember a session until `expires`; what has expired by `at` is swept out."""
        with self._store.writing() as connection:
            connection.execute(sql.delete(tables.SESSIONS).where(tables.SESSIONS.c.expires <= at))
            connection.execute(sql.insert(tables.SESSIONS), {"digest": digest, "user": user, "expires": expires})

    def session(self, digest: str, at: str) -> str | None:
        """Whose session this is, None when there is none or it has expired."""
        table = tables.SESSIONS
        with self._store.reading() as connection:
            return connection.scalar(sql.select(table.c.user).where(table.c.digest == digest, table.c.expires > at))

    def close_session(self, digest: str) -> None:
        with self._store.writing() as connection:
            connection.execute(sql.delete(tables.SESSIONS).where(tables.SESSIONS.c.digest == digest))

    # Tokens.

    def add_token(self, token_id: str, digest: str, user: str, scope: str, *, by: str, at: str) -> None:
        """A new token of a user; UsageError for a scope that is none of SCOPES."""
        if scope not in SCOPES:
            raise UsageError(f"unknown scope {scope!r}: choose one of {', '.join(SCOPES)}")
        with self._store.writing() as connection:
            _existing(connection, user)
            row = {"id": token_id, "digest": digest, "user": user, "scope": scope, "at": at}
            connection.execute(sql.insert(tables.TOKENS), row)
            _enter(connection, {"action": "token", "name": user, "token": token_id, "scope": scope}, by, at)

    def revoke_token(self, token_id: str, *, by: str, at: str) -> None:
        """Make a token worthless; UsageError when there is no such token that is still good."""
        table = tables.TOKENS
        with self._store.writing() as connection:
            live = sql.and_(table.c.id == token_id, table.c.revoked.is_(None))
            user = connection.scalar(sql.select(table.c.user).where(live))
            if user is None:
                raise UsageError(f"there is no token {token_id} to revoke: `tahkim user list` shows those there are")
            connection.execute(sql.update(table).where(live).values(revoked=at))
            _enter(connection, {"action": "revoke", "name": user, "token": token_id}, by, at)

    def tokens(self) -> list[Token]:
        """All tokens, revoked ones too, by user and time."""
        table = tables.TOKENS
        columns = (table.c.id, table.c.user, table.c.scope, table.c.at, table.c.revoked)
        with self._store.reading() as connection:
            rows = connection.execute(sql.select(*columns).order_by(table.c.user, table.c.at, table.c.id))
            return [Token(*row) for row in rows]

    def token(self, digest: str) -> Token | None:
        """The token with this digest, unless it was revoked."""
        table = tables.TOKENS
        columns = (table.c.id, table.c.user, table.c.scope, table.c.at, table.c.revoked)
        with self._store.reading() as connection:
            found = sql.select(*columns).where(table.c.digest == digest, table.c.revoked.is_(None))
            row = connection.execute(found).one_or_none()
        return None if row is None else Token(*row)


def _known_role(role: str) -> None:
    if role not in ROLES:
        raise UsageError(f"unknown role {role!r}: choose one of {', '.join(ROLES)}")


def _existing(connection: Connection, name: str) -> None:
    if connection.scalar(sql.select(tables.USERS.c.name).where(tables.USERS.c.name == name)) is None:
        raise UsageError(f"there is no user {name}: `tahkim user list` shows those there are")


def _enter(connection: Connection, payload: Mapping[str, Any], by: str, at: str) -> None:
    append_drafts(connection, [Draft("user", payload, by, at)])
