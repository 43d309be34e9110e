"""Label Studio's and doccano's own forms, both ways, and what in them has no meaning."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahkim import schema as schemas
from tahkim.backends.examples import from_marks, to_marks
from tahkim.backends.regions import Region, from_regions, to_regions
from tahkim.model import Annotation, Relation, Span

SCHEMA = schemas.load()
TEXT = "😀 قصف الجيش مدينة إدلب\r\nومقتل ثلاثة 👩‍👩‍👧 في e\u0301 حلب"


def values(label: str) -> st.SearchStrategy[dict[str, Any]]:
    one = {"bool": st.booleans(), "int": st.integers(0, 10**6), "text": st.text('abس د"<&', min_size=1)}
    strategies = {}
    for name, attribute in SCHEMA.attributes_of(label).items():
        strategies[name] = one[attribute.type] if attribute.type in one else st.sampled_from(attribute.values)
    return st.fixed_dictionaries({}, optional=strategies)


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    spans = []
    for number in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(TEXT) - 1))
        end = draw(st.integers(start + 1, len(TEXT)))
        label = draw(st.sampled_from(list(SCHEMA.labels)))
        spans.append(Span(f"s{number}", start, end, label, draw(values(label))))
    relations: dict[tuple[str, str, str], Relation] = {}
    for _ in range(draw(st.integers(0, 6)) if spans else 0):
        label = draw(st.sampled_from(list(SCHEMA.relations)))
        head, tail = draw(st.sampled_from(spans)).id, draw(st.sampled_from(spans)).id
        known = SCHEMA.relation_attributes_of(label)
        said = draw(st.fixed_dictionaries({}, optional={n: st.sampled_from(a.values) for n, a in known.items()}))
        relations[label, head, tail] = Relation("r", label, head, tail, said)
    no_event = draw(st.sampled_from([{}, {"no_event": True}, {"no_event": False}]))
    return Annotation(
        doc_id="d", annotator="a", spans=tuple(spans), relations=tuple(relations.values()), attributes=no_event
    )


def arcs(relations: tuple[Relation, ...]) -> list[Any]:
    return sorted((r.label, r.head, r.tail, sorted(r.attributes.items())) for r in relations)


@given(annotations())
def test_regions_lose_nothing(annotation: Annotation) -> None:
    parsed = from_regions(to_regions(annotation, TEXT, SCHEMA), TEXT, SCHEMA)
    assert parsed.problems == ()
    assert [(s.id, s.start, s.end, s.label, s.attributes) for s in parsed.spans] == [
        (s.id, s.start, s.end, s.label, s.attributes) for s in annotation.spans
    ]
    assert arcs(parsed.relations) == arcs(annotation.relations)
    assert parsed.attributes == annotation.attributes


@given(annotations())
def test_each_ordered_pair_has_one_arc(annotation: Annotation) -> None:
    pairs = [(r["from_id"], r["to_id"]) for r in to_regions(annotation, TEXT, SCHEMA) if r["type"] == "relation"]
    assert len(pairs) == len(set(pairs))


@given(annotations())
def test_examples_keep_ranges_labels_and_relations(annotation: Annotation) -> None:
    entities, relations = to_marks(annotation, TEXT)
    parsed = from_marks(entities, relations, TEXT)
    assert parsed.problems == ()
    assert [(s.start, s.end, s.label) for s in parsed.spans] == [(s.start, s.end, s.label) for s in annotation.spans]
    number = {span.id: str(n) for n, span in enumerate(annotation.spans)}
    assert [(r.label, r.head, r.tail) for r in parsed.relations] == [
        (r.label, number[r.head], number[r.tail]) for r in annotation.relations
    ]


def region(**changes: Any) -> Region:
    value = {"start": 2, "end": 5, "text": TEXT[2:5], "labels": ["SHELLING"]} | changes.pop("value", {})
    return {"id": "a", "from_name": "label", "to_name": "text", "type": "labels", "value": value, **changes}


def arc(**changes: Any) -> Region:
    return {"type": "relation", "from_id": "a", "to_id": "a", "direction": "right", "labels": ["agent"]} | changes


def control(name: str, kind: str, **value: Any) -> Region:
    place = {"start": 2, "end": 5}
    return {"id": "a", "from_name": name, "to_name": "text", "type": kind, "value": place | value}


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        ("text", "the result is no list of regions: Expected `array`, got `str`"),
        ([region(), 5], "the result is no list of regions: Expected `object`, got `int` - at `$[1]`"),
        ([region(id=7)], "a region at 2 has no id"),
        ([region(), region()], "two regions have the id a"),
        ([region(value={"labels": ["LOC", "ACTOR"]})], "region a has not one label but ['LOC', 'ACTOR']"),
        ([region(value={"start": "2"})], "region a has no whole numbers for start and end"),
        ([region(value={"text": "other"})], "region a: its text is not that of the document at [2, 5)"),
        ([region(), arc(to_id="b")], "a relation runs from a to b, and not both are regions"),
        ([region(), arc(labels=[])], "the relation from a to a has no label"),
        ([region(), arc(labels="agent")], "the relation from a to a has labels that are no texts"),
        ([region(), arc(direction="up")], "the relation from a to a has the unknown direction up"),
        ([region(), arc(direction="bi")], "the relation from a to a runs both ways, which agent cannot"),
        ([region(), arc(labels=["agent", "kind=led_by"])],
         "the relation from a to a has kind=led_by, which none of its labels can have"),
        ([region(), arc(labels=["agent", "certainty=denied", "certainty=hedged"])],
         "the relation from a to a has certainty twice"),
        ([control("mode", "choices", choices=["raid"])], "mode is said of region a, which has no label"),
        ([region(), control("mode", "choices", choices=["raid", "ied"])],
         "mode of region a has not one value but ['raid', 'ied']"),
        ([region(), {"id": "a", "type": "choices", "value": None}], "region a has no control or no value"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_named(result: Any, problem: str) -> None:
    assert from_regions(result, TEXT, SCHEMA).problems == (problem,)
    assert from_regions(msgspec.Raw(msgspec.json.encode(result)), TEXT, SCHEMA).problems == (problem,)


def test_a_backward_arc_is_turned_and_a_symmetric_one_may_go_both_ways() -> None:
    other = region(id="b", value={"start": 6, "end": 11, "text": TEXT[6:11]})
    turned = from_regions([region(), other, arc(to_id="b", direction="left")], TEXT, SCHEMA)
    assert [(r.head, r.tail) for r in turned.relations] == [("b", "a")]
    both = from_regions([region(), other, arc(to_id="b", direction="bi", labels=["same_event"])], TEXT, SCHEMA)
    assert (both.problems, [r.label for r in both.relations]) == ((), ["same_event"])


def test_attributes_follow_their_relation_and_where_they_stand_first_the_one_that_can_have_them() -> None:
    def said(*labels: str) -> list[tuple[str, dict[str, Any]]]:
        parsed = from_regions([region(), arc(labels=list(labels))], TEXT, SCHEMA)
        assert parsed.problems == ()
        return [(r.label, dict(r.attributes)) for r in parsed.relations]

    assert said("agent", "target", "certainty=hedged") == [("agent", {}), ("target", {"certainty": "hedged"})]
    assert said("certainty=hedged", "agent") == [("agent", {"certainty": "hedged"})]
    assert said("affiliated_with", "agent", "kind=led_by") == [("affiliated_with", {"kind": "led_by"}), ("agent", {})]


def test_notes_and_where_regions_came_from_are_kept() -> None:
    (span,) = from_regions([region(origin="prediction-changed", meta={"text": ["see §4"]})], TEXT, SCHEMA).spans
    assert (span.seen, span.extra) == ("changed", {"note": "see §4"})


def test_offsets_that_split_a_character_are_named_and_the_rest_is_read() -> None:
    entities = [
        {"id": 5, "label": "LOC", "start_offset": 1, "end_offset": 6},
        {"id": 6, "label": "LOC", "start_offset": 3, "end_offset": 6},
    ]
    parsed = from_marks(entities, [{"id": 9, "type": "agent", "from_id": 6, "to_id": 5}], TEXT)
    assert [(s.id, TEXT[s.start : s.end]) for s in parsed.spans] == [("6", "قصف")]
    assert parsed.problems == (
        "entity 5: UTF-16 offset 1 splits the character '😀' at code points 0 to 1: was it counted in another unit, "
        "or in another text?",
        "relation 9 runs from 6 to 5, and not both are entities here",
    )


def test_a_project_that_counts_graphemes_is_read_so() -> None:
    entity = {"id": 1, "label": "LOC", "start_offset": 2, "end_offset": 5}
    (span,) = from_marks([entity], [], TEXT, graphemes=True).spans
    assert TEXT[span.start : span.end] == "قصف"
