"""Death at any moment, of ours or of the server: afterwards every document and every reading is there exactly once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import asdict

from project_of import COMMAND, done
from tahkim import project as projects
from tahkim import schema as schemas
from tahkim import servers
from tahkim.access import write_secret
from tahkim.assign import Design
from tahkim.backends import connect
from tahkim.backends.desks import Item, Setting
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.servers import Running
from tahkim.workflow import desks as work
from tools import access_to, on_desk

CORE = Setting(schemas.load(), "core")
KILLS = 5
"""Of push and of pull, for each tool: twenty in all."""
TOOLS = ("label-studio", "doccano")


def fill(folder: Path, number: int, words: int) -> None:
    """A project of equal documents with a suggestion each, given out to two."""
    projects.init(folder)
    with projects.open_project(folder) as project:
        text = "قصف 😀 مدينة. " * words
        documents = [Document(id=f"d{n:03}", text=f"{text}{n}") for n in range(number)]
        spans = tuple(Span(f"s{n}", n * 13, n * 13 + 3, "SHELLING") for n in range(words))
        relations = tuple(Relation(f"r{n}", "causes", f"s{n}", f"s{n + 1}") for n in range(words - 1))
        project.store.add_documents(documents)
        suggestions = [
            Annotation(doc_id=d.id, annotator="rules@1", spans=spans, relations=relations) for d in documents
        ]
        project.store.add_annotations(suggestions, {}, "2026-01-01T00:00:00Z")
        work.assign_documents(project, Design(annotators=("amal", "basil")))


def reach(folder: Path, server: Running) -> None:
    """Let commands in a project find a server as if they had started it."""
    write_secret(folder / ".tahkim" / server.tool / "server.json", asdict(server))


def killed(*arguments: str, after: float) -> None:
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(after)
    process.kill()
    process.wait()


@pytest.fixture(params=TOOLS)
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Running]]:
    server: Running = request.getfixturevalue(f"{request.param.replace('-', '_')}_server")
    fill(tmp_path, 20, 5)
    reach(tmp_path, server)
    yield tmp_path, server


def test_push_and_pull_are_killed_again_and_again(served: tuple[Path, Running]) -> None:
    folder, server = served
    chance = random.Random(server.tool)
    for _ in range(KILLS):
        killed("push", server.tool, "--project", str(folder), after=chance.uniform(0.6, 5.0))
    done("push", server.tool, "--project", folder)
    with projects.open_project(folder) as project, closing(connect(access_to(server))) as backend:
        desks = backend.desks(project.store.project_id)
        assert sorted(desk.annotator for desk in desks) == ["amal", "basil"]
        documents = {d.id: d for d in project.store.documents()}
        accounts = work.Accounts(project, backend)
        for desk in desks:
            assert on_desk(backend, desk) == sorted(documents)
            for doc_id in ("d003", "d007"):
                mine = Annotation(doc_id=doc_id, annotator=desk.annotator, spans=(Span("s1", 6, 11, "LOC"),))
                backend.submit(desk, Item(documents[doc_id], None, mine), CORE, accounts.of(desk.annotator))
    for _ in range(KILLS):
        killed("pull", server.tool, "--project", str(folder), after=chance.uniform(0.6, 4.0))
    done("pull", server.tool, "--project", folder)
    with projects.open_project(folder) as project, closing(connect(access_to(server))) as backend:
        for name in ("amal", "basil"):
            taken = [a for a in project.store.annotations(annotator=name) if a.votes]
            assert [a.doc_id for a in taken] == ["d003", "d007"]
            assert all(len(project.store.revisions(a.doc_id, name)) == 1 for a in taken)
        for desk in backend.desks(project.store.project_id):
            assert on_desk(backend, desk) == sorted(documents)
            backend.remove(desk)


@pytest.mark.parametrize("tool", TOOLS)
def test_the_server_is_killed_in_the_midst_of_a_push(tool: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    request.getfixturevalue(f"{tool.replace('-', '_')}_server")  # where there is none, this says why
    folder = tmp_path / "project"
    fill(folder, 150, 30)
    server = servers.up(tool, folder, print)
    try:
        pushing = subprocess.Popen(
            [*COMMAND, "push", tool, "--project", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with closing(connect(access_to(server))) as backend, projects.open_project(folder) as project:
            while pushing.poll() is None and not backend.desks(project.store.project_id):
                time.sleep(0.2)
        time.sleep(2.0)
        for pid, _ in server.processes:
            os.killpg(pid, signal.SIGKILL)
        pushing.kill()
        pushing.wait()
        servers.down(tool, folder)
        server = servers.up(tool, folder, print)
        done("push", tool, "--project", folder)
        with closing(connect(access_to(server))) as backend, projects.open_project(folder) as project:
            expected = sorted(d.id for d in project.store.documents())
            for desk in backend.desks(project.store.project_id):
                assert on_desk(backend, desk) == expected
                if tool == "doccano":
                    found = list(backend.readings(desk, CORE))
                    assert sorted(reading.document.id for reading in found) == expected
                    assert {(len(r.annotation.spans), len(r.annotation.relations)) for r in found} == {(30, 29)}
    finally:
        servers.down(tool, folder)
