"""One agreement figure, and how figures with intervals come from counts of comparisons."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tahkim.agreement.bootstrapping import bounds, interval, resample
from tahkim.agreement.corpus.comparisons import Comparison, Selection, selections
from tahkim.agreement.corpus.token_table import TokenTable, token_table
from tahkim.model import Document

if TYPE_CHECKING:
    from tahkim.schema import Schema

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Estimate = tuple[float, float, float]


class Figure(Struct, frozen=True, kw_only=True):
    """A measure over one selection of comparisons.

    `of` is humans, rules, gold or chosen; `pair`, `annotator` (one with all others), `label`, `attribute`, `document`,
    `month`, `week` and `arm` are None where the figure is over all of them. `low` and `high` bound a 95 % bootstrap
    interval over `groups` of documents, for these annotators. `units` counts what was compared: units, tokens, pairs of
    units. `value` is nan where it is undefined, and `reason` says why; `counts` holds the counts it was made of, where
    it was made of counts.
    """

    measure: str
    of: str
    pair: tuple[str, str] | None = None
    annotator: str | None = None
    label: str | None = None
    attribute: str | None = None
    document: str | None = None
    month: str | None = None
    week: str | None = None
    arm: str | None = None
    value: float
    low: float = math.nan
    high: float = math.nan
    documents: int
    groups: int
    annotators: int
    units: int
    reason: str | None = None
    counts: Mapping[str, int] = {}

    def to_json(self) -> dict[str, Any]:
        """A plain dict; undefined numbers are None, and keys that say nothing are left out."""
        plain = msgspec.structs.asdict(self)
        for name in ("value", "low", "high"):
            if math.isnan(plain[name]):
                plain[name] = None
        plain["counts"] = dict(self.counts)
        keep = ("value", "low", "high")
        return {key: value for key, value in plain.items() if key in keep or value not in (None, {})}


@dataclass(frozen=True)
class Chosen:
    """The comparisons of one selection: `rows` are their numbers, `group` numbers the group of each, shape (rows,)."""

    selection: Selection
    comparisons: Sequence[Comparison]
    rows: Ints
    group: Ints
    samples: int
    seed: int

    @cached_property
    def weights(self) -> Floats:
        """1 / (m - 1) for each row, with m the annotators its document has in this selection."""
        names: dict[str, set[str]] = {}
        for comparison in self.comparisons:
            names.setdefault(comparison.doc_id, set()).update(comparison.pair)
        return np.array([1 / (len(names[comparison.doc_id]) - 1) for comparison in self.comparisons])

    @cached_property
    def _extent(self) -> dict[str, int]:
        return {
            "documents": len({comparison.doc_id for comparison in self.comparisons}),
            "groups": len({comparison.group for comparison in self.comparisons}),
            "annotators": len({name for comparison in self.comparisons for name in comparison.pair}),
        }

    def totals(self, counts: Any, weighed: bool = False) -> Floats:
        """Counts (all comparisons, ...) summed over the rows: as they are, then in each resample; shape (1 + n, ...).

        Dense or sparse; `weighed` by `weights`. What is resampled are the groups of documents that have any row.
        """
        from scipy import sparse

        n = len(self.rows)
        weight = self.weights if weighed else np.ones(n)
        n_groups = self._extent["groups"]
        summing = sparse.csr_array((weight, (self.group, np.arange(n))), shape=(n_groups, n))
        chosen = counts[self.rows]
        shape = chosen.shape[1:]
        by_group = summing @ chosen.reshape((n, math.prod(shape)))
        drawn = resample(by_group, self.samples, self.seed)
        sums = np.vstack([np.asarray(by_group.sum(axis=0))[None, :], drawn])
        return sums.reshape(len(sums), *shape)

    def figure(self, measure: str, estimate: Estimate, *, units: int, reason: str | None = None, **more: Any) -> Figure:
        """The estimate with what it is about and how much there was; a defined value keeps no reason."""
        value, low, high = estimate
        about = self.selection._asdict() | self._extent | more
        why = reason if math.isnan(value) else None
        return Figure(measure=measure, value=value, low=low, high=high, units=units, reason=why, **about)


@dataclass(frozen=True)
class Material:
    """What every measure works on."""

    comparisons: Sequence[Comparison]
    chosen: Sequence[Chosen]
    documents: Mapping[str, Document]
    by: frozenset[str]
    schema: Schema | None = None

    @cached_property
    def labels(self) -> list[str]:
        """The labels of all spans, in the order of the schema, else of the alphabet."""
        used = {span.label for c in self.comparisons for reading in (c.a, c.b) for span in reading.spans}
        schema = self.schema
        return sorted(used, key=lambda label: (schema.label_order(label) if schema else 0, label))

    @cached_property
    def token_table(self) -> TokenTable:
        """Pairs of labels over tokens, which kappa and alpha share."""
        return token_table(self.comparisons, self.documents, self.labels)


def material(
    comparisons: Sequence[Comparison],
    documents: Mapping[str, Document],
    by: Sequence[str],
    samples: int,
    seed: int,
    schema: Schema | None,
) -> Material:
    """Every selection that `by` asks for, with its groups numbered in order of their names."""
    chosen = []
    for selection, rows in selections(comparisons, by).items():
        own = [comparisons[row] for row in rows]
        _, group = np.unique([comparison.group for comparison in own], return_inverse=True)
        chosen.append(Chosen(selection, own, np.array(rows), group, samples, seed))
    return Material(comparisons, chosen, documents, frozenset(by), schema)


def spread(values: Floats) -> list[Estimate]:
    """(value, low, high) of each column: the first row is the value, the others are resamples."""
    drawn = values[1:]
    if len(drawn) and not np.isnan(drawn).any():
        return [(float(v), float(low), float(high)) for v, low, high in zip(values[0], *bounds(drawn), strict=True)]
    return [(float(column[0]), *interval(column[1:])) for column in values.T]
