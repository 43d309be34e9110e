"""Everything a project holds open, filtered, ordered by gain and paged; and how far the work has come.

One summary a document is kept for as long as the document stands as it does. They are made in the background when the
server starts, and anew whenever a document changes, so that a page never waits for ten thousand documents.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from tahkim.adjudicate.conflicts import conflicts
from tahkim.errors import InputError
from tahkim.model import Annotation
from tahkim.schema import Schema
from tahkim.text import shadow
from tahkim.web.beliefs import Beliefs, Place
from tahkim.web.desk import Desk, State

PAGE = 50
LIKE = 5
CONTEXT = 40
"""Code points of text shown on either side of a conflict."""


class Row(NamedTuple):
    """A conflict as the queue shows it. `before`, `surface` and `after` are the text around and at its place."""

    doc_id: str
    key: str | None
    of: str
    kind: str
    labels: frozenset[str]
    annotators: frozenset[str]
    start: int
    before: str
    surface: str
    after: str
    priority: float
    sent_back: bool


class Case(NamedTuple):
    """A decision that stands, as an example for later ones. `choice` is what was chosen, None for nothing."""

    doc_id: str
    of: str
    kind: str
    labels: frozenset[str]
    surface: str
    choice: Mapping[str, Any] | None
    chosen: str
    by: str
    at: str
    reason: str | None
    guideline: str | None


class Gap(NamedTuple):
    """A merged span or relation that lacks attributes it was asked for."""

    doc_id: str
    of: str
    label: str
    start: int
    number: int
    missing: tuple[str, ...]


class Hits(NamedTuple):
    """How an annotator's spans of a document compare with the merged ones: same range and label."""

    same: int
    marked: int
    merged: int


class Summary(NamedTuple):
    """A document in short. `submitted` tells whether anybody did it; `folded` is what searches look in."""

    version: str
    rows: tuple[Row, ...]
    gaps: tuple[Gap, ...]
    cases: tuple[Case, ...]
    hits: Mapping[str, Hits]
    submitted: bool
    finished: bool
    decided: int
    folded: str


class Wanted(NamedTuple):
    """What the queue is asked for; an empty string asks for anything."""

    label: str = ""
    kind: str = ""
    annotator: str = ""
    document: str = ""
    text: str = ""
    sent_back: str = ""


class Progress(NamedTuple):
    """Where the project stands. `unread` documents are still to be looked at since the server started."""

    documents: int
    unread: int
    submitted: int
    settled: int
    finished: int
    open: int
    decided: int


