"""F1 of spans and of relations."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from tahkim.agreement import relations, spans
from tahkim.agreement.corpus.figures import Chosen, Estimate, Figure, Material, spread

Floats = npt.NDArray[np.float64]
Tallies = Sequence[Mapping[str, Counter[str]]]

NOTHING_MARKED = "nothing is marked"
BOTH_EMPTY = "both are empty: they agree by convention"


def span_f1_figures(data: Material) -> Iterator[Figure]:
    """`span_f1_…` for every way of matching, and by label where asked for, but for unlabelled."""
    ways = tuple(spans.MATCHES)
    tallies = [spans.tally(c.units, data.documents[c.doc_id].text, ways) for c in data.comparisons]
    fields = ("a", "b", *ways)
    yield from _figures(data, "span_f1", ways, fields, _table(tallies, [None], fields), [None])
    if "label" in data.by:
        by_label = _table(tallies, data.labels, fields)
        yield from _figures(data, "span_f1", [w for w in ways if w != "unlabelled"], fields, by_label, data.labels)


def relation_f1_figures(data: Material) -> Iterator[Figure]:
    """`relation_f1_strict` and `…_soft`, with counts of errors by kind, and by label where asked for."""
    tallies = [relations.tally(c.relations) for c in data.comparisons]
    labels = sorted({label for tally in tallies for side in ("a", "b") for label in tally[side]})
    fields = ("a", "b", *relations.ENDPOINTS, *relations.ERRORS)
    yield from _figures(data, "relation_f1", relations.ENDPOINTS, fields, _table(tallies, [None], fields), [None])
    if "label" in data.by:
        by_label = _table(tallies, labels, fields)
        yield from _figures(data, "relation_f1", relations.ENDPOINTS, fields, by_label, labels)


def _table(tallies: Tallies, labels: Sequence[str | None], fields: Sequence[str]) -> Floats:
    """Tallies as counts of shape (comparisons, labels, fields); the label None stands for all of them."""
    table = np.zeros((len(tallies), len(labels), len(fields)))
    column = {label: i for i, label in enumerate(labels)}
    for row, tally in enumerate(tallies):
        for k, field in enumerate(fields):
            for label, n in tally[field].items():
                table[row, column[None] if None in column else column[label], k] += n
    return table


def _figures(
    data: Material,
    measure: str,
    ways: Sequence[str],
    fields: Sequence[str],
    table: Floats,
    labels: Sequence[str | None],
) -> Iterator[Figure]:
    """One figure for each selection, way of matching and label."""
    for chosen in data.chosen:
        totals = chosen.totals(table)
        for way in ways:
            at = fields.index(way)
            size = totals[..., 0] + totals[..., 1]
            f1 = np.divide(2 * totals[..., at], size, out=np.full(size.shape, np.nan), where=size > 0)
            for i, (label, estimate) in enumerate(zip(labels, spread(f1), strict=True)):
                sums = dict(zip(fields, totals[0, i].astype(int).tolist(), strict=True))
                counts = {"a": sums["a"], "b": sums["b"], "matched": sums[way]}
                counts |= {f"{kind}_errors": sums[kind] for kind in relations.ERRORS if kind in sums}
                yield _figure(chosen, f"{measure}_{way}", estimate, label, counts)


def _figure(chosen: Chosen, measure: str, estimate: Estimate, label: str | None, counts: dict[str, int]) -> Figure:
    """Two empty annotations of one document agree: 1 by convention, which `reason` says; of more they are nothing."""
    units = counts["a"] + counts["b"] - counts["matched"]
    found = chosen.figure(measure, estimate, units=units, reason=NOTHING_MARKED, label=label, counts=counts)
    if math.isnan(found.value) and chosen.selection.document is not None and label is None:
        return replace(found, value=1.0, reason=BOTH_EMPTY)
    return found
