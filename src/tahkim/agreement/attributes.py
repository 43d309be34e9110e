"""Agreement on attributes: alpha of one attribute over the units that both annotators have."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from tahkim.agreement.align import Unit, align, canonical
from tahkim.agreement.coefficients import Coefficient, alpha
from tahkim.agreement.scores import common_ground, paired
from tahkim.model import Annotation, Span

ABSENT = "(absent)"
"""What stands for a blank where the other reading has a value: a value like any other, but never a number."""


class Rated(NamedTuple):
    """What two readings say of one attribute of one unit; None is missing."""

    name: str
    label: str
    a: Hashable
    b: Hashable


def rated(a: Annotation, b: Annotation, units: Sequence[Unit]) -> Iterator[Rated]:
    """Every attribute that both were asked for and at least one has, over the units both have.

    Missing are values that are marked as carried over from a suggestion (a true `carried` beside the label) by a
    tool that cannot hold attributes. Blanks of both are left out. The label is that of the first reading.
    """
    for unit in units:
        one, other = unit.spans
        if one is None or other is None:
            continue
        for name in sorted(one.attributes.keys() | other.attributes.keys()):
            pair = _value(one, name), _value(other, name)
            if pair != (ABSENT, ABSENT) and a.scope.asks_attribute(name) and b.scope.asks_attribute(name):
                yield Rated(name, one.label, *pair)


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
) -> Coefficient:
    """Krippendorff's alpha of one attribute of two annotators, over the units of the documents both submitted.

    A blank is a value where the other has one; under ordinal, interval and ratio, and with them values that do not
    fit the metric, it is missing. nan with a reason where nothing can be compared or nothing varies.

    >>> from tahkim.model import Span
    >>> counts = [(1, 1), (2, 2), (4, 3)]
    >>> one = [Span(str(i), 9 * i, 9 * i + 4, "X", {"n": n}) for i, (n, _) in enumerate(counts)]
    >>> two = [Span(str(i), 9 * i, 9 * i + 4, "X", {"n": n}) for i, (_, n) in enumerate(counts)]
    >>> sides = [[Annotation(doc_id="d", annotator=who, spans=tuple(s))] for who, s in (("a", one), ("b", two))]
    >>> round(attribute_alpha(*sides, "n", "interval").value, 3)
    0.878
    """
    rows: list[tuple[Hashable, Hashable]] = []
    for one, other in paired(a, b):
        one, other = common_ground(one, other)
        found = rated(one, other, align([one.spans, other.spans]))
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
