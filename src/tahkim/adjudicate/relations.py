"""Settle the relation questions of a document, and place what was taken on the gold spans.

A relation follows its units: whatever reading of a unit wins, the relation goes along. It is left out only when
one of its units is not in the gold, and then a line of the report says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from tahkim.adjudicate.attributes import merge_attributes
from tahkim.adjudicate.bayes.posteriors import DocumentPosteriors
from tahkim.adjudicate.decisions import candidate_number, is_stale
from tahkim.adjudicate.questions import DocumentQuestions, Question
from tahkim.adjudicate.settled import (
    GoldRelation,
    GoldSpan,
    Settled,
    SettledRelation,
    TakenRelation,
    confidence,
    lead_support,
    support_of,
    vote_kind,
)
from tahkim.adjudicate.strategies import Ballot, Outcome, Settings, settle
from tahkim.agreement.align import Triple, clusters
from tahkim.errors import DecisionError
from tahkim.model import Decision


def settle_relations(
    questions: DocumentQuestions,
    decisions: Mapping[str, Decision],
    stale: Mapping[int, tuple[Decision, ...]],
    settings: Settings,
    posteriors: DocumentPosteriors | None = None,
) -> list[SettledRelation]:
    """One SettledRelation a question. `stale` holds, by question, decisions whose own place is gone.

    `posteriors` are what the model of `bayes` believes.
    """
    settled = []
    for number, question in enumerate(questions.relations):
        decision = decisions.get(question.key) if decisions else None
        outdated = stale.get(number, ())
        if decision is not None and not is_stale(decision, question):
            settled.append(_by_lead(decision, question))
            continue
        outdated = (decision, *outdated) if decision is not None else outdated
        settled.append(_by_vote(question, questions, outdated, settings, posteriors))
    return settled


def _by_lead(decision: Decision, question: Question) -> SettledRelation:
    if decision.choice == "none":
        return SettledRelation(question, "rejected", "lead", decision=decision)
    chosen = candidate_number(decision, question)
    if chosen is None:
        taken = own_relation(decision, question)
    else:
        candidate = question.candidates[chosen]
        triple = candidate.reading
        assert isinstance(triple, Triple)
        taken = _lead_relation(triple.label, triple.head, triple.tail, candidate.attributes, decision, question)
    return SettledRelation(question, "taken", "lead", (taken,), decision)


def own_relation(decision: Decision, question: Question | None = None) -> TakenRelation:
    """The relation a lead gave as a choice of their own; its ends are ranges of gold spans."""
    choice = decision.choice
    assert isinstance(choice, Mapping)
    ends = choice.get("head"), choice.get("tail")
    if not isinstance(choice.get("label"), str) or not all(_is_range(end) for end in ends):
        raise DecisionError(
            f"decision {decision.id} on document {decision.doc_id}: a relation of your own needs label, and head and "
            'tail as {"start": …, "end": …} of a span'
        )
    return _lead_relation(choice["label"], *ends, choice.get("attributes") or {}, decision, question)


def _is_range(end: object) -> bool:
    return isinstance(end, Mapping) and type(end.get("start")) is int and type(end.get("end")) is int


def _lead_relation(
    label: str, head: Any, tail: Any, attributes: Mapping[str, Any], decision: Decision, question: Question | None
) -> TakenRelation:
    return TakenRelation(label, head, tail, attributes, "lead", lead_support(question), 1.0, decision)


def _by_vote(
    question: Question,
    questions: DocumentQuestions,
    outdated: tuple[Decision, ...],
    settings: Settings,
    posteriors: DocumentPosteriors | None,
) -> SettledRelation:
    triples = [c.reading for c in question.candidates if isinstance(c.reading, Triple)]
    believed: dict[Hashable, float] = (
        {triple: posteriors.relations[triple] for triple in triples} if posteriors is not None else {}
    )
    item = SettledRelation(question, "rejected", stale=outdated, posteriors=believed)
    if outdated and not settings.resolve_all:
        return replace(item, outcome="conflict", why="decided when other readings stood to choose from")
    taken: list[TakenRelation] = []
    contested: list[str] = []
    for triple in dict.fromkeys(triples):
        outcome, relation, names = _triple_by_vote(triple, questions, settings, posteriors)
        if outcome == "conflict":
            return replace(item, outcome="conflict")
        if relation is not None:
            taken.append(relation)
            contested += names
    if not taken:
        return item
    return replace(
        item, outcome="taken", how=taken[0].how, taken=tuple(taken), contested=tuple(dict.fromkeys(contested))
    )


def _triple_by_vote(
    triple: Triple, questions: DocumentQuestions, settings: Settings, posteriors: DocumentPosteriors | None
) -> tuple[Outcome, TakenRelation | None, tuple[str, ...]]:
    having = [
        (voter, held[triple]) for voter, held in zip(questions.voters, questions.triples, strict=True) if triple in held
    ]
    asked = frozenset(v.annotator for v in questions.voters if v.scope.asks_relation(triple.label))
    names = tuple(voter.annotator for voter, _ in having)
    accepted = frozenset(voter.annotator for voter, mark in having if vote_kind(voter, mark) == "accepted")
    ballot = Ballot({triple: names}, asked | frozenset(names), _nothing_to_rank, accepted)
    if posteriors is not None:
        ballot = replace(ballot, posteriors={triple: posteriors.relations[triple]}, how=posteriors.how)
    verdict = settle(ballot, settings)
    if verdict.outcome != "taken":
        return verdict.outcome, None, ()
    said = [(voter, relation.attributes if relation else {}) for voter, relation in having]
    attributes = merge_attributes(said, (), settings, posteriors)
    support, share = support_of(having, len(ballot.asked)), confidence(verdict, ballot)
    return "taken", TakenRelation(*triple, attributes.values, verdict.how, support, share), attributes.contested


def _nothing_to_rank(_: Hashable) -> int:
    """A triple is there or is not: its ballot never has two readings."""
    return 0


def place_relations(
    settled: Sequence[SettledRelation],
    spans: Sequence[Settled],
    gold: Sequence[GoldSpan],
    clustered: frozenset[str],
    settings: Settings,
) -> tuple[list[SettledRelation], list[GoldRelation]]:
    """Put taken relations on gold spans: the settled ones with what had to be dropped, and the gold relations.

    `gold` are all gold spans in their final order; `spans` the settled questions by unit. Relations with a label in
    `clustered` come out as one star a cluster: every later mention points to the first. A decided relation
    that finds no span is open again: a decision is never dropped without asking.
    """
    ends = _Ends(spans, gold)
    placed: list[GoldRelation] = []
    result = []
    for item in settled:
        dropped = []
        for relation in item.taken:
            head, no_head = ends.find(relation.head)
            tail, no_tail = ends.find(relation.tail)
            if no_head or no_tail:
                dropped.append(f"{relation.label}: " + "; ".join(filter(None, (no_head, no_tail))))
            else:
                placed.append(_gold_relation(relation, head, tail))
        result.append(_with_dropped(item, dropped, settings))
    arcs = [relation for relation in placed if relation.label not in clustered]
    stars: list[GoldRelation] = []
    for label in sorted(clustered):
        pairs = {(min(r.head, r.tail), max(r.head, r.tail)): r for r in _once(placed) if r.label == label}
        stars += _stars(label, pairs)
        result = _with_implied(result, label, clusters(pairs), ends, settings)
    return result, sorted(_once(arcs) + stars, key=lambda r: (r.head, r.tail, r.label))


def _with_dropped(item: SettledRelation, dropped: Sequence[str], settings: Settings) -> SettledRelation:
    if not dropped:
        return item
    if item.how == "lead" and not settings.resolve_all:
        return replace(item, outcome="conflict", taken=(), why="; ".join(dropped))
    return replace(item, dropped=tuple(dropped))


def _with_implied(
    settled: Sequence[SettledRelation],
    label: str,
    found: Sequence[Sequence[int]],
    ends: _Ends,
    settings: Settings,
) -> list[SettledRelation]:
    """Pairs that were not taken but follow from those that were: settled too, unless a lead has said no."""
    cluster_of = {member: number for number, cluster in enumerate(found) for member in cluster}
    result = []
    for item in settled:
        if item.question is not None and item.question.label == label and item.outcome != "taken":
            head, tail = (ends.find(unit)[0] for unit in item.question.units)
            if head in cluster_of and cluster_of[head] == cluster_of.get(tail):
                item = _implied(item, settings)
        result.append(item)
    return result


def _implied(item: SettledRelation, settings: Settings) -> SettledRelation:
    if item.decision is None:
        return replace(item, outcome="taken", how="implied", why="follows from other pairs of its cluster")
    if settings.resolve_all:
        return item
    return replace(item, outcome="conflict", how="", why="decided against, but follows from other pairs of its cluster")


def _gold_relation(relation: TakenRelation, head: int, tail: int) -> GoldRelation:
    how = relation.how, relation.support, relation.confidence, relation.decision
    return GoldRelation(relation.label, head, tail, relation.attributes, *how)


def _once(relations: Iterable[GoldRelation]) -> list[GoldRelation]:
    """Each triple once; of two that say the same, the lead's."""
    best: dict[tuple[str, int, int], GoldRelation] = {}
    for relation in sorted(relations, key=lambda r: r.how != "lead"):
        best.setdefault((relation.label, relation.head, relation.tail), relation)
    return list(best.values())


