"""Colours of labels: those of the schema, and for labels it does not know some that are easy to tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tahkim.schema import Schema

OTHERS = ("#8ecae6", "#ffb703", "#a7d676", "#f4a6c0", "#c3aed6", "#f28f6b", "#7fd1c4", "#d9c179", "#b0b8c1", "#e0a3ff")


def palette(labels: Sequence[str], schema: Schema) -> Mapping[str, str]:
    """A background colour for each label, in the order given."""
    strange = [label for label in labels if label not in schema.labels]
    own = {label: OTHERS[place % len(OTHERS)] for place, label in enumerate(strange)}
    return {label: own[label] if label in own else schema.labels[label].color for label in labels}
