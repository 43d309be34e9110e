"""Reading a schema file, which is YAML (and so JSON too): every error names the file and the line.

The least a file may hold is `labels: [PER, ORG]`; all that it may say stands, with comments, in the project's own
`label_config/schema.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict, TypeVar, cast, get_args

import tahkim
from tahkim.errors import SchemaError
from tahkim.model import FULL_SCOPE, Scope
from tahkim.schema.definition import Attribute, Direction, Kind, Label, Level, RelationType, Schema, ValueType
from tahkim.schema.entries import NOTHING, Entry, compose
from tahkim.schema.wording import suggestion

T = TypeVar("T")
Members = Mapping[str, frozenset[str]]
"""What a name in the file stands for: a label for itself, a group for its labels."""
Attributes = dict[str, dict[str, Attribute]]

_SECTIONS = (
    "version",
    "direction",
    "overlap",
    "labels",
    "groups",
    "relations",
    "attributes",
    "attribute_groups",
    "relation_attributes",
    "document_attributes",
    "profiles",
    "default_profile",
)
_LABEL_NAME = re.compile(r"[^\s,][^,\x00-\x1f\x7f]{0,99}")  # tools take lists of labels with commas between
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")  # it names a control in Label Studio
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_KEY = re.compile(r"[0-9a-z]")  # what doccano takes
_TIER = re.compile(r"[1-9]")
_UP_TO_TIER = re.compile(r"tier ([1-9])")
# Pale enough for dark text; what has no colour of its own takes them in turn.
_PALETTE = ("#feb9b8", "#a8f2c1", "#c2e2ff", "#fed6af", "#ccc6ff", "#d1d486", "#ffccf2", "#76e2e7")


def default_path() -> Path:
    """Where the project's own schema lies: in the installed package, or at the root of a checkout."""
    package = Path(tahkim.__file__).parent
    for folder in (package, package.parents[1]):
        path = folder / "label_config" / "schema.yaml"
        if path.is_file():
            return path
    raise SchemaError(f"{package} has no label_config/schema.yaml: install tahkim anew, or name a schema file")


def load(path: Path | None = None) -> Schema:
    """Read and validate a schema file, the project's own by default. SchemaError names file, line and fault."""
    path = path or default_path()
    return loads(read(path), str(path))


def read(path: Path) -> str:
    """The text of a schema file; SchemaError where there is none to read."""
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise SchemaError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SchemaError(f"{path}: is not UTF-8 (byte {error.start})") from None


def loads(text: str, name: str = "schema") -> Schema:
    """Validate a schema given as text; `name` stands for the file in errors.

    >>> schema = loads("labels: [PER, ORG]")
    >>> list(schema.labels), schema.overlap_allowed, schema.default_profile
    (['PER', 'ORG'], True, 'full')
    """
    root = compose(text, name)
    fields = root.fields(_SECTIONS)
    if "labels" not in fields:
        raise root.wrong("labels are missing")
    labels = _labels(fields["labels"])
    members = _groups(labels, _section(fields, "groups"))
    relations = _relations(_section(fields, "relations"), members)
    arcs: Members = {"ANY": frozenset(relations)} | {name: frozenset({name}) for name in relations}
    attributes = _attributes(_section(fields, "attributes"), members)
    of_relations = _attributes(_section(fields, "relation_attributes"), arcs)
    of_document = _described(_section(fields, "document_attributes"))
    names = {name for each in (*attributes.values(), *of_relations.values(), of_document) for name in each}
    every_attribute = {name: frozenset({name}) for name in sorted(names)}
    profiles = {"full": FULL_SCOPE}
    for profile, below in _section(fields, "profiles").fields().items():
        asked = below.fields(Scope.__struct_fields__)
        profiles[profile] = Scope(
            _asked(asked.get("labels"), members, labels),
            _asked(asked.get("relations"), arcs, relations),
            _asked(asked.get("attributes"), every_attribute, {}),
        )
    return Schema(
        version=_read(fields, "version", Entry.text, ""),
        direction=cast(Direction, _read(fields, "direction", lambda e: e.one_of(get_args(Direction)), "ltr")),
        overlap_allowed=_read(fields, "overlap", Entry.flag, True),
        labels=labels,
        relations=relations,
        attributes=attributes,
        relation_attributes=of_relations,
        document_attributes=of_document,
        groups=_attribute_groups(_section(fields, "attribute_groups"), attributes),
        profiles=profiles,
        default_profile=_read(fields, "default_profile", lambda entry: entry.one_of(profiles), "full"),
    )


