"""What people and their tools do meanwhile: invalid work, drafts, deletions, others' projects, edits during a pull."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tahkim import project as projects
from tahkim import schema as schemas
from tahkim.adjudicate.questions import read
from tahkim.adjudicate.strategies import Settings
from tahkim.assign import Design
from tahkim.backends import connect, label_studio
from tahkim.backends.desks import Desk, Item, Setting
from tahkim.backends.doccano import Doccano
from tahkim.backends.label_studio import LabelStudio
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.project import Project
from tahkim.servers import Running
from tahkim.workflow import desks as work
from tahkim.workflow import progress, pulling, pushing, settle, watching
from tools import access_to

CORE = Setting(schemas.load(), "core")
TEXT = "😀 قصف الجيش مدينة إدلب"
SUGGESTED = (Span("s1", 2, 5, "SHELLING", {"factuality": "ASSERTED"}), Span("s2", 6, 11, "ACTOR"))
ARC = Relation("r1", "agent", "s1", "s2", {"certainty": "hedged"})


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three documents with the same text and suggestion, for one annotator."""
    projects.init(tmp_path)
    with projects.open_project(tmp_path) as opened:
        documents = [Document(id=f"d{n}", text=TEXT) for n in range(3)]
        opened.store.add_documents(documents)
        suggested = [Annotation(doc_id=d.id, annotator="rules@1", spans=SUGGESTED, relations=(ARC,)) for d in documents]
        opened.store.add_annotations(suggested, {}, "2026-01-01T00:00:00Z")
        work.assign_documents(opened, Design(annotators=("amal",), per_document=1))
        yield opened


@pytest.fixture
def studio(label_studio_server: Running) -> Iterator[LabelStudio]:
    with closing(LabelStudio(label_studio_server.url, label_studio_server.token)) as backend:
        yield backend


@pytest.fixture
def doccano(doccano_server: Running) -> Iterator[Doccano]:
    server = doccano_server
    with closing(Doccano(server.url, server.user, server.password)) as backend:
        yield backend


@pytest.fixture
def studio_desk(project: Project, studio: LabelStudio) -> Iterator[Desk]:
    pushing.push(project, studio, lambda line: None)
    (desk,) = studio.desks(project.store.project_id)
    yield desk
    with suppress(Exception):
        studio.remove(desk)


@pytest.fixture
def doccano_desk(project: Project, doccano: Doccano) -> Iterator[Desk]:
    pushing.push(project, doccano, lambda line: None)
    (desk,) = doccano.desks(project.store.project_id)
    yield desk
    with suppress(Exception):
        doccano.remove(desk)


def region(span_id: str = "x", start: int = 2, end: int = 5, label: str = "SHELLING") -> dict[str, Any]:
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label]}
    return {"id": span_id, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def annotate(studio: LabelStudio, desk: Desk, doc_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send an annotation as the tool's own interface would, unchecked."""
    return studio._post(f"/api/tasks/{studio._task_id(desk, doc_id)}/annotations/", body)


def stored(project: Project, doc_id: str) -> Annotation:
    (found,) = project.store.annotations(annotator="amal", doc_ids=[doc_id])
    return found


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        ([region(end=400)], "span x: end 400 lies past the text, which has 22 characters"),
        ([region(start=5, end=5)], "span x: start 5 is not before end 5"),
        ([region(), region()], "two regions have the id x"),
        ([region(label="NONSENSE")],
         "span x NONSENSE [2, 5) “قصف”: unknown label NONSENSE (known: ACTOR, "),
        ([region(), {"type": "relation", "from_id": "x", "to_id": "gone", "labels": ["agent"]}],
         "a relation runs from x to gone, and not both are regions"),
    ],
)  # fmt: skip
def test_what_is_invalid_there_is_kept_as_it_came_and_left_out_until_mended(
    project: Project, studio: LabelStudio, studio_desk: Desk, result: Any, problem: str
) -> None:
    own = {desk.id: desk for desk in studio.desks(project.store.project_id)}
    assert studio_desk.id in own
    made = annotate(studio, studio_desk, "d0", {"result": result})
    studio._patiently(
        lambda: studio._http.patch(f"/api/annotations/{made['id']}/", json={"completed_by": _user(studio)})
    )
    (pulled,) = pulling.pull(project, studio)
    task = studio._task_id(studio_desk, "d0")
    address = f"{studio.address}/projects/{studio_desk.id}/data?task={task}"
    assert len(pulled.problems) == 1
    assert pulled.problems[0].startswith(f"{address}: {problem}")
    kept = stored(project, "d0")
    assert (kept.status, kept.spans, kept.votes) == ("draft", (), False)
    assert kept.extra["invalid"]["as_it_came"] == result
    assert progress.standing(project)[0]["invalid"] == 1
    again = {"result": [region()]}
    studio._patiently(lambda: studio._http.patch(f"/api/annotations/{made['id']}/", json=again).raise_for_status())
    (mended,) = pulling.pull(project, studio)
    assert (mended.revised, mended.problems) == (1, [])
    assert [(s.start, s.end, s.label) for s in stored(project, "d0").spans] == [(2, 5, "SHELLING")]


