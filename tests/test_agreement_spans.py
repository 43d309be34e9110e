"""Span F1 in its four matchings, relation F1 and alpha, attribute alpha: counts worked out by hand, and laws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahkim.agreement.attributes import attribute_alpha
from tahkim.agreement.bulk import pairwise_f1
from tahkim.agreement.relations import relation_alpha, relation_f1
from tahkim.agreement.spans import span_f1
from tahkim.agreement.tokens import token_labels, token_ratings
from tahkim.errors import UsageError
from tahkim.model import Annotation, Relation, Scope, Span
from tahkim.schema import Attribute, Label, RelationType, Schema
from tahkim.text import tokens

Mark = tuple[int, int, str]


def reading(marks: Sequence[Mark], arcs: Sequence[tuple[str, str, str]] = (), **more: Any) -> Annotation:
    spans = tuple(Span(f"s{i}", *mark) for i, mark in enumerate(marks))
    relations = tuple(Relation(f"r{i}", *arc) for i, arc in enumerate(arcs))
    return Annotation(**({"doc_id": "d1", "annotator": "amal", "spans": spans, "relations": relations} | more))


def counts(score: Any) -> tuple[int, int, int]:
    return score.gold, score.predicted, score.correct


@pytest.mark.parametrize(
    ("text", "one", "other", "same"),
    [
        ("وأضرار مادية", (0, 6), (1, 6), True),  # conjunction
        ("بالغارتين", (0, 9), (3, 9), True),  # preposition and article
        ("والقصف", (2, 6), (0, 6), False),  # the article cut in two
        ("للتحالف", (1, 7), (0, 7), True),
        ("فصيل «أبو الفضل»", (5, 16), (6, 15), True),  # quotes
        ("قصفٌ ", (0, 3), (0, 5), True),  # diacritic and space
        ("بلدة الهري", (0, 10), (5, 10), False),  # class noun
        ("قتيل وجريح", (0, 4), (0, 10), False),  # conjunct
        ("وزارة", (0, 5), (1, 5), True),
    ],
)
def test_lenient_ignores_what_means_nothing_at_the_edges(
    text: str, one: tuple[int, int], other: tuple[int, int], same: bool
) -> None:
    a, b = reading([(*one, "X")]), reading([(*other, "X")], annotator="badr")
    assert span_f1([a], [b], "lenient", texts={"d1": text}).correct == same
    assert span_f1([a], [reading([(*other, "Y")])], "lenient", texts={"d1": text}).correct == 0
    assert span_f1([a], [b]).correct == 0


def test_the_four_matchings() -> None:
    a = reading([(0, 4, "A"), (10, 20, "A"), (30, 34, "A"), (40, 44, "A")])
    b = reading([(0, 4, "A"), (10, 15, "A"), (30, 34, "B"), (41, 44, "B")])
    texts = {"d1": "ن" * 50}
    assert {m: span_f1([a], [b], m, texts=texts).correct for m in ("exact", "overlap", "unlabelled", "lenient")} == {
        "exact": 1, "overlap": 2, "unlabelled": 2, "lenient": 1,
    }  # fmt: skip
    assert counts(span_f1([a], [b], label="B")) == (0, 2, 0)


def test_only_what_both_submitted_and_were_asked_for_counts() -> None:
    a = [reading([(0, 4, "A")]), reading([(0, 4, "A")], doc_id="d2"), reading([(0, 4, "A")], doc_id="d3")]
    b = [
        reading([(0, 4, "A"), (5, 9, "B")]),
        reading([], doc_id="d2", status="skipped"),
        reading([], doc_id="d3", scope=Scope(labels=frozenset("B"))),
    ]
    assert counts(span_f1(a, b)) == (1, 2, 1)
    assert span_f1([reading([])], [reading([])]).reason == "neither side has any"


def test_unknown_ways_are_told() -> None:
    with pytest.raises(UsageError) as error:
        span_f1([], [], "fuzzy")
    assert str(error.value) == "unknown match 'fuzzy': known are exact, overlap, unlabelled, lenient"
    with pytest.raises(UsageError) as error:
        span_f1([], [], "lenient")
    assert str(error.value) == (
        "match lenient looks at the letters between two boundaries: give the texts by document id"
    )
    with pytest.raises(UsageError) as error:
        relation_f1([], [], "loose")
    assert str(error.value) == "unknown endpoints 'loose': known are strict, soft"


NERVALUATE = [
    (["PER 2-4", "LOC 1-2", "LOC 3-4"], ["PER 2-4", "LOC 1-2", "LOC 3-4"]),
    (
        ["PER 24-30", "LOC 124-134", "PER 164-174", "LOC 197-205", "LOC 208-219", "MISC 230-240"],
        ["PER 24-30", "LOC 197-205"],
    ),
    (["MISC 59-69", "LOC 127-134", "LOC 164-174"], ["PER 24-30", "LOC 124-134", "PER 164-174", "LOC 197-205"]),
]
"""Cases like those nervaluate documents, as label, first and last: exact, missed, spurious, moved, relabelled."""


def test_f1_of_documented_cases_is_the_strict_of_nervaluate() -> None:
    from nervaluate import Evaluator

    def parsed(marks: list[str]) -> list[dict[str, Any]]:
        split = [(label, *map(int, place.split("-"))) for label, place in map(str.split, marks)]
        return [{"label": label, "start": start, "end": end} for label, start, end in split]

    true, predicted = ([parsed(case[side]) for case in NERVALUATE] for side in (0, 1))
    theirs = Evaluator(true, predicted, tags=["PER", "LOC", "MISC"], loader="dict").evaluate()["overall"]["strict"]
    sides = [
        [reading([(m["start"], m["end"] + 1, m["label"]) for m in marks], doc_id=f"d{i}") for i, marks in enumerate(of)]
        for of in (true, predicted)
    ]
    ours = span_f1(*sides)
    assert counts(ours) == (12, 9, 5)
    assert (ours.correct, ours.gold, ours.predicted) == (theirs.correct, theirs.possible, theirs.actual)
    assert ours.f1 == pytest.approx(theirs.f1)


@st.composite
def disjoint_marks(draw: st.DrawFn) -> list[Mark]:
    steps = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from("AB")), max_size=6))
    ends = accumulate(gap + size for gap, size, _ in steps)
    return [(end - size, end, label) for end, (_, size, label) in zip(ends, steps, strict=True)]


documents = st.lists(st.tuples(disjoint_marks(), disjoint_marks()), min_size=1, max_size=4)


@settings(deadline=None)
@given(documents)
def test_exact_is_the_strict_of_nervaluate(found: list[tuple[list[Mark], list[Mark]]]) -> None:
    from nervaluate import Evaluator

    true, predicted = (
        [[{"start": s, "end": e - 1, "label": label} for s, e, label in pair[side]] for pair in found]
        for side in (0, 1)
    )  # its ends are inclusive
    ours = span_f1(*([reading(pair[side], doc_id=f"d{i}") for i, pair in enumerate(found)] for side in (0, 1)))
    if not any(true) or not any(predicted):
        return
    theirs = Evaluator(true, predicted, tags=["A", "B"], loader="dict").evaluate()["overall"]["strict"]
    assert (ours.correct, ours.gold, ours.predicted) == (theirs.correct, theirs.possible, theirs.actual)
    assert ours.f1 == pytest.approx(theirs.f1)


@settings(deadline=None)
@given(documents)
def test_columns_give_the_same_exact_f1(found: list[tuple[list[Mark], list[Mark]]]) -> None:
    rows = [
        (doc, who, start, end, ord(label) - ord("A"))
        for doc, pair in enumerate(found)
        for who, marks in enumerate(pair)
        for start, end, label in marks
    ]
    if len({who for _, who, *_ in rows}) < 2:
        return
    ours = span_f1(*([reading(pair[side], doc_id=f"d{i}") for i, pair in enumerate(found)] for side in (0, 1)))
    [bulk] = pairwise_f1(*np.array(rows).T, samples=5)
    assert counts(bulk.score) == counts(ours)


@settings(deadline=None)
@given(documents, st.sampled_from(["exact", "overlap", "unlabelled", "lenient"]))
def test_f1_is_the_same_both_ways_and_grows_with_leniency(
    found: list[tuple[list[Mark], list[Mark]]], match: str
) -> None:
    a, b = ([reading(pair[side], doc_id=f"d{i}") for i, pair in enumerate(found)] for side in (0, 1))
    texts = {f"d{i}": "ن" * 40 for i in range(len(found))}
    forth, back = span_f1(a, b, match, texts=texts), span_f1(b[::-1], a[::-1], match, texts=texts)
    assert forth.f1 == pytest.approx(back.f1, nan_ok=True)
    assert forth.correct >= span_f1(a, b).correct


MARKS = [(0, 4, "KILL"), (5, 9, "CASUALTY"), (10, 14, "STRIKE"), (15, 19, "LOC")]


def test_relations_and_their_kinds_of_error() -> None:
    a = reading(MARKS, [("victim", "s0", "s1"), ("causes", "s2", "s0"), ("place", "s2", "s3"), ("time", "s2", "s3")])
    moved = [(0, 4, "KILL"), (5, 8, "CASUALTY"), *MARKS[2:]]
    b = reading(moved, [("victim", "s0", "s1"), ("causes", "s0", "s2"), ("target", "s2", "s3"), ("time", "s0", "s3")])
    strict, soft = (relation_f1([a], [b], endpoints) for endpoints in ("strict", "soft"))
    assert (counts(strict), counts(soft)) == ((4, 4, 0), (4, 4, 1))
    assert soft.errors == {"direction": 1, "label": 1, "endpoint": 1, "missing": 0}
    assert relation_f1([a], [b], "soft", label="causes").errors == {
        "direction": 1, "label": 0, "endpoint": 0, "missing": 0,
    }  # fmt: skip


def event_schema() -> Schema:
    events = frozenset({"KILL", "STRIKE"})
    return Schema(
        labels={name: Label(name, "#000000") for name in ("KILL", "STRIKE", "CASUALTY", "LOC")},
        relations={
            "same_event": RelationType("same_event", "#000000", events, events, symmetric=True, transitive=True),
            "victim": RelationType("victim", "#000000", events, frozenset({"CASUALTY"})),
        },
    )


def test_labels_without_direction_are_closed_before_they_are_compared() -> None:
    marks = [(0, 4, "KILL"), (5, 9, "KILL"), (10, 14, "KILL")]
    a = reading(marks, [("same_event", "s0", "s1"), ("same_event", "s1", "s2")])
    b = reading(marks, [("same_event", "s2", "s0"), ("same_event", "s1", "s0")])
    assert counts(relation_f1([a], [b], schema=event_schema())) == (3, 3, 3)
    assert counts(relation_f1([a], [b])) == (2, 2, 0)


def test_relation_alpha_counts_the_pairs_the_schema_admits() -> None:
    a = reading(MARKS, [("victim", "s0", "s1")])
    b = reading(MARKS[:3], [("victim", "s2", "s1")])
    got = relation_alpha([a], [b], "victim", schema=event_schema())
    assert got.n_items == 2  # KILL and STRIKE, each with the one CASUALTY
    assert got.value == pytest.approx(1 - (4 / 4) / (2 * 2 * 2 / (4 * 3)))
    assert relation_alpha([a], [b], "victim").n_items == 4 * 3
    assert relation_alpha([a], [b], "victim", shared=True).n_items == 3 * 2
    assert relation_alpha([a], [b], "same_event", schema=event_schema()).reason == "no pair of units bears it"
    assert relation_alpha([reading([])], [reading([])], "victim").reason == "no two units could bear it"


def test_perfect_relations_have_alpha_one() -> None:
    a = reading(MARKS, [("victim", "s0", "s1")])
    assert relation_alpha([a], [a], "victim").value == 1.0


def valued(values: Sequence[Any], name: str = "n", **more: Any) -> Annotation:
    spans = [Span(f"s{i}", 9 * i, 9 * i + 4, "X", {name: v}, **more) for i, v in enumerate(values)]
    return Annotation(doc_id="d1", annotator="amal", spans=tuple(spans))


def test_attribute_alpha_by_level_of_measurement() -> None:
    one, other = [valued([1, 2, 3, 3])], [valued([1, 2, 3, 2])]
    nominal, interval = (attribute_alpha(one, other, "n", metric).value for metric in ("nominal", "interval"))
    assert nominal == pytest.approx(1 - (2 / 8) / (42 / 56))
    assert interval > nominal
    words = [valued(["low", "mid", None])], [valued(["low", "high", None])]
    assert attribute_alpha(*words, "n", "ordinal", order=["low", "mid", "high"]).n_items == 2
    assert attribute_alpha(*words, "n").n_items == 3  # a blank is a value of its own


def test_a_schema_says_which_labels_can_have_an_attribute() -> None:
    kinds = {"n": Attribute("n", "int"), "mode": Attribute("mode", "text")}
    schema = Schema(labels={"X": Label("X", "#000000")}, attributes={"X": kinds})
    assert attribute_alpha([valued([1, 2])], [valued([1, 2])], "mode", schema=schema).n_items == 2
    assert attribute_alpha([valued([1, 2])], [valued([1, 2])], "mode").n_items == 0
    foreign = Schema(labels={"Y": Label("Y", "#000000")})
    assert attribute_alpha([valued([1, 2])], [valued([1, 2])], "n", schema=foreign).value == 1.0


def test_labels_the_schema_does_not_know_can_bear_every_relation() -> None:
    marks = [(0, 4, "Person"), (5, 9, "Place"), (10, 14, "Thing")]
    a = reading(marks, [("victim", "s0", "s1")])
    assert relation_alpha([a], [a], "victim", schema=event_schema()).n_items == 3 * 2


def test_what_was_carried_over_or_not_asked_for_is_missing() -> None:
    assert attribute_alpha([valued([1, 2])], [valued([1, 3], extra={"carried": True})], "n").n_items == 0
    unasked = msgspec.structs.replace(valued([1, 2]), scope=Scope(attributes=frozenset()))
    assert attribute_alpha([valued([1, 2])], [unasked], "n").n_items == 0
    got = attribute_alpha([valued([1, 1])], [valued([1, 1])], "n")
    assert math.isnan(got.value)
    assert got.reason == "no variation: every rating is the same label"


def test_a_token_takes_the_label_that_covers_most_of_it() -> None:
    text = "وأضرار مادية في دير الزور."
    places = tokens(text)
    spans = reading([(1, 6, "DAMAGE"), (16, 25, "LOC"), (12, 13, "X")]).spans
    assert token_labels(places, spans) == {0: "DAMAGE", 3: "LOC", 4: "LOC"}
    two = reading([(0, 2, "A"), (2, 6, "B"), (7, 9, "A")]).spans
    assert token_labels(places, two) == {0: "B"}  # 2 of 5 letters are less than the 3 outside
    nested = reading([(0, 4, "A"), (1, 3, "A"), (2, 2, "A")]).spans
    assert token_labels(places, nested) == {0: "A"}  # 4 of 6, counted once
    rows = token_ratings([reading([(1, 6, "DAMAGE")]), reading([])], text)
    assert rows[:2] == [("DAMAGE", "O"), ("O", "O")]
    assert len(rows) == len(places)