def _section(fields: Mapping[str, Entry], name: str) -> Entry:
    """A part of the file; one that is not there is empty."""
    return fields.get(name) or Entry("", name, 0, NOTHING)


def _read(fields: Mapping[str, Entry], key: str, reader: Callable[[Entry], T], default: T) -> T:
    return reader(fields[key]) if key in fields else default


class _Look(TypedDict):
    """What labels and relations have in common."""

    tier: int
    key: str | None
    color: str
    ar: str
    en: str


_LOOK = tuple(_Look.__annotations__)


def _look(name: str, fields: Mapping[str, Entry], keys: dict[str, str], nth: int) -> _Look:
    """How the `nth` label or relation is shown; `keys` says whose each hot key is so far, and learns this one's."""
    key = _read(fields, "key", lambda entry: entry.matching(_KEY, "a hot key: one of 0-9 or a-z"), None)
    if key in keys:
        raise fields["key"].wrong(f"{key} is the hot key of {keys[key]}")
    if key is not None:
        keys[key] = name
    return {
        "tier": int(_read(fields, "tier", lambda entry: entry.matching(_TIER, "a tier: one of 1 to 9"), "1")),
        "key": key,
        "color": _read(fields, "color", _color, _PALETTE[nth % len(_PALETTE)]),
        "ar": _read(fields, "ar", Entry.text, name),
        "en": _read(fields, "en", Entry.text, name),
    }


def _color(entry: Entry) -> str:
    return entry.matching(_COLOR, 'a colour: write it as "#rrggbb", in quotes').lower()


def _labels(entry: Entry) -> dict[str, Label]:
    labels: dict[str, Label] = {}
    keys: dict[str, str] = {}
    for name, below in entry.named().items():
        _check_name(name, below)
        fields = below.fields(("kind", *_LOOK))
        kind = cast(Kind, _read(fields, "kind", lambda each: each.one_of(get_args(Kind)), "entity"))
        labels[name] = Label(name, kind=kind, **_look(name, fields, keys, len(labels)))
    if not labels:
        raise entry.wrong("a schema needs a label")
    return labels


def _check_name(name: str, entry: Entry) -> None:
    if not _LABEL_NAME.fullmatch(name):
        raise entry.wrong("a name has no comma or line break and at most 100 characters")


def _groups(labels: Mapping[str, Label], entry: Entry) -> Members:
    """What each name stands for. A label is stronger than a group that is always there, so it may be called EVENT."""
    members = {
        "ANY": frozenset(labels),
        "ENTITY": frozenset(name for name, label in labels.items() if label.kind == "entity"),
        "EVENT": frozenset(name for name, label in labels.items() if label.kind == "event"),
    }
    members |= {name: frozenset({name}) for name in labels}
    for name, below in entry.fields().items():
        if name in members:
            raise below.wrong(f"{name} is the name of a label or group already")
        members[name] = _members(below, members)
    return members


def _members(entry: Entry, members: Members) -> frozenset[str]:
    """All labels that the names of a list stand for."""
    found: set[str] = set()
    for item in entry.items():
        name = item.text()
        if name not in members:
            raise item.wrong(f"unknown name {name} ({suggestion(name, members)})")
        found |= members[name]
    return frozenset(found)


