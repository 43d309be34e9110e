"""The desk: documents as they stand now, and the one way decisions reach the log.

A document's state depends on its annotations and on its entries of the log alone, so it is kept until either grows.
Another process may write to the store at any time (an import, a second server): every request asks the store for its
mark, two numbers, before it trusts what it remembers; and an entry is appended only if nothing was written since it was
checked. So of two decisions on one unit the second always meets the first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tahkim.adjudicate.decisions import NONE_STANDING, Standing, standing
from tahkim.adjudicate.merge import DocumentMerge, settle_document
from tahkim.adjudicate.questions import DocumentQuestions, read
from tahkim.adjudicate.strategies import Settings
from tahkim.clock import instant
from tahkim.errors import InputError, UsageError
from tahkim.interchange import decode_decision, named
from tahkim.model import Annotation, Decision, Document
from tahkim.project import Project
from tahkim.store import Draft, Entry, Mark
from tahkim.workflow.settle import draft_of

KEPT = 512
"""How many documents are kept aligned and settled; only memory depends on it."""


class Reading(NamedTuple):
    """A document with all that was said of it. `call` is the last call of the store that touched it."""

    call: int
    document: Document
    annotations: tuple[Annotation, ...]
    questions: DocumentQuestions


class State(NamedTuple):
    """A document as it stands. `entries` are its own entries of the log, `version` changes whenever it does."""

    version: str
    reading: Reading
    entries: tuple[Entry, ...]
    decisions: tuple[Decision, ...]
    standing: Standing
    merged: DocumentMerge

    @property
    def document(self) -> Document:
        return self.reading.document

    @property
    def finished(self) -> Entry | None:
        """The entry by which a lead called the document finished, unless anything has changed since."""
        told = [entry for entry in self.entries if entry.kind in ("decision", "finish", "reopen")]
        last = told[-1] if told else None
        stands = last is not None and last.kind == "finish" and last.payload["call"] == self.reading.call
        return last if stands else None

    @property
    def sent_back(self) -> list[Entry]:
        """What was sent back to annotators and has neither come again nor been decided since."""
        decided: dict[Any, int] = {
            d.key: e.n for e, d in zip(self._decided, self.decisions, strict=True) if d.key is not None
        }
        return [
            entry
            for entry in self.entries
            if entry.kind == "send_back"
            and entry.payload["call"] == self.reading.call
            and decided.get(entry.payload.get("key"), 0) < entry.n
        ]

    @property
    def _decided(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == "decision"]


Propose = Callable[[State, str], Sequence[Decision]]
Review = Callable[[State, DocumentMerge], None]


class Desk:
    """What the server remembers of a project; safe to use from many threads."""

    def __init__(self, project: Project, settings: Settings) -> None:
        self.project = project
        if settings.strategy == "bayes":
            raise UsageError(
                "the workbench settles a document at a time, and bayes learns from all of them: serve with another "
                "--strategy; what bayes believes orders the queue and stands beside every candidate all the same"
            )
        self.settings = settings.check()
        self._guard = threading.RLock()
        self._writing = threading.Lock()
        self._mark = Mark(0, 0)
        self._calls: dict[str, int] = {}
        self._entries: dict[str, list[Entry]] = defaultdict(list)
        self._redacted: set[str] = set()
        self._states: OrderedDict[str, State] = OrderedDict()
        self._listeners: list[Callable[[State], None]] = []
        self.refresh()

    def listen(self, listener: Callable[[State], None]) -> None:
        """Have a function called with every state of a document that is worked out anew."""
        self._listeners.append(listener)

    def refresh(self) -> Mark:
        """Take notice of what was written to the store since; the mark up to which everything is known."""
        now = self.project.store.mark()
        with self._guard:
            if now.entry > self._mark.entry:
                for entry in self.project.store.entries(after=self._mark.entry):
                    self._file(entry)
            if now.call > self._mark.call:
                touched = set(self.project.store.touched(self._mark.call)) - self._redacted
                self._calls.update(dict.fromkeys(touched, now.call))
                self._mark = Mark(now.call, self._mark.entry)
            return self._mark

    def _file(self, entry: Entry) -> None:
        doc_id = entry.payload.get("doc_id")
        if isinstance(doc_id, str):
            self._entries[doc_id].append(entry)
            if entry.kind == "redaction":
                self._redacted.add(doc_id)
                self._calls.pop(doc_id, None)
                self._states.pop(doc_id, None)
        self._mark = Mark(self._mark.call, entry.n)

    def versions(self) -> dict[str, str]:
        """The version of every document of the project, by id."""
        self.refresh()
        with self._guard:
            return {doc_id: self._version(doc_id) for doc_id in self._calls}

    def _version(self, doc_id: str) -> str:
        entries = self._entries.get(doc_id)
        return f"{self._calls[doc_id]}-{entries[-1].n if entries else 0}"

    def version(self, doc_id: str) -> str:
        """The version of a document now; InputError when the project has no such document."""
        self.refresh()
        with self._guard:
            if doc_id not in self._calls:
                raise InputError(f"{named(doc_id)} is not in the project")
            return self._version(doc_id)

    def state(self, doc_id: str) -> State:
        """A document as it stands now; InputError when the project has no such document."""
        version = self.version(doc_id)
        with self._guard:
            known = self._states.get(doc_id)
            if known is not None and known.version == version:
                self._states.move_to_end(doc_id)
                return known
            entries = tuple(self._entries.get(doc_id, ()))
            call = self._calls[doc_id]
        state = self._settled(f"{call}-{entries[-1].n if entries else 0}", self._reading(doc_id, call), entries)
        self._keep(state)
        return state

    def _reading(self, doc_id: str, call: int) -> Reading:
        with self._guard:
            known = self._states.get(doc_id)
        if known is not None and known.reading.call == call:
            return known.reading
        store = self.project.store
        document, annotations = store.document(doc_id), tuple(store.annotations(doc_ids=[doc_id]))
        return Reading(call, document, annotations, read(doc_id, annotations, self.project.schema))

    def _settled(self, version: str, reading: Reading, entries: tuple[Entry, ...]) -> State:
        decisions = tuple(decode_decision(dict(e.payload)) for e in entries if e.kind == "decision")
        stand, merged = self._settle(reading, decisions)
        return State(version, reading, entries, decisions, stand, merged)

    def _settle(self, reading: Reading, decisions: Iterable[Decision]) -> tuple[Standing, DocumentMerge]:
        doc_id = reading.document.id
        stand = standing(decisions, {doc_id}).get(doc_id, NONE_STANDING)
        schema = self.project.schema
        return stand, settle_document(reading.document, reading.questions, self.settings, schema, stand)

    def _keep(self, state: State) -> None:
        with self._guard:
            self._states[state.document.id] = state
            self._states.move_to_end(state.document.id)
            while len(self._states) > KEPT:
                self._states.popitem(last=False)
        for listener in self._listeners:
            listener(state)

    def act(self, doc_id: str, propose: Propose, review: Review) -> State:
        """Decide: `propose` says what, given the document as it stands and a time; `review` may refuse the outcome.

        Both are asked again when the document has changed before the log could grow. When this returns, the decisions
        are in the store for good. Whatever they raise leaves the log as it was.
        """
        while True:
            before = self.state(doc_id)
            decisions = propose(before, _later(before))
            stand, merged = self._settle(before.reading, (*before.decisions, *decisions))
            review(before, merged)
            entries = self._append(before, [draft_of(decision) for decision in decisions])
            if entries is not None:
                known = (*before.entries, *entries)
                version = f"{before.reading.call}-{known[-1].n}" if known else before.version
                after = State(version, before.reading, known, (*before.decisions, *decisions), stand, merged)
                self._keep(after)
                return after

    def note(self, doc_id: str, kind: str, by: str, say: Callable[[State], Mapping[str, Any]]) -> State:
        """Append an entry that is no decision (`finish`, `reopen`, `send_back`) on a document as it stands."""
        while True:
            before = self.state(doc_id)
            payload = {"doc_id": doc_id, "call": before.reading.call, **say(before)}
            if self._append(before, [Draft(kind, payload, by, instant())]) is not None:
                return self.state(doc_id)

    def _append(self, checked: State, drafts: Sequence[Draft]) -> list[Entry] | None:
        """Append to the log unless the document is no longer as it was checked; None then."""
        with self._writing:
            while checked.document.id in self._calls and self._version(checked.document.id) == checked.version:
                entries = self.project.store.append_at(self._mark, drafts)
                if entries is not None:
                    with self._guard:
                        for entry in entries:
                            self._file(entry)
                    return entries
                self.refresh()
            return None


def _later(state: State) -> str:
    """A time for a decision: now, but after every decision on the document, whatever the clocks of others say."""
    now = instant()
    last = max((decision.at for decision in state.decisions), key=datetime.fromisoformat, default="")
    if not last or datetime.fromisoformat(now) > _aware(last):
        return now
    return (_aware(last) + timedelta(microseconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _aware(at: str) -> datetime:
    time = datetime.fromisoformat(at)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
