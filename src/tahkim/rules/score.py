"""How often each rule is right: its predictions against what people marked, with intervals.

A prediction counts once however many people did the document: it is *right* if more than half of them have it with
the same range and label, *edited* if more than half have something in its place, *deleted* otherwise. Relations
likewise, on units: right if most have the same label between the same two, edited if most relate the two otherwise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import sqrt
from typing import Literal, NamedTuple

from tahkim.agreement.align import align
from tahkim.model import Annotation, Document
from tahkim.rules.extract import RELATION_PRIOR, Rules, annotate

Z95 = 1.959963984540054
PRIOR_WEIGHT = 4.0
"""A prior counts as much as this many predictions."""

Outcome = Literal["right", "edited", "deleted"]


class RuleScore(NamedTuple):
    """A rule's record. `score` is its precision pulled towards its prior; `low` and `high` the 95 % Wilson interval."""

    rule: str
    kind: Literal["span", "relation"]
    right: int
    edited: int
    deleted: int
    prior: float
    score: float
    low: float
    high: float

    @property
    def total(self) -> int:
        return self.right + self.edited + self.deleted


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) of nothing.

    >>> [round(bound, 3) for bound in wilson(8, 10)]
    [0.49, 0.943]
    """
    if total == 0:
        return 0.0, 1.0
    share = right / total
    centre = (share + Z95**2 / (2 * total)) / (1 + Z95**2 / total)
    half = Z95 * sqrt(share * (1 - share) / total + Z95**2 / (4 * total**2)) / (1 + Z95**2 / total)
    return max(0.0, centre - half), min(1.0, centre + half)


def score(
    documents: Mapping[str, Document],
    annotations: Iterable[Annotation],
    rules: Rules,
    exclude: Collection[str] = frozenset(),
) -> list[RuleScore]:
    """The record of every rule that fired, most used first; documents in `exclude` are never looked at."""
    readings: dict[str, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        if annotation.votes and annotation.doc_id not in exclude:
            readings[annotation.doc_id].append(annotation)
    counts: dict[tuple[str, str], Counter[Outcome]] = defaultdict(Counter)
    priors: dict[str, float] = {}
    for doc_id in sorted(readings):
        predicted = annotate(documents[doc_id], rules)
        for span in predicted.spans:
            priors.setdefault(span.rule or "", span.score or 0.0)
        _count(predicted, readings[doc_id], counts)
    records = [_record(rule, kind, counts[rule, kind], priors.get(rule, RELATION_PRIOR)) for rule, kind in counts]
    return sorted(records, key=lambda record: (-record.total, record.kind, record.rule))


def _record(rule: str, kind: str, count: Counter[Outcome], prior: float) -> RuleScore:
    right, edited, deleted = count["right"], count["edited"], count["deleted"]
    total = right + edited + deleted
    low, high = wilson(right, total)
    pulled = (right + PRIOR_WEIGHT * prior) / (total + PRIOR_WEIGHT)
    return RuleScore(rule, "span" if kind == "span" else "relation", right, edited, deleted, prior, pulled, low, high)


def _count(
    predicted: Annotation, people: Sequence[Annotation], counts: dict[tuple[str, str], Counter[Outcome]]
) -> None:
    """Add the outcomes of one document's predictions."""
    span_votes: dict[str, Counter[Outcome]] = defaultdict(Counter)
    relation_votes: dict[str, Counter[Outcome]] = defaultdict(Counter)
    for person in people:
        partner: dict[str, str] = {}
        for unit in align([predicted.spans, person.spans]):
            own, other = unit.spans
            if own is not None and other is not None:
                partner[own.id] = other.id
                same = (own.start, own.end, own.label) == (other.start, other.end, other.label)
                span_votes[own.id]["right" if same else "edited"] += 1
        marked = {(relation.label, relation.head, relation.tail) for relation in person.relations}
        related = {frozenset((head, tail)) for _, head, tail in marked}
        for relation in predicted.relations:
            ends = partner.get(relation.head), partner.get(relation.tail)
            if (relation.label, *ends) in marked or (relation.label, *ends[::-1]) in _symmetric(marked):
                relation_votes[relation.id]["right"] += 1
            elif frozenset(ends) in related:
                relation_votes[relation.id]["edited"] += 1
    for span in predicted.spans:
        counts[span.rule or "", "span"][_outcome(span_votes[span.id], len(people))] += 1
    for relation in predicted.relations:
        counts[relation.rule or "", "relation"][_outcome(relation_votes[relation.id], len(people))] += 1


def _symmetric(marked: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    return {arc for arc in marked if arc[0] == "same_event"}


def _outcome(votes: Counter[Outcome], people: int) -> Outcome:
    if 2 * votes["right"] > people:
        return "right"
    return "edited" if 2 * (votes["right"] + votes["edited"]) > people else "deleted"


def to_text(records: Sequence[RuleScore]) -> str:
    """The records as a score file, for a project's folder of rules."""
    lines = ["# rule\tprecision\tpredictions (right, edited, deleted)"]
    lines += [
        f"{record.rule}\t{record.score:.3f}\t{record.total} ({record.right}, {record.edited}, {record.deleted})"
        for record in sorted(records, key=lambda record: record.rule)
    ]
    return "\n".join(lines) + "\n"
