"""What the model believes, as the merge asks for it: posteriors by unit and relation, and how reliable people are."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tahkim.adjudicate.questions import Question, Reading
from tahkim.agreement.align import Triple

DIGITS = 6
"""Posteriors are rounded to this many digits, so that the order in which numbers were added decides nothing."""

USUAL_ACCURACY = 0.9
"""Of annotators where nobody has marked anything, so that nothing could be learned of them."""


class DocumentPosteriors(Struct, frozen=True, gc=False):
    """Posteriors of one document, each from 0 to 1.

    `spans` holds, by unit, the posterior of each candidate reading; the rest of a unit is the posterior of nothing.
    `relations` holds the posterior of each triple given that both its ends are in the gold. `accuracy` says how often
    each annotator gives what they found its right label; `how` is what the gold says of what was decided so.
    """

    spans: Sequence[Mapping[Reading, float]]
    relations: Mapping[Triple, float]
    accuracy: Mapping[str, float]
    how: str = "bayes"

    def of_question(self, question: Question) -> dict[Hashable, float]:
        """Posterior of each reading of a span or relation question; empty for the document's own."""
        readings = [candidate.reading for candidate in question.candidates]
        if question.of == "span":
            unit = self.spans[question.units[0]]
            return {reading: unit[reading] for reading in readings if isinstance(reading, Reading)}
        return {reading: self.relations[reading] for reading in readings if isinstance(reading, Triple)}

    def of_values(self, votes: Mapping[Hashable, Sequence[str]]) -> dict[Hashable, float]:
        """Posterior of each value of an attribute, by the accuracy of those who gave it.

        Naive Bayes with equal priors: who is wrong gives any of the other values alike, one that nobody gave included.
        """
        logs = {
            value: math.fsum(self._log_ratio(annotator, len(votes)) for annotator in voters)
            for value, voters in votes.items()
        }
        best = max(logs.values())
        total = math.fsum(math.exp(log - best) for log in logs.values())
        return {value: round(math.exp(log - best) / total, DIGITS) for value, log in logs.items()}

    def _log_ratio(self, annotator: str, n_others: int) -> float:
        right = min(max(self.accuracy.get(annotator, USUAL_ACCURACY), 0.05), 0.95)
        return math.log(right) - math.log((1 - right) / n_others)


class Posteriors(Struct, frozen=True):
    """Posteriors by document id, and the fitted `model` as plain data, for the release."""

    documents: Mapping[str, DocumentPosteriors]
    model: Mapping[str, Any]