class Queue:
    """Summaries of all documents, kept up by listening to a desk."""

    def __init__(self, desk: Desk, beliefs: Beliefs) -> None:
        self._desk = desk
        self._beliefs = beliefs
        self._summaries: dict[str, Summary] = {}
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._worker = threading.Thread(target=self._work, name="queue", daemon=True)
        desk.listen(self._take)

    def start(self) -> None:
        self._worker.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        self._worker.join()

    def catch_up(self) -> None:
        """Summarise every document that has none, or whose own is outdated."""
        versions = self._desk.versions()
        for gone in self._summaries.keys() - versions.keys():
            del self._summaries[gone]
        for doc_id, version in versions.items():
            known = self._summaries.get(doc_id)
            if self._stop.is_set():
                return
            if known is None or known.version != version:
                # Redacted since the versions were asked for: the next round forgets it.
                with suppress(InputError):
                    self._take(self._desk.state(doc_id))

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            self.catch_up()
            self._wake.wait()

    def _take(self, state: State) -> None:
        known = self._summaries.get(state.document.id)
        folded = known.folded if known is not None else shadow(state.document.text).text
        self._summaries[state.document.id] = summary(state, self._desk.project.schema, folded)

    def summaries(self) -> tuple[dict[str, Summary], int]:
        """Summaries by document id in its order, and how many documents have none that is up to date."""
        versions = self._desk.versions()
        found = {doc_id: self._summaries[doc_id] for doc_id in sorted(versions) if doc_id in self._summaries}
        stale = sum(doc_id not in found or found[doc_id].version != version for doc_id, version in versions.items())
        if stale:
            self._wake.set()
        return found, stale

    def progress(self) -> Progress:
        found, stale = self.summaries()
        all_of = found.values()
        return Progress(
            documents=len(found),
            unread=stale,
            submitted=sum(s.submitted for s in all_of),
            settled=sum(s.submitted and not s.rows for s in all_of),
            finished=sum(s.finished for s in all_of),
            open=sum(len(s.rows) for s in all_of),
            decided=sum(s.decided for s in all_of),
        )

    def rows(self, wanted: Wanted) -> tuple[list[Row], bool]:
        """The conflicts asked for in the order of `tahkim queue`, and whether it is that of this very moment.

        Those that opened since it was worked out come last, ordered by what hangs on them.
        """
        found, _ = self.summaries()
        places, is_fresh = self._beliefs.places(self._desk.refresh())
        needle = shadow(wanted.text).text.strip()
        rows = [
            row
            for doc_id, one in found.items()
            if (not wanted.document or doc_id == wanted.document) and needle in one.folded
            for row in one.rows
            if _is_wanted(row, wanted)
        ]
        nowhere = Place(len(places), 0.0)

        def order(row: Row) -> tuple[int, float, str, int]:
            return places.get((row.doc_id, row.key), nowhere).rank, -row.priority, row.doc_id, row.start

        return [_with_gain(row, places) for row in sorted(rows, key=order)], is_fresh

    def people(self) -> set[str]:
        """Everybody who submitted a document."""
        return {name for one in self.summaries()[0].values() for name in one.hits}

    def gaps(self, label: str) -> list[Gap]:
        """What lacks attributes, by document and place."""
        found, _ = self.summaries()
        return [gap for one in found.values() for gap in one.gaps if not label or gap.label == label]

    def cases(self) -> list[Case]:
        """Every decision that stands, the last one first."""
        found, _ = self.summaries()
        return sorted((case for one in found.values() for case in one.cases), key=lambda case: case.at, reverse=True)

    def like(self, of: str, kind: str, labels: frozenset[str], surface: str) -> list[Case]:
        """Earlier decisions like a question: those on the same words first, then on the same labels and kind."""
        ranked = [(_likeness(case, of, kind, labels, surface), case) for case in self.cases()]
        return [case for rank, case in sorted(ranked, key=lambda pair: -pair[0]) if rank > 0][:LIKE]

    def neighbours(self, doc_id: str) -> tuple[str | None, str | None]:
        """The documents with something open before and after one, in the order of ids; round at the end."""
        found, _ = self.summaries()
        ids = [other for other, one in found.items() if one.rows and other != doc_id]
        before = [other for other in ids if other < doc_id] or ids
        after = [other for other in ids if other > doc_id] or ids
        return (before[-1] if before else None, after[0] if after else None)


def _with_gain(row: Row, places: Mapping[tuple[str, str | None], Place]) -> Row:
    place = places.get((row.doc_id, row.key))
    return row if place is None else row._replace(priority=place.gain)


def _is_wanted(row: Row, wanted: Wanted) -> bool:
    return (
        (not wanted.label or wanted.label in row.labels)
        and (not wanted.kind or wanted.kind in row.kind.split(" + ") or wanted.kind == row.of)
        and (not wanted.annotator or wanted.annotator in row.annotators)
        and (not wanted.sent_back or row.sent_back == (wanted.sent_back == "yes"))
    )


def summary(state: State, schema: Schema, folded: str) -> Summary:
    """A document in short; `folded` is the shadow of its text."""
    merged = state.merged
    returned = {entry.payload.get("key") for entry in state.sent_back}
    return Summary(
        state.version,
        tuple(_row(record, state.document.text, schema, record["key"] in returned) for record in conflicts(merged)),
        tuple(_gaps(state, schema)),
        tuple(_cases(state, schema)),
        {voter.annotator: _hits(voter, state) for voter in merged.questions.voters},
        bool(merged.annotators),
        state.finished is not None,
        len(state.standing.by_key) + len(state.standing.additions),
        folded,
    )


