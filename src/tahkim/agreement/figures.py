"""One agreement figure with its interval, and how figures are estimated from counts of comparisons."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tahkim.agreement.bootstrap import interval, resample
from tahkim.agreement.comparisons import Comparison, Selection
from tahkim.model import Document

if TYPE_CHECKING:
    from tahkim.schema import Schema

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Estimate = tuple[float, float, float]
Statistic = Callable[[Floats], Floats]


class Figure(Struct, frozen=True, kw_only=True):
    """A measure over one selection of comparisons.

    `of` is humans, rules or gold; `pair`, `label`, `attribute`, `document`, `month` and `arm` are None where the
    figure is over all of them. `low` and `high` bound a 95 % bootstrap interval over `groups` of documents, for these
    annotators. `units` counts what was compared: units, tokens, pairs of units. `value` is nan where it is
    undefined, and `reason` says why; `counts` holds the counts it was made of, where it was made of counts.
    """

    measure: str
    of: str
    pair: tuple[str, str] | None = None
    label: str | None = None
    attribute: str | None = None
    document: str | None = None
    month: str | None = None
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


class Material(Struct, frozen=True):
    """What every measure works on. `group` numbers the group of each comparison, shape (comparisons,)."""

    comparisons: Sequence[Comparison]
    selections: Mapping[Selection, Sequence[int]]
    documents: Mapping[str, Document]
    group: Ints
    by: frozenset[str]
    samples: int
    seed: int
    schema: Schema | None = None


def material(
    comparisons: Sequence[Comparison],
    chosen: Mapping[Selection, Sequence[int]],
    documents: Mapping[str, Document],
    by: Iterable[str],
    samples: int,
    seed: int,
    schema: Schema | None,
) -> Material:
    """Numbers the groups in order of their names."""
    names = sorted({comparison.group for comparison in comparisons})
    number = {name: i for i, name in enumerate(names)}
    group = np.array([number[comparison.group] for comparison in comparisons], dtype=np.int64)
    return Material(comparisons, chosen, documents, group, frozenset(by), samples, seed, schema)


def totals(data: Material, rows: Sequence[int], counts: Any, weights: Floats | None = None) -> Floats:
    """Counts (comparisons, ...) of `rows`, weighed and summed: as they are, then in each resample; shape (1 + n, ...).

    Dense or sparse. What is resampled are the groups of documents that have any of the rows.
    """
    from scipy import sparse

    index = np.asarray(rows)
    present, group = np.unique(data.group[index], return_inverse=True)
    weight = np.ones(len(index)) if weights is None else weights
    summing = sparse.csr_array((weight, (group, np.arange(len(index)))), shape=(len(present), len(index)))
    chosen = counts[index]
    shape = chosen.shape[1:]
    by_group = summing @ chosen.reshape((len(index), math.prod(shape)))
    drawn = resample(by_group, data.samples, data.seed)
    return np.vstack([np.asarray(by_group.sum(axis=0)).reshape(1, -1), drawn]).reshape(-1, *shape)


def spread(values: Floats) -> list[Estimate]:
    """(value, low, high) of each column: the first row is the value, the others are resamples."""
    return [(float(column[0]), *interval(column[1:])) for column in values.T]


def estimates(
    data: Material, rows: Sequence[int], counts: Any, statistic: Statistic, weights: Floats | None = None
) -> list[Estimate]:
    """What `statistic` makes of the sums of counts (n, ...), shape (n, numbers), with intervals."""
    return spread(statistic(totals(data, rows, counts, weights)))


def pair_weights(data: Material, rows: Sequence[int]) -> Floats:
    """1 / (m - 1) for each comparison of `rows`, with m the annotators its document has among them."""
    names: dict[str, set[str]] = {}
    for i in rows:
        names.setdefault(data.comparisons[i].doc_id, set()).update(data.comparisons[i].pair)
    return np.array([1 / (len(names[data.comparisons[i].doc_id]) - 1) for i in rows])


def labels_in_order(data: Material) -> list[str]:
    """The labels of all spans, in the order of the schema, else of the alphabet."""
    used = {span.label for c in data.comparisons for reading in (c.a, c.b) for span in reading.spans}
    schema = data.schema
    return sorted(used, key=lambda label: (schema.label_order(label) if schema else 0, label))


def figure(
    data: Material,
    selection: Selection,
    measure: str,
    estimate: Estimate,
    *,
    units: int,
    reason: str | None = None,
    **more: Any,
) -> Figure:
    """The estimate with what it is about and how much there was; a defined value keeps no reason."""
    value, low, high = estimate
    rows = [data.comparisons[i] for i in data.selections[selection]]
    return Figure(
        measure=measure,
        of=selection.of,
        pair=selection.pair,
        arm=selection.arm,
        document=selection.document,
        month=selection.month,
        value=value,
        low=low,
        high=high,
        documents=len({row.doc_id for row in rows}),
        groups=len({row.group for row in rows}),
        annotators=len({name for row in rows for name in row.pair}),
        units=units,
        reason=reason if math.isnan(value) else None,
        **more,
    )
