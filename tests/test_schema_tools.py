"""The tools' configurations are made from the schema, complete, valid for the tools, and never stale."""

from __future__ import annotations

import json
import string
from xml.etree import ElementTree

import pytest

from tahkim.errors import UsageError
from tahkim.schema import Schema, build, control_names, default_path, load, loads


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load()


def label_studio(schema: Schema, profile: str | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(build(schema, profile)["label_studio.xml"])


def test_the_committed_configurations_are_those_of_the_schema(schema: Schema) -> None:
    for name, text in build(schema).items():
        committed = (default_path().parent / name).read_text("utf-8")
        assert committed == text, f"label_config/{name} is stale: run `tahkim schema build`"


@pytest.mark.parametrize("profile", ["core", "full"])
def test_label_studio_offers_what_the_profile_asks_and_no_more(schema: Schema, profile: str) -> None:
    root, scope = label_studio(schema, profile), schema.profile(profile)
    assert [each.get("value") for each in root.iter("Label")] == [n for n in schema.labels if scope.asks_label(n)]
    offered = [each.get("value") for each in root.iter("Relation")]
    assert [name for name in offered if "=" not in name] == [n for n in schema.relations if scope.asks_relation(n)]
    said = {"core": ["certainty"], "full": ["certainty", "kind"]}[profile]
    values = {name: schema.relation_attributes_of("affiliated_with")[name].values for name in said}
    assert [name for name in offered if "=" in name] == [f"{name}={v}" for name in said for v in values[name]]
    asked = {
        name
        for (label, attribute), name in control_names(schema).items()
        if scope.asks_attribute(attribute) and (label is None or scope.asks_label(label))
    }
    everything = [c for tag in ("Choices", "Number", "TextArea") for c in root.iter(tag)]
    # The answer to a lead's question is no attribute; it is there once, whatever the profile.
    assert [c.get("name") for c in everything].count("tahkim-answer") == 1
    controls = [c for c in everything if c.get("name") != "tahkim-answer"]
    assert {control.get("name") for control in controls} == asked
    assert len(controls) == len(asked)
    assert all(control.get("toName") == "text" for control in (*controls, *root.iter("Labels")))


@pytest.mark.parametrize("profile", ["core", "full"])
def test_label_studio_shows_an_attribute_for_its_labels_only(schema: Schema, profile: str) -> None:
    root, scope = label_studio(schema, profile), schema.profile(profile)
    shown = set()
    for box in root.iter("View"):
        if box.get("visibleWhen"):
            assert (box.get("visibleWhen"), box.get("whenTagName")) == ("region-selected", "label")
            controls = [child for child in box if child.tag != "Header"]
            assert all(control.get("perRegion") == "true" for control in controls)
            shown |= {(label, c.get("name")) for label in box.get("whenLabelValue").split(",") for c in controls}
    wanted = {
        (label, name)
        for (label, attribute), name in control_names(schema).items()
        if label is not None and scope.asks_label(label) and scope.asks_attribute(attribute)
    }
    assert shown == wanted


def test_label_studio_has_the_values_of_each_attribute(schema: Schema) -> None:
    root = label_studio(schema, "full")
    names = control_names(schema)
    for label in schema.labels:
        for attribute in schema.attributes_of(label).values():
            (control,) = root.findall(f".//*[@name='{names[label, attribute.name]}']")
            wanted = {"choice": [str(v) for v in attribute.values], "bool": ["true", "false"]}.get(attribute.type, [])
            assert [choice.get("value") for choice in control] == wanted
            assert control.tag == {"int": "Number", "text": "TextArea"}.get(attribute.type, "Choices")


def test_the_document_attribute_is_asked_of_the_whole_text(schema: Schema) -> None:
    (control,) = label_studio(schema).findall(".//Choices[@name='no_event']")
    assert control.get("perRegion") is None


def test_arabic_runs_from_right_to_left_with_room_between_the_lines(schema: Schema) -> None:
    style = label_studio(schema).find("Style").text
    assert "direction: rtl" in style
    assert "line-height: 2.8" in style
    assert "direction: ltr" in label_studio(loads("labels: [PER]")).find("Style").text


def test_one_attribute_described_twice_has_two_controls_whose_names_begin_alike() -> None:
    schema = loads(
        """
labels: [A, B, C]
attributes:
  A: {size: {values: [big, small]}, text: {type: text}}
  B: {size: {values: [big]}}
  C: {size: {values: [big, small]}}
document_attributes: {size: {type: int}}
"""
    )
    assert control_names(schema) == {
        ("A", "size"): "size",
        ("A", "text"): "text-A",
        ("B", "size"): "size-B",
        ("C", "size"): "size",
        (None, "size"): "size-document",
    }
    boxes = [box.get("whenLabelValue") for box in label_studio(schema).iter("View") if box.get("visibleWhen")]
    assert boxes == ["A,C", "A", "B"]


def test_names_are_escaped() -> None:
    schema = loads("""labels: {'<A & "B">': {ar: '<شخص>', en: a < b}}""")
    (label,) = label_studio(schema).iter("Label")
    assert (label.get("value"), label.get("hint")) == ('<A & "B">', "<شخص> · a < b")


def test_doccano_gets_types_it_accepts(schema: Schema) -> None:
    types = json.loads(build(schema, "full")["doccano.json"])
    assert [each["text"] for each in types["span_types"]] == list(schema.labels)
    assert [each["text"] for each in types["relation_types"]] == list(schema.relations)
    for kinds in types.values():
        keys = [each["suffix_key"] for each in kinds]
        assert len(set(keys)) == len(keys)
        assert set(keys) <= set(string.digits + string.ascii_lowercase)
        for each in kinds:
            assert each["prefix_key"] is None
            assert len(each["background_color"]) == len(each["text_color"]) == 7
    core = json.loads(build(schema)["doccano.json"])
    assert "MIL_MOVE" not in [each["text"] for each in core["span_types"]]


def test_text_on_a_dark_label_is_light() -> None:
    schema = loads('labels: {A: {color: "#000080"}, B: {color: "#ffff80"}}')
    types = json.loads(build(schema)["doccano.json"])["span_types"]
    assert [each["text_color"] for each in types] == ["#ffffff", "#1a1a1a"]


def test_a_least_schema_builds_too() -> None:
    built = build(loads("labels: [PER, ORG]"))
    assert [label.get("value") for label in ElementTree.fromstring(built["label_studio.xml"]).iter("Label")] == [
        "PER",
        "ORG",
    ]
    assert json.loads(built["doccano.json"])["relation_types"] == []


def test_an_unknown_profile_is_refused(schema: Schema) -> None:
    with pytest.raises(UsageError) as caught:
        build(schema, "tiny")
    assert str(caught.value) == "unknown profile 'tiny' (known: full, core)"
