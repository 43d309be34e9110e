"""Agreement on relations: F1 with both ends exact or in the same units, kinds of error, and alpha."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import asdict

from tahkim.agreement.align import Triple, Unit, align, lift, match_triples, unit_of_span
from tahkim.agreement.coefficients import Coefficient
from tahkim.agreement.scores import Score, common_ground, paired, score
from tahkim.errors import UsageError
from tahkim.model import Annotation

if TYPE_CHECKING:
    from tahkim.schema import Schema

Key = tuple[Hashable, ...]
ENDPOINTS = ("strict", "soft")
ERRORS = ("direction", "label", "endpoint", "missing")


class Undirected(NamedTuple):
    """Labels without direction, and among labels those that are closed over their clusters."""

    symmetric: frozenset[str] = frozenset()
    transitive: frozenset[str] = frozenset()


DIRECTED = Undirected()


class RelationScore(Score, frozen=True):
    """A Score, and how many relations differ in each way: `direction`, `label`, `endpoint` count pairs, `missing` ones.

    Errors are those of the relations that are not in the same units on both sides, whatever `endpoints` was.
    """

    errors: Mapping[str, int] = {}


def undirected(schema: Schema | None) -> Undirected:
    """What the schema says of its relation labels; without a schema every label has a direction."""
    if schema is None:
        return DIRECTED
    named = schema.relations.items()
    return Undirected(
        frozenset(label for label, relation in named if relation.symmetric),
        frozenset(label for label, relation in named if relation.transitive),
    )


class Lifted(NamedTuple):
    """The relations of two readings of one document: over the units of their alignment, and by their exact ends."""

    units: Sequence[Unit]
    a: set[Triple]
    b: set[Triple]
    exact_a: Counter[Key]
    exact_b: Counter[Key]


def lifted(a: Annotation, b: Annotation, units: Sequence[Unit], kinds: Undirected = DIRECTED) -> Lifted:
    """Both readings' relations; `units` is the alignment of the two, which are on common ground.

    Each relation counts once, clusters are closed, and labels without direction have their ends in fixed order.
    """
    kept = [_ends_of(reading, unit_of, kinds) for reading, unit_of in zip((a, b), unit_of_span(units, 2), strict=True)]
    (a_units, a_exact), (b_units, b_exact) = kept
    return Lifted(units, a_units, b_units, a_exact, b_exact)


def _ends_of(reading: Annotation, unit_of: Mapping[str, int], kinds: Undirected) -> tuple[set[Triple], Counter[Key]]:
    """Its relations over units, and as a multiset over the exact ends."""
    index = {span.id: number for number, span in enumerate(reading.spans)}
    own = lift(reading.relations, index, kinds.symmetric, kinds.transitive)
    places = [(span.start, span.end, span.label) for span in reading.spans]
    units = [unit_of[span.id] for span in reading.spans]
    return {Triple(*key) for key in _keys(own, units, kinds)}, Counter(_keys(own, places, kinds))


def _keys(triples: Iterable[Triple], ends: Sequence[Any], kinds: Undirected) -> Iterator[tuple[str, Any, Any]]:
    """Each triple as (label, head, tail) with what stands for its spans in `ends`."""
    for label, head, tail in triples:
        a, b = ends[head], ends[tail]
        yield (label, b, a) if label in kinds.symmetric and b < a else (label, a, b)


def tally(pair: Lifted) -> dict[str, Counter[str]]:
    """By label, for one document: relations of "a", of "b", matched "strict" and "soft", and each kind of ERRORS.

    An error stands under the label the first reading gave, if it gave one.
    """
    counts = {
        "a": _labels(pair.a),
        "b": _labels(pair.b),
        "strict": _labels((pair.exact_a & pair.exact_b).elements()),
        "soft": _labels(pair.a & pair.b),
    } | {kind: Counter() for kind in ERRORS}
    only_a, only_b = pair.a - pair.b, pair.b - pair.a
    holders = dict.fromkeys(only_a, frozenset({0})) | dict.fromkeys(only_b, frozenset({1}))
    for kind, first, second in match_triples(holders):
        counts[kind][(first if first in only_a else second).label] += 1
        del holders[first], holders[second]
    counts["missing"] += _labels(holders)
    return counts


def _labels(found: Iterable[Sequence[Any]]) -> Counter[str]:
    return Counter(key[0] for key in found)


def relation_f1(
    a: Sequence[Annotation],
    b: Sequence[Annotation],
    endpoints: str = "strict",
    *,
    label: str | None = None,
    schema: Schema | None = None,
) -> RelationScore:
    """F1 of the relations of two annotators, micro over the documents both submitted, in [0, 1].

    `strict` asks for both end spans exact (range and label), `soft` for both ends in the same units. With
    `label`, of that relation label alone. Labels `schema` calls symmetric have no direction, transitive ones
    are closed first. nan with a reason where neither has any.
    """
    if endpoints not in ENDPOINTS:
        raise UsageError(f"unknown endpoints {endpoints!r}: known are {', '.join(ENDPOINTS)}")
    kinds = undirected(schema)
    total: dict[str, int] = Counter()
    for one, other in paired(a, b):
        one, other = common_ground(one, other)
        units = align([one.spans, other.spans], [one.relations, other.relations])
        for name, counter in tally(lifted(one, other, units, kinds)).items():
            total[name] += counter.total() if label is None else counter[label]
    plain = score(total["a"], total["b"], total[endpoints])
    return RelationScore(**asdict(plain), errors={kind: total[kind] for kind in ERRORS})


class PairCounts(NamedTuple):
    """Pairs of units that a relation label could join: how many have it in both readings, in one alone, in neither."""

    both: int
    one: int
    neither: int


def pair_counts(
    pair: Lifted, labels: Iterable[str], schema: Schema | None = None, shared: bool = False
) -> dict[str, PairCounts]:
    """For one document, by relation label: over all pairs of units, or with `shared` over units both readings have.

    A pair is admissible when the schema allows the label between a label of its head unit and one of its tail
    unit, or does not know those labels; without a schema every pair of two units is. Labels without direction count
    each pair once.
    """
    units = {n for n, unit in enumerate(pair.units) if not shared or None not in unit.spans}
    sides = [{t for t in side if t.head in units and t.tail in units} for side in (pair.a, pair.b)]
    both, one = _labels(sides[0] & sides[1]), _labels(sides[0] ^ sides[1])
    classes = Counter(frozenset(span.label for span in pair.units[n].present) for n in units)
    counts = {}
    for label in labels:
        related = both[label] + one[label]
        pairs = max(_admissible(classes, label, schema), related)
        counts[label] = PairCounts(both[label], one[label], pairs - related)
    return counts


def _admissible(classes: Counter[frozenset[str]], label: str, schema: Schema | None) -> int:
    """How many pairs of two different units the relation could join; `classes` counts units by their labels."""
    if schema is None or label not in schema.relations:
        return classes.total() * (classes.total() - 1)
    relation, known = schema.relations[label], schema.labels.keys()
    heads = {labels for labels in classes if labels & relation.domain or labels - known}
    tails = {labels for labels in classes if labels & relation.range or labels - known}
    n_heads, n_tails, n_both = (sum(classes[labels] for labels in of) for of in (heads, tails, heads & tails))
    ordered = n_heads * n_tails - n_both
    return ordered - n_both * (n_both - 1) // 2 if relation.symmetric else ordered


def relation_alpha(
    a: Sequence[Annotation], b: Sequence[Annotation], label: str, *, schema: Schema | None = None, shared: bool = False
) -> Coefficient:
    """Binary nominal alpha of one relation label over pairs of units of the documents both submitted; at most 1.

    See `pair_counts` for which pairs count. nan when there is no pair, or when no pair or every pair has the
    relation in both readings. `n_items` counts pairs of units.
    """
    counts = PairCounts(0, 0, 0)
    for one, other in paired(a, b):
        one, other = common_ground(one, other)
        units = align([one.spans, other.spans], [one.relations, other.relations])
        pair = lifted(one, other, units, undirected(schema))
        counts = PairCounts(*map(sum, zip(counts, pair_counts(pair, (label,), schema, shared)[label], strict=True)))
    return binary_alpha(counts)


def binary_alpha(counts: PairCounts) -> Coefficient:
    """Nominal alpha of two raters on yes and no, from the counts alone (Krippendorff 2004, 11.3.2)."""
    n = 2 * sum(counts)
    yes, no = 2 * counts.both + counts.one, 2 * counts.neither + counts.one
    if not n:
        return Coefficient(math.nan, math.nan, math.nan, 0, 2, "no two units could bear it")
    observed, expected = 2 * counts.one / n, 2 * yes * no / (n * (n - 1))
    if not expected:
        reason = "no pair of units bears it" if not yes else "every pair of units bears it"
        return Coefficient(math.nan, observed, expected, n // 2, 2, reason)
    return Coefficient(1 - observed / expected, observed, expected, n // 2, 2)
