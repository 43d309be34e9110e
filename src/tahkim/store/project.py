"""The Store: what a project remembers, and the calls that add to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import msgspec
import sqlalchemy as sql
from sqlalchemy.engine import Connection, Row

from tahkim.errors import InputError, OffsetError, StoreError
from tahkim.interchange import decode, dumps, encode, named
from tahkim.model import Annotation, Corpus, Document
from tahkim.store import tables
from tahkim.store.connect import WRITES, Database, database, explained, no_project

BATCH_ROWS, BATCH_SIZE = 500, 4_000_000
"""How many rows, and how many characters or spans in them, are sent or asked for at once; only memory depends on it."""

FETCH_ROWS = 100

REDACTED = ""
"""What is left of the text of a redacted document, and of every annotation of it."""

NO_ENTRY = "0" * 64
"""What stands for the hash before the first entry of the log."""

Item = TypeVar("Item")


class Added(NamedTuple):
    """What became of documents: new, known with another meta or group now, known and the same."""

    new: int
    updated: int
    unchanged: int


class Imported(NamedTuple):
    """What became of annotations: an annotator's first of a document, a new revision, the same as the last one."""

    new: int
    revised: int
    unchanged: int


class Revision(NamedTuple):
    """One state of an annotator's reading; numbers count from 1, `source` says where it came from."""

    number: int
    at: str
    source: Mapping[str, Any]
    hash: str
    annotation: Annotation


class Draft(NamedTuple):
    """An entry to append. With `unique`, the log takes one entry of this kind and key, and no second."""

    kind: str
    payload: Mapping[str, Any]
    by: str
    at: str
    unique: str | None = None


class Entry(NamedTuple):
    """An entry of the log, numbered from 1. `hash` covers all the rest; `prev` is the hash of the entry before."""

    n: int
    kind: str
    payload: Mapping[str, Any]
    by: str
    at: str
    unique: str | None
    prev: str
    hash: str


class Mark(NamedTuple):
    """A moment of the store: the number of the last call that added documents or annotations, and the last entry's."""

    call: int
    entry: int


class Counts(NamedTuple):
    """What is there: documents, last revisions by annotator and status, all revisions, log entries by kind."""

    documents: int
    annotations: Mapping[str, Mapping[str, int]]
    revisions: int
    entries: Mapping[str, int]


