"""Gamma: agreement on where units are and what they are at once, over a best alignment of all annotators.

Mathet, Widlöcher and Métivier 2015 (Computational Linguistics 41(3)); gamma-cat and gamma-k: Mathet 2017 (CL 43(3)).
The best alignment is exact: of all unitary alignments that could pay, those that hold every unit once at the least
disorder. Units that no alignment ties together are solved apart, small components by search, large ones by an
integer programme.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tahkim.errors import UsageError

if TYPE_CHECKING:
    from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
RatedUnit = tuple[Hashable, float, float, Hashable]
Unitary = tuple[RatedUnit | None, ...]

TRIES = 100
"""Draws of a shift that keeps its distance from the others before one that does not is taken."""
EXACT_UNITS = 16
"""Largest component, in units, that is searched without the solver."""
EXACT_SETS = 10_000
"""Alignments that such a component may choose from at most: thirteen annotators on one place."""
FEWER = 1e-6
"""What a unitary alignment costs beside its disorder: of equal alignments the one with fewer of them is taken."""
REACH = 1_000_000
"""Slots of the alignments kept at most, for one continuum. Where many annotators mark one place, what could be aligned
grows as two to their number: the best alignment is then out of reach, and gamma undefined."""
REACH_AT_ONCE = 50_000_000
"""Distances that are looked at together at most."""
OUT_OF_REACH = "too many annotators marked the same places for an exact alignment"
ROUNDING = 1e-6
"""By how much a cost may exceed a limit that it would meet exactly."""


class Gamma(Struct, frozen=True):
    """Gamma and what it was made of.

    `value`, `cat` and each of `k` (by label) are at most 1; disorders are >= 0, per unit of the average annotator. The
    `alignment` is the best one: tuples of one unit or None per annotator, annotators in sorted order. `reason`
    says why the value is nan.
    """

    value: float
    observed_disorder: float
    expected_disorder: float
    cat: float
    k: dict[Hashable, float]
    alignment: list[Unitary]
    n_samples: int
    reason: str | None = None


class _OutOfReachError(Exception):
    """More could be aligned than fits into memory; caught in `gamma`."""


class Weights(NamedTuple):
    """What position (`alpha`) and label (`beta`) weigh in a dissimilarity, and what standing alone costs."""

    alpha: float
    beta: float
    delta_empty: float


class Reading(NamedTuple):
    """One annotator's units, sorted: shape (n,) each."""

    start: Floats
    end: Floats
    label: Ints


class Aligned(NamedTuple):
    """A best alignment: unit numbers of shape (unitary alignments, annotators), -1 where empty; and its disorder."""

    members: Ints
    disorder: float


