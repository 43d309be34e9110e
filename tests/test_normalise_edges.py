"""Whole written words, as people mark them, cut to what the guideline asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tahkim import project as projects
from tahkim import rules
from tahkim.backends.files import read_annotations, read_documents
from tahkim.errors import UsageError
from tahkim.model import Annotation, Document, Span
from tahkim.normalise import normalised, words_marked, words_of
from tahkim.project import Project
from tahkim.workflow import boundaries

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
