"""A schema file is read, or refused with the file, the line and the fault."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tahkim.errors import SchemaError, UsageError
from tahkim.model import FULL_SCOPE, Scope
from tahkim.schema import Schema, default_path, load, loads


def test_the_least_schema_is_a_list_of_labels() -> None:
    schema = loads("labels: [PER, ORG, EVENT]")
    assert list(schema.labels) == ["PER", "ORG", "EVENT"]
    assert (schema.relations, schema.overlap_allowed, schema.direction) == ({}, True, "ltr")
    assert schema.profile(schema.default_profile) == FULL_SCOPE
    assert len({label.color for label in schema.labels.values()}) == 3


def test_json_is_yaml_too() -> None:
    schema = loads(json.dumps({"version": "7", "labels": {"PER": {"color": "#AABBCC", "key": "p"}}}))
    assert (schema.version, schema.labels["PER"].color, schema.labels["PER"].key) == ("7", "#aabbcc", "p")


def test_groups_stand_for_their_labels() -> None:
    schema = loads(
        """
labels:
  A:
  B: {kind: event}
  C: {kind: event}
groups:
  SOME: [A, B]
  MORE: [SOME, C]
relations:
  r: {domain: EVENT, range: MORE}
  s: {domain: ENTITY, range: ANY}
  t:
"""
    )
    ranges = {name: (sorted(each.domain), sorted(each.range)) for name, each in schema.relations.items()}
    assert ranges == {"r": (["B", "C"], ["A", "B", "C"]), "s": (["A"], ["A", "B", "C"]), "t": (["A", "B", "C"],) * 2}


def test_a_label_may_be_called_like_a_group_that_is_always_there() -> None:
    schema = loads("labels: [EVENT, PLACE]\nrelations: {at: {domain: EVENT, range: PLACE}}")
    assert schema.relations["at"].domain == {"EVENT"}


def test_attributes_belong_to_labels_and_groups() -> None:
    schema = loads(
        """
labels: {A: , B: {kind: event}}
relations: [r, s]
attributes:
  ANY: {n: {type: int}}
  B: {c: {values: [x, 2], level: ordinal}, t: {type: text}}
attribute_groups: {B: [[n, c]]}
relation_attributes: {ANY: {sure: {type: bool}}, s: {kind: {values: [k]}}}
document_attributes: {empty: {type: bool}}
"""
    )
    assert list(schema.attributes_of("A")) == ["n"]
    assert list(schema.attributes_of("B")) == ["n", "c", "t"]
    assert schema.attributes_of("C") == {}
    assert [a.level for a in schema.attributes_of("B").values()] == ["ratio", "ordinal", "nominal"]
    assert schema.attributes_of("B")["c"].values == ("x", 2)
    assert (schema.attribute_groups("A"), schema.attribute_groups("B")) == ([], [("n", "c")])
    assert list(schema.relation_attributes_of("r")) == ["sure"]
    assert list(schema.relation_attributes_of("s")) == ["sure", "kind"]
    assert schema.document_attributes["empty"].type == "bool"


def test_profiles_ask_for_names_tiers_or_all() -> None:
    schema = loads(
        """
labels: {A: , B: {tier: 2}, C: {tier: 3}}
relations: {r: {tier: 1}, s: {tier: 2}}
attributes: {A: {n: {type: int}}}
profiles:
  some: {labels: tier 2, relations: tier 1, attributes: []}
  named: {labels: [A, C], attributes: n}
