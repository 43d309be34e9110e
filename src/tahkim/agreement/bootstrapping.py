"""Bootstrap intervals: groups of documents are drawn with their counts, and the statistic is computed again.

Efron 1979; percentile intervals. What is drawn are groups (a story and its reprints), never single marks, and what is
averaged are never per-document scores: the counts of a resample are summed first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy import sparse

Floats = npt.NDArray[np.float64]

RESAMPLES = 1000
SEED = 20170209
CHUNK = 4_000_000
"""Weights held in memory at once."""


def bootstrap(
    counts_per_group: npt.ArrayLike,
    statistic: Callable[[Floats], float],
    n: int = RESAMPLES,
    seed: int = SEED,
    level: float = 0.95,
) -> tuple[float, float]:
    """The interval of `statistic`, computed on the summed counts of `n` resamples of the groups.

    `counts_per_group` has shape (groups, ...); `statistic` gets totals of shape (...). Resamples where it is
    undefined are left out; (nan, nan) when fewer than two groups or no defined resample remain.

    >>> counts = [[10, 10, 8], [4, 6, 2], [7, 7, 7], [3, 2, 1]]
    >>> low, high = bootstrap(counts, lambda total: 2 * total[2] / (total[0] + total[1]), seed=1)
    >>> round(low, 2), round(high, 2)
    (0.4, 0.94)
    """
    totals = resample(np.asarray(counts_per_group, dtype=float), n, seed)
    return interval(np.array([statistic(total) for total in totals]), level)


def resample(counts: Floats | sparse.csr_array, n: int = RESAMPLES, seed: int = SEED) -> Floats:
    """Summed counts of `n` resamples, shape (n, ...), of counts of shape (groups, ...), groups with replacement.

    Empty when there are fewer than two groups: one group says nothing of how groups vary.
    """
    groups, shape = counts.shape[0], counts.shape[1:]
    if groups < 2:
        return np.zeros((0, *shape))
    flat: Any = counts.reshape((groups, math.prod(shape)))
    step = max(1, CHUNK // groups)
    if n <= step:
        drawn = _kept_weights(n, groups, seed) @ flat
    else:
        rng = np.random.default_rng(seed)
        drawn = np.concatenate([_weights(rng, min(step, n - first), groups) @ flat for first in range(0, n, step)])
    return np.asarray(drawn).reshape(n, *shape)


@lru_cache(maxsize=4)
def _kept_weights(n: int, groups: int, seed: int) -> Floats:
    """Many figures are of the same number of groups, and are then drawn alike."""
    return _weights(np.random.default_rng(seed), n, groups)


def _weights(rng: np.random.Generator, n: int, groups: int) -> Floats:
    """How often each group is drawn in each of the next `n` resamples."""
    drawn = rng.integers(0, groups, size=(n, groups))
    drawn += np.arange(n)[:, None] * groups
    return np.bincount(drawn.ravel(), minlength=n * groups).reshape(n, groups).astype(float)


def interval(values: Floats, level: float = 0.95) -> tuple[float, float]:
    """The middle `level` of the defined values; (nan, nan) when there is none."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return float("nan"), float("nan")
    low, high = bounds(defined, level)
    return float(low), float(high)


def bounds(values: Floats, level: float = 0.95) -> Floats:
    """Both ends of the middle `level` of each column of (n, ...) defined values; shape (2, ...)."""
    ends: Floats = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ends