def gamma(
    units: Iterable[RatedUnit],
    *,
    alpha: float = 3.0,
    beta: float = 1.0,
    delta_empty: float = 1.0,
    n_samples: int = 30,
    precision: float | None = None,
    seed: int = 0,
    raters: Sequence[Hashable] | None = None,
) -> Gamma:
    """Gamma of units (rater, start, end, label) on one continuum; at most 1, sampled with `seed`.

    Value 1 - observed / expected, where observed is the disorder of the best alignment, expected the mean
    disorder of the best alignments of `n_samples` random continua made by shifting whole readings round (section 5.2);
    with `precision` as many samples are added as make the relative error of the expected disorder smaller
    than that with 95 % confidence (section 5.3). `raters` names those who marked nothing too. nan when
    nothing is marked, or with one rater, or when chance alone gives no disorder, or when more annotators than about
    a dozen marked the same place, which puts the exact alignment out of reach.
    """
    marked = sorted(units, key=_place)
    names = {unit[0] for unit in marked} | set(raters or ())
    labels = sorted({unit[3] for unit in marked}, key=str)
    if not marked or len(names) < 2:
        reason = "one annotator alone" if marked else "nothing is marked"
        return Gamma(math.nan, math.nan, math.nan, math.nan, {}, [], 0, reason)
    if strange := [unit for unit in marked if not -math.inf < unit[1] < unit[2] < math.inf]:
        raise UsageError(f"gamma: unit {strange[0]!r} is empty, runs backwards or has no end")
    by_name = {name: [unit for unit in marked if unit[0] == name] for name in sorted(names, key=str)}
    ordered = sorted(by_name, key=lambda name: [_place(unit) for unit in by_name[name]])  # whatever their names are
    readings = [_reading(by_name[name], labels) for name in ordered]
    weights = Weights(alpha, beta, delta_empty)
    try:
        (_, observed), *sampled = _aligned(readings, weights, n_samples, precision, np.random.default_rng(seed))
    except _OutOfReachError:
        return Gamma(math.nan, math.nan, math.nan, math.nan, {}, [], 0, OUT_OF_REACH)
    expected = float(np.mean([aligned.disorder for _, aligned in sampled]))
    pairs = _pairs([(readings, observed), *sampled], weights)
    return Gamma(
        1 - observed.disorder / expected if expected else math.nan,
        observed.disorder,
        expected,
        _categorical(pairs, len(sampled) + 1, weights, None),
        {name: _categorical(pairs, len(sampled) + 1, weights, code) for code, name in enumerate(labels)},
        [_unitary(by_name, dict(zip(ordered, row, strict=True))) for row in observed.members.tolist()],
        len(sampled),
        None if expected else "no disorder is to be expected by chance",
    )


def _place(unit: RatedUnit) -> tuple[float, float, str]:
    return unit[1], unit[2], str(unit[3])


def _unitary(by_name: dict[Hashable, list[RatedUnit]], member: dict[Hashable, int]) -> Unitary:
    return tuple(own[member[name]] if member[name] >= 0 else None for name, own in by_name.items())


def best_alignments(continua: Sequence[Sequence[Reading]], weights: Weights) -> list[Aligned]:
    """The alignment of least disorder of each continuum, all with the same number of readings (at least two)."""
    candidates = [_candidates(readings, weights) for readings in continua]
    chosen = _partition(continua, candidates)
    found = []
    for readings, (members, costs), keep in zip(continua, candidates, chosen, strict=True):
        mean = sum(len(reading.start) for reading in readings) / len(readings)
        rows = members[keep]
        order = np.lexsort([_starts(readings, rows)])
        found.append(Aligned(rows[order], float(costs[keep].sum()) / mean if mean else 0.0))
    return found


def dissimilarity(a: Reading, b: Reading, weights: Weights) -> Floats:
    """Of every unit of `a` to every unit of `b`, shape (len(a), len(b)): position and label combined (section 4.2)."""
    return weights.alpha * _positional(a, b, weights) + weights.beta * _nominal(a, b, weights)


def _positional(a: Reading, b: Reading, weights: Weights) -> Floats:
    apart = np.abs(a.start[:, None] - b.start) + np.abs(a.end[:, None] - b.end)
    lengths = (a.end - a.start)[:, None] + (b.end - b.start)
    squares: Floats = np.square(apart / lengths) * weights.delta_empty
    return squares


def _nominal(a: Reading, b: Reading, weights: Weights) -> Floats:
    different: Floats = (a.label[:, None] != b.label) * weights.delta_empty
    return different


def _candidates(readings: Sequence[Reading], weights: Weights) -> tuple[Ints, Floats]:
    """Unitary alignments that can stand in a best alignment, shape (candidates, readings), and the cost of each.

    The cost is the mean over pairs of slots, a pair with an empty one costs `delta_empty`. A unit that is further from
    the others of its alignment, taken together, than standing alone costs, is better taken out: such
    alignments are dropped, and so is every alignment that would grow out of them (section 4.3.1).
    """
    n = len(readings)
    pairs = n * (n - 1) // 2
    members: Ints = np.full((1, n), -1, dtype=np.int64)
    apart: Floats = np.zeros((1, n))  # of each member to the other members
    for slot, reading in enumerate(readings):
        tables = [dissimilarity(readings[other], reading, weights) for other in range(slot)]
        grown, added = _grow(members, apart, slot, len(reading.start), tables, (n - 1 + pairs) * weights.delta_empty)
        members, apart = np.concatenate([members, grown]), np.concatenate([apart, added])
    size = (members >= 0).sum(axis=1)
    limit = (size - 1 + pairs) * weights.delta_empty
    keep = (size > 0) & (apart.max(axis=1) <= limit + ROUNDING)
    filled = size * (size - 1) // 2
    costs = (apart.sum(axis=1) / 2 + (pairs - filled) * weights.delta_empty) / pairs
    return members[keep], costs[keep]


