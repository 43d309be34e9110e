"""Precision, recall and F1 from counts, and what both of two readings were asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from tahkim.model import Annotation


class Score(Struct, frozen=True):
    """How two sets of marks match: `correct` marks are in both, `gold` in the one, `predicted` in the other.

    Each ratio is in [0, 1] and nan where its denominator is 0; `reason` then says which side is empty.
    Between two annotators neither is gold: the first stands as `gold`, and F1 is the same the other way round.
    """

    precision: float
    recall: float
    f1: float
    gold: int
    predicted: int
    correct: int
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """A plain dict; undefined ratios are None, and `reason` is there only when one is."""
        plain = {
            field: None if isinstance(value, float) and math.isnan(value) else value
            for field, value in msgspec.structs.asdict(self).items()
        }
        if self.reason is None:
            del plain["reason"]
        return plain


def score(gold: int, predicted: int, correct: int) -> Score:
    """The ratios of three counts.

    >>> score(4, 2, 1).f1, score(4, 0, 0).reason
    (0.3333333333333333, 'nothing is predicted')
    """
    return Score(
        precision=correct / predicted if predicted else math.nan,
        recall=correct / gold if gold else math.nan,
        f1=2 * correct / (gold + predicted) if gold + predicted else math.nan,
        gold=gold,
        predicted=predicted,
        correct=correct,
        reason=_reason(gold, predicted),
    )


def _reason(gold: int, predicted: int) -> str | None:
    if gold and predicted:
        return None
    if gold:
        return "nothing is predicted"
    return "gold has none" if predicted else "neither side has any"


def paired(a: Sequence[Annotation], b: Sequence[Annotation]) -> Iterator[tuple[Annotation, Annotation]]:
    """The readings of two annotators by document, for documents both submitted, in order of document id."""
    others = {annotation.doc_id: annotation for annotation in b if annotation.status == "submitted"}
    for annotation in sorted(a, key=lambda annotation: annotation.doc_id):
        if annotation.status == "submitted" and annotation.doc_id in others:
            yield annotation, others[annotation.doc_id]


def common_ground(a: Annotation, b: Annotation) -> tuple[Annotation, Annotation]:
    """Two readings of one document, each cut down to the labels and relations that both were asked for.

    A relation goes with a span that goes. Attributes stay as they are: who compares them asks the scopes.
    """
    if a.scope.labels is b.scope.labels is None and a.scope.relations is b.scope.relations is None:
        return a, b
    return _cut(a, b), _cut(b, a)


def _cut(annotation: Annotation, other: Annotation) -> Annotation:
    spans = tuple(span for span in annotation.spans if other.scope.asks_label(span.label))
    kept = {span.id for span in spans}
    relations = tuple(
        relation
        for relation in annotation.relations
        if other.scope.asks_relation(relation.label) and {relation.head, relation.tail} <= kept
    )
    return msgspec.structs.replace(annotation, spans=spans, relations=relations)
