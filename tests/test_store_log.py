"""The log: append-only, a chain of hashes, the same decision only once, many writers at a time."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sql

from tahkim.errors import StoreError
from tahkim.store import Draft, Store
from tahkim.store.project import NO_ENTRY
from tahkim.store.tables import LOG

AT = "2026-01-15T10:00:00Z"


@pytest.fixture
def store(store_place: str) -> Iterator[Store]:
    with Store.open(store_place, create=True) as opened:
        yield opened


def test_entries_are_numbered_and_chained(store: Store) -> None:
    assert store.head() is None
    first = store.append("import", {"file": "أ.jsonl", "counts": {"b": 1, "a": 2}}, by="lead", at=AT)
    second = store.append("decision", {"choice": None}, by="badr", at=AT, unique="k1")
    assert (first.n, first.prev, second.n, second.prev) == (1, NO_ENTRY, 2, first.hash)
    assert (second.kind, second.by, second.at, second.unique) == ("decision", "badr", AT, "k1")
    assert list(store.entries()) == [first, second]
    assert list(store.entries("decision")) == [second]
    assert store.head() == second
    assert store.verify_log() == []


def test_the_hash_can_be_recomputed_by_anyone(store: Store) -> None:
    entry = store.append("decision", {"b": "ب", "a": 1}, by="lead", at=AT, unique="k")
    parts = [1, "decision", AT, "lead", "k", '{"a":1,"b":"ب"}', NO_ENTRY]
    line = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    assert entry.hash == hashlib.sha256(line.encode()).hexdigest()


def test_the_same_decision_again_changes_nothing(store: Store) -> None:
    first = store.append("decision", {"choice": 1, "key": "k"}, by="lead", at=AT, unique="k1")
    assert store.append("decision", {"key": "k", "choice": 1}, by="lead", at="later", unique="k1") == first
    other = store.append("release", {"name": "v1"}, by="lead", at=AT, unique="k1")
    assert other.n == 2
    with pytest.raises(StoreError) as error:
        store.append("decision", {"choice": 2}, by="lead", at=AT, unique="k1")
    assert str(error.value) == "the log has another decision k1: entry 1 says something else"
    assert len(list(store.entries())) == 2


def test_entries_without_a_key_may_repeat(store: Store) -> None:
    for _ in range(2):
        store.append("import", {}, by="lead", at=AT)
    assert [e.n for e in store.entries()] == [1, 2]


def test_several_entries_come_in_together_or_not_at_all(store: Store) -> None:
    store.append("decision", {"choice": 1}, by="lead", at=AT, unique="b")
    drafts = [Draft("decision", {"choice": n}, "lead", AT, key) for n, key in [(0, "a"), (1, "b"), (2, "c"), (0, "a")]]
    assert [e.n for e in store.append_all(drafts)] == [2, 1, 3, 2]
    assert store.append_all([]) == []
    with pytest.raises(StoreError):
        store.append_all([Draft("decision", {}, "lead", AT, "d"), Draft("decision", {}, "lead", AT, "c")])
    assert [e.unique for e in store.entries()] == ["b", "a", "c"]
    assert store.verify_log() == []


def test_the_database_itself_refuses_changes(store: Store) -> None:
    store.append("import", {}, by="lead", at=AT)
    for change in (sql.update(LOG).values(by="x"), sql.delete(LOG)):
        with pytest.raises(StoreError) as error, store.writing() as connection:
            connection.execute(change)
        assert str(error.value) == f"{store.name}: the log is append-only"


TRIGGERS = {
    "sqlite": ("DROP TRIGGER log_no_update", "DROP TRIGGER log_no_delete"),
    "postgresql": ("DROP TRIGGER log_no_change ON log",),
}

TAMPERING = [
    (sql.update(LOG).where(LOG.c.n == 3).values(by="x"), ["entry 3 was altered: its content does not have its hash"]),
    (
        sql.update(LOG).where(LOG.c.n == 3).values(payload='{"n":99}'),
        ["entry 3 was altered: its content does not have its hash"],
    ),
    (
        sql.update(LOG).where(LOG.c.n == 3).values(payload="{"),
        ["entry 3 was altered: its content does not have its hash"],
    ),
    (
        sql.update(LOG).where(LOG.c.n == 3).values(hash="0" * 64),
        [
            "entry 3 was altered: its content does not have its hash",
            "entry 4 does not follow entry 3: it names another hash",
        ],
    ),
    (
        sql.update(LOG).where(LOG.c.n == 3).values(prev="0" * 64),
        [
            "entry 3 does not follow entry 2: it names another hash",
            "entry 3 was altered: its content does not have its hash",
        ],
    ),
    (sql.delete(LOG).where(LOG.c.n == 1), ["entry 1 is missing"]),
    (sql.delete(LOG).where(LOG.c.n.in_([2, 3])), ["entries 2 to 3 are missing"]),
]


@pytest.mark.parametrize(("change", "expected"), TAMPERING, ids=range(len(TAMPERING)))
def test_tampering_shows(store: Store, change: sql.UpdateBase, expected: list[str]) -> None:
    store.append_all(Draft("decision", {"n": n}, "lead", AT) for n in range(5))
    with store.writing() as connection:
        for statement in TRIGGERS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        connection.execute(change)
    assert store.verify_log() == expected


def test_a_payload_that_is_no_json_is_named(store: Store) -> None:
    store.append("decision", {}, by="lead", at=AT)
    with store.writing() as connection:
        for statement in TRIGGERS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        connection.execute(sql.update(LOG).values(payload="{"))
    with pytest.raises(StoreError) as error:
        list(store.entries())
    assert str(error.value) == "entry 1 of the log is damaged: its content is no JSON"


WRITER = """
import sys
from tahkim.store import Store
place, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Store.open(place) as store:
    for n in range(count):
        store.append("decision", {"n": n}, by=name, at="2026-01-15", unique=f"{name}{n}")
        store.append("decision", {"n": n}, by=name, at="2026-01-15", unique=f"shared{n}")
"""


def test_writers_at_the_same_time_make_one_chain(store: Store, store_place: str) -> None:
    count = 25
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, store_place, name, str(count)], stderr=subprocess.PIPE)
        for name in ("amal", "badr", "ciwan")
    ]
    for writer in writers:
        _, errors = writer.communicate()
        assert (writer.returncode, errors) == (0, b"")
    assert store.verify_log() == []
    keys = [e.unique for e in store.entries()]
    assert len(keys) == len(set(keys)) == 4 * count


def test_threads_may_share_a_store(store: Store) -> None:
    def write(name: str) -> None:
        for n in range(10):
            store.append("decision", {"n": n}, by=name, at=AT, unique=f"{name}{n}")
            assert store.head() is not None

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, ["amal", "badr", "ciwan", "dana"]))
    assert [e.n for e in store.entries()] == list(range(1, 41))
    assert store.verify_log() == []
