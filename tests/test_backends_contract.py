"""What every annotation tool must do, on the real thing: files, Label Studio and doccano alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tahkim import project as projects
from tahkim import rules
from tahkim import schema as schemas
from tahkim.access import Access
from tahkim.assign import Design
from tahkim.backends import connect
from tahkim.backends.desks import Account, Backend, Desk, Item, Reading, Setting, within
from tahkim.backends.files import read_annotations, read_documents
from tahkim.backends.folder import Folder
from tahkim.demo import SAMPLE
from tahkim.errors import InputError
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.project import Project
from tahkim.store import Store
from tahkim.workflow import desks as work
from tahkim.workflow import intake, progress, pulling, pushing

FULL = Setting(schemas.load(), "full")

HOSTILE = (
    "😀 قُصِفَت بلدةُ الهول\r\n"
    "وقال 👩‍👩‍👧‍👦 إن\u00a0«الجيش»\u200f استهدف \u202bحلب\u202c،\tومقتل 🇸🇾 ثلاثة\u2028"
    "e\u0301 ﷺ ـــ أضرار في 𐤀𐤁 مدينة \u2067إدلب\u2069\r\n"
)


def span(number: int, surface: str, label: str, text: str = HOSTILE, **attributes: Any) -> Span:
    start = text.index(surface)
    return Span(f"s{number}", start, start + len(surface), label, attributes)


HOSTILE_READING = Annotation(
    doc_id="عربي/1 «x»",
    annotator="amal",
    spans=(
        span(1, "قُصِفَت", "SHELLING", factuality="ASSERTED", background=True),
        span(2, "بلدةُ الهول", "LOC", gaz='نص "حر" <b>&', loc_type="town"),
        span(3, "الجيش", "ACTOR", mention="name"),
        span(4, "استهدف", "SHELLING", count=2),
        span(5, "حلب", "LOC"),
        span(6, "ثلاثة", "CASUALTY", count_min=3, count_max=3, count_type="exact"),
        span(7, "إدلب", "LOC"),
    ),
    relations=(
        Relation("r1", "target", "s1", "s2", {"certainty": "hedged"}),
        Relation("r2", "place", "s1", "s2"),
        Relation("r3", "agent", "s4", "s3", {"certainty": "denied"}),
        Relation("r4", "affiliated_with", "s6", "s3", {"certainty": "asserted", "kind": "led_by"}),
        Relation("r5", "victim", "s4", "s6"),
    ),
    attributes={"no_event": False},
)
HOSTILE_DOCUMENT = Document(id=HOSTILE_READING.doc_id, text=HOSTILE, meta={"outlet": "سنابل", "n": 1})


def said(annotation: Annotation, attributes: bool) -> tuple[Any, ...]:
    """What a reading says, whatever ids its marks have."""
    shown = (lambda mark: sorted(mark.attributes.items())) if attributes else (lambda mark: [])
    place = {s.id: (s.start, s.end, s.label) for s in annotation.spans}
    return (
        annotation.doc_id,
        annotation.status,
        sorted((s.start, s.end, s.label, shown(s)) for s in annotation.spans),
        sorted((r.label, place[r.head], place[r.tail], shown(r)) for r in annotation.relations),
        dict(annotation.attributes) if attributes else {},
    )


@pytest.fixture
def desk(backend: Backend, project_id: str) -> Iterator[tuple[Desk, Account]]:
    account = backend.account("amal", None)
    opened = backend.open(project_id, "a test: amal", "amal", account, FULL)
    yield opened, account
    backend.remove(opened)


def readings(backend: Backend, desk: Desk) -> dict[str, Annotation]:
    found = {}
    for reading in backend.readings(desk, FULL):
        assert reading.problems == ()
        found[reading.document.id] = reading.annotation
    return found


def test_a_desk_is_made_once_and_found_again(backend: Backend, desk: tuple[Desk, Account], project_id: str) -> None:
    opened, account = desk
    assert backend.open(project_id, "a test: amal", "amal", account, FULL) == opened
    assert backend.desks(project_id) == [opened]
    assert backend.held(opened) == {}
    assert backend.losses(opened, FULL) is None


def test_a_reading_of_a_hostile_text_comes_back_as_it_went(backend: Backend, desk: tuple[Desk, Account]) -> None:
    opened, account = desk
    backend.add(opened, [Item(HOSTILE_DOCUMENT)], FULL, account)
    assert backend.held(opened) == {HOSTILE_DOCUMENT.id: HOSTILE_DOCUMENT.sha256}
    reading = within(HOSTILE_READING, FULL, backend.holds_attributes)
    backend.submit(opened, Item(HOSTILE_DOCUMENT, None, reading), FULL, account)
    (came,) = backend.readings(opened, FULL)
    assert came.document.text == HOSTILE
    assert came.problems == ()
    assert came.annotation.annotator == "amal"
    assert came.annotation.started_from is None
    assert said(came.annotation, backend.holds_attributes) == said(reading, backend.holds_attributes)


def test_submitting_again_replaces_what_was_submitted(backend: Backend, desk: tuple[Desk, Account]) -> None:
    opened, account = desk
    backend.add(opened, [Item(HOSTILE_DOCUMENT)], FULL, account)
    reading = within(HOSTILE_READING, FULL, backend.holds_attributes)
    fewer = replace(reading, spans=reading.spans[:4], relations=reading.relations[:3])
    for work_now in (reading, fewer, fewer):
        backend.submit(opened, Item(HOSTILE_DOCUMENT, None, work_now), FULL, account)
        (came,) = backend.readings(opened, FULL)
        assert said(came.annotation, backend.holds_attributes) == said(work_now, backend.holds_attributes)


def test_the_state_of_a_desk_is_another_once_work_on_it_is(backend: Backend, desk: tuple[Desk, Account]) -> None:
    opened, account = desk
    backend.add(opened, [Item(HOSTILE_DOCUMENT)], FULL, account)
    reading = within(HOSTILE_READING, FULL, backend.holds_attributes)
    states = [backend.state(opened)]
    if backend.tool == "doccano":  # it has nothing that tells of changes
        assert states == [None]
        return
    for work_now in (reading, replace(reading, relations=())):
        assert backend.state(opened) == states[-1]
        backend.submit(opened, Item(HOSTILE_DOCUMENT, None, work_now), FULL, account)
        states.append(backend.state(opened))
    assert len(set(map(str, states))) == 3


def test_a_suggestion_is_where_the_annotator_starts(backend: Backend, desk: tuple[Desk, Account]) -> None:
    opened, account = desk
    suggestion = replace(within(HOSTILE_READING, FULL, backend.holds_attributes), annotator="rules@1")
    other = Document(id="other", text="قصف مدينة إدلب")
    backend.add(opened, [Item(HOSTILE_DOCUMENT, suggestion), Item(other)], FULL, account)
    assert not [a for a in readings(backend, opened).values() if a.status != "draft"]
    backend.submit(opened, Item(HOSTILE_DOCUMENT, None, replace(suggestion, annotator="amal")), FULL, account)
    empty = Annotation(doc_id="other", annotator="amal")
    backend.submit(opened, Item(other, None, empty), FULL, account)
    found = readings(backend, opened)
    assert (found["other"].started_from, found[HOSTILE_DOCUMENT.id].started_from) == (None, "rules@1")
    assert said(found["other"], True) == ("other", "submitted", [], [], {})


def test_work_goes_along_when_documents_come(backend: Backend, desk: tuple[Desk, Account]) -> None:
    opened, account = desk
    reading = replace(within(HOSTILE_READING, FULL, backend.holds_attributes), started_from="rules@1")
    backend.add(opened, [Item(HOSTILE_DOCUMENT, None, reading)], FULL, account)
    (came,) = backend.readings(opened, FULL)
    assert said(came.annotation, backend.holds_attributes) == said(reading, backend.holds_attributes)
    assert (came.annotation.annotator, came.annotation.started_from) == ("amal", "rules@1")


def test_identical_and_overlapping_marks_reach_a_desk_whose_schema_came_to_allow_them(
    backend: Backend, desk: tuple[Desk, Account]
) -> None:
    opened, account = desk
    allowing = Setting(replace(FULL.schema, overlap_allowed=True), "full")
    twice = replace(HOSTILE_READING.spans[0], id="again", attributes={"factuality": "NEGATED"})
    wider = span(9, "بلدةُ الهول\r", "ASSET")
    wider = replace(wider, end=wider.end - 1, start=wider.start - 8)
    arcs = (*HOSTILE_READING.relations, Relation("r8", "place", "again", "s2"), Relation("r9", "place", "s1", "s2"))
    reading = replace(HOSTILE_READING, spans=(*HOSTILE_READING.spans, twice, wider), relations=arcs)
    reading = within(reading, allowing, backend.holds_attributes)
    if backend.tool == "doccano":
        assert backend.losses(opened, allowing) == []
        with pytest.raises(InputError, match="spans s1 and again of amal overlap, and the schema allows no overlap"):
            backend.add(opened, [Item(HOSTILE_DOCUMENT, None, reading)], FULL, account)
        assert backend.held(opened) == {}
    pushing.fit(backend, opened, allowing)
    assert backend.losses(opened, allowing) is None
    backend.add(opened, [Item(HOSTILE_DOCUMENT, None, reading)], allowing, account)
    other = replace(HOSTILE_DOCUMENT, id="by hand")
    backend.add(opened, [Item(other)], allowing, account)
    backend.submit(opened, Item(other, None, replace(reading, doc_id=other.id)), allowing, account)
    for came in readings(backend, opened).values():
        assert said(came, backend.holds_attributes)[1:] == said(reading, backend.holds_attributes)[1:]


# The whole way: a project, its desks, and back.


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Four sample reports with suggestions, given out to two annotators, one of the documents blind."""
    projects.init(tmp_path / "project")
    with projects.open_project(tmp_path / "project") as opened:
        intake.ingest(opened, list(read_documents(SAMPLE / "reports.jsonl"))[:4])
        intake.preannotate(opened, lambda documents: documents, rules.load())
        work.assign_documents(opened, Design(annotators=("amal", "basil"), blind=0.25))
        yield opened