class Store:
    """An open project store; close it, or use it in `with`. An iterator reads one unchanging state while it runs."""

    place: str | Path
    """What it was opened by, a URL with its password: for opening it in another process, and never to be shown."""

    def __init__(self, opened: Database) -> None:
        self._database = opened
        # Readers see one state across statements; a writer must see what the one before it wrote.
        snapshot = {} if opened.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        self._reader = opened.engine.execution_options(**snapshot)
        self._writer = opened.engine.execution_options(**{WRITES: True})

    @classmethod
    def open(cls, place: str | Path, *, create: bool = False, wait: float = 30.0) -> Store:
        """Open the store of a project folder, a `.db` file or a `postgresql://` URL, and bring it to this version.

        With `create` it is made where there is none. A writer waits `wait` seconds for another. StoreError where
        there is no project, or one that this version cannot use.
        """
        store = cls(database(place, create, wait))
        store.place = place
        try:
            store._migrate(create)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def name(self) -> str:
        """The file or server as messages name it, without user and password."""
        return self._database.name

    def close(self) -> None:
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state; for this package only, since only it holds SQL."""
        with explained(self._database.name, self._database.secrets), self._reader.begin() as connection:
            yield connection.execution_options(yield_per=FETCH_ROWS)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose transaction writes, alone at its time; for this package only."""
        with explained(self._database.name, self._database.secrets), self._writer.begin() as connection:
            yield connection

    # Opening.

    def _migrate(self, create: bool) -> None:
        known = len(tables.MIGRATIONS)
        applied = self._version(create)
        while applied < known:
            applied = self._apply_next()
        if applied > known:
            raise StoreError(
                f"{self.name}: was made by a newer tahkim (store version {applied}, this one knows {known}): "
                "upgrade tahkim"
            )

    def _version(self, create: bool) -> int:
        """How many migrations the database has; 0 where the project is still to be made."""
        with self.reading() as connection:
            found = sql.inspect(connection).get_table_names()
            if tables.VERSIONS.name in found:
                return _last_migration(connection)
        if found and self._database.engine.dialect.name == "sqlite":
            raise StoreError(f"{self.name}: is another program's database, not a tahkim project")
        if not create:
            raise no_project(self.name)
        return 0

    def _apply_next(self) -> int:
        """Apply the next migration together with its record, unless another process was faster."""
        with self.writing() as connection:
            tables.VERSIONS.create(connection, checkfirst=True)
            applied = _last_migration(connection)
            if applied < len(tables.MIGRATIONS):
                tables.MIGRATIONS[applied](connection)
                applied += 1
                connection.execute(sql.insert(tables.VERSIONS), {"number": applied})
            return applied

    def version(self) -> int:
        """How many migrations it has."""
        with self.reading() as connection:
            return _last_migration(connection)

    # Settings.

    @property
    def project_id(self) -> str:
        """16 hex digits that tell this project from any other."""
        return str(self.settings()["project"])

    def settings(self) -> dict[str, Any]:
        """All settings by name, sorted; values are JSON."""
        with self.reading() as connection:
            rows = connection.execute(sql.select(tables.SETTINGS).order_by(tables.SETTINGS.c.name))
            return {row.name: _from_json(row.value) for row in rows}

    def set(self, name: str, value: Any) -> None:
        """Give a setting a JSON value."""
        with self.writing() as connection:
            connection.execute(sql.delete(tables.SETTINGS).where(tables.SETTINGS.c.name == name))
            connection.execute(sql.insert(tables.SETTINGS), {"name": name, "value": _to_json(value)})

    # Documents.

    def add_documents(self, documents: Iterable[Document]) -> Added:
        """Take in documents: all of them or, when anything fails, none.

        InputError where a known id comes with another text. Meta keys and a group that come with a known document
        replace those in the store; what it leaves out stays.
        """
        tally: Counter[str] = Counter()
        with self.writing() as connection:
            call = _last_call(connection) + 1
            for batch in _batches(documents, lambda document: len(document.text)):
                tally += _add_batch(connection, batch, call)
        return Added(**{outcome: tally[outcome] for outcome in Added._fields})

    def documents(self) -> Iterator[Document]:
        """All documents, in the order of their ids."""
        with self.reading() as connection:
            yield from _documents(connection)

    def document(self, doc_id: str) -> Document:
        """One document; InputError if there is none of this id."""
        with self.reading() as connection:
            row = connection.execute(sql.select(tables.DOCUMENTS).where(tables.DOCUMENTS.c.id == doc_id)).one_or_none()
        if row is None:
            raise InputError(f"{named(doc_id)} is not in the project")
        if row.redacted is not None:
            raise InputError(f"{named(doc_id)} was redacted on {row.redacted}")
        return Document(id=row.id, text=row.text, meta=_from_json(row.meta), group=row.group)

    def redact(self, doc_id: str, draft: Draft) -> bool:
        """Take a document's text and meta and the content of all its annotations out for good, and log it.

        What stays is a tombstone: its id, group, length, sha256, and who annotated it when. It comes back with no call:
        the same document or annotations again change nothing. False when it was redacted before; InputError if
        there is none of this id. The log is append-only: what a lead wrote of the document stays in it.
        """
        table = tables.DOCUMENTS
        with self.writing() as connection:
            row = connection.execute(sql.select(table.c.redacted).where(table.c.id == doc_id)).one_or_none()
            if row is None:
                raise InputError(f"{named(doc_id)} is not in the project")
            if row.redacted is not None:
                return False
            tombstone = {"text": REDACTED, "meta": "{}", "redacted": draft.at}
            connection.execute(sql.update(table).where(table.c.id == doc_id).values(tombstone))
            former, annotations = tables.FORMER, tables.ANNOTATIONS
            connection.execute(sql.update(former).where(former.c.doc_id == doc_id).values(meta="{}"))
            connection.execute(sql.update(annotations).where(annotations.c.doc_id == doc_id).values(body=REDACTED))
            append_drafts(connection, [draft])
            return True

    # Annotations.

    def add_annotations(self, annotations: Iterable[Annotation], source: Mapping[str, Any], at: str) -> Imported:
        """Take in annotations, each as a new revision unless it says what its last revision says: all or none.

        InputError where a document is not in the project, OffsetError where a span lies past its text.
        """
        tally: Counter[str] = Counter()
        with self.writing() as connection:
            origin = {"source": _to_json(source), "at": at, "call": _last_call(connection) + 1}
            for batch in _batches(annotations, lambda annotation: len(annotation.spans)):
                tally += _revise_batch(connection, batch, origin)
        return Imported(**{outcome: tally[outcome] for outcome in Imported._fields})

    def annotations(
        self, annotator: str | Collection[str] | None = None, doc_ids: Iterable[str] | None = None
    ) -> Iterator[Annotation]:
        """The last revision of each annotation, perhaps of some annotators or documents; by document, annotator."""
        with self.reading() as connection:
            yield from _last_revisions(connection, annotator, doc_ids)

    def revisions(self, doc_id: str, annotator: str) -> list[Revision]:
        """All that an annotator's reading of a document has been, the first first; empty if there is none."""
        table = tables.ANNOTATIONS
        chosen = sql.select(table).where(table.c.doc_id == doc_id, table.c.annotator == annotator)
        chosen = chosen.where(table.c.body != REDACTED)
        with self.reading() as connection:
            rows = connection.execute(chosen.order_by(table.c.revision)).all()
        return [Revision(r.revision, r.at, _from_json(r.source), r.hash, _annotation(r)) for r in rows]

    def touched(self, after: int) -> list[str]:
        """Ids of the documents that calls with numbers larger than `after` added or annotated, sorted."""
        with self.reading() as connection:
            chosen = [
                sql.select(column).where(table.c.call > after)
                for table, column in (
                    (tables.DOCUMENTS, tables.DOCUMENTS.c.id),
                    (tables.ANNOTATIONS, tables.ANNOTATIONS.c.doc_id),
                )
            ]
            return sorted({doc_id for part in chosen for (doc_id,) in connection.execute(part)})

    def last_revision(self) -> int:
        """The number of the last call that added documents or annotations; 0 before the first."""
        with self.reading() as connection:
            return _last_call(connection)

    def corpus(self, until: int | None = None) -> Corpus:
        """All documents with the last revision of all their annotations, as of one moment.

        With `until`, a number `last_revision` gave, what was there then and as it was then. A redacted document was
        never there.
        """
        with self.reading() as connection:
            documents = {document.id: document for document in _documents(connection, until)}
            return Corpus(documents, tuple(_last_revisions(connection, until=until)))

    def counts(self) -> Counts:
        """How much of what is there."""
        table = tables.ANNOTATIONS
        by_annotator: dict[str, dict[str, int]] = {}
        number = sql.func.count()
        with self.reading() as connection:
            last = _last_of(sql.select(table.c.annotator, table.c.status, number)).where(table.c.body != REDACTED)
            last = last.group_by(table.c.annotator, table.c.status)
            for annotator, status, count in connection.execute(last.order_by(table.c.annotator, table.c.status)):
                by_annotator.setdefault(annotator, {})[status] = count
            kinds = sql.select(tables.LOG.c.kind, number).group_by(tables.LOG.c.kind).order_by(tables.LOG.c.kind)
            return Counts(
                documents=connection.scalar(sql.select(number).where(tables.DOCUMENTS.c.redacted.is_(None))) or 0,
                annotations=by_annotator,
                revisions=connection.scalar(sql.select(number).select_from(table)) or 0,
                entries={row[0]: row[1] for row in connection.execute(kinds)},
            )

    # The log.

    def append(self, kind: str, payload: Mapping[str, Any], *, by: str, at: str, unique: str | None = None) -> Entry:
        """Append one entry. With `unique`, an entry of this kind and key that is there already is returned as it is."""
        return self.append_all([Draft(kind, payload, by, at, unique)])[0]

    def append_all(self, drafts: Iterable[Draft]) -> list[Entry]:
        """Append entries in their order, all or none; see `append`.

        StoreError where the log has an entry of the same kind and key with another payload.
        """
        with self.writing() as connection:
            return append_drafts(connection, drafts)

    def append_at(self, mark: Mark, drafts: Iterable[Draft]) -> list[Entry] | None:
        """Append entries as `append_all` does, but only if nothing was written since `mark`; None if something was."""
        with self.writing() as connection:
            return append_drafts(connection, drafts) if _mark(connection) == mark else None

    def mark(self) -> Mark:
        """Numbers that grow whenever documents, annotations or entries of the log are added."""
        with self.reading() as connection:
            return _mark(connection)

    def entries(self, kind: str | None = None, after: int = 0) -> Iterator[Entry]:
        """The log's entries with numbers larger than `after`, or those of one kind, the first first."""
        chosen = sql.select(tables.LOG).where(tables.LOG.c.n > after).order_by(tables.LOG.c.n)
        if kind is not None:
            chosen = chosen.where(tables.LOG.c.kind == kind)
        with self.reading() as connection, connection.execute(chosen) as rows:
            for row in rows:
                yield _entry(row._asdict())

    def head(self) -> Entry | None:
        """The log's last entry. Its number and hash, kept elsewhere, show later whether entries were cut off."""
        with self.reading() as connection:
            row = connection.execute(sql.select(tables.LOG).order_by(tables.LOG.c.n.desc()).limit(1)).one_or_none()
        return None if row is None else _entry(row._asdict())

    def verify_log(self) -> list[str]:
        """What does not fit in the log's chain of hashes: altered, missing or exchanged entries; empty if all fits.

        That the last entries were cut off cannot be seen from the log alone; see `head`.
        """
        found = []
        n, prev = 0, NO_ENTRY
        chosen = sql.select(tables.LOG).order_by(tables.LOG.c.n)
        with self.reading() as connection, connection.execute(chosen) as rows:
            for row in rows:
                if row.n != n + 1:
                    found.append(
                        f"entry {n + 1} is missing" if row.n == n + 2 else f"entries {n + 1} to {row.n - 1} are missing"
                    )
                elif row.prev != prev:
                    found.append(f"entry {row.n} does not follow entry {n}: it names another hash")
                if row.hash != _entry_hash(row._asdict()):
                    found.append(f"entry {row.n} was altered: its content does not have its hash")
                n, prev = row.n, row.hash
        return found