def _grow(
    members: Ints, apart: Floats, slot: int, n_units: int, tables: Sequence[Floats], limit: float
) -> tuple[Ints, Floats]:
    """Every alignment so far with every unit of the next reading, unless a member is then too far from the others."""
    if members.size > REACH or len(members) * n_units * slot > REACH_AT_ONCE:
        raise _OutOfReachError
    distance = np.zeros((len(members), n_units, slot))
    for other, table in enumerate(tables):
        there = members[:, other] >= 0
        distance[there, :, other] = table[members[there, other]]
    total = distance.sum(axis=2)
    fits = (total <= limit + ROUNDING) & (apart[:, None, :slot] + distance <= limit + ROUNDING).all(axis=2)
    rows, units = np.nonzero(fits)
    grown, added = members[rows], apart[rows]
    grown[:, slot] = units
    added[:, :slot] += distance[rows, units]
    added[:, slot] = total[rows, units]
    return grown, added


def _partition(
    continua: Sequence[Sequence[Reading]], candidates: Sequence[tuple[Ints, Floats]]
) -> list[npt.NDArray[np.bool_]]:
    """Which candidates of each continuum make its best alignment: every unit in one of them, at the least cost."""
    from scipy import sparse

    rows, columns, offset, column = [], [], 0, 0
    for readings, (members, _) in zip(continua, candidates, strict=True):
        sizes = [len(reading.start) for reading in readings]
        first = offset + np.cumsum([0, *sizes[:-1]])
        at, slot = np.nonzero(members >= 0)
        rows.append(first[slot] + members[at, slot])
        columns.append(column + at)
        offset, column = offset + sum(sizes), column + len(members)
    costs = np.concatenate([cost for _, cost in candidates])
    row, col = np.concatenate(rows), np.concatenate(columns)
    matrix = sparse.csr_array((np.ones(len(row)), (row, col)), shape=(offset, column))
    size = np.concatenate([(members >= 0).sum(axis=1) for members, _ in candidates])
    taken = _solved(matrix, costs + FEWER, size)
    return np.split(taken, np.cumsum([len(cost) for _, cost in candidates])[:-1])


def _solved(matrix: sparse.csr_array, costs: Floats, size: Ints) -> npt.NDArray[np.bool_]:
    """The columns that cover every row once at the least cost; `size` counts the rows of each column.

    Columns that share no row, however far, are solved apart. Of one or two units the largest candidate is best, as
    it would have been dropped otherwise; up to EXACT_UNITS are searched here, more go to the integer programme.
    """
    from scipy.optimize import LinearConstraint, milp
    from scipy.sparse.csgraph import connected_components

    by_column = matrix.tocsc()
    _, component = connected_components(matrix @ matrix.T, directed=False)
    of_column = component[by_column.indices[by_column.indptr[:-1]]]
    n_units = np.bincount(component)
    taken: npt.NDArray[np.bool_] = size == n_units[of_column]
    is_large = n_units > EXACT_UNITS
    if np.any(np.bincount(of_column, minlength=len(n_units))[~is_large] > EXACT_SETS):
        raise _OutOfReachError
    middle = np.flatnonzero((n_units[of_column] > 2) & ~is_large[of_column])
    middle = middle[np.argsort(of_column[middle], kind="stable")]
    for columns in np.split(middle, np.flatnonzero(np.diff(of_column[middle])) + 1) if len(middle) else ():
        sets = [by_column.indices[by_column.indptr[c] : by_column.indptr[c + 1]].tolist() for c in columns.tolist()]
        taken[columns] = _cheapest_cover(sets, costs[columns].tolist())
    large = np.flatnonzero(is_large[of_column])
    if len(large):
        rows = by_column[:, large].tocsr()[is_large[component]]
        # The solver takes indices of 32 bits; older versions of scipy do not make them so.
        rows.indices, rows.indptr = rows.indices.astype(np.int32), rows.indptr.astype(np.int32)
        whole = np.ones(len(large), dtype=np.int64)
        exactly = LinearConstraint(rows, 1, 1)
        solved = milp(costs[large], integrality=whole, constraints=exactly, options={"mip_rel_gap": 0.0})
        taken[large] = np.asarray(solved.x) > 0.5
    return taken


