"""Gamma over documents, each a continuum of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from tahkim.agreement.corpus.figures import Figure, Material, spread
from tahkim.agreement.gammas import OUT_OF_REACH, gamma
from tahkim.model import Annotation

NOTHING_MARKED = "nothing is marked"


def gamma_figures(data: Material) -> Iterator[Figure]:
    """`gamma`: 1 - the summed disorder of all documents over the disorder that chance would give.

    Disorders are per unit of the average annotator, and weigh by how many of those a document has.
    """
    known: dict[tuple[str, tuple[str, ...]], tuple[float, float]] = {}
    for chosen in data.chosen:
        if chosen.selection.is_crossed:
            continue
        readings: dict[str, dict[str, Annotation]] = {}
        row_of: dict[str, int] = {}
        for row, c in zip(chosen.rows.tolist(), chosen.comparisons, strict=True):
            row_of.setdefault(c.doc_id, row)
            readings.setdefault(c.doc_id, {}).update({c.a.annotator: c.a, c.b.annotator: c.b})
        counts = np.zeros((len(data.comparisons), 2))
        for doc_id, of in readings.items():
            key = doc_id, tuple(sorted(of))
            if key not in known:
                known[key] = _disorders(of, chosen.seed)
            counts[row_of[doc_id]] = known[key]
        observed, expected = chosen.totals(counts).T
        ratio = np.divide(observed, expected, out=np.full(len(observed), math.nan), where=expected > 0)
        [found] = spread(1 - ratio[:, None])
        units = sum(len(reading.spans) for of in readings.values() for reading in of.values())
        reason = OUT_OF_REACH if np.isnan(counts).any() else NOTHING_MARKED
        yield chosen.figure("gamma", found, units=units, reason=reason)


def _disorders(readings: Mapping[str, Annotation], seed: int) -> tuple[float, float]:
    """Observed and expected disorder of one document, times the units of its average annotator."""
    units = [(name, s.start, s.end, s.label) for name, of in readings.items() for s in of.spans if s.start < s.end]
    if not units:
        return 0.0, 0.0
    found = gamma(units, seed=seed, raters=list(readings))
    mean = len(units) / len(readings)
    return found.observed_disorder * mean, found.expected_disorder * mean
