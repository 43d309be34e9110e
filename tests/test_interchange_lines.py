"""The interchange form: what is refused, with which words, and that what comes in goes out again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahkim.interchange import (
    MAX_DEPTH,
    content_hash,
    decision_problems,
    decode,
    decode_decision,
    decode_document,
    document_problems,
    dumps,
    encode,
    problems,
)
from tahkim.model import Decision, Document, Scope

TEXT = "غارتان على مقرّ قرب البلدة 🛰 فجراً"


def line(**fields: Any) -> dict[str, Any]:
    return {"doc_id": "r07", "annotator": "amal", "text": TEXT} | fields


def span(**fields: Any) -> dict[str, Any]:
    return {"id": "s1", "start": 0, "end": 6, "label": "AIRSTRIKE"} | fields


def relation(**fields: Any) -> dict[str, Any]:
    return {"id": "r1", "label": "target", "head": "s1", "tail": "s1"} | fields


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_the_least_line_means_submitted_and_nothing_found() -> None:
    annotation = decode({"doc_id": "r07", "annotator": "amal"}).annotation
    assert problems({"doc_id": "r07", "annotator": "amal"}) == []
    assert (annotation.status, annotation.scope, annotation.spans, annotation.relations) == (
        "submitted",
        Scope(),
        (),
        (),
    )


WRONG_LINES: list[tuple[object, list[str]]] = [
    ([1], ["a line must be a JSON object, not [1]"]),
    (None, ["a line must be a JSON object, not null"]),
    ({}, ["doc_id is missing", "annotator is missing"]),
    ({"doc_id": None, "annotator": "a"}, ["doc_id is missing"]),
    ({"doc_id": "", "annotator": 7}, ["doc_id must not be empty", "annotator must be a string, not 7"]),
    (line(text=["x"]), ['text must be a string, not ["x"]']),
    (line(text="a\0b"), ["text holds a NUL character at character 1, which no text may hold"]),
    (line(text="ab\ud800"), ["text holds a lone surrogate (U+D800) at character 2, which no text may hold"]),
    (line(status="done"), ['status "done" is unknown (known: submitted, skipped, draft)']),
    (line(spans={}), ["spans must be a list, not {}"]),
    (line(relations="none"), ['relations must be a list, not "none"']),
    (line(attributes=[]), ["attributes must be an object, not []"]),
    (line(meta=3), ["meta must be an object, not 3"]),
    (line(group=3), ["group must be a string, not 3"]),
    (line(lead_time=True), ["lead_time must be a number, not true"]),
    (line(lead_time=float("nan")), ["lead_time must be a finite number, not nan"]),
    (line(created_at=1736899200), ["created_at must be a string, not 1736899200"]),
    (line(scope=["KILL"]), ['scope must be an object, not ["KILL"]']),
    (line(scope={"label": []}), ['scope has the unknown key "label" (known: labels, relations, attributes)']),
    (line(scope={"labels": [1]}), ["scope labels must be a list of names, not [1]"]),
    (line(note="x\0"), ["note holds a NUL character at character 1, which no text may hold"]),
    (line(**{"a\0": None}), ['"a\\u0000" holds a NUL character at character 1, which no text may hold']),
    (line(note=nested(MAX_DEPTH)), [f"note is nested more than {MAX_DEPTH} levels deep"]),
    (line(attributes={"n": 10**30}), [f"attributes holds the number {10**30}, which cannot be kept"]),
    (line(attributes={"n": {1, 2}}), ["attributes holds a set, which JSON has not"]),
]


@pytest.mark.parametrize(("record", "expected"), WRONG_LINES)
def test_a_wrong_line_is_told_what_is_wrong(record: object, expected: list[str]) -> None:
    assert problems(record) == expected


WRONG_SPANS: list[tuple[object, str]] = [
    (5, "spans[0]: must be an object, not 5"),
    ({"start": 0, "end": 6}, "spans[0]: label is missing"),
    (span(label=""), "span s1: label must not be empty"),
    (span(start=True), "span s1: start must be a whole number, not true"),
    (span(start="0"), 'span s1: start must be a whole number, not "0"'),
    (span(start=0.0), "span s1: start must be a whole number, not 0.0"),
    (span(end=10**30), f"span s1: end is out of range: {10**30}"),
    (span(start=-1), "span s1: start -1 lies before the text"),
    (span(end=0), "span s1: start 0 is not before end 0"),
    (span(start=5, end=2), "span s1: start 5 is not before end 2"),
    (span(end=999), f"span s1: end 999 lies past the text, which has {len(TEXT)} characters"),
    (span(surface="غارة"), 'span s1: surface "غارة" is not the text at [0, 6): "غارتان"'),
    (span(seen="maybe"), 'span s1: seen "maybe" is unknown (known: accepted, changed, manual)'),
    (span(score=float("inf")), "span s1: score must be a finite number, not inf"),
    (span(score="0.5"), 'span s1: score must be a number, not "0.5"'),
    (span(support=2), "span s1: support must be an object, not 2"),
    (span(attributes={"role": "\udc80"}), "span s1: attributes holds a lone surrogate (U+DC80) at character 0, "),
    (span(id="a\nb", label=1), 'span "a\\nb": label must be a string, not 1'),
]


@pytest.mark.parametrize(("wrong", "expected"), WRONG_SPANS)
def test_a_wrong_span_is_named_with_what_is_wrong(wrong: object, expected: str) -> None:
    found = problems(line(spans=[wrong]))
    assert len(found) == 1
    assert found[0].startswith(expected) if expected.endswith(", ") else found[0] == expected


WRONG_RELATIONS: list[tuple[object, list[str]]] = [
    (5, ["relations[0]: must be an object, not 5"]),
    (relation(head="s9"), ["relation r1: head s9 is no span of this line"]),
    (relation(tail=None), ["relation r1: tail is missing"]),
    (
        relation(head=1, tail="s9"),
        ["relation r1: head must be a string, not 1", "relation r1: tail s9 is no span of this line"],
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), WRONG_RELATIONS)
def test_a_wrong_relation_is_named_with_what_is_wrong(wrong: object, expected: list[str]) -> None:
    assert problems(line(spans=[span()], relations=[wrong])) == expected


def test_repeated_ids_are_named_once_each() -> None:
    record = line(spans=[span(), span(), span()], relations=[relation(), relation()])
    assert problems(record) == ["two spans have the id s1", "two relations have the id r1"]


def test_every_problem_of_a_line_is_reported() -> None:
    record = line(status=1, spans=[span(end=0), span(id="s2", start=None)], relations=[relation(tail="s3")])
    assert problems(record) == [
        "status 1 is unknown (known: submitted, skipped, draft)",
        "span s1: start 0 is not before end 0",
        "span s2: start is missing",
        "relation r1: tail s3 is no span of this line",
    ]


def test_offsets_are_checked_against_the_text_of_another_line() -> None:
    record = {"doc_id": "d", "annotator": "a", "spans": [span(start=0, end=3)]}
    assert problems(record) == []
    assert problems(record, "abc") == []
    assert problems(record, "ab") == ["span s1: end 3 lies past the text, which has 2 characters"]


def test_an_emoji_is_one_character() -> None:
    place = TEXT.index("🛰")
    assert problems(line(spans=[span(start=place, end=place + 1, surface="🛰")])) == []


def test_marks_without_id_get_the_first_free_ones() -> None:
    spans = [{"start": 0, "end": 1, "label": "A"}, span(id="s1"), {"start": 1, "end": 2, "label": "B", "id": None}]
    relations = [{"label": "x", "head": "s1", "tail": "s1"}]
    annotation = decode(line(spans=spans, relations=relations)).annotation
    assert [s.id for s in annotation.spans] == ["s2", "s1", "s3"]
    assert [r.id for r in annotation.relations] == ["r1"]


def test_null_attributes_are_absent_ones() -> None:
    annotation = decode(line(spans=[span(attributes={"count": None, "mode": "x"})], attributes={"a": None})).annotation
    assert annotation.spans[0].attributes == {"mode": "x"}
    assert annotation.attributes == {}
    assert decode(line(spans=[span(attributes=None)])).annotation.spans[0].attributes == {}


def test_unknown_keys_come_out_where_they_came_in() -> None:
    record = line(
        spans=[span(attributes={}, colour="red", surface="غارتان")],
        relations=[relation(attributes={}, weight=2)],
        tool={"build": [1, None]},
        extra="really",
    )
    assert problems(record) == []
    decoded = decode(record)
    document = Document(id="r07", text=TEXT)
    assert encode(decoded.annotation, document) == record | {"status": "submitted"}


def test_everything_a_line_can_say_survives() -> None:
    record = line(
        status="draft",
        scope={"labels": ["A", "B"], "attributes": []},
        spans=[span(attributes={"b": [1, 2], "a": {"z": 1, "y": 2.5}}, rule="air.3", score=0.75, seen="changed")],
        relations=[relation(attributes={"certainty": "hedged"}, how="lead", support={"blind": 2}, confidence=1.0)],
        attributes={"no_event": False},
        created_at="2026-01-15T10:00:00+03:00",
        updated_at="2026-01-16",
        lead_time=12,
        origin={"project": 3},
        started_from="rules@1",
        meta={"outlet": "x"},
        group="g",
    )
    assert problems(record) == []
    decoded = decode(record)
    assert (decoded.text, decoded.meta, decoded.group) == (TEXT, {"outlet": "x"}, "g")
    again = encode(decoded.annotation, Document(id="r07", text=TEXT, meta=decoded.meta, group=decoded.group))
    assert again == record
    assert decode(again) == decoded


def test_lines_are_bytes_in_canonical_order() -> None:
    record = {"annotator": "a", "spans": [{"label": "X", "end": 1, "attributes": {"b": 1, "a": "ب"}, "start": 0}]}
    annotation = decode(record | {"doc_id": "d"}).annotation
    assert dumps(encode(annotation, Document(id="d", text="بs"))).decode() == (
        '{"doc_id":"d","text":"بs","annotator":"a","status":"submitted",'
        '"spans":[{"id":"s1","start":0,"end":1,"label":"X","attributes":{"a":"ب","b":1}}],"relations":[]}'
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["", "a", "ب"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["doc_id", "spans", "scope", "meta", "x", "status", "lead_time"]), json_values))
def test_any_json_object_is_judged_and_a_sound_one_round_trips(fields: dict[str, Any]) -> None:
    record = line(**fields)
    if problems(record) == []:
        decoded = decode(record)
        again = encode(decoded.annotation, Document(id="r07", text=TEXT, meta=decoded.meta))
        assert decode(json.loads(dumps(again))).annotation == decoded.annotation


@given(st.lists(json_values, max_size=3), st.lists(json_values, max_size=3))
def test_marks_of_any_shape_are_judged(spans: list[Any], relations: list[Any]) -> None:
    assert problems(line(spans=spans, relations=relations)) or not (spans or relations)


WRONG_DOCUMENTS: list[tuple[object, list[str]]] = [
    ("x", ['a line must be a JSON object, not "x"']),
    ({"text": "t"}, ["id is missing"]),
    ({"id": 3, "text": "t"}, ["id must be a string, not 3"]),
    ({"id": "a"}, ["text is missing"]),
    ({"id": "a", "text": "t", "meta": []}, ["meta must be an object, not []"]),
    ({"id": "a", "text": "t", "meta": {"url": 1}, "url": 2}, ["url stands both in meta and beside it"]),
]


@pytest.mark.parametrize(("record", "expected"), WRONG_DOCUMENTS)
def test_a_wrong_report_is_told_what_is_wrong(record: object, expected: list[str]) -> None:
    assert document_problems(record) == expected


def test_unknown_keys_of_a_report_are_meta() -> None:
    record = {"id": "a", "text": "t", "meta": {"outlet": "x"}, "url": "u", "group": "g"}
    assert decode_document(record) == Document(id="a", text="t", meta={"outlet": "x", "url": "u"}, group="g")


def decision(**fields: Any) -> dict[str, Any]:
    return {"doc_id": "r07", "key": "k", "choice": 1, "by": "lead", "at": "2026-01-15T10:00:00Z"} | fields


WRONG_DECISIONS: list[tuple[object, list[str]]] = [
    (7, ["a line must be a JSON object, not 7"]),
    (decision(by=None), ["by is missing"]),
    (decision(choice=None), ["choice is missing"]),
    (decision(choice=True), ['choice must be a candidate\'s number from 1, "none", or a span or relation, not true']),
    (decision(choice=0), ['choice must be a candidate\'s number from 1, "none", or a span or relation, not 0']),
    (decision(choice="all"), ['choice must be a candidate\'s number from 1, "none", or a span or relation, not "all"']),
    (decision(choice={}), ['choice must be a candidate\'s number from 1, "none", or a span or relation, not {}']),
    (decision(key=None), ['key is missing (only "of": "new" needs none)']),
    (decision(of="unit"), ['of "unit" is unknown (known: span, relation, document, new)']),
    (decision(undoes="k"), ["undoes and choice exclude each other"]),
]


@pytest.mark.parametrize(("record", "expected"), WRONG_DECISIONS)
def test_a_wrong_decision_is_told_what_is_wrong(record: object, expected: list[str]) -> None:
    assert decision_problems(record) == expected


def test_a_decision_is_named_by_its_content() -> None:
    own = {"start": 0, "end": 2, "label": "X"}
    first = decode_decision(decision(choice=own))
    assert first.id == decode_decision(dict(reversed(decision(choice=dict(reversed(own.items()))).items()))).id
    assert first.id != decode_decision(decision(choice=1)).id
    assert decode_decision(decision(id="mine")).id == "mine"


def test_a_conflict_with_the_answer_written_into_it_is_a_decision() -> None:
    record = decision(of="span", kind="missing", candidates=[{"start": 0}], seen="h", key="k")
    assert decision_problems(record) == []
    assert decode_decision(record).seen == "h"


def test_an_addition_and_an_undo_need_no_key() -> None:
    assert decision_problems(decision(of="new", key=None, choice={"start": 0, "end": 2, "label": "X"})) == []
    undo = decision(key=None, choice=None, undoes="0123456789abcdef")
    assert decision_problems(undo) == []
    assert isinstance(decode_decision(undo), Decision)


def test_the_hash_of_content_does_not_see_the_order_of_keys() -> None:
    assert content_hash({"a": 1, "b": {"c": 2, "d": 3}}) == content_hash({"b": {"d": 3, "c": 2}, "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})
