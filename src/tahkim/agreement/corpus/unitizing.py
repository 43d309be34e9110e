"""Alpha for unitizing over many documents: the sums of one continuum, added up and taken together.

Each document is a continuum of its own length; no unit or gap crosses its ends. Disagreement between two readings
is summed over comparisons, each weighed 1 / (m - 1), and chance lets every unit fall into the gaps of all
documents. With one document this is `unitizing.alpha_unitizing`; with several it is its sums over them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tahkim.agreement.corpus.figures import Chosen, Figure, Material, spread
from tahkim.agreement.unitizing import NO_UNITS, Ints, Stretches, disjoint, squared_distances

Floats = npt.NDArray[np.float64]


class Marked(NamedTuple):
    """All spans of one side of the comparisons on one line, shape (spans,); `label` holds codes."""

    start: Ints
    end: Ints
    label: Ints


class Line(NamedTuple):
    """Where the document of each comparison begins and ends when all are laid one behind the other, shape (rows,)."""

    begin: Ints
    end: Ints

    def row(self, place: Ints) -> Ints:
        """The comparison that a place lies in."""
        return np.searchsorted(self.begin, place, side="right") - 1


def alpha_unitizing_figures(data: Material) -> Iterator[Figure]:
    """`alpha_unitizing` over all labels, and by label where asked for."""
    line = _line(data)
    sides = [_marked(data, line, side) for side in ("a", "b")]
    chosen = [c for c in data.chosen if c.selection.document is None and not c.selection.is_crossed]
    sums: list[Floats] = [np.zeros((1, 2)) for _ in chosen]
    units = [0 for _ in chosen]
    for code, label in enumerate(data.labels):
        lengths, counts = _counts(line, [_of_label(side, code) for side in sides])
        marked = counts[:, 2 : 2 + len(lengths)].sum(axis=1)
        for number, c in enumerate(chosen):
            terms = _terms(c.totals(counts, weighed=True), lengths)
            n = round(float(c.weights @ marked[c.rows]))
            sums[number], units[number] = sums[number] + terms, units[number] + n
            if "label" in data.by:
                yield _figure(c, terms, n, label)
    for c, terms, n in zip(chosen, sums, units, strict=True):
        yield _figure(c, terms, n, None)


def _figure(chosen: Chosen, terms: Floats, units: int, label: str | None) -> Figure:
    """`terms` are observed and expected disagreement, shape (1 + resamples, 2)."""
    observed, expected = terms.T
    ratio = np.divide(observed, expected, out=np.full(len(observed), math.nan), where=expected > 0)
    [estimate] = spread(1 - ratio[:, None])
    return chosen.figure("alpha_unitizing", estimate, units=units, reason=NO_UNITS, label=label)


def _line(data: Material) -> Line:
    """One free place stands between documents, so that nothing touches across them."""
    length = np.array([len(data.documents[c.doc_id].text) for c in data.comparisons], dtype=np.int64)
    end = np.cumsum(length + 1) - 1
    return Line(end - length, end)


def _marked(data: Material, line: Line, side: str) -> Marked:
    code = {label: number for number, label in enumerate(data.labels)}
    places = [
        (begin + span.start, begin + span.end, code[span.label])
        for begin, comparison in zip(line.begin.tolist(), data.comparisons, strict=True)
        for span in (comparison.a if side == "a" else comparison.b).spans
    ]
    return Marked(*np.array(places, dtype=np.int64).reshape(-1, 3).T)


def _of_label(side: Marked, code: int) -> Stretches:
    own = side.label == code
    return disjoint(side.start[own], side.end[own])


def _counts(line: Line, sides: Sequence[Stretches]) -> tuple[Ints, Floats]:
    """The lengths that units have, and by comparison what the terms are made of.

    Shape (comparisons, 2 + 2 lengths): the room of both readings, twice their squared distances, how many units
    have each length, and in how many places of the gaps a unit of each length fits.
    """
    lengths = np.unique(np.concatenate([side.end - side.start for side in sides]))
    n_rows, n = len(line.begin), len(lengths)
    counts = np.zeros((n_rows, 2 + 2 * n))
    counts[:, 0] = 2 * (line.end - line.begin)
    counts[:, 1] = 2 * _distances(line, *sides)
    for side in sides:
        at = line.row(side.start), 2 + np.searchsorted(lengths, side.end - side.start)
        np.add.at(counts, at, 1)
        gaps, row = _gaps(line, side)
        for column, length in enumerate(lengths.tolist()):
            fits = gaps >= length
            counts[:, 2 + n + column] += np.bincount(row[fits], gaps[fits] - length + 1, n_rows)
    return lengths, counts


def _distances(line: Line, a: Stretches, b: Stretches) -> Floats:
    pairs, of_a, alone_a, alone_b = squared_distances(a, b)
    row_a, row_b, n = line.row(a.start), line.row(b.start), len(line.begin)
    parts = (row_a[of_a], pairs), (row_a, alone_a), (row_b, alone_b)
    found: Floats = np.sum([np.bincount(row, distance, n) for row, distance in parts], axis=0, dtype=float)
    return found


def _gaps(line: Line, side: Stretches) -> tuple[Ints, Ints]:
    """Lengths of the gaps of one side and the comparison each lies in: from each closing to the next opening."""
    opening = np.sort(np.concatenate([side.start, line.end]))
    closing = np.sort(np.concatenate([side.end, line.begin]))
    gaps = opening - closing
    return gaps[gaps > 0], line.row(closing)[gaps > 0]


def _terms(sums: Floats, lengths: Ints) -> Floats:
    """Observed and expected disagreement times the length of all, of sums (n, 2 + 2 lengths); shape (n, 2)."""
    n = len(lengths)
    room, distance, units, free = sums[:, 0], sums[:, 1], sums[:, 2 : 2 + n], sums[:, 2 + n :]
    size = lengths.astype(float)
    others = (units.sum(axis=1) - 1)[:, None] / 3 * (2 * size**3 - 3 * size**2 + size)
    chance = (units * (others + size**2 * free)).sum(axis=1)
    pairs = room * (room - 1) - (units * size * (size - 1)).sum(axis=1)
    expected = np.divide(2 * chance, pairs, out=np.zeros(len(sums)), where=pairs > 0)
    observed = np.divide(distance, room, out=np.zeros(len(sums)), where=room > 0)
    return np.column_stack([observed, expected])
