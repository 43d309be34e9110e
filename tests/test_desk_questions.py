"""A lead's question goes to the annotator's desk and comes back answered, in files, Label Studio and doccano alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from project_of import done
from tahkim import project as projects
from tahkim.access import Access
from tahkim.assign import Design
from tahkim.backends import connect
from tahkim.backends.desks import Backend, Desk, Item, within
from tahkim.backends.doccano import Doccano
from tahkim.backends.files import read_annotations, read_documents
from tahkim.backends.label_studio import LabelStudio
from tahkim.demo import SAMPLE
from tahkim.model import Annotation
from tahkim.project import Project
from tahkim.workflow import desks as work
from tahkim.workflow import intake, pulling, pushing
from tahkim.workflow.questions import questions

WORDS = "هل هذا <b>هجوم</b> أم قصف؟"
ANSWER = "قصف، كما في الفقرة ١٤"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two sample reports, both given to amal."""
    projects.init(tmp_path / "project")
    with projects.open_project(tmp_path / "project") as opened:
        intake.ingest(opened, list(read_documents(SAMPLE / "reports.jsonl"))[:2])
        work.assign_documents(opened, Design(annotators=("amal",), per_document=1))
        yield opened


def answer(backend: Backend, desk: Desk, doc_id: str, account: work.Account) -> None:
    """Answer as the annotator does in the tool, marks untouched."""
    if isinstance(backend, LabelStudio):
        path = f"/api/tasks/{backend._task_id(desk, doc_id)}/annotations/"
        (old,) = backend._get(path)
        said = {
            "from_name": "tahkim-answer",
            "to_name": "text",
            "type": "textarea",
            "value": {"text": [ANSWER]},
            "id": "a",
        }
        body = {"result": [*old["result"], said]}
        backend._http.patch(f"/api/annotations/{old['id']}/", json=body).raise_for_status()
    elif isinstance(backend, Doccano):
        number = backend._example_id(desk, doc_id)
        backend._post(f"projects/{desk.id}/comments?example={number}", {"text": ANSWER}, account)
        backend._confirm_one(desk, number, account)
    else:
        file = Path(desk.id)
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        for line in lines:
            if line["doc_id"] == doc_id:
                assert line["questions"] and line["answer"] == ""
                line |= {"answer": ANSWER, "status": "submitted"}
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def stored(project: Project, doc_id: str) -> Annotation:
    (found,) = [a for a in project.store.annotations(doc_ids=[doc_id]) if a.annotator == "amal"]
    return found


def test_a_question_goes_out_once_and_its_answer_comes_back_once(project: Project, backend: Backend) -> None:
    def push() -> int:
        (pushed,) = pushing.push(project, backend, lambda line: None)
        return pushed.asked

    def pull() -> int:
        (pulled,) = pulling.pull(project, backend)
        assert pulled.problems == []
        return pulled.answered

    def ask(words: str) -> None:
        payload = {"doc_id": doc_id, "call": project.store.last_revision(), "to": ["amal"], "reason": words}
        project.store.append("send_back", payload, by="lamis", at="2026-01-02T00:00:00Z")

    assert push() == 0
    (desk,) = backend.desks(project.store.project_id)
    account = work.Accounts(project, backend).of("amal")
    setting = work.setting_of(project)
    sample = {a.doc_id: a for a in read_annotations(SAMPLE / "annotations.jsonl").annotations if a.annotator == "amal"}
    doc_id = next(d.id for d in project.store.documents() if sample[d.id].status == "submitted")
    document = project.store.document(doc_id)
    reading = replace(within(sample[doc_id], setting, backend.holds_attributes), started_from=None)
    backend.submit(desk, Item(document, None, reading), setting, account)
    assert pull() == 0
    assert stored(project, doc_id).votes
    ask(WORDS)
    assert [push(), push()] == [1, 0]
    # Reopened in the tool or not: what was submitted counts until it is submitted again.
    assert pull() == 0
    assert stored(project, doc_id).votes
    answer(backend, desk, doc_id, account)
    assert [pull(), pull()] == [1, 0]
    (asked,) = questions(project)
    assert (asked.text, asked.answer, asked.annotator) == (WORDS, ANSWER, "amal")
    assert stored(project, doc_id).votes
    # Another question is not answered by the words that answered the first; a corrected reading answers it.
    ask("ومتى؟")
    assert [push(), push(), pull()] == [1, 0, 0]
    fewer = replace(reading, spans=reading.spans[:1], relations=())
    backend.submit(desk, Item(document, None, fewer), setting, account)
    assert [pull(), pull()] == [1, 0]
    assert [each.answer for each in questions(project)] == [ANSWER, ""]
    assert len(stored(project, doc_id).spans) == 1
    # The same words again are another question.
    ask("ومتى؟")
    assert [push(), push(), pull()] == [1, 0, 0]
    waits = f"{doc_id} waits for amal: ومتى؟ (2)"
    assert waits in done("conflicts", "--project", project.folder).stderr
    if isinstance(backend, Doccano):
        comments = backend._comments(desk, backend._example_id(desk, doc_id))
        shown = [each["text"].strip("\u2068\u2069") for each in comments]
        assert shown == [WORDS, ANSWER, "ومتى؟", "ومتى؟ (2)"]
    backend.submit(desk, Item(document, None, reading), setting, account)
    assert [pull(), pull()] == [1, 0]
    backend.remove(desk)


def test_an_open_question_goes_along_to_another_desk(project: Project, backend: Backend, tmp_path: Path) -> None:
    """It was asked where the annotator was; the project moved before the answer came."""
    files = connect(Access("files", str(tmp_path / "elsewhere"), "", ""))
    setting = work.setting_of(project)
    document = next(project.store.documents())
    pushing.push(project, files, lambda line: None)
    (there,) = files.desks(project.store.project_id)
    files.submit(there, Item(document, None, Annotation(doc_id=document.id, annotator="amal")), setting, files.admin)
    pulling.pull(project, files)
    payload = {"doc_id": document.id, "call": project.store.last_revision(), "to": ["amal"], "reason": WORDS}
    project.store.append("send_back", payload, by="lamis", at="2026-01-02T00:00:00Z")
    assert [pushing.push(project, each, lambda line: None)[0].asked for each in (files, backend, backend)] == [1, 1, 0]
    (desk,) = backend.desks(project.store.project_id)
    answer(backend, desk, document.id, work.Accounts(project, backend).of("amal"))
    assert [pulling.pull(project, backend)[0].answered for _ in range(2)] == [1, 0]
    assert [each.answer for each in questions(project)] == [ANSWER]
    assert pulling.pull(project, files)[0].answered == 0
    backend.remove(desk)
