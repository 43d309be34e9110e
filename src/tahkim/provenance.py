"""What an annotator took over, changed or made: a reading held against the suggestion it started from."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from tahkim.model import Annotation, Relation, Seen, Span

Place = tuple[int, int, str]
Arc = tuple[str, Place, Place]
Mark = TypeVar("Mark", Span, Relation)

CARRIED, UNFILLED = "carried", "unfilled"
"""Beside the label of a mark from a tool without attributes: its attributes are those of what it equals; and, it has
none although its label asks for some."""


class Holds(NamedTuple):
    """What comes back from a tool: attributes, and keys beside the model's own (`keys` None: all)."""

    attributes: bool = True
    keys: Collection[str] | None = None


def compared(
    annotation: Annotation,
    suggestion: Annotation | None,
    earlier: Annotation | None,
    holds: Holds,
    asked: Collection[str] = (),
) -> Annotation:
    """The reading with `seen` on each span and relation, for those where the tool itself did not say it.

    Equal to one of the suggestion is accepted, overlapping one is changed, the rest is manual; blind, all is manual.
    What the tool has no place for stays as it was `earlier`: keys, and from a tool without attributes these, times,
    and where a mark came from. A mark that is new there and equals one of the suggestion has its attributes, marked
    with `carried`; a span that has none, of a label that is `asked` for some, is marked with `unfilled`.
    """
    shown, before = _Marks(suggestion), _Marks(earlier)
    keep = _Keeper(holds, frozenset(asked), earlier is not None and _is_as_it_was(annotation, earlier, holds))
    suggested = _Stretches(suggestion.spans if suggestion is not None else ())
    places = {span.id: _place(span) for span in annotation.spans}
    spans = []
    for span in annotation.spans:
        same, was = shown.take(places[span.id], span.id), before.take(places[span.id], span.id)
        spans.append(_seen_span(keep.mark(span, same, was), same, suggested))
    relations = []
    for relation in annotation.relations:
        if relation.head not in places or relation.tail not in places:
            relations.append(relation)
            continue
        arc = (relation.label, places[relation.head], places[relation.tail])
        same_arc, arc_was = shown.take(arc, relation.id), before.take(arc, relation.id)
        relations.append(_seen_relation(keep.mark(relation, same_arc, arc_was), same_arc))
    annotation = replace(annotation, spans=tuple(spans), relations=tuple(relations))
    return annotation if earlier is None else keep.reading(annotation, earlier)


def _is_as_it_was(annotation: Annotation, earlier: Annotation, holds: Holds) -> bool:
    """Whether nobody touched a reading. Asked only where it matters, for it costs as much as all the rest."""
    marks: list[Span | Relation] = [*earlier.spans, *earlier.relations]
    if holds.attributes and not any(CARRIED in mark.extra for mark in marks):
        return False
    return equal_marks(annotation, earlier, attributes=holds.attributes)


def _place(span: Span) -> Place:
    return span.start, span.end, span.label


class _Marks:
    """Spans by range and label, relations by label and both ends; identical ones by id, else in their order."""

    def __init__(self, annotation: Annotation | None) -> None:
        self._left: dict[Place | Arc, list[Any]] = {}
        if annotation is None:
            return
        places = {span.id: _place(span) for span in annotation.spans}
        for span in annotation.spans:
            self._left.setdefault(places[span.id], []).append(span)
        for r in annotation.relations:
            self._left.setdefault((r.label, places[r.head], places[r.tail]), []).append(r)

    def take(self, key: Place | Arc, mark_id: str) -> Any:
        """The mark there, once each; None where there is none, or none left."""
        found = self._left.get(key)
        if not found:
            return None
        return found.pop(next((at for at, mark in enumerate(found) if mark.id == mark_id), 0))


class _Keeper(NamedTuple):
    """What of earlier marks is kept where the tool says nothing of it."""

    holds: Holds
    asked: frozenset[str]
    as_it_was: bool

    def mark(self, mark: Mark, same: Mark | None, was: Mark | None) -> Mark:
        extra, attributes, seen = dict(mark.extra), mark.attributes, mark.seen
        if was is not None and self.holds.keys is not None:
            extra = {n: v for n, v in was.extra.items() if n not in self.holds.keys} | extra
        if self.holds.attributes:
            if not self.as_it_was:  # what was seen there and submitted is carried no longer
                extra.pop(CARRIED, None)
        elif was is not None:
            attributes, seen = was.attributes, seen or was.seen
        elif same is not None and same.attributes:
            attributes = same.attributes
            extra[CARRIED] = True
        if attributes:
            extra.pop(UNFILLED, None)
        elif not self.holds.attributes and isinstance(mark, Span) and mark.label in self.asked:
            extra[UNFILLED] = True
        if extra == mark.extra and attributes is mark.attributes and seen == mark.seen:
            return mark
        return replace(mark, attributes=attributes, extra=extra, seen=seen)

    def reading(self, annotation: Annotation, earlier: Annotation) -> Annotation:
        if self.holds.keys is not None and earlier.extra:
            kept = {n: v for n, v in earlier.extra.items() if n not in (*self.holds.keys, "invalid")}
            annotation = replace(annotation, extra=kept | dict(annotation.extra))
        if self.holds.attributes:
            return annotation
        return replace(
            annotation,
            attributes=earlier.attributes,
            created_at=annotation.created_at or earlier.created_at,
            updated_at=annotation.updated_at or (earlier.updated_at if self.as_it_was else None),
            lead_time=annotation.lead_time or earlier.lead_time,
        )


class _Stretches:
    """The text that spans cover."""

    def __init__(self, spans: Sequence[Span]) -> None:
        by_start = sorted((span.start, span.end) for span in spans)
        self._starts = [start for start, _ in by_start]
        self._reached = list(accumulate((end for _, end in by_start), max))

    def __bool__(self) -> bool:
        return bool(self._starts)

    def overlap(self, span: Span) -> bool:
        before_its_end = bisect_left(self._starts, span.end)
        return before_its_end > 0 and self._reached[before_its_end - 1] > span.start


def _seen_span(span: Span, same: Span | None, suggested: _Stretches) -> Span:
    equal = same is not None and dict(same.attributes) == dict(span.attributes)
    if span.seen is not None and not (span.seen == "accepted" and suggested and not equal):
        return span
    seen: Seen = "accepted" if equal else "changed" if suggested.overlap(span) else "manual"
    return replace(span, seen=seen)


def _seen_relation(relation: Relation, same: Relation | None) -> Relation:
    if relation.seen is not None:
        return relation
    equal = same is not None and dict(same.attributes) == dict(relation.attributes)
    return replace(relation, seen="accepted" if equal else "changed" if same is not None else "manual")


def equal_marks(one: Annotation, other: Annotation, *, attributes: bool = False) -> bool:
    """Whether two readings mark the same, ids aside: ranges, labels and relations, and perhaps `attributes` of all."""
    return _said(one, attributes) == _said(other, attributes)


def _said(annotation: Annotation, attributes: bool) -> Counter[Any]:
    def values(holder: Annotation | Span | Relation) -> tuple[Any, ...]:
        return tuple(sorted((name, str(value)) for name, value in holder.attributes.items())) if attributes else ()

    places = {span.id: _place(span) for span in annotation.spans}
    said: Counter[Any] = Counter((places[span.id], values(span)) for span in annotation.spans)
    said.update((r.label, places[r.head], places[r.tail], values(r)) for r in annotation.relations)
    said.update([values(annotation)])
    return said
