"""Which conflict first: the expected gain of deciding it, and conflicts a document at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from tahkim.adjudicate.questions import Question, Reading

F1 = 0.75
"""The order depends little on it: about what merged gold reaches before anybody has decided anything."""


def gain(posteriors: Mapping[Hashable, float], answer: Hashable) -> float:
    """What deciding a place is expected to bring, in 2·TP / (predicted + gold), the F1 of the gold.

    `answer` is the reading the gold would hold without a decision, None for nothing. A wrong reading put right brings
    2, an invented one struck out F1, a missed one put in 2 - F1; each as likely as the posteriors say.

    >>> gain({"LOC": 0.5, "ORG": 0.5}, "LOC"), gain({"LOC": 0.4}, None), gain({"LOC": 1.0}, "LOC")
    (1.0, 0.5, 0.0)
    """
    something = sum(posteriors.values())
    if answer is None:
        return (2 - F1) * something
    return 2 * (something - posteriors[answer]) + F1 * max(0.0, 1.0 - something)


def answer_of(question: Question, posteriors: Mapping[Hashable, float]) -> Hashable:
    """What stands without a decision: the likeliest reading, or nothing, None; without posteriors the most voted."""
    votes: Counter[Hashable] = Counter()
    for candidate in question.candidates:
        votes[candidate.reading] += len(candidate.annotators)
    if not posteriors:
        return max(votes, key=lambda reading: (votes[reading], _length(reading)))
    best = max(votes, key=lambda reading: (posteriors[reading], _length(reading)))
    return best if posteriors[best] >= 1.0 - sum(posteriors.values()) else None


def _length(reading: Hashable) -> int:
    return reading.end - reading.start if isinstance(reading, Reading) else 0


def by_document(conflicts: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Conflicts a document at a time: documents by the sum of their priorities, in each the most pressing first."""
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for conflict in conflicts:
        groups[conflict["doc_id"]].append(conflict)
    order = sorted(groups, key=lambda doc_id: (-sum(c["priority"] for c in groups[doc_id]), doc_id))
    return [c for doc_id in order for c in sorted(groups[doc_id], key=lambda c: -c["priority"])]
