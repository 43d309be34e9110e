"""Exact span F1 of every pair of annotators from columns, for collections too large for one object a span."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tahkim.agreement.bootstrapping import RESAMPLES, SEED, interval, resample
from tahkim.agreement.scores import Score, score
from tahkim.errors import UsageError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class PairF1(NamedTuple):
    """Exact F1 of two annotators (their codes) over all documents, with its interval."""

    pair: tuple[int, int]
    score: Score
    low: float
    high: float


def pairwise_f1(
    document: Ints,
    annotator: Ints,
    start: Ints,
    end: Ints,
    label: Ints,
    *,
    samples: int = RESAMPLES,
    seed: int = SEED,
) -> list[PairF1]:
    """Exact F1 (equal range and label, as multisets) of every pair of annotators, micro over documents.

    Columns of one row a span, all of whole numbers from 0, codes for documents, annotators and labels; every annotator
    is taken to have read every document. This is `spans.span_f1` of what `align` would pair, because equal
    spans are always paired first. Intervals resample documents.

    >>> columns = [[0, 0, 0, 1, 1], [0, 1, 1, 0, 1], [0, 0, 5, 3, 3], [4, 4, 9, 7, 8], [2, 2, 1, 0, 0]]
    >>> pairwise_f1(*(np.array(column) for column in columns), samples=10)[0].score.f1
    0.4
    """
    n_documents, n_annotators = (int(column.max(initial=-1)) + 1 for column in (document, annotator))
    marks, counts = _marks(_packed([document, start, end, label, annotator]), n_annotators)
    of_document = marks // _product([start, end, label])
    pairs = list(combinations(range(n_annotators), 2))
    columns = [counts[:, who] for who in range(n_annotators)]
    columns += [np.minimum(counts[:, a], counts[:, b]) for a, b in pairs]
    by_document = np.stack([np.bincount(of_document, column, n_documents) for column in columns], axis=1)
    total, drawn = by_document.sum(axis=0), resample(by_document.astype(float), samples, seed)
    found = []
    for number, (a, b) in enumerate(pairs):
        at = n_annotators + number
        size = drawn[:, a] + drawn[:, b]
        spread = np.divide(2 * drawn[:, at], size, out=np.full(len(size), np.nan), where=size > 0)
        found.append(PairF1((a, b), score(int(total[a]), int(total[b]), int(total[at])), *interval(spread)))
    return found


def _product(columns: Sequence[Ints]) -> int:
    product = 1
    for column in columns:
        product *= int(column.max(initial=-1)) + 1
    return product


def _packed(columns: Sequence[Ints]) -> Ints:
    """One sortable number for each row: sorting it sorts by the columns, the first one first."""
    if _product(columns) >= 2**63:
        raise UsageError("pairwise_f1: documents, offsets and labels span too much for 63 bits; split the collection")
    packed = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        packed *= int(column.max(initial=-1)) + 1
        packed += column
    return packed


def _marks(packed: Ints, n_annotators: int) -> tuple[Ints, Ints]:
    """The distinct marks (all columns but the annotator), and how often each annotator has each of them."""
    if not len(packed):
        return packed, np.zeros((0, n_annotators), dtype=np.int64)
    packed.sort()
    mark, who = np.divmod(packed, n_annotators)
    first = np.r_[True, mark[1:] != mark[:-1]]
    number = np.cumsum(first) - 1
    counts = np.bincount(number * n_annotators + who, minlength=(number[-1] + 1) * n_annotators)
    return mark[first], counts.reshape(-1, n_annotators)