class _Ends:
    """Finds the gold span at an end of a relation, or says why there is none."""

    def __init__(self, spans: Sequence[Settled], gold: Sequence[GoldSpan]) -> None:
        self._spans = spans
        self._by_unit = {span.unit: i for i, span in enumerate(gold) if span.unit is not None}
        self._by_range: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
        for i, span in enumerate(gold):
            self._by_range[span.start, span.end].append((i, span.label))

    def find(self, end: int | Mapping[str, Any]) -> tuple[int, str]:
        if isinstance(end, int):
            return self._of_unit(end)
        label = end.get("label")
        for i, found in self._by_range[end["start"], end["end"]]:
            if label is None or found == label:
                return i, ""
        return -1, f"there is no gold span [{end['start']}, {end['end']}){' ' + label if label else ''}"

    def _of_unit(self, unit: int) -> tuple[int, str]:
        if unit in self._by_unit:
            return self._by_unit[unit], ""
        question = self._spans[unit].question
        place = question.places[0]
        state = "open" if self._spans[unit].outcome == "conflict" else "not in the gold"
        return -1, f"its end [{place.start}, {place.end}) ({question.key}) is {state}"


def _stars(label: str, pairs: Mapping[tuple[int, int], GoldRelation]) -> list[GoldRelation]:
    """Clusters of a symmetric and transitive label, each as arcs from its later members to its first."""
    stars = []
    for first, *others in clusters(pairs):
        for other in others:
            said = pairs.get((first, other))
            if said is None:  # held together only by way of a third mention
                stars.append(GoldRelation(label, other, first, {}, "implied", {}, 1.0))
            else:
                stars.append(replace(said, head=other, tail=first))
    return stars
