"""Chance-corrected agreement on items that several raters labelled: one pure function a coefficient.

`ratings` is always items × raters: rows, one an item, with one hashable label per rater and None, or a number that
is NaN, where a rater gave none; lists, arrays and frames alike. UsageError where it is something else. Row and column
order never matter, nor what the labels are called.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tahkim.errors import UsageError

Ratings = Iterable[Iterable[Hashable | None]]
Rows = Sequence[Sequence[Hashable | None]]
Metric = str | Callable[[Any, Any], float]
Floats = npt.NDArray[np.float64]

NO_ITEMS = "no item has ratings of two raters"
NO_VARIATION = "no variation: every rating is the same label"
NO_DIFFERENCE = "by this metric no two of these labels differ, or they differ beyond measure"
METRICS = ("nominal", "ordinal", "interval", "ratio")


class Coefficient(Struct, frozen=True):
    """A coefficient with what it was made of.

    `observed` and `expected` are agreements in [0, 1], for the alphas disagreements (>= 0). `n_items` counts
    the items that could be compared (two ratings or more), `n_raters` the raters that rated anything.
    `reason` says why the value is undefined, and is None where it is defined.
    """

    value: float
    observed: float
    expected: float
    n_items: int
    n_raters: int
    reason: str | None = None


def percent(ratings: Ratings) -> Coefficient:
    """Share of agreeing pairs of ratings, averaged over items; in [0, 1]. `expected` is 0: no chance is allowed for.

    Items with fewer than two ratings are left out; nan when none remains.

    >>> percent([("A", "A"), ("A", "B")]).value
    0.5
    """
    counts, n_raters = _counts(_rows(ratings))
    if not len(counts):
        return _undefined(NO_ITEMS, 0, n_raters)
    observed = _pair_agreement(counts)
    return Coefficient(observed, observed, 0.0, len(counts), n_raters)


def cohen_kappa(ratings: Ratings) -> Coefficient:
    """Kappa of exactly two raters, chance from each rater's own distribution (Cohen 1960); in [-1, 1].

    Items that one of them did not rate are left out. nan when no item remains or both used one label throughout.

    >>> table = [(25, 13, 12), (12, 2, 16), (3, 15, 2)]
    >>> round(cohen_kappa([(r, c) for r in range(3) for c in range(3) for _ in range(table[r][c])]).observed, 2)
    0.29
    """
    ratings = _rows(ratings)
    _require_two("cohen_kappa", ratings)
    rows = [row for row in ratings if row[0] is not None and row[1] is not None]
    if not rows:
        return _undefined(NO_ITEMS, 0, _n_raters(ratings))
    codes = _codes(rows)
    table = np.zeros((len(codes), len(codes)))
    np.add.at(table, ([codes[a] for a, _ in rows], [codes[b] for _, b in rows]), 1)
    table /= len(rows)
    return _corrected(float(np.trace(table)), float(table.sum(axis=1) @ table.sum(axis=0)), len(rows), 2)


def scott_pi(ratings: Ratings) -> Coefficient:
    """Pi of exactly two raters, chance from their pooled distribution (Scott 1955); in [-1, 1].

    Items that one of them did not rate are left out. nan as for `cohen_kappa`. Values of Artstein and Poesio
    2008, table 5:

    >>> rows = [("s", "s")] * 20 + [("i", "s")] * 20 + [("s", "i")] * 10 + [("i", "i")] * 50
    >>> round(scott_pi(rows).expected, 3), round(scott_pi(rows).value, 3)
    (0.545, 0.341)
    """
    ratings = _rows(ratings)
    _require_two("scott_pi", ratings)
    return _pooled_kappa(ratings)


def fleiss_kappa(ratings: Ratings, label: Hashable | None = None) -> Coefficient:
    """Kappa of any raters with the same number of ratings on every item (Fleiss 1971); at most 1.

    Who rated may differ between items, how many may not: a UsageError says so. With `label`, the agreement on that
    label alone: `observed` is the chance that a second rating has it when a first one has, `expected` its
    share (Fleiss 1971, eq. 11-16). nan when there is no item, or no variation.

    >>> rows = [("A", "A", "A"), ("A", "A", "B"), ("B", "B", "B")]
    >>> round(fleiss_kappa(rows).value, 2), round(fleiss_kappa(rows, label="A").value, 2)
    (0.55, 0.55)
    """
    ratings = _rows(ratings)
    sizes = {sum(rating is not None for rating in row) for row in ratings}
    if len(sizes) > 1:
        raise UsageError(
            f"fleiss_kappa needs the same number of ratings on every item, here {min(sizes)} to {max(sizes)}: "
            "use alpha, which allows missing ratings"
        )
    if label is None:
        return _pooled_kappa(ratings)
    counts, n_raters = _counts(ratings)
    if not len(counts):
        return _undefined(NO_ITEMS, 0, n_raters)
    codes = _codes(ratings)
    column = counts[:, codes[label]] if label in codes else np.zeros(len(counts))
    total, size = float(column.sum()), float(counts[0].sum())
    if not total:
        return _undefined(f"no rating is {label!r}", len(counts), n_raters)
    observed = float((column * (column - 1)).sum()) / (total * (size - 1))
    return _corrected(observed, total / (size * len(counts)), len(counts), n_raters)


def gwet_ac1(ratings: Ratings) -> Coefficient:
    """AC1 of any raters, missing ratings allowed, chance after Gwet 2008 (eq. 2 and 4); at most 1.

    Chance is the sum of p(1 - p) over the labels in use, divided by their number less one, with p the
    mean share of the label over items. Agreement is taken over items with two ratings or more, chance over
    all rated items. nan when no item can be compared or one label alone is in use.

    >>> rows = [("y", "y")] * 8 + [("n", "n"), ("y", "n")]
    >>> round(gwet_ac1(rows).expected, 3), round(gwet_ac1(rows).value, 4)
    (0.255, 0.8658)
    """
    every, n_raters = _counts(_rows(ratings), at_least=1)
    counts = every[every.sum(axis=1) >= 2]
    if not len(counts):
        return _undefined(NO_ITEMS, 0, n_raters)
    observed = _pair_agreement(counts)
    shares = (every / every.sum(axis=1, keepdims=True)).mean(axis=0)
    if len(shares) < 2:
        return Coefficient(np.nan, observed, np.nan, len(counts), n_raters, NO_VARIATION)
    expected = float((shares * (1 - shares)).sum()) / (len(shares) - 1)
    return _corrected(observed, expected, len(counts), n_raters)


def alpha(
    ratings: Ratings,
    metric: Metric = "nominal",
    *,
    order: Sequence[Hashable] | None = None,
    label: Hashable | None = None,
) -> Coefficient:
    """Krippendorff's alpha, missing ratings allowed (Krippendorff 2004, ch. 11); at most 1.

    `metric` is nominal, ordinal, interval, ratio, or a function of two labels that gives their (already
    squared) difference. Ordinal labels sort by themselves or stand in `order`; interval and ratio ask for numbers. With
    `label`, alpha of that label against all others. `observed` and `expected` are disagreements. nan with no item
    rated twice. Without variation both disagreements are 0 and the ratio has no value; it is then 1, as
    existing implementations have it, and `reason` says that it means nothing.

    >>> rows = [(0, 0), (1, 1), (0, 1), (0, 0), (0, 0), (0, 1), (0, 0), (0, 1), (1, 0), (0, 0)]
    >>> round(alpha(rows).value, 3), round(alpha(rows).observed, 3), round(alpha(rows).expected, 3)
    (0.095, 0.4, 0.442)
    """
    rows = _rows(ratings)
    if label is not None:
        rows = [[None if rating is None else rating == label for rating in row] for row in rows]
    counts, n_raters = _counts(rows, domain := _domain(rows, metric, order))
    if not len(counts):
        return _undefined(NO_ITEMS, 0, n_raters)
    used = np.flatnonzero(counts.any(axis=0))
    domain, counts = [domain[code] for code in used], counts[:, used]
    if len(domain) < 2:
        return Coefficient(1.0, 0.0, 0.0, len(counts), n_raters, NO_VARIATION)
    with np.errstate(over="ignore", invalid="ignore"):
        observed, expected = disagreements(counts, domain, metric)
    if not (isfinite(expected) and expected > 0):
        return Coefficient(np.nan, observed, expected, len(counts), n_raters, NO_DIFFERENCE)
    return Coefficient(_krippendorff(counts, domain, metric), observed, expected, len(counts), n_raters)


def disagreements(counts: Floats, domain: Sequence[Any], metric: Metric) -> tuple[float, float]:
    """Observed and expected disagreement of alpha from counts of shape (items, labels), two ratings or more an item.

    Coincidences o_ck add, for each item of m ratings, its ordered pairs over m - 1 (Krippendorff 2004, 11.3.3).
    """
    per_item = counts / (counts.sum(axis=1, keepdims=True) - 1)
    coincidences = per_item.T @ counts - np.diag(per_item.sum(axis=0))
    totals = coincidences.sum(axis=0)
    n = totals.sum()
    distance = distances(domain, metric, totals)
    chance = (totals @ distance @ totals) / (n * (n - 1))
    return float((coincidences * distance).sum() / n), float(chance)


def distances(domain: Sequence[Any], metric: Metric, totals: Floats) -> Floats:
    """Squared differences of shape (labels, labels); ordinal ones depend on how often each label is used (`totals`)."""
    if callable(metric):
        return np.array([[metric(a, b) for b in domain] for a in domain], dtype=float)
    if metric == "nominal":
        different: Floats = 1.0 - np.eye(len(domain))
        return different
    if metric == "ordinal":
        middle: Floats = np.cumsum(totals) - totals / 2
        return _squared_differences(middle)
    numbers: Floats = np.array(domain, dtype=float)
    squares = _squared_differences(numbers)
    if metric == "interval":
        return squares
    sums = np.square(numbers[:, None] + numbers)
    ratios: Floats = np.divide(squares, sums, out=np.zeros_like(sums), where=sums != 0)
    return ratios


def _squared_differences(numbers: Floats) -> Floats:
    squares: Floats = np.square(numbers[:, None] - numbers)
    return squares


def _krippendorff(counts: Floats, domain: Sequence[Any], metric: Metric) -> float:
    """The value itself, by the library most papers cite."""
    import krippendorff

    if callable(metric):
        table = distances(domain, metric, counts.sum(axis=0))
        level: Any = lambda v1, v2, i1, i2, n_v, dtype: table[i1, i2]  # noqa: E731
    else:
        level = metric
    numbers = domain if metric in ("interval", "ratio") else range(len(domain))
    return float(
        krippendorff.alpha(
            value_counts=counts.astype(np.int64),
            value_domain=np.array(numbers, dtype=float),
            level_of_measurement=level,
        )
    )


def _domain(ratings: Rows, metric: Metric, order: Sequence[Hashable] | None) -> list[Any]:
    """The labels in the order the metric needs."""
    used = list(_codes(ratings))
    if not callable(metric) and metric not in METRICS:
        raise UsageError(f"unknown metric {metric!r}: known are {', '.join(METRICS)}")
    if order is not None:
        if strange := [value for value in used if value not in order]:
            raise UsageError(f"alpha: {strange[0]!r} is rated but does not stand in `order`")
        return list(order)
    if metric in ("interval", "ratio") and (strange := [value for value in used if not _is_finite(value)]):
        raise UsageError(f"alpha: metric {metric} needs finite numbers, not {strange[0]!r}")
    if callable(metric) or metric == "nominal":
        return used
    if len({isinstance(value, str) for value in used}) > 1:
        raise UsageError(f"alpha: {metric} labels mix text and numbers, give their order in `order`")
    return sorted(used)


def _is_finite(value: object) -> bool:
    try:
        return isinstance(value, Real | np.bool_) and isfinite(value)
    except OverflowError:
        return False


def _pooled_kappa(ratings: Rows) -> Coefficient:
    """Agreement corrected by the pooled distribution: Scott's pi for two ratings an item, Fleiss's kappa for more."""
    counts, n_raters = _counts(ratings)
    if not len(counts):
        return _undefined(NO_ITEMS, 0, n_raters)
    shares = counts.sum(axis=0) / counts.sum()
    return _corrected(_pair_agreement(counts), float(shares @ shares), len(counts), n_raters)


def _pair_agreement(counts: Floats) -> float:
    """Mean over items of the share of agreeing ordered pairs of ratings; counts are (items, labels)."""
    sizes = counts.sum(axis=1)
    return float(np.mean((counts * (counts - 1)).sum(axis=1) / (sizes * (sizes - 1))))


def _counts(ratings: Rows, domain: Sequence[Hashable] | None = None, at_least: int = 2) -> tuple[Floats, int]:
    """How many raters gave each label, (items, labels), for items with enough ratings; and the number of raters."""
    codes = _codes(ratings) if domain is None else {value: code for code, value in enumerate(domain)}
    counts = np.zeros((len(ratings), len(codes)))
    cells = [(item, codes[rating]) for item, row in enumerate(ratings) for rating in row if rating is not None]
    if cells:
        np.add.at(counts, tuple(np.array(cells).T), 1)
    return counts[counts.sum(axis=1) >= at_least], _n_raters(ratings)


def _rows(ratings: Ratings) -> Rows:
    """Ratings as tuples, with None for all that is missing; UsageError where they are no items × raters."""
    table = ratings.to_numpy() if hasattr(ratings, "to_numpy") else ratings
    try:
        rows = [tuple(None if _is_nan(rating) else rating for rating in row) for row in table]
        set().union(*rows)
    except TypeError as error:
        raise UsageError(f"ratings are rows, one an item, of one hashable label a rater: {error}") from None
    return rows


def _is_nan(rating: object) -> bool:
    return isinstance(rating, float | np.floating) and bool(rating != rating)


def _codes(ratings: Rows) -> dict[Hashable, int]:
    codes: dict[Hashable, int] = {}
    for row in ratings:
        for rating in row:
            if rating is not None:
                codes.setdefault(rating, len(codes))
    return codes


def _n_raters(ratings: Rows) -> int:
    return len({rater for row in ratings for rater, rating in enumerate(row) if rating is not None})


def _require_two(name: str, ratings: Rows) -> None:
    if widths := {len(row) for row in ratings} - {2}:
        raise UsageError(f"{name} takes exactly two raters, not {max(widths)}: use fleiss_kappa or alpha for more")


def _corrected(observed: float, expected: float, n_items: int, n_raters: int) -> Coefficient:
    """(observed - expected) / (1 - expected), undefined where chance alone gives full agreement."""
    if expected >= 1.0:
        return Coefficient(np.nan, observed, expected, n_items, n_raters, NO_VARIATION)
    return Coefficient((observed - expected) / (1 - expected), observed, expected, n_items, n_raters)


def _undefined(reason: str, n_items: int, n_raters: int) -> Coefficient:
    return Coefficient(np.nan, np.nan, np.nan, n_items, n_raters, reason)
