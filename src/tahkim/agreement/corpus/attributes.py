"""Alpha of each attribute over the units that both annotators have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

from tahkim.agreement.attributes import fitting, known_attributes, rated
from tahkim.agreement.coefficients import NO_VARIATION
from tahkim.agreement.coincidences import NO_PAIRS, CellCounts, alpha_terms, chance_corrected
from tahkim.agreement.corpus.figures import Figure, Material, spread
from tahkim.schema import Schema

Level = tuple[str, Sequence[Hashable] | None]
"""The level of measurement and, of a choice, the order of its values."""


def attribute_figures(data: Material) -> Iterator[Figure]:
    """`attribute_alpha` of each attribute, at the level of measurement the schema gives it, else nominal."""
    known = known_attributes([reading for c in data.comparisons for reading in (c.a, c.b)], data.schema)
    levels = {name: _level(data.schema, name) for names in known.values() for name in names}
    found: dict[str, Counter[tuple[int, Hashable, Hashable]]] = {name: Counter() for name in sorted(levels)}
    for row, c in enumerate(data.comparisons):
        for name, a, b in rated(c.a, c.b, c.units, known):
            one, other = fitting(a, *levels[name]), fitting(b, *levels[name])
            if one is not None and other is not None:
                found[name][row, one, other] += 1
    for name, pairs in found.items():
        level, order = levels[name]
        table = CellCounts(pairs, len(data.comparisons), _values(pairs, level, order))
        for chosen in data.chosen:
            if chosen.selection.is_crossed or chosen.selection.document is not None:
                continue
            terms = alpha_terms(table.cells, chosen.totals(table.counts, weighed=True), level)
            [estimate] = spread(chance_corrected(terms, disagreements=True)[:, None])
            units = int(table.counts[chosen.rows].sum())
            reason = NO_VARIATION if units else NO_PAIRS
            yield chosen.figure("attribute_alpha", estimate, units=units, reason=reason, attribute=name)


def _level(schema: Schema | None, name: str) -> Level:
    known = [of[name] for of in schema.attributes.values() if name in of] if schema else []
    return (known[0].level, known[0].values or None) if known else ("nominal", None)


def _values(pairs: Iterable[tuple[int, Hashable, Hashable]], level: str, order: Sequence[Hashable] | None) -> list[Any]:
    """The values in use, in the order the level needs."""
    used = {value for _, *pair in pairs for value in pair}
    if level == "ordinal" and order is not None:
        return [value for value in order if value in used]
    return sorted(used, key=lambda value: (isinstance(value, str), value))