def _row(record: Mapping[str, Any], text: str, schema: Schema, sent_back: bool) -> Row:
    candidates = record["candidates"]
    place = record["place"].get("head", record["place"])
    start, end = place.get("start", 0), place.get("end", 0)
    tail = record["place"].get("tail")
    ranges = [(start, end), (tail["start"], tail["end"])] if tail else [(start, end)]
    before, after = around(text, start, end)
    return Row(
        record["doc_id"],
        record["key"],
        record["of"],
        record["kind"],
        frozenset(c["label"] for c in candidates if "label" in c),
        frozenset(who for c in candidates for who in c["annotators"]),
        start,
        before,
        surface(text, ranges, schema),
        "" if tail else after,
        record["priority"],
        sent_back,
    )


def surface(text: str, ranges: Iterable[tuple[int, int]], schema: Schema) -> str:
    """What stands at a place, or at the ends of a relation, head first."""
    return f" {schema.arrow} ".join(text[start:end] for start, end in ranges)


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """The text before and behind a place, in one line and in whole words.

    >>> around("قُتل مدنيان", 5, 11), around("ألف " * 12 + "باء", 48, 51)[0][:5]
    (('قُتل ', ''), '… ألف')
    """
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    if start > CONTEXT:
        before = "… " + (before.partition(" ")[2] or before)
    if end + CONTEXT < len(text):
        after = (after.rpartition(" ")[0] or after) + " …"
    return tuple(re.sub(r"\s", " ", part) for part in (before, after))  # type: ignore[return-value]


def _likeness(case: Case, of: str, kind: str, labels: frozenset[str], surface: str) -> int:
    if case.of != of or not case.labels & labels:
        return 0
    return 4 * (case.surface == surface) + 2 * (case.labels == labels) + (case.kind == kind)


def _cases(state: State, schema: Schema) -> Iterable[Case]:
    text = state.document.text
    for question in state.reading.questions.all:
        decision = state.standing.by_key.get(question.key)
        if decision is None or decision.seen != question.seen:
            continue
        chosen = decision.choice
        choice = question.candidates[chosen - 1].record if isinstance(chosen, int) else chosen
        yield Case(
            state.document.id,
            question.of,
            question.kind,
            frozenset(c.record["label"] for c in question.candidates if "label" in c.record),
            surface(text, ((place.start, place.end) for place in question.places), schema),
            None if isinstance(choice, str) else choice,
            "" if not isinstance(choice, Mapping) else _surface_of(choice, text, schema),
            decision.by,
            decision.at,
            decision.reason,
            decision.guideline,
        )


def _surface_of(choice: Mapping[str, Any], text: str, schema: Schema) -> str:
    ends = [choice[role] for role in ("head", "tail")] if "head" in choice else [choice] if "start" in choice else []
    return surface(text, ((end["start"], end["end"]) for end in ends), schema)


def _gaps(state: State, schema: Schema) -> Iterable[Gap]:
    asked = schema.profile(schema.default_profile)
    spans = state.merged.gold_spans
    for number, span in enumerate(spans):
        missing = _missing(span.attributes, schema.attributes_of(span.label), asked.asks_attribute)
        if missing:
            yield Gap(state.document.id, "span", span.label, span.start, number, missing)
    for number, relation in enumerate(state.merged.gold_relations):
        missing = _missing(relation.attributes, schema.relation_attributes_of(relation.label), asked.asks_attribute)
        if missing:
            yield Gap(state.document.id, "relation", relation.label, spans[relation.head].start, number, missing)


def _missing(given: Mapping[str, Any], known: Iterable[str], asks: Callable[[str], bool]) -> tuple[str, ...]:
    """The attributes that are asked for, where none of them is given: some need not be said of everything."""
    asked = [name for name in known if asks(name)]
    return () if any(name in given for name in asked) else tuple(asked)


def _hits(annotation: Annotation, state: State) -> Hits:
    merged = Counter((s.start, s.end, s.label) for s in state.merged.gold_spans)
    own = Counter((s.start, s.end, s.label) for s in annotation.spans)
    return Hits((merged & own).total(), own.total(), merged.total())
