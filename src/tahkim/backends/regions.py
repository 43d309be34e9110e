"""Label Studio's own form of a reading: regions, per-region controls, relations. Pure, both ways.

A span is a region, an attribute a control's value with the region's id, a relation an arc between two regions. Its
page keeps one arc for an ordered pair of regions, so all relations of a pair share one: their labels stand in a
row, each followed by its attributes as further labels `name=value`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tahkim.model import Annotation, Relation, Seen, Span
from tahkim.schema import Attribute, Schema, control_names

Region = dict[str, Any]
Names = Mapping[tuple[str | None, str], str]

LABELS, TEXT = "label", "text"
ANSWER = "tahkim-answer"
"""The control in which an annotator answers a lead's question; it is no attribute."""
_SEEN: dict[str, Seen] = {"prediction": "accepted", "prediction-changed": "changed", "manual": "manual"}
_ORIGIN = {seen: origin for origin, seen in _SEEN.items()}
_FORWARD, _BACKWARD, _BOTH = "right", "left", "bi"


class Parsed(NamedTuple):
    """What could be read of a result, a line for everything that could not, and what answers a lead's questions."""

    spans: tuple[Span, ...]
    relations: tuple[Relation, ...]
    attributes: dict[str, Any]
    problems: tuple[str, ...]
    answer: str = ""


class _Value(Struct, gc=False):
    """The value of a region as it comes: anything may stand in it."""

    start: Any = None
    end: Any = None
    text: Any = None
    labels: Any = None
    hypertextlabels: Any = None
    choices: Any = None
    number: Any = None
    rating: Any = None


class _Region(Struct, gc=False):
    """A region, control or arc as it comes."""

    id: Any = None
    type: Any = None
    from_name: Any = None
    value: _Value | None = None
    origin: Any = None
    meta: Any = None
    from_id: Any = None
    to_id: Any = None
    direction: Any = _FORWARD
    labels: Any = None


# From values to regions.


def to_regions(annotation: Annotation, text: str, schema: Schema, names: Names | None = None) -> list[Region]:
    """The result of an annotation or prediction. Attributes the schema does not know have no control and stay out.

    `names` are the schema's `control_names`, for who asks often.
    """
    names = control_names(schema) if names is None else names
    regions: list[Region] = []
    for span in annotation.spans:
        place = {"start": span.start, "end": span.end, "text": text[span.start : span.end]}
        common = {"id": span.id, "to_name": TEXT, **_origin(span)}
        note = {"meta": {"text": [span.extra["note"]]}} if span.extra.get("note") else {}
        regions.append(
            {**common, "from_name": LABELS, "type": "labels", "value": {**place, "labels": [span.label]}, **note}
        )
        for name, value in span.attributes.items():
            control = names.get((span.label, name))
            if control is not None:
                kind, shown = _to_value(schema.attributes_of(span.label)[name], value)
                # A text's key in the value is that of the region's surface: it wins, as in the tool's own results.
                regions.append({**common, "from_name": control, "type": kind, "value": {**place, **shown}})
    regions += _arcs(annotation.relations)
    for name, value in annotation.attributes.items():
        if name in schema.document_attributes:
            kind, shown = _to_value(schema.document_attributes[name], value)
            regions.append(
                {
                    "id": f"document-{name}",
                    "from_name": names[None, name],
                    "to_name": TEXT,
                    "type": kind,
                    "value": shown,
                }
            )
    return regions


def _origin(span: Span) -> Region:
    return {"origin": _ORIGIN[span.seen]} if span.seen else {}


def _to_value(attribute: Attribute, value: Any) -> tuple[str, Region]:
    if attribute.type == "bool":
        return "choices", {"choices": ["true" if value else "false"]}
    if attribute.type == "choice":
        return "choices", {"choices": [str(value)]}
    if attribute.type == "text":
        return "textarea", {"text": [value]}
    return "number", {"number": value}


def _arcs(relations: Iterable[Relation]) -> Iterator[Region]:
    pairs: dict[tuple[str, str], list[str]] = {}
    for relation in relations:
        labels = pairs.setdefault((relation.head, relation.tail), [])
        labels += [relation.label, *(f"{name}={value}" for name, value in sorted(relation.attributes.items()))]
    for (head, tail), labels in pairs.items():
        yield {"type": "relation", "from_id": head, "to_id": tail, "direction": _FORWARD, "labels": labels}


