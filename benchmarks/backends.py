"""Push and pull beside each tool's own bulk import and export: `python benchmarks/backends.py [TOOL] [--documents N]`.

Starts real servers. Documents have 30 spans and 10 relations each. The tool's own import is one request (doccano: one
upload and its job) with a body that is ready; its own export is written to a file and not read. Ours go from the
project's store to the desk and back, checks included. Prints seconds, documents a second, the ratio, and our peak
memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from tahkim import project as projects
from tahkim import schema as schemas
from tahkim import servers
from tahkim.access import Access
from tahkim.assign import Design
from tahkim.backends import connect
from tahkim.backends.desks import Backend, Desk, Item, Setting
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.workflow import desks as work

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

    lines = b"".join(json.dumps(_line(item, "0")).encode() + b"\n" for item in items)

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


def run(tool: str, number: int, folder: Path) -> list[tuple[str, float, float]]:
    """What was done, the tool's own seconds, and ours."""
    server = servers.up(tool, folder, print)
    secret = server.token if tool == "label-studio" else server.password
    documents = [document(n) for n in range(number)]
    try:
        with (
            closing(connect(Access(tool, server.url, server.user, secret))) as backend,
            projects.open_project(folder) as project,
        ):
            project.store.add_documents(documents)
            project.store.add_annotations((marks(d.id, "rules@1", 0) for d in documents), {}, "2026-01-01T00:00:00Z")
            work.assign_documents(project, Design(annotators=("amal",), per_document=1))
            bare = backend.open("bee", "bare import", "nobody", backend.admin, CORE)
            chunks = [documents[at : at + 1000] for at in range(0, number, 1000)]
            theirs = sum(
                own_import(backend, bare, [Item(d, marks(d.id, "rules@1", 0)) for d in chunk]) for chunk in chunks
            )
            account = work.Accounts(project, backend).of("amal")
            backend.open(project.store.project_id, "push", "amal", account, CORE)
            ours = timed(partial(work.push, project, backend, lambda line: None))
            rows = [("import", theirs, ours)]
            (desk,) = backend.desks(project.store.project_id)
            rows.append(("again", 0.0, timed(partial(work.push, project, backend, lambda line: None))))
            backend.remove(desk)
            desk = backend.open(project.store.project_id, "pull", "amal", account, CORE)
            _annotated(backend, desk, documents, account)
            rows.append(("export", own_export(backend, desk), timed(partial(work.pull, project, backend))))
            rows.append(("again", 0.0, timed(partial(work.pull, project, backend))))
    finally:
        servers.down(tool, folder)
    return rows


def _annotated(backend: Backend, desk: Desk, documents: list[Document], account: Any) -> None:
    backend.add(desk, (Item(d, None, marks(d.id, "amal", 1)) for d in documents), CORE, account)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tools", nargs="*", default=["label-studio", "doccano"])
    parser.add_argument("--documents", type=int, default=1000)
    chosen = parser.parse_args()
    for tool in chosen.tools:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "project"
            projects.init(folder)
            for what, theirs, ours in run(tool, chosen.documents, folder):
                rate = f"{chosen.documents / ours:8.0f}/s"
                ratio = f"tool's own {theirs:7.1f} s, {theirs / ours:5.0%} of its rate" if theirs else "nothing to do"
                print(f"{tool:14} {what:8} {ours:7.1f} s {rate}  {ratio}")
        print(
            f"{tool:14} peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
        )


if __name__ == "__main__":
    main()
