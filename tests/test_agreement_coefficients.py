"""Coefficients against published values, their undefined cases, and the laws they must keep."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahkim.agreement import coefficients as c
from tahkim.agreement.unitizing import alpha_unitizing
from tahkim.errors import UsageError

FUNCTIONS = {
    name: getattr(c, name) for name in ("percent", "cohen_kappa", "scott_pi", "fleiss_kappa", "gwet_ac1", "alpha")
}
WEIGHTED = {0.09, 0.4879, 0.8156}
"""Artstein and Poesio 2008 give these for the study C34 with the distances of `half_check`, not nominal ones."""

letters = st.sampled_from("ABC")
pairs = st.lists(st.tuples(letters, letters), min_size=2, max_size=30)
sparse = st.lists(st.tuples(*[st.none() | letters] * 4), min_size=2, max_size=30)


def half_check(a: str, b: str) -> float:
    """Checks differ from statements and requests by half of what those differ from each other."""
    return 0.0 if a == b else 0.5 if "Chck" in (a, b) else 1.0


def reference(shared_data: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    data = json.loads((shared_data / "agreement_reference.json").read_text("utf-8"))
    return [(case, data["studies"][case["study"]]) for case in data["values"]]


def measured(case: dict[str, Any], study: dict[str, Any]) -> c.Coefficient:
    if study["type"] == "unitizing":
        units = [(rater, start, start + length, label) for start, length, rater, label in study["units"]]
        return alpha_unitizing(units, study["begin"], study["length"], study["raters"], case["label"])
    options: dict[str, Any] = {}
    if case["measure"] == "alpha":
        weighted = case["study"] == "C34" and case["expected"] in WEIGHTED
        options["metric"] = half_check if weighted else case["metric"]
    return FUNCTIONS[case["measure"]](study["items"], **options)


def test_every_reference_value_is_reproduced(shared_data: Path) -> None:
    wrong = []
    cases = reference(shared_data)
    for case, study in cases:
        got = getattr(measured(case, study), case["field"])
        if case["expected"] == "NaN" or str(case["expected"]).startswith("throws"):
            right = math.isnan(got) and measured(case, study).reason is not None
        else:
            right = abs(got - case["expected"]) <= case["tolerance"]
        if not right:
            wrong.append((case, got))
    assert len(cases) == 87
    assert wrong == []


FLEISS_1971 = """444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444
224445 333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"""


def test_fleiss_1971_overall_and_per_category() -> None:
    rows = [tuple(word) for word in FLEISS_1971.split()]
    overall = c.fleiss_kappa(rows)
    assert round(overall.observed, 4) == 0.5556
    assert round(overall.value, 3) == 0.430
    assert [round(c.fleiss_kappa(rows, label=label).value, 3) for label in "12345"] == [
        0.245,
        0.245,
        0.520,
        0.471,
        0.566,
    ]
    assert [round(c.fleiss_kappa(rows, label=label).observed, 3) for label in "12345"] == [
        0.354,
        0.354,
        0.600,
        0.633,
        0.670,
    ]


def test_alpha_of_krippendorffs_2011_example_on_all_metrics() -> None:
    """Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: 4 observers, 12 units."""
    observers = ["123321412...", "123322412 5.3".replace(" ", ""), ".3332342251.", "12332441251."]
    rows = [[None if o[i] == "." else int(o[i]) for o in observers] for i in range(12)]
    values = {metric: round(c.alpha(rows, metric).value, 3) for metric in c.METRICS}
    assert values == {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}


@pytest.mark.parametrize("metric", c.METRICS)
def test_the_library_and_the_two_disagreements_say_the_same(metric: str) -> None:
    rng = np.random.default_rng(3)
    rows = [[None if rng.random() < 0.2 else int(rng.integers(1, 5)) for _ in range(4)] for _ in range(60)]
    got = c.alpha(rows, metric)
    assert got.value == pytest.approx(1 - got.observed / got.expected, abs=1e-12)


def test_ordinal_labels_follow_the_given_order() -> None:
    names = ["low", "mid", "high"]
    numbers = [(0, 1), (0, 1), (1, 1), (2, 2), (2, 2), (1, 2), (0, 0)]
    rows = [tuple(names[n] for n in row) for row in numbers]
    assert c.alpha(rows, "ordinal", order=names).value == pytest.approx(c.alpha(numbers, "ordinal").value)
    assert c.alpha(rows, "ordinal", order=names).value != pytest.approx(c.alpha(rows, "ordinal").value)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_rated_twice_is_undefined(name: str) -> None:
    got = FUNCTIONS[name]([("A", None), ("B", None)])
    assert math.isnan(got.value)
    assert (got.n_items, got.n_raters, got.reason) == (0, 1, "no item has ratings of two raters")
    assert FUNCTIONS[name]([]).n_raters == 0


@pytest.mark.parametrize("name", ["cohen_kappa", "scott_pi", "fleiss_kappa", "gwet_ac1"])
def test_one_label_everywhere_is_undefined(name: str) -> None:
    got = FUNCTIONS[name]([("A", "A")] * 3)
    assert math.isnan(got.value)
    assert got.observed == 1.0
    assert got.reason == "no variation: every rating is the same label"


def test_alpha_without_variation_says_that_its_one_means_nothing() -> None:
    got = c.alpha([("A", "A")] * 3)
    assert got == c.Coefficient(1.0, 0.0, 0.0, 3, 2, "no variation: every rating is the same label")


def test_wrong_use_is_told() -> None:
    with pytest.raises(UsageError) as error:
        c.cohen_kappa([("A", "A", "B")])
    assert str(error.value) == "cohen_kappa takes exactly two raters, not 3: use fleiss_kappa or alpha for more"
    with pytest.raises(UsageError) as error:
        c.fleiss_kappa([("A", "A", "B"), ("A", None, "B")])
    assert str(error.value) == (
        "fleiss_kappa needs the same number of ratings on every item, here 2 to 3: "
        "use alpha, which allows missing ratings"
    )
    with pytest.raises(UsageError) as error:
        c.alpha([("A", "B")], "cosine")
    assert str(error.value) == "unknown metric 'cosine': known are nominal, ordinal, interval, ratio"
    with pytest.raises(UsageError) as error:
        c.alpha([("A", "B")], "interval")
    assert str(error.value) == "alpha: metric interval needs finite numbers, not 'A'"
    with pytest.raises(UsageError) as error:
        c.alpha([("A", "B")], "ordinal", order=["A"])
    assert str(error.value) == "alpha: 'B' is rated but does not stand in `order`"


@given(pairs, st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(rows: list[tuple[str, str]], random: Any) -> None:
    changed = [tuple({"A": 7, "B": "x", "C": ("y",)}[label] for label in reversed(row)) for row in rows]
    random.shuffle(changed)
    for name, function in FUNCTIONS.items():
        before, after = function(rows), function(changed)
        assert after.value == pytest.approx(before.value, nan_ok=True, abs=1e-12), name
        assert after.reason == before.reason


@given(sparse)
def test_no_value_exceeds_one_and_only_undefined_ones_are_nan(rows: list[tuple[str | None, ...]]) -> None:
    for function in (c.percent, c.gwet_ac1, c.alpha):
        got = function(rows)
        assert math.isnan(got.value) or got.value <= 1 + 1e-12
        assert math.isnan(got.value) <= (got.reason is not None)


@given(st.lists(letters, min_size=2, max_size=20).filter(lambda labels: len(set(labels)) > 1))
def test_perfect_agreement_on_two_labels_or_more_is_one(labels: list[str]) -> None:
    for function in FUNCTIONS.values():
        assert function([(label, label) for label in labels]).value == pytest.approx(1.0)


def test_independent_labels_agree_at_about_zero() -> None:
    rng = np.random.default_rng(11)
    rows = rng.choice(["A", "B", "C"], p=[0.6, 0.3, 0.1], size=(20_000, 2)).tolist()
    for name in ("cohen_kappa", "scott_pi", "fleiss_kappa", "alpha"):
        assert abs(FUNCTIONS[name](rows).value) < 0.02, name


def test_every_measure_can_be_had_by_its_name() -> None:
    import tahkim.agreement as package

    assert [callable(getattr(package, name)) for name in package.__all__] == [True] * len(package.__all__)
    assert package.alpha is c.alpha
    with pytest.raises(AttributeError):
        package.no_such_measure  # noqa: B018


@pytest.mark.parametrize("name", FUNCTIONS)
def test_lists_arrays_frames_and_generators_are_one(name: str) -> None:
    rows = [(1, 2), (2, 2), (3, 1), (1, 1)]
    value = FUNCTIONS[name](rows)
    for form in (np.array(rows), np.array(rows, dtype=np.float32), pd.DataFrame(rows), iter(rows)):
        assert FUNCTIONS[name](form) == value


@pytest.mark.parametrize("name", ["percent", "cohen_kappa", "scott_pi", "gwet_ac1", "alpha"])
def test_a_number_that_is_nan_is_missing(name: str) -> None:
    rows = [(1, None), (2, 2), (3, 1), (1, 1)]
    value = FUNCTIONS[name](rows)
    for form in (pd.DataFrame(rows), np.array(rows, dtype=float), [(1, math.nan), *rows[1:]]):
        assert FUNCTIONS[name](form) == value


@pytest.mark.parametrize("metric", ["ordinal", "interval", "ratio"])
def test_numbers_of_an_array_are_numbers(metric: str) -> None:
    rows = [(1, 2), (2, 2), (3, 1)]
    assert c.alpha(np.array(rows), metric) == c.alpha(rows, metric)


@pytest.mark.parametrize("ratings", [[1, 2], [[["a"], ["b"]]], np.zeros((2, 2, 2))])
def test_what_is_no_table_of_labels_is_refused(ratings: Any) -> None:
    with pytest.raises(UsageError, match="ratings are rows, one an item, of one hashable label a rater"):
        c.alpha(ratings)


@pytest.mark.parametrize("number", [math.inf, 10**400])
def test_an_interval_needs_finite_numbers(number: float) -> None:
    with pytest.raises(UsageError, match="metric interval needs finite numbers"):
        c.alpha([(1, number), (2, 2)], "interval")


@pytest.mark.parametrize(
    ("rows", "metric"), [([(1, -1), (1, 1)], "ratio"), ([(1e200, -1e200), (1e200, 1)], "interval")]
)
def test_differences_that_are_none_or_beyond_measure_are_undefined(
    rows: list[tuple[float, float]], metric: str
) -> None:
    found = c.alpha(rows, metric)
    assert math.isnan(found.value)
    assert found.reason == c.NO_DIFFERENCE
