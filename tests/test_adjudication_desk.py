"""A lead's work in Label Studio: open conflicts go out, what is submitted there comes back as decisions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tahkim import project as projects
from tahkim.access import Access
from tahkim.adjudicate.edited import Base, base_of, reading_of, wanted
from tahkim.adjudicate.merge import DocumentMerge
from tahkim.adjudicate.strategies import Settings
from tahkim.backends import connect
from tahkim.backends.desks import Backend, Desk, Item
from tahkim.backends.files import read_annotations, read_documents
from tahkim.demo import SAMPLE
from tahkim.errors import UsageError
from tahkim.model import Annotation, Span
from tahkim.project import Project
from tahkim.servers import Running
from tahkim.workflow import intake, lead_desk, watching
from tahkim.workflow.settle import decisions, merge
from tools import access_to

MAJORITY = Settings()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Eight sample reports with everybody's readings."""
    projects.init(tmp_path / "project")
    with projects.open_project(tmp_path / "project") as opened:
        documents = list(read_documents(SAMPLE / "reports.jsonl"))[:12]
        intake.ingest(opened, documents)
        known = {document.id for document in documents}
        annotations = [a for a in read_annotations(SAMPLE / "annotations.jsonl").annotations if a.doc_id in known]
        opened.store.add_annotations(annotations, {"file": "sample"}, "2026-01-01T00:00:00Z")
        yield opened


@pytest.fixture
def lead(label_studio_server: Running) -> Iterator[Backend]:
    with closing(connect(access_to(label_studio_server))) as backend:
        yield backend


def merged_of(project: Project) -> dict[str, DocumentMerge]:
    found, _ = merge(project.store.corpus(), MAJORITY, project.schema, decisions(project))
    return {document.document.id: document for document in found}


# What an edited reading decides.


def test_a_reading_that_is_submitted_as_it_is_decides_the_open_questions_and_nothing_else(project: Project) -> None:
    clustered = [n for n, kind in project.schema.relations.items() if kind.symmetric and kind.transitive]
    for document in merged_of(project).values():
        base = base_of(document)
        opened = {ground.key for ground in base.grounds if ground.open}
        decided = wanted(base, reading_of(base), clustered)
        assert {each.key for each in decided} == opened
        contested = {ground.key for ground in base.grounds if ground.open and ground.mark is not None}
        assert {each.choice for each in decided if each.key not in contested and each.of != "document"} <= {"none"}


def test_each_candidate_is_found_by_its_number(project: Project) -> None:
    tried = 0
    for document in merged_of(project).values():
        base = base_of(document)
        for ground in base.grounds:
            if ground.of != "span" or not ground.open or ground.mark is not None:
                continue
            for number, record in enumerate(ground.candidates, start=1):
                edited = reading_of(base)
                own = Span("x", record["start"], record["end"], record["label"], record.get("attributes", {}))
                found = wanted(base, replace(edited, spans=(*edited.spans, own)))
                assert [e.choice for e in found if e.key == ground.key] == [number]
                assert not [e for e in found if e.of == "new"]
                tried += 1
    assert tried > 3


def test_marks_taken_away_changed_and_added_outside_conflicts_are_decisions_too(project: Project) -> None:
    document = next(d for d in merged_of(project).values() if len(d.gold_spans) > 3 and d.gold_relations)
    base = base_of(document)
    edited = reading_of(base)
    keys = {g.mark: g.key for g in base.grounds if g.mark}
    quiet = [s for s in edited.spans if all(s.id not in (r.head, r.tail) for r in edited.relations)]
    first = quiet[0] if quiet else edited.spans[0]
    without = replace(
        edited,
        spans=tuple(s for s in edited.spans if s.id != first.id),
        relations=tuple(r for r in edited.relations if first.id not in (r.head, r.tail)),
    )
    (gone,) = [e for e in wanted(base, without) if e.key == keys[first.id]]
    assert gone.choice == "none"
    moved = replace(first, end=first.end + 1)
    changed = replace(edited, spans=tuple(moved if s.id == first.id else s for s in edited.spans))
    (own,) = [e for e in wanted(base, changed) if e.key == keys[first.id]]
    assert (own.choice["start"], own.choice["end"]) == (moved.start, moved.end)
    added = replace(edited, spans=(*edited.spans, Span("n", 0, 1, "LOC")))
    assert [e.choice for e in wanted(base, added) if e.of == "new"] == [{"start": 0, "end": 1, "label": "LOC"}]
    arc = edited.relations[0]
    fewer = replace(edited, relations=edited.relations[1:])
    assert [each.choice for each in wanted(base, fewer) if each.key == keys[arc.id]] == ["none"]


# The real tool.


def desk_of(project: Project, backend: Backend) -> Desk:
    (desk,) = backend.desks(lead_desk.desk_id(project))
    return desk


