"""What a release holds of one document, and what every format is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from tahkim.model import Annotation, Document, text_hash

SPLITS = ("train", "dev", "test")
LONGEST_NAME = 120
"""Characters of a file's name that file systems take with room for a suffix."""


class Item(Struct, frozen=True):
    """A document with its gold as it is released, people under pseudonyms.

    `split` is one of `SPLITS`, or None for a document that must be in none. `candidates` are the readings there
    were to choose from, one record a place, with the share of each.
    """

    document: Document
    gold: Annotation
    split: str | None = None
    candidates: Sequence[Mapping[str, Any]] = ()

    def surface(self, start: int, end: int) -> str:
        """The text of a range."""
        return self.document.text[start:end]


def by_split(items: Sequence[Item]) -> dict[str, list[Item]]:
    """The items of each split that has any, in the order of `SPLITS`; those in no split under `unassigned`."""
    found = {split: [item for item in items if item.split == split] for split in SPLITS}
    found["unassigned"] = [item for item in items if item.split is None]
    return {split: held for split, held in found.items() if held}


def file_stem(doc_id: str) -> str:
    """A file name for a document: its id, with what file systems or tools stumble over as %XX; a hash if too long.

    >>> file_stem("r07"), file_stem("a/b c")
    ('r07', 'a%2Fb%20c')
    """
    stem = quote(doc_id, safe="").replace("~", "%7E")
    stem = "%2E" + stem[1:] if stem.startswith(".") else stem
    return stem if len(stem) <= LONGEST_NAME else text_hash(doc_id)
