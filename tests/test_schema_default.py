"""The project's own schema says what the design says, is pleasant on a screen, and fits real annotations."""

from __future__ import annotations

import json
from itertools import combinations
from math import dist
from pathlib import Path

import pytest

import tahkim
from tahkim.errors import SchemaError
from tahkim.interchange import decode
from tahkim.schema import Schema, check, default_path, describe, load
from tahkim.schema.tools import contrast

TYPES = {"bool": "bool", "int": "int", "int|null": "int"}
OWNERS = {
    "casualty": "CASUALTY",
    "actor": "ACTOR",
    "time": "TIME",
    "loc": "LOC",
    "asset": "ASSET",
    "person": "PERSON",
    "source": "SOURCE",
    "weapon": "WEAPON",
}


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load()


@pytest.fixture(scope="module")
def design(shared_data: Path) -> dict:
    return json.loads((shared_data.parent / "design" / "schema.json").read_text("utf-8"))


def test_labels_and_tiers_are_those_of_the_design(schema: Schema, design: dict) -> None:
    assert schema.version == design["schema_version"]
    assert list(schema.labels) == design["entity_labels"] + design["event_labels"]
    assert {n for n, label in schema.labels.items() if label.kind == "event"} == set(design["event_labels"])
    assert [n for n, label in schema.labels.items() if label.tier == 2] == design["tier2_labels"]
    assert {n for n, relation in schema.relations.items() if relation.tier == 2} == set(design["tier2_relations"])


def test_relations_are_those_of_the_design(schema: Schema, design: dict) -> None:
    assert set(schema.relations) == set(design["relations"])
    for name, given in design["relations"].items():
        for end in ("domain", "range"):
            wanted = design["event_labels"] if given[end] == "EVENT" else given[end]
            assert getattr(schema.relations[name], end) == set(wanted), (name, end)
        assert schema.relations[name].symmetric == given.get("symmetric", False)
        assert schema.relations[name].transitive == given.get("transitive", False)


def test_attributes_are_those_of_the_design(schema: Schema, design: dict) -> None:
    owners = OWNERS.items() | {("event", label) for label in design["event_labels"]}
    for owner, label in owners:
        given = design[f"{owner}_attributes"]
        ours = schema.attributes_of(label)
        assert set(ours) == set(given)
        for name, what in given.items():
            if isinstance(what, list):
                assert list(ours[name].values) == what
            else:
                assert ours[name].type == TYPES.get(what, "text")
    for label, groups in design["attribute_groups"].items():
        assert schema.attribute_groups(label) == [tuple(group) for group in groups]
    assert set(schema.relation_attributes_of("affiliated_with")) == {"certainty", "kind"}
    assert set(schema.relation_attributes_of("place")) == {"certainty"}


def test_the_core_profile_asks_for_tier_1_and_eight_attributes(schema: Schema, design: dict) -> None:
    core = schema.profile(schema.default_profile)
    assert core.labels == set(schema.labels) - set(design["tier2_labels"])
    assert core.relations == set(schema.relations) - set(design["tier2_relations"])
    assert core.attributes == {*design["profiles"]["core"]["attributes"], "no_event"}


def test_real_annotations_follow_the_schema(schema: Schema, shared_data: Path) -> None:
    texts = {}
    for line in (shared_data / "reports.jsonl").read_text("utf-8").splitlines():
        report = json.loads(line)
        texts[report["id"]] = report["text"]
    annotations = (shared_data / "report_annotations.jsonl").read_text("utf-8").splitlines()
    assert len(annotations) == 33
    for line in annotations:
        annotation = decode(json.loads(line)).annotation
        assert check(annotation, schema, texts[annotation.doc_id]) == []


def test_every_label_and_relation_has_names_and_a_hot_key(schema: Schema) -> None:
    for kinds in (schema.labels, schema.relations):
        keys = [kind.key for kind in kinds.values()]
        assert None not in keys
        assert len(set(keys)) == len(keys)
        for kind in kinds.values():
            assert "؀" <= kind.ar[0] <= "ۿ"
            assert kind.en.isascii()


def test_dark_text_is_readable_on_every_label(schema: Schema) -> None:
    """WCAG 2.2 asks for 4.5 at level AA; white around the arcs of relations needs 3."""
    assert all(contrast("#1a1a1a", label.color) >= 4.5 for label in schema.labels.values())
    assert all(contrast("#ffffff", relation.color) >= 3 for relation in schema.relations.values())


def test_colours_can_be_told_apart(schema: Schema) -> None:
    """Twice what an eye can just tell apart (0.02 in OKLab) is the least between any two."""
    for kinds in (schema.labels, schema.relations):
        colours = [oklab(kind.color) for kind in kinds.values()]
        assert min(dist(one, other) for one, other in combinations(colours, 2)) > 0.04


def oklab(color: str) -> tuple[float, float, float]:
    """Björn Ottosson's perceptual colour space, where distances are about as large as they look."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def test_it_lies_in_the_checkout_where_the_wheel_takes_it_from(schema: Schema) -> None:
    assert default_path().parts[-2:] == ("label_config", "schema.yaml")


def test_an_installed_package_brings_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "lib" / "tahkim"
    (package / "label_config").mkdir(parents=True)
    monkeypatch.setattr(tahkim, "__file__", str(package / "__init__.py"))
    with pytest.raises(SchemaError) as caught:
        default_path()
    assert str(caught.value) == (
        f"{package} has no label_config/schema.yaml: install tahkim anew, or name a schema file"
    )
    (package / "label_config" / "schema.yaml").write_text("labels: [A]", "utf-8")
    assert list(load().labels) == ["A"]


def test_a_table_of_it_has_a_row_for_each_label_and_relation(schema: Schema) -> None:
    rows = {row.name: row for row in describe(schema)}
    assert list(rows) == [*schema.labels, *schema.relations]
    assert rows["KILL"].what == "event"
    assert rows["LOC"].details == "loc_type, spatial_mod, gaz"
    assert rows["victim"].details == "AIRSTRIKE, SHELLING, EXPLOSION, CLASH, ATTACK, KILL, INJURE → PERSON, CASUALTY"
