"""Whole written words, as people mark them, cut to what the guideline asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tahkim import project as projects
from tahkim import rules
from tahkim.assign import Design
from tahkim.backends.desks import Backend, Item, within
from tahkim.backends.files import read_annotations, read_documents
from tahkim.errors import UsageError
from tahkim.model import Annotation, Document, Span
from tahkim.normalise import normalised, words_marked, words_of
from tahkim.project import Project
from tahkim.workflow import boundaries, pulling, pushing
from tahkim.workflow import desks as work

TEXTS = [
    "غارة على مدينة إدلب. أضرار في وزارة الدفاع. أضرار أخرى. مقتل ثلاثة.",
    "وأضرار والجيش بغارة للتحالف وبالمدينة فالقصف وزارة وَأَضرار سيقتل",
]
WORDS = words_of(TEXTS)


@pytest.mark.parametrize(
    ("marked", "left"),
    [
        ("وأضرار", "أضرار"),
        ("وَأَضرار", "أَضرار"),
        ("والجيش", "الجيش"),
        ("فالقصف", "القصف"),
        ("بغارة", "غارة"),
        ("للتحالف", "لتحالف"),
        ("وبالمدينة", "المدينة"),
        ("وزارة الدفاع", "وزارة الدفاع"),
        ("بلدة", "بلدة"),
        ("«الجيش»", "الجيش"),
        ("“والجيش”", "الجيش"),
        ("لواء “فاطميون”", "لواء “فاطميون”"),
        ("«الجيش", "الجيش"),
        (" غارة \n", "غارة"),
        ("#الجيش", "الجيش"),
        ("و", "و"),
        ("«»", "«»"),
        ("   ", "   "),
    ],
)
def test_what_is_cut_and_what_stays(marked: str, left: str) -> None:
    text = f"قال {marked} ثم"
    start = text.index(marked)
    annotation = Annotation(doc_id="d", annotator="a", spans=(Span("s", start, start + len(marked), "X"),))
    (span,) = normalised(annotation, text, WORDS).spans
    assert text[span.start : span.end] == left


def test_an_accepted_span_and_one_that_would_become_another_stay() -> None:
    text = "والجيش"
    accepted = Span("s", 0, 6, "X", seen="accepted")
    twice = (Span("s", 0, 6, "X"), Span("t", 1, 6, "X"))
    for spans in ((accepted,), twice):
        annotation = Annotation(doc_id="d", annotator="a", spans=spans)
        assert normalised(annotation, text, WORDS) is annotation


def test_real_spans_widened_to_whole_words_come_back_and_right_ones_stay(shared_data: Path) -> None:
    corpus = read_annotations(shared_data / "report_annotations.jsonl")
    documents = {d.id: d for d in read_documents(shared_data / "reports.jsonl")} | dict(corpus.documents)
    texts = {doc_id: document.text for doc_id, document in documents.items()}
    loaded = rules.load()
    words = words_of(texts.values()) + words_marked([rules.annotate(d, loaded) for d in documents.values()], texts)
    inside = recovered = changed = total = 0
    for annotation in corpus.annotations:
        text = texts[annotation.doc_id]
        begins = [match.start() for match in re.finditer(r"\S+", text)]
        for span in annotation.spans:
            total += 1
            alone = replace(annotation, spans=(span,))
            changed += normalised(alone, text, words) is not alone
            word = max(begin for begin in begins if begin <= span.start)
            if word < span.start:
                inside += 1
                widened = replace(annotation, spans=(replace(span, start=word),))
                recovered += normalised(widened, text, words).spans[0].start == span.start
    assert inside > 0.15 * total
    assert recovered > 0.85 * inside
    assert changed < 0.01 * total


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    projects.init(tmp_path)
    with projects.open_project(tmp_path) as opened:
        opened.store.add_documents([Document(id="d", text="استهدف والجيش مدينة")])
        marked = Annotation(doc_id="d", annotator="amal", spans=(Span("s", 7, 13, "ACTOR"),))
        opened.store.add_annotations([marked], {}, "2026-01-01T00:00:00Z")
        yield opened


def test_the_cut_is_a_revision_beside_the_original_and_happens_once(project: Project) -> None:
    assert boundaries.normalise(project) == {"readings": 1, "spans": 1}
    assert boundaries.normalise(project) == {"readings": 0, "spans": 0}
    before, after = (revision.annotation.spans[0] for revision in project.store.revisions("d", "amal"))
    assert [(before.start, before.end), (after.start, after.end)] == [(7, 13), (8, 13)]
    assert project.store.revisions("d", "amal")[1].source == {"normalised": "boundary rules"}


def test_a_project_may_keep_spans_as_they_were_marked(project: Project) -> None:
    boundaries.set_normalising(project, False)
    with pytest.raises(UsageError) as caught:
        boundaries.normalise(project)
    assert str(caught.value) == "this project keeps spans as they were marked: `tahkim normalise --on` changes that"


def test_other_marks_of_a_reading_may_change_and_a_cut_one_stays_cut(project: Project) -> None:
    boundaries.normalise(project)
    earlier = project.store.revisions("d", "amal")[-1].annotation
    in_tool = replace(earlier, spans=(Span("x", 7, 13, "ACTOR"), Span("y", 14, 19, "LOC")), extra={})
    kept = boundaries.kept_cut(in_tool, earlier)
    assert [(s.start, s.end) for s in kept.spans] == [(8, 13), (14, 19)]
    # Marked anew by its annotator it is what they say, and beside a span that they cut themselves it is not cut.
    moved = replace(in_tool, spans=(Span("x", 7, 12, "ACTOR"),))
    assert boundaries.kept_cut(moved, earlier) is moved
    both = replace(in_tool, spans=(Span("x", 7, 13, "ACTOR"), Span("y", 8, 13, "ACTOR")))
    assert boundaries.kept_cut(both, earlier) is both


def test_what_was_cut_is_no_evidence_of_how_people_write(project: Project) -> None:
    """A cut span begins inside a word, as one does that a person cut: else each run would cut more."""
    text = "وبلدة وبلدة «بلدة»"
    project.store.add_documents([Document(id="e", text=text)])
    marked = Annotation(doc_id="e", annotator="amal", spans=(Span("s", 0, 5, "LOC"), Span("t", 12, 18, "LOC")))
    project.store.add_annotations([marked], {}, "2026-01-01T00:00:00Z")
    assert boundaries.normalise(project) == {"readings": 2, "spans": 2}
    stored = list(project.store.annotations())
    assert [(s.start, s.end) for s in stored[1].spans] == [(0, 5), (13, 17)]
    for _ in range(3):
        assert boundaries.normalise(project) == {"readings": 0, "spans": 0}
    assert list(project.store.annotations()) == stored


def test_switched_off_the_readings_are_as_they_were_marked_again(project: Project) -> None:
    boundaries.normalise(project)
    assert boundaries.set_normalising(project, False) == 1
    revisions = [revision.annotation for revision in project.store.revisions("d", "amal")]
    assert len(revisions) == 3
    assert revisions[2] == revisions[0] != revisions[1]
    assert boundaries.set_normalising(project, False) == 0
    boundaries.set_normalising(project, True)
    assert boundaries.normalise(project) == {"readings": 1, "spans": 1}


def test_a_cut_reading_is_stable_through_pulls_edits_and_questions(tmp_path: Path, backend: Backend) -> None:
    """Marked by whole words in each tool, cut, pulled again, edited there, asked about there."""
    text = "استهدف والجيش مدينة وبلدة وقرية"
    projects.init(tmp_path / "project")

    def marked(*spans: Span) -> Annotation:
        return Annotation(doc_id="d", annotator="amal", spans=spans)

    with projects.open_project(tmp_path / "project") as project:
        document = Document(id="d", text=text)
        project.store.add_documents([document])
        # What amal had marked elsewhere has an attribute, which doccano has no place for.
        army = Span("s", 7, 13, "ACTOR", _some_attribute(project))
        project.store.add_annotations([marked(army)], {}, "2026-01-01T00:00:00Z")
        work.assign_documents(project, Design(annotators=("amal",), per_document=1, profile="full"))
        pushing.push(project, backend, lambda line: None)
        (desk,) = backend.desks(project.store.project_id)
        account = work.Accounts(project, backend).of("amal")
        setting = work.setting_of(project, "full")

        def submit(*spans: Span) -> None:
            kept = within(marked(*spans), setting, backend.holds_attributes)
            backend.submit(desk, Item(document, None, kept), setting, account)

        def pulled() -> tuple[int, int, int]:
            (taken,) = pulling.pull(project, backend)
            assert taken.problems == []
            return taken.revised, taken.unchanged, taken.answered

        def now() -> list[tuple[str, Any]]:
            (found,) = project.store.annotations(annotator="amal")
            return [(text[s.start : s.end], dict(s.attributes)) for s in found.spans]

        assert pulled() == (1, 0, 0)
        assert boundaries.normalise(project)["readings"] == 1
        assert now() == [("الجيش", dict(army.attributes))]
        assert [pulled(), pulled()] == [(0, 1, 0)] * 2
        assert now() == [("الجيش", dict(army.attributes))]
        # Asked and submitted as it was, nothing was answered.
        payload = {"doc_id": "d", "call": project.store.last_revision(), "to": ["amal"], "reason": "من؟"}
        project.store.append("send_back", payload, by="lamis", at="2026-01-02T00:00:00Z")
        pushing.push(project, backend, lambda line: None)
        submit(army)
        assert pulled()[2] == 0
        # Edited there, the reading is a new one, in which what was cut is cut.
        town = Span("t", 14, 19, "LOC")
        submit(army, town)
        assert pulled()[0] == 1
        assert now() == [("الجيش", dict(army.attributes)), ("مدينة", {})]
        assert pulled() == (0, 1, 0)
        assert boundaries.normalise(project) == {"readings": 0, "spans": 0}
        # Off, it is as it was marked, and stays so.
        assert boundaries.set_normalising(project, False) == 1
        assert [pulled(), pulled()] == [(0, 1, 0)] * 2
        assert now() == [("والجيش", dict(army.attributes)), ("مدينة", {})]
        backend.remove(desk)


def _some_attribute(project: Project) -> dict[str, Any]:
    """An attribute that an actor may have, with one of its values."""
    found = project.schema.attributes_of("ACTOR").items()
    return next({name: each.values[0]} for name, each in found if each.type == "choice")