def _relations(entry: Entry, members: Members) -> dict[str, RelationType]:
    relations: dict[str, RelationType] = {}
    keys: dict[str, str] = {}
    for name, below in entry.named().items():
        _check_name(name, below)
        fields = below.fields(("domain", "range", "symmetric", "transitive", *_LOOK))
        relation = RelationType(
            name,
            domain=_read(fields, "domain", lambda each: _members(each, members), members["ANY"]),
            range=_read(fields, "range", lambda each: _members(each, members), members["ANY"]),
            symmetric=_read(fields, "symmetric", Entry.flag, False),
            transitive=_read(fields, "transitive", Entry.flag, False),
            **_look(name, fields, keys, len(relations)),
        )
        if relation.symmetric and relation.domain != relation.range:
            raise fields["symmetric"].wrong("a relation without direction has the same domain and range")
        relations[name] = relation
    return relations


def _attributes(entry: Entry, members: Members) -> Attributes:
    """Attributes by label (or relation) and name; the file gives them by label or group."""
    found: Attributes = {}
    for owner, below in entry.fields().items():
        if owner not in members:
            raise below.wrong(f"unknown name {owner} ({suggestion(owner, members)})")
        described = _described(below)
        for label in sorted(members[owner]):
            own = found.setdefault(label, {})
            for name in described:
                if name in own:
                    raise below.wrong(f"{label} has the attribute {name} already")
            own |= described
    return found


def _described(entry: Entry) -> dict[str, Attribute]:
    return {name: _attribute(name, below) for name, below in entry.fields().items()}


def _attribute(name: str, entry: Entry) -> Attribute:
    if not _ATTRIBUTE_NAME.fullmatch(name):
        raise entry.wrong("the name of an attribute is made of A-Z, a-z, 0-9 and _, a letter first")
    fields = entry.fields(("type", "values", "level", "ar", "en"))
    values = _values(fields["values"]) if "values" in fields else ()
    given = _read(fields, "type", lambda each: each.one_of(get_args(ValueType)), "choice" if values else "")
    if not given:
        raise entry.wrong("needs values, or a type (bool, int, number, text)")
    if (given == "choice") != bool(values):
        raise fields["type"].wrong("a choice needs values" if given == "choice" else f"{given} takes no values")
    numeric = given in ("int", "number")
    level = _read(fields, "level", lambda each: each.one_of(get_args(Level)), "ratio" if numeric else "nominal")
    numbers = numeric or (values and all(isinstance(value, int) for value in values))
    if level in ("interval", "ratio") and not numbers:
        raise fields["level"].wrong(f"{level} needs numbers")
    return Attribute(
        name,
        type=cast(ValueType, given),
        values=values,
        level=cast(Level, level),
        ar=_read(fields, "ar", Entry.text, name),
        en=_read(fields, "en", Entry.text, name),
    )


def _values(entry: Entry) -> tuple[str | int, ...]:
    values: list[str | int] = []
    for item in entry.items():
        value = item.choice()
        if value in values:
            raise item.wrong(f"{value} stands twice")
        values.append(value)
    if not values:
        raise entry.wrong("a choice needs values")
    return tuple(values)


def _attribute_groups(entry: Entry, attributes: Attributes) -> dict[str, tuple[tuple[str, ...], ...]]:
    groups: dict[str, tuple[tuple[str, ...], ...]] = {}
    for label, below in entry.fields().items():
        if label not in attributes:
            raise below.wrong(f"no label with attributes is called {label} ({suggestion(label, attributes)})")
        seen: set[str] = set()
        for item in (item for group in below.items() for item in group.items()):
            name = item.one_of(attributes[label])
            if name in seen:
                raise item.wrong(f"{name} is in a group already")
            seen.add(name)
        groups[label] = tuple(tuple(item.text() for item in group.items()) for group in below.items())
    return groups


def _asked(
    entry: Entry | None, members: Members, tiered: Mapping[str, Label] | Mapping[str, RelationType]
) -> frozenset[str] | None:
    """What a profile asks for: None for `all`, else what a list of names stands for, or all up to a tier."""
    if entry is None:
        return None
    words = [item.text() for item in entry.items()]
    if words == ["all"] and "all" not in members:
        return None
    if tiered and len(words) == 1 and (tier := _UP_TO_TIER.fullmatch(words[0])):
        return frozenset(name for name, each in tiered.items() if each.tier <= int(tier[1]))
    return _members(entry, members)
