"""Documents in the store: taken in once, never with another text, all of a call or none of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tahkim.errors import InputError
from tahkim.model import Document
from tahkim.store import Added, Store
from tahkim.store.project import BATCH_ROWS


@pytest.fixture
def store(store_place: str) -> Iterator[Store]:
    with Store.open(store_place, create=True) as opened:
        yield opened


def report(doc_id: str, text: str = "غارة على البلدة\r\n🛰", **fields: object) -> Document:
    return Document(id=doc_id, text=text, **fields)  # type: ignore[arg-type]


def test_documents_come_out_as_they_came_in_by_id(store: Store) -> None:
    documents = [
        report("ب", meta={"outlet": "x", "n": [1, None, {"a": 2.5}]}, group="g"),
        report("b", text=""),
        report("B", text='quote " \\ \u2028 \x01'),
        report("é"),
    ]
    assert store.add_documents(documents) == Added(new=4, updated=0, unchanged=0)
    assert list(store.documents()) == sorted(documents, key=lambda d: d.id)
    assert store.document("ب") == documents[0]
    with pytest.raises(InputError) as error:
        store.document("none")
    assert str(error.value) == "document none is not in the project"


def test_the_same_documents_again_change_nothing(store: Store) -> None:
    documents = [report(f"d{n}", text=f"نص {n}") for n in range(3)]
    store.add_documents(documents[:2])
    assert store.add_documents([*documents, documents[2]]) == Added(new=1, updated=0, unchanged=3)
    assert list(store.documents()) == documents


@pytest.mark.parametrize("together", [False, True])
def test_another_text_under_a_known_id_is_refused_with_the_whole_call(store: Store, together: bool) -> None:
    store.add_documents([report("a")])
    before = [] if together else [report("z", text="old")]
    store.add_documents(before)
    incoming = [report("b"), *([report("z", text="old")] if together else []), report("z", text="new"), report("c")]
    with pytest.raises(InputError) as error:
        store.add_documents(incoming)
    assert str(error.value) == (
        "document z is in the project with another text: give the changed text an id of its own"
    )
    assert list(store.documents()) == [report("a"), *before]


def test_a_failing_source_leaves_nothing_of_the_call(store: Store) -> None:
    def source() -> Iterator[Document]:
        for n in range(BATCH_ROWS + 10):
            yield report(f"d{n}")
        raise InputError("reports.jsonl, line 511: not JSON")

    with pytest.raises(InputError, match="line 511"):
        store.add_documents(source())
    assert list(store.documents()) == []


def test_meta_and_group_that_come_later_are_added(store: Store) -> None:
    store.add_documents([report("a", meta={"outlet": "x", "url": "u"}), report("b")])
    later = [report("a", meta={"outlet": "y"}, group="g"), report("b")]
    assert store.add_documents(later) == Added(new=0, updated=1, unchanged=1)
    expected = report("a", meta={"outlet": "y", "url": "u"}, group="g")
    assert store.document("a") == expected
    assert store.add_documents([report("a")]) == Added(new=0, updated=0, unchanged=1)
    assert store.document("a") == expected


def test_one_call_may_say_more_of_a_document_bit_by_bit(store: Store) -> None:
    parts = [report("a"), report("a", meta={"url": "u"}), report("a", group="g"), report("a")]
    assert store.add_documents(parts) == Added(new=1, updated=2, unchanged=1)
    assert list(store.documents()) == [report("a", meta={"url": "u"}, group="g")]


def test_many_documents_pass_through_in_batches(store: Store) -> None:
    count = 3 * BATCH_ROWS + 1
    assert store.add_documents(report(f"{n:05}") for n in range(count)).new == count
    assert [d.id for d in store.documents()] == [f"{n:05}" for n in range(count)]
    assert store.add_documents(report(f"{n:05}") for n in reversed(range(count))).unchanged == count


def test_a_long_document_passes(store: Store) -> None:
    document = report("long", text="قصف " * 1_500_000)
    store.add_documents([document])
    assert store.document("long") == document


def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    store.add_documents(report(f"{n:05}") for n in range(400))
    reading = store.documents()
    next(reading)
    store.add_documents([report("99999")])
    assert sum(1 for _ in reading) == 399
    assert sum(1 for _ in store.documents()) == 401
