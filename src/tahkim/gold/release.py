"""A release: a folder of gold that never changes, with a manifest that proves it and a card that describes it.

    gold.jsonl        one document a line, interchange form, annotator `gold`
    manifest.json     sha256 of every other file, counts, versions, settings, annotators, agreement
    DATASET_CARD.md   the same for people

People appear under pseudonyms. A folder is built beside its place and renamed into it, so that it is there whole
or not at all.
"""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tahkim.errors import ReleaseError
from tahkim.gold.card import dataset_card
from tahkim.gold.pseudonyms import pseudonymiser
from tahkim.interchange import encode
from tahkim.model import Annotation, Document
from tahkim.writing import reason, write_lines, write_text

GOLD, MANIFEST, CARD = "gold.jsonl", "manifest.json", "DATASET_CARD.md"


class LeftOut(Struct, frozen=True):
    """A document that is not in the release: `open` questions, or `why` it could not be."""

    doc_id: str
    open: int
    why: str
    characters: int


class About(Struct, frozen=True, kw_only=True):
    """What a release says of itself beside what can be counted. Times are ISO 8601; `annotators` maps each name
    to the number of documents they submitted; `log` and `revision` say up to where the store was read."""

    name: str
    created_at: str
    created_by: str
    tool_version: str
    schema_version: str
    guideline_version: str
    rules_versions: tuple[str, ...]
    settings: Mapping[str, Any]
    partial: bool
    annotators: Mapping[str, int]
    people: frozenset[str]
    agreement: Mapping[str, Any]
    log: Mapping[str, Any]
    revision: int


def release(
    folder: Path,
    documents: Sequence[tuple[Document, Annotation]],
    left_out: Sequence[LeftOut],
    about: About,
    key: bytes,
    enter: Callable[[str], None],
) -> dict[str, Any]:
    """Write a release to `folder`, which must not exist, and return its manifest.

    `documents` pairs each document with its gold; `key` is the project's secret for pseudonyms. `enter` is
    called with the manifest's sha256 when all is written and before it appears. Raises ReleaseError when the
    folder exists, cannot be written, or nothing would be in it.
    """
    if folder.exists():
        raise ReleaseError(f"{folder} exists already: a release never changes, give this one another name")
    if not documents:
        raise ReleaseError(
            f"{about.name} would hold no document, {len(left_out)} are left out: "
            "decide their open conflicts, or add --partial"
        )
    hide = pseudonymiser(key, about.people)
    records = [gold_record(document, gold, hide) for document, gold in documents]
    with _appearing(folder) as partial:
        write_lines(partial / GOLD, records)
        manifest = _manifest(documents, left_out, about, hide)
        write_text(partial / CARD, dataset_card(manifest))
        manifest["files"] = {name: _file_entry(partial / name) for name in (CARD, GOLD)}
        write_text(partial / MANIFEST, _pretty(manifest))
        enter(file_hash(partial / MANIFEST))
    return manifest


def gold_record(document: Document, gold: Annotation, hide: Callable[[Any], Any]) -> dict[str, Any]:
    """One line of `gold.jsonl`. Names are replaced in provenance only: the text and its reading stay as they are."""
    record = encode(gold, document)
    for mark in (*record.get("spans", ()), *record.get("relations", ())):
        if "support" in mark:
            mark["support"] = _hidden_support(mark["support"], hide)
        if "decision" in mark:
            mark["decision"] = hide(mark["decision"])
    return record


def _hidden_support(support: Mapping[str, Any], hide: Callable[[Any], Any]) -> dict[str, Any]:
    """Support under pseudonyms, sorted anew: the order must not tell that of the names."""
    return {kind: sorted(hide(who)) if isinstance(who, list | tuple) else who for kind, who in support.items()}


def _manifest(
    documents: Sequence[tuple[Document, Annotation]],
    left_out: Sequence[LeftOut],
    about: About,
    hide: Callable[[Any], Any],
) -> dict[str, Any]:
    return {
        "name": about.name,
        "created_at": about.created_at,
        "created_by": hide(about.created_by),
        "tahkim": about.tool_version,
        "schema": about.schema_version,
        "guideline": about.guideline_version,
        "rules": list(about.rules_versions),
        "settings": hide(dict(about.settings)),
        "partial": about.partial,
        "counts": counts(documents),
        "left_out": [{"doc_id": d.doc_id, "open": d.open, "why": d.why, "characters": d.characters} for d in left_out],
        "annotators": dict(sorted((hide(name), number) for name, number in about.annotators.items())),
        "agreement": hide(dict(about.agreement)),
        "log": dict(about.log),
        "revision": about.revision,
    }


def counts(documents: Iterable[tuple[Document, Annotation]]) -> dict[str, Any]:
    """Numbers of documents, characters, spans and relations, by label and by how they came to be."""
    labels: dict[str, Counter[str]] = {"spans": Counter(), "relations": Counter()}
    how: dict[str, Counter[str]] = {"spans": Counter(), "relations": Counter()}
    n_documents = n_characters = 0
    for document, gold in documents:
        n_documents += 1
        n_characters += len(document.text)
        for kind, marks in (("spans", gold.spans), ("relations", gold.relations)):
            labels[kind].update(mark.label for mark in marks)
            how[kind].update(mark.how or "" for mark in marks)
    return {
        "documents": n_documents,
        "characters": n_characters,
        "spans": labels["spans"].total(),
        "relations": labels["relations"].total(),
        "labels": dict(sorted(labels["spans"].items())),
        "relation_labels": dict(sorted(labels["relations"].items())),
        "how": {kind: dict(sorted(count.items())) for kind, count in how.items()},
    }


def _file_entry(path: Path) -> dict[str, Any]:
    return {"sha256": file_hash(path), "bytes": path.stat().st_size}


def file_hash(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _pretty(record: Mapping[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(record), indent=2).decode("utf-8") + "\n"


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """A folder under construction: renamed into place when all went well, gone when not.

    What a killed run left behind is swept up by the next one of the same name.
    """
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for leftover in folder.parent.glob(f".{folder.name}.????????.tmp"):
            shutil.rmtree(leftover)
        partial.mkdir()
        yield partial
        partial.rename(folder)
    except OSError as error:
        raise ReleaseError(f"{folder}: cannot be written: {reason(error)}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