def sample_work(project: Project) -> dict[str, list[Annotation]]:
    corpus = read_annotations(SAMPLE / "annotations.jsonl")
    there = {document.id for document in project.store.documents()}
    # What the sample's annotators were shown is another matter than what they are shown here.
    mine = [
        replace(a, spans=tuple(replace(s, seen=None) for s in a.spans), started_from=None)
        for a in corpus.annotations
        if a.doc_id in there
    ]
    return {name: [a for a in mine if a.annotator == name] for name in ("amal", "basil")}


def enter(project: Project, backend: Backend, only: Iterable[str] = ("amal", "basil")) -> int:
    """Enter the sample's readings as their annotators; how many."""
    design = work.design_of(project)
    setting = Setting(project.schema, project.schema.default_profile)
    accounts = work.Accounts(project, backend)
    entered = 0
    for desk in backend.desks(project.store.project_id):
        for annotation in sample_work(project)[desk.annotator]:
            if desk.annotator not in only or annotation.doc_id not in design.of(desk.annotator):
                continue
            if annotation.status == "submitted":
                item = Item(
                    project.store.document(annotation.doc_id),
                    None,
                    within(annotation, setting, backend.holds_attributes),
                )
                backend.submit(desk, item, setting, accounts.of(desk.annotator))
                entered += 1
    return entered


