"""What `evaluate` counts, with the counts worked out by hand beside each case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from tahkim.agreement.evaluate import choose, evaluate
from tahkim.errors import InputError, UsageError
from tahkim.model import Annotation, Corpus, Document, Relation, Scope, Span
from tahkim.schema import RelationType, Schema

TEXT = "قُتل ثلاثة مدنيين في غارة على بلدة الهري"


def spans(*marks: tuple[int, int, str]) -> tuple[Span, ...]:
    return tuple(Span(f"s{i}", *mark) for i, mark in enumerate(marks))


def arcs(*found: tuple[str, str, str]) -> tuple[Relation, ...]:
    return tuple(Relation(f"r{i}", *arc) for i, arc in enumerate(found))


def reading(
    marks: Sequence[tuple[int, int, str]] = (), relations: Sequence[tuple[str, str, str]] = (), **more: Any
) -> Annotation:
    fields = {"doc_id": "d1", "annotator": "amal"} | more
    return Annotation(spans=spans(*marks), relations=arcs(*relations), **fields)


def corpus(*readings: Annotation, text: str = TEXT) -> Corpus:
    return Corpus({a.doc_id: Document(id=a.doc_id, text=text) for a in readings}, readings)


def counts(result: dict[str, Any]) -> tuple[int, int, int]:
    return result["gold"], result["predicted"], result["correct"]


def test_each_way_of_counting_spans() -> None:
    gold = reading([(0, 4, "KILL"), (5, 16, "CASUALTY"), (20, 24, "AIRSTRIKE"), (29, 38, "LOC")])
    found = reading([(0, 4, "KILL"), (5, 10, "CASUALTY"), (20, 24, "SHELLING"), (34, 38, "LOC")], annotator="rules@1")
    spans = evaluate(corpus(gold), corpus(found))["spans"]
    assert counts(spans["strict"]) == (4, 4, 1)
    assert counts(spans["unlabelled"]) == (4, 4, 2)
    assert counts(spans["overlap"]) == (4, 4, 1)  # 5/11 and 4/9 stay under a half
    assert spans["strict"] == {"precision": 0.25, "recall": 0.25, "f1": 0.25, "gold": 4, "predicted": 4, "correct": 1}
    assert list(spans["by_label"]) == ["AIRSTRIKE", "CASUALTY", "KILL", "LOC", "SHELLING"]
    assert spans["by_label"]["SHELLING"] == {
        "precision": 0.0, "recall": None, "f1": 0.0, "gold": 0, "predicted": 1, "correct": 0, "reason": "gold has none",
    }  # fmt: skip


def test_overlap_is_counted_from_a_half_on_and_one_to_one() -> None:
    gold = reading([(0, 4, "KILL"), (10, 20, "LOC")])
    found = reading([(0, 2, "KILL"), (10, 16, "LOC"), (16, 20, "LOC")])
    assert counts(evaluate(corpus(gold), corpus(found))["spans"]["overlap"]) == (2, 3, 2)


def test_duplicates_count_as_often_as_both_have_them() -> None:
    gold = reading([(0, 4, "KILL"), (0, 4, "KILL"), (0, 4, "DAMAGE")])
    found = reading([(0, 4, "KILL"), (0, 4, "KILL"), (0, 4, "KILL")])
    result = evaluate(corpus(gold), corpus(found))["spans"]
    assert counts(result["strict"]) == (3, 3, 2)
    assert counts(result["unlabelled"]) == (3, 3, 3)


def test_strict_relations_ask_for_exact_ends_and_soft_ones_for_the_same_units() -> None:
    marks = [(0, 4, "KILL"), (5, 16, "CASUALTY"), (20, 24, "AIRSTRIKE")]
    gold = reading(marks, [("victim", "s0", "s1"), ("causes", "s2", "s0"), ("time", "s2", "s1")])
    other = [(0, 4, "KILL"), (5, 14, "LOC"), (20, 24, "AIRSTRIKE")]
    found = reading(other, [("victim", "s0", "s1"), ("causes", "s0", "s2"), ("time", "s2", "s1")])
    relations = evaluate(corpus(gold), corpus(found))["relations"]
    assert counts(relations["strict"]) == (3, 3, 0)
    assert counts(relations["soft"]) == (3, 3, 2)  # causes runs the other way
    assert counts(relations["by_label"]["causes"]) == (1, 1, 0)


def test_labels_without_direction_are_clusters() -> None:
    events = frozenset({"KILL"})
    same = RelationType("same_event", "#000000", events, events, symmetric=True, transitive=True)
    marks = [(0, 4, "KILL"), (5, 9, "KILL"), (11, 15, "KILL")]
    gold = reading(marks, [("same_event", "s0", "s1"), ("same_event", "s1", "s2")])
    found = reading(marks, [("same_event", "s2", "s0")])
    schema = Schema(relations={"same_event": same})
    relations = evaluate(corpus(gold), corpus(found), schema=schema)["relations"]
    assert counts(relations["strict"]) == counts(relations["soft"]) == (3, 1, 1)
    assert counts(evaluate(corpus(gold), corpus(found))["relations"]["strict"]) == (2, 1, 0)


def test_neither_the_order_of_lines_nor_of_spans_matters() -> None:
    marks = [(0, 4, "KILL"), (5, 16, "CASUALTY"), (5, 14, "CASUALTY")]
    gold = [reading(marks, doc_id=f"d{i}") for i in range(3)]
    found = [reading([marks[0], (6, 15, "CASUALTY")], doc_id=f"d{i}") for i in range(3)]
    turned = [replace(a, spans=a.spans[::-1]) for a in reversed(found)]
    assert evaluate(corpus(*gold), corpus(*found)) == evaluate(corpus(*gold[::-1]), corpus(*turned))


def test_documents_the_prediction_lacks_count_unless_only_common_ones_are_asked_for() -> None:
    gold = corpus(
        reading([(0, 4, "KILL")]), reading([(0, 4, "KILL")], doc_id="d2"), reading(doc_id="d3", status="skipped")
    )
    found = corpus(
        reading([(0, 4, "KILL")]), reading([(0, 4, "KILL")], doc_id="d2", status="draft"), reading(doc_id="d3")
    )
    assert counts(evaluate(gold, found)["spans"]["strict"]) == (2, 1, 1)
    assert counts(evaluate(gold, found, common=True)["spans"]["strict"]) == (1, 1, 1)
    assert evaluate(gold, found, common=True)["documents"] == 1


def test_sums_are_taken_over_documents_before_ratios() -> None:
    gold = corpus(reading([(0, 4, "KILL")]), reading([(0, 4, "KILL"), (5, 9, "LOC"), (10, 12, "LOC")], doc_id="d2"))
    found = corpus(reading([(0, 4, "KILL")]), reading([(20, 24, "KILL")], doc_id="d2"))
    assert evaluate(gold, found)["spans"]["strict"]["f1"] == 2 * 1 / (4 + 2)


def test_nothing_at_all_is_undefined_with_a_reason() -> None:
    result = evaluate(corpus(reading()), corpus(reading()))
    empty = {"precision": None, "recall": None, "f1": None, "gold": 0, "predicted": 0, "correct": 0}
    assert result["spans"]["strict"] == empty | {"reason": "neither side has any"}
    assert result["relations"]["soft"] == empty | {"reason": "neither side has any"}
    assert result["spans"]["by_label"] == {}


def test_what_was_not_asked_for_is_neither_missed_nor_wrong() -> None:
    scope = Scope(labels=frozenset({"KILL"}), relations=frozenset())
    gold = reading([(0, 4, "KILL")], scope=scope)
    found = reading([(0, 4, "KILL"), (5, 16, "CASUALTY")], [("victim", "s0", "s1")])
    result = evaluate(corpus(gold), corpus(found))
    assert counts(result["spans"]["strict"]) == (1, 1, 1)
    assert counts(result["relations"]["strict"]) == (0, 0, 0)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError) as error:
        evaluate(corpus(reading()), corpus(reading(), reading(doc_id="d7"), reading(doc_id="d5")))
    assert str(error.value) == "the prediction has documents that gold has not: d5, d7"
    with pytest.raises(InputError) as error:
        evaluate(corpus(reading()), corpus(reading(), text="نص آخر"))
    assert str(error.value) == "d1: the text of the prediction is not the text of gold"


def test_one_annotator_is_chosen_by_name() -> None:
    several = corpus(reading([(0, 4, "KILL")]), reading(annotator="badr"))
    with pytest.raises(UsageError) as error:
        evaluate(several, corpus(reading()))
    assert str(error.value) == "gold holds several annotators, choose one with --annotator: amal, badr"
    with pytest.raises(UsageError) as error:
        choose(several, "zayd", "gold")
    assert str(error.value) == "gold has no annotator 'zayd', known are: amal, badr"
    assert [a.annotator for a in choose(several, "badr", "gold").annotations] == ["badr"]
    assert choose(corpus(reading()), "zayd", "gold") == corpus(reading())
