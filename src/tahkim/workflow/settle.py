"""From several readings to one: merge, what is open, and the lead's decisions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tahkim import schema as schemas
from tahkim.adjudicate.bayes.posteriors import Posteriors
from tahkim.adjudicate.conflicts import conflicts as conflicts_of
from tahkim.adjudicate.conflicts import decision_record
from tahkim.adjudicate.conflicts import report as merge_report
from tahkim.adjudicate.conflicts import totals as totals_of
from tahkim.adjudicate.decisions import NONE_STANDING, in_order, is_stale, standing
from tahkim.adjudicate.merge import DocumentMerge, gold_annotation, learn, merge_document
from tahkim.adjudicate.merge import merge as merge_corpus
from tahkim.adjudicate.questions import read
from tahkim.adjudicate.strategies import Settings
from tahkim.adjudicate.triage import by_document as grouped
from tahkim.clock import instant
from tahkim.errors import DecisionError, UsageError
from tahkim.interchange import decision_problems, decode_decision, encode, identified
from tahkim.model import Corpus, Decision, Relation, Span
from tahkim.project import Project
from tahkim.schema import Schema
from tahkim.store import Draft, Entry

Record = dict[str, Any]
_ANY = Settings()
"""Whether a decision can be taken does not depend on the strategy."""


def schema_for(path: Path | None) -> Schema:
    """The schema of a file: the one at `path`; without it tahkim's own for what its labels mean, any others allowed.

    So a plain file with other labels works, and `same_event` is a cluster in any file.
    """
    return schemas.load(path) if path is not None else replace(schemas.load(), overlap_allowed=True)


def merge(
    corpus: Corpus,
    settings: Settings,
    schema: Schema,
    decisions: Iterable[Decision] = (),
    believed: Posteriors | None = None,
) -> tuple[list[DocumentMerge], list[str]]:
    """Every document that somebody submitted, merged, and the ids of those that nobody did."""
    merged = list(merge_corpus(corpus, settings, schema, decisions, believed))
    return merged, sorted(set(corpus.documents) - {document.document.id for document in merged})


def merged_records(merged: Iterable[DocumentMerge]) -> Iterator[Record]:
    """The merged documents as lines of the interchange form, by `gold`."""
    for document in merged:
        yield encode(gold_annotation(document), document.document)


def report(merged: Sequence[DocumentMerge], settings: Settings, missing: Sequence[str]) -> Record:
    """What was taken, by what, with what support, what was dropped and why, and totals."""
    return merge_report(merged, settings, missing)


def totals(merged: Iterable[DocumentMerge]) -> Record:
    """The totals of the report alone."""
    return totals_of(merged)


def conflicts(merged: Iterable[DocumentMerge], beliefs: Posteriors | None = None) -> list[Record]:
    """All open conflicts, those whose decision is expected to bring most first; by `beliefs`, where there are some."""
    by_document = beliefs.documents if beliefs is not None else {}
    found = [
        conflict for document in merged for conflict in conflicts_of(document, by_document.get(document.document.id))
    ]
    return sorted(found, key=lambda conflict: -conflict["priority"])


def queue(
    corpus: Corpus, settings: Settings, schema: Schema, decided: Sequence[Decision] = (), *, by_document: bool = False
) -> list[Record]:
    """The open conflicts in the order in which to decide them, by what `bayes` believes, whatever the strategy.

    With `by_document` a document at a time, those first where decisions bring most together.
    """
    stand = standing(decided, corpus.documents)
    beliefs = learn(corpus, replace(settings, strategy="bayes", trust=None), schema, stand)
    merged, _ = merge(corpus, settings, schema, decided, beliefs if settings.strategy == "bayes" else None)
    found = conflicts(merged, beliefs)
    return [dict(conflict) for conflict in grouped(found)] if by_document else found


def decisions(project: Project) -> list[Decision]:
    """Every decision ever taken in the project, in the order of the log."""
    return decisions_in(project.store.entries())


def decisions_in(entries: Iterable[Entry]) -> list[Decision]:
    """The decisions among entries of the log, in their order, without those on documents that were redacted."""
    entries = list(entries)
    gone = {entry.payload["doc_id"] for entry in entries if entry.kind == "redaction"}
    found = (decode_decision(dict(entry.payload)) for entry in entries if entry.kind == "decision")
    return [decision for decision in found if decision.doc_id not in gone]


def decide(project: Project, new: Sequence[Decision]) -> Record:
    """Append decisions to the log, all or none; those that are there already change nothing.

    Raises DecisionError for one that cannot be taken: no such document, key or candidate, readings that have
    changed since the lead saw them, or a choice of the lead's own that does not follow the schema.
    """
    known = decisions(project)
    ids = {decision.id for decision in known}
    fresh = [decision for decision in in_order(new) if decision.id not in ids]
    corpus = project.store.corpus()
    stand = standing([*known, *fresh], corpus.documents)
    by_document = corpus.by_document()
    for doc_id in sorted({decision.doc_id for decision in fresh}):
        here = stand.get(doc_id, NONE_STANDING)
        merged = merge_document(corpus.documents[doc_id], by_document[doc_id], _ANY, project.schema, here)
        of_document = [d for d in fresh if d.doc_id == doc_id]
        _refuse_unfounded(of_document, merged)
        _refuse_breaches(of_document, merged, project.schema)
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
    """A decision typed by hand, on the readings as they stand now. UsageError where it says too little.

    The same that stands already is that one, not a second. To undo an undo is to decide again what it took back, as in
    the workbench.
    """
    if doc_id is None or (undo is None) == (choice is None):
        raise UsageError("name --doc and either --choice (with --key, or JSON for something new) or --undo")
    given: Record = {"doc_id": doc_id, "by": by, "at": instant(), "reason": reason, "guideline": guideline_paragraph}
    if undo is not None:
        again = _taken_back_by(undo, decisions(project), project)
        return identified(
            Decision(**given, undoes=undo) if again is None else replace(again, by=by, at=given["at"], id="")
        )
    given["choice"] = _typed_choice(choice or "")
    if wrong := decision_problems(given | ({"of": "new"} if key is None else {"key": key})):
        raise UsageError(f"--choice {choice}{'' if key else ' without --key'}: {wrong[0]}")
    corpus = project.store.corpus()
    if key is None:
        return _as_it_stands(Decision(**given, of="new"), project, corpus)
    if doc_id not in corpus.documents:
        raise DecisionError(f"document {doc_id} is not in the project")
    seen = {q.key: q.seen for q in read(doc_id, corpus.by_document()[doc_id], project.schema).all}
    return _as_it_stands(Decision(**given, key=key, seen=seen.get(key, "unknown")), project, corpus)


def _as_it_stands(typed: Decision, project: Project, corpus: Corpus) -> Decision:
    """The decision that says the same and stands, else the typed one."""
    here = standing(decisions(project), corpus.documents).get(typed.doc_id, NONE_STANDING)
    standing_here = (*here.by_key.values(), *here.additions)
    return next((old for old in standing_here if replace(old, at=typed.at, id="") == typed), None) or identified(typed)


def _taken_back_by(undo_id: str, known: Sequence[Decision], project: Project) -> Decision | None:
    """What an undo took back; None where the id is not that of an undo."""
    for number, undo in enumerate(known):
        if undo.id == undo_id and undo.undoes is not None:
            by_id = {decision.id: decision for decision in known[:number]}
            if undo.undoes in by_id:
                return by_id[undo.undoes]
            return standing(known[:number], project.store.corpus().documents)[undo.doc_id].by_key[undo.undoes]
    return None


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


def _refuse_unfounded(fresh: Sequence[Decision], merged: DocumentMerge) -> None:
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


def _refuse_breaches(fresh: Sequence[Decision], merged: DocumentMerge, schema: Schema) -> None:
    """Raise DecisionError for a choice that does not follow the schema: the lead's own, or two that overlap."""
    gold = gold_annotation(merged)
    leads = [span for span in gold.spans if span.how == "lead"] if not schema.overlap_allowed else []
    said_of_document = merged.attributes.decision if merged.attributes is not None else None
    for decision in fresh:
        name = f"decision {decision.id} on document {decision.doc_id}"
        for one, other in permutations(leads, 2):
            if _is_by(decision, one) and other.start < one.end and one.start < other.end:
                raise DecisionError(
                    f"{name}: [{one.start}, {one.end}) {one.label} overlaps [{other.start}, {other.end}) {other.label} "
                    "of a lead's, and the schema allows no overlap: change or reject that one first"
                )
        if not isinstance(decision.choice, Mapping):
            continue
        relations = tuple(relation for relation in gold.relations if _is_by(decision, relation))
        ends = {end for relation in relations for end in (relation.head, relation.tail)}
        spans = tuple(span for span in gold.spans if span.id in ends or _is_by(decision, span))
        attributes = gold.attributes if said_of_document == decision else {}
        own = replace(gold, spans=spans, relations=relations, attributes=attributes)
        if wrong := schemas.check(own, schema, merged.document.text):
            raise DecisionError(f"{name}: {wrong[0]}")


def _is_by(decision: Decision, mark: Span | Relation) -> bool:
    return mark.how == "lead" and mark.extra["decision"]["id"] == decision.id


def draft_of(decision: Decision) -> Draft:
    """The log entry of a decision."""
    return Draft("decision", decision_record(decision), decision.by, decision.at, unique=decision.id)
