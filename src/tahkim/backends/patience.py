"""Talking to servers that are busy, restarting, or far away: what is sent again, when, and what never is.

A request that changes something and whose answer was lost may have been carried out: it is never sent again blindly.
The caller gets `LostError`, looks, and sends what is still missing.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from time import sleep
from typing import NamedTuple, TypeVar

from tahkim.errors import ServerError

Answer = TypeVar("Answer")

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try."""

LONGEST_PAUSE = 60.0
"""What a `Retry-After` may ask for at most."""

LOOKS = 6
"""How often something whose answer was lost is looked for and sent again."""

TOO_BUSY, FAILED = 429, 500
PASSING = frozenset((TOO_BUSY, FAILED, 502, 503, 504))
"""Statuses after which another try makes sense. 500 is what both tools answer while their SQLite is locked."""


LATE = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between looks for what may still be under way: a proxy gives up before the server behind it does."""


class LostError(ServerError):
    """A request may or may not have been carried out: look before sending it again. `pending`: or it still will be."""

    def __init__(self, message: str, pending: bool = True) -> None:
        super().__init__(message)
        self.pending = pending


class Fault(NamedTuple):
    """Why a request failed. `status` None: the connection did, and `sent` says whether anything can have arrived."""

    message: str
    status: int | None = None
    sent: bool = True
    after: float = 0.0

    @property
    def passing(self) -> bool:
        """Whether it may be gone at the next try."""
        return self.status is None or self.status in PASSING


def patiently(
    call: Callable[[], Answer],
    fault_of: Callable[[Exception], Fault | None],
    *,
    repeatable: bool,
) -> Answer:
    """The answer of a call, tried again with growing pauses while its faults are passing.

    A call that is not `repeatable` is tried again only where the server cannot have taken it (no connection, 429);
    otherwise LostError. `fault_of` reads an exception, and answers None for one that is none of the server's.
    """
    for pause in (*PAUSES, None):
        try:
            return call()
        except Exception as error:
            fault = fault_of(error)
            if fault is None:
                raise
            if not fault.passing:
                raise ServerError(fault.message) from None
            if not repeatable and fault.sent and fault.status != TOO_BUSY:
                message = f"{fault.message}: it is not known whether that was done"
                raise LostError(message, pending=fault.status != FAILED) from None
            if pause is None:
                raise ServerError(f"{fault.message} (tried {len(PAUSES) + 1} times)") from None
            sleep(max(pause, min(fault.after, LONGEST_PAUSE)))
    raise AssertionError("the last pause is None")


def looking(send: Callable[[], object], done: Callable[[], bool]) -> None:
    """Send once what may not be sent twice: after a lost answer look whether it was done, and only else send again."""
    for _ in range(LOOKS - 1):
        try:
            send()
        except LostError as lost:
            if _done_late(done) if lost.pending else done():
                return
        else:
            return
    send()


def _done_late(done: Callable[[], bool]) -> bool:
    for pause in LATE:
        if done():
            return True
        sleep(pause)
    return done()


class Secrets:
    """Tokens and passwords in use, the administrator's first: so that no message holds one."""

    def __init__(self, first: str) -> None:
        self._known = [first]

    def __repr__(self) -> str:
        return "Secrets()"

    def add(self, *secrets: str) -> None:
        self._known += secrets

    def scrubbed(self, message: object) -> str:
        """A message in one line, and without secrets."""
        text = " ".join(str(message).split())
        for secret in filter(None, self._known):
            text = text.replace(secret, "***")
        return text

    def password(self, user: str) -> str:
        """A password for a user that we make: it follows from ours, so that it can be had again after a death."""
        return sha256(f"{self._known[0]}:{user}".encode()).hexdigest()[:16]


def retry_after(value: str | None) -> float:
    """Seconds that a `Retry-After` header asks for; 0 for a date or none.

    >>> retry_after("3"), retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), retry_after(None)
    (3.0, 0.0, 0.0)
    """
    return float(value) if value is not None and value.isascii() and value.isdecimal() else 0.0
