"""A process killed in the middle of a call: the same call again, and nothing is lost or doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from tahkim.store import Store

COUNT = 1500

SCRIPT = f"""
import sys
from tahkim.model import Annotation, Document, Span
from tahkim.store import Store

TEXT = "قصف على البلدة " * 20
SPANS = tuple(Span(f"s{{n}}", n, n + 3, "SHELLING") for n in range(10))

def told(items):
    # A line now and then says how far the call has come, so that the test can kill it there.
    for number, item in enumerate(items):
        if number % 250 == 0:
            print(number, flush=True)
        yield item

ids = [f"d{{n:05}}" for n in range({COUNT})]
with Store.open(sys.argv[1], create=True) as store:
    store.add_documents(told(Document(id=i, text=TEXT + i) for i in ids))
    store.add_annotations(
        told(Annotation(doc_id=i, annotator=a, spans=SPANS) for i in ids for a in ("amal", "badr")),
        {{"file": "a.jsonl"}},
        "2026-01-15",
    )
    for number in told(range(300)):
        store.append("decision", {{"n": number}}, by="lead", at="2026-01-15", unique=str(number))
print("done", flush=True)
"""


def start(place: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", SCRIPT, place], stdout=subprocess.PIPE, text=True)


def kill_after(place: str, lines: int, pause: float) -> None:
    process = start(place)
    assert process.stdout is not None
    for _ in range(lines):
        assert process.stdout.readline().strip() != "done"
    time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    process.communicate()


# Six lines tell of the documents, twelve of the annotations, two of the decisions.
@pytest.mark.parametrize("lines", [(0, 1), (4, 6), (7, 13, 18), (19, 20)], ids=["open", "ingest", "import", "decide"])
def test_killed_calls_can_simply_be_repeated(store_place: str, lines: tuple[int, ...]) -> None:
    Store.open(store_place, create=True).close()
    for number, after in enumerate(lines):
        kill_after(store_place, after, pause=0.05 * number)
        with Store.open(store_place) as store:
            counts = store.counts()
            assert counts.documents in (0, COUNT)
            assert counts.revisions in (0, 2 * COUNT)
            assert store.verify_log() == []
    finished = start(store_place)
    assert finished.communicate()[0].endswith("done\n")
    with Store.open(store_place) as store:
        assert store.counts() == (
            COUNT,
            {"amal": {"submitted": COUNT}, "badr": {"submitted": COUNT}},
            2 * COUNT,
            {"decision": 300},
        )
        assert [e.payload["n"] for e in store.entries()] == list(range(300))
        assert store.verify_log() == []
        assert [d.id for d in store.documents()] == [f"d{n:05}" for n in range(COUNT)]