def _user(studio: LabelStudio) -> int:
    return next(user["id"] for user in studio._get("/api/users") if user["email"] == "amal@tahkim.local")


def test_drafts_skips_deletions_and_changes_each_leave_their_mark(
    project: Project, studio: LabelStudio, studio_desk: Desk
) -> None:
    account = work.Accounts(project, studio).of("amal")
    documents = {d.id: d for d in project.store.documents()}

    def enter(doc_id: str, **what: Any) -> None:
        done = Annotation(doc_id=doc_id, annotator="amal", **what)
        studio.submit(studio_desk, Item(documents[doc_id], None, done), CORE, account)

    enter("d0", spans=SUGGESTED[:1])
    enter("d1", status="skipped")
    enter("d2", spans=SUGGESTED)
    assert pulling.pull(project, studio)[0].new == 3
    assert [stored(project, f"d{n}").status for n in range(3)] == ["submitted", "skipped", "submitted"]
    row = progress.standing(project)[0]
    assert (row["assigned"], row["done"], row["skipped"]) == (3, 2, 1)
    assert row["last_seen"] is not None
    enter("d0", spans=SUGGESTED)
    gone = stored(project, "d2").origin or {}
    studio._patiently(lambda: studio._http.delete(f"/api/annotations/{gone['annotation']}/").raise_for_status())
    draft = {"result": [region("y", 12, 17, "LOC")]}
    task = studio._task_id(studio_desk, "d2")
    from tahkim.backends.label_studio import _Token

    studio._post(f"/api/tasks/{task}/drafts", draft, _Token(account.token))
    (pulled,) = pulling.pull(project, studio)
    assert (pulled.new, pulled.revised, pulled.unchanged, pulled.deleted) == (0, 2, 1, 0)
    assert len(stored(project, "d0").spans) == 2
    assert (stored(project, "d2").status, len(stored(project, "d2").spans)) == ("draft", 1)
    removed = stored(project, "d0").origin or {}
    studio._patiently(lambda: studio._http.delete(f"/api/annotations/{removed['annotation']}/").raise_for_status())
    assert pulling.pull(project, studio)[0].deleted == 1
    marked = stored(project, "d0")
    assert (marked.status, marked.spans, (marked.origin or {})["deleted"]) == ("draft", (), True)
    assert [len(r.annotation.spans) for r in project.store.revisions("d0", "amal")] == [1, 2, 0]
    assert pulling.pull(project, studio)[0].deleted == 0


