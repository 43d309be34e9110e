"""Whether an annotation follows the schema. What is wrong is told, never mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from tahkim.model import Annotation, Relation, Span
from tahkim.schema.definition import Attribute, Schema
from tahkim.schema.wording import shortened, suggestion


def check(annotation: Annotation, schema: Schema, text: str) -> list[str]:
    """Every breach of the schema, one line each: where it is, what is wrong, what would be right.

    Spans are checked against the text they mark: not empty, inside it, on one line, and apart where the schema
    forbids overlap. Ids are taken to be unique and relations to lead to spans, as a sound line has them.
    """
    found = [f"{_place(span, text)}: {what}" for span in annotation.spans for what in _span(span, schema, text)]
    if not schema.overlap_allowed:
        found += _overlaps(annotation.spans, text)
    spans = {span.id: span for span in annotation.spans}
    for relation in annotation.relations:
        place = f"relation {relation.id} {relation.label}"
        found += [f"{place}: {what}" for what in _relation(relation, spans, schema, text)]
    return found + [f"document: {what}" for what in _attributes(annotation.attributes, schema.document_attributes)]


def _place(span: Span, text: str) -> str:
    return f"span {span.id} {span.label} [{span.start}, {span.end}) “{shortened(text[span.start : span.end])}”"


def _span(span: Span, schema: Schema, text: str) -> Iterator[str]:
    if not 0 <= span.start < span.end <= len(text):
        yield f"is empty or outside the text, which has {len(text)} characters; mark it anew"
    elif text[span.start : span.end].splitlines() != [text[span.start : span.end]]:
        yield "crosses a line break; a span stays on one line"
    if span.label not in schema.labels:
        yield f"unknown label {span.label} ({suggestion(span.label, schema.labels)})"
    else:
        yield from _attributes(span.attributes, schema.attributes_of(span.label))


def _overlaps(spans: tuple[Span, ...], text: str) -> Iterator[str]:
    """Each span that begins before an earlier one ends, told once, with the one that reaches furthest."""
    furthest: Span | None = None
    for span in sorted(spans, key=lambda span: (span.start, span.end, span.id)):
        if furthest is not None and span.start < furthest.end:
            yield f"{_place(span, text)}: overlaps {_place(furthest, text)}; the schema allows no overlap: keep one"
        if furthest is None or span.end > furthest.end:
            furthest = span


def _relation(relation: Relation, spans: Mapping[str, Span], schema: Schema, text: str) -> Iterator[str]:
    kind = schema.relations.get(relation.label)
    if kind is None:
        yield f"unknown relation {relation.label} ({suggestion(relation.label, schema.relations)})"
        return
    if relation.head == relation.tail:
        yield f"leads from span {relation.head} to itself"
    for role, span_id, allowed in (("head", relation.head, kind.domain), ("tail", relation.tail, kind.range)):
        span = spans.get(span_id)
        if span is not None and span.label in schema.labels and span.label not in allowed:
            labels = ", ".join(sorted(allowed, key=schema.label_order))
            yield f"its {role} may not be {_place(span, text)}; it must be one of {labels}"
    yield from _attributes(relation.attributes, schema.relation_attributes_of(relation.label))


def _attributes(given: Mapping[str, Any], known: Mapping[str, Attribute]) -> Iterator[str]:
    """Attributes that are not known there, or whose value is none of theirs; null is the same as absent."""
    for name, value in given.items():
        if value is None:
            continue
        if name not in known:
            yield f"has no attribute {name} ({suggestion(name, known)})"
        elif complaint := _value(value, known[name]):
            yield f"{name} {complaint}"


def _value(value: object, attribute: Attribute) -> str:
    """What is wrong with a value, or "" when nothing is."""
    if attribute.type == "choice":
        for choice in attribute.values:
            if value == choice and type(value) is type(choice):
                return ""
        choices = [str(choice) for choice in attribute.values]
        return f"is {_shown(value)}, which is none of its values ({suggestion(str(value), choices)})"
    if attribute.type == "bool":
        return "" if type(value) is bool else f"must be true or false, not {_shown(value)}"
    if attribute.type == "int":
        return "" if type(value) is int else f"must be a whole number, not {_shown(value)}"
    if attribute.type == "number":
        sound = type(value) is int or (type(value) is float and isfinite(value))
        return "" if sound else f"must be a number, not {_shown(value)}"
    return "" if type(value) is str and value.strip() else f"must be a text, not {_shown(value)}"


def _shown(value: object) -> str:
    return shortened(repr(value))
