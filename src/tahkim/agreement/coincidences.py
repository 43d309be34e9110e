"""Kappa and alpha from counts of value pairs, for many sums of counts at once (one a bootstrap resample).

A *cell* is an ordered pair of values that two raters gave to one thing. Counts of cells add up over things,
documents and pairs of raters, so that every coefficient of any selection of documents comes from one table.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tahkim.agreement.coefficients import NO_VARIATION, Coefficient, distances

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NO_PAIRS = "nothing was rated by two annotators"


class Cells(NamedTuple):
    """Which values stand in each cell: `values` in the order its metric needs, and two indices into it per cell."""

    values: Sequence[Any]
    first: Ints
    second: Ints

    def of_label(self, label: Hashable) -> Cells:
        """The same cells with `label` against everything else."""
        code = self.values.index(label)
        return Cells([False, True], (self.first == code).astype(np.int64), (self.second == code).astype(np.int64))

    def marginals(self, side: Ints, totals: Floats) -> Floats:
        """Shape (..., values): how often each value stands on one side."""
        table = np.zeros((len(side), len(self.values)))
        table[np.arange(len(side)), side] = 1
        return np.asarray(totals @ table)


class CellCounts:
    """Counts of cells by row (a comparison of two readings, say): sparse, shape (rows, cells)."""

    def __init__(self, found: Mapping[tuple[int, Hashable, Hashable], int], n_rows: int, values: Sequence[Any]) -> None:
        from scipy import sparse

        code = {value: i for i, value in enumerate(values)}
        pairs = sorted({(code[a], code[b]) for _, a, b in found})
        column = {pair: i for i, pair in enumerate(pairs)}
        entries = [(row, column[code[a], code[b]], n) for (row, a, b), n in found.items()]
        row, col, n = np.array(entries, dtype=np.int64).reshape(-1, 3).T
        self.counts = sparse.csr_array((n.astype(float), (row, col)), shape=(n_rows, len(pairs)))
        self.cells = Cells(values, *np.array(pairs, dtype=np.int64).reshape(-1, 2).T)


Terms = tuple[Floats, Floats]
"""Observed and expected, each of the shape of the totals without the axis of cells."""


def alpha_terms(cells: Cells, totals: Floats, metric: str = "nominal") -> Terms:
    """Observed and expected disagreement of Krippendorff's alpha; `totals` has shape (..., cells).

    A pair of m - 1 others weighs 1 / (m - 1) in `totals`, so that the sums are half the coincidences
    (Krippendorff 2004, 11.3.3). Ordinal differences follow the marginals of each total. nan without pairs.
    """
    used = cells.marginals(cells.first, totals) + cells.marginals(cells.second, totals)
    n = used.sum(axis=-1)
    if metric == "ordinal":
        middle = np.cumsum(used, axis=-1) - used / 2
        between = np.square(middle[..., cells.first] - middle[..., cells.second])
        mean = (used * middle).sum(axis=-1)
        chance = 2 * (n * (used * np.square(middle)).sum(axis=-1) - np.square(mean))
    else:
        table = distances(cells.values, metric, used)
        between = table[cells.first, cells.second]
        chance = ((used @ table) * used).sum(axis=-1)
    observed = 2 * (totals * between).sum(axis=-1)
    return _ratio(observed, n), _ratio(chance, n * (n - 1))


def cohen_terms(cells: Cells, totals: Floats) -> Terms:
    """Observed and expected agreement of Cohen's kappa: one rater's values stand first in all cells."""
    n = totals.sum(axis=-1)
    one, other = cells.marginals(cells.first, totals), cells.marginals(cells.second, totals)
    return _ratio(_agreeing(cells, totals), n), _ratio((one * other).sum(axis=-1), np.square(n))


def fleiss_terms(cells: Cells, totals: Floats) -> Terms:
    """Observed and expected agreement of Fleiss's kappa, for pairs of a fixed number of raters of each thing."""
    n = totals.sum(axis=-1)
    used = cells.marginals(cells.first, totals) + cells.marginals(cells.second, totals)
    return _ratio(_agreeing(cells, totals), n), _ratio(np.square(used).sum(axis=-1), 4 * np.square(n))


def chance_corrected(terms: Terms, disagreements: bool) -> Floats:
    """1 - observed / expected of disagreements, of agreements (observed - expected) / (1 - expected).

    nan where chance alone accounts for everything.
    """
    observed, expected = terms
    if disagreements:
        return 1 - _ratio(observed, expected)
    return 1 - _ratio(1 - observed, np.where(expected < 1, 1 - expected, 0))


def coefficient(terms: Terms, disagreements: bool, n_items: int, n_raters: int) -> Coefficient:
    """One Coefficient of terms that are single numbers; nan with a reason where there is no pair or no variation."""
    observed, expected = (float(term) for term in terms)
    value = float(chance_corrected(terms, disagreements))
    reason = NO_PAIRS if np.isnan(observed) else NO_VARIATION if np.isnan(value) else None
    return Coefficient(value, observed, expected, n_items, n_raters, reason)


def _agreeing(cells: Cells, totals: Floats) -> Floats:
    return np.asarray((totals * (cells.first == cells.second)).sum(axis=-1))


def _ratio(above: Floats, below: Floats) -> Floats:
    above, below = np.broadcast_arrays(np.asarray(above, dtype=float), np.asarray(below, dtype=float))
    ratio: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return ratio
