"""Parquet: tables of documents, spans and relations, for pandas, DuckDB, Arrow and R."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tahkim.gold.content import Item
from tahkim.interchange import dumps
from tahkim.schema import Schema


def write(folder: Path, items: Sequence[Item], schema: Schema) -> dict[str, Any]:
    """`documents.parquet`, `spans.parquet`, `relations.parquet`. Attributes and meta are JSON texts."""
    import pyarrow as arrow
    from pyarrow.parquet import write_table

    text, number = arrow.string(), arrow.int64()
    columns: dict[str, dict[str, Any]] = {
        "documents": {"doc_id": text, "text": text, "group": text, "split": text, "sha256": text}
        | {"attributes": text, "meta": text},
        "spans": {"doc_id": text, "id": text, "start": number, "end": number, "label": text, "surface": text}
        | {"attributes": text, "how": text, "confidence": arrow.float64()},
        "relations": {"doc_id": text, "id": text, "label": text, "head": text, "tail": text}
        | {"attributes": text, "how": text, "confidence": arrow.float64()},
    }
    rows = {"documents": _documents(items), "spans": _spans(items), "relations": _relations(items)}
    for name, types in columns.items():
        table = arrow.Table.from_pylist(list(rows[name]), schema=arrow.schema(list(types.items())))
        write_table(table, folder / f"{name}.parquet", compression="zstd")
    return {}


def as_json(value: Mapping[str, Any]) -> str:
    """A mapping as JSON text, its keys sorted."""
    return dumps(dict(sorted(value.items()))).decode()


def _documents(items: Sequence[Item]) -> Iterator[dict[str, Any]]:
    for item in items:
        document = item.document
        yield {
            "doc_id": document.id,
            "text": document.text,
            "group": document.group,
            "split": item.split,
            "sha256": document.sha256,
            "attributes": as_json(item.gold.attributes),
            "meta": as_json(document.meta),
        }


def _spans(items: Sequence[Item]) -> Iterator[dict[str, Any]]:
    for item in items:
        for span in item.gold.spans:
            yield {
                "doc_id": item.document.id,
                "id": span.id,
                "start": span.start,
                "end": span.end,
                "label": span.label,
                "surface": item.surface(span.start, span.end),
                "attributes": as_json(span.attributes),
                "how": span.how,
                "confidence": span.confidence,
            }


def _relations(items: Sequence[Item]) -> Iterator[dict[str, Any]]:
    for item in items:
        for relation in item.gold.relations:
            yield {
                "doc_id": item.document.id,
                "id": relation.id,
                "label": relation.label,
                "head": relation.head,
                "tail": relation.tail,
                "attributes": as_json(relation.attributes),
                "how": relation.how,
                "confidence": relation.confidence,
            }
