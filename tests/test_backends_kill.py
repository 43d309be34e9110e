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
from msgspec.structs import asdict, replace

from project_of import COMMAND, done, sample_project
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
from tahkim.workflow import lead_desk
from tahkim.workflow.settle import decisions
from tools import access_to, on_desk

CORE = Setting(schemas.load(), "core")
KILLS = 5
"""Of push and of pull, for each tool: twenty in all."""
SERVER_KILLS = int(os.environ.get("TAHKIM_SERVER_KILLS", "1"))
"""Of push and of pull together with the server; a start takes ten seconds, so there are more only where asked for."""
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
def test_the_server_is_killed_in_the_midst_of_push_and_pull(
    tool: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    request.getfixturevalue(f"{tool.replace('-', '_')}_server")  # where there is none, this says why
    folder = tmp_path / "project"
    chance = random.Random(f"{tool} and its server")
    fill(folder, 150, 30)
    server = servers.up(tool, folder, print)

    def all_die(what: str, after: float) -> None:
        command = [*COMMAND, what, tool, "--project", str(folder)]
        working = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after)
        for pid, _ in server.processes:
            os.killpg(pid, signal.SIGKILL)
        working.kill()
        working.wait()
        servers.down(tool, folder)

    try:
        for _ in range(SERVER_KILLS):
            all_die("push", chance.uniform(2.0, 6.0))
            server = servers.up(tool, folder, print)
        done("push", tool, "--project", folder)
        with closing(connect(access_to(server))) as backend, projects.open_project(folder) as project:
            documents = {d.id: d for d in project.store.documents()}
            for desk in backend.desks(project.store.project_id):
                assert on_desk(backend, desk) == sorted(documents)
                if tool == "doccano":
                    found = list(backend.readings(desk, CORE))
                    assert sorted(reading.document.id for reading in found) == sorted(documents)
                    assert {(len(r.annotation.spans), len(r.annotation.relations)) for r in found} == {(30, 29)}
                for doc_id in ("d003", "d007"):
                    mine = Annotation(doc_id=doc_id, annotator=desk.annotator, spans=(Span("s1", 6, 11, "LOC"),))
                    account = work.Accounts(project, backend).of(desk.annotator)
                    backend.submit(desk, Item(documents[doc_id], None, mine), CORE, account)
        for _ in range(SERVER_KILLS):
            all_die("pull", chance.uniform(0.8, 4.0))
            server = servers.up(tool, folder, print)
        done("pull", tool, "--project", folder)
        with projects.open_project(folder) as project:
            for name in ("amal", "basil"):
                taken = [a for a in project.store.annotations(annotator=name) if a.votes]
                assert [a.doc_id for a in taken] == ["d003", "d007"]
                assert all(len(project.store.revisions(a.doc_id, name)) == 1 for a in taken)
    finally:
        servers.down(tool, folder)


def test_the_leads_desk_is_filled_and_read_through_kills(label_studio_server: Running, tmp_path: Path) -> None:
    chance = random.Random("lead")
    push = ("push", "label-studio", "--adjudication", "--project", str(tmp_path))
    with sample_project(tmp_path):
        reach(tmp_path, label_studio_server)
    for _ in range(3):
        killed(*push, after=chance.uniform(0.8, 3.0))
    done(*push)
    with projects.open_project(tmp_path) as project, closing(connect(access_to(label_studio_server))) as backend:
        (desk,) = backend.desks(lead_desk.desk_id(project))
        tasks = on_desk(backend, desk)
        assert len(tasks) == len(set(tasks)) > 1
        for task in tasks:
            # Nothing is marked on what the lead submits: each open question where something was is decided by it.
            document = replace(project.store.document(task.partition(" ")[0]), id=task)
            work_done = Annotation(doc_id=task, annotator="lead")
            backend.submit(desk, Item(document, None, work_done), lead_desk.setting_of(project), backend.admin)
        before = len(decisions(project))
    for _ in range(3):
        killed("pull", "label-studio", "--project", str(tmp_path), after=chance.uniform(0.8, 2.5))
    done("pull", "label-studio", "--project", tmp_path)
    with projects.open_project(tmp_path) as project, closing(connect(access_to(label_studio_server))) as backend:
        taken = [entry.payload["task"] for entry in project.store.entries(lead_desk.SUBMISSION)]
        assert sorted(taken) == tasks
        made = [each for each in decisions(project)[before:] if each.key is not None]
        assert made and len({each.key for each in made}) == len(made)
        again = lead_desk.pull(project, backend)
        assert again is not None and again.decisions == 0
        backend.remove(desk)


def test_a_leads_question_is_asked_once_through_kills(served: tuple[Path, Running]) -> None:
    folder, server = served
    chance = random.Random(f"{server.tool} is asked")
    done("push", server.tool, "--project", folder)
    with projects.open_project(folder) as project:
        for words in ("متى؟", "أين؟"):
            payload = {"doc_id": "d003", "call": project.store.last_revision(), "to": ["amal"], "reason": words}
            project.store.append("send_back", payload, by="lamis", at="2026-01-02T00:00:00Z")
    for _ in range(3):
        killed("push", server.tool, "--project", str(folder), after=chance.uniform(0.8, 2.5))
    done("push", server.tool, "--project", folder)
    with projects.open_project(folder) as project, closing(connect(access_to(server))) as backend:
        assert len(list(project.store.entries("asked"))) == 2
        for desk in backend.desks(project.store.project_id):
            asked = desk.annotator == "amal"
            if server.tool == "doccano":
                shown = [
                    each["text"].strip("\u2068\u2069")
                    for each in backend._comments(desk, backend._example_id(desk, "d003"))
                ]  # type: ignore[attr-defined]
                assert shown == (["متى؟", "أين؟"] if asked else [])
            else:
                task = backend._get(f"/api/tasks/{backend._task_id(desk, 'd003')}/")  # type: ignore[attr-defined]
                assert task["data"].get("question") == ("متى؟\nأين؟" if asked else None)
            assert on_desk(backend, desk) == sorted(d.id for d in project.store.documents())
            backend.remove(desk)