@pytest.mark.parametrize("tool", ["label-studio", "doccano"])
def test_a_server_that_has_moved_brings_nothing_new(
    project: Project, tool: str, request: pytest.FixtureRequest
) -> None:
    access = access_to(request.getfixturevalue(f"{tool.replace('-', '_')}_server"))
    moved = replace(access, url=access.url.replace("127.0.0.1", "localhost"))
    with closing(connect(access)) as backend, closing(connect(moved)) as elsewhere:
        pushing.push(project, backend, lambda line: None)
        (desk,) = backend.desks(project.store.project_id)
        account = work.Accounts(project, backend).of("amal")
        reading = Annotation(doc_id="d0", annotator="amal", spans=(Span("s1", 2, 5, "SHELLING"),))
        backend.submit(desk, Item(project.store.document("d0"), None, reading), CORE, account)
        assert [each.new for each in pulling.pull(project, backend)] == [1]
        assert [(each.revised, each.unchanged) for each in pulling.pull(project, elsewhere)] == [(0, 1)]
        assert (stored(project, "d0").origin or {})["server"] == access.url
        backend.remove(desk)


def test_a_project_of_others_with_several_annotators_in_one_comes_in_too(
    project: Project, studio: LabelStudio, studio_desk: Desk
) -> None:
    accounts = work.Accounts(project, studio)
    for name in ("amal", "basil"):
        account = accounts.of(name)
        done = Annotation(doc_id="d0", annotator=name, spans=SUGGESTED[: 1 if name == "amal" else 2])
        from tahkim.backends.label_studio import _Token, _work

        task = studio._task_id(studio_desk, "d0")
        body = _work(done, Document(id="d0", text=TEXT), CORE)
        studio._post(f"/api/tasks/{task}/annotations/", body, _Token(account.token))
    (pulled,) = pulling.pull(project, studio, studio_desk.id)
    assert (pulled.new, pulled.problems) == (2, [])
    readings = {a.annotator: len(a.spans) for a in project.store.annotations() if a.votes}
    assert readings == {"amal@tahkim.local": 1, "basil@tahkim.local": 2}


def test_doccano_carries_attributes_over_and_says_what_is_bare(
    project: Project, doccano: Doccano, doccano_desk: Desk
) -> None:
    account = work.Accounts(project, doccano).of("amal")
    document = project.store.document("d0")
    changed = (SUGGESTED[0], Span("s9", 18, 22, "LOC"), Span("s8", 12, 17, "CASUALTY"))
    done = Annotation(doc_id="d0", annotator="amal", spans=changed)
    doccano.submit(doccano_desk, Item(document, None, done), CORE, account)
    assert pulling.pull(project, doccano)[0].new == 1
    kept, bare, place = stored(project, "d0").spans[0], stored(project, "d0").spans[-1], stored(project, "d0").spans[1]
    assert (kept.attributes, kept.extra.get("carried"), kept.seen) == ({"factuality": "ASSERTED"}, True, "accepted")
    assert {bare.seen, place.seen} == {"manual"}
    assert progress.standing(project)[0]["to_fill"] == 1
    assert pulling.pull(project, doccano)[0].unchanged == 1
    # A document that was never begun is none of the annotator's.
    assert not list(project.store.annotations(annotator="amal", doc_ids=["d1"]))
    # A lead who decides on it as it stands fills it; once the annotator marks another thing there, it is bare again.
    whole = {"start": bare.start, "end": bare.end, "label": "CASUALTY", "attributes": {"count_type": "exact"}}
    (question,) = [q for q in read("d0", [stored(project, "d0")], CORE.schema).spans if q.places[0].start == bare.start]
    settle.decide(
        project, [settle.one_decision(project, "d0", question.key, json.dumps(whole), None, "lamis", None, None)]
    )
    assert progress.standing(project)[0]["to_fill"] == 0
    (document_merged,), _ = settle.merge(
        project.store.corpus(), Settings("majority"), CORE.schema, settle.decisions(project)
    )
    assert {"count_type": "exact"} in [dict(span.attributes) for span in document_merged.gold_spans]
    shorter = (*changed[:2], Span("s8", 12, 16, "CASUALTY"))
    doccano.submit(doccano_desk, Item(document, None, replace(done, spans=shorter)), CORE, account)
    assert pulling.pull(project, doccano)[0].revised == 1
    assert progress.standing(project)[0]["to_fill"] == 1


