"""The annotation tools' own configurations, made from the schema and never written by hand.

Label Studio gets a labelling interface: buttons for the labels, the text, and beside it the attributes of whatever span
is selected; an attribute of relations is a further relation label, `certainty=hedged`. doccano gets its span and
relation types and has no attributes at all: those come from rules, files and leads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Comment, Element, SubElement, indent, tostring

from tahkim.model import Scope
from tahkim.schema.definition import Attribute, Label, RelationType, Schema

_DARK, _LIGHT = "#1a1a1a", "#ffffff"
_LABELS, _TEXT = "label", "text"  # the names of two controls of every interface
_STYLE = """
    .tahkim-labels {{ position: sticky; top: 0; z-index: 2; background: var(--color-neutral-background, #fff); }}
    .tahkim-note *, .tahkim-question * {{ white-space: pre-wrap; unicode-bidi: plaintext;
                   font-weight: 400; font-size: 1rem; }}
    .tahkim-note :empty, .tahkim-question:has(:empty), .tahkim-question:has(:empty) + .tahkim-answer
                   {{ display: none; }}
    .tahkim-question, .tahkim-answer {{ direction: {direction}; background: #fff6d6; color: #1a1a1a;
                   padding: 0 1em; }}
    .tahkim-page {{ display: flex; direction: {direction}; gap: 1.5em; align-items: flex-start; }}
    .tahkim-text {{ flex: 3; text-align: start; white-space: pre-wrap; }}
    .tahkim-text [class*=richtext__container], .tahkim-text [class*=richtext__container] *
                   {{ line-height: 2.8; font-size: 1.2rem;
                   font-family: "Noto Naskh Arabic", "Noto Sans", Tahoma, sans-serif !important; }}
    .tahkim-attributes {{ flex: 1; min-width: 14em; position: sticky; top: 5em; }}
  """


def build(schema: Schema, profile: str | None = None) -> dict[str, str]:
    """The text of each tool's configuration by file name, for what a profile asks (default: the schema's own).

    UsageError for a profile the schema has not.
    """
    scope = schema.profile(profile or schema.default_profile)
    return {"label_studio.xml": _label_studio(schema, scope), "doccano.json": _doccano(schema, scope)}


def control_names(schema: Schema) -> dict[tuple[str | None, str], str]:
    """The name of the Label Studio control for each label and attribute, with None for the document's attributes.

    It is the attribute's name, shared by all labels that describe it alike. Where labels describe one differently,
    the first has the name and each further description adds its label: `status`, then `status-CASUALTY`. What
    stands before the hyphen is the attribute.

    >>> from tahkim.schema import load
    >>> names = control_names(load())
    >>> names["CASUALTY", "status"], names["PERSON", "status"], names[None, "no_event"]
    ('status-CASUALTY', 'status', 'no_event')
    """
    names: dict[tuple[str | None, str], str] = {}
    controls: dict[tuple[bool, Attribute], str] = {}
    for label, attribute in _described(schema):
        control = (label is None, attribute)
        if control not in controls:
            taken = {_LABELS, _TEXT, *controls.values()}
            plain = attribute.name
            controls[control] = plain if plain not in taken else f"{plain}-{label or 'document'}"
        names[label, attribute.name] = controls[control]
    return names


def _described(schema: Schema) -> Iterator[tuple[str | None, Attribute]]:
    """Each attribute with each label that has it, in the order of the file; None is the document."""
    for label in schema.labels:
        for attribute in schema.attributes_of(label).values():
            yield label, attribute
    for attribute in schema.document_attributes.values():
        yield None, attribute


def _label_studio(schema: Schema, scope: Scope) -> str:
    root = Element("View")
    root.append(Comment(" Made from schema.yaml by `tahkim schema build`: change that file, not this one. "))
    SubElement(root, "Style").text = _STYLE.format(direction=schema.direction)
    relations = SubElement(root, "Relations")
    for relation in schema.relations.values():
        if scope.asks_relation(relation.name):
            SubElement(relations, "Relation", value=relation.name, background=relation.color)
    for said in _said_of_relations(schema, scope):
        SubElement(relations, "Relation", value=said)
    # Shown only where a task has one; a title is no object of the tool's, so that tasks without one are taken too.
    note = SubElement(root, "View", className="tahkim-note")
    SubElement(note, "Header", value="$note", size="5")
    question = SubElement(root, "View", className="tahkim-question")
    SubElement(question, "Header", value="$question", size="5")
    answer = SubElement(root, "View", className="tahkim-answer")
    field = {"name": "tahkim-answer", "toName": _TEXT, "rows": "2", "maxSubmissions": "1", "editable": "true"}
    SubElement(answer, "TextArea", {**field, "placeholder": "جواب · answer"})
    buttons = SubElement(root, "View", className="tahkim-labels")
    labels = SubElement(buttons, "Labels", name=_LABELS, toName=_TEXT, showInline="true")
    for label in schema.labels.values():
        if scope.asks_label(label.name):
            key = {"hotkey": label.key} if label.key else {}
            look = {"background": label.color, "selectedColor": _readable_on(label.color)}
            SubElement(labels, "Label", {"value": label.name, **look, **key, "hint": _title(label.ar, label.en)})
    page = SubElement(root, "View", className="tahkim-page")
    text = SubElement(page, "View", className="tahkim-text")
    SubElement(text, "Text", name=_TEXT, value="$text", granularity="symbol")
    beside = SubElement(page, "View", className="tahkim-attributes")
    for owners, asked in groupby(_asked(schema, scope), key=lambda each: each[0]):
        box = SubElement(beside, "View", _visibility(owners))
        for _, name, attribute in asked:
            _add_control(box, name, attribute, per_region=owners is not None)
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def _said_of_relations(schema: Schema, scope: Scope) -> Iterator[str]:
    """`name=value` for each value of each attribute that a relation of the scope can have, once."""
    said: dict[str, None] = {}
    for relation in schema.relations:
        for attribute in schema.relation_attributes_of(relation).values():
            if scope.asks_relation(relation) and scope.asks_attribute(attribute.name):
                values = ("true", "false") if attribute.type == "bool" else attribute.values
                said |= dict.fromkeys(f"{attribute.name}={value}" for value in values)
    yield from said


def _asked(schema: Schema, scope: Scope) -> Iterator[tuple[tuple[str, ...] | None, str, Attribute]]:
    """The controls a scope needs: the labels it is for (None: the document), its name, what it asks."""
    names = control_names(schema)
    owners: dict[tuple[str, Attribute], list[str | None]] = {}
    for label, attribute in _described(schema):
        if scope.asks_attribute(attribute.name) and (label is None or scope.asks_label(label)):
            owners.setdefault((names[label, attribute.name], attribute), []).append(label)
    for (name, attribute), labels in owners.items():
        yield tuple(label for label in labels if label is not None) or None, name, attribute


def _visibility(labels: tuple[str, ...] | None) -> dict[str, str]:
    """What shows a box for selected spans of some labels only. The box has it and not the controls, because Label
    Studio takes several labels there, and only one on a control of a region."""
    if labels is None:
        return {}
    return {"visibleWhen": "region-selected", "whenTagName": _LABELS, "whenLabelValue": ",".join(labels)}


def _add_control(box: Element, name: str, attribute: Attribute, per_region: bool) -> None:
    SubElement(box, "Header", value=_title(attribute.ar, attribute.en), size="5")
    of_region = {"perRegion": "true"} if per_region else {}
    common = {"name": name, "toName": _TEXT, **of_region}
    if attribute.type in ("choice", "bool"):
        choices = SubElement(box, "Choices", {**common, "choice": "single", "showInline": "true"})
        for value in attribute.values or ("true", "false"):
            SubElement(choices, "Choice", value=str(value))
    elif attribute.type == "int":
        SubElement(box, "Number", {**common, "step": "1"})
    elif attribute.type == "number":
        SubElement(box, "Number", common)
    else:
        SubElement(box, "TextArea", {**common, "rows": "1", "maxSubmissions": "1", "editable": "true"})


def _title(ar: str, en: str) -> str:
    return ar if ar == en else f"{ar} · {en}"


def _doccano(schema: Schema, scope: Scope) -> str:
    types = {
        "span_types": [_doccano_type(each) for each in schema.labels.values() if scope.asks_label(each.name)],
        "relation_types": [_doccano_type(each) for each in schema.relations.values() if scope.asks_relation(each.name)],
    }
    return json.dumps(types, ensure_ascii=False, indent=2) + "\n"


def _doccano_type(kind: Label | RelationType) -> dict[str, Any]:
    return {
        "text": kind.name,
        "prefix_key": None,
        "suffix_key": kind.key,
        "background_color": kind.color,
        "text_color": _readable_on(kind.color),
    }


def _readable_on(background: str) -> str:
    """Dark or light, whichever has the better contrast on a background."""
    return max((_DARK, _LIGHT), key=lambda text: contrast(text, background))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours `#rrggbb`, from 1 to 21 (WCAG 2.2, "contrast ratio").

    >>> round(contrast("#000000", "#ffffff"), 1), round(contrast("#777777", "#ffffff"), 2)
    (21.0, 4.48)
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """Relative luminance, from 0 to 1 (WCAG 2.2)."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
