"""Open conflicts and the merge report as plain records, ready for JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from tahkim.adjudicate.bayes.posteriors import DocumentPosteriors
from tahkim.adjudicate.decisions import in_order
from tahkim.adjudicate.merge import DocumentMerge
from tahkim.adjudicate.questions import Candidate, Question, place_in
from tahkim.adjudicate.settled import Settled, SettledRelation
from tahkim.adjudicate.strategies import Settings
from tahkim.adjudicate.triage import answer_of, gain
from tahkim.model import Decision

Record = dict[str, Any]


def conflicts(merged: DocumentMerge, beliefs: DocumentPosteriors | None = None) -> list[Record]:
    """The open conflicts of a document, the most pressing first.

    `priority` is the expected gain of a decision by `beliefs` (else by the posteriors of the merge; without any, 1 a
    place; see `tahkim.adjudicate.triage`), times one and the relation questions that end at it. Beliefs order the
    queue and decide nothing, so those of the text may be taken whatever the strategy.
    """
    hanging = Counter(unit for item in merged.relations if item.question for unit in item.question.units)
    records = [_conflict(item, hanging, beliefs) for item in merged.settled if item.is_open]
    records += [_orphan(decision, merged) for decision in merged.orphans]
    return sorted(records, key=lambda record: -record["priority"])


def _conflict(
    item: Settled | SettledRelation, hanging: Mapping[int, int], beliefs: DocumentPosteriors | None
) -> Record:
    question = item.question
    if question is None:
        assert item.decision is not None
        return _without_question(item.decision, item.why)
    record: Record = {
        "key": question.key,
        "doc_id": question.doc_id,
        "kind": question.kind if item.outcome == "conflict" else "attribute",
        "of": question.of,
        "place": question.place,
        "candidates": [_candidate(candidate, item.posteriors) for candidate in question.candidates],
        "nothing": {"annotators": list(question.nothing), **_of_nothing(item.posteriors)},
        "seen": question.seen,
        "priority": _priority(item, question, hanging, beliefs),
    }
    if item.contested:
        record["contested"] = list(item.contested)
    if item.why:
        record["why"] = item.why
    if item.stale:
        record["stale"] = [decision_record(decision) for decision in in_order(item.stale)]
    return record


def _priority(
    item: Settled | SettledRelation,
    question: Question,
    hanging: Mapping[int, int],
    beliefs: DocumentPosteriors | None,
) -> float:
    depending = 1 + (sum(hanging[unit] for unit in question.units) if question.of == "span" else 0)
    believed = item.posteriors if beliefs is None else beliefs.of_question(question)
    if item.outcome != "conflict" or not believed:
        return depending
    return round(gain(believed, answer_of(question, item.posteriors)) * depending, 4)


def _candidate(candidate: Candidate, posteriors: Mapping[Hashable, float]) -> Record:
    """Candidates that differ in attributes alone share the posterior of their reading."""
    record: Record = {**candidate.record, "annotators": list(candidate.annotators)}
    return {**record, "posterior": posteriors[candidate.reading]} if posteriors else record


def _of_nothing(posteriors: Mapping[Hashable, float]) -> Record:
    return {"posterior": round(max(0.0, 1.0 - sum(posteriors.values())), 6)} if posteriors else {}


def _orphan(decision: Decision, merged: DocumentMerge) -> Record:
    """A stale decision at whose place nobody marks anything any more."""
    ranges = place_in(decision.key or "") or []
    places = [{"start": start, "end": end} for start, end in ranges]
    place = places[0] if len(places) == 1 else dict(zip(("head", "tail"), places, strict=False))
    record = _without_question(decision, "nothing is marked any more where this was decided")
    return {**record, "key": decision.key, "of": "relation" if len(places) == 2 else "span", "place": place}


def _without_question(decision: Decision, why: str) -> Record:
    return {
        "key": None,
        "doc_id": decision.doc_id,
        "kind": "stale",
        "of": "relation",
        "place": {},
        "candidates": [],
        "nothing": {"annotators": []},
        "seen": None,
        "priority": 1,
        "why": f"{why}: undo decision {decision.id}, or mark it anew",
        "stale": [decision_record(decision)],
    }


def decision_record(decision: Decision) -> Record:
    """A decision as it stands in a file of decisions; what is not set is left out."""
    fields = {name: getattr(decision, name) for name in decision.__struct_fields__}
    return {name: value for name, value in fields.items() if value is not None}


def report(merged: Sequence[DocumentMerge], settings: Settings, missing: Iterable[str] = ()) -> Record:
    """What was taken, by what, with what support; what was dropped and why; totals.

    `missing` are ids of documents that nobody submitted.
    """
    documents = [_document_report(document) for document in merged]
    return {
        "settings": {name: getattr(settings, name) for name in settings.__struct_fields__},
        "totals": totals(merged),
        "missing": sorted(missing),
        "documents": documents,
    }


def totals(merged: Iterable[DocumentMerge]) -> Record:
    """How much was taken, by what, rejected, dropped and left open, over all documents."""
    documents = list(merged)
    spans = [item for document in documents for item in document.spans]
    relations = [item for document in documents for item in document.relations]
    gold_spans = [span for document in documents for span in document.gold_spans]
    gold_relations = [relation for document in documents for relation in document.gold_relations]
    return {
        "documents": len(documents),
        "documents_open": sum(document.open > 0 for document in documents),
        "conflicts": sum(document.open for document in documents),
        "spans": len(gold_spans),
        "spans_rejected": sum(item.outcome == "rejected" for item in spans),
        "relations": len(gold_relations),
        "relations_rejected": sum(item.outcome == "rejected" for item in relations),
        "relations_dropped": sum(len(item.dropped) for item in relations),
        "how": {
            "spans": dict(sorted(Counter(span.how for span in gold_spans).items())),
            "relations": dict(sorted(Counter(relation.how for relation in gold_relations).items())),
        },
    }


def _document_report(merged: DocumentMerge) -> Record:
    record: Record = {
        "doc_id": merged.document.id,
        "annotators": list(merged.annotators),
        "open": merged.open,
        "units": [_settled_report(item) for item in merged.spans],
        "relations": [_settled_report(item) for item in merged.relations],
    }
    if merged.attributes is not None:
        record["document"] = _settled_report(merged.attributes)
    if merged.orphans:
        record["stale"] = [decision_record(decision) for decision in merged.orphans]
    return record


def _settled_report(item: Settled | SettledRelation) -> Record:
    record = _question_report(item.question) if item.question is not None else {}
    record |= {"outcome": item.outcome}
    if item.how:
        record["how"] = item.how
    if isinstance(item, SettledRelation):
        record |= {"dropped": list(item.dropped)} if item.dropped else {}
    elif item.gold is not None:
        record["taken"] = {"start": item.gold.start, "end": item.gold.end, "label": item.gold.label}
    if item.contested:
        record["contested"] = list(item.contested)
    if item.why:
        record["why"] = item.why
    if item.decision is not None:
        record["decision"] = item.decision.id
    if item.stale:
        record["stale"] = [decision.id for decision in in_order(item.stale)]
    return record


def _question_report(question: Question) -> Record:
    return {
        "key": question.key,
        "seen": question.seen,
        "place": question.place,
        "kind": question.kind,
        "asked": len(question.asked),
        "votes": [{**c.record, "annotators": list(c.annotators)} for c in question.candidates],
        "nothing": list(question.nothing),
    }
