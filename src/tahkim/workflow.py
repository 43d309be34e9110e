"""One function a stage, and the only place where siblings meet.

Each works on a Corpus and returns plain values, whether the corpus was read from a file or from a project's store;
`Project` is needed only where something is kept.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from tahkim import __version__, guideline, rules
from tahkim import schema as schemas
from tahkim.adjudicate.conflicts import conflicts as conflicts_of
from tahkim.adjudicate.conflicts import decision_record
from tahkim.adjudicate.conflicts import report as merge_report
from tahkim.adjudicate.decisions import NONE_STANDING, in_order, is_stale, standing
from tahkim.adjudicate.merge import DocumentMerge, gold_annotation, merge_document
from tahkim.adjudicate.merge import merge as merge_corpus
from tahkim.adjudicate.questions import read
from tahkim.adjudicate.strategies import Settings
from tahkim.agreement.evaluate import choose
from tahkim.agreement.evaluate import evaluate as evaluate_corpus
from tahkim.backends.files import write_lines
from tahkim.errors import DecisionError, InputError, ReleaseError, UsageError
from tahkim.gold.release import MANIFEST, About, LeftOut, file_hash
from tahkim.gold.release import release as write_release
from tahkim.gold.verify import read_manifest
from tahkim.gold.verify import verify as verify_folder
from tahkim.interchange import decode_decision, encode, identified
from tahkim.model import Corpus, Decision, Document
from tahkim.project import Project
from tahkim.schema import Schema
from tahkim.store import Draft, Entry

if TYPE_CHECKING:
    pass

Record = dict[str, Any]


def now() -> str:
    """This moment in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def schema_for(path: Path | None) -> Schema:
    """The schema of a file: the one at `path`; without it tahkim's own for what its labels mean, any others allowed.

    So a plain file with other labels works, and `same_event` is a cluster in any file.
    """
    return schemas.load(path) if path is not None else replace(schemas.load(), overlap_allowed=True)


# Into the project.


def ingest(project: Project, documents: Iterable[Document]) -> Record:
    """Take reports into the project: how many are new, updated in their meta, unchanged. All or none."""
    return project.store.add_documents(documents)._asdict()


def preannotate_to(output: Path, documents: Iterable[Document]) -> int:
    """Write the rules' annotation of each document to a file; the number of documents."""
    loaded = rules.load()
    count = 0

    def records() -> Iterator[Record]:
        nonlocal count
        for document in documents:
            yield encode(rules.annotate(document, loaded), document)
            count += 1

    write_lines(output, records())
    return count


def preannotate(project: Project, progress: Callable[[Sequence[Document]], Iterable[Document]]) -> Record:
    """Annotate every document of the project by the rules; what is unchanged makes no new revision."""
    documents = list(project.store.documents())
    found = rules.preannotate(progress(documents), rules.load())
    return project.store.add_annotations(found, {"rules": rules.VERSION}, now())._asdict()


def take_in(project: Project, corpus: Corpus, source: str) -> Record:
    """Take annotations, and the documents they come with, into the project.

    Everything is held against the project's schema first; one problem refuses all of it.
    """
    _check_all(corpus, project.schema, source)
    added = project.store.add_documents(corpus.documents.values())
    imported = project.store.add_annotations(corpus.annotations, {"file": source}, now())
    return {"documents": added._asdict(), "annotations": imported._asdict()}


def _check_all(corpus: Corpus, schema: Schema, source: str) -> None:
    found = [
        f"{a.doc_id} by {a.annotator}: {problem}"
        for a in corpus.annotations
        for problem in schemas.check(a, schema, corpus.documents[a.doc_id].text)
    ]
    if found:
        more = f" ({len(found) - 1} more: `tahkim validate --input {source}` lists them)" if len(found) > 1 else ""
        raise InputError(f"{source}: {found[0]}{more}")


# Measures.