# Rows and values.


def append_drafts(connection: Connection, drafts: Iterable[Draft]) -> list[Entry]:
    """Append entries within a transaction that writes; see `Store.append_all`."""
    last = connection.execute(sql.select(tables.LOG).order_by(tables.LOG.c.n.desc()).limit(1)).one_or_none()
    n, prev = (last.n, last.hash) if last is not None else (0, NO_ENTRY)
    entries = []
    for draft in drafts:
        row = _row_of(draft, n + 1, prev)
        kept = _entry_with_key(connection, row)
        if kept is None:
            connection.execute(sql.insert(tables.LOG), row)
            kept, n, prev = _entry(row), row["n"], row["hash"]
        entries.append(kept)
    return entries


def _mark(connection: Connection) -> Mark:
    columns = (tables.DOCUMENTS.c.call, tables.ANNOTATIONS.c.call, tables.LOG.c.n)
    largest = sql.select(*(sql.select(sql.func.max(column)).scalar_subquery() for column in columns))
    documents, annotations, entry = connection.execute(largest).one()
    return Mark(max(documents or 0, annotations or 0), entry or 0)


def _last_migration(connection: Connection) -> int:
    return connection.scalar(sql.select(sql.func.max(tables.VERSIONS.c.number))) or 0


def _to_json(value: Any) -> str:
    """JSON with the keys of objects in sorted order, so that equal values are equal texts."""
    return msgspec.json.encode(value, order="sorted").decode()


