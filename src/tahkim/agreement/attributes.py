"""Agreement on attributes: alpha of one attribute over the units that both annotators have."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from tahkim.agreement.align import Unit, align, canonical
from tahkim.agreement.coefficients import Coefficient, alpha
from tahkim.agreement.scores import common_ground, paired
from tahkim.model import Annotation, Span

if TYPE_CHECKING:
    from tahkim.schema import Schema

ABSENT = "(absent)"
"""What stands for a blank: absent and null are one value, which no metric but the nominal one can use."""


class Rated(NamedTuple):
    """What two readings say of one attribute of one unit; None is missing."""

    name: str
    a: Hashable
    b: Hashable


def known_attributes(readings: Iterable[Annotation], schema: Schema | None = None) -> dict[str, tuple[str, ...]]:
    """The attributes that spans of each label can have: by the schema where it knows the label, else those any has."""
    used: dict[str, set[str]] = defaultdict(set)
    for reading in readings:
        for span in reading.spans:
            known = schema is not None and span.label in schema.labels
            used[span.label].update(schema.attributes_of(span.label) if schema and known else span.attributes)
    return {label: tuple(sorted(names)) for label, names in used.items()}


def rated(a: Annotation, b: Annotation, units: Sequence[Unit], known: Mapping[str, tuple[str, ...]]) -> Iterator[Rated]:
    """Every attribute that the labels on both sides can have and both were asked for, over the units both have.

    Missing are values that are marked as carried over from a suggestion (a true `carried` beside the label) by a
    tool that cannot hold attributes. A blank is a value, ABSENT.
    """
    for unit in units:
        one, other = unit.spans
        if one is None or other is None:
            continue
        names = known[one.label]
        if one.label != other.label:
            names = tuple(name for name in names if name in known[other.label])
        for name in names:
            if a.scope.asks_attribute(name) and b.scope.asks_attribute(name):
                yield Rated(name, _value(one, name), _value(other, name))


def _value(span: Span, name: str) -> Hashable:
    """A hashable stand-in for the value, None where it was carried over."""
    if span.extra.get("carried"):
        return None
    value = span.attributes.get(name)
    if value is None:
        return ABSENT
    return value if isinstance(value, str | int | float) else canonical(value).decode()


def attribute_alpha(
    a: Sequence[Annotation],
    b: Sequence[Annotation],
    name: str,
    metric: str = "nominal",
    *,
    order: Sequence[Hashable] | None = None,
    schema: Schema | None = None,
) -> Coefficient:
    """Krippendorff's alpha of one attribute of two annotators, over the units of the documents both submitted.

    Counted are units whose labels can have it: by `schema`, else as any span of the label has it. A blank is a value;
    under ordinal, interval and ratio it is missing, as are values that do not fit the metric. nan with a
    reason where nothing can be compared or nothing varies.

    >>> from tahkim.model import Span
    >>> counts = [(1, 1), (2, 2), (4, 3)]
    >>> one = [Span(str(i), 9 * i, 9 * i + 4, "X", {"n": n}) for i, (n, _) in enumerate(counts)]
    >>> two = [Span(str(i), 9 * i, 9 * i + 4, "X", {"n": n}) for i, (_, n) in enumerate(counts)]
    >>> sides = [[Annotation(doc_id="d", annotator=who, spans=tuple(s))] for who, s in (("a", one), ("b", two))]
    >>> round(attribute_alpha(*sides, "n", "interval").value, 3)
    0.878
    """
    known = known_attributes([*a, *b], schema)
    rows: list[tuple[Hashable, Hashable]] = []
    for one, other in paired(a, b):
        one, other = common_ground(one, other)
        found = rated(one, other, align([one.spans, other.spans]), known)
        rows += [(r.a, r.b) for r in found if r.name == name]
    rows = [(fitting(x, metric, order), fitting(y, metric, order)) for x, y in rows]
    result = alpha(rows, metric, order=order)
    return result if result.reason is None else replace(result, value=math.nan)


def fitting(value: Hashable, metric: str, order: Sequence[Hashable] | None = None) -> Any:
    """The value where the metric can use it, else None."""
    if metric in ("interval", "ratio"):
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if metric == "ordinal":
        return value if value != ABSENT and (order is None or value in order) else None
    return value
