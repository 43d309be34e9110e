"""Merge: from all submitted readings of a document to gold, open conflicts and a report. A pure function.

Every unit and every relation ends in one of three ways: taken, rejected (recorded with its votes), or in
conflict (open, for the lead). A standing decision wins over any strategy; one whose candidates have changed
since is stale: its question is open again and carries it along. The same input gives the same bytes, in
whatever order it comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tahkim.adjudicate.attributes import merge_attributes
from tahkim.adjudicate.bayes.posteriors import DocumentPosteriors, Posteriors
from tahkim.adjudicate.decisions import NONE_STANDING, Standing, candidate_number, is_stale, standing
from tahkim.adjudicate.questions import DocumentQuestions, Question, place_in, read
from tahkim.adjudicate.relations import own_relation, place_relations, settle_relations
from tahkim.adjudicate.settled import (
    GoldRelation,
    GoldSpan,
    Settled,
    SettledRelation,
    lead_support,
    provenance,
)
from tahkim.adjudicate.spans import own_span, settle_spans
from tahkim.adjudicate.strategies import Settings
from tahkim.errors import UsageError
from tahkim.model import Annotation, Corpus, Decision, Document, Relation, Span
from tahkim.schema import Schema


class DocumentMerge(Struct, frozen=True):
    """What merging made of one document. `orphans` are decisions whose place is gone and overlaps nothing."""

    document: Document
    questions: DocumentQuestions
    spans: tuple[Settled, ...]
    relations: tuple[SettledRelation, ...]
    attributes: Settled | None
    gold_spans: tuple[GoldSpan, ...]
    gold_relations: tuple[GoldRelation, ...]
    orphans: tuple[Decision, ...]

    @property
    def annotators(self) -> tuple[str, ...]:
        """Who submitted this document, sorted."""
        return tuple(voter.annotator for voter in self.questions.voters)

    @property
    def settled(self) -> Iterator[Settled | SettledRelation]:
        """Every question of the document: spans, relations, the document's own."""
        yield from self.spans
        yield from self.relations
        if self.attributes is not None:
            yield self.attributes

    @property
    def open(self) -> int:
        """How many questions a lead has still to answer."""
        return sum(item.is_open for item in self.settled) + len(self.orphans)


def merge(
    corpus: Corpus,
    settings: Settings,
    schema: Schema,
    decisions: Iterable[Decision] = (),
    believed: Posteriors | None = None,
) -> Iterator[DocumentMerge]:
    """Merge every document that somebody submitted, in order of document id.

    `believed` is what `learn` gave for `bayes`; without it the model is fitted here. Raises UsageError for settings
    that cannot be meant and DecisionError for a decision that cannot be taken.
    """
    settings.check()
    stand = standing(decisions, corpus.documents)
    if settings.strategy == "bayes" and believed is None:
        believed = learn(corpus, settings, schema, stand)
    posteriors = believed.documents if believed is not None else {}
    for doc_id, readings in corpus.by_document().items():
        here = stand.get(doc_id, NONE_STANDING)
        if here is not NONE_STANDING or any(annotation.votes for annotation in readings):
            yield merge_document(corpus.documents[doc_id], readings, settings, schema, here, posteriors.get(doc_id))


def learn(corpus: Corpus, settings: Settings, schema: Schema, stand: Mapping[str, Standing]) -> Posteriors:
    """What the model of `bayes` believes of every document that somebody submitted, and the model itself."""
    from tahkim.adjudicate.bayes.fit import fit  # numpy and scipy, which no other strategy needs

    questions = (read(doc_id, readings, schema) for doc_id, readings in corpus.by_document().items())
    return fit(questions, corpus.documents, schema, stand, features=settings.features)


def merge_document(
    document: Document,
    annotations: Iterable[Annotation],
    settings: Settings,
    schema: Schema,
    decided: Standing = NONE_STANDING,
    posteriors: DocumentPosteriors | None = None,
) -> DocumentMerge:
    """Merge one document. Only submitted annotations of people vote; with none of them the result is empty.

    Strategy `bayes` needs the document's `posteriors`, which `learn` gives: UsageError without them.
    """
    return settle_document(document, read(document.id, annotations, schema), settings, schema, decided, posteriors)


def settle_document(
    document: Document,
    questions: DocumentQuestions,
    settings: Settings,
    schema: Schema,
    decided: Standing = NONE_STANDING,
    posteriors: DocumentPosteriors | None = None,
) -> DocumentMerge:
    """The merge of a document whose questions are known: what a new decision asks for, without a new alignment."""
    if settings.strategy == "bayes" and posteriors is None and questions.voters:
        raise UsageError("strategy bayes learns from all documents: merge the collection, not one document of it")
    by_span, by_relation, orphans = _without_a_place(questions, decided)
    new_spans, new_relations = _additions(decided.additions, document)
    spans = settle_spans(questions, document, decided.by_key, by_span, settings, schema, posteriors, new_spans)
    gold_spans = _in_order([*(s.gold for s in spans if s.gold is not None), *new_spans], schema)
    clustered = frozenset(n for n, relation in schema.relations.items() if relation.symmetric and relation.transitive)
    relations = settle_relations(questions, decided.by_key, by_relation, settings, posteriors)
    relations, gold_relations = place_relations([*relations, *new_relations], spans, gold_spans, clustered, settings)
    attributes = _document_attributes(questions, decided.by_key, settings, posteriors)
    return DocumentMerge(
        document,
        questions,
        tuple(spans),
        tuple(relations),
        attributes,
        tuple(gold_spans),
        tuple(gold_relations),
        orphans,
    )


