"""What merging makes of a question: the outcome, what was taken, and how it came to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from tahkim.adjudicate.questions import Question
from tahkim.adjudicate.strategies import Ballot, Outcome, Verdict
from tahkim.model import Annotation, Decision, Relation, Span


class GoldSpan(Struct, frozen=True, gc=False):
    """A span that is in the gold. `unit` is None for one that a lead added."""

    start: int
    end: int
    label: str
    attributes: Mapping[str, Any]
    how: str
    support: Mapping[str, Any]
    confidence: float
    unit: int | None = None
    decision: Decision | None = None


class Settled(Struct, frozen=True, gc=False):
    """A span question (or the document's) and what became of it. `why` explains what the outcome alone does not.

    `stale` are decisions made when other readings stood to choose from; `gold` is set when it was taken;
    `contested` names attributes that no value won, of a place that is taken all the same; `posteriors` are those of
    its readings, where the strategy has them.
    """

    question: Question
    outcome: Outcome
    how: str = ""
    gold: GoldSpan | None = None
    attributes: Mapping[str, Any] = {}
    decision: Decision | None = None
    stale: tuple[Decision, ...] = ()
    why: str = ""
    contested: tuple[str, ...] = ()
    posteriors: Mapping[Hashable, float] = {}

    @property
    def is_open(self) -> bool:
        """Whether a lead has something to decide here."""
        return self.outcome == "conflict" or bool(self.contested)


class TakenRelation(Struct, frozen=True, gc=False):
    """A relation that was taken. An end is a unit's number, or the range of a span that a lead named."""

    label: str
    head: int | Mapping[str, Any]
    tail: int | Mapping[str, Any]
    attributes: Mapping[str, Any]
    how: str
    support: Mapping[str, Any]
    confidence: float
    decision: Decision | None = None


class SettledRelation(Struct, frozen=True, gc=False):
    """A relation question and what became of it. `question` is None for a relation that a lead added.

    `dropped` says, for each relation that was taken and yet is not in the gold, why.
    """

    question: Question | None
    outcome: Outcome
    how: str = ""
    taken: tuple[TakenRelation, ...] = ()
    decision: Decision | None = None
    stale: tuple[Decision, ...] = ()
    why: str = ""
    contested: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    posteriors: Mapping[Hashable, float] = {}

    @property
    def is_open(self) -> bool:
        """Whether a lead has something to decide here."""
        return self.outcome == "conflict" or bool(self.contested)


class GoldRelation(Struct, frozen=True, gc=False):
    """A relation that is in the gold: `head` and `tail` are indices into the document's gold spans."""

    label: str
    head: int
    tail: int
    attributes: Mapping[str, Any]
    how: str
    support: Mapping[str, Any]
    confidence: float
    decision: Decision | None = None


def support_of(voters: Iterable[tuple[Annotation, Span | Relation | None]], asked: int) -> dict[str, Any]:
    """Who had a reading, by what their vote is worth, and of how many who were asked.

    `blind`: saw no suggestion; `manual`, `changed`, `accepted`: what they made of one; `shown`: saw
    suggestions, and the back end does not say what became of this one.
    """
    votes: dict[str, list[str]] = defaultdict(list)
    for annotation, mark in voters:
        votes[vote_kind(annotation, mark)].append(annotation.annotator)
    kinds = ("blind", "manual", "changed", "accepted", "shown")
    return {"asked": asked, **{kind: sorted(votes[kind]) for kind in kinds if kind in votes}}


def vote_kind(annotation: Annotation, mark: Span | Relation | None) -> str:
    """How independent a vote is of the suggestions, see `support_of`."""
    if annotation.started_from is None:
        return "blind"
    return (mark.seen if mark is not None else None) or "shown"


def lead_support(question: Question | None) -> dict[str, Any]:
    """The support of what a lead decided: everybody who was asked is in the question's record."""
    return {"asked": len(question.asked) if question else 0}


def provenance(decision: Decision) -> dict[str, Any]:
    """Who decided, when and why, as it stands on a gold span or relation."""
    record = {"id": decision.id, "by": decision.by, "at": decision.at}
    return record | {
        name: value
        for name, value in (("reason", decision.reason), ("guideline", decision.guideline))
        if value is not None
    }


def confidence(verdict: Verdict, ballot: Ballot) -> float:
    """The posterior of what was taken, else the share of those asked who gave it; 0 to 1, rounded to four digits."""
    if verdict.posterior is not None:
        return round(verdict.posterior, 4)
    return round(len(ballot.votes[verdict.reading]) / len(ballot.asked), 4)
