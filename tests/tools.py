"""Real annotation servers for the tests: one of each for the whole session, started where it can be installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tahkim import servers
from tahkim.access import Access
from tahkim.backends import connect
from tahkim.backends.desks import Backend, Desk
from tahkim.errors import ServerError
from tahkim.servers import Running

_numbers = count(1)


def _serve(tool: str, folder: Path) -> Iterator[Running]:
    try:
        found = servers.up(tool, folder, print)
    except ServerError as error:
        pytest.skip(f"no {tool} here: {error}")
    try:
        yield found
    finally:
        servers.down(tool, folder)


@pytest.fixture(scope="session")
def label_studio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Label Studio of this session's own."""
    yield from _serve("label-studio", tmp_path_factory.mktemp("label-studio"))


@pytest.fixture(scope="session")
def doccano_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A doccano of this session's own, with its worker."""
    yield from _serve("doccano", tmp_path_factory.mktemp("doccano"))


def access_to(server: Running) -> Access:
    """How a project gets at a server of the session."""
    secret = server.token if server.tool == "label-studio" else server.password
    return Access(server.tool, server.url, server.user, secret)


def on_desk(backend: Any, desk: Desk) -> list[str]:
    """The documents on a desk, as often as they are on it."""
    if backend.tool == "doccano":
        return sorted(found.id for found, _ in backend._held_examples(desk))
    return sorted(task["data"]["doc_id"] for task in backend._listed(desk, "id,data"))


@pytest.fixture(params=["files", "label-studio", "doccano"])
def access(request: pytest.FixtureRequest, tmp_path: Path) -> Access:
    """Access to each tool: a test with it runs once for each."""
    if request.param == "files":
        return Access("files", str(tmp_path / "desks"), "", "")
    return access_to(request.getfixturevalue(f"{request.param.replace('-', '_')}_server"))


@pytest.fixture
def backend(access: Access) -> Iterator[Backend]:
    """Each tool's back end."""
    with closing(connect(access)) as connected:
        yield connected


@pytest.fixture
def project_id() -> str:
    """The id of a project that no other test has desks of."""
    return f"{next(_numbers):016x}"


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[float]]:
    """Pauses between tries last no time; what they would have been is kept."""
    pauses: list[float] = []
    monkeypatch.setattr("tahkim.backends.patience.sleep", pauses.append)
    return lambda: pauses