default_profile: some
"""
    )
    assert schema.profile("some") == Scope(frozenset("AB"), frozenset("r"), frozenset())
    assert schema.profile("named") == Scope(frozenset("AC"), None, frozenset("n"))
    assert schema.profile("full") == FULL_SCOPE
    with pytest.raises(UsageError) as caught:
        schema.profile("none")
    assert str(caught.value) == "unknown profile 'none' (known: full, some, named)"


def test_labels_not_known_come_last() -> None:
    schema = loads("labels: [B, A]")
    assert [schema.label_order(label) for label in ("B", "A", "C")] == [0, 1, 2]


def test_an_empty_schema_forbids_nothing() -> None:
    schema = Schema()
    assert schema.overlap_allowed
    assert (schema.label_order("X"), schema.attribute_groups("X"), schema.profile("full")) == (0, [], FULL_SCOPE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "s.yaml: is empty: the least a schema holds is its labels"),
        ("version: 1", "s.yaml:1: labels are missing"),
        ("labels:", "s.yaml:1: labels: a schema needs a label"),
        ("- A", "s.yaml:1: must be a mapping of keys to values"),
        ("labels: [A", "s.yaml:2: is not YAML: did not find expected ',' or ']'"),
        ("labels: [A]\nlabels: [B]", "s.yaml:2: labels stands twice"),
        ("labels: [A, B,\n A]", "s.yaml:2: labels: A stands twice"),
        ("labels:\n  A:\n  B:\n  A:", "s.yaml:4: labels: A stands twice"),
        ("labels: [A]\nlabel: [B]", "s.yaml:2: unknown key label (did you mean labels?)"),
        ("labels:\n  A:\n    colour: x", "s.yaml:3: labels A: unknown key colour (did you mean color?)"),
        ("labels: [no]", "s.yaml:1: labels: must be a text: put no in quotes"),
        ("labels: [[A]]", "s.yaml:1: labels: must be a single text"),
        ('labels: ["a,b"]', "s.yaml:1: labels a,b: a name has no comma or line break and at most 100 characters"),
        ("labels: {A: {kind: evnt}}", "s.yaml:1: labels A kind: unknown value evnt (did you mean event?)"),
        ("labels: {A: {tier: 0}}", "s.yaml:1: labels A tier: 0 is not a tier: one of 1 to 9"),
        ("labels: {A: {key: ctrl}}", "s.yaml:1: labels A key: ctrl is not a hot key: one of 0-9 or a-z"),
        ("labels:\n  A: {key: 1}\n  B: {key: 1}", "s.yaml:3: labels B key: 1 is the hot key of A"),
        (
            "labels:\n  A:\n    color: red",
            's.yaml:3: labels A color: red is not a colour: write it as "#rrggbb", in quotes',
        ),
        ("labels:\n  A:\n    color: #ff0000", "s.yaml:3: labels A color: is empty"),
        ("labels: [A]\noverlap: maybe", "s.yaml:2: overlap: must be true or false"),
        ("labels: [A]\ndirection: up", "s.yaml:2: direction: unknown value up (known: ltr, rtl)"),
        ("labels: [A]\ngroups: {A: [A]}", "s.yaml:2: groups A: A is the name of a label or group already"),
        ("labels: [A]\ngroups: {G: [H]}", "s.yaml:2: groups G: unknown name H (known: ANY, ENTITY, EVENT, A)"),
        (
            "labels: [ATTACK]\nrelations:\n  r:\n    domain: ATACK",
            "s.yaml:4: relations r domain: unknown name ATACK (did you mean ATTACK?)",
        ),
        (
            "labels: [A, B]\nrelations:\n  r:\n    domain: A\n    range: B\n    symmetric: true",
            "s.yaml:6: relations r symmetric: a relation without direction has the same domain and range",
        ),
        ("labels: [A]\nattributes: {B: }", "s.yaml:2: attributes B: unknown name B (known: ANY, ENTITY, EVENT, A)"),
        (
            "labels: [A]\nattributes:\n  A:\n    n:",
            "s.yaml:4: attributes A n: needs values, or a type (bool, int, number, text)",
        ),
        (
            "labels: [A]\nattributes:\n  A:\n    n: {type: choice}",
            "s.yaml:4: attributes A n type: a choice needs values",
        ),
        (
            "labels: [A]\nattributes:\n  A:\n    n: {values: []}",
            "s.yaml:4: attributes A n values: a choice needs values",
        ),
        (
            "labels: [A]\nattributes:\n  A:\n    n: {type: int, values: [1]}",
            "s.yaml:4: attributes A n type: int takes no values",
        ),
        ("labels: [A]\nattributes: {A: {n: {values: [x, x]}}}", "s.yaml:2: attributes A n values: x stands twice"),
        (
            "labels: [A]\nattributes: {A: {n: {values: [x, on]}}}",
            "s.yaml:2: attributes A n values: must be a text: put on in quotes",
        ),
        (
            "labels: [A]\nattributes: {A: {n: {type: text, level: ratio}}}",
            "s.yaml:2: attributes A n level: ratio needs numbers",
        ),
        (
            "labels: [A]\nattributes: {A: {n-1: {type: int}}}",
            "s.yaml:2: attributes A n-1: the name of an attribute is made of A-Z, a-z, 0-9 and _, a letter first",
        ),
        (
            "labels: [A]\nattributes:\n  ANY: {n: {type: int}}\n  A: {n: {type: int}}",
            "s.yaml:4: attributes A: A has the attribute n already",
        ),
        (
            "labels: [A]\nattributes: {A: {n: {type: int}}}\nattribute_groups: {A: [[n], [n]]}",
            "s.yaml:3: attribute_groups A: n is in a group already",
        ),
        (
            "labels: [A]\nattributes: {A: {n: {type: int}}}\nattribute_groups: {A: [[m]]}",
            "s.yaml:3: attribute_groups A: unknown value m (known: n)",
        ),
        (
            "labels: [A]\nattribute_groups: {A: [[m]]}",
            "s.yaml:2: attribute_groups A: no label with attributes is called A (known: none)",
        ),
        (
            "labels: [A]\nprofiles: {p: {labels: [B]}}",
            "s.yaml:2: profiles p labels: unknown name B (known: ANY, ENTITY, EVENT, A)",
        ),
        (
            "labels: [A]\nprofiles: {p: {attributes: n}}",
            "s.yaml:2: profiles p attributes: unknown name n (known: none)",
        ),
        ("labels: [A]\ndefault_profile: core", "s.yaml:2: default_profile: unknown value core (known: full)"),
        ("labels: \ud800", "s.yaml: holds a lone surrogate at character 8"),
        ("[" * 500, "s.yaml: is nested more than 20 levels deep"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        loads(text, "s.yaml")
    assert str(caught.value) == message


def test_a_text_nested_without_end_is_refused_by_us_or_by_the_parser() -> None:
    with pytest.raises(SchemaError, match=r"nested more than 20 levels|exceeded maximum nesting depth"):
        loads("[" * 100_000, "s.yaml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing, folder, latin = tmp_path / "none.yaml", tmp_path, tmp_path / "latin.yaml"
    latin.write_bytes("labels: [ä]".encode("latin-1"))
    for path, fault in (
        (missing, "cannot be read: No such file or directory"),
        (folder, "cannot be read: Is a directory"),
        (latin, "is not UTF-8 (byte 9)"),
    ):
        with pytest.raises(SchemaError) as caught:
            load(path)
        assert str(caught.value) == f"{path}: {fault}"


def test_a_damaged_schema_is_read_or_refused_but_never_breaks() -> None:
    generator = random.Random(3)
    lines = default_path().read_text("utf-8").splitlines()
    refused = 0
    for _ in range(150):
        damaged = list(lines)
        for _ in range(generator.randint(1, 3)):
            at = generator.randrange(len(damaged))
            change = generator.choice(["drop", "double", "indent", "cut", "swap"])
            line = damaged[at]
            other = generator.choice(lines)
            damaged[at : at + 1] = {
                "drop": [],
                "double": [line, line],
                "indent": [" " + line],
                "cut": [line[: len(line) // 2]],
                "swap": [other],
            }[change]
        try:
            loads("\n".join(damaged), "damaged.yaml")
        except SchemaError as error:
            refused += 1
            assert str(error).startswith("damaged.yaml:")
            assert "\n" not in str(error)
    assert refused > 50