def submit(
    project: Project, backend: Any, base: Base, task: str, edited: Annotation, answer: str | None = None
) -> None:
    """Submit a reading on the lead's desk, with what is written above the text."""
    document = replace(project.store.document(base.doc_id), id=task)
    desk = desk_of(project, backend)
    backend.submit(desk, Item(document, None, edited), lead_desk.setting_of(project), backend.admin)
    if answer is not None:
        (old,) = backend._get(f"/api/tasks/{backend._task_id(desk, task)}/annotations/")
        said = {"from_name": "tahkim-answer", "to_name": "text", "type": "textarea", "id": "a"}
        body = {"result": [*old["result"], said | {"value": {"text": [answer]}}]}
        backend._http.patch(f"/api/annotations/{old['id']}/", json=body).raise_for_status()


def test_a_lead_decides_in_label_studio(project: Project, lead: Backend) -> None:
    quiet: list[str] = []
    before = merged_of(project)
    first = lead_desk.push(project, lead, MAJORITY, quiet.append)
    opened = [name for name, d in before.items() if any(item.is_open for item in d.settled)]
    assert first.added == len(opened) > 1
    assert lead_desk.push(project, lead, MAJORITY, quiet.append)[2:4] == (0, first.added)
    nothing = lead_desk.pull(project, lead)
    assert nothing is not None and nothing[1:] == (0, 0, 0, [])
    # A lead adds the first candidate of an open span, takes one mark away, adds another.
    document = before[opened[0]]
    base = base_of(document)
    task = lead_desk._task_id(base)
    edited = reading_of(base)
    open_spans = [g for g in base.grounds if g.of == "span" and g.open and g.mark is None]
    own = [
        Span(
            f"n{n}",
            g.candidates[0]["start"],
            g.candidates[0]["end"],
            g.candidates[0]["label"],
            g.candidates[0].get("attributes", {}),
        )
        for n, g in enumerate(open_spans)
    ]
    length = len(document.document.text)
    free = next((n, n + 1) for n in range(length) if all(n >= s.end or n < s.start for s in (*edited.spans, *own)))
    work = replace(edited, spans=(*edited.spans, *own))
    submit(project, lead, base, task, work, "نعم")
    decided = lead_desk.pull(project, lead)
    assert decided is not None and decided.submissions == 1 and decided.problems == []
    mine = [d for d in decisions(project) if d.doc_id == base.doc_id]
    assert {d.by for d in mine} == {"admin@tahkim.local"}
    assert {d.key for d in mine} == {g.key for g in base.grounds if g.open}
    after = merged_of(project)[base.doc_id]
    assert after.open == 0
    assert {(s.start, s.end, s.label) for s in own} <= {(s.start, s.end, s.label) for s in after.gold_spans}
    again = lead_desk.pull(project, lead)
    assert again is not None and again[1:] == (0, 0, 0, [])
    # What is settled stays where it is.
    assert lead_desk.push(project, lead, MAJORITY, quiet.append)[2:4] == (0, first.added)
    # The lead thinks again: the first mark of their own is gone, something else is there.
    later_work = replace(work, spans=(*edited.spans, *own[1:], Span("z", *free, "LOC")))
    submit(project, lead, base, task, later_work, "Yes ")
    changed = lead_desk.pull(project, lead)
    assert changed is not None and changed.submissions == 1
    later = [d for d in decisions(project) if d.doc_id == base.doc_id and d not in mine]
    assert [(d.key, d.choice, d.of) for d in later if own] == [
        (open_spans[0].key, "none", "span"),
        (None, {"start": free[0], "end": free[1], "label": "LOC"}, "new"),
    ]
    # And back to the merged reading there: what was added is taken back.
    submit(project, lead, base, task, replace(work, spans=(*edited.spans, *own)), "yes")
    lead_desk.pull(project, lead)
    assert [d for d in decisions(project) if d.undoes]
    assert merged_of(project)[base.doc_id].gold_spans and not any(
        (s.start, s.end) == free for s in merged_of(project)[base.doc_id].gold_spans
    )
    lead.remove(desk_of(project, lead))


def test_what_a_lead_leaves_as_it_is_stays_open_until_the_lead_says_so(project: Project, lead: Backend) -> None:
    lead_desk.push(project, lead, MAJORITY, lambda line: None)
    document = next(d for d in merged_of(project).values() if d.open > 1)
    base, before = base_of(document), document.open
    task = lead_desk._task_id(base)

    def pulled(edited: Annotation, answer: str | None = None) -> tuple[int, list[str]]:
        submit(project, lead, base, task, edited, answer)
        found = lead_desk.pull(project, lead)
        again = lead_desk.pull(project, lead)
        assert found is not None and again is not None and again.decisions == 0
        return found.decisions, [line.partition(": ")[2] for line in found.problems]

    left = f"{before} open conflicts were left as they are and stay open: to decide them so, write yes above the text"
    untouched = reading_of(base)
    assert pulled(untouched) == (0, [left])
    assert merged_of(project)[base.doc_id].open == before
    assert pulled(untouched, "perhaps")[0] == 0
    assert pulled(untouched, " YES ") == (before, [])
    assert merged_of(project)[base.doc_id].open == 0
    # Said no more, it is decided no more.
    assert pulled(untouched)[0] == before
    assert merged_of(project)[base.doc_id].open == before
    lead.remove(desk_of(project, lead))


