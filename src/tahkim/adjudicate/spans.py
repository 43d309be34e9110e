"""Settle the span questions of a document: by decision, by strategy, and without forbidden overlaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from tahkim.adjudicate.attributes import merge_attributes
from tahkim.adjudicate.bayes.posteriors import DocumentPosteriors
from tahkim.adjudicate.decisions import candidate_number, is_stale
from tahkim.adjudicate.questions import DocumentQuestions, Question, Reading
from tahkim.adjudicate.settled import GoldSpan, Settled, confidence, lead_support, support_of, vote_kind
from tahkim.adjudicate.strategies import Ballot, Settings, settle
from tahkim.errors import DecisionError
from tahkim.model import Annotation, Decision, Document, Span
from tahkim.schema import Schema

_OTHERS = "decided when other readings stood to choose from"


def settle_spans(
    questions: DocumentQuestions,
    document: Document,
    decisions: Mapping[str, Decision],
    stale: Mapping[int, tuple[Decision, ...]],
    settings: Settings,
    schema: Schema,
    posteriors: DocumentPosteriors | None = None,
    added: Sequence[GoldSpan] = (),
) -> list[Settled]:
    """One Settled a unit, in the order of units. `stale` holds, by unit, decisions whose own place is gone.

    `posteriors` are what the model of `bayes` believes, `added` what leads have added that nobody had marked.
    """
    settled = []
    for number, question in enumerate(questions.spans):
        decision = decisions.get(question.key) if decisions else None
        outdated = stale.get(number, ())
        if decision is not None and not is_stale(decision, question):
            settled.append(_by_lead(decision, question, number, document))
            continue
        outdated = (decision, *outdated) if decision is not None else outdated
        settled.append(_by_vote(question, number, questions, outdated, settings, schema, posteriors))
    return settled if schema.overlap_allowed else _without_overlaps(settled, added, settings)


def _by_lead(decision: Decision, question: Question, number: int, document: Document) -> Settled:
    if decision.choice == "none":
        return Settled(question, "rejected", "lead", decision=decision)
    chosen = candidate_number(decision, question)
    if chosen is not None:
        candidate = question.candidates[chosen]
        assert isinstance(candidate.reading, Reading)
        start, end, label = candidate.reading
        attributes = candidate.attributes
    else:
        start, end, label, attributes = own_span(decision, document)
    gold = GoldSpan(start, end, label, attributes, "lead", lead_support(question), 1.0, number, decision)
    return Settled(question, "taken", "lead", gold, decision=decision)


def own_span(decision: Decision, document: Document) -> tuple[int, int, str, Mapping[str, Any]]:
    """The span a lead gave as a choice of their own; DecisionError when it is none of this document."""
    choice = decision.choice
    assert isinstance(choice, Mapping)
    start, end, label = choice.get("start"), choice.get("end"), choice.get("label")
    if not (type(start) is int and type(end) is int and isinstance(label, str) and label):
        raise DecisionError(
            f"decision {decision.id} on document {document.id}: a span of your own needs start, end and label"
        )
    if not 0 <= start < end <= len(document.text):
        raise DecisionError(
            f"decision {decision.id} on document {document.id}: [{start}, {end}) is no range of its text, "
            f"which has {len(document.text)} characters"
        )
    return start, end, label, choice.get("attributes") or {}


def _by_vote(
    question: Question,
    number: int,
    questions: DocumentQuestions,
    outdated: tuple[Decision, ...],
    settings: Settings,
    schema: Schema,
    posteriors: DocumentPosteriors | None,
) -> Settled:
    spans = questions.units[number].spans
    voters = [(voter, span) for voter, span in zip(questions.voters, spans, strict=True) if span is not None]
    ballot = _ballot(question, voters, schema)
    if posteriors is not None:
        ballot = replace(ballot, posteriors=posteriors.spans[number], how=posteriors.how)
    verdict = settle(ballot, settings)
    if outdated and not settings.resolve_all:
        return Settled(question, "conflict", stale=outdated, why=_OTHERS, posteriors=ballot.posteriors)
    if verdict.outcome != "taken":
        return Settled(question, verdict.outcome, stale=outdated, posteriors=ballot.posteriors)
    assert isinstance(verdict.reading, Reading)
    start, end, label = verdict.reading
    same_label = [(voter, span.attributes) for voter, span in voters if span.label == label]
    attributes = merge_attributes(same_label, schema.attribute_groups(label), settings, posteriors)
    having = [(voter, span) for voter, span in voters if (span.start, span.end, span.label) == (start, end, label)]
    gold = GoldSpan(
        start,
        end,
        label,
        attributes.values,
        verdict.how,
        support_of(having, len(question.asked)),
        confidence(verdict, ballot),
        number,
    )
    return Settled(
        question,
        "taken",
        verdict.how,
        gold,
        stale=outdated,
        contested=attributes.contested,
        posteriors=ballot.posteriors,
    )


def _ballot(question: Question, voters: Iterable[tuple[Annotation, Span]], schema: Schema) -> Ballot:
    votes: dict[Hashable, tuple[str, ...]] = defaultdict(tuple)
    for candidate in question.candidates:
        votes[candidate.reading] += candidate.annotators
    accepted = frozenset(voter.annotator for voter, span in voters if vote_kind(voter, span) == "accepted")

    def longer_earlier_label(given: Reading) -> tuple[int, int, int, str]:
        return given.start - given.end, given.start, schema.label_order(given.label), given.label

    return Ballot(votes, question.asked, longer_earlier_label, accepted)


def _without_overlaps(settled: Sequence[Settled], added: Sequence[GoldSpan], settings: Settings) -> list[Settled]:
    """Where the schema forbids overlaps, the better supported of two taken spans stays.

    The other one becomes a conflict for the lead, or is rejected where nothing may stay open. What leads decided is
    never touched.
    """
    taken = [s.gold for s in settled if s.gold is not None]
    taken.sort(key=lambda g: (g.how != "lead", -g.confidence, g.start - g.end, g.start, g.label))
    kept = list(added)
    result = list(settled)
    for gold in taken:
        rival = next((k for k in kept if k.start < gold.end and gold.start < k.end), None)
        if rival is None or gold.how == "lead":
            kept.append(gold)
            continue
        assert gold.unit is not None
        better = "a lead decided" if rival.how == "lead" else "more people marked or is longer"
        why = f"overlaps [{rival.start}, {rival.end}) {rival.label}, which {better}"
        outcome = "rejected" if settings.resolve_all else "conflict"
        result[gold.unit] = replace(result[gold.unit], outcome=outcome, how="", gold=None, why=why)
    return result
