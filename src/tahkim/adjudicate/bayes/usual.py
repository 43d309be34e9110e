"""What is usual of annotators, and how strongly each is drawn to it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from scipy.special import betaln, gammaln, xlogy

from tahkim.adjudicate.bayes.evidence import Floats, Ints

DOUBT = 2.0
"""Pseudo-counts, as a share of what two annotators a document show; with n of them (n - 1)³ times less. See `Usual`."""
DRAW = 5.0
"""How much more each annotator is drawn to what is usual where there is doubt."""
INVENTED_TO_MISSED = 0.15
"""How the share of marks that are invented is thought to compare with the share of what is there that is missed."""
STRENGTHS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
"""How strongly people (or readings) are drawn to the mean: whichever of these makes their counts likeliest, so that
those who differ much are told apart and those who do not are taken alike (empirical Bayes)."""


class Usual(Struct, frozen=True):
    """What is thought of annotators where their marks alone cannot tell it, and how strongly.

    With two annotators nobody knows whether what one of them marks was missed by the other or invented: every recall
    above their agreement explains it as well. People miss more than they invent, though (`INVENTED_TO_MISSED`); with
    that, their agreement says both. `doubt` fades with every further annotator.
    """

    recall: float
    invented: float  # share of marks
    doubt: float

    @property
    def draw(self) -> float:
        """What to multiply pseudo-counts by: between two annotators, who of them errs is hard to tell."""
        return 1 + DRAW * self.doubt

    @classmethod
    def of(cls, marks: Ints, asked: Ints) -> Usual:
        """From how many marked each place and how many could have.

        Others mark what one has marked with probability `agreement = recall · (1 - invented)`, and `invented` is
        `INVENTED_TO_MISSED · (1 - recall)`: a quadratic equation in recall.
        """
        chances = float((marks * (asked - 1)).sum())
        agreement = (float((marks * (marks - 1)).sum()) + 1) / (chances + 2)
        k = INVENTED_TO_MISSED
        recall = (k - 1 + ((1 - k) ** 2 + 4 * k * agreement) ** 0.5) / (2 * k)
        others = max(float(asked.mean()) - 1, 1.0)
        return cls(recall, k * (1 - recall), DOUBT / others**3)


def doubted(found: Floats, missed: Floats, usual: Usual) -> tuple[Floats, Floats]:
    """Counts with usual ones added."""
    added = usual.doubt * (found + missed)
    return found + usual.recall * added, missed + (1 - usual.recall) * added


def invented(counts: Floats, marks: Floats, usual: Usual) -> Floats:
    """How many marks are invented, drawn to the usual share of all marks."""
    return np.asarray((counts + usual.doubt * usual.invented * marks) / (1 + usual.doubt))


def strength_of_shares(hits: Floats, misses: Floats, mean: Floats) -> float:
    """The strength under which hits and misses are likeliest, shares being beta distributed around `mean`."""

    def likelihood(strength: float) -> float:
        hit, miss = strength * mean, strength * (1 - mean)
        return float((betaln(hits + hit, misses + miss) - betaln(hit, miss)).sum())

    return _likeliest(likelihood)


def strength_of_counts(counts: Floats, expected: Floats) -> float:
    """The strength under which counts are likeliest, their ratios to `expected` being gamma distributed around 1."""

    def likelihood(strength: float) -> float:
        spread = strength * np.log(strength / (strength + expected)) + xlogy(counts, expected / (strength + expected))
        return float((gammaln(counts + strength) - gammaln(strength) + spread).sum())

    return _likeliest(likelihood)


def _likeliest(likelihood: Callable[[float], float]) -> float:
    """The best of `STRENGTHS`, the strongest of equals."""
    return max(STRENGTHS, key=lambda strength: (round(likelihood(strength), 6), strength))