def _cheapest_cover(sets: Sequence[Sequence[int]], costs: Sequence[float]) -> list[bool]:
    """Which of the sets hold every unit once at the least cost: takes the first unit left and tries each set of it."""
    bit = {unit: 1 << number for number, unit in enumerate(sorted({unit for one in sets for unit in one}))}
    by_first: dict[int, list[tuple[int, float, int]]] = defaultdict(list)
    for number, (one, cost) in enumerate(zip(sets, costs, strict=True)):
        mask = sum(bit[unit] for unit in one)
        by_first[mask & -mask].append((mask, cost, number))
    best: dict[int, tuple[float, int, int]] = {0: (0.0, 0, -1)}

    def solve(left: int) -> float:
        if left not in best:
            choices = [(mask, cost, number) for mask, cost, number in by_first[left & -left] if mask & left == mask]
            best[left] = min((cost + solve(left ^ mask), left ^ mask, number) for mask, cost, number in choices)
        return best[left][0]

    left = (1 << len(bit)) - 1
    solve(left)
    taken = [False] * len(sets)
    while left:
        _, left, number = best[left]
        taken[number] = True
    return taken


def _starts(readings: Sequence[Reading], rows: Ints) -> Floats:
    """The least start of each unitary alignment."""
    starts = [
        np.where(rows[:, slot] >= 0, np.r_[reading.start, np.inf][rows[:, slot]], np.inf)
        for slot, reading in enumerate(readings)
    ]
    least: Floats = np.min(starts, axis=0)
    return least


def _reading(own: Sequence[RatedUnit], labels: Sequence[Hashable]) -> Reading:
    code = {label: number for number, label in enumerate(labels)}
    return Reading(
        np.array([unit[1] for unit in own], dtype=float),
        np.array([unit[2] for unit in own], dtype=float),
        np.array([code[unit[3]] for unit in own], dtype=np.int64),
    )


def _aligned(
    readings: Sequence[Reading],
    weights: Weights,
    n_samples: int,
    precision: float | None,
    rng: np.random.Generator,
) -> list[tuple[Sequence[Reading], Aligned]]:
    """The continuum, then random ones, with their best alignments; more random ones when `precision` asks for it."""
    continua = [readings, *(_shuffled(readings, rng) for _ in range(n_samples))]
    aligned = best_alignments(continua, weights)
    if precision is not None:
        disorders = [one.disorder for one in aligned[1:]]
        needed = math.ceil((1.96 * np.std(disorders) / np.mean(disorders) / precision) ** 2) - n_samples
        if needed > 0:
            more = [_shuffled(readings, rng) for _ in range(needed)]
            continua += more
            aligned += best_alignments(more, weights)
    return list(zip(continua, aligned, strict=True))


