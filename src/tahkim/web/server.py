"""What one server holds, and what requests take from it."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from string import ascii_uppercase
from typing import Annotated, Any

import msgspec
from fastapi import Depends
from fastapi.security import APIKeyCookie, HTTPBearer
from pydantic import BaseModel
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from tahkim.clock import now
from tahkim.gold.pseudonyms import Hide, pseudonym, pseudonymiser
from tahkim.project import Project
from tahkim.store import Role, Scope
from tahkim.web.access import ADMINS, COOKIE, EVERYBODY, LEADS, READERS, WORKERS, Access, Person, allow
from tahkim.web.beliefs import Beliefs
from tahkim.web.desk import Desk, State
from tahkim.web.queue import Queue
from tahkim.web.report import Report
from tahkim.web.telemetry import Metrics

BLIND_COOKIE = "tahkim_blind"
BLIND_SETTING = "blind"


class Server:
    """One project, served."""

    def __init__(self, project: Project, desk: Desk, access: Access) -> None:
        self.project = project
        self.desk = desk
        self.beliefs = Beliefs(project, desk.settings)
        self.queue = Queue(desk, self.beliefs)
        self.access = access
        self.metrics = Metrics()
        self.report = Report(project, desk)
        self.blind = project.store.settings().get(BLIND_SETTING) is True

    def stop(self) -> None:
        """End what runs beside the requests."""
        self.queue.stop()
        self.beliefs.stop()
        self.report.stop()

    def set_blind(self, blind: bool, by: str) -> None:
        """Hide the names of annotators from all leads, or show them; the log says who wanted it."""
        self.project.store.append("setting", {"name": BLIND_SETTING, "value": blind}, by=by, at=now())
        self.project.store.set(BLIND_SETTING, blind)
        self.blind = blind

    def hides_names(self, connection: HTTPConnection) -> bool:
        """Whether leads are to see no names of annotators: the project wants it so, or they chose it."""
        return self.blind or connection.cookies.get(BLIND_COOKIE) == "1"

    def names(self, connection: HTTPConnection, state: State) -> Callable[[str], str]:
        """What annotators are called in a document: their names, or letters in an order that tells nothing.

        Those who have a lane come first, so that a page begins with A.
        """
        if not self.hides_names(connection):
            return str

        def place(name: str) -> bytes:
            return hmac.digest(self.project.key, f"{state.document.id}\n{name}".encode(), "sha256")

        shown = {a.annotator for a in state.reading.annotations if a.votes}
        order = sorted((a.annotator for a in state.reading.annotations), key=lambda n: (n not in shown, place(n)))
        letters = {name: ascii_uppercase[number % 26] * (1 + number // 26) for number, name in enumerate(order)}
        return lambda name: letters.get(name, "?")

    def without_names(self, connection: HTTPConnection, value: Any, people: Iterable[str]) -> Any:
        """A JSON value whose reasons, which people typed, name none of `people` where names are hidden."""
        return _in_reasons(value, pseudonymiser(self.project.key, people)) if self.hides_names(connection) else value

    def name_everywhere(self, connection: HTTPConnection) -> Callable[[str], str]:
        """What annotators are called where many documents are shown at once: names or pseudonyms."""
        if not self.hides_names(connection):
            return str
        return lambda name: pseudonym(self.project.key, name)


def _in_reasons(value: Any, hide: Hide) -> Any:
    """A JSON value with its reasons hidden; a document's text, which may hold the same words, stays as it is."""
    if isinstance(value, dict):
        return {name: hide(item) if name == "reason" else _in_reasons(item, hide) for name, item in value.items()}
    return [_in_reasons(item, hide) for item in value] if isinstance(value, list) else value


def server_of(request: Request) -> Server:
    server = request.app.state.server
    assert isinstance(server, Server)
    return server


async def _the_server(request: Request) -> Server:
    """As `server_of`; asynchronous, since it need not wait for a thread."""
    return server_of(request)


TheServer = Annotated[Server, Depends(_the_server)]


def _asking(roles: tuple[Role, ...], scope: Scope | None) -> Any:
    def asking(request: Request) -> Person:
        person = allow(server_of(request).access.person(request), roles, scope)
        request.state.person = person.name
        return person

    return Depends(asking)


Anyone = Annotated[Person, _asking(EVERYBODY, None)]
Lead = Annotated[Person, _asking(LEADS, "decide")]
Reader = Annotated[Person, _asking(READERS, "gold")]
Worker = Annotated[Person, _asking(WORKERS, "decide")]
Admin = Annotated[Person, _asking(ADMINS, None)]
Watcher = Annotated[Person, _asking(EVERYBODY, "metrics")]


class Failure(BaseModel):
    """What is wrong, in words."""

    error: str


_WHY: dict[int, str] = {
    401: "no session and no token, or one that is not known",
    403: "a role or a scope that may not do this, or a write from another site",
    404: "not there",
    409: "decided or changed meanwhile: `decision` is what stands, `changes` the document as it is now",
    413: "a body that is too long, or does not say how long it is",
    422: "what was sent cannot be taken",
    503: "the store cannot be used",
}

SIGNED_IN = [Depends(HTTPBearer(auto_error=False)), Depends(APIKeyCookie(name=COOKIE, auto_error=False))]
"""What the description of the API says of who may ask; who may is decided by `allow`."""


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How the description of the API tells of these statuses."""
    return {status: {"model": Failure, "description": _WHY[status]} for status in statuses}


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), status, headers, "application/json")
