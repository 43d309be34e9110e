"""A project moves from one tool to the other and back: nothing is lost but what is listed, and that stays here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from project_of import done
from tahkim import project as projects
from tahkim import schema as schemas
from tahkim.backends import connect
from tahkim.backends.desks import Account, Desk, Item, Setting
from tahkim.backends.doccano import Doccano
from tahkim.backends.label_studio import LabelStudio
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.project import Project
from tahkim.provenance import UNFILLED
from tahkim.servers import Running
from tahkim.workflow import desks as work
from test_backends_contract import said
from test_backends_kill import reach
from tools import access_to

TEXT = "😀 قصف الجيش مدينة إدلب\r\nوقتل ثلاثة في حلب 🇸🇾"
FULL = Setting(replace(schemas.load(), overlap_allowed=True), "full")


def span(span_id: str, surface: str, label: str, **attributes: Any) -> Span:
    start = TEXT.index(surface)
    return Span(span_id, start, start + len(surface), label, attributes)


# One surface is an event twice over, and one pair of spans is related twice: which attributes are whose must not mix.
RICH = Annotation(
    doc_id="rich",
    annotator="amal",
    spans=(
        replace(span("a", "قصف", "SHELLING", factuality="ASSERTED"), extra={"note": "أول"}),
        span("b", "قصف", "SHELLING", factuality="NEGATED"),
        span("c", "الجيش", "ACTOR", mention="name"),
        span("d", "إدلب", "LOC", loc_type="town"),
        span("e", "ثلاثة", "CASUALTY", count_min=3, count_max=3, count_type="exact"),
        span("f", "حلب", "LOC"),
    ),
    relations=(
        Relation("r1", "agent", "a", "c", {"certainty": "hedged"}),
        Relation("r2", "agent", "a", "c", {"certainty": "denied"}),
        Relation("r3", "place", "a", "d"),
        Relation("r4", "same_event", "b", "a"),
    ),
    attributes={"no_event": False},
    lead_time=12.5,
)
SUGGESTED = (span("s1", "قصف", "SHELLING", factuality="ASSERTED"), span("s2", "الجيش", "ACTOR", mention="name"))
NAMES = ("rich", "changed", "skipped", "draft", "invalid")


@pytest.fixture
def folder(tmp_path: Path, label_studio_server: Running, doccano_server: Running) -> Path:
    """A project of five documents, each with a suggestion, that reaches both tools."""
    projects.init(tmp_path)
    schema = tmp_path / "label_config" / "schema.yaml"
    schema.write_text(schema.read_text("utf-8").replace("overlap: false", "overlap: true"), "utf-8")
    with projects.open_project(tmp_path) as project:
        assert project.schema.overlap_allowed
        project.store.add_documents(Document(id=name, text=TEXT) for name in NAMES)
        suggested = [Annotation(doc_id=name, annotator="rules@1", spans=SUGGESTED) for name in NAMES]
        project.store.add_annotations(suggested, {}, "2026-01-01T00:00:00Z")
    for server in (label_studio_server, doccano_server):
        reach(tmp_path, server)
    tahkim(tmp_path, "assign", "amal", "--per-document", "1", "--profile", "full")
    return tmp_path


@pytest.fixture
def studio(label_studio_server: Running) -> Iterator[LabelStudio]:
    with closing(connect(access_to(label_studio_server))) as backend:
        yield backend  # type: ignore[misc]


@pytest.fixture
def doccano(doccano_server: Running) -> Iterator[Doccano]:
    with closing(connect(access_to(doccano_server))) as backend:
        yield backend  # type: ignore[misc]


def tahkim(folder: Path, *arguments: str | Path) -> str:
    """All that a command says, its lines joined."""
    finished = done(*arguments, "--project", folder)
    return " ".join((finished.stdout + finished.stderr).split())


def desk_of(folder: Path, backend: LabelStudio | Doccano) -> tuple[Desk, Account]:
    with projects.open_project(folder) as project:
        (desk,) = backend.desks(project.store.project_id)
        return desk, work.Accounts(project, backend).of("amal")


def stored(folder: Path) -> dict[str, Annotation]:
    with projects.open_project(folder) as project:
        return {a.doc_id: a for a in project.store.annotations(annotator="amal")}


def revised(project: Project) -> int:
    return project.store.counts().revisions


def beside(annotation: Annotation) -> list[Any]:
    """What stands beside the marks: how each came about, and notes."""
    spans = sorted((s.start, s.label, str(s.attributes), s.seen, s.extra.get("note")) for s in annotation.spans)
    return [annotation.status, annotation.started_from, annotation.lead_time, spans]


def test_from_label_studio_to_doccano_and_back(folder: Path, studio: LabelStudio, doccano: Doccano) -> None:
    tahkim(folder, "push", "label-studio")
    desk, account = desk_of(folder, studio)
    documents = {name: Document(id=name, text=TEXT) for name in NAMES}

    def submit(backend: LabelStudio | Doccano, annotation: Annotation) -> None:
        backend.submit(desk, Item(documents[annotation.doc_id], None, annotation), FULL, account)

    submit(studio, RICH)
    took_over = tuple(replace(s, seen="accepted") for s in SUGGESTED)
    changed = (replace(took_over[0], attributes={"factuality": "NEGATED"}, seen="changed"), took_over[1])
    submit(studio, Annotation(doc_id="changed", annotator="amal", spans=changed))
    submit(studio, Annotation(doc_id="skipped", annotator="amal", status="skipped", spans=SUGGESTED[:1]))
    submit(studio, Annotation(doc_id="invalid", annotator="amal", spans=(replace(SUGGESTED[0], end=400),)))
    draft(studio, desk, account, "draft", SUGGESTED[1])
    assert "span s1: end 400 lies past the text" in tahkim(folder, "pull", "label-studio")
    before = stored(folder)
    assert [before[name].status for name in NAMES] == ["submitted", "submitted", "skipped", "draft", "draft"]
    assert before["rich"].spans[0].extra["note"] == "أول"

    # To doccano: what it has no place for is listed, mark by mark, and stays here.
    output = tahkim(folder, "push", "doccano", "--json", folder / "pushed.json")
    (pushed,) = json.loads((folder / "pushed.json").read_text("utf-8"))
    assert (pushed["annotator"], pushed["added"], pushed["there"]) == ("amal", 5, 0)
    for line in (
        "rich by amal: span b SHELLING: factuality=NEGATED",
        "rich by amal: span a SHELLING: note: أول",
        "rich by amal: relation r2 agent: certainty=denied",
        "rich by amal: document: no_event=False",
        "changed by amal: span s1 SHELLING: factuality=NEGATED",
        "skipped by amal: a skipped reading of 1 marks: it stays as it is here",
        "invalid by amal: a reading that is held back: mend it where it was made",
    ):
        assert any(unheld.startswith(line) for unheld in pushed["unheld"])
        assert f"doccano has no place for {line}" in output
    attributes = sum(len(s.attributes) for a in (before["rich"], before["changed"]) for s in a.spans)
    attributes += sum(len(r.attributes) for r in before["rich"].relations)
    assert len(pushed["unheld"]) == attributes + len(["note", "no_event", "skipped", "invalid"])
    assert output.count("has no place for") == len(pushed["unheld"])
    desk, account = desk_of(folder, doccano)
    assert "0 " in tahkim(folder, "pull", "doccano")
    after = stored(folder)
    for name in NAMES:
        assert said(after[name], True) == said(before[name], True)
        assert beside(after[name]) == beside(before[name])
    assert [(after[name].origin or {})["tool"] for name in ("rich", "changed", "draft")] == ["doccano"] * 3
    assert all("invalid" in state["invalid"].extra for state in (before, after))
    with projects.open_project(folder) as project:
        number = revised(project)
        tahkim(folder, "pull", "doccano")
        assert revised(project) == number
    # The old desk has nothing to say to it any more, once somebody went on here.
    fewer = replace(RICH, spans=(*RICH.spans[:4], span("n", "مدينة", "LOC")), relations=RICH.relations[:3])
    submit(doccano, fewer)
    tahkim(folder, "pull", "doccano")
    there = stored(folder)["rich"]
    kept = replace(fewer, attributes=RICH.attributes, spans=(*RICH.spans[:4], span("n", "مدينة", "LOC")))
    assert said(there, True) == said(kept, True)
    assert [s.label for s in there.spans if UNFILLED in s.extra] == ["LOC"]
    assert "passed over, for newer work was pulled from elsewhere: rich" in tahkim(folder, "pull", "label-studio")
    assert (stored(folder)["rich"], stored(folder)["changed"].origin) == (there, after["changed"].origin)
    assert "newer work from elsewhere, where this desk has older: rich" in tahkim(folder, "push", "label-studio")

    # And back, to a desk that has nothing yet.
    studio.remove(desk_of(folder, studio)[0])
    back = tahkim(folder, "push", "label-studio")
    assert "has no place for draft by amal: a draft reading of 1 marks" in back
    tahkim(folder, "pull", "label-studio")
    final = stored(folder)
    for name in NAMES:
        assert said(final[name], True) == said(there if name == "rich" else after[name], True)
        assert beside(final[name]) == beside(there if name == "rich" else after[name])
    # What doccano left bare waits until it is filled, here or there.
    assert "1 of amal" in tahkim(folder, "status")
    desk, account = desk_of(folder, studio)
    filled = [replace(s, attributes={"loc_type": "town"}) if UNFILLED in s.extra else s for s in final["rich"].spans]
    submit(studio, replace(final["rich"], spans=tuple(filled)))
    tahkim(folder, "pull", "label-studio")
    assert "attributes to fill" not in tahkim(folder, "status")
    for backend in (studio, doccano):
        backend.remove(desk_of(folder, backend)[0])


def draft(studio: LabelStudio, desk: Desk, account: Account, doc_id: str, mark: Span) -> None:
    """Leave a draft as the page does while somebody works."""
    value = {"start": mark.start, "end": mark.end, "text": TEXT[mark.start : mark.end], "labels": [mark.label]}
    region = {"id": mark.id, "from_name": "label", "to_name": "text", "type": "labels", "value": value}
    path = f"/api/tasks/{studio._task_id(desk, doc_id)}/drafts"
    head = {"Authorization": f"Token {account.token}"}
    studio._http.post(path, json={"result": [region], "lead_time": 1.0}, headers=head, auth=None).raise_for_status()