def test_a_watch_takes_what_a_lead_submits(project: Project, lead: Backend) -> None:
    lead_desk.push(project, lead, MAJORITY, lambda line: None)
    base = next(base_of(d) for d in merged_of(project).values() if d.open)
    later = threading.Timer(2.0, submit, (project, lead, base, lead_desk._task_id(base), reading_of(base), "yes"))
    later.start()
    # Had it not been told, it would look again in an hour.
    watch = watching.watch(project, lead, 3600.0)
    decided = None
    while decided is None or not decided.decisions:
        pulled, decided = next(watch)
        assert pulled == []
    later.join()
    watch.close()  # type: ignore[attr-defined]
    lead.remove(desk_of(project, lead))


def test_readings_that_changed_meanwhile_make_the_decision_stale(project: Project, lead: Backend) -> None:
    lead_desk.push(project, lead, MAJORITY, lambda line: None)
    base = next(
        b
        for b in map(base_of, merged_of(project).values())
        if any(g.open and g.of == "span" and g.mark is None for g in b.grounds)
    )
    ground = next(g for g in base.grounds if g.open and g.of == "span" and g.mark is None)
    record = ground.candidates[0]
    who = next(
        a
        for a in project.store.annotations(doc_ids=[base.doc_id])
        if a.votes
        and any((s.start, s.end, s.label) == (record["start"], record["end"], record["label"]) for s in a.spans)
    )
    moved = tuple(
        replace(s, label="MIL_MOVE")
        if (s.start, s.end, s.label) == (record["start"], record["end"], record["label"])
        else s
        for s in who.spans
    )
    edited = reading_of(base)
    own = Span("n", record["start"], record["end"], record["label"], record.get("attributes", {}))
    submit(project, lead, base, lead_desk._task_id(base), replace(edited, spans=(*edited.spans, own)))
    project.store.add_annotations([replace(who, spans=moved)], {"file": "changed"}, "2026-02-01T00:00:00Z")
    decided = lead_desk.pull(project, lead)
    assert decided is not None and decided.stale >= 1
    kept = next(d for d in decisions(project) if d.key == ground.key)
    assert (kept.seen, kept.choice) == (ground.seen, record)
    assert merged_of(project)[base.doc_id].open >= 1
    # The readings as they are now are further work for the lead.
    assert lead_desk.push(project, lead, MAJORITY, lambda line: None).added == 1
    lead.remove(desk_of(project, lead))


def test_names_are_hidden_where_the_project_hides_them(project: Project, lead: Backend) -> None:
    project.store.set("blind", True)
    lead_desk.push(project, lead, MAJORITY, lambda line: None)
    desk = desk_of(project, lead)
    tasks = lead._get("/api/tasks", project=desk.id, fields="all")["tasks"]  # type: ignore[attr-defined]
    shown = msgspec.json.encode(tasks).decode()
    people = {a.annotator for a in project.store.annotations() if a.votes}
    assert tasks and not [name for name in people if name in shown]
    lead.remove(desk)


def test_what_was_asked_and_answered_stands_above_the_text(project: Project, lead: Backend) -> None:
    lead_desk.push(project, lead, MAJORITY, lambda line: None)
    base = next(base_of(d) for d in merged_of(project).values() if d.open)
    payload = {"doc_id": base.doc_id, "to": ["amal"], "call": project.store.last_revision(), "reason": "متى؟"}
    entry = project.store.append("send_back", payload, by="lamis", at="2026-01-02T00:00:00Z")
    desk, asked = desk_of(project, lead), "سؤال · \u2066asked amal\u2069: \u2068متى؟\u2069"

    def shown() -> str:
        assert lead_desk.push(project, lead, MAJORITY, lambda line: None).added == 0
        task = lead._get(f"/api/tasks/{lead._task_id(desk, lead_desk._task_id(base))}/")  # type: ignore[attr-defined]
        return str(task["data"]["question"])

    assert shown() == f"{asked}\n{lead_desk.CONFIRM}"
    named = {"doc_id": base.doc_id, "question": entry.n, "annotator": "amal"}
    project.store.append("answer", named | {"text": "أمس"}, by="amal", at="2026-01-03T00:00:00Z")
    assert shown() == f"{asked}\nجواب · answer: \u2068أمس\u2069\n{lead_desk.CONFIRM}"
    # It is the lead's "yes" or "no" all the same.
    submit(project, lead, base, lead_desk._task_id(base), reading_of(base), "yes")
    decided = lead_desk.pull(project, lead)
    assert decided is not None and decided.decisions > 0
    lead.remove(desk)


def test_other_tools_say_in_one_line_that_they_do_not(project: Project, tmp_path: Path) -> None:
    files = connect(Access("files", str(tmp_path / "desks"), "", ""))
    with pytest.raises(UsageError, match=r"files cannot show .* `tahkim serve`"):
        lead_desk.push(project, files, MAJORITY, lambda line: None)
