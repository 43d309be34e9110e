"""A document as the page needs it: everything in one JSON value, offsets in code points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import regex

from tahkim.adjudicate.conflicts import conflicts, decision_record
from tahkim.adjudicate.edited import relation_keys, triple
from tahkim.adjudicate.merge import DocumentMerge
from tahkim.adjudicate.questions import Question
from tahkim.adjudicate.settled import Settled, SettledRelation
from tahkim.model import Annotation
from tahkim.schema import Attribute, Schema
from tahkim.text import tokens
from tahkim.web.acts import next_redo, next_undo
from tahkim.web.desk import State

Record = dict[str, Any]
Names = Callable[[str], str]
Believing = Callable[[Question], list[float]]

# Where a word can be cut: behind proclitics and the article, before an enclitic pronoun.
_PROCLITICS = regex.compile(r"[وف]?(?:[بلكس]|ال|لل|[بك]ال)?")
_ENCLITIC = regex.compile(r"(?:هما|كما|هم|هن|كم|كن|ها|نا|ه|ك|ي)$")
LONGEST_PROCLITICS = 4
SHORTEST_STEM = 3


def document(state: State, by: str, names: Names, label_names: Record, believed: Believing) -> Record:
    """All of a document for a lead: text, lanes, and what `changes` gives."""
    text = state.document.text
    return {
        "id": state.document.id,
        "text": text,
        "meta": dict(state.document.meta),
        "words": tokens(text),
        "clitics": clitics(text),
        "lanes": [lane(a, names) for a in state.reading.annotations if a.votes],
        "schema": label_names,
        **changes(state, by, names, believed),
    }


def lane(annotation: Annotation, names: Names) -> Record:
    """An annotator's spans and relations; `seen` says what they made of a suggestion."""
    return {
        "annotator": names(annotation.annotator),
        "spans": [
            {"id": s.id, "start": s.start, "end": s.end, "label": s.label, "attributes": s.attributes, "seen": s.seen}
            for s in annotation.spans
        ],
        "relations": [
            {"id": r.id, "label": r.label, "head": r.head, "tail": r.tail, "attributes": r.attributes}
            for r in annotation.relations
        ],
    }


def changes(state: State, by: str, names: Names, believed: Believing) -> Record:
    """What a decision can change: the merged reading, every question with its votes, and the decisions so far.

    `believed` gives the posterior of each candidate of a question, or nothing.
    """
    merged = state.merged
    return {
        "version": state.version,
        "merged": merged_reading(merged),
        "questions": _questions(state, names, believed),
        "decisions": [decision_record(decision) for decision in state.decisions],
        "open": merged.open,
        "undo": next_undo(state.decisions, by) is not None,
        "redo": next_redo(state.decisions, by) is not None,
        "finished": _entry(state.finished),
        "sent_back": [
            {**entry.payload, "by": entry.by, "at": entry.at, "to": [names(who) for who in entry.payload["to"]]}
            for entry in state.sent_back
        ],
        "answers": _answers(state, names),
    }


def _answers(state: State, names: Names) -> list[Record]:
    """What annotators answered to questions that were sent back, with the key each was about, if any."""
    asked = {entry.n: entry.payload for entry in state.entries if entry.kind == "send_back"}
    return [
        {
            "key": asked[entry.payload["question"]].get("key"),
            "question": asked[entry.payload["question"]]["reason"],
            "text": entry.payload["text"],
            "by": names(entry.by),
            "at": entry.at,
        }
        for entry in state.entries
        if entry.kind == "answer" and entry.payload["question"] in asked
    ]


def _entry(entry: Any) -> Record | None:
    return None if entry is None else {"by": entry.by, "at": entry.at}


def merged_reading(merged: DocumentMerge) -> Record:
    """Gold spans and relations, each with the key of its question; the ends of relations are numbers of spans."""
    keys = relation_keys(merged)
    span_keys = [question.key for question in merged.questions.spans]
    return {
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "label": span.label,
                "attributes": span.attributes,
                "how": span.how,
                "confidence": span.confidence,
                "key": None if span.unit is None else span_keys[span.unit],
                "decision": span.decision.id if span.decision else None,
            }
            for span in merged.gold_spans
        ],
        "relations": [
            {
                "label": relation.label,
                "head": relation.head,
                "tail": relation.tail,
                "attributes": relation.attributes,
                "how": relation.how,
                "key": keys.get(triple(relation.label, relation.head, relation.tail)),
                "decision": relation.decision.id if relation.decision else None,
            }
            for relation in merged.gold_relations
        ],
    }


