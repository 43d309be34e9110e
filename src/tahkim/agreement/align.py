"""The one definition of what belongs together: spans into units, relations onto units.

A *unit* is one thing in the text that at least one annotator marked. It holds at most one span of each
reading, and every two of its spans overlap by at least a tenth of their union. Among all such groupings
`align` takes the best, in this order: most pairs of equal range and label, then most pairs of the same
label, then the largest sum of intersection over union; what is still tied goes by position.

How it is solved. Equal spans (same range and label) always belong together: equal pairs exist only inside
a class of equal spans, so every class can reach its own maximum, and that maximum is reached by one
stacking alone: the first spans of all readings, then the second ones, and so on. Which of an annotator's duplicates is
first, their attributes and relations tell, so that alike readings pair alike. Each such stack becomes one *node*.
What is left is to partition the nodes of each connected component of the overlap graph into cliques
of disjoint readings, which dynamic programming over the nodes in order of position solves exactly. What a pair
gains is a whole number: its overlap over the common denominator of the component, plus, for the same label, more
than all overlaps together; so nothing is rounded and a tie is a tie. Components that exceed `EXACT_NODES` nodes or
`EXACT_STEPS` steps fall back: two readings to a linear assignment (exact but for rounding), more to joining the best
pair of groups first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import islice
from math import lcm
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from tahkim.model import Relation, Span

EXACT_NODES = 120
"""Largest component, in nodes, that is tried exactly (bounds the depth of the recursion)."""
EXACT_STEPS = 50_000
"""Cliques looked at in one component before the exact solution is given up."""
MIN_IOU_TENTHS = 1
"""Pairs below this many tenths of intersection over union are not joined."""


class Unit(Struct, frozen=True, gc=False):
    """One thing in the text: a span, or None, for each reading, in the order the readings were given."""

    spans: tuple[Span | None, ...]

    @property
    def present(self) -> list[Span]:
        """The spans that are there, in the order of the readings."""
        return [span for span in self.spans if span is not None]

    @property
    def start(self) -> int:
        """The least start of its spans."""
        return min(span.start for span in self.present)

    @property
    def end(self) -> int:
        """The greatest end of its spans."""
        return max(span.end for span in self.present)


class _Node(NamedTuple):
    """Equal spans of disjoint readings: what can no longer be split."""

    start: int
    end: int
    label: str
    members: tuple[tuple[int, Span], ...]
    readings: int  # bit set

    @property
    def place(self) -> tuple[int, int, str]:
        return (self.start, self.end, self.label)


class _Overlap(NamedTuple):
    """What two nodes that may share a unit have in common, over all pairs of their members."""

    same_label: int
    inter: int
    union: int
    pairs: int


_Graph = dict[int, dict[int, _Overlap]]
_Gains = dict[int, dict[int, int]]
_Group = tuple[int, ...]


def align(readings: Sequence[Sequence[Span]], relations: Sequence[Sequence[Relation]] = ()) -> list[Unit]:
    """Group the spans of n readings of one text into units, sorted by start, end and label.

    `readings` holds one sequence of spans for each annotator, in any order. Neither the order of readings nor
    that of spans matters, but that each unit's slots follow the order of readings. No spans give no units.
    By `relations`, one sequence for each reading, duplicates are told apart that nothing else distinguishes.

    >>> a, b = Span("1", 0, 4, "LOC"), Span("2", 0, 5, "LOC")
    >>> [[s and s.id for s in unit.spans] for unit in align([[a], [b]])]
    [['1', '2']]
    >>> align([[], []])
    []
    """
    nodes = _stack(readings, relations or [()] * len(readings))
    graph = _overlaps(nodes)
    groups: list[_Group] = []
    for component in _components(graph, len(nodes)):
        groups += _partition(component, nodes, graph, len(readings))
    units = [_unit([nodes[i] for i in group], len(readings)) for group in groups]
    return sorted(units, key=_position)


def iou(a: Span, b: Span) -> Fraction:
    """Intersection over union of two ranges, exactly; 0 where they do not overlap."""
    inter = min(a.end, b.end) - max(a.start, b.start)
    if inter <= 0:
        return Fraction(0)
    return Fraction(inter, max(a.end, b.end) - min(a.start, b.start))


def _position(unit: Unit) -> tuple[int, int, int, list[tuple[int, int, str]]]:
    """Names no reading, so that a renamed annotator moves nothing; the fuller of two stacked units is first."""
    places = sorted((span.start, span.end, span.label) for span in unit.present)
    return unit.start, unit.end, -len(places), places


def _stack(readings: Sequence[Sequence[Span]], relations: Sequence[Sequence[Relation]]) -> list[_Node]:
    """Equal spans into nodes, sorted by place; an annotator's own duplicates go to different nodes."""
    classes: dict[tuple[int, int, str], dict[int, list[Span]]] = defaultdict(dict)
    for reading, spans in enumerate(readings):
        for span in spans:
            classes[span.start, span.end, span.label].setdefault(reading, []).append(span)
    repeating = {reading for held in classes.values() for reading, spans in held.items() if len(spans) > 1}
    duplicates = {reading: _Duplicates(readings[reading], relations[reading]) for reading in repeating}
    nodes = []
    for (start, end, label), by_reading in sorted(classes.items()):
        for reading, spans in by_reading.items():
            if len(spans) > 1:
                duplicates[reading].sort(spans)
        for level in _levels(by_reading):
            bits = sum(1 << reading for reading, _ in level)
            nodes.append(_Node(start, end, label, level, bits))
    return nodes