def _from_json(text: str) -> Any:
    return msgspec.json.decode(text)


def _batches(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    total = 0
    for item in items:
        batch.append(item)
        total += size(item)
        if len(batch) >= BATCH_ROWS or total >= BATCH_SIZE:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def _insert(connection: Connection, table: sql.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(sql.insert(table), rows)


class _Facts(NamedTuple):
    """What a document is compared by when it comes again. `redacted` says when it was, None if it was not."""

    sha256: str
    meta: Mapping[str, Any]
    group: str | None
    redacted: str | None = None


def _add_batch(connection: Connection, batch: Sequence[Document], call: int) -> Counter[str]:
    """Write what is new in a batch and say what became of its documents."""
    tally: Counter[str] = Counter()
    table = tables.DOCUMENTS
    chosen = sql.select(table.c.id, table.c.sha256, table.c.meta, table.c.group, table.c.redacted)
    rows = connection.execute(chosen.where(table.c.id.in_([document.id for document in batch])))
    known = {row.id: _Facts(row.sha256, _from_json(row.meta), row.group, row.redacted) for row in rows}
    facts = dict(known)
    texts = {}
    for document in batch:
        before = facts.get(document.id)
        after = _merged(before, document)
        tally["new" if before is None else "unchanged" if after == before else "updated"] += 1
        facts[document.id] = after
        texts[document.id] = document.text
    new = [
        _document_row(doc_id, texts[doc_id], facts[doc_id]) | {"call": call} for doc_id in facts if doc_id not in known
    ]
    _insert(connection, table, new)
    changed = [doc_id for doc_id in known if facts[doc_id] != known[doc_id]]
    if changed:
        former = [_update_row(doc_id, known[doc_id]) | {"call": call} for doc_id in changed]
        connection.execute(_KEEP_FORMER, former)
        rows_now = [_update_row(doc_id, facts[doc_id]) for doc_id in changed]
        connection.execute(sql.update(table).where(table.c.id == sql.bindparam("doc_id")), rows_now)
    return tally


# A document may come several times in one call: what it was before the call is what is kept.
_KEEP_FORMER = sql.text(
    'INSERT INTO former_facts (doc_id, "call", meta, "group") VALUES (:doc_id, :call, :meta, :group) '
    "ON CONFLICT DO NOTHING"
)


def _merged(before: _Facts | None, document: Document) -> _Facts:
    if before is None:
        return _Facts(document.sha256, dict(document.meta), document.group)
    if before.redacted is not None:
        return before
    if before.sha256 != document.sha256:
        raise InputError(
            f"{named(document.id)} is in the project with another text: give the changed text an id of its own"
        )
    return _Facts(before.sha256, {**before.meta, **document.meta}, document.group or before.group)


def _document_row(doc_id: str, text: str, facts: _Facts) -> dict[str, Any]:
    meta = _to_json(facts.meta)
    return {"id": doc_id, "text": text, "sha256": facts.sha256, "length": len(text), "meta": meta, "group": facts.group}


def _update_row(doc_id: str, facts: _Facts) -> dict[str, Any]:
    return {"doc_id": doc_id, "meta": _to_json(facts.meta), "group": facts.group}


def _documents(connection: Connection, until: int | None = None) -> Iterator[Document]:
    """All documents that are not redacted, perhaps as they were at a given call."""
    table = tables.DOCUMENTS
    chosen = sql.select(table).where(table.c.redacted.is_(None)).order_by(table.c.id)
    former = {}
    if until is not None:
        chosen = chosen.where(table.c.call <= until)
        changes = sql.select(tables.FORMER).where(tables.FORMER.c.call > until).order_by(tables.FORMER.c.call.desc())
        former = {row.doc_id: row for row in connection.execute(changes)}
    with connection.execute(chosen) as rows:
        for row in rows:
            facts = former.get(row.id, row)
            yield Document(id=row.id, text=row.text, meta=_from_json(facts.meta), group=facts.group)


def _last_call(connection: Connection) -> int:
    holding = (tables.DOCUMENTS, tables.FORMER, tables.ANNOTATIONS)
    numbers = [sql.select(sql.func.max(table.c.call)) for table in holding]
    return max(connection.scalar(number) or 0 for number in numbers)


def _revise_batch(connection: Connection, batch: Sequence[Annotation], origin: dict[str, Any]) -> Counter[str]:
    """Write the annotations of a batch that say something new and say what became of each."""
    tally: Counter[str] = Counter()
    doc_ids = {annotation.doc_id for annotation in batch}
    lengths = _lengths(connection, doc_ids)
    last = _last_hashes(connection, doc_ids)
    rows = []
    redacted = _redacted(connection, doc_ids)
    for annotation in batch:
        if annotation.doc_id in redacted:
            tally["unchanged"] += 1
            continue
        _check_place(annotation, lengths)
        key = (annotation.doc_id, annotation.annotator)
        body = dumps(encode(annotation))
        revision, before = last.get(key, (0, ""))
        digest = sha256(body).hexdigest()
        tally["new" if not revision else "unchanged" if digest == before else "revised"] += 1
        if digest != before:
            last[key] = (revision + 1, digest)
            rows.append(
                {"doc_id": key[0], "annotator": key[1], "revision": revision + 1, "status": annotation.status}
                | {"hash": digest, "body": body.decode()}
                | origin
            )
    _insert(connection, tables.ANNOTATIONS, rows)
    return tally


def _check_place(annotation: Annotation, lengths: Mapping[str, int]) -> None:
    place = named(annotation.doc_id, annotation.annotator)
    if annotation.doc_id not in lengths:
        raise InputError(f"{place}: the document is not in the project: ingest it first")
    length = lengths[annotation.doc_id]
    for span in annotation.spans:
        if not 0 <= span.start < span.end <= length:
            raise OffsetError(
                f"{place}: span {span.id}: [{span.start}, {span.end}) is no place in a text of {length} characters"
            )


def _lengths(connection: Connection, doc_ids: Iterable[str]) -> dict[str, int]:
    table = tables.DOCUMENTS
    rows = connection.execute(sql.select(table.c.id, table.c.length).where(table.c.id.in_(sorted(doc_ids))))
    return {row.id: row.length for row in rows}


def _redacted(connection: Connection, doc_ids: Iterable[str]) -> set[str]:
    table = tables.DOCUMENTS
    chosen = sql.select(table.c.id).where(table.c.id.in_(sorted(doc_ids)), table.c.redacted.is_not(None))
    return {row.id for row in connection.execute(chosen)}


def _last_hashes(connection: Connection, doc_ids: Iterable[str]) -> dict[tuple[str, str], tuple[int, str]]:
    table = tables.ANNOTATIONS
    columns = sql.select(table.c.doc_id, table.c.annotator, table.c.revision, table.c.hash)
    rows = connection.execute(_last_of(columns).where(table.c.doc_id.in_(sorted(doc_ids))))
    return {(row.doc_id, row.annotator): (row.revision, row.hash) for row in rows}


def _last_of(chosen: sql.Select[Any], until: int | None = None) -> sql.Select[Any]:
    """The rows of a query over annotations that are the last revision of theirs, perhaps that at a given call."""
    table, other = tables.ANNOTATIONS, tables.ANNOTATIONS.alias()
    newest = sql.select(sql.func.max(other.c.revision)).where(
        other.c.doc_id == table.c.doc_id, other.c.annotator == table.c.annotator
    )
    if until is not None:
        newest = newest.where(other.c.call <= until)
    return chosen.where(table.c.revision == newest.scalar_subquery())


def _last_revisions(
    connection: Connection,
    annotator: str | Collection[str] | None = None,
    doc_ids: Iterable[str] | None = None,
    until: int | None = None,
) -> Iterator[Annotation]:
    table = tables.ANNOTATIONS
    chosen = _last_of(sql.select(table.c.body), until).where(table.c.body != REDACTED)
    chosen = chosen.order_by(table.c.doc_id, table.c.annotator)
    if annotator is not None:
        names = [annotator] if isinstance(annotator, str) else sorted(annotator)
        chosen = chosen.where(table.c.annotator.in_(names))
    parts = [chosen]
    if doc_ids is not None:
        parts = [chosen.where(table.c.doc_id.in_(batch)) for batch in _batches(sorted(set(doc_ids)), len)]
    for part in parts:
        with connection.execute(part) as rows:
            yield from map(_annotation, rows)


def _annotation(row: Row[Any]) -> Annotation:
    return decode(_from_json(row.body)).annotation


def _row_of(draft: Draft, n: int, prev: str) -> dict[str, Any]:
    row = {"n": n, "kind": draft.kind, "at": draft.at, "by": draft.by, "unique_key": draft.unique}
    row |= {"payload": _to_json(draft.payload), "prev": prev}
    return row | {"hash": _entry_hash(row)}


def _entry_hash(row: Mapping[str, Any]) -> str:
    """Hex sha256 of the JSON list of all the entry is made of; the payload goes in as the text that is stored."""
    parts = [row[key] for key in ("n", "kind", "at", "by", "unique_key", "payload", "prev")]
    return sha256(msgspec.json.encode(parts)).hexdigest()


def _entry_with_key(connection: Connection, row: Mapping[str, Any]) -> Entry | None:
    """The entry that already has this kind and key, if there is one."""
    if row["unique_key"] is None:
        return None
    table = tables.LOG
    chosen = sql.select(table).where(table.c.kind == row["kind"], table.c.unique_key == row["unique_key"])
    there = connection.execute(chosen).one_or_none()
    if there is None:
        return None
    if there.payload != row["payload"]:
        raise StoreError(f"the log has another {row['kind']} {row['unique_key']}: entry {there.n} says something else")
    return _entry(there._asdict())


def _entry(row: Mapping[str, Any]) -> Entry:
    try:
        payload = _from_json(row["payload"])
    except msgspec.DecodeError:
        raise StoreError(f"entry {row['n']} of the log is damaged: its content is no JSON") from None
    return Entry(row["n"], row["kind"], payload, row["by"], row["at"], row["unique_key"], row["prev"], row["hash"])
