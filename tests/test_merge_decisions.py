"""A lead's decisions: they win, go stale, are undone, and are never lost."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from reading import TEXT, corpus, reading, relation, span
from tahkim import schema as schemas
from tahkim.adjudicate.conflicts import conflicts
from tahkim.adjudicate.merge import DocumentMerge, gold_annotation, merge
from tahkim.adjudicate.strategies import Settings
from tahkim.errors import DecisionError
from tahkim.interchange import identified
from tahkim.model import Annotation, Decision

SCHEMA = replace(schemas.load(), overlap_allowed=True)
SPLIT = (
    reading("amal", [span("s", 22, 28, "ASSET")]),
    reading("basim", [span("s", 22, 34, "ASSET")]),
)


def merged(*annotations: Annotation, decisions: Any = (), **settings: Any) -> DocumentMerge:
    (document,) = merge(corpus(*annotations), Settings(**settings), SCHEMA, decisions)
    return document


def decision(choice: Any = None, at: str = "2026-01-15T09:00:00Z", **fields: Any) -> Decision:
    return identified(Decision(**{"doc_id": "d1", "by": "lamis", "at": at, "choice": choice, **fields}))


def on(conflict: dict[str, Any], choice: Any, **fields: Any) -> Decision:
    return decision(choice, key=conflict["key"], seen=conflict["seen"], **fields)


def only_conflict(*annotations: Annotation, decisions: Any = ()) -> dict[str, Any]:
    (conflict,) = conflicts(merged(*annotations, decisions=decisions))
    return conflict


def taken(document: DocumentMerge) -> list[tuple[int, int, str, str]]:
    return [(gold.start, gold.end, gold.label, gold.how) for gold in document.gold_spans]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (1, [(22, 28, "ASSET", "lead")]),
        (2, [(22, 34, "ASSET", "lead")]),
        ("none", []),
        ({"start": 22, "end": 27, "label": "LOC"}, [(22, 27, "LOC", "lead")]),
    ],
)
def test_a_choice_is_a_candidate_none_or_the_leads_own(choice: Any, expected: Any) -> None:
    document = merged(*SPLIT, decisions=[on(only_conflict(*SPLIT), choice)])
    assert (taken(document), document.open) == (expected, 0)


def test_a_decision_wins_over_every_strategy() -> None:
    chosen = on(only_conflict(*SPLIT), 1)
    for strategy in ("unanimous", "majority", "union", "threshold"):
        assert taken(merged(*SPLIT, decisions=[chosen], strategy=strategy)) == [(22, 28, "ASSET", "lead")]


def test_gold_says_who_decided_when_and_why() -> None:
    chosen = on(only_conflict(*SPLIT), 1, reason="القاعدة ٤", guideline="4")
    (gold,) = gold_annotation(merged(*SPLIT, decisions=[chosen])).spans
    assert gold.extra["decision"] == {
        "id": chosen.id,
        "by": "lamis",
        "at": "2026-01-15T09:00:00Z",
        "reason": "القاعدة ٤",
        "guideline": "4",
    }


def test_more_votes_for_known_readings_leave_a_decision_standing() -> None:
    chosen = on(only_conflict(*SPLIT), 1)
    third = reading("huda", SPLIT[1].spans)
    assert taken(merged(*SPLIT, third, decisions=[chosen])) == [(22, 28, "ASSET", "lead")]


def test_a_new_reading_makes_the_decision_stale_and_asks_again() -> None:
    chosen = on(only_conflict(*SPLIT), 1)
    third = reading("huda", [span("s", 23, 34, "ASSET")])
    conflict = only_conflict(*SPLIT, third, decisions=[chosen])
    assert [d["id"] for d in conflict["stale"]] == [chosen.id]
    assert conflict["why"] == "decided when other readings stood to choose from"
    assert len(conflict["candidates"]) == 3


def test_a_decision_whose_place_is_gone_is_offered_where_it_overlaps() -> None:
    chosen = on(only_conflict(*SPLIT), 1)
    wider = (SPLIT[0], reading("basim", [span("s", 20, 34, "ASSET")]))
    conflict = only_conflict(*wider, decisions=[chosen])
    assert conflict["key"] != chosen.key
    assert [d["id"] for d in conflict["stale"]] == [chosen.id]


def test_a_decision_where_nothing_is_marked_any_more_is_still_shown() -> None:
    chosen = on(only_conflict(*SPLIT), 1)
    conflict = only_conflict(reading("amal"), reading("basim"), decisions=[chosen])
    assert (conflict["kind"], conflict["key"], conflict["place"]) == ("stale", chosen.key, {"start": 22, "end": 34})
    undone = decision(undoes=chosen.id, at="2026-01-16T09:00:00Z")
    assert conflicts(merged(reading("amal"), reading("basim"), decisions=[chosen, undone])) == []


def test_the_last_decision_stands_and_an_undo_brings_back_the_one_before() -> None:
    conflict = only_conflict(*SPLIT)
    first, second = on(conflict, 1), on(conflict, 2, at="2026-01-15T10:00:00Z")
    assert taken(merged(*SPLIT, decisions=[second, first])) == [(22, 34, "ASSET", "lead")]
    undo = decision(undoes=second.id, at="2026-01-15T11:00:00Z")
    assert taken(merged(*SPLIT, decisions=[first, second, undo])) == [(22, 28, "ASSET", "lead")]
    by_key = decision(undoes=conflict["key"], at="2026-01-15T12:00:00Z")
    assert merged(*SPLIT, decisions=[first, second, undo, by_key]).open == 1


def test_the_same_decision_twice_counts_once() -> None:
    chosen = on(only_conflict(*SPLIT), 1)
    assert taken(merged(*SPLIT, decisions=[chosen, chosen])) == [(22, 28, "ASSET", "lead")]


def test_new_spans_and_relations_need_no_conflict() -> None:
    agreed = [reading(name, [span("e", 8, 14, "AIRSTRIKE")]) for name in ("amal", "basim")]
    new_span = decision({"start": 22, "end": 28, "label": "ASSET"}, of="new")
    new_relation = decision(
        {"label": "target", "head": {"start": 8, "end": 14}, "tail": {"start": 22, "end": 28}}, of="new"
    )
    gold = gold_annotation(merged(*agreed, decisions=[new_relation, new_span]))
    assert [(s.start, s.how) for s in gold.spans] == [(8, "unanimous"), (22, "lead")]
    assert [(r.label, r.head, r.tail, r.how) for r in gold.relations] == [("target", "s1", "s2", "lead")]


def test_a_decided_relation_without_its_span_is_asked_again_not_dropped() -> None:
    new_relation = decision(
        {"label": "target", "head": {"start": 8, "end": 14}, "tail": {"start": 22, "end": 28}}, of="new"
    )
    conflict = only_conflict(reading("amal", [span("e", 8, 14, "AIRSTRIKE")]), decisions=[new_relation])
    assert conflict["why"] == (
        f"target: there is no gold span [22, 28): undo decision {new_relation.id}, or mark it anew"
    )


def test_a_relation_is_decided_by_candidate() -> None:
    strike = [span("e", 8, 14, "AIRSTRIKE"), span("x", 22, 28, "ASSET")]
    made = (
        reading("amal", strike, [relation("r", "target", "e", "x")]),
        reading("basim", strike, [relation("r", "target", "x", "e")]),
    )
    conflict = only_conflict(*made)
    gold = gold_annotation(merged(*made, decisions=[on(conflict, 1)]))
    assert [(r.label, r.head, r.tail, r.how) for r in gold.relations] == [("target", "s1", "s2", "lead")]
    assert merged(*made, decisions=[on(conflict, "none")]).gold_relations == ()


def test_a_decision_against_what_its_cluster_implies_is_asked_again() -> None:
    mentions = [span(f"e{i}", 10 * i, 10 * i + 4, "AIRSTRIKE") for i in range(3)]
    linked = reading(
        "amal", mentions, [relation("r0", "same_event", "e0", "e1"), relation("r1", "same_event", "e1", "e2")]
    )
    document = merged(linked)
    pair = next(item.question for item in document.relations if item.question and item.question.units == (0, 2))
    refused = decision("none", key=pair.key, seen=pair.seen)
    assert only_conflict(linked, decisions=[refused])["why"] == (
        "decided against, but follows from other pairs of its cluster"
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"doc_id": "elsewhere", "choice": 1, "key": "s1-2~0123456789abcdef", "seen": "x"},
            "decision {id} on document elsewhere is about a document that is not here: "
            "is it a decision of another project?",
        ),
        (
            {"choice": 1, "key": "r7", "seen": "x"},
            "decision {id} on document d1: 'r7' is no key: copy `key` from the conflict",
        ),
        (
            {"choice": 1, "key": "s1-2~0123456789abcdef", "seen": "x"},
            "decision {id} on document d1: key s1-2~0123456789abcdef belongs to another document: "
            "copy both from one conflict",
        ),
        ({"undoes": "0000"}, "decision {id} on document d1 undoes 0000, and no earlier decision has that id or key"),
        (
            {"of": "new", "choice": {"start": 5, "end": 500, "label": "LOC"}},
            f"decision {{id}} on document d1: [5, 500) is no range of its text, which has {len(TEXT)} characters",
        ),
        (
            {"of": "new", "choice": {"label": "LOC"}},
            "decision {id} on document d1: a span of your own needs start, end and label",
        ),
        (
            {"of": "new", "choice": {"label": "target", "head": "s1", "tail": "s2"}},
            "decision {id} on document d1: a relation of your own needs label, and head and tail as "
            '{{"start": …, "end": …}} of a span',
        ),
        (
            {"of": "new", "choice": {"start": 1, "end": 2, "label": "LOC"}, "at": "yesterday"},
            "decision {id} on document d1: `at` is 'yesterday', not an ISO 8601 time such as 2026-01-15T09:30:00Z",
        ),
    ],
)
def test_a_decision_that_cannot_be_taken_says_why(wrong: dict[str, Any], message: str) -> None:
    bad = decision(**wrong)
    with pytest.raises(DecisionError) as error:
        merged(*SPLIT, decisions=[bad])
    assert str(error.value) == message.format(id=bad.id)


def test_a_candidate_that_is_not_there_cannot_be_chosen() -> None:
    bad = on(only_conflict(*SPLIT), 3)
    with pytest.raises(DecisionError) as error:
        merged(*SPLIT, decisions=[bad])
    assert str(error.value) == (
        f"decision {bad.id} on document d1: choice 3, but {bad.key} has 2 candidates: "
        'choose from 1, or "none", or give your own'
    )


def test_an_undo_cannot_be_undone_nor_a_decision_twice() -> None:
    chosen = on(only_conflict(*SPLIT), 1)
    undo = decision(undoes=chosen.id, at="2026-01-16T09:00:00Z")
    again = decision(undoes=undo.id, at="2026-01-17T09:00:00Z")
    with pytest.raises(DecisionError) as error:
        merged(*SPLIT, decisions=[chosen, undo, again])
    assert str(error.value) == f"decision {again.id} on document d1 undoes an undo ({undo.id}): decide anew instead"
    twice = decision(undoes=chosen.id, at="2026-01-17T09:00:00Z")
    with pytest.raises(DecisionError) as error:
        merged(*SPLIT, decisions=[chosen, undo, twice])
    assert str(error.value) == f"decision {twice.id} on document d1 undoes {chosen.id}, which is undone already"