def close(project: Project, backend: Backend) -> None:
    for desk in backend.desks(project.store.project_id):
        backend.remove(desk)


def test_the_way_out_and_back_can_be_gone_again_and_again(project: Project, backend: Backend) -> None:
    quiet: list[str] = []
    first = pushing.push(project, backend, quiet.append)
    assert [p.added for p in first] == [4, 4]
    assert [(p.added, p.there) for p in pushing.push(project, backend, quiet.append)] == [(0, 4), (0, 4)]
    assert [p.new for p in pulling.pull(project, backend)] == [0, 0]
    entered = enter(project, backend)
    taken = pulling.pull(project, backend)
    assert sum(p.new for p in taken) == entered
    assert [p.problems for p in taken] == [[], []]
    assert [(p.new, p.revised, p.deleted) for p in pulling.pull(project, backend)] == [(0, 0, 0)] * 2
    setting = Setting(project.schema, project.schema.default_profile)
    stored = {(a.doc_id, a.annotator): a for a in project.store.annotations()}
    for name, done in sample_work(project).items():
        for annotation in done:
            if annotation.status == "submitted":
                wanted = within(annotation, setting, backend.holds_attributes)
                came = stored[annotation.doc_id, name]
                assert said(came, backend.holds_attributes) == said(wanted, backend.holds_attributes)
                shown = work.design_of(project).given[annotation.doc_id][name] == "shown"
                assert (came.started_from or "").startswith("rules@") == shown
                assert {s.seen for s in came.spans} <= {"accepted", "changed", "manual"}
                assert shown or {s.seen for s in came.spans} == {"manual"}
    for file in (project.folder / ".tahkim").glob("project.db*"):
        content = file.read_bytes()
        for name in ("amal", "basil"):
            account = work.Accounts(project, backend).of(name)
            assert not any(secret and secret.encode() in content for secret in (account.password, account.token))
    standing = {row["annotator"]: row for row in progress.standing(project)}
    assert sum(row["done"] for row in standing.values()) == entered
    close(project, backend)