def _shuffled(readings: Sequence[Reading], rng: np.random.Generator) -> list[Reading]:
    """As many readings as there are, each a random one shifted round the continuum by a random distance.

    Two shifts are at least half a mean unit apart where that can be had, so that copies do not fall together.
    """
    low = min(reading.start.min() for reading in readings if len(reading.start))
    high = max(reading.end.max() for reading in readings if len(reading.start))
    lengths = np.concatenate([reading.end - reading.start for reading in readings])
    shifts: list[float] = []
    drawn: list[Reading] = []
    while not any(len(reading.start) for reading in drawn):
        shifts, drawn = [], []
        for _ in readings:
            shifts.append(_shift(shifts, high - low, lengths.mean() / 2, rng))
            drawn.append(_moved(readings[int(rng.integers(len(readings)))], shifts[-1], low, high))
    return drawn


def _shift(others: Sequence[float], width: float, least: float, rng: np.random.Generator) -> float:
    for _ in range(TRIES):
        shift = float(rng.uniform(0, width))
        if all(abs(shift - other) >= least for other in others):
            return shift
    return shift


def _moved(reading: Reading, shift: float, low: float, high: float) -> Reading:
    """Every unit shifted; those that would start past the end come in again at the beginning."""
    start = reading.start + shift
    back = np.where(start > high, high - low, 0.0)
    return Reading(start - back, reading.end + shift - back, reading.label)


class _Pairs(NamedTuple):
    """Pairs of slots, not both empty, of the alignments of several continua: shape (n,) each; label -1 is empty."""

    continuum: Ints
    one: Ints
    other: Ints
    weight: Floats


def _pairs(continua: Sequence[tuple[Sequence[Reading], Aligned]], weights: Weights) -> _Pairs:
    """A pair of units weighs 1 - alpha d_position, not less than 0, over the units of its alignment less one; a unit
    beside an empty slot weighs `delta_empty`, as in the published implementation."""
    parts = []
    for number, (readings, aligned) in enumerate(continua):
        rows = aligned.members
        start, end, label = (
            np.stack([np.append(reading[field], -1)[rows[:, slot]] for slot, reading in enumerate(readings)], axis=1)
            for field in range(3)
        )
        one, other = np.triu_indices(len(readings), 1)
        some = (rows[:, one] >= 0) | (rows[:, other] >= 0)
        both = (rows[:, one] >= 0) & (rows[:, other] >= 0)
        apart = np.abs(start[:, one] - start[:, other]) + np.abs(end[:, one] - end[:, other])
        lengths = np.where(both, end[:, one] - start[:, one] + end[:, other] - start[:, other], 1)
        near = 1 - weights.alpha * np.square(apart / lengths) * weights.delta_empty
        share = 1 / np.maximum((rows >= 0).sum(axis=1) - 1, 1)
        weight = np.where(both, share[:, None] * np.maximum(near, 0), weights.delta_empty)
        parts.append((np.full(some.sum(), number), label[:, one][some], label[:, other][some], weight[some]))
    return _Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _categorical(pairs: _Pairs, n_continua: int, weights: Weights, label: int | None) -> float:
    """Gamma-cat, or gamma-k of a label, continuum 0 against the mean of the others; nan where chance gives no disorder.

    Disorder is the mean dissimilarity of labels over the pairs, with a label over those that have it. Conventions
    of the published implementation: without any such pair it is 1, without two aligned units 0.
    """
    wanted = np.ones(len(pairs.one), dtype=bool) if label is None else (pairs.one == label) | (pairs.other == label)
    continuum, weight = pairs.continuum[wanted], pairs.weight[wanted]
    one, other = pairs.one[wanted], pairs.other[wanted]
    differs = (one != other) * weights.delta_empty

    def total(values: npt.NDArray[np.generic]) -> Floats:
        return np.bincount(continuum, values, n_continua).astype(float)

    weighed, aligned = total(weight), total((one >= 0) & (other >= 0))
    disorder = np.divide(total(weight * differs), weighed, out=np.zeros(n_continua), where=weighed > 0)
    disorder[aligned == 0] = 0.0
    disorder[total(np.ones(len(one))) == 0] = 1.0
    expected = float(disorder[1:].mean())
    return float(1 - disorder[0] / expected) if expected else math.nan
