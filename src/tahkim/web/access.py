"""Who is asking, and what they may do.

A person has a session, kept in a cookie that scripts cannot read; a program has a token. In a project without users
the one who started the server enters by a link that works once. Writes with a cookie must come from our own pages.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.requests import HTTPConnection

from tahkim.clock import now, seconds_from_now
from tahkim.errors import UsageError
from tahkim.store import Accounts, Role, Scope

COOKIE = "tahkim_session"
SESSION_SECONDS = 14 * 24 * 3600
SHORTEST_PASSWORD = 10
ATTEMPTS, WINDOW = 5, 300.0
"""How many failed logins of one name, or four times as many from one address, are borne in how many seconds."""

EVERYBODY: tuple[Role, ...] = ("annotator", "lead", "reader", "admin")
WORKERS: tuple[Role, ...] = ("annotator", "lead", "admin")
LEADS: tuple[Role, ...] = ("lead", "admin")
READERS: tuple[Role, ...] = ("reader", "lead", "admin")
ADMINS: tuple[Role, ...] = ("admin",)

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_hex())


class Person(NamedTuple):
    """Who is asking. `scope` is None for a session: a person may do all that the role may."""

    name: str
    role: Role
    scope: Scope | None = None


class DeniedError(Exception):
    """A request that may not be answered: 401 who are you, 403 not you, 429 not now (with seconds to wait)."""

    def __init__(self, status: int, message: str, wait: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.wait = wait


def digest(secret: str) -> str:
    """What is kept of a session or a token: they have 256 random bits, so a plain hash is enough."""
    return sha256(secret.encode()).hexdigest()


def hash_password(password: str) -> str:
    """An argon2id hash; UsageError for a password that is too short to be one."""
    if len(password) < SHORTEST_PASSWORD:
        raise UsageError(f"a password has at least {SHORTEST_PASSWORD} characters")
    return _HASHER.hash(password)


def new_token(accounts: Accounts, user: str, scope: str, *, by: str) -> str:
    """A token for a program, told once; only its digest is kept."""
    token_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    token = f"tahkim_{token_id}_{secret}"
    accounts.add_token(token_id, digest(token), user, scope, by=by, at=now())
    return token


class Access:
    """The door: logins, sessions, tokens, the one-time link of a project without users."""

    def __init__(
        self, accounts: Accounts, local_name: str = "lead", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.accounts = accounts
        self.local_name = local_name
        self._clock = clock
        self._guard = threading.Lock()
        self._failures: dict[str, deque[float]] = defaultdict(deque)
        self._link: str | None = None

    def one_time_link(self) -> str:
        """A secret that opens one session in a project without users; the one before it is worthless then."""
        self._link = secrets.token_urlsafe(24)
        return self._link

    def enter(self, secret: str) -> str:
        """A session for who has the one-time link; DeniedError when it is another, or was used."""
        with self._guard:
            if self._link is None or not secrets.compare_digest(self._link.encode(), secret.encode()):
                raise DeniedError(403, "this link was used already, or is none of this server")
            self._link = None
        if self.accounts.users():
            raise DeniedError(403, "this project has users now: log in")
        return self._open(self.local_name)

    def log_in(self, name: str, password: str, address: str) -> str:
        """A session for a name and password; DeniedError for wrong ones, and for too many of them."""
        keys = (f"name {name}", f"address {address}")
        self._refuse_too_many(keys)
        known = self.accounts.password(name)
        # Verified for unknown names too, so that the time taken does not tell which names there are.
        if not _verified(known or _NOBODY, password) or known is None:
            self._remember_failure(keys)
            raise DeniedError(401, "wrong name or password")
        return self._open(name)

    def _open(self, name: str) -> str:
        secret = secrets.token_urlsafe(32)
        self.accounts.open_session(digest(secret), name, seconds_from_now(SESSION_SECONDS), now())
        return secret

    def log_out(self, secret: str) -> None:
        self.accounts.close_session(digest(secret))

    def _refuse_too_many(self, keys: tuple[str, str]) -> None:
        with self._guard:
            for key, most in zip(keys, (ATTEMPTS, 4 * ATTEMPTS), strict=True):
                failures = self._failures[key]
                while failures and failures[0] <= self._clock() - WINDOW:
                    failures.popleft()
                if len(failures) >= most:
                    wait = int(failures[0] + WINDOW - self._clock()) + 1
                    raise DeniedError(429, f"too many failed logins: try again in {wait} seconds", wait)
                if not failures:
                    del self._failures[key]

    def _remember_failure(self, keys: tuple[str, str]) -> None:
        with self._guard:
            for key in keys:
                self._failures[key].append(self._clock())

    def person(self, connection: HTTPConnection) -> Person | None:
        """Who sent a request; None for nobody known. DeniedError for a token that is not known."""
        header = connection.headers.get("authorization", "")
        if header:
            return self._by_token(header)
        secret = connection.cookies.get(COOKIE)
        name = self.accounts.session(digest(secret), now()) if secret else None
        if name is None:
            return None
        users = {user.name: user.role for user in self.accounts.users()}
        if not users:
            return Person(name, "admin")
        return Person(name, users[name]) if name in users else None

    def _by_token(self, header: str) -> Person:
        kind, _, secret = header.partition(" ")
        token = self.accounts.token(digest(secret.strip())) if kind.lower() == "bearer" else None
        user = self.accounts.user(token.user) if token is not None else None
        if token is None or user is None:
            raise DeniedError(401, "this token is not known, or was revoked")
        return Person(user.name, user.role, token.scope)


def allow(person: Person | None, roles: tuple[Role, ...], scope: Scope | None) -> Person:
    """The person, if their role is one of `roles` and, for a token, its scope is the one given; else DeniedError."""
    if person is None:
        raise DeniedError(401, "log in first")
    if person.role not in roles or (person.scope is not None and person.scope != scope):
        raise DeniedError(403, f"{person.name} may not do this: it takes the role {' or '.join(roles)}")
    return person


def is_ours(connection: HTTPConnection) -> bool:
    """Whether a write comes from one of our own pages: what browsers say of its origin must be this very host."""
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if origin is not None:
        return origin.partition("://")[2] == connection.headers.get("host")
    return site in ("same-origin", "none")


def _verified(known: str, password: str) -> bool:
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False