def test_nobody_is_kept_from_the_store_while_a_tool_is_waited_for(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHUNK", 1)

    class Slow(Folder):
        def readings(self, desk: Desk, setting: Setting) -> Iterator[Reading]:
            for reading in super().readings(desk, setting):
                with Store.open(project.folder, wait=0.1) as other:
                    other.set("meanwhile", desk.annotator)
                yield reading

    slow = Slow(tmp_path / "desks")
    pushing.push(project, slow, lambda line: None)
    enter(project, slow)
    assert [p.problems for p in pulling.pull(project, slow)] == [[], []]
    assert project.store.settings()["meanwhile"] == "basil"


def test_documents_that_come_later_are_added_and_nothing_else_moves(project: Project, backend: Backend) -> None:
    pushing.push(project, backend, lambda line: None)
    before = [backend.held(desk) for desk in backend.desks(project.store.project_id)]
    intake.ingest(project, list(read_documents(SAMPLE / "reports.jsonl"))[:6])
    given = work.design_of(project).given
    design, _ = work.assign_documents(project, Design(annotators=("amal", "basil"), blind=0.25))
    assert {doc_id: design.given[doc_id] for doc_id in given} == given
    assert [(p.added, p.there) for p in pushing.push(project, backend, lambda line: None)] == [(2, 4), (2, 4)]
    for held, now in zip(before, [backend.held(d) for d in backend.desks(project.store.project_id)], strict=True):
        assert held.items() <= now.items()
    close(project, backend)


def test_a_project_moves_to_another_tool(project: Project, backend: Backend, tmp_path: Path) -> None:
    """What came in from one tool goes along to the next one's desks and comes back from there unchanged."""
    files = connect(Access("files", str(tmp_path / "elsewhere"), "", ""))
    pushing.push(project, files, lambda line: None)
    enter(project, files)
    pulling.pull(project, files)
    before = {(a.doc_id, a.annotator): a for a in project.store.annotations() if a.votes}
    pushed = pushing.push(project, backend, lambda line: None)
    if backend.holds_attributes:
        assert [p.unheld for p in pushed] == [[], []]
    else:
        assert all("=" in line for p in pushed for line in p.unheld)
        assert any(p.unheld for p in pushed)
    pulling.pull(project, backend)
    after = {(a.doc_id, a.annotator): a for a in project.store.annotations() if a.votes}
    assert after.keys() == before.keys()
    for key, annotation in after.items():
        assert (annotation.origin or {})["tool"] == backend.tool
        assert said(annotation, True) == said(before[key], True)
    close(project, backend)


def test_the_doctor_finds_nothing_wrong(project: Project, backend: Backend) -> None:
    pushing.push(project, backend, lambda line: None)
    found = progress.doctor(project, backend)
    assert [finding for finding in found if not finding.right] == []
    assert {"offsets", "configuration of amal", "configuration of basil"} <= {finding.what for finding in found}
    close(project, backend)


def test_a_label_that_is_used_is_not_taken_from_a_desk(backend: Backend, desk: tuple[Desk, Account]) -> None:
    if backend.tool == "files":
        assert backend.losses(desk[0], Setting(FULL.schema, "core")) is None
        return
    opened, account = desk
    backend.add(opened, [Item(HOSTILE_DOCUMENT)], FULL, account)
    reading = replace(HOSTILE_READING, spans=(span(1, "قُصِفَت", "MIL_MOVE"),), relations=())
    core = Setting(FULL.schema, "core")
    assert backend.losses(opened, core) == []
    backend.submit(opened, Item(HOSTILE_DOCUMENT, None, reading), FULL, account)
    assert backend.losses(opened, core) == ["label MIL_MOVE (1 times)"]
    assert backend.losses(opened, FULL) is None
    plain = replace(reading, spans=(), attributes={})
    backend.submit(opened, Item(HOSTILE_DOCUMENT, None, plain), FULL, account)
    assert backend.losses(opened, core) == []
    backend.configure(opened, core)
    assert backend.losses(opened, core) is None
