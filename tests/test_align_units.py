"""Alignment: order-independent, one span per annotator and unit, optimal against brute force."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahkim.agreement import align as module
from tahkim.agreement.align import (
    Triple,
    Unit,
    align,
    clusters,
    differences,
    iou,
    lift,
    match_triples,
    unit_of_span,
)
from tahkim.model import Relation, Span

Reading = list[Span]


def spans_of(*marks: tuple[int, int, str], prefix: str = "s") -> Reading:
    return [Span(f"{prefix}{i}", *mark) for i, mark in enumerate(marks)]


marks = st.tuples(st.integers(0, 8), st.integers(1, 6), st.sampled_from("AB")).map(lambda m: (m[0], m[0] + m[1], m[2]))
readings = st.lists(st.lists(marks, max_size=3), min_size=1, max_size=4).map(
    lambda many: [spans_of(*marks, prefix=f"{i}-") for i, marks in enumerate(many)]
)


def signature(units: Sequence[Unit]) -> list[list[tuple[int, int, str]]]:
    return [sorted((s.start, s.end, s.label) for s in unit.present) for unit in units]


def worth(groups: Sequence[Sequence[Span]]) -> tuple[int, int, Fraction]:
    pairs = [pair for group in groups for pair in itertools.combinations(group, 2)]
    same = [p for p in pairs if p[0].label == p[1].label]
    equal = [p for p in same if (p[0].start, p[0].end) == (p[1].start, p[1].end)]
    return len(equal), len(same), sum((iou(*p) for p in pairs), Fraction(0))


def all_partitions(items: list[tuple[int, Span]]) -> Iterator[list[list[tuple[int, Span]]]]:
    """Every partition in which no group has two spans of one reading or two that may not be joined."""
    if not items:
        yield []
        return
    head, *rest = items
    for partition in all_partitions(rest):
        yield [[head], *partition]
        for i, group in enumerate(partition):
            if all(r != head[0] and 10 * iou(s, head[1]) >= 1 for r, s in group):
                yield [*partition[:i], [head, *group], *partition[i + 1 :]]


@given(readings)
def test_units_keep_every_span_once_and_one_a_reading(many: list[Reading]) -> None:
    units = align(many)
    for reading, spans in enumerate(many):
        placed = [unit.spans[reading] for unit in units if unit.spans[reading] is not None]
        assert sorted(s.id for s in placed if s) == sorted(s.id for s in spans)
    for unit in units:
        assert len(unit.spans) == len(many)
        assert all(10 * iou(a, b) >= 1 for a, b in itertools.combinations(unit.present, 2))


@settings(max_examples=300)
@given(readings.filter(lambda many: sum(map(len, many)) <= 8))
def test_no_grouping_is_better(many: list[Reading]) -> None:
    items = [(reading, span) for reading, spans in enumerate(many) for span in spans]
    best = max(worth([[s for _, s in group] for group in partition]) for partition in all_partitions(items))
    assert worth([unit.present for unit in align(many)]) == best


@given(readings, st.randoms(use_true_random=False))
def test_order_of_readings_and_spans_changes_nothing(many: list[Reading], random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(len(many)))
    random.shuffle(order)
    shuffled = [random.sample(many[i], len(many[i])) for i in order]
    assert signature(align(shuffled)) == signature(align(many))
    back = [order.index(i) for i in range(len(many))]
    ids = [tuple(u.spans[back[i]] for i in range(len(many))) for u in align(shuffled)]
    straight = [unit.spans for unit in align(many)]
    assert sorted(map(places, ids)) == sorted(map(places, straight))


def places(spans: Sequence[Span | None]) -> list[tuple[int, int, str]]:
    return [(s.start, s.end, s.label) if s else (-1, -1, "") for s in spans]


def test_equal_pairs_come_before_more_pairs_of_one_label() -> None:
    a = spans_of((0, 10, "A"), (1, 11, "A"), prefix="a")
    b = spans_of((1, 11, "A"), prefix="b")
    c = spans_of((0, 10, "A"), prefix="c")
    assert [places(u.spans) for u in align([a, b, c])] == [
        [(0, 10, "A"), (-1, -1, ""), (0, 10, "A")],
        [(1, 11, "A"), (1, 11, "A"), (-1, -1, "")],
    ]


def test_half_open_neighbours_do_not_meet() -> None:
    assert len(align([spans_of((0, 5, "A")), spans_of((5, 8, "A"))])) == 2


@pytest.mark.parametrize(("end", "units"), [(100, 1), (101, 2)])
def test_a_tenth_of_overlap_joins_and_less_does_not(end: int, units: int) -> None:
    assert len(align([spans_of((0, 10, "A")), spans_of((0, end, "A"))])) == units


def test_duplicates_of_one_annotator_make_two_units() -> None:
    units = align([spans_of((0, 5, "A"), (0, 5, "A")), spans_of((0, 5, "A"))])
    assert [sum(s is not None for s in u.spans) for u in units] == [2, 1]


@pytest.mark.parametrize(
    "arcs",
    [
        [("agent", 0, 2)],
        [("agent", 0, 2), ("target", 1, 2)],
        [("agent", 0, 2), ("agent", 2, 1)],
        [("agent", 0, 3), ("agent", 1, 4)],  # nothing but the other end tells either pair apart
        [("agent", 0, 1)],
    ],
)
def test_duplicates_are_told_apart_by_their_relations(arcs: list[tuple[str, int, int]]) -> None:
    marks = [(0, 5, "A"), (0, 5, "A"), (6, 9, "B"), (10, 12, "C"), (10, 12, "C")]
    found = []
    for order in itertools.permutations(range(len(marks))):
        names = {number: f"s{place}" for place, number in enumerate(order)}
        spans = [Span(names[number], *marks[number]) for number in order]
        found.append((spans, [Relation(f"r{n}", label, names[h], names[t]) for n, (label, h, t) in enumerate(arcs)]))
    spans_of_all, relations_of_all = zip(*found, strict=True)
    units = align(spans_of_all, relations_of_all)
    index = unit_of_span(units, len(found))
    assert len(units) == len(marks)
    assert len({frozenset(lift(r, index[n])) for n, r in enumerate(relations_of_all)}) == 1


def test_a_tie_goes_to_the_earlier_position() -> None:
    readings = [spans_of((0, 10, "A")), spans_of((5, 15, "A")), spans_of((10, 20, "A"))]
    assert signature(align(readings)) == [[(0, 10, "A"), (5, 15, "A")], [(10, 20, "A")]]


@settings(max_examples=100)
@given(readings.filter(lambda many: len(many) == 2))
def test_assignment_for_two_readings_is_as_good_as_exact(many: list[Reading]) -> None:
    exact = worth([u.present for u in align(many)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "EXACT_NODES", 0)
        assert worth([u.present for u in align(many)]) == exact


@given(readings)
def test_greedy_fallback_still_gives_units(many: list[Reading]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "EXACT_STEPS", 0)
        units = align(many)
    assert sum(len(u.present) for u in units) == sum(map(len, many))
    assert all(10 * iou(a, b) >= 1 for u in units for a, b in itertools.combinations(u.present, 2))


def test_a_dense_pile_of_five_readings_is_answered() -> None:
    pile = [spans_of(*((i, i + 20 + r, "AB"[(i + r) % 2]) for i in range(25)), prefix=f"{r}-") for r in range(5)]
    assert sum(len(u.present) for u in align(pile)) == 125


def test_relations_lift_onto_units_and_clusters_are_closed() -> None:
    spans = spans_of((0, 1, "A"), (2, 3, "A"), (4, 5, "A"))
    units = align([spans])
    (index,) = unit_of_span(units, 1)
    relations = [Relation("r1", "same", "s1", "s0", {}), Relation("r2", "same", "s2", "s1", {})]
    closed = lift(relations, index, frozenset({"same"}), frozenset({"same"}))
    assert closed == {
        Triple("same", 0, 1): relations[0],
        Triple("same", 1, 2): relations[1],
        Triple("same", 0, 2): None,
    }
    assert set(lift(relations, index)) == {Triple("same", 1, 0), Triple("same", 2, 1)}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_clusters_hold_every_pair_together(pairs: list[tuple[int, int]]) -> None:
    found = clusters(pairs)
    assert sorted(node for c in found for node in c) == sorted({n for pair in pairs for n in pair})
    assert all(any(a in c and b in c for c in found) for a, b in pairs)


def test_differences_name_every_kind() -> None:
    a = spans_of((0, 9, "A"), (10, 14, "A"), (20, 24, "A"), (30, 34, "A"), (40, 44, "A"), prefix="a")
    b = spans_of((0, 4, "A"), (5, 9, "A"), (10, 15, "A"), (20, 24, "B"), (40, 44, "A"), prefix="b")
    b[-1] = Span("b4", 40, 44, "A", {"count": 2})
    units = align([a, b])
    assert differences(units, [[0, 1]] * len(units)) == [
        "split + boundary",
        "split + missing",
        "boundary",
        "label",
        "missing",
        "attribute",
    ]


def test_an_annotator_who_was_not_asked_misses_nothing() -> None:
    units = align([spans_of((0, 4, "A")), []])
    assert differences(units, [[0]]) == ["agreed"]


def test_triples_are_matched_by_direction_then_label_then_endpoint() -> None:
    mine, yours = frozenset({0}), frozenset({1})
    holders = {
        Triple("agent", 0, 1): mine,
        Triple("agent", 1, 0): yours,
        Triple("target", 0, 1): yours,
        Triple("place", 2, 3): mine,
        Triple("time", 2, 3): yours,
        Triple("place", 4, 5): mine,
        Triple("place", 4, 6): yours,
    }
    assert match_triples(holders) == [
        ("direction", Triple("agent", 0, 1), Triple("agent", 1, 0)),
        ("label", Triple("place", 2, 3), Triple("time", 2, 3)),
        ("endpoint", Triple("place", 4, 5), Triple("place", 4, 6)),
    ]


def test_what_one_reading_holds_twice_is_no_difference() -> None:
    both = {Triple("target", 0, 1): frozenset({0, 1}), Triple("place", 0, 1): frozenset({0})}
    assert match_triples(both) == []


def test_a_long_chain_of_overlaps_is_solved_in_the_time_it_takes_to_read_it() -> None:
    """What is not solved exactly once took the square of a chain's length, times as many joins."""
    readings = [[Span(f"s{n}", 4 * n + shift, 4 * n + shift + 10, "A") for n in range(2_000)] for shift in (0, 1, 2)]
    units = align(readings)
    assert len(units) == 2_000
    assert all([span.id for span in unit.present] == [f"s{n}"] * 3 for n, unit in enumerate(units))
