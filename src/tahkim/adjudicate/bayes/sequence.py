"""How labels follow each other: what stands at one unit makes the labels of its neighbours more or less likely.

A chain over the units of each document with one factor for each pair of neighbours: how much more often two labels (or
nothing) stand side by side than by chance. Sums over all sequences by the forward-backward algorithm, all documents
abreast.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from tahkim.adjudicate.bayes.evidence import Evidence, Floats
from tahkim.adjudicate.bayes.rates import Beliefs

STRENGTH = 20.0
"""How many pairs by chance are added to those of each pair of labels."""


class Sequence:
    """The chains of a collection; the factors are learned anew from each round's beliefs."""

    def __init__(self, evidence: Evidence, n_labels: int) -> None:
        self._evidence = evidence
        self._n = n_labels + 1
        self._factors: Floats = np.ones((self._n, self._n))
        first = np.r_[True, evidence.unit_doc[1:] != evidence.unit_doc[:-1]] if len(evidence.unit_doc) else np.zeros(0)
        starts = np.flatnonzero(first)
        lengths = np.diff(np.r_[starts, len(first)])
        nth = np.arange(len(first)) - np.repeat(starts, lengths)
        order = np.argsort(nth, kind="stable")
        self._steps = np.split(order, np.cumsum(np.bincount(nth))[:-1]) if len(first) else []

    def adjust(self, beliefs: Beliefs) -> Beliefs:
        """Beliefs that take the neighbours into account."""
        evidence = self._evidence
        alone: Floats = np.zeros((len(evidence.unit_doc), self._n))
        alone[:, 0] = beliefs.nothing
        np.add.at(alone, (evidence.option_unit, evidence.option_label + 1), beliefs.option)
        alone = np.maximum(alone, 1e-300)
        together = self._smooth(alone)
        shift = together / alone
        option = beliefs.option * shift[evidence.option_unit, evidence.option_label + 1]
        return replace(beliefs, option=option, nothing=together[:, 0])

    def _smooth(self, alone: Floats) -> Floats:
        forward, backward = alone.copy(), np.ones_like(alone)
        linked = self._evidence.unit_linked
        for units in self._steps:
            after = units[linked[units]]
            forward[after] *= forward[after - 1] @ self._factors
            forward[units] /= forward[units].sum(axis=1, keepdims=True)
        for units in reversed(self._steps):
            after = units[linked[units]]
            message = (alone[after] * backward[after]) @ self._factors.T
            backward[after - 1] = message / message.sum(axis=1, keepdims=True)
        together = forward * backward
        together /= together.sum(axis=1, keepdims=True)
        after = np.flatnonzero(linked)
        self._learn(forward[after - 1], alone[after] * backward[after])
        return together

    def _learn(self, before: Floats, after: Floats) -> None:
        """New factors from the expected number of each pair of neighbours."""
        if not len(before):
            return
        weight = 1.0 / ((before @ self._factors) * after).sum(axis=1)
        pairs = (before * weight[:, None]).T @ after * self._factors
        total = pairs.sum()
        chance = np.outer(pairs.sum(axis=1) + 1, pairs.sum(axis=0) + 1) / (total + self._n)
        share = STRENGTH / (total + 1)
        self._factors = (pairs + share * chance) / (chance * (1 + share))
