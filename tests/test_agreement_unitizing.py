"""Alpha for unitizing against published values and against the sums of its definition taken literally."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahkim.agreement.unitizing import NO_LENGTH, RatedUnit, alpha_unitizing
from tahkim.errors import UsageError

KRIPPENDORFF_2004 = [
    *[(rater, 180, 240, "k") for rater in (0, 1)],
    *[(rater, 300, 350, "k") for rater in (0, 1)],
    *[(0, 225, 295, "c"), (0, 370, 400, "c")],
    *[(1, 220, 300, "c"), (1, 355, 375, "c"), (1, 400, 420, "c")],
]


def sections(units: list[RatedUnit], rater: int, length: int) -> list[tuple[int, int, bool]]:
    """The continuum of one rater as (start, length, is a unit), gaps included."""
    found, at = [], 0
    for _, start, end, _ in sorted(u for u in units if u[0] == rater):
        if start > at:
            found.append((at, start - at, False))
        found.append((start, end - start, True))
        at = end
    return [*found, (at, length - at, False)] if at < length else found


def by_definition(units: list[RatedUnit], length: int, m: int, labels: str) -> float:
    """Sums over all pairs of sections, as the papers write them: quadratic, and independent of the module."""
    observed = expected = Fraction(0)
    for label in labels:
        cut = [sections([u for u in units if u[3] == label], rater, length) for rater in range(m)]
        for one, other in permutations(cut, 2):
            for b1, l1, u1 in one:
                for b2, l2, u2 in other:
                    if u1 and u2 and -l1 < b1 - b2 < l2:
                        observed += (b1 - b2) ** 2 + (b1 + l1 - b2 - l2) ** 2
                    elif u1 and not u2 and 0 <= b1 - b2 <= l2 - l1:
                        observed += l1**2
                    elif u2 and not u1 and 0 <= b2 - b1 <= l1 - l2:
                        observed += l2**2
        marked = [size for reading in cut for _, size, is_unit in reading if is_unit]
        gaps = [size for reading in cut for _, size, is_unit in reading if not is_unit]
        chance = Fraction(0)
        for size in marked:
            chance += Fraction(len(marked) - 1, 3) * (2 * size**3 - 3 * size**2 + size)
            chance += size**2 * sum(gap - size + 1 for gap in gaps if gap >= size)
        room = m * length * (m * length - 1) - sum(size * (size - 1) for size in marked)
        expected += Fraction(2, length) * chance / room
    return float(1 - observed / (m * (m - 1) * length**2) / expected) if expected else math.nan


@st.composite
def continua(draw: st.DrawFn) -> list[RatedUnit]:
    units: list[RatedUnit] = []
    for rater in range(3):
        for label in "AB":
            at = 0
            for gap, size in draw(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6)), max_size=4)):
                units.append((rater, at + gap, at + gap + size, label))
                at += gap + size
    return units


def test_krippendorff_2004() -> None:
    whole = alpha_unitizing(KRIPPENDORFF_2004, 150, 300)
    assert whole.value == pytest.approx(0.8591, abs=5e-4)  # as published, from rounded disagreements
    assert round(alpha_unitizing(KRIPPENDORFF_2004, 150, 300, label="c").value, 4) == 0.7286
    assert alpha_unitizing(KRIPPENDORFF_2004, 150, 300, label="k").value == 1.0
    assert (whole.n_items, whole.n_raters) == (9, 2)


@settings(deadline=None)
@given(continua())
def test_the_definition_taken_literally_gives_the_same(units: list[RatedUnit]) -> None:
    expected = by_definition(units, 60, 3, "AB")
    assert alpha_unitizing(units, 0, 60, n_raters=3).value == pytest.approx(expected, nan_ok=True, abs=1e-12)


@given(continua(), st.randoms(use_true_random=False))
def test_neither_order_nor_names_nor_the_place_of_the_beginning_matter(units: list[RatedUnit], random: object) -> None:
    changed = [(f"r{9 - rater}", start + 7, end + 7, label.lower()) for rater, start, end, label in units]
    random.shuffle(changed)  # type: ignore[attr-defined]
    before, after = alpha_unitizing(units, 0, 60, 3), alpha_unitizing(changed, 7, 60, 3)
    assert after.value == pytest.approx(before.value, nan_ok=True, abs=1e-12)


def test_units_that_touch_are_two_and_units_that_overlap_are_one() -> None:
    apart = [(0, 0, 5, "A"), (0, 5, 8, "A"), (1, 0, 8, "A")]
    joined = [(0, 0, 5, "A"), (0, 3, 8, "A"), (1, 0, 8, "A")]
    assert alpha_unitizing(apart, 0, 20).value < alpha_unitizing(joined, 0, 20).value == 1.0


def test_where_it_is_undefined() -> None:
    assert alpha_unitizing([], 0, 20, 3).reason == "nothing is marked"
    assert math.isnan(alpha_unitizing([], 0, 20, 3).value)
    assert alpha_unitizing([(0, 1, 4, "A")], 0, 20).reason == "one rater alone"
    assert alpha_unitizing([(0, 0, 0, "A"), (1, 0, 0, "A")], 0, 15).reason == NO_LENGTH
    with pytest.raises(UsageError) as error:
        alpha_unitizing([(0, 15, 25, "A")], 0, 20)
    assert str(error.value) == "alpha_unitizing: unit (0, 15, 25, 'A') does not lie in [0, 20)"


def test_a_hundred_thousand_units_take_little_time() -> None:
    rng = np.random.default_rng(1)
    starts = np.cumsum(rng.integers(12, 60, size=50_000))
    units = [
        (r, int(s), int(s) + int(size), "A")
        for r in (0, 1)
        for s, size in zip(starts, rng.integers(1, 12, 50_000), strict=True)
    ]
    began = time.perf_counter()
    value = alpha_unitizing(units, 0, int(starts[-1]) + 20).value
    assert 0 < value < 1
    assert time.perf_counter() - began < 5


def test_who_marked_another_label_only_did_not_mark_this_one() -> None:
    units = [(0, 0, 5, "A"), (1, 7, 9, "B")]
    assert alpha_unitizing(units, 0, 10, label="A") == alpha_unitizing(units[:1], 0, 10, n_raters=2)


@pytest.mark.parametrize(
    ("units", "n_raters", "message"),
    [
        ([(0, 0, 5, "A"), (1, 0, 5, "A")], 1, "1 raters are too few, the units are of 2"),
        ([(0, 0, 2.5, "A"), (1, 0, 5, "A")], None, r"unit \(0, 0, 2.5, 'A'\) has no whole numbers"),
    ],
)
def test_units_that_cannot_be_are_refused(units: list[Any], n_raters: int | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        alpha_unitizing(units, 0, 10, n_raters=n_raters)