# And back.


def from_regions(result: object, text: str, schema: Schema) -> Parsed:
    """What a result says, as far as it can be read; it comes as a value, or as `msgspec.Raw` for its JSON.

    Label Studio checks almost nothing, so a problem here is anything that has no meaning: an unknown type, a missing
    offset, an arc to nowhere. What only breaks the schema is read, and is the schema's to find.
    """
    try:
        regions = _typed(result)
    except msgspec.ValidationError as error:
        return Parsed((), (), {}, (f"the result is no list of regions: {error}",))
    problems: list[str] = []
    spans: dict[str, Span] = {}
    controls: list[_Region] = []
    arcs: list[_Region] = []
    answers: list[_Region] = []
    for region in regions:
        if region.type in ("labels", "hypertextlabels"):
            _read_span(region, text, spans, problems)
        elif region.type == "relation":
            arcs.append(region)
        else:
            (answers if region.from_name == ANSWER else controls).append(region)
    attributes: dict[str, Any] = {}
    own: dict[str, dict[str, Any]] = {}
    for region in controls:
        _read_control(region, schema, spans, own, attributes, problems)
    relations = _read_arcs(arcs, schema, spans, problems)
    described = (replace(span, attributes=own[span_id]) if span_id in own else span for span_id, span in spans.items())
    return Parsed(tuple(described), relations, attributes, tuple(problems), _answer(answers))


def _typed(result: object) -> list[_Region]:
    if isinstance(result, msgspec.Raw):
        return msgspec.json.decode(result, type=list[_Region])
    return msgspec.convert(result, list[_Region])


def _answer(regions: Iterable[_Region]) -> str:
    written = [r.value.text for r in regions if r.value is not None and isinstance(r.value.text, list)]
    return "\n".join(line for lines in written for line in lines if isinstance(line, str))


def _read_span(region: _Region, text: str, spans: dict[str, Span], problems: list[str]) -> None:
    value = region.value or _Value()
    span_id, labels, start, end = region.id, value.labels or value.hypertextlabels, value.start, value.end
    if not isinstance(span_id, str) or not span_id:
        problems.append(f"a region at {start} has no id")
    elif span_id in spans:
        problems.append(f"two regions have the id {span_id}")
    elif not isinstance(labels, list) or len(labels) != 1 or not isinstance(labels[0], str):
        problems.append(f"region {span_id} has not one label but {labels}")
    elif type(start) is not int or type(end) is not int:
        problems.append(f"region {span_id} has no whole numbers for start and end")
    else:
        surface = value.text
        if isinstance(surface, str) and 0 <= start <= end and surface.replace("\\n", "\n") != text[start:end]:
            problems.append(f"region {span_id}: its text is not that of the document at [{start}, {end})")
        seen = _SEEN.get(region.origin) if isinstance(region.origin, str) else None
        spans[span_id] = Span(span_id, start, end, labels[0], seen=seen, extra=_note(region))


def _note(region: _Region) -> dict[str, Any]:
    written = region.meta.get("text") if isinstance(region.meta, dict) else None
    lines = [line for line in written if isinstance(line, str)] if isinstance(written, list) else []
    return {"note": "\n".join(lines)} if lines else {}


def _read_control(
    region: _Region,
    schema: Schema,
    spans: Mapping[str, Span],
    own: dict[str, dict[str, Any]],
    of_document: dict[str, Any],
    problems: list[str],
) -> None:
    control, value = region.from_name, region.value
    if not isinstance(control, str) or value is None:
        problems.append(f"region {region.id} has no control or no value")
        return
    # What stands before the hyphen is the attribute, see `control_names`.
    name = control.partition("-")[0]
    span = spans.get(region.id) if isinstance(region.id, str) else None
    if span is None and value.start is not None:
        problems.append(f"{control} is said of region {region.id}, which has no label")
        return
    known = schema.attributes_of(span.label) if span is not None else schema.document_attributes
    shown = value.text if region.type == "textarea" else _first(value)
    read, complaint = _from_value(shown, known.get(name))
    if complaint:
        problems.append(f"{control} of {f'region {span.id}' if span is not None else 'the document'} {complaint}")
    else:
        (own.setdefault(span.id, {}) if span is not None else of_document)[name] = read