def _without_a_place(
    questions: DocumentQuestions, decided: Standing
) -> tuple[dict[int, tuple[Decision, ...]], dict[int, tuple[Decision, ...]], tuple[Decision, ...]]:
    """Decisions whose key is gone: by the span or relation question that overlaps their place, or orphans."""
    by_span: dict[int, tuple[Decision, ...]] = defaultdict(tuple)
    by_relation: dict[int, tuple[Decision, ...]] = defaultdict(tuple)
    orphans = []
    if decided.by_key:
        known = {question.key for question in questions.all}
        for key, decision in decided.by_key.items():
            if key in known:
                continue
            ranges = place_in(key) or []
            among, found = (questions.spans, by_span) if len(ranges) == 1 else (questions.relations, by_relation)
            number = _overlapping(among, ranges)
            if number is None:
                orphans.append(decision)
            else:
                found[number] += (decision,)
    return by_span, by_relation, tuple(orphans)


def _overlapping(questions: Sequence[Question], ranges: Sequence[tuple[int, int]]) -> int | None:
    """The question whose places overlap the ranges most, the first of equals."""
    best, most = None, 0
    for number, question in enumerate(questions):
        common = (
            [
                min(place.end, end) - max(place.start, start)
                for place, (start, end) in zip(question.places, ranges, strict=True)
            ]
            if ranges
            else [0]
        )
        if min(common) > 0 and sum(common) > most:
            best, most = number, sum(common)
    return best


def _additions(decisions: Iterable[Decision], document: Document) -> tuple[list[GoldSpan], list[SettledRelation]]:
    """What leads added that nobody had marked."""
    spans, relations = [], []
    for decision in decisions:
        if isinstance(decision.choice, Mapping) and "head" in decision.choice:
            relations.append(SettledRelation(None, "taken", "lead", (own_relation(decision),), decision))
        else:
            content = own_span(decision, document)
            spans.append(GoldSpan(*content, "lead", lead_support(None), 1.0, decision=decision))
    return spans, relations


def _in_order(spans: Iterable[GoldSpan], schema: Schema) -> list[GoldSpan]:
    return sorted(
        spans, key=lambda s: (s.start, s.end, schema.label_order(s.label), s.label, s.unit is None, s.unit or 0)
    )


def _document_attributes(
    questions: DocumentQuestions,
    decisions: Mapping[str, Decision],
    settings: Settings,
    posteriors: DocumentPosteriors | None,
) -> Settled | None:
    question = questions.document
    if question is None:
        return None
    decision = decisions.get(question.key) if decisions else None
    if decision is not None and not is_stale(decision, question):
        return _decided_attributes(decision, question)
    if decision is not None and not settings.resolve_all:
        return Settled(question, "conflict", stale=(decision,), why="decided when other readings stood to choose from")
    merged = merge_attributes([(voter, voter.attributes) for voter in questions.voters], (), settings, posteriors)
    return Settled(question, "taken", settings.strategy, attributes=merged.values, contested=merged.contested)


def _decided_attributes(decision: Decision, question: Question) -> Settled:
    chosen = candidate_number(decision, question)
    attributes: Mapping[str, Any] = {}
    if chosen is not None:
        attributes = question.candidates[chosen].attributes
    elif isinstance(decision.choice, Mapping):
        attributes = decision.choice.get("attributes") or {}
    return Settled(question, "taken", "lead", attributes=attributes, decision=decision)


def gold_annotation(merged: DocumentMerge) -> Annotation:
    """The gold of a document as an annotation by `gold`; `open` in it lists the keys still to be decided."""
    spans = tuple(_gold_span(i, span) for i, span in enumerate(merged.gold_spans, start=1))
    relations = tuple(_gold_relation(i, relation) for i, relation in enumerate(merged.gold_relations, start=1))
    attributes = merged.attributes.attributes if merged.attributes is not None else {}
    open_keys = [s.question.key for s in merged.settled if s.is_open and s.question is not None]
    return Annotation(
        doc_id=merged.document.id,
        annotator="gold",
        spans=spans,
        relations=relations,
        attributes=attributes,
        extra={"open": open_keys} if open_keys else {},
    )


def _gold_span(number: int, span: GoldSpan) -> Span:
    return Span(
        f"s{number}",
        span.start,
        span.end,
        span.label,
        dict(sorted(span.attributes.items())),
        how=span.how,
        support=span.support,
        confidence=span.confidence,
        extra=_decided(span.decision),
    )


def _gold_relation(number: int, relation: GoldRelation) -> Relation:
    return Relation(
        f"r{number}",
        relation.label,
        f"s{relation.head + 1}",
        f"s{relation.tail + 1}",
        dict(sorted(relation.attributes.items())),
        how=relation.how,
        support=relation.support,
        confidence=relation.confidence,
        extra=_decided(relation.decision),
    )


def _decided(decision: Decision | None) -> dict[str, Any]:
    return {"decision": provenance(decision)} if decision is not None else {}
