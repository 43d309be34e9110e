"""Push and pull beside each tool's own bulk import and export: `python benchmarks/backends.py [TOOL] [--documents N]`.

Starts real servers. Documents have 30 spans and 10 relations each. The tool's own import is one request a thousand
documents (doccano: an upload and its job) with a body that is ready; its own export is written to a file and not read.
Ours go from the project's store to the desk and back, checks included, each in a process of its own. A round does each
once, when the server has cleared away what it did before; what is printed are medians over the rounds: seconds, the
ratio of our rate to the tool's own in the same round, and the peak memory of our process.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from tahkim import cli, servers
from tahkim import project as projects
from tahkim import schema as schemas
from tahkim.access import Access
from tahkim.assign import Design
from tahkim.backends import connect
from tahkim.backends.desks import Desk, Item, Setting
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.project import Project
from tahkim.workflow import desks as work
from tahkim.workflow import pulling, pushing

SPANS, RELATIONS = 30, 10
LABELS = ("SHELLING", "DAMAGE")
SENTENCE = "قصف الجيش مدينة إدلب مساء السبت 😀. "
CORE = Setting(schemas.load(), "core")


def document(number: int) -> Document:
    return Document(id=f"d{number:06}", text=SENTENCE * SPANS + str(number))


def marks(doc_id: str, annotator: str, shift: int) -> Annotation:
    """A reading with a span in each sentence; `shift` makes one reading differ from another."""
    step = len(SENTENCE)
    spans = tuple(
        Span(f"s{n}", n * step, n * step + 3 + shift, LABELS[n % 2], {"factuality": "ASSERTED"}) for n in range(SPANS)
    )
    relations = tuple(Relation(f"r{n}", "causes", f"s{2 * n}", f"s{2 * n + 1}") for n in range(RELATIONS))
    return Annotation(doc_id=doc_id, annotator=annotator, spans=spans, relations=relations)


def suggestion(number: int) -> Annotation:
    return marks(document(number).id, "rules@1", 0)


def timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def own_import(backend: Any, desk: Desk, items: list[Item]) -> float:
    """The tool's own bulk import of a body that is ready."""
    if backend.tool == "label-studio":
        from tahkim.backends.label_studio import _task

        names = schemas.control_names(CORE.schema)
        body = json.dumps([_task(item, CORE, None, names) for item in items]).encode()
        path, head = f"/api/projects/{desk.id}/import", {"Content-Type": "application/json"}
        return timed(lambda: backend._http.post(path, content=body, headers=head).raise_for_status())
    from tahkim.backends.doccano import _line

    lines = b"".join(json.dumps(_line(item, "0", CORE)).encode() + b"\n" for item in items)

    def upload() -> None:
        sent = backend._send("POST", "fp/process/", repeatable=False, files={"filepond": ("x.jsonl", lines)})
        backend._import(desk, [sent.text])

    return timed(upload)


def own_export(backend: Any, desk: Desk) -> float:
    """The tool's own export, to a file."""
    with tempfile.TemporaryFile() as file:
        if backend.tool == "label-studio":

            def export() -> None:
                params = {"exportType": "JSON", "download_all_tasks": "true"}
                with backend._http.stream("GET", f"/api/projects/{desk.id}/export", params=params) as answer:
                    for chunk in answer.iter_bytes():
                        file.write(chunk)

            return timed(export)

        def download() -> None:
            body = {"format": "JSONL", "exportApproved": False}
            job = backend._post(f"projects/{desk.id}/download", body)["task_id"]
            backend._download(desk, job, file)

        return timed(download)


class Figure(NamedTuple):
    """What was done: the tool's own seconds (0 where it has nothing like it), ours, and our peak memory in MB."""

    what: str
    own: float
    ours: float
    memory: float


def ours(what: str, folder: Path, tool: str) -> tuple[float, float]:
    """Seconds and peak memory in MB of a push or pull, in a process that does nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_ours, what, folder, tool).result()


def _ours(what: str, folder: Path, tool: str) -> tuple[float, float]:
    cli.collect_seldom()
    with projects.open_project(folder) as project, work.back_end(project, tool) as backend:
        step = (
            partial(pushing.push, project, backend, lambda line: None)
            if what == "push"
            else partial(pulling.pull, project, backend)
        )
        return timed(step), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(tool: str, number: int, rounds: int, scratch: Path) -> Iterator[Figure]:
    """Each step of each round."""
    folder = scratch / "project"
    projects.init(folder)
    server = servers.up(tool, folder, print)
    secret = server.token if tool == "label-studio" else server.password
    try:
        with (
            closing(connect(Access(tool, server.url, server.user, secret))) as backend,
            projects.open_project(folder) as project,
        ):
            project.store.add_documents(map(document, range(number)))
            project.store.add_annotations(map(suggestion, range(number)), {}, "2026-01-01T00:00:00Z")
            work.assign_documents(project, Design(annotators=("amal",), per_document=1))
            account = work.Accounts(project, backend).of("amal")
            for _ in range(rounds):
                yield from _push_round(backend, project, number)
            desk = backend.open(project.store.project_id, "pull", "amal", account, CORE)
            done = (Item(document(n), None, marks(document(n).id, "amal", 1)) for n in range(number))
            backend.add(desk, done, CORE, account)
            for turn in range(rounds):
                yield from _pull_round(backend, desk, folder, scratch / f"copy{turn}")
    finally:
        servers.down(tool, folder)


def _push_round(backend: Any, project: Project, number: int) -> Iterator[Figure]:
    bare = backend.open("bee", "bare import", "nobody", backend.admin, CORE)
    own = 0.0
    for first in range(0, number, 1000):
        items = [Item(document(n), suggestion(n)) for n in range(first, min(first + 1000, number))]
        own += own_import(backend, bare, items)
    backend.remove(bare)
    backend.check()  # is answered when the server has nothing else left to do
    yield Figure("push", own, *ours("push", project.folder, backend.tool))
    yield Figure("push again", 0.0, *ours("push", project.folder, backend.tool))
    (desk,) = backend.desks(project.store.project_id)
    backend.remove(desk)
    backend.check()


def _pull_round(backend: Any, desk: Desk, folder: Path, copy: Path) -> Iterator[Figure]:
    """Into a copy of the project, which has pulled nothing yet."""
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("data", "*.log", "*.lock"))
    backend.check()
    own = own_export(backend, desk)
    backend.check()
    yield Figure("pull", own, *ours("pull", copy, backend.tool))
    yield Figure("pull again", 0.0, *ours("pull", copy, backend.tool))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tools", nargs="*", default=["label-studio", "doccano"])
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    for tool in chosen.tools:
        steps: dict[str, list[Figure]] = {}
        with tempfile.TemporaryDirectory() as scratch:
            for figure in run(tool, chosen.documents, chosen.rounds, Path(scratch)):
                steps.setdefault(figure.what, []).append(figure)
        for what, found in steps.items():
            seconds, own = median(f.ours for f in found), median(f.own for f in found)
            ratios = sorted(f.own / f.ours for f in found)
            beside = f"own {own:6.1f} s, {median(ratios):4.0%} of its rate ({ratios[0]:.0%} to {ratios[-1]:.0%})"
            memory = max(f.memory for f in found)
            print(f"{tool:13} {what:11} {seconds:6.1f} s {memory:5.0f} MB  {beside if own else ''}", flush=True)


if __name__ == "__main__":
    main()
