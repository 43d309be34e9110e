"""Krippendorff's alpha for unitizing: agreement on where units lie on a continuum, by label and over all labels.

Krippendorff 1995 (Sociological Methodology 25) with the expected disagreement of Content Analysis, 2nd ed. 2004,
section 11.6. The stretches between a rater's units of a label are units of that label too, unmarked ones ("gaps").
Everything is integer arithmetic in numpy, O(n log n) in the number of units.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tahkim.agreement.coefficients import Coefficient
from tahkim.errors import UsageError

Ints = npt.NDArray[np.int64]
RatedUnit = tuple[Hashable, int, int, Hashable]

NO_UNITS = "nothing is marked"
NO_LENGTH = "no variation: every unit is empty"
ONE_RATER = "one rater alone"


class Stretches(NamedTuple):
    """Disjoint stretches of one rater in order of position, shape (n,); half-open."""

    start: Ints
    end: Ints


def alpha_unitizing(
    units: Iterable[RatedUnit],
    begin: int,
    length: int,
    n_raters: int | None = None,
    label: Hashable | None = None,
) -> Coefficient:
    """Alpha of units (rater, start, end, label), half-open, on the continuum [begin, begin + length); at most 1.

    `n_raters` counts those who marked nothing too (default: the raters that have units of any label). With `label`,
    of that label alone, else over all labels: disagreements are summed over labels before their ratio is taken.
    Units of one rater and label that overlap count as one stretch. `observed` and `expected` are
    disagreements, `n_items` counts units. nan when nothing is marked or with one rater; when all units are
    empty it is 0, as existing implementations have it, and `reason` says that it means nothing.

    >>> units = [(0, 0, 5, "A"), (1, 0, 5, "A"), (0, 7, 9, "B"), (1, 8, 9, "B")]
    >>> round(alpha_unitizing(units, 0, 10).value, 3), alpha_unitizing(units, 0, 10, label="A").value
    (0.94, 1.0)
    """
    every = list(units)
    raters = list(dict.fromkeys(unit[0] for unit in every))
    m = len(raters) if n_raters is None else n_raters
    if m < len(raters):
        raise UsageError(f"alpha_unitizing: {m} raters are too few, the units are of {len(raters)}")
    if strange := [u for u in every if not begin <= u[1] <= u[2] <= begin + length]:
        raise UsageError(f"alpha_unitizing: unit {strange[0]!r} does not lie in [{begin}, {begin + length})")
    if strange := [u for u in every if u[1] % 1 or u[2] % 1]:
        raise UsageError(f"alpha_unitizing: unit {strange[0]!r} has no whole numbers for start and end")
    marked = [unit for unit in every if label is None or unit[3] == label]
    if not marked or m < 2:
        return Coefficient(np.nan, np.nan, np.nan, len(marked), m, NO_UNITS if not marked else ONE_RATER)
    observed = expected = Fraction(0)
    for one in dict.fromkeys(unit[3] for unit in marked):
        of_label = [_stretches(marked, rater, one, begin) for rater in raters]
        of_label += [Stretches(*np.zeros((2, 0), dtype=np.int64))] * (m - len(raters))
        observed += Fraction(2 * _disagreement(of_label), m * (m - 1) * length**2)
        expected += _expected(of_label, length)
    if not expected:
        return Coefficient(0.0, 0.0, 0.0, len(marked), m, NO_LENGTH)
    return Coefficient(float(1 - observed / expected), float(observed), float(expected), len(marked), m)


def squared_distances(a: Stretches, b: Stretches) -> tuple[Ints, Ints, Ints, Ints]:
    """What two raters' stretches add to the disagreement: for pairs that overlap, and for those that meet nothing.

    Returns (pair_distance, index into a of each pair, alone_a, alone_b): (start difference)² + (end
    difference)² of every overlapping pair, and the squared length of each stretch that lies in a gap of the
    other, 0 for those that do not.
    """
    first = np.searchsorted(b.end, a.start, side="right")
    met = np.maximum(np.searchsorted(b.start, a.end, side="left") - first, 0)
    of_a = np.repeat(np.arange(len(a.start)), met)
    of_b = np.arange(len(of_a)) - np.repeat(np.cumsum(met) - met, met) + np.repeat(first, met)
    distance = (a.start[of_a] - b.start[of_b]) ** 2 + (a.end[of_a] - b.end[of_b]) ** 2
    met_b = np.bincount(of_b, minlength=len(b.start))
    return distance, of_a, _squared_length(a) * (met == 0), _squared_length(b) * (met_b == 0)


def disjoint(start: Ints, end: Ints) -> Stretches:
    """Stretches in order, those that overlap joined, empty ones dropped; they may touch."""
    order = np.lexsort((end, start))
    start, end = start[order], end[order]
    keep = end > start
    start, end = start[keep], end[keep]
    if not len(start):
        return Stretches(start, end)
    reach = np.maximum.accumulate(end)
    opens = np.flatnonzero(np.r_[True, start[1:] >= reach[:-1]])
    return Stretches(start[opens], reach[np.r_[opens[1:] - 1, len(start) - 1]])


def _stretches(units: Iterable[RatedUnit], rater: Hashable, label: Hashable, begin: int) -> Stretches:
    own = np.array([(u[1] - begin, u[2] - begin) for u in units if u[0] == rater and u[3] == label], dtype=np.int64)
    own = own.reshape(-1, 2)
    return disjoint(own[:, 0], own[:, 1])


def _squared_length(stretches: Stretches) -> Ints:
    return (stretches.end - stretches.start) ** 2


def _disagreement(of_label: list[Stretches]) -> int:
    """Sum over pairs of raters of their squared distances."""
    total = 0
    for a, b in combinations(of_label, 2):
        distance, _, alone_a, alone_b = squared_distances(a, b)
        total += int(distance.sum()) + int(alone_a.sum()) + int(alone_b.sum())
    return total


def _expected(of_label: list[Stretches], length: int) -> Fraction:
    """Expected disagreement of one label: what its units and gaps would show if they fell anywhere."""
    units = np.concatenate([s.end - s.start for s in of_label])
    gaps = np.concatenate([gap_lengths(s, length) for s in of_label])
    lengths, times = np.unique(units, return_counts=True)
    room = rooms(gaps, lengths)
    total = Fraction(0)
    for one, n, free in zip(lengths.tolist(), times.tolist(), room.tolist(), strict=True):
        total += n * (Fraction(len(units) - 1, 3) * (2 * one**3 - 3 * one**2 + one) + one**2 * free)
    marks = len(of_label) * length
    same = sum(n * one * (one - 1) for one, n in zip(lengths.tolist(), times.tolist(), strict=True))
    return Fraction(2, length) * total / (marks * (marks - 1) - same) if total else Fraction(0)


def gap_lengths(stretches: Stretches, length: int) -> Ints:
    """Lengths of what lies between the stretches of one rater on [0, length), empty ones left out."""
    gaps: Ints = np.r_[stretches.start, length] - np.r_[0, stretches.end]
    return gaps[gaps > 0]


def rooms(gaps: Ints, lengths: Ints) -> Ints:
    """For each length, in how many places a unit of it fits into the gaps."""
    ordered = np.sort(gaps)
    suffix = np.r_[np.cumsum(ordered[::-1])[::-1], 0]
    first = np.searchsorted(ordered, lengths, side="left")
    room: Ints = suffix[first] - (len(ordered) - first) * (lengths - 1)
    return room
