"""Soft labels: every reading that somebody gave of every place, each with its share, for learning from disagreement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tahkim.gold.content import Item, by_split
from tahkim.schema import Schema
from tahkim.writing import write_lines


def write(folder: Path, items: Sequence[Item], schema: Schema) -> dict[str, Any]:
    """`SPLIT.jsonl` for each split, one line a document: `places`, each with its `candidates` and `nothing`.

    `by` says whether shares are posteriors (`bayes`) or of votes. For a span the shares of its candidates and of
    "nothing here" sum to 1; relations may hold side by side, so each stands for itself.
    """
    for split, held in by_split(items).items():
        write_lines(
            folder / f"{split}.jsonl",
            (
                {"doc_id": item.document.id, "text": item.document.text, "places": list(item.candidates)}
                for item in held
            ),
        )
    return {}