class _Duplicates:
    """Puts one annotator's duplicates in an order: by attributes, then by what their relations lead to, then by id."""

    def __init__(self, spans: Sequence[Span], relations: Sequence[Relation]) -> None:
        place = {span.id: (span.start, span.end, span.label) for span in spans}
        self._arcs: dict[str, list[tuple[str, bool, tuple[int, int, str], str]]] = defaultdict(list)
        for arc in relations:
            self._arcs[arc.head].append((arc.label, True, place[arc.tail], arc.tail))
            self._arcs[arc.tail].append((arc.label, False, place[arc.head], arc.head))
        self._rank: dict[str, int] = {}

    def sort(self, spans: list[Span]) -> None:
        """In place. Called in order of position, so that what leads to earlier duplicates follows their order."""
        spans.sort(key=lambda span: (canonical(span.attributes), self._ends(span), span.id))
        self._rank |= {span.id: rank for rank, span in enumerate(spans)}

    def _ends(self, span: Span) -> list[tuple[str, bool, tuple[int, int, str], int]]:
        arcs = self._arcs.get(span.id, ())
        return sorted((label, leads, place, self._rank.get(other, 0)) for label, leads, place, other in arcs)


def _levels(by_reading: Mapping[int, Sequence[Span]]) -> Iterator[tuple[tuple[int, Span], ...]]:
    """The first spans of all readings, then the second ones …: the stacking with the most equal pairs."""
    for depth in range(max(map(len, by_reading.values()))):
        yield tuple((reading, spans[depth]) for reading, spans in by_reading.items() if len(spans) > depth)


def _overlaps(nodes: Sequence[_Node]) -> _Graph:
    """Which nodes may share a unit, and what each such pair has in common. Nodes come sorted by start."""
    graph: _Graph = defaultdict(dict)
    open_nodes: list[int] = []
    for i, node in enumerate(nodes):
        open_nodes = [j for j in open_nodes if nodes[j].end > node.start]
        for j in open_nodes:
            other = nodes[j]
            if other.readings & node.readings == 0:
                inter = min(other.end, node.end) - node.start
                union = max(other.end, node.end) - other.start
                if 10 * inter >= MIN_IOU_TENTHS * union:
                    pairs = len(other.members) * len(node.members)
                    overlap = _Overlap(pairs * (other.label == node.label), inter, union, pairs)
                    graph[i][j] = graph[j][i] = overlap
        open_nodes.append(i)
    return graph


