"""What misleads people where nothing is: the marks there are of one thing, as the marks of what is there are.

What draws several people to one place draws them to much the same range and label. That they agree in these is
therefore no sign that something is there, and that they differ is hardly a sign that nothing is: both say how exactly
people mark. What tells is who marked the place, and who left it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from tahkim.adjudicate.bayes.evidence import REACH, Floats, Ints
from tahkim.adjudicate.bayes.rates import STEPS, Mistaken, Rates, Tallies


class Mistakes(Struct, frozen=True):
    """The marks of each unit if nothing is there: `logs` is their log probability, by unit.

    The rest says what may have misled those who made them, units × labels or units × STEPS, each row summing to 1:
    its label, and how many tokens its start and its end are from those of the unit's first option.
    """

    logs: Floats
    label: Floats
    start: Floats
    end: Floats

    def counts(self, tallies: Tallies, nothing: Floats) -> Mistaken:
        """What is expected to have misled people: units by label, marks by step from its start and its end."""
        start, end = np.zeros(STEPS), np.zeros(STEPS)
        for counts, shares, marks in ((start, self.start, tallies.mark_start), (end, self.end, tallies.mark_end)):
            for place, steps in _places(marks):
                weight = (shares[:, place] * nothing)[tallies.mark_unit]
                counts += np.bincount(steps, weights=weight, minlength=STEPS)
        return Mistaken(self.label.T @ (nothing * tallies.is_marked), start, end)

    def given_others(self, tallies: Tallies, rates: Rates) -> Floats:
        """Log probability, by mark, of its label and range given the other marks of its unit, if nothing is there."""
        unit, mistaken = tallies.mark_unit, rates.mistaken
        odds = self.label[unit] / rates.confusion[tallies.mark_annotator, :, tallies.mark_label]
        logs = -np.log(odds.sum(axis=1))
        for shares, usual, marks in (
            (self.start, mistaken.start, tallies.mark_start),
            (self.end, mistaken.end, tallies.mark_end),
        ):
            odds = sum(shares[unit, place] / usual[steps] for place, steps in _places(marks))
            logs -= np.log(odds)
        return np.asarray(logs)


def mistakes(tallies: Tallies, rates: Rates) -> Mistakes:
    """What misled people at each unit, under the rates."""
    unit, n_units = tallies.mark_unit, len(tallies.evidence.unit_doc)

    def by_unit(marks: Floats) -> Floats:
        return np.bincount(unit, weights=marks, minlength=n_units).astype(float)

    given = np.log(rates.confusion)[tallies.mark_annotator, :, tallies.mark_label]
    labels = np.stack([by_unit(column) for column in given.T], axis=1) + np.log(rates.mistaken.label)
    starts, ends = (
        np.stack([by_unit(np.log(usual)[steps]) for _, steps in _places(marks)], axis=1)
        for usual, marks in ((rates.mistaken.start, tallies.mark_start), (rates.mistaken.end, tallies.mark_end))
    )
    total = np.zeros(n_units)
    shares = []
    for logs in (labels, starts, ends):
        best = logs.max(axis=1, keepdims=True)
        share = np.exp(logs - best)
        total += np.log(share.sum(axis=1)) + best[:, 0]
        shares.append(share / share.sum(axis=1, keepdims=True))
    return Mistakes(np.where(tallies.is_marked, total, 0.0), *shares)


def _places(steps: Ints) -> Iterator[tuple[int, Ints]]:
    """Each place a boundary of what misled people may have, and how far marks are from there."""
    for place in range(STEPS):
        yield place, np.clip(steps + place - REACH, 0, STEPS - 1)
