"""Putting the texts back into a release that was made without them, from one's own copies."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tahkim import schema as schemas
from tahkim.errors import ReleaseError
from tahkim.gold.content import Item
from tahkim.gold.formats import Format
from tahkim.gold.reading import item_of, load_gold
from tahkim.gold.release import (
    GOLD,
    MANIFEST,
    SCHEMA,
    Reading,
    appearing,
    counts,
    file_hash,
    write_card,
    write_formats,
    write_manifest,
)
from tahkim.gold.texts import Copies, with_text
from tahkim.gold.verify import verify
from tahkim.model import Document
from tahkim.writing import write_lines

Record = dict[str, Any]
NAMED = 5
"""How many documents a message names."""


class Hydrated(NamedTuple):
    """What became of it: the manifest of the new folder, and the documents whose text was not found."""

    manifest: Record
    missing: tuple[str, ...]


def hydrate(
    folder: Path,
    texts: Iterable[Document],
    to: Path,
    formats: Mapping[str, Format] | None = None,
    *,
    skip_missing: bool = False,
) -> Hydrated:
    """Write `to`: the release at `folder` with its texts, each proved by its hash, and perhaps further formats.

    Its `gold.jsonl` is then, byte for byte, that of the release with texts. Raises ReleaseError when the release is
    not whole or has its texts, `to` exists, a text is another one, or one is missing and not to be skipped.
    """
    if found := verify(folder):
        raise ReleaseError(f"{folder}: {found[0]}")
    gold = load_gold(folder)
    assert gold.manifest is not None
    if gold.manifest.get("text", True):
        raise ReleaseError(f"{folder} has its texts: there is nothing to put back")
    if to.exists():
        raise ReleaseError(f"{to} exists already: name a folder that is not there")
    records, missing = _with_texts(gold, Copies(texts))
    if not records or (missing and not skip_missing):
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise ReleaseError(
            f"{folder}: the texts of {len(missing)} of {len(gold)} documents were not found "
            f"({', '.join(missing[:NAMED])}{more}): add them, or leave these documents out with --skip-missing"
        )
    return Hydrated(_write(folder, gold.manifest, records, missing, to, formats or {}), missing)


def _with_texts(gold: Sequence[Record], copies: Copies) -> tuple[list[Record], tuple[str, ...]]:
    records, missing = [], []
    for record in gold:
        text = copies.text_of(record)
        if text is None:
            missing.append(record["doc_id"])
        else:
            records.append(with_text(record, text))
    return records, tuple(missing)


def _write(
    folder: Path,
    manifest: Record,
    records: Sequence[Record],
    missing: Sequence[str],
    to: Path,
    formats: Mapping[str, Format],
) -> Record:
    items: list[Item] = [item_of(record) for record in records]
    schema = schemas.load(folder / SCHEMA)
    with appearing(to) as partial:
        write_lines(partial / GOLD, records)
        shutil.copyfile(folder / SCHEMA, partial / SCHEMA)
        manifest = {**manifest, "text": True, "formats": write_formats(partial, items, schema, formats)}
        manifest["counts"] = counts(Reading(len(item.document.text), item.gold, item.split) for item in items)
        manifest["hydrated"] = {"from": file_hash(folder / MANIFEST), "missing": list(missing)}
        del manifest["files"]
        write_card(partial, manifest, items, formats)
        write_manifest(partial, manifest)
    return manifest
