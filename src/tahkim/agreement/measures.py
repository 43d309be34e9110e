"""Every measure over a corpus: counts of each comparison once, figures of each selection from their sums."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from tahkim.agreement import attributes, relations, spans
from tahkim.agreement.coefficients import NO_VARIATION
from tahkim.agreement.coincidences import (
    NO_PAIRS,
    Cells,
    alpha_terms,
    chance_corrected,
    cohen_terms,
    fleiss_terms,
)
from tahkim.agreement.comparisons import Selection
from tahkim.agreement.figures import Estimate, Figure, Material, estimates, figure, labels_in_order, pair_weights
from tahkim.agreement.gamma import gamma
from tahkim.agreement.tokens import OUTSIDE, token_labels
from tahkim.model import Annotation
from tahkim.text import tokens

Floats = npt.NDArray[np.float64]

NOTHING_MARKED = "nothing is marked"
NO_INTERVAL = (math.nan, math.nan)


def _table(tallies: Sequence[Mapping[str, Counter[str]]], fields: Sequence[str], labels: Sequence[str]) -> Floats:
    """Tallies by label as counts of shape (comparisons, labels, fields)."""
    column = {label: i for i, label in enumerate(labels)}
    table = np.zeros((len(tallies), len(labels), len(fields)))
    for row, tally in enumerate(tallies):
        for k, field in enumerate(fields):
            for label, n in tally[field].items():
                table[row, column[label], k] = n
    return table


def _f1(totals: Floats, matched: int) -> Floats:
    """F1 of counts (..., fields) whose first fields are the sizes of both sides; nan where both are 0."""
    size = totals[..., 0] + totals[..., 1]
    f1: Floats = np.divide(2 * totals[..., matched], size, out=np.full(size.shape, np.nan), where=size > 0)
    return f1


def span_f1_figures(data: Material) -> Iterator[Figure]:
    """`span_f1_…` for every way of matching, and by label where asked for, but for unlabelled."""
    names = tuple(spans.MATCHES)
    tallies = [spans.tally(c.units, data.documents[c.doc_id].text, names) for c in data.comparisons]
    labels = labels_in_order(data)
    yield from _f1_figures(data, "span_f1", tallies, ("a", "b", *names), names, labels, skip_by_label="unlabelled")


def relation_f1_figures(data: Material) -> Iterator[Figure]:
    """`relation_f1_strict` and `…_soft`, with counts of errors by kind, and by label where asked for."""
    kinds = relations.undirected(data.schema)
    tallies = [relations.tally(relations.lifted(c.a, c.b, c.units, kinds)) for c in data.comparisons]
    labels = sorted({label for t in tallies for side in ("a", "b") for label in t[side]})
    fields = ("a", "b", *relations.ENDPOINTS, *relations.ERRORS)
    yield from _f1_figures(data, "relation_f1", tallies, fields, relations.ENDPOINTS, labels)


def _f1_figures(
    data: Material,
    measure: str,
    tallies: Sequence[Mapping[str, Counter[str]]],
    fields: Sequence[str],
    matches: Sequence[str],
    labels: Sequence[str],
    skip_by_label: str = "",
) -> Iterator[Figure]:
    by_label = _table(tallies, fields, labels)
    overall = by_label.sum(axis=1, keepdims=True)
    tables: list[tuple[Sequence[str | None], Floats]] = [((None,), overall)]
    if "label" in data.by:
        tables.append((labels, by_label))
    for selection, rows in data.selections.items():
        for names, table in tables:
            for match in matches:
                if names is labels and (match == skip_by_label or not labels):
                    continue
                at = fields.index(match)
                found = estimates(data, rows, table, lambda totals, at=at: _f1(totals, at))  # type: ignore[misc]
                sums = table[np.asarray(rows)].sum(axis=0)
                for label, estimate, total in zip(names, found, sums.astype(int).tolist(), strict=True):
                    counts = {"a": total[0], "b": total[1], "matched": total[at]}
                    errors = [field for field in fields if field in relations.ERRORS]
                    counts |= {f"{field}_errors": total[fields.index(field)] for field in errors}
                    yield _f1_figure(data, selection, f"{measure}_{match}", estimate, label, counts)


def _f1_figure(
    data: Material, selection: Selection, measure: str, estimate: Estimate, label: str | None, counts: dict[str, int]
) -> Figure:
    """Two empty annotations of one document agree: 1 by convention, which `reason` says; of more they are nothing."""
    units = counts["a"] + counts["b"] - counts["matched"]
    if not units and selection.document is not None and label is None:
        agreed = figure(data, selection, measure, (1.0, *NO_INTERVAL), units=0, counts=counts)
        return replace(agreed, reason="both are empty: they agree by convention")
    return figure(data, selection, measure, estimate, units=units, reason=NOTHING_MARKED, label=label, counts=counts)


class CellTable:
    """Counts of value pairs by comparison, sparse, shape (comparisons, cells)."""

    def __init__(self, found: Mapping[tuple[int, Hashable, Hashable], int], n_rows: int, values: Sequence[Any]) -> None:
        from scipy import sparse

        code = {value: i for i, value in enumerate(values)}
        pairs = sorted({(code[a], code[b]) for _, a, b in found})
        column = {pair: i for i, pair in enumerate(pairs)}
        entries = [(row, column[code[a], code[b]], n) for (row, a, b), n in found.items()]
        row, col, n = np.array(entries, dtype=np.int64).reshape(-1, 3).T
        self.counts = sparse.csr_array((n.astype(float), (row, col)), shape=(n_rows, len(pairs)))
        self.cells = Cells(values, *np.array(pairs, dtype=np.int64).reshape(-1, 2).T)


def token_figures(data: Material, alpha: bool) -> Iterator[Figure]:
    """`alpha` or `kappa` over tokens, alpha by label where asked for (that label against all else)."""
    table, n_tokens = _token_table(data)
    for selection, rows in data.selections.items():
        if selection.is_crossed:
            continue
        items = sum(n_tokens[doc_id] for doc_id in {data.comparisons[i].doc_id for i in rows})
        if not alpha:
            yield _kappa_figure(data, selection, rows, table, items)
            continue
        share = pair_weights(data, rows)
        labels = [value for value in table.cells.values if value != OUTSIDE] if "label" in data.by else []
        for label in [None, *labels]:
            cells = table.cells if label is None else table.cells.of_label(label)
            [found] = estimates(data, rows, table.counts, _alpha_of(cells), share)
            yield figure(data, selection, "alpha", found, units=items, reason=NO_VARIATION, label=label)


def _alpha_of(cells: Cells, metric: str = "nominal") -> Callable[[Floats], Floats]:
    return lambda totals: chance_corrected(alpha_terms(cells, totals, metric), disagreements=True)[:, None]


def _kappa_figure(data: Material, selection: Selection, rows: Sequence[int], table: CellTable, items: int) -> Figure:
    """Cohen's for two annotators, Fleiss's where every document has as many annotators."""
    sizes = {round(1 / share) + 1 for share in pair_weights(data, rows)}
    if len(sizes) > 1:
        reason = f"documents have {min(sizes)} to {max(sizes)} annotators: alpha allows that, kappa does not"
        return figure(data, selection, "kappa", (math.nan, *NO_INTERVAL), units=items, reason=reason)
    two = len({data.comparisons[i].pair for i in rows}) == 1
    terms = cohen_terms if two else fleiss_terms
    [found] = estimates(
        data,
        rows,
        table.counts,
        lambda totals: chance_corrected(terms(table.cells, totals), disagreements=False)[:, None],
    )
    return figure(data, selection, "kappa", found, units=items, reason=NO_VARIATION)


def _token_table(data: Material) -> tuple[CellTable, dict[str, int]]:
    """Counts of label pairs over tokens, and how many tokens each document has."""
    places = {doc_id: tokens(data.documents[doc_id].text) for doc_id in {c.doc_id for c in data.comparisons}}
    labelled: dict[tuple[str, int], dict[int, str]] = {}
    found: Counter[tuple[int, Hashable, Hashable]] = Counter()
    for row, c in enumerate(data.comparisons):
        one, other = (_labels_of(reading, places[c.doc_id], labelled) for reading in (c.a, c.b))
        both = one.keys() | other.keys()
        found.update((row, one.get(token, OUTSIDE), other.get(token, OUTSIDE)) for token in both)
        if outside := len(places[c.doc_id]) - len(both):
            found[row, OUTSIDE, OUTSIDE] = outside
    table = CellTable(found, len(data.comparisons), [OUTSIDE, *labels_in_order(data)])
    return table, {doc_id: len(of) for doc_id, of in places.items()}


def _labels_of(
    reading: Annotation, places: Sequence[tuple[int, int]], known: dict[tuple[str, int], dict[int, str]]
) -> dict[int, str]:
    """Worked out once for a reading that stands in several comparisons (they all hold the same value)."""
    key = reading.doc_id, id(reading)
    if key not in known:
        known[key] = token_labels(places, reading.spans)
    return known[key]


def attribute_figures(data: Material) -> Iterator[Figure]:
    """`attribute_alpha` of each attribute, at the level of measurement the schema gives it, else nominal."""
    readings = [reading for c in data.comparisons for reading in (c.a, c.b)]
    known = attributes.known_attributes(readings, data.schema)
    found: dict[str, Counter[tuple[int, Hashable, Hashable]]] = {}
    for row, c in enumerate(data.comparisons):
        for name, a, b in attributes.rated(c.a, c.b, c.units, known):
            level, order = _level(data, name)
            a, b = attributes.fitting(a, level, order), attributes.fitting(b, level, order)
            if a is not None and b is not None:
                found.setdefault(name, Counter())[row, a, b] += 1
    for name in sorted(found):
        level, order = _level(data, name)
        table = CellTable(found[name], len(data.comparisons), _values(found[name], level, order))
        for selection, rows in data.selections.items():
            if selection.is_crossed or selection.document is not None:
                continue
            [estimate] = estimates(data, rows, table.counts, _alpha_of(table.cells, level), pair_weights(data, rows))
            units = int(table.counts[np.asarray(rows)].sum())
            reason = NO_VARIATION if units else NO_PAIRS
            yield figure(data, selection, "attribute_alpha", estimate, units=units, reason=reason, attribute=name)


def _level(data: Material, name: str) -> tuple[str, Sequence[Hashable] | None]:
    """The level of measurement of an attribute and, of a choice, the order of its values."""
    known = [of[name] for of in data.schema.attributes.values() if name in of] if data.schema else []
    return (known[0].level, known[0].values or None) if known else ("nominal", None)


def _values(found: Iterable[tuple[int, Hashable, Hashable]], level: str, order: Sequence[Hashable] | None) -> list[Any]:
    used = {value for _, *pair in found for value in pair}
    if level == "ordinal" and order is not None:
        return [value for value in order if value in used]
    return sorted(used, key=lambda value: (isinstance(value, str), value))


PAIR_CELLS = Cells([False, True], np.array([1, 0, 0]), np.array([1, 1, 0]))
"""The cells of relations.PairCounts: both, one, neither."""


def relation_alpha_figures(data: Material) -> Iterator[Figure]:
    """`relation_alpha` of each relation label over all units, and `…_shared` over the units both have.

    `counts` of the shared one give its coverage: how many of all pairs of units it is about.
    """
    kinds = relations.undirected(data.schema)
    lifted = [relations.lifted(c.a, c.b, c.units, kinds) for c in data.comparisons]
    labels = sorted({t.label for pair in lifted for t in pair.a | pair.b})
    tables = {
        measure: np.array([list(relations.pair_counts(pair, labels, data.schema, shared).values()) for pair in lifted])
        for measure, shared in (("relation_alpha", False), ("relation_alpha_shared", True))
    }
    if not labels:
        return
    for selection, rows in data.selections.items():
        if selection.is_crossed or selection.document is not None:
            continue
        share = pair_weights(data, rows)
        all_pairs = tables["relation_alpha"][np.asarray(rows)].sum(axis=(0, 2))
        for measure, table in tables.items():
            found = estimates(data, rows, table, _pair_alphas, share)
            sums = table[np.asarray(rows)].sum(axis=0).astype(int).tolist()
            for label, estimate, (both, one, neither), n in zip(labels, found, sums, all_pairs, strict=True):
                counts = {"both": both, "one": one, "neither": neither, "all_pairs": int(n)}
                reason = NO_VARIATION if both + one + neither else "no two units could bear it"
                yield figure(
                    data,
                    selection,
                    measure,
                    estimate,
                    units=both + one + neither,
                    reason=reason,
                    label=label,
                    counts=counts,
                )


def _pair_alphas(totals: Floats) -> Floats:
    return chance_corrected(alpha_terms(PAIR_CELLS, totals), disagreements=True)


def gamma_figures(data: Material) -> Iterator[Figure]:
    """`gamma` over documents: 1 - the summed disorder of all documents over the disorder chance would give.

    Disorders are per unit of the average annotator, and weigh by how many of those a document has.
    """
    known: dict[tuple[str, tuple[str, ...]], tuple[float, float]] = {}
    for selection, rows in data.selections.items():
        if selection.is_crossed:
            continue
        readings: dict[str, dict[str, Annotation]] = {}
        for i in rows:
            c = data.comparisons[i]
            readings.setdefault(c.doc_id, {}).update({c.a.annotator: c.a, c.b.annotator: c.b})
        counts = np.zeros((len(data.comparisons), 2))
        first = {data.comparisons[i].doc_id: i for i in reversed(rows)}
        for doc_id, of in readings.items():
            key = doc_id, tuple(sorted(of))
            if key not in known:
                known[key] = _disorders(of, data.seed)
            counts[first[doc_id]] = known[key]
        [found] = estimates(data, rows, counts, _gamma)
        units = sum(len(reading.spans) for of in readings.values() for reading in of.values())
        yield figure(data, selection, "gamma", found, units=units, reason=NOTHING_MARKED)


def _disorders(readings: Mapping[str, Annotation], seed: int) -> tuple[float, float]:
    """Observed and expected disorder of one document, times the units of its average annotator."""
    units = [(name, s.start, s.end, s.label) for name, reading in readings.items() for s in reading.spans]
    if not units:
        return 0.0, 0.0
    found = gamma([unit for unit in units if unit[1] < unit[2]], seed=seed, raters=list(readings))
    mean = len(units) / len(readings)
    return found.observed_disorder * mean, found.expected_disorder * mean


def _gamma(totals: Floats) -> Floats:
    ratio = np.divide(totals[:, 0], totals[:, 1], out=np.full(len(totals), math.nan), where=totals[:, 1] > 0)
    values: Floats = 1 - ratio[:, None]
    return values