def evaluate(gold: Corpus, predicted: Corpus, annotator: str | None, common: bool, schema: Path | None) -> Record:
    """Precision, recall and F1 of one reading against gold; `annotator` chooses one where gold holds several."""
    chosen = choose(gold, annotator, "gold")
    return evaluate_corpus(chosen, predicted, common=common, schema=schema_for(schema))


# Merge, conflicts, decisions.


def merge(
    corpus: Corpus, settings: Settings, schema: Schema, decisions: Iterable[Decision] = ()
) -> tuple[list[DocumentMerge], list[str]]:
    """Every document that somebody submitted, merged, and the ids of those that nobody did."""
    merged = list(merge_corpus(corpus, settings, schema, decisions))
    return merged, sorted(set(corpus.documents) - {document.document.id for document in merged})


def merged_records(merged: Iterable[DocumentMerge]) -> Iterator[Record]:
    """The merged documents as lines of the interchange form, by `gold`."""
    for document in merged:
        yield encode(gold_annotation(document), document.document)


def report(merged: Sequence[DocumentMerge], settings: Settings, missing: Sequence[str]) -> Record:
    """What was taken, by what, with what support, what was dropped and why, and totals."""
    return merge_report(merged, settings, missing)


def conflicts(merged: Iterable[DocumentMerge]) -> list[Record]:
    """All open conflicts, those that most hangs on first."""
    found = [conflict for document in merged for conflict in conflicts_of(document)]
    return sorted(found, key=lambda conflict: -conflict["priority"])


def decisions(project: Project) -> list[Decision]:
    """Every decision ever taken in the project, in the order of the log."""
    return [decode_decision(dict(entry.payload)) for entry in project.store.entries("decision")]


def decide(project: Project, new: Sequence[Decision], settings: Settings) -> Record:
    """Append decisions to the log, all or none; those that are there already change nothing.

    Raises DecisionError for one that cannot be taken: no such document, key or candidate, or readings that have
    changed since the lead saw them.
    """
    known = decisions(project)
    ids = {decision.id for decision in known}
    fresh = [decision for decision in in_order(new) if decision.id not in ids]
    corpus = project.store.corpus()
    stand = standing([*known, *fresh], corpus.documents)
    by_document = corpus.by_document()
    for doc_id in sorted({decision.doc_id for decision in fresh}):
        here = stand.get(doc_id, NONE_STANDING)
        merged = merge_document(corpus.documents[doc_id], by_document[doc_id], settings, project.schema, here)
        _refuse_unfounded([d for d in fresh if d.doc_id == doc_id], merged)
    drafts = [draft_of(decision) for decision in fresh]
    project.store.append_all(drafts)
    return {"decided": len(fresh), "known": len(new) - len(fresh)}


def one_decision(
    project: Project,
    doc_id: str | None,
    key: str | None,
    choice: str | None,
    undo: str | None,
    by: str,
    reason: str | None,
    guideline_paragraph: str | None,
) -> Decision:
    """A decision typed by hand, on the readings as they stand now. UsageError where it says too little."""
    if doc_id is None or (undo is None) == (choice is None):
        raise UsageError("name --doc and either --choice (with --key, or JSON for something new) or --undo")
    given: Record = {"doc_id": doc_id, "by": by, "at": now(), "reason": reason, "guideline": guideline_paragraph}
    if undo is not None:
        return identified(Decision(**given, undoes=undo))
    if key is None:
        return identified(Decision(**given, choice=_typed_choice(choice or ""), of="new"))
    corpus = project.store.corpus()
    if doc_id not in corpus.documents:
        raise DecisionError(f"document {doc_id} is not in the project")
    seen = {q.key: q.seen for q in read(doc_id, corpus.by_document()[doc_id], project.schema).all}
    return identified(Decision(**given, key=key, seen=seen.get(key, "unknown"), choice=_typed_choice(choice or "")))


