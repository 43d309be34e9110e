"""Meta and group of documents as they were; documents that were taken out for good."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tahkim.errors import InputError
from tahkim.model import Annotation, Document, Span
from tahkim.store import Draft, Store

AT = "2026-01-15T10:00:00Z"


@pytest.fixture
def store(store_place: str) -> Iterator[Store]:
    with Store.open(store_place, create=True) as opened:
        yield opened


def document(doc_id: str = "a", group: str | None = None, **meta: object) -> Document:
    return Document(id=doc_id, text="قصف", meta=meta, group=group)


def test_an_earlier_state_has_the_meta_and_group_of_then(store: Store) -> None:
    store.add_documents([document(outlet="x"), document("b")])
    first = store.last_revision()
    store.add_documents([document(outlet="y", day="2026")])
    second = store.last_revision()
    store.add_documents([document(group="g")])
    third = store.last_revision()
    assert first < second < third
    states = [store.corpus(until=call).documents["a"] for call in (first, second, third)]
    assert [(dict(d.meta), d.group) for d in states] == [
        ({"outlet": "x"}, None),
        ({"day": "2026", "outlet": "y"}, None),
        ({"day": "2026", "outlet": "y"}, "g"),
    ]
    assert store.corpus().documents["a"] == states[-1]
    assert store.corpus(until=first).documents["b"] == store.document("b")


def test_a_call_that_says_nothing_new_is_no_new_state(store: Store) -> None:
    store.add_documents([document(outlet="x")])
    before = store.last_revision()
    store.add_documents([document(outlet="x")])
    assert store.last_revision() == before


def test_a_document_that_comes_twice_in_a_call_keeps_what_it_was_before_the_call(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tahkim.store.project.BATCH_ROWS", 1)
    store.add_documents([document(n=1)])
    first = store.last_revision()
    store.add_documents([document(n=2), document(n=3)])
    assert dict(store.corpus(until=first).documents["a"].meta) == {"n": 1}
    assert dict(store.corpus().documents["a"].meta) == {"n": 3}


def redaction(doc_id: str = "a") -> Draft:
    return Draft("redaction", {"doc_id": doc_id, "reason": "withdrawn"}, "lead", AT, doc_id)


def test_a_redacted_document_is_nowhere_but_in_the_log(store: Store) -> None:
    store.add_documents([document(outlet="وكالة"), document("b")])
    reading = Annotation(doc_id="a", annotator="amal", spans=(Span("s", 0, 3, "SHELLING", {"role": "سر"}),))
    store.add_annotations([reading, Annotation(doc_id="b", annotator="amal")], {"file": "x"}, AT)
    call = store.last_revision()
    assert store.redact("a", redaction()) is True
    for until in (None, call):
        corpus = store.corpus(until=until)
        assert (sorted(corpus.documents), [a.doc_id for a in corpus.annotations]) == (["b"], ["b"])
    assert [d.id for d in store.documents()] == ["b"]
    assert store.revisions("a", "amal") == []
    assert store.counts()[:2] == (1, {"amal": {"submitted": 1}})
    assert store.last_revision() == call
    assert [e.payload for e in store.entries("redaction")] == [{"doc_id": "a", "reason": "withdrawn"}]
    assert store.verify_log() == []
    with store.reading() as connection:
        for table in ("documents", "annotations", "former_facts"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert not [row for row in rows if "سر" in str(row) or "وكالة" in str(row)]
    with pytest.raises(InputError) as error:
        store.document("a")
    assert str(error.value) == f"document a was redacted on {AT}"


def test_a_redacted_document_does_not_come_back(store: Store) -> None:
    store.add_documents([document(outlet="x")])
    store.redact("a", redaction())
    assert store.add_documents([document(outlet="y")]) == (0, 0, 1)
    assert store.add_annotations([Annotation(doc_id="a", annotator="huda")], {"file": "x"}, AT) == (0, 0, 1)
    assert store.corpus().documents == {}
    assert store.redact("a", redaction()) is False
    assert len(list(store.entries())) == 1


def test_what_is_not_there_cannot_be_redacted(store: Store) -> None:
    with pytest.raises(InputError) as error:
        store.redact("z", redaction("z"))
    assert str(error.value) == "document z is not in the project"
    assert store.head() is None