def _gains(component: Sequence[int], graph: _Graph) -> _Gains:
    """What joining each pair of nodes of a component is worth, as whole numbers that compare as the rule says."""
    edges = [overlap for node in component for overlap in graph[node].values()]
    denominator = lcm(*{overlap.union for overlap in edges})
    # Every overlap is at most 1 a pair, and each edge stands twice in `edges`: one label outweighs them all.
    same_label = denominator * (1 + sum(overlap.pairs for overlap in edges) // 2)
    return {
        node: {
            other: o.same_label * same_label + o.pairs * o.inter * (denominator // o.union)
            for other, o in graph[node].items()
        }
        for node in component
    }


def _components(graph: _Graph, n_nodes: int) -> Iterator[list[int]]:
    """Connected components of the overlap graph, each sorted, in order of position."""
    seen = [False] * n_nodes
    for first in range(n_nodes):
        if seen[first]:
            continue
        seen[first] = True
        component, todo = [], [first]
        while todo:
            node = todo.pop()
            component.append(node)
            for other in graph.get(node, ()):
                if not seen[other]:
                    seen[other] = True
                    todo.append(other)
        yield sorted(component)


def _partition(component: list[int], nodes: Sequence[_Node], graph: _Graph, n_readings: int) -> list[_Group]:
    if len(component) <= 2:
        return [tuple(component)]
    gains = _gains(component, graph)
    if len(component) <= EXACT_NODES:
        exact = _exact(component, gains)
        if exact is not None:
            return exact
    if n_readings == 2:
        return _assignment(component, nodes, graph)
    return _best_pair_first(component, gains)


def _exact(component: Sequence[int], gains: _Gains) -> list[_Group] | None:
    """The best partition into cliques, or None when it would take more than `EXACT_STEPS` cliques.

    Takes the first node that is left, tries every clique it can stand in, and solves the rest, which is
    remembered. Overlap is local, so that few different rests occur however long the component is. Sets of
    nodes are bits in order of position.
    """
    bit = {node: 1 << i for i, node in enumerate(component)}
    gain = [{bit[other]: worth for other, worth in gains[node].items()} for node in component]
    neighbours = [sum(worths) for worths in gain]
    best: dict[int, tuple[int, int]] = {0: (0, 0)}
    steps = 0

    def solve(rest: int) -> bool:
        nonlocal steps
        most, choice = -1, 0
        for group, worth in _cliques(rest, neighbours, gain):
            steps += 1
            left = rest & ~group
            if steps > EXACT_STEPS or not (left in best or solve(left)):
                return False
            total = worth + best[left][0]
            if total > most or (total == most and _earlier(group, choice)):
                most, choice = total, group
        best[rest] = most, choice
        return True

    whole = (1 << len(component)) - 1
    if not solve(whole):
        return None
    groups = []
    while whole:
        group = best[whole][1]
        groups.append(tuple(node for node in component if bit[node] & group))
        whole &= ~group
    return groups


def _earlier(a: int, b: int) -> bool:
    """A tie goes to the larger group at the first node, then to the group with the earlier node where they differ."""
    size_a, size_b = a.bit_count(), b.bit_count()
    if size_a != size_b:
        return size_a > size_b
    differing = a ^ b
    return bool(differing & -differing & a)


def _cliques(rest: int, neighbours: Sequence[int], gain: Sequence[Mapping[int, int]]) -> Iterator[tuple[int, int]]:
    """Every clique of `rest` that holds its first node, with what it gains.

    Readings need no second check: two nodes that share a reading are not neighbours.
    """
    first = rest & -rest
    stack = [(first, 0, neighbours[first.bit_length() - 1] & rest)]
    while stack:
        group, worth, candidates = stack.pop()
        yield group, worth
        while candidates:
            node = candidates & -candidates
            candidates ^= node
            number = node.bit_length() - 1
            more = worth + sum(gain[number][member] for member in _bits(group))
            stack.append((group | node, more, candidates & neighbours[number]))


def _bits(nodes: int) -> Iterator[int]:
    while nodes:
        node = nodes & -nodes
        yield node
        nodes ^= node


def _assignment(component: Sequence[int], nodes: Sequence[_Node], graph: _Graph) -> list[_Group]:
    """Two readings: a linear assignment. Exact but for the rounding of sums of IoU."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    rows = [i for i in component if nodes[i].readings == 1]
    columns = [i for i in component if nodes[i].readings == 2]
    weight = np.zeros((len(rows), len(columns)))
    column_of = {node: c for c, node in enumerate(columns)}
    for r, i in enumerate(rows):
        for j, overlap in graph[i].items():
            weight[r, column_of[j]] = overlap.same_label * (len(component) + 1) + overlap.inter / overlap.union
    pairs = [(rows[r], columns[c]) for r, c in zip(*linear_sum_assignment(weight, maximize=True), strict=True)]
    groups: list[_Group] = [(i, j) for i, j in pairs if j in graph[i]]
    joined = {node for group in groups for node in group}
    return groups + [(node,) for node in component if node not in joined]


def _best_pair_first(component: Sequence[int], gains: _Gains) -> list[_Group]:
    """Not exact: joins the two groups that gain most while any two can be joined, ties by position.

    A group is named by its first node, and may only be joined to groups of nodes that this one overlaps. A join
    found before one of its groups changed is passed over: it was found anew then.
    """
    groups: dict[int, _Group] = {node: (node,) for node in component}
    group_of = {node: node for node in component}
    changes = dict.fromkeys(component, 0)
    joins = [(-worth, i, j, 0, 0) for i in component for j, worth in gains[i].items() if i < j]
    heapify(joins)
    while joins:
        _, i, j, changes_i, changes_j = heappop(joins)
        if not (i in groups and j in groups and (changes[i], changes[j]) == (changes_i, changes_j)):
            continue
        group_of |= dict.fromkeys(groups[j], i)
        groups[i] = tuple(sorted(groups[i] + groups.pop(j)))
        changes[i] += 1
        for k in {group_of[other] for other in gains[i]} - {i}:
            worth = _joined_gain(groups[i], groups[k], gains)
            if worth is not None:
                low, high = min(i, k), max(i, k)
                heappush(joins, (-worth, low, high, changes[low], changes[high]))
    return list(groups.values())


def _joined_gain(a: _Group, b: _Group, gains: _Gains) -> int | None:
    """What joining two groups gains, None where some pair of them cannot stand together."""
    total = 0
    for i in a:
        for j in b:
            if j not in gains[i]:
                return None
            total += gains[i][j]
    return total


def _unit(members: Iterable[_Node], n_readings: int) -> Unit:
    spans: list[Span | None] = [None] * n_readings
    for node in members:
        for reading, span in node.members:
            spans[reading] = span
    return Unit(tuple(spans))


def canonical(value: Any) -> bytes:
    """Bytes that are equal exactly when two attribute values are, whatever the order of their keys.

    >>> canonical({"b": 1, "a": None}) == canonical({"a": None, "b": 1})
    True
    """
    return msgspec.json.encode(value, order="deterministic")


class Triple(NamedTuple):
    """A relation lifted onto units: indices into the list of units that `align` gave."""

    label: str
    head: int
    tail: int


def unit_of_span(units: Sequence[Unit], n_readings: int) -> list[dict[str, int]]:
    """For each reading, the index of the unit that holds the span of a given id."""
    index: list[dict[str, int]] = [{} for _ in range(n_readings)]
    for number, unit in enumerate(units):
        for reading, span in enumerate(unit.spans):
            if span is not None:
                index[reading][span.id] = number
    return index


def lift(
    relations: Iterable[Relation],
    unit_of: Mapping[str, int],
    symmetric: frozenset[str] = frozenset(),
    transitive: frozenset[str] = frozenset(),
) -> dict[Triple, Relation | None]:
    """The relations of one reading as triples over units, each with the relation that says so.

    A `symmetric` label has its ends in order of position. A label that is symmetric and `transitive` is closed:
    every pair of a cluster is a triple, with None where no relation of the reading says it outright.
    Of several relations that lift onto one triple the first by id is kept: a triple is there or is not.
    """
    triples: dict[Triple, Relation | None] = {}
    for relation in sorted(relations, key=lambda r: r.id):
        head, tail = unit_of[relation.head], unit_of[relation.tail]
        if relation.label in symmetric and head > tail:
            head, tail = tail, head
        triples.setdefault(Triple(relation.label, head, tail), relation)
    for label in sorted(symmetric & transitive):
        pairs = [(t.head, t.tail) for t in triples if t.label == label]
        for cluster in clusters(pairs):
            for i, head in enumerate(cluster):
                for tail in cluster[i + 1 :]:
                    triples.setdefault(Triple(label, head, tail), None)
    return triples


def clusters(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Connected components of the pairs, each sorted, in order of their least member.

    >>> clusters([(4, 2), (0, 1), (2, 7)])
    [[0, 1], [2, 4, 7]]
    """
    root: dict[int, int] = {}

    def find(node: int) -> int:
        root.setdefault(node, node)
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for a, b in pairs:
        low, high = sorted((find(a), find(b)))
        root[high] = low
    members: dict[int, list[int]] = defaultdict(list)
    for node in sorted(root):
        members[find(node)].append(node)
    return [members[key] for key in sorted(members)]


def differences(units: Sequence[Unit], asked: Sequence[Sequence[int]]) -> list[str]:
    """How the readings of each unit differ: `agreed`, or the kinds of difference joined by " + ".

    `asked` holds, for each unit, the readings that were asked for it: one of them without a span is a
    *missing*. The kinds, in the order they are written: `split` (one span here, two or more inside it there),
    `boundary`, `label`, `attribute`, `missing`.

    >>> a, b = Span("1", 0, 4, "LOC"), Span("2", 0, 5, "LOC")
    >>> differences([Unit((a, b, None))], [[0, 1, 2]])
    ['boundary + missing']
    """
    split = _split_units(units)
    return [_difference(unit, asked[i], i in split) for i, unit in enumerate(units)]


def _difference(unit: Unit, asked: Sequence[int], is_split: bool) -> str:
    present = unit.present
    kinds = {
        "split": is_split,
        "boundary": len({(span.start, span.end) for span in present}) > 1,
        "label": len({span.label for span in present}) > 1,
        "attribute": len({canonical(span.attributes) for span in present}) > 1,
        "missing": any(unit.spans[reading] is None for reading in asked),
    }
    return " + ".join(kind for kind, holds in kinds.items() if holds) or "agreed"


def _split_units(units: Sequence[Unit]) -> set[int]:
    """Units of a span that holds two or more spans of another reading, and the units of those."""
    flat = [
        (span.start, span.end, reading, number)
        for number, unit in enumerate(units)
        for reading, span in enumerate(unit.spans)
        if span is not None
    ]
    flat.sort(key=lambda held: (held[0], -held[1], held[2]))
    found: set[int] = set()
    for i, (_, end, reading, number) in enumerate(flat):
        inside: dict[int, list[int]] = defaultdict(list)
        for inner_start, inner_end, other, inner_number in islice(flat, i + 1, None):
            if inner_start >= end:
                break
            if other != reading and inner_end <= end:
                inside[other].append(inner_number)
        for numbers in inside.values():
            if len(numbers) > 1:
                found |= {number, *numbers}
    return found


_TRIPLE_MATCHES: Mapping[str, Callable[[Triple], list[Hashable]]] = {
    "direction": lambda t: [(t.label, min(t.head, t.tail), max(t.head, t.tail))],
    "label": lambda t: [(t.head, t.tail)],
    "endpoint": lambda t: [(t.label, "head", t.head), (t.label, "tail", t.tail)],
}
"""At which places a triple looks for the one it differs from, for each kind in turn."""


def match_triples(holders: Mapping[Triple, frozenset[int]]) -> list[tuple[str, Triple, Triple]]:
    """Pair up triples that say different things about one relation, one to one.

    `holders` gives the readings that have each triple; only triples no reading has both of are paired. In this order:
    `direction` (head and tail swapped), `label` (same two units), `endpoint` (same label and one end the
    same). Ties go by position. What is left over is missing on one side.

    >>> holders = {Triple("agent", 0, 1): frozenset({0}), Triple("agent", 1, 0): frozenset({1})}
    >>> match_triples(holders)
    [('direction', Triple(label='agent', head=0, tail=1), Triple(label='agent', head=1, tail=0))]
    """
    left = sorted(holders, key=lambda t: (t.head, t.tail, t.label))
    pairs: list[tuple[str, Triple, Triple]] = []
    for kind, places in _TRIPLE_MATCHES.items():
        index: dict[Hashable, list[Triple]] = defaultdict(list)
        for triple in left:
            for place in places(triple):
                index[place].append(triple)
        matched: set[Triple] = set()
        for triple in left:
            if triple in matched:
                continue
            other = _partner(triple, kind, index, matched, holders)
            if other is not None:
                matched |= {triple, other}
                pairs.append((kind, triple, other))
        left = [triple for triple in left if triple not in matched]
    return pairs


def _partner(
    triple: Triple,
    kind: str,
    index: Mapping[Hashable, Sequence[Triple]],
    matched: set[Triple],
    holders: Mapping[Triple, frozenset[int]],
) -> Triple | None:
    """The first triple at the same place that nobody holds together with this one."""
    for place in _TRIPLE_MATCHES[kind](triple):
        for other in index[place]:
            if other != triple and other not in matched and not holders[other] & holders[triple]:
                return other
    return None
