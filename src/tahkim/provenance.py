"""What an annotator took over, changed or made: a reading held against the suggestion it started from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from tahkim.model import Annotation, Relation, Seen, Span

Place = tuple[int, int, str]
Arc = tuple[str, Place, Place]


def compared(
    annotation: Annotation, suggestion: Annotation | None, earlier: Annotation | None, holds_attributes: bool
) -> Annotation:
    """The reading with `seen` on each span and relation, for those where the tool itself did not say it.

    Equal to one of the suggestion is accepted, overlapping one is changed, the rest is manual; blind, all is manual.
    From a tool that holds no attributes (`holds_attributes` false) a span or relation keeps those it had `earlier`,
    else those of the suggestion it equals, marked with `carried`.
    """
    shown = _marks(suggestion)
    before = _marks(earlier)
    spans = tuple(
        _span(span, shown, before, suggestion.spans if suggestion else (), holds_attributes)
        for span in annotation.spans
    )
    places = {span.id: _place(span) for span in spans}
    relations = tuple(_relation(r, places, shown, before, holds_attributes) for r in annotation.relations)
    attributes = annotation.attributes if holds_attributes or earlier is None else earlier.attributes
    return replace(annotation, spans=spans, relations=relations, attributes=attributes)


def _place(span: Span) -> Place:
    return span.start, span.end, span.label


def _marks(annotation: Annotation | None) -> Mapping[Place | Arc, Span | Relation]:
    """Spans by range and label, relations by label and both ends."""
    if annotation is None:
        return {}
    found: dict[Place | Arc, Span | Relation] = {_place(span): span for span in annotation.spans}
    places = {span.id: _place(span) for span in annotation.spans}
    found |= {(r.label, places[r.head], places[r.tail]): r for r in annotation.relations}
    return found


def _span(
    span: Span,
    shown: Mapping[Place | Arc, Span | Relation],
    before: Mapping[Place | Arc, Span | Relation],
    suggested: Sequence[Span],
    holds_attributes: bool,
) -> Span:
    same = shown.get(_place(span))
    if not holds_attributes:
        attributes, carried = _kept(before.get(_place(span)), same)
        extra = {**span.extra, "carried": True} if carried else span.extra
        span = replace(span, attributes=attributes, extra=extra)
        equal = same is not None
    else:
        equal = same is not None and dict(same.attributes) == dict(span.attributes)
    if span.seen is not None and not (span.seen == "accepted" and shown and not equal):
        return span
    overlaps = any(other.start < span.end and span.start < other.end for other in suggested)
    seen: Seen = "accepted" if equal else "changed" if overlaps else "manual"
    return replace(span, seen=seen)


def _relation(
    relation: Relation,
    places: Mapping[str, Place],
    shown: Mapping[Place | Arc, Span | Relation],
    before: Mapping[Place | Arc, Span | Relation],
    holds_attributes: bool,
) -> Relation:
    if relation.head not in places or relation.tail not in places:
        return relation
    arc = (relation.label, places[relation.head], places[relation.tail])
    same = shown.get(arc)
    if not holds_attributes:
        attributes, carried = _kept(before.get(arc), same)
        extra = {**relation.extra, "carried": True} if carried else relation.extra
        relation = replace(relation, attributes=attributes, extra=extra)
    equal = same is not None and (not holds_attributes or dict(same.attributes) == dict(relation.attributes))
    return replace(relation, seen="accepted" if equal else "changed" if same is not None else "manual")


def _kept(earlier: Span | Relation | None, suggested: Span | Relation | None) -> tuple[Mapping[str, Any], bool]:
    """The attributes of a mark from a tool that has none, and whether they are only carried over."""
    if earlier is not None and earlier.attributes:
        return earlier.attributes, bool(earlier.extra.get("carried"))
    if suggested is not None and suggested.attributes:
        return suggested.attributes, True
    return {}, False


def equal_marks(one: Annotation, other: Annotation) -> bool:
    """Whether two readings mark the same ranges, labels and relations, attributes and ids aside."""
    return sorted(map(str, _marks(one))) == sorted(map(str, _marks(other)))