def _typed_choice(choice: str) -> int | str | Record:
    if choice == "none":
        return choice
    try:
        value = json.loads(choice)
    except ValueError:
        value = None
    if type(value) is int or isinstance(value, dict):
        return value
    raise UsageError(f'--choice {choice}: give a candidate\'s number, "none", or a span or relation as JSON')


def _refuse_unfounded(fresh: Iterable[Decision], merged: DocumentMerge) -> None:
    """Raise DecisionError for a decision on readings that are not, or no longer, those of the document."""
    questions = {item.question.key: item for item in merged.settled if item.question is not None}
    for decision in fresh:
        name = f"decision {decision.id} on document {decision.doc_id}"
        if decision.undoes is not None or decision.of == "new":
            continue
        item = questions.get(decision.key or "")
        if item is None:
            raise DecisionError(
                f"{name}: there is nothing to decide at {decision.key}: list what is with `tahkim conflicts`"
            )
        if item.question is not None and is_stale(decision, item.question):
            raise DecisionError(
                f"{name}: the readings at {decision.key} have changed since (seen is {item.question.seen} now): "
                "look again with `tahkim conflicts`"
            )
    for relation in merged.relations:
        if relation.outcome == "conflict" and relation.decision in fresh:
            assert relation.decision is not None
            raise DecisionError(f"decision {relation.decision.id} on document {merged.document.id}: {relation.why}")


def draft_of(decision: Decision) -> Draft:
    """The log entry of a decision."""
    return Draft("decision", decision_record(decision), decision.by, decision.at, unique=decision.id)


# Release.


class Cut(Struct, frozen=True):
    """The state of a project that a release is made from: all up to a revision and an entry of the log."""

    revision: int
    entry: int
    settings: Settings
    partial: bool
    by: str
    at: str


def release(project: Project, name: str, settings: Settings, *, by: str, partial: bool = False) -> tuple[Path, Record]:
    """Merge the project and write its gold as a release; the folder and its manifest.

    Documents with open conflicts are left out, or with `partial` go in with their open places listed. The log
    says what it was made from before it appears, so that a release a killed run did not finish, or whose folder
    was lost, is written again from that: byte for byte, or not at all.
    """
    folder = project.exports / _release_name(name)
    entry = _release_entry(project, name)
    if folder.exists():
        raise ReleaseError(f"{folder} exists already: a release never changes, give this one another name")
    if entry is not None:
        cut = msgspec.convert(entry.payload["cut"], Cut)
        if (cut.settings, cut.partial) != (settings, partial):
            raise ReleaseError(
                f"{name} was released with other settings (entry {entry.n} of the log): use another name"
            )
        return folder, _write_release(project, folder, cut, _expecting(entry.payload["manifest"], name))
    head = project.store.head()
    cut = Cut(project.store.last_revision(), head.n if head else 0, settings, partial, by, now())

    def enter(manifest: str) -> None:
        payload = {"name": name, "cut": msgspec.to_builtins(cut), "manifest": manifest}
        project.store.append("release", payload, by=by, at=cut.at, unique=name)

    return folder, _write_release(project, folder, cut, enter)


def _release_entry(project: Project, name: str) -> Entry | None:
    return next((e for e in project.store.entries("release") if e.payload["name"] == name), None)


def _expecting(manifest: str, name: str) -> Callable[[str], None]:
    def check(found: str) -> None:
        if found != manifest:
            raise ReleaseError(
                f"{name} cannot be written again as it was: the project, or tahkim, has changed since. Use another name"
            )

    return check


def _release_name(name: str) -> str:
    if not re.fullmatch(r"\w[\w.-]{0,63}", name):
        raise UsageError(
            f"{name!r} is no name for a release: use letters, digits, dots, dashes, such as 2026-01 or v1.2"
        )
    return name


