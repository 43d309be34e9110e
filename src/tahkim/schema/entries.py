"""Values of a YAML file that know where they stand, so that a fault can be named by file and line.

The file is walked as nodes and not as loaded values: nodes have lines, and keep a key that is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import yaml

from tahkim.errors import SchemaError
from tahkim.schema.wording import suggestion

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there
_TAG = "tag:yaml.org,2002:"
_DEEPEST = 20
NOTHING = yaml.ScalarNode(_TAG + "null", "")


@dataclass(frozen=True)
class Entry:
    """A value of the file: what it is called in errors, the line it stands on (from 1), and its node."""

    file: str
    name: str
    line: int
    node: yaml.Node

    def wrong(self, message: str) -> SchemaError:
        place = f"{self.name}: " if self.name else ""
        return SchemaError(f"{self.file}:{self.line}: {place}{message}")

    def fields(self, known: Collection[str] | None = None) -> dict[str, Entry]:
        """The entries of a mapping by key, `known` keys only if given. A key with nothing after it has no fields."""
        if self.node.tag == _TAG + "null":
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong("must be a mapping of keys to values")
        found: dict[str, Entry] = {}
        for key_node, value_node in self.node.value:
            line = key_node.start_mark.line + 1
            key = Entry(self.file, self.name, line, key_node)
            name = key.text()
            if name in found:
                raise key.wrong(f"{name} stands twice")
            if known is not None and name not in known:
                raise key.wrong(f"unknown key {name} ({suggestion(name, known)})")
            found[name] = Entry(self.file, f"{self.name} {name}".strip(), line, value_node)
        return found

    def named(self) -> dict[str, Entry]:
        """Like `fields`, but a list of names will do too: each is a key with nothing after it."""
        if not isinstance(self.node, yaml.SequenceNode):
            return self.fields()
        found: dict[str, Entry] = {}
        for item in self.items():
            name = item.text()
            if name in found:
                raise item.wrong(f"{name} stands twice")
            found[name] = Entry(self.file, f"{self.name} {name}".strip(), item.line, NOTHING)
        return found

    def items(self) -> list[Entry]:
        """The entries of a list; a single value is a list of one."""
        if not isinstance(self.node, yaml.SequenceNode):
            return [self]
        return [Entry(self.file, self.name, node.start_mark.line + 1, node) for node in self.node.value]

    def text(self) -> str:
        """A scalar as it is written. What YAML takes for true, false or nothing (`no`, `on`, `~`) must be quoted."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.wrong("must be a single text")
        value: str = self.node.value
        if self.node.tag in (_TAG + "bool", _TAG + "null"):
            raise self.wrong(f"must be a text: put {value} in quotes" if value else "is empty")
        if not value.strip():
            raise self.wrong("is empty")
        return value

    def flag(self) -> bool:
        if self.node.tag != _TAG + "bool":
            raise self.wrong("must be true or false")
        return str(self.node.value).lower() in ("true", "yes", "on")

    def choice(self) -> str | int:
        """A text, or a whole number where one is written without quotes."""
        value = self.text()
        return int(value) if self.node.tag == _TAG + "int" and value.isdecimal() else value

    def one_of(self, known: Collection[str]) -> str:
        value = self.text()
        if value not in known:
            raise self.wrong(f"unknown value {value} ({suggestion(value, known)})")
        return value

    def matching(self, pattern: re.Pattern[str], wanted: str) -> str:
        value = self.text()
        if not pattern.fullmatch(value):
            raise self.wrong(f"{value} is not {wanted}")
        return value


def compose(text: str, file: str) -> Entry:
    """The whole of a YAML text. SchemaError where it is not YAML, or empty."""
    try:
        _refuse_depth(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SchemaError(f"{file}:{line}: is not YAML: {error.problem}") from None
    except UnicodeEncodeError as error:
        raise SchemaError(f"{file}: holds a lone surrogate at character {error.start}") from None
    except yaml.YAMLError as error:
        raise SchemaError(f"{file}: is not YAML: {' '.join(str(error).split())}") from None
    if node is None:
        raise SchemaError(f"{file}: is empty: the least a schema holds is its labels")
    return Entry(file, "", 1, node)


def _refuse_depth(text: str, file: str) -> None:
    """libyaml builds nodes recursively and ends the process where a hostile text nests them deep enough."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise SchemaError(f"{file}: is nested more than {_DEEPEST} levels deep")
