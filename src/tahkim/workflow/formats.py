"""Every format of a release: those of `tahkim.gold`, and those in which the annotation tools' back ends speak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tahkim import schema as schemas
from tahkim.backends.regions import to_regions
from tahkim.gold.content import Item, by_split
from tahkim.gold.formats import FORMATS as GOLD_FORMATS
from tahkim.gold.formats import Format
from tahkim.interchange import dumps
from tahkim.schema import Schema
from tahkim.writing import write_text


def _label_studio(folder: Path, items: Sequence[Item], schema: Schema) -> dict[str, Any]:
    """`SPLIT.json` for each split: tasks with one annotation, and the labelling configuration."""
    for split, held in by_split(items).items():
        with (folder / f"{split}.json").open("wb") as tasks:
            for number, item in enumerate(held, start=1):
                tasks.write(b"[" if number == 1 else b",")
                tasks.write(dumps(_task(number, item, schema)))
            tasks.write(b"]\n")
    write_text(folder / "label_studio.xml", schemas.build(schema, "full")["label_studio.xml"])
    return {}


def _task(number: int, item: Item, schema: Schema) -> dict[str, Any]:
    """A task as Label Studio exports it; on import it gives numbers of its own."""
    data = {"text": item.document.text, "doc_id": item.document.id, "meta": dict(item.document.meta)}
    return {
        "id": number,
        "data": data,
        "annotations": [{"id": number, "result": to_regions(item.gold, item.document.text, schema)}],
    }


FORMATS: Mapping[str, Format] = {
    **GOLD_FORMATS,
    "label-studio": Format(_label_studio, "tasks with their annotation, and the labelling configuration"),
}