def test_work_that_was_brought_to_doccano_is_confirmed_though_the_push_died_before(
    project: Project, doccano: Doccano, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = [
        Annotation(doc_id=f"d{n}", annotator="amal", status=status, spans=SUGGESTED[:1])
        for n, status in enumerate(("submitted", "draft", "submitted"))
    ]
    project.store.add_annotations(done, {}, "2026-01-01T00:00:00Z")
    post = doccano._post

    def die(path: str, *given: Any, **named: Any) -> Any:
        if path.endswith("/states") and not die_at.pop():
            raise KeyboardInterrupt
        return post(path, *given, **named)

    die_at = [False, True]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(doccano, "_post", die)
        pushing.push(project, doccano, lambda line: None)
    (desk,) = doccano.desks(project.store.project_id)
    assert sorted(r.annotation.status for r in doccano.readings(desk, CORE)) == ["draft", "draft", "submitted"]
    assert pushing.push(project, doccano, lambda line: None)[0].added == 0
    assert pulling.pull(project, doccano)[0].problems == []
    assert [stored(project, f"d{n}").status for n in range(3)] == ["submitted", "draft", "submitted"]
    doccano.remove(desk)


def test_a_watch_takes_what_an_annotator_submits_and_leaves_no_webhook(
    project: Project,
    studio: LabelStudio,
    studio_desk: Desk,
    label_studio_server: Running,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pulls = []
    pull_all = watching.pull_all
    monkeypatch.setattr(watching, "pull_all", lambda *given: pulls.append(given) or pull_all(*given))
    account = work.Accounts(project, studio).of("amal")
    server = label_studio_server
    with closing(LabelStudio(server.url, server.token)) as other:
        done = Annotation(doc_id="d1", annotator="amal", spans=SUGGESTED)
        item = Item(project.store.document("d1"), None, done)
        submit = threading.Timer(2.0, lambda: other.submit(studio_desk, item, CORE, account))
        submit.start()
        # Had it not been told, it would look again in an hour.
        watch = watching.watch(project, studio, 3600.0)
        ((pulled,), _) = next(watch)
        submit.join()
        assert (pulled.annotator, pulled.new) == ("amal", 1)
        assert len(pulls) == 2
        assert [hook["url"].rpartition("/")[2] for hook in studio._get("/api/webhooks/")] == [
            f"tahkim-{project.store.project_id}"
        ]
        watch.close()  # type: ignore[attr-defined]
    assert studio._get("/api/webhooks/") == []


def test_a_watch_asks_for_no_work_while_none_changes(
    project: Project, studio: LabelStudio, studio_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulls = []
    pull_all = watching.pull_all
    monkeypatch.setattr(watching, "pull_all", lambda *given: pulls.append(given) or pull_all(*given))
    account = work.Accounts(project, studio).of("amal")
    done = Annotation(doc_id="d1", annotator="amal", spans=SUGGESTED)
    studio.submit(studio_desk, Item(project.store.document("d1"), None, done), CORE, account)
    waits = []

    class EndError(Exception):
        pass

    class Looks(threading.Event):
        """An hour is over at once, three times."""

        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            if len(waits) > 3:
                raise EndError
            return False

    @contextmanager
    def told(projects: Sequence[str]) -> Iterator[threading.Event]:
        yield Looks()

    monkeypatch.setattr(studio, "told", told)
    watch = watching.watch(project, studio, 3600.0)
    ((pulled,), _) = next(watch)
    assert pulled.new == 1
    with pytest.raises(EndError):
        next(watch)
    assert (len(pulls), waits) == (1, [3600.0] * 4)


@pytest.mark.parametrize("sparse", [label_studio.SPARSE, 0], ids=["by first and last", "by list"])
def test_a_desk_comes_whole_by_many_requests_from_among_others_tasks(
    project: Project, studio: LabelStudio, studio_desk: Desk, sparse: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_studio, "EXPORTED", 2)
    monkeypatch.setattr(label_studio, "SPARSE", sparse)
    account = work.Accounts(project, studio).of("amal")
    other = studio.open("0f", "of others", "zoe", account, CORE)
    try:
        for number in range(3, 6):
            add = partial(studio.add, setting=CORE, account=account)
            add(other, [Item(Document(id=f"other{number}", text=TEXT))])
            add(studio_desk, [Item(Document(id=f"d{number}", text=TEXT))])
        studio._http.delete(f"/api/tasks/{studio._task_id(studio_desk, 'd1')}/").raise_for_status()
        for doc_id in ("d0", "d2", "d3", "d4", "d5"):
            annotate(studio, studio_desk, doc_id, {"result": [region()]})
        annotate(studio, other, "other4", {"result": [region()]})
        read = [reading.document.id for reading in studio.readings(studio_desk, CORE)]
        assert read == ["d0", "d2", "d3", "d4", "d5"]
    finally:
        studio.remove(other)


def test_an_edit_during_a_pull_is_taken_whole_or_not_at_all_in_label_studio(
    project: Project, studio: LabelStudio, studio_desk: Desk
) -> None:
    states = [
        Annotation(doc_id="d0", annotator="amal", spans=SUGGESTED, relations=(ARC,)),
        Annotation(doc_id="d0", annotator="amal", spans=(Span("t1", 12, 17, "LOC"),)),
    ]
    account = work.Accounts(project, studio).of("amal")
    allowed = {frozenset((s.start, s.end, s.label) for s in state.spans) for state in states}
    seen = _pulled_while(
        lambda n: studio.submit(studio_desk, Item(project.store.document("d0"), None, states[n % 2]), CORE, account),
        lambda: list(studio.readings(studio_desk, CORE)),
    )
    assert len(seen) > 3
    for annotation in seen:
        spans = frozenset((s.start, s.end, s.label) for s in annotation.spans)
        assert spans in allowed
        assert len(annotation.relations) == (len(spans) == 2)


def test_an_edit_during_a_pull_leaves_no_relation_without_its_spans_in_doccano(
    project: Project, doccano: Doccano, doccano_desk: Desk, doccano_server: Running
) -> None:
    """Marks come and go one by one there: what is taken is a state that the example was in."""
    account = work.Accounts(project, doccano).of("amal")
    both = Annotation(doc_id="d0", annotator="amal", spans=SUGGESTED, relations=(ARC,))
    one = Annotation(doc_id="d0", annotator="amal", spans=SUGGESTED[1:])
    item = Item(project.store.document("d0"), None, both)
    doccano.submit(doccano_desk, item, CORE, account)
    server = doccano_server
    with closing(Doccano(server.url, server.user, server.password)) as other:
        other._client(account)
        seen = _pulled_while(
            lambda n: other.submit(doccano_desk, item._replace(work=(one, both)[n % 2]), CORE, account),
            lambda: list(doccano.readings(doccano_desk, CORE)),
        )
    assert seen
    for annotation in seen:
        labels = sorted(span.label for span in annotation.spans)
        # ACTOR alone; both, before the relation is drawn; or all of it.
        assert labels in (["ACTOR"], ["ACTOR", "SHELLING"])
        assert len(annotation.relations) <= (len(labels) == 2)


def _pulled_while(edit: Any, read: Any) -> list[Annotation]:
    """What readings of the first document said while somebody kept editing it."""
    stop, begun = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def keep_editing() -> None:
        number = 0
        try:
            while not stop.is_set():
                edit(number)
                begun.set()
                number += 1
        except BaseException as error:
            failures.append(error)
            begun.set()

    editor = threading.Thread(target=keep_editing)
    editor.start()
    try:
        begun.wait()
        found = []
        for _ in range(5):
            readings = [r for r in read() if r.document.id == "d0" and r.annotation.status == "submitted"]
            assert all(not reading.problems for reading in readings)
            found += [reading.annotation for reading in readings]
    finally:
        stop.set()
        editor.join()
    assert not failures
    return found
