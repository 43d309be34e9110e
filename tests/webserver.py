"""A real server on the sample project, and a real browser, for the tests of the workbench."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from tahkim import demo
from tahkim.adjudicate.strategies import Settings
from tahkim.project import Project, open_project
from tahkim.store import Entry
from tahkim.web.app import make_app
from tahkim.web.server import Server

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


class Site(NamedTuple):
    """A project being served in this process."""

    base: str
    project: Project
    server: Server

    def enter(self, page: Page) -> None:
        """Let a browser in by a one-time link."""
        page.goto(f"{self.base}/enter/{self.server.access.one_time_link()}")

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """An HTTP client that is in, as a browser's own pages are."""
        headers = {"origin": self.base}
        with httpx.Client(base_url=self.base, headers=headers, follow_redirects=True, timeout=60) as client:
            client.get(f"/enter/{self.server.access.one_time_link()}")
            yield client

    def decisions(self) -> list[dict[str, object]]:
        """The decisions of the log, as they are in the store."""
        return [dict(entry.payload) for entry in self.entries("decision")]

    def entries(self, kind: str | None = None) -> list[Entry]:
        return list(self.project.store.entries(kind))


@contextmanager
def serving(project: Project) -> Iterator[Site]:
    """Serve an open project from a thread until the block ends."""
    app = make_app(project, Settings())
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", project, app.state.server)
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project after the whole line; copied, never written to."""
    folder = tmp_path_factory.mktemp("sample") / "project"
    demo.run(folder, lambda items, what: items)
    return folder


@pytest.fixture
def sample_copy(sample_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_folder, tmp_path / "project"))


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Site]]:
    """A function that opens and serves a project folder; all of them stop when the test ends."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(serving(stack.enter_context(open_project(folder))))


@pytest.fixture
def site(sample_copy: Path, serve: Callable[[Path], Site]) -> Site:
    """The sample project, served."""
    return serve(sample_copy)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium that the system has; none is ever downloaded."""
    path = next((place for place in CHROMIUM if os.access(place, os.X_OK)), None)
    if path is None:
        pytest.skip("no Chromium: install the system's package (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of 1280 by 720 in English; an error in a script fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    window = context.new_page()
    window.set_default_timeout(8000)
    problems: list[str] = []
    window.on("pageerror", lambda error: problems.append(str(error)))
    window.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    yield window
    context.close()
    assert problems == []
