"""doccano's own form of a reading: examples with entities and relations, offsets in UTF-16 units. Pure, both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tahkim.errors import OffsetError
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.text import code_points_to_utf16, graphemes_to_code_points, utf16_to_code_points

Record = dict[str, Any]

OURS = "tahkim"
"""The key of an example's meta under which we keep what we must know of it. One key for all lines of an upload: what
one line has and another has not would come out as NaN."""


class Parsed(NamedTuple):
    """What could be read of an example's marks, and a line for everything that could not."""

    spans: tuple[Span, ...]
    relations: tuple[Relation, ...]
    problems: tuple[str, ...]


def to_line(
    document: Document, marks: Annotation | None, started_from: str | None, batch: str, submitted: bool = False
) -> Record:
    """The line that uploads a document with its marks; `submitted` when they are work to be confirmed.

    doccano ties relations to entities by whole numbers. A dangling one would make its worker import the whole file
    again and again: annotations are sound before they come here.
    """
    entities, relations = to_marks(marks, document.text) if marks is not None else ([], [])
    counts = [len(entities), len(relations)]
    ours: Record = {"doc_id": document.id, "started_from": started_from, "batch": batch, "marks": counts}
    ours["submitted"] = submitted
    return {"text": document.text, "entities": entities, "relations": relations, OURS: ours}


def to_marks(annotation: Annotation, text: str) -> tuple[list[Record], list[Record]]:
    """Entities and relations with numbers from 0, in the order of the annotation."""
    offsets = code_points_to_utf16(text, [at for span in annotation.spans for at in (span.start, span.end)])
    numbers = {span.id: number for number, span in enumerate(annotation.spans)}
    entities = [
        {"id": number, "label": span.label, "start_offset": offsets[2 * number], "end_offset": offsets[2 * number + 1]}
        for number, span in enumerate(annotation.spans)
    ]
    relations = [
        {"id": number, "type": r.label, "from_id": numbers[r.head], "to_id": numbers[r.tail]}
        for number, r in enumerate(annotation.relations)
    ]
    return entities, relations


def from_marks(
    entities: Sequence[Mapping[str, Any]], relations: Sequence[Mapping[str, Any]], text: str, graphemes: bool = False
) -> Parsed:
    """Spans and relations of an example, in the order of their ids.

    `graphemes`: the project counts grapheme clusters instead of UTF-16 units. Ids are doccano's, as text.
    """
    problems: list[str] = []
    convert = graphemes_to_code_points if graphemes else utf16_to_code_points
    ordered = sorted(entities, key=lambda each: int(each["id"]))
    try:
        # All at once: to look at a text costs more than to look a place up in it.
        places = convert(text, [each[name] for each in ordered for name in ("start_offset", "end_offset")])
        spans = [
            Span(str(each["id"]), places[2 * at], places[2 * at + 1], str(each["label"]))
            for at, each in enumerate(ordered)
        ]
    except OffsetError:
        spans = []
        for each in ordered:
            try:
                start, end = convert(text, [each["start_offset"], each["end_offset"]])
            except OffsetError as error:
                problems.append(f"entity {each['id']}: {error}")
            else:
                spans.append(Span(str(each["id"]), start, end, str(each["label"])))
    ids = {span.id for span in spans}
    found = []
    for each in sorted(relations, key=lambda each: int(each["id"])):
        head, tail = str(each["from_id"]), str(each["to_id"])
        if {head, tail} <= ids:
            found.append(Relation(f"r{each['id']}", str(each["type"]), head, tail))
        else:
            problems.append(f"relation {each['id']} runs from {head} to {tail}, and not both are entities here")
    return Parsed(tuple(spans), tuple(found), tuple(problems))
