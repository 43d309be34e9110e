"""doccano: JSON Lines as its relation projects import them. Its page counts UTF-16 units, so offsets are those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tahkim.gold.content import Item, by_split
from tahkim.schema import Schema
from tahkim.text import code_points_to_utf16
from tahkim.writing import write_lines


def write(folder: Path, items: Sequence[Item], schema: Schema) -> dict[str, Any]:
    """`SPLIT.jsonl` for each split. doccano has no attributes: how many were left out is answered.

    The document's id goes by the key `doc_id`: doccano takes `id` for a number of its own.
    """
    for split, held in by_split(items).items():
        write_lines(folder / f"{split}.jsonl", map(_record, held))
    said = (said for item in items for said in _attributes(item))
    return {"attributes_left_out": sum(map(len, said))}


def _attributes(item: Item) -> Iterator[Mapping[str, Any]]:
    yield item.gold.attributes
    yield from (span.attributes for span in item.gold.spans)
    yield from (relation.attributes for relation in item.gold.relations)


def _record(item: Item) -> dict[str, Any]:
    spans = item.gold.spans
    edges = code_points_to_utf16(item.document.text, [edge for span in spans for edge in (span.start, span.end)])
    numbers = {span.id: number for number, span in enumerate(spans, start=1)}
    return {
        "text": item.document.text,
        "entities": [
            {"id": numbers[span.id], "label": span.label, "start_offset": start, "end_offset": end}
            for span, start, end in zip(spans, edges[::2], edges[1::2], strict=True)
        ],
        "relations": [
            {"id": number, "from_id": numbers[relation.head], "to_id": numbers[relation.tail], "type": relation.label}
            for number, relation in enumerate(item.gold.relations, start=1)
        ],
        "doc_id": item.document.id,
    }
