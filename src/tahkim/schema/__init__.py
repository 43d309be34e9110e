"""The annotation schema: read from one YAML file, held against annotations, turned into the tools' configurations."""

from tahkim.schema.checking import check
from tahkim.schema.definition import Attribute, Label, RelationType, Row, Schema, describe
from tahkim.schema.reading import default_path, load, loads, read
from tahkim.schema.tools import build, control_names

__all__ = [
    "Attribute",
    "Label",
    "RelationType",
    "Row",
    "Schema",
    "build",
    "check",
    "control_names",
    "default_path",
    "describe",
    "load",
    "loads",
    "read",
]
