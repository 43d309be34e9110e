"""What breaks the schema is told in one line each: what, where, and what would be right."""

from __future__ import annotations

from typing import Any

import pytest

from tahkim.model import Annotation, Relation, Span
from tahkim.schema import Schema, check, load, loads

TEXT = "دمرت غارة مقراً لداعش\nفي الهول"
STRIKE = Span("e1", 5, 9, "AIRSTRIKE")
POST = Span("x1", 10, 15, "ASSET")
PLACE = Span("l1", 25, 30, "LOC")


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load()


def reading(*spans: Span, relations: tuple[Relation, ...] = (), **attributes: Any) -> Annotation:
    return Annotation(doc_id="d", annotator="amal", spans=spans, relations=relations, attributes=attributes)


def test_a_sound_annotation_has_no_complaint(schema: Schema) -> None:
    strike = Span("e1", 5, 9, "AIRSTRIKE", {"count": 1, "factuality": "ASSERTED", "background": False, "mode": None})
    relations = (Relation("r1", "target", "e1", "x1", {"certainty": "hedged"}), Relation("r2", "place", "e1", "l1"))
    assert check(reading(strike, POST, PLACE, relations=relations, no_event=False), schema, TEXT) == []


@pytest.mark.parametrize(
    ("span", "message"),
    [
        (
            Span("s1", 5, 9, "AIRSTRIK"),
            "span s1 AIRSTRIK [5, 9) “غارة”: unknown label AIRSTRIK (did you mean AIRSTRIKE?)",
        ),
        (
            Span("s1", 9, 9, "LOC"),
            "span s1 LOC [9, 9) “”: is empty or outside the text, which has 30 characters; mark it anew",
        ),
        (
            Span("s1", 25, 31, "LOC"),
            "span s1 LOC [25, 31) “الهول”: is empty or outside the text, which has 30 characters; mark it anew",
        ),
        (
            Span("s1", -2, 4, "LOC"),
            "span s1 LOC [-2, 4) “”: is empty or outside the text, which has 30 characters; mark it anew",
        ),
        (
            Span("s1", 16, 24, "LOC"),
            "span s1 LOC [16, 24) “لداعش في”: crosses a line break; a span stays on one line",
        ),
        (
            Span("s1", 16, 22, "LOC"),
            "span s1 LOC [16, 22) “لداعش”: crosses a line break; a span stays on one line",
        ),
        (
            Span("s1", 5, 9, "KILL", {"outcome": "killed"}),
            "span s1 KILL [5, 9) “غارة”: has no attribute outcome "
            "(known: factuality, background, count, agent_status, mode)",
        ),
        (
            Span("s1", 5, 9, "KILL", {"factuality": "asserted"}),
            "span s1 KILL [5, 9) “غارة”: factuality is 'asserted', which is none of its values "
            "(did you mean ASSERTED?)",
        ),
        (
            Span("s1", 5, 9, "KILL", {"count": True}),
            "span s1 KILL [5, 9) “غارة”: count must be a whole number, not True",
        ),
        (
            Span("s1", 5, 9, "KILL", {"background": "no"}),
            "span s1 KILL [5, 9) “غارة”: background must be true or false, not 'no'",
        ),
        (
            Span("s1", 5, 9, "TIME", {"time_precision": "1"}),
            "span s1 TIME [5, 9) “غارة”: time_precision is '1', which is none of its values (did you mean 1?)",
        ),
        (
            Span("s1", 5, 9, "TIME", {"norm": 2017}),
            "span s1 TIME [5, 9) “غارة”: norm must be a text, not 2017",
        ),
        (
            Span("s1", 5, 9, "PERSON", {"status": ["civilian"]}),
            "span s1 PERSON [5, 9) “غارة”: status is ['civilian'], which is none of its values "
            "(did you mean civilian?)",
        ),
    ],
)
def test_a_span_that_breaks_it_is_told(schema: Schema, span: Span, message: str) -> None:
    assert check(reading(span), schema, TEXT) == [message]


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        (
            Relation("r1", "targt", "e1", "x1"),
            "relation r1 targt: unknown relation targt (did you mean target?)",
        ),
        (
            Relation("r1", "place", "x1", "e1"),
            "relation r1 place: its head may not be span x1 ASSET [10, 15) “مقراً”; it must be one of AIRSTRIKE, "
            "SHELLING, EXPLOSION, CLASH, ATTACK, KILL, INJURE, DAMAGE, DETAIN, MIL_MOVE, TERRITORY, DISRUPT",
        ),
        (
            Relation("r1", "instrument", "e1", "l1"),
            "relation r1 instrument: its tail may not be span l1 LOC [25, 30) “الهول”; it must be one of WEAPON",
        ),
        (
            Relation("r1", "same_event", "e1", "e1"),
            "relation r1 same_event: leads from span e1 to itself",
        ),
        (
            Relation("r1", "place", "e1", "l1", {"kind": "led_by"}),
            "relation r1 place: has no attribute kind (known: certainty)",
        ),
        (
            Relation("r1", "place", "e1", "l1", {"certainty": "sure"}),
            "relation r1 place: certainty is 'sure', which is none of its values "
            "(known: asserted, hedged, contested, denied)",
        ),
    ],
)
def test_a_relation_that_breaks_it_is_told(schema: Schema, relation: Relation, message: str) -> None:
    found = check(reading(STRIKE, POST, PLACE, relations=(relation,)), schema, TEXT)
    assert message in found
    assert len(found) == (2 if relation == Relation("r1", "place", "x1", "e1") else 1)


def test_overlaps_are_told_where_they_are_forbidden(schema: Schema) -> None:
    spans = (Span("a", 0, 15, "LOC"), Span("b", 5, 9, "ASSET"), Span("c", 10, 12, "ASSET"), Span("d", 15, 16, "ASSET"))
    outer = "span a LOC [0, 15) “دمرت غارة مقراً”"
    assert check(reading(*reversed(spans)), schema, TEXT) == [
        f"span b ASSET [5, 9) “غارة”: overlaps {outer}; the schema allows no overlap: keep one",
        f"span c ASSET [10, 12) “مق”: overlaps {outer}; the schema allows no overlap: keep one",
    ]
    assert check(reading(*spans), loads("labels: [LOC, ASSET]"), TEXT) == []


def test_the_document_has_attributes_of_its_own(schema: Schema) -> None:
    assert check(reading(no_event="yes", mood="bad"), schema, TEXT) == [
        "document: no_event must be true or false, not 'yes'",
        "document: has no attribute mood (known: no_event)",
    ]


def test_a_label_not_known_is_told_once_and_not_again_by_its_relations(schema: Schema) -> None:
    strange = Span("s1", 5, 9, "STRANGE", {"count": "many"})
    found = check(reading(strange, PLACE, relations=(Relation("r1", "place", "s1", "l1"),)), schema, TEXT)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("value", "sound"), [(1, True), (1.5, True), (float("nan"), False), ("1", False), (True, False)]
)
def test_numbers_are_finite(value: object, sound: bool) -> None:
    schema = loads("labels: [A]\nattributes: {A: {weight: {type: number}}}")
    assert (check(reading(Span("s", 0, 4, "A", {"weight": value})), schema, TEXT) == []) is sound


def test_a_message_is_one_line_however_long_the_span(schema: Schema) -> None:
    text = "قصف\u2028" * 1000
    (message,) = check(reading(Span("s1", 0, 4000, "LOC")), schema, text)
    assert "\n" not in message
    assert len(message) < 120