def _questions(state: State, names: Names, believed: Believing) -> list[Record]:
    listed = conflicts(state.merged)
    open_ones = {record["key"]: record for record in listed if record["key"] is not None}
    returned = {entry.payload.get("key") for entry in state.sent_back}
    found = [
        _question(item, open_ones, state, names, believed) for item in state.merged.settled if item.question is not None
    ]
    asked = {record["key"] for record in found}
    # Decisions whose place is gone, and additions that no longer fit: nothing to choose, only to take back.
    strays = [record for record in listed if record["key"] not in asked]
    found += [{**record, "open": True, "outcome": "conflict", "decision": None} for record in strays]
    for record in found:
        record["sent_back"] = record["key"] in returned
    return found


def _question(
    item: Settled | SettledRelation, open_ones: Mapping[str, Record], state: State, names: Names, believed: Believing
) -> Record:
    question = item.question
    assert question is not None
    posteriors = believed(question)
    record = open_ones.get(question.key) or _plain_question(question)
    stands = state.standing.by_key.get(question.key)
    return {
        **record,
        "candidates": [
            {**c, "annotators": sorted(map(names, c["annotators"]))}
            | ({"posterior": posteriors[n]} if posteriors else {})
            for n, c in enumerate(record["candidates"])
        ],
        "nothing": sorted(names(who) for who in record["nothing"]["annotators"]),
        "open": question.key in open_ones,
        "outcome": item.outcome,
        "how": item.how,
        "why": item.why,
        "decision": decision_record(stands) if stands is not None else None,
    }


def _plain_question(question: Question) -> Record:
    return {
        "key": question.key,
        "of": question.of,
        "kind": question.kind,
        "place": question.place,
        "candidates": [{**c.record, "annotators": list(c.annotators)} for c in question.candidates],
        "nothing": {"annotators": list(question.nothing)},
        "seen": question.seen,
        "priority": 0,
    }


def own_work(state: State, annotator: str, label_names: Record) -> Record:
    """A document for one annotator: their own reading, and the gold once nothing in it is open."""
    text = state.document.text
    empty: Record = {"spans": [], "relations": []}
    return {
        "id": state.document.id,
        "text": text,
        "meta": dict(state.document.meta),
        "words": tokens(text),
        "clitics": [],
        "lanes": [lane(a, str) for a in state.reading.annotations if a.annotator == annotator],
        "schema": label_names,
        "version": state.version,
        "merged": empty if state.merged.open else merged_reading(state.merged),
        "questions": [],
        "decisions": [],
        "open": state.merged.open,
        "undo": False,
        "redo": False,
        "finished": _entry(state.finished),
        "sent_back": [{**e.payload, "by": e.by, "at": e.at} for e in state.sent_back if annotator in e.payload["to"]],
    }


def clitics(text: str) -> list[int]:
    """Offsets inside words where a clitic begins or ends.

    >>> clitics("وبالمدينة منزلها")
    [1, 2, 4, 14]
    """
    found: list[int] = []
    for start, end in tokens(text):
        found += _cuts(text[start:end], start)
    return found


def _cuts(word: str, start: int) -> list[int]:
    longest = min(LONGEST_PROCLITICS, len(word) - SHORTEST_STEM + 1)
    cuts = {length for length in range(1, longest + 1) if _PROCLITICS.fullmatch(word[:length])}
    enclitic = _ENCLITIC.search(word)
    if enclitic is not None and enclitic.start() >= SHORTEST_STEM:
        cuts.add(enclitic.start())
    return [start + cut for cut in sorted(cuts)]


def schema_view(schema: Schema) -> Record:
    """Labels, relations and attributes as pages need them, with the names in both languages."""
    return {
        "direction": schema.direction,
        "arrow": schema.arrow,
        "overlap": schema.overlap_allowed,
        "labels": [
            {"name": label.name, "color": label.color, "kind": label.kind, "key": label.key}
            | {"ar": label.ar, "en": label.en, "attributes": _listed(schema.attributes_of(label.name))}
            for label in schema.labels.values()
        ],
        "relations": [
            {"name": relation.name, "color": relation.color, "symmetric": relation.symmetric}
            | {"domain": sorted(relation.domain), "range": sorted(relation.range)}
            | {
                "ar": relation.ar,
                "en": relation.en,
                "attributes": _listed(schema.relation_attributes_of(relation.name)),
            }
            for relation in schema.relations.values()
        ],
        "document": _listed(schema.document_attributes),
    }


def _listed(attributes: Mapping[str, Attribute]) -> list[Record]:
    return [
        {"name": a.name, "type": a.type, "values": list(a.values), "ar": a.ar, "en": a.en} for a in attributes.values()
    ]
