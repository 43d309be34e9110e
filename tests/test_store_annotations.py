"""Annotations in the store: every state that ever came in is a revision, and the last one counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tahkim.backends.files import read_annotations
from tahkim.errors import InputError, OffsetError
from tahkim.model import Annotation, Corpus, Document, Relation, Scope, Span
from tahkim.store import Counts, Imported, Store
from tahkim.store.project import BATCH_ROWS

TEXT = "غارتان على مقرّ 🛰"
SOURCE = {"file": "a.jsonl"}


@pytest.fixture
def store(store_place: str) -> Iterator[Store]:
    with Store.open(store_place, create=True) as opened:
        opened.add_documents([Document(id="d1", text=TEXT), Document(id="d2", text=TEXT)])
        yield opened


def reading(doc_id: str = "d1", annotator: str = "amal", **fields: object) -> Annotation:
    return Annotation(doc_id=doc_id, annotator=annotator, **fields)  # type: ignore[arg-type]


def spans(count: int) -> tuple[Span, ...]:
    return tuple(Span(f"s{n}", n, n + 1, "X") for n in range(count))


FULL = reading(
    status="draft",
    scope=Scope(labels=frozenset({"A", "B"}), attributes=frozenset()),
    spans=(Span("s1", 0, 6, "AIRSTRIKE", {"count": 2, "note": "؟"}, rule="air.1", score=0.5, extra={"x": None}),),
    relations=(Relation("r1", "target", "s1", "s1", {"certainty": "hedged"}, support={"blind": 1}),),
    attributes={"no_event": False},
    created_at="2026-01-15T10:00:00+03:00",
    lead_time=12.5,
    origin={"project": 3},
    started_from="rules@1",
    extra={"tool": [1, 2]},
)


def test_annotations_come_out_as_they_came_in_by_document_and_annotator(store: Store) -> None:
    given = [reading("d2"), reading("d1", "badr", spans=spans(3)), FULL]
    assert store.add_annotations(given, SOURCE, "2026-01-15") == Imported(new=3, revised=0, unchanged=0)
    assert list(store.annotations()) == [FULL, given[1], given[0]]
    assert list(store.annotations(annotator="amal")) == [FULL, given[0]]
    assert list(store.annotations(doc_ids=["d2", "none", "d2"])) == [given[0]]
    assert list(store.annotations("badr", ["d2"])) == []


def test_what_changed_is_a_revision_and_what_did_not_is_nothing(store: Store) -> None:
    first, second = reading(spans=spans(1)), reading(spans=spans(2))
    store.add_annotations([first], {"file": "a"}, "2026-01-15")
    assert store.add_annotations([first], {"file": "b"}, "2026-01-16") == Imported(0, 0, 1)
    assert store.add_annotations([second, second], {"file": "c"}, "2026-01-17") == Imported(0, 1, 1)
    assert store.add_annotations([first, reading("d2")], {"file": "d"}, "2026-01-18") == Imported(1, 1, 0)
    found = store.revisions("d1", "amal")
    assert [(r.number, r.at, r.source["file"], r.annotation) for r in found] == [
        (1, "2026-01-15", "a", first),
        (2, "2026-01-17", "c", second),
        (3, "2026-01-18", "d", first),
    ]
    assert found[0].hash == found[2].hash != found[1].hash
    assert list(store.annotations()) == [first, reading("d2")]
    assert store.revisions("d1", "badr") == []


def test_the_order_of_keys_is_no_change(store: Store) -> None:
    one = reading(spans=(Span("s1", 0, 1, "X", {"a": 1, "b": 2}),))
    two = reading(spans=(Span("s1", 0, 1, "X", {"b": 2, "a": 1}),))
    store.add_annotations([one], SOURCE, "2026-01-15")
    assert store.add_annotations([two], SOURCE, "2026-01-15") == Imported(0, 0, 1)


WRONG = [
    (
        reading("d9"),
        InputError,
        "document d9 by amal: the document is not in the project: ingest it first",
    ),
    (
        reading(spans=(Span("s1", 0, len(TEXT) + 1, "X"),)),
        OffsetError,
        f"document d1 by amal: span s1: [0, {len(TEXT) + 1}) is no place in a text of {len(TEXT)} characters",
    ),
    (
        reading(spans=(Span("s1", 3, 3, "X"),)),
        OffsetError,
        f"document d1 by amal: span s1: [3, 3) is no place in a text of {len(TEXT)} characters",
    ),
]


@pytest.mark.parametrize(("wrong", "kind", "message"), WRONG)
def test_what_does_not_fit_the_documents_is_refused_with_the_whole_call(
    store: Store, wrong: Annotation, kind: type[Exception], message: str
) -> None:
    many = [reading(annotator=f"a{n}") for n in range(BATCH_ROWS + 1)]
    with pytest.raises(kind) as error:
        store.add_annotations([*many, wrong], SOURCE, "2026-01-15")
    assert str(error.value) == message
    assert list(store.annotations()) == []


def test_the_corpus_is_everything_at_one_moment(store: Store) -> None:
    store.add_annotations([FULL], SOURCE, "2026-01-15")
    corpus = store.corpus()
    assert corpus == Corpus({d.id: d for d in store.documents()}, (FULL,))
    assert list(corpus.documents) == ["d1", "d2"]


def test_an_earlier_state_can_be_had_again(store: Store) -> None:
    assert store.last_revision() == 1
    first, second = reading(spans=spans(1)), reading(spans=spans(2))
    store.add_annotations([first], SOURCE, "2026-01-15")
    then = store.last_revision()
    before = store.corpus()
    store.add_documents([Document(id="d3", text=TEXT), Document(id="d1", text=TEXT)])
    store.add_annotations([second, reading("d3")], SOURCE, "2026-01-16")
    now = store.last_revision()
    assert store.add_annotations([second], SOURCE, "2026-01-17").unchanged == 1
    assert (then, now, store.last_revision()) == (2, 4, 4)
    assert store.corpus(until=then) == before
    assert store.corpus(until=1).annotations == ()
    assert store.corpus(until=now) == store.corpus() != before


def test_counts_say_what_is_there(store: Store) -> None:
    assert store.counts() == Counts(2, {}, 0, {})
    given = [reading(), reading("d2"), reading("d2", "badr", status="skipped"), reading("d1", "rules@1")]
    store.add_annotations(given, SOURCE, "2026-01-15")
    store.add_annotations([reading("d2", status="draft")], SOURCE, "2026-01-16")
    store.append("import", {"file": "a"}, by="lead", at="2026-01-16")
    assert store.counts() == Counts(
        documents=2,
        annotations={"amal": {"draft": 1, "submitted": 1}, "badr": {"skipped": 1}, "rules@1": {"submitted": 1}},
        revisions=5,
        entries={"import": 1},
    )


def test_many_documents_can_be_asked_for(store: Store) -> None:
    count = 2 * BATCH_ROWS + 7
    store.add_documents(Document(id=f"m{n:05}", text=TEXT) for n in range(count))
    store.add_annotations((reading(f"m{n:05}", spans=spans(n % 5)) for n in range(count)), SOURCE, "2026-01-15")
    wanted = [f"m{n:05}" for n in reversed(range(count))]
    found = list(store.annotations(doc_ids=wanted))
    assert [(a.doc_id, len(a.spans)) for a in found] == [(f"m{n:05}", n % 5) for n in range(count)]


def test_real_annotations_survive(store: Store, shared_data: Path) -> None:
    corpus = read_annotations(shared_data / "report_annotations.jsonl")
    store.add_documents(corpus.documents.values())
    store.add_annotations(corpus.annotations, SOURCE, "2026-01-15")
    expected = sorted(corpus.annotations, key=lambda a: (a.doc_id, a.annotator))
    assert list(store.annotations()) == expected
    assert {**store.corpus().documents} | corpus.documents == {**store.corpus().documents}
