"""What a schema is once it is read: labels, relations, attributes and profiles as frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal, NamedTuple

from msgspec import Struct, field

from tahkim.errors import UsageError
from tahkim.model import FULL_SCOPE, Scope

Kind = Literal["entity", "event"]
ValueType = Literal["choice", "bool", "int", "number", "text"]
Level = Literal["nominal", "ordinal", "interval", "ratio"]
Direction = Literal["ltr", "rtl"]


class Attribute(Struct, frozen=True):
    """Something that can be said of a span, a relation or a document.

    A choice is one of `values` (strings or whole numbers, in the file's order); the other types have none.
    `level` is the level of measurement at which agreement on it is counted.
    """

    name: str
    type: ValueType
    values: tuple[str | int, ...] = ()
    level: Level = "nominal"
    ar: str = ""
    en: str = ""


class Label(Struct, frozen=True):
    """A label of spans. `key` is its hot key (one of 0-9, a-z), `color` a background as `#rrggbb`."""

    name: str
    color: str
    kind: Kind = "entity"
    tier: int = 1
    key: str | None = None
    ar: str = ""
    en: str = ""


class RelationType(Struct, frozen=True):
    """A label of relations, and the span labels an arc may run from (`domain`) and to (`range`)."""

    name: str
    color: str
    domain: frozenset[str]
    range: frozenset[str]
    symmetric: bool = False
    transitive: bool = False
    tier: int = 1
    key: str | None = None
    ar: str = ""
    en: str = ""


class Schema(Struct, frozen=True, kw_only=True, dict=True):
    """What annotators may mark. An empty `Schema()` knows no label and forbids no overlap."""

    version: str = ""
    direction: Direction = "ltr"
    overlap_allowed: bool = True
    labels: Mapping[str, Label] = {}
    relations: Mapping[str, RelationType] = {}
    attributes: Mapping[str, Mapping[str, Attribute]] = {}
    relation_attributes: Mapping[str, Mapping[str, Attribute]] = {}
    document_attributes: Mapping[str, Attribute] = {}
    groups: Mapping[str, tuple[tuple[str, ...], ...]] = {}
    profiles: Mapping[str, Scope] = field(default_factory=lambda: {"full": FULL_SCOPE})
    default_profile: str = "full"

    @property
    def arrow(self) -> str:
        """An arrow that points the way its texts are read, for what stands between two of their words."""
        return "←" if self.direction == "rtl" else "→"

    def attributes_of(self, label: str) -> Mapping[str, Attribute]:
        """The attributes a span of this label may have, by name, in the file's order; none for a label not known."""
        return self.attributes.get(label, {})

    def relation_attributes_of(self, label: str) -> Mapping[str, Attribute]:
        """The attributes a relation of this label may have, by name, in the file's order."""
        return self.relation_attributes.get(label, {})

    def attribute_groups(self, label: str) -> list[tuple[str, ...]]:
        """Attributes of a label that are merged as one value."""
        return list(self.groups.get(label, ()))

    def label_order(self, label: str) -> int:
        """The place of a label in the file, from 0; labels not known come after all others."""
        return self._order.get(label, len(self.labels))

    @cached_property
    def _order(self) -> dict[str, int]:
        return {label: place for place, label in enumerate(self.labels)}

    def profile(self, name: str) -> Scope:
        """What annotators of a profile are asked for. UsageError names the known profiles."""
        if name not in self.profiles:
            raise UsageError(f"unknown profile {name!r} (known: {', '.join(self.profiles)})")
        return self.profiles[name]


class Row(NamedTuple):
    """A line of a table that shows a schema; `details` says what the label or relation may have."""

    what: str
    name: str
    ar: str
    en: str
    tier: int
    key: str
    color: str
    details: str


def describe(schema: Schema) -> Iterator[Row]:
    """The labels, then the relations of a schema, for a reader."""
    for label in schema.labels.values():
        details = ", ".join(schema.attributes_of(label.name))
        yield Row(label.kind, label.name, label.ar, label.en, label.tier, label.key or "", label.color, details)
    for relation in schema.relations.values():
        details = f"{_names(relation.domain, schema)} → {_names(relation.range, schema)}"
        yield Row(
            "relation",
            relation.name,
            relation.ar,
            relation.en,
            relation.tier,
            relation.key or "",
            relation.color,
            details,
        )


def _names(labels: frozenset[str], schema: Schema) -> str:
    return ", ".join(sorted(labels, key=schema.label_order))