def _first(value: _Value) -> Any:
    given = (value.choices, value.number, value.text, value.rating)
    return next((each for each in given if each is not None), None)


def _from_value(shown: Any, attribute: Attribute | None) -> tuple[Any, str]:
    """An attribute's value and "", or None and what is wrong with it."""
    values = shown if isinstance(shown, list) else [shown]
    if len(values) != 1 or not isinstance(values[0], str | int | float):
        return None, f"has not one value but {shown}"
    value = values[0]
    if attribute is None:
        return value, ""
    if attribute.type == "bool" and value in ("true", "false"):
        return value == "true", ""
    if attribute.type == "choice":
        return next((choice for choice in attribute.values if str(choice) == value), value), ""
    if attribute.type == "int" and isinstance(value, float) and value.is_integer():
        return int(value), ""
    return value, ""


def _read_arcs(
    arcs: Sequence[_Region], schema: Schema, spans: Mapping[str, Span], problems: list[str]
) -> tuple[Relation, ...]:
    relations: list[Relation] = []
    for arc in arcs:
        ends = [arc.from_id, arc.to_id]
        labels = arc.labels or []
        if not all(isinstance(end, str) and end in spans for end in ends):
            problems.append(f"a relation runs from {ends[0]} to {ends[1]}, and not both are regions")
        elif not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            problems.append(f"the relation from {ends[0]} to {ends[1]} has labels that are no texts")
        elif arc.direction not in (_FORWARD, _BACKWARD, _BOTH):
            problems.append(f"the relation from {ends[0]} to {ends[1]} has the unknown direction {arc.direction}")
        else:
            head, tail = reversed(ends) if arc.direction == _BACKWARD else ends
            read, complaints = _read_labels(labels, schema, arc.direction == _BOTH)
            problems += [f"the relation from {head} to {tail} {complaint}" for complaint in complaints]
            for label, attributes in read:
                relations.append(Relation(f"r{len(relations) + 1}", label, head, tail, attributes))
    return tuple(relations)


def _read_labels(
    labels: Sequence[str], schema: Schema, both_ways: bool
) -> tuple[list[tuple[str, dict[str, Any]]], list[str]]:
    """The relations that the labels of one arc name, with their attributes, and what is wrong with them."""
    found: list[tuple[str, dict[str, Any]]] = [(label, {}) for label in labels if not _is_attribute(label, schema)]
    complaints = [] if found else ["has no label"]
    at = -1
    for label in labels:
        if not _is_attribute(label, schema):
            at += 1
            continue
        name, _, value = label.partition("=")
        holder = _holder(name, at, found, schema)
        if holder is None:
            complaints.append(f"has {label}, which none of its labels can have")
        elif name in holder[1]:
            complaints.append(f"has {name} twice")
        else:
            attribute = schema.relation_attributes_of(holder[0])[name]
            holder[1][name] = _from_text(value, attribute)
    for label, _ in found:
        kind = schema.relations.get(label)
        if both_ways and kind is not None and not kind.symmetric:
            complaints.append(f"runs both ways, which {label} cannot")
    return found, complaints


def _is_attribute(label: str, schema: Schema) -> bool:
    name, equals, _ = label.partition("=")
    return bool(equals) and any(name in schema.relation_attributes_of(relation) for relation in schema.relations)


def _holder(
    name: str, at: int, found: Sequence[tuple[str, dict[str, Any]]], schema: Schema
) -> tuple[str, dict[str, Any]] | None:
    """The relation an attribute belongs to: the one before it, else the first that can have it."""
    nearest = [found[at]] if at >= 0 else []
    return next((each for each in (*nearest, *found) if name in schema.relation_attributes_of(each[0])), None)


def _from_text(value: str, attribute: Attribute) -> Any:
    if attribute.type == "bool" and value in ("True", "False", "true", "false"):
        return value.lower() == "true"
    if attribute.type in ("int", "number"):
        try:
            return int(value) if attribute.type == "int" else float(value)
        except ValueError:
            return value
    return next((choice for choice in attribute.values if str(choice) == value), value)
