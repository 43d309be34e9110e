"""Each strategy against the table of the design, and what they share."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reading import corpus, reading, relation, span
from tahkim import schema as schemas
from tahkim.adjudicate.conflicts import conflicts, report
from tahkim.adjudicate.merge import DocumentMerge, gold_annotation, merge
from tahkim.adjudicate.strategies import MERGES, Settings
from tahkim.errors import UsageError
from tahkim.interchange import dumps, encode
from tahkim.model import Annotation, Decision, Scope

SCHEMA = replace(schemas.load(), overlap_allowed=True)
A = (10, 14, "AIRSTRIKE")
B = (10, 16, "AIRSTRIKE")


def merged(*annotations: Annotation, strategy: str = "majority", **settings: Any) -> DocumentMerge:
    (document,) = merge(corpus(*annotations), Settings(strategy, **settings), SCHEMA)
    return document


def votes(*marks: tuple[int, int, str] | None) -> list[Annotation]:
    """One annotator a mark; None looked and found nothing."""
    return [reading(f"a{i}", [span("s", *mark)] if mark else []) for i, mark in enumerate(marks)]


def outcome(document: DocumentMerge) -> str:
    (item,) = document.spans
    return item.outcome


def taken(document: DocumentMerge) -> list[tuple[int, int, str]]:
    return [(gold.start, gold.end, gold.label) for gold in document.gold_spans]


@pytest.mark.parametrize(
    ("strategy", "settings", "marks", "expected"),
    [
        ("unanimous", {}, (A, A, A), "taken"),
        ("unanimous", {}, (A, A, B), "conflict"),
        ("unanimous", {}, (A, A, None), "conflict"),
        ("majority", {}, (A, A, B), "taken"),
        ("majority", {}, (A, None, None), "rejected"),
        ("majority", {}, (A, B, None), "conflict"),
        ("majority", {}, (A, None), "conflict"),
        ("majority", {}, (A, B), "conflict"),
        ("majority", {}, (A, A), "taken"),
        ("majority", {}, (A, A, None, None), "conflict"),
        ("majority", {}, (A, B, None, None, None), "rejected"),
        ("threshold", {"votes": 2, "share": 0.5}, (A, A, None), "taken"),
        ("threshold", {"votes": 2, "share": 0.5}, (A, A, None, None, None), "rejected"),
        ("threshold", {"votes": 2, "share": 0.0}, (A, B, None, None, None), "conflict"),
        ("threshold", {"votes": 1, "share": 0.0}, (A, B), "conflict"),
        ("trust", {"trust": "a0"}, (A, B, B), "taken"),
        ("trust", {"trust": "a0"}, (None, B, B), "rejected"),
        ("trust", {"trust": "absent"}, (A, A), "conflict"),
        ("union", {}, (A, None, None), "taken"),
        ("union", {}, (A, B), "conflict"),
        ("union", {}, (A, B, B), "taken"),
    ],
)
def test_the_table_of_strategies(strategy: str, settings: dict[str, Any], marks: Any, expected: str) -> None:
    assert outcome(merged(*votes(*marks), strategy=strategy, **settings)) == expected


@pytest.mark.parametrize("strategy", sorted(MERGES))
def test_one_annotator_is_taken_as_it_is(strategy: str) -> None:
    document = merged(*votes(A), strategy=strategy, trust="somebody" if strategy == "trust" else None)
    assert [(gold.how, gold.confidence) for gold in document.gold_spans] == [("single", 1.0)]


def test_an_unknown_strategy_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as error:
        Settings("dawid").check()
    assert str(error.value) == (
        "unknown strategy 'dawid': choose one of unanimous, majority, threshold, trust, union, bayes"
    )


@pytest.mark.parametrize("status", ["skipped", "draft"])
def test_what_was_not_submitted_is_missing_and_not_nothing(status: Any) -> None:
    unsubmitted = reading("z", status=status)
    assert outcome(merged(*votes(A, A), unsubmitted, strategy="unanimous")) == "taken"


@pytest.mark.parametrize("annotator", ["rules@0.1.0", "gold"])
def test_rules_and_gold_do_not_vote(annotator: str) -> None:
    document = merged(*votes(A, None, None), reading(annotator, [span("s", *A)]))
    assert outcome(document) == "rejected"


def test_a_label_that_was_not_asked_for_is_no_blank() -> None:
    entities = reading("e", scope=Scope(labels=frozenset({"LOC"})))
    assert outcome(merged(*votes(A, A), entities, strategy="unanimous")) == "taken"


def test_resolve_all_takes_the_most_voted_then_the_longer_then_the_earlier() -> None:
    assert taken(merged(*votes(A, B), strategy="unanimous", resolve_all=True)) == [B]
    early, late = (10, 14, "AIRSTRIKE"), (12, 16, "AIRSTRIKE")
    assert taken(merged(*votes(late, early), strategy="unanimous", resolve_all=True)) == [early]
    assert taken(merged(*votes(A, B, A), strategy="unanimous", resolve_all=True)) == [A]


def test_resolve_all_breaks_ties_of_labels_by_the_order_of_the_schema() -> None:
    first = min(("SHELLING", "AIRSTRIKE"), key=SCHEMA.label_order)
    marks = votes((10, 14, "SHELLING"), (10, 14, "AIRSTRIKE"))
    assert taken(merged(*marks, resolve_all=True)) == [(10, 14, first)]


def test_blind_quorum_asks_for_votes_that_are_not_acceptance() -> None:
    accepted = [
        reading(name, [span("s", *A, seen="accepted")], started_from="rules@0.1.0") for name in ("amal", "basim")
    ]
    assert outcome(merged(*accepted, strategy="unanimous")) == "taken"
    assert outcome(merged(*accepted, strategy="unanimous", blind_quorum=1)) == "conflict"
    blind = reading("huda", [span("s", *A)])
    assert outcome(merged(*accepted, blind, strategy="unanimous", blind_quorum=1)) == "taken"


def test_support_lists_blind_changed_and_accepted_votes() -> None:
    marks = [
        reading("amal", [span("s", *A, seen="accepted")], started_from="rules@0.1.0"),
        reading("basim", [span("s", *A, seen="changed")], started_from="rules@0.1.0"),
        reading("huda", [span("s", *A)]),
    ]
    (gold,) = merged(*marks).gold_spans
    assert gold.support == {"asked": 3, "blind": ["huda"], "changed": ["basim"], "accepted": ["amal"]}


def test_attributes_that_belong_together_are_one_value() -> None:
    def casualty(**attributes: Any) -> Annotation:
        name = f"a{attributes['count_min']}{attributes.get('count_max')}{attributes['outcome']}"
        return reading(name, [span("s", 20, 28, "CASUALTY", **attributes)])

    document = merged(
        casualty(count_min=2, count_max=2, outcome="killed"),
        casualty(count_min=2, count_max=3, outcome="injured"),
        casualty(count_min=3, count_max=3, outcome="killed"),
    )
    (item,) = document.spans
    assert item.gold is not None
    assert item.gold.attributes == {"outcome": "killed"}
    assert item.contested == ("count_min", "count_max", "count_type")
    assert [c["kind"] for c in conflicts(document)] == ["attribute"]


def test_an_attribute_most_did_not_give_is_left_out() -> None:
    marks = [reading(f"a{i}", [span("s", *A, **({"count": 2} if i == 0 else {}))]) for i in range(3)]
    (gold,) = merged(*marks).gold_spans
    assert gold.attributes == {}


def test_a_relation_follows_its_unit_when_another_reading_wins() -> None:
    def strike(name: str, start: int, end: int) -> Annotation:
        return reading(
            name,
            [span("e", 8, 14, "AIRSTRIKE"), span("x", start, end, "ASSET")],
            [relation("r", "target", "e", "x")],
        )

    document = merged(strike("amal", 22, 28), strike("basim", 22, 34), strike("huda", 22, 34))
    gold = gold_annotation(document)
    (arc,) = gold.relations
    tail = next(s for s in gold.spans if s.id == arc.tail)
    assert (arc.label, tail.start, tail.end, arc.how) == ("target", 22, 34, "unanimous")


def test_a_relation_whose_unit_is_rejected_says_why_it_went() -> None:
    strike = [span("e", 8, 14, "AIRSTRIKE"), span("x", 22, 28, "ASSET")]
    alone = [reading("amal", strike, [relation("r", "target", "e", "x")]), reading("basim", strike[:1])]
    document = merged(*alone, strategy="trust", trust="basim")
    (item,) = document.relations
    assert item.outcome == "rejected"
    forced = merged(*alone, reading("huda", strike[:1]), strategy="threshold", votes=1, share=0.0)
    assert forced.relations[0].outcome == "taken"
    open_unit = merged(*alone, strategy="union", blind_quorum=2)
    assert open_unit.gold_relations == ()


def test_direction_is_one_conflict_with_two_candidates() -> None:
    strike = [span("e", 8, 14, "AIRSTRIKE"), span("x", 22, 28, "ASSET")]
    document = merged(
        reading("amal", strike, [relation("r", "target", "e", "x")]),
        reading("basim", strike, [relation("r", "target", "x", "e")]),
    )
    (conflict,) = conflicts(document)
    assert (conflict["kind"], conflict["of"], len(conflict["candidates"])) == ("direction", "relation", 2)
    assert [c["annotators"] for c in conflict["candidates"]] == [["amal"], ["basim"]]


def test_a_pair_of_units_may_bear_several_labels() -> None:
    strike = [span("e", 8, 14, "AIRSTRIKE"), span("l", 39, 49, "LOC")]
    both = [relation("r1", "target", "e", "l"), relation("r2", "place", "e", "l")]
    document = merged(*(reading(name, strike, both) for name in ("amal", "basim", "huda")))
    assert [(r.label, r.how) for r in document.gold_relations] == [("place", "unanimous"), ("target", "unanimous")]


def test_same_event_is_merged_as_clusters() -> None:
    mentions = [span(f"e{i}", 10 * i, 10 * i + 4, "AIRSTRIKE") for i in range(3)]

    def linked(name: str, *pairs: tuple[str, str]) -> Annotation:
        return reading(name, mentions, [relation(f"r{i}", "same_event", *p) for i, p in enumerate(pairs)])

    document = merged(
        linked("amal", ("e1", "e0"), ("e2", "e0")),
        linked("basim", ("e1", "e0"), ("e2", "e1")),
        linked("huda", ("e0", "e1")),
    )
    assert [(r.label, r.head, r.tail) for r in document.gold_relations] == [("same_event", 1, 0), ("same_event", 2, 0)]
    assert not document.open


def test_a_pair_that_follows_from_its_cluster_is_not_open() -> None:
    mentions = [span(f"e{i}", 10 * i, 10 * i + 4, "AIRSTRIKE") for i in range(3)]

    def linked(name: str, *pairs: tuple[str, str]) -> Annotation:
        return reading(name, mentions, [relation(f"r{i}", "same_event", *p) for i, p in enumerate(pairs)])

    document = merged(
        linked("amal", ("e0", "e1"), ("e1", "e2")), linked("basim", ("e0", "e1")), linked("huda", ("e1", "e2"))
    )
    implied = [item for item in document.relations if item.how == "implied"]
    assert len(implied) == 1
    assert [r.how for r in document.gold_relations] == ["majority", "implied"]


def test_stacked_and_nested_spans_survive_with_their_relations() -> None:
    spans = [span("a", 8, 34, "ASSET"), span("b", 8, 34, "WEAPON"), span("c", 22, 28, "ASSET")]
    arcs = [relation("r1", "located_in", "c", "a"), relation("r2", "affiliated_with", "b", "c")]
    document = merged(reading("amal", spans, arcs), reading("basim", spans[::-1], arcs[::-1]))
    assert (len(document.gold_spans), len(document.gold_relations), document.open) == (3, 2, 0)


def test_overlaps_are_for_the_lead_where_the_schema_forbids_them() -> None:
    strict = schemas.load()
    one, two = reading("amal", [span("s", 10, 20, "LOC")]), reading("basim", [span("s", 18, 40, "LOC")])
    (document,) = merge(corpus(one, two), Settings("union"), strict)
    assert taken(document) == [(18, 40, "LOC")]
    assert [item.why for item in document.spans if item.outcome == "conflict"] == [
        "overlaps [18, 40) LOC, which more people marked or is longer"
    ]


def test_what_a_lead_adds_wins_over_what_it_overlaps() -> None:
    both = [reading(name, [span("s", 10, 20, "LOC")]) for name in ("amal", "basim")]
    choice = {"start": 18, "end": 40, "label": "LOC"}
    added = Decision(doc_id="d1", of="new", choice=choice, by="lamis", at="2026-01-01T00:00:00Z", id="x")
    (document,) = merge(corpus(*both), Settings(), schemas.load(), [added])
    assert [(g.start, g.end, g.how) for g in document.gold_spans] == [(18, 40, "lead")]
    assert [item.why for item in document.spans] == ["overlaps [18, 40) LOC, which a lead decided"]


def test_document_attributes_merge_too() -> None:
    quiet = [reading(name, attributes={"no_event": True}) for name in ("amal", "basim")]
    document = merged(*quiet, reading("huda", votes(A)[0].spans))
    assert gold_annotation(document).attributes == {"no_event": True}
    tie = merged(quiet[0], reading("huda", votes(A)[0].spans))
    assert [(c["of"], c["kind"]) for c in conflicts(tie)] == [("span", "missing"), ("document", "attribute")]


labels = st.sampled_from(["AIRSTRIKE", "LOC", "ASSET"])
spans_of_one = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8), labels), max_size=5, unique=True)


@st.composite
def readings_of_a_document(draw: st.DrawFn) -> list[Annotation]:
    made = []
    for i in range(draw(st.integers(1, 4))):
        spans = [span(f"s{n}", s, s + w, label) for n, (s, w, label) in enumerate(draw(spans_of_one))]
        arcs = []
        if len(spans) > 1:
            ends = draw(st.lists(st.tuples(st.integers(0, len(spans) - 1), st.integers(0, len(spans) - 1)), max_size=4))
            names = st.sampled_from(["target", "place", "same_event"])
            arcs = [relation(f"r{n}", draw(names), f"s{h}", f"s{t}") for n, (h, t) in enumerate(ends) if h != t]
        made.append(reading(f"a{i}", spans, arcs, doc_id=draw(st.sampled_from(["d1", "d2"])) if i else "d1"))
    return made


@given(
    readings_of_a_document(),
    st.sampled_from(["unanimous", "majority", "threshold", "union"]),
    st.booleans(),
    st.randoms(),
)
def test_any_order_of_lines_gives_the_same_bytes(
    made: list[Annotation], strategy: str, resolve: bool, random: Any
) -> None:
    def output(annotations: list[Annotation]) -> bytes:
        settings = Settings(strategy, resolve_all=resolve)
        documents = list(merge(corpus(*annotations), settings, SCHEMA))
        lines = [encode(gold_annotation(d), d.document) for d in documents]
        return dumps([lines, [conflicts(d) for d in documents], report(documents, settings)])

    shuffled = [
        replace(
            a,
            spans=tuple(random.sample(a.spans, len(a.spans))),
            relations=tuple(random.sample(a.relations, len(a.relations))),
        )
        for a in random.sample(made, len(made))
    ]
    assert output(shuffled) == output(made)


@given(readings_of_a_document(), st.sampled_from(["unanimous", "majority", "threshold", "union"]))
def test_resolve_all_leaves_nothing_open_and_gold_is_sound(made: list[Annotation], strategy: str) -> None:
    for document in merge(corpus(*made), Settings(strategy, resolve_all=True), SCHEMA):
        assert document.open == 0
        gold = gold_annotation(document)
        ids = {s.id for s in gold.spans}
        assert len(ids) == len(gold.spans)
        assert all({r.head, r.tail} <= ids for r in gold.relations)
