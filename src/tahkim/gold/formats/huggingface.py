"""A Hugging Face dataset folder: one Parquet file a split, one row a document, and the README that names the splits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tahkim.gold.content import Item, by_split
from tahkim.gold.formats.parquet import as_json
from tahkim.model import Relation, Span
from tahkim.schema import Schema


def write(folder: Path, items: Sequence[Item], schema: Schema) -> dict[str, Any]:
    """`data/SPLIT.parquet`: spans and relations are lists of structs, attributes and meta JSON texts."""
    import pyarrow as arrow
    from pyarrow.parquet import write_table

    text, number = arrow.string(), arrow.int64()
    said = [("attributes", text), ("how", text), ("confidence", arrow.float64())]
    span = arrow.struct([("id", text), ("start", number), ("end", number), ("label", text), *said])
    relation = arrow.struct([("id", text), ("label", text), ("head", text), ("tail", text), *said])
    columns = [("doc_id", text), ("text", text), ("group", text), ("spans", arrow.list_(span))]
    columns += [("relations", arrow.list_(relation)), ("attributes", text), ("meta", text)]
    (folder / "data").mkdir()
    for split, held in by_split(items).items():
        table = arrow.Table.from_pylist([_row(item) for item in held], schema=arrow.schema(columns))
        write_table(table, folder / "data" / f"{split}.parquet", compression="zstd")
    return {}


def readme(items: Sequence[Item], card: str) -> str:
    """The dataset card under the front matter that tells `datasets` where each split is."""
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for split in by_split(items):
        lines += [f"  - split: {split}", f"    path: data/{split}.parquet"]
    return "\n".join(lines) + f"\n---\n\n{card}"


def _row(item: Item) -> dict[str, Any]:
    return {
        "doc_id": item.document.id,
        "text": item.document.text,
        "group": item.document.group,
        "spans": [{"id": s.id, "start": s.start, "end": s.end, "label": s.label, **_said(s)} for s in item.gold.spans],
        "relations": [
            {"id": r.id, "label": r.label, "head": r.head, "tail": r.tail, **_said(r)} for r in item.gold.relations
        ],
        "attributes": as_json(item.gold.attributes),
        "meta": as_json(item.document.meta),
    }


def _said(mark: Span | Relation) -> dict[str, Any]:
    return {"attributes": as_json(mark.attributes), "how": mark.how, "confidence": mark.confidence}