def _write_release(project: Project, folder: Path, cut: Cut, enter: Callable[[str], None]) -> Record:
    corpus = project.store.corpus(until=cut.revision)
    decided = [decode_decision(dict(e.payload)) for e in project.store.entries("decision") if e.n <= cut.entry]
    merged, missing = merge(corpus, cut.settings, project.schema, decided)
    ready = [document for document in merged if cut.partial or not document.open]
    left_out = [
        *(_left_out(corpus.documents[doc_id], 0, "nobody submitted it") for doc_id in missing),
        *(_left_out(m.document, m.open, "open conflicts") for m in merged if m.open and not cut.partial),
    ]
    return write_release(
        folder,
        [(document.document, gold_annotation(document)) for document in ready],
        sorted(left_out, key=lambda item: item.doc_id),
        _about(project, folder.name, corpus, decided, cut),
        project.key,
        enter,
    )


def _left_out(document: Document, n_open: int, why: str) -> LeftOut:
    return LeftOut(document.id, n_open, why, len(document.text))


def _about(project: Project, name: str, corpus: Corpus, decided: Sequence[Decision], cut: Cut) -> About:
    submitted = Counter(a.annotator for a in corpus.annotations if a.votes)
    entry = next((e for e in project.store.entries() if e.n == cut.entry), None)
    return About(
        name=name,
        created_at=cut.at,
        created_by=cut.by,
        tool_version=__version__,
        schema_version=project.schema.version,
        guideline_version=guideline.load("en").version,
        rules_versions=tuple(sorted({a.annotator for a in corpus.annotations if a.annotator.startswith("rules")})),
        settings=asdict(cut.settings),
        partial=cut.partial,
        annotators=submitted,
        people=frozenset({*submitted, *(d.by for d in decided), cut.by}),
        agreement={},
        log={"entries": cut.entry, "hash": entry.hash if entry else None},
        revision=cut.revision,
    )


def verify(folder: Path, project: Project | None = None) -> list[str]:
    """Everything that is wrong with a release; with its project, also whether it comes out the same again."""
    found = verify_folder(folder)
    if project is None or found:
        return found
    entry = _release_entry(project, str(read_manifest(folder).get("name")))
    if entry is None:
        return ["the log of the project has no such release"]
    if entry.payload["manifest"] != file_hash(folder / MANIFEST):
        return [f"{MANIFEST} is not the one that entry {entry.n} of the log names"]
    return _recompute(project, folder, msgspec.convert(entry.payload["cut"], Cut))


def _recompute(project: Project, folder: Path, cut: Cut) -> list[str]:
    """Write the release a second time elsewhere and compare every byte."""
    with TemporaryDirectory() as scratch:
        again = Path(scratch) / folder.name
        _write_release(project, again, cut, lambda manifest: None)
        names = sorted(path.name for path in again.iterdir())
        return [f"{name} comes out different" for name in names if file_hash(again / name) != file_hash(folder / name)]


def manifest_of(folder: Path) -> Record:
    """The manifest of a release; ReleaseError when there is none that can be read."""
    return read_manifest(folder)


# Where things stand.


def status(project: Project, settings: Settings) -> Record:
    """Documents, annotations by person and status, conflicts, decisions and releases of a project."""
    corpus = project.store.corpus()
    counts = project.store.counts()
    merged, missing = merge(corpus, settings, project.schema, decisions(project))
    return {
        "project": str(project.folder),
        "documents": counts.documents,
        "groups": len({document.group or document.id for document in corpus.documents.values()}),
        "annotations": {name: dict(by_status) for name, by_status in counts.annotations.items()},
        "revisions": counts.revisions,
        "merge": {
            "strategy": settings.strategy,
            "finished": sum(not document.open for document in merged),
            "open": sum(document.open > 0 for document in merged),
            "conflicts": sum(document.open for document in merged),
            "unannotated": len(missing),
        },
        "decisions": counts.entries.get("decision", 0),
        "releases": [entry.payload["name"] for entry in project.store.entries("release")],
    }
