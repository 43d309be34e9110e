"""A release: a folder of gold that never changes, with a manifest that proves it and a card that describes it.

    gold.jsonl        one document a line, interchange form, annotator `gold`, with its `split`
    schema.yaml       the annotation schema
    manifest.json     sha256 of every other file, counts, versions, settings, annotators, agreement
    DATASET_CARD.md   the same for people
    model.json        the model that strategy `bayes` fitted, where it did
    FORMAT/           a folder for each further format

People appear under pseudonyms. A folder is built beside its place and renamed into it, so that it is there whole
or not at all.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from tahkim.errors import ReleaseError
from tahkim.gold.card import dataset_card
from tahkim.gold.content import Item
from tahkim.gold.formats import Format, library_versions
from tahkim.gold.texts import without_text
from tahkim.interchange import encode
from tahkim.model import Annotation
from tahkim.schema import Schema
from tahkim.writing import reason, write_lines, write_text

GOLD, MANIFEST, CARD, SCHEMA = "gold.jsonl", "manifest.json", "DATASET_CARD.md", "schema.yaml"
MODEL = "model.json"
FEW = 10
"""Labels with fewer marks than this are named in the card as a gap."""


class LeftOut(Struct, frozen=True):
    """A document that is not in the release: `open` questions, or `why` it could not be.

    `disagreement` is the share of its places that people did not read alike, from 0 to 1; None where fewer than two
    read it, or marked nothing.
    """

    doc_id: str
    open: int
    why: str
    characters: int
    disagreement: float | None


class About(Struct, frozen=True, kw_only=True):
    """What a release says of itself beside what can be counted; people are under pseudonyms already.

    Times are ISO 8601; `annotators` maps each person to the number of documents they submitted; `log` and `revision`
    say up to where the store was read; `schema` is the text of schema.yaml; `text` whether the documents' texts are in
    it; `disagreement` is the mean of its documents', see `LeftOut`; `audit` what an audit found and `model` what
    `bayes` fitted, None where they did not; `redacted` what was taken out since, and when.
    """

    name: str
    created_at: str
    created_by: str
    tool_version: str
    guideline_version: str
    rules_versions: tuple[str, ...]
    settings: Mapping[str, Any]
    partial: bool
    annotators: Mapping[str, int]
    agreement: Mapping[str, Any]
    disagreement: float | None
    audit: Mapping[str, Any] | None
    model: Mapping[str, Any] | None
    redacted: Sequence[Mapping[str, Any]]
    shares: Mapping[str, Any]
    licence: str | None
    text: bool
    schema: str
    log: Mapping[str, Any]
    revision: int


def release(
    folder: Path,
    items: Sequence[Item],
    left_out: Sequence[LeftOut],
    about: About,
    schema: Schema,
    formats: Mapping[str, Format],
    enter: Callable[[str], None],
) -> dict[str, Any]:
    """Write a release to `folder`, which must not exist, and return its manifest.

    `enter` is called with the manifest's sha256 when all is written and before it appears. Raises ReleaseError when
    the folder exists, cannot be written, or nothing would be in it.
    """
    if folder.exists():
        raise ReleaseError(f"{folder} exists already: a release never changes, give this one another name")
    if not items:
        raise ReleaseError(
            f"{about.name} would hold no document, {len(left_out)} are left out: "
            "decide their open conflicts, or add --partial"
        )
    with appearing(folder) as partial:
        write_lines(partial / GOLD, (gold_record(item, about.text) for item in items))
        write_text(partial / SCHEMA, about.schema)
        if about.model is not None:
            write_text(partial / MODEL, _pretty(about.model))
        figures = write_formats(partial, items, schema, formats)
        manifest = _manifest(items, left_out, about, schema, figures)
        write_card(partial, manifest, items, formats)
        write_manifest(partial, manifest)
        enter(file_hash(partial / MANIFEST))
    return manifest


def gold_record(item: Item, text: bool = True) -> dict[str, Any]:
    """One line of `gold.jsonl`."""
    record = encode(item.gold, item.document)
    if item.split is not None:
        record["split"] = item.split
    return record if text else without_text(record)


def write_formats(
    folder: Path, items: Sequence[Item], schema: Schema, formats: Mapping[str, Format]
) -> dict[str, dict[str, Any]]:
    """Write each format into a folder of its name; for each what it could not hold, and its libraries' versions."""
    figures = {}
    for name, format in formats.items():
        (folder / name).mkdir()
        left_out = format.write(folder / name, items, schema)
        figures[name] = {**library_versions(format, name), **left_out}
    return figures


def write_card(folder: Path, manifest: Mapping[str, Any], items: Sequence[Item], formats: Mapping[str, Format]) -> None:
    """Write the card, and the README of each format that has one."""
    card = dataset_card(manifest, {name: format.says for name, format in formats.items()})
    write_text(folder / CARD, card)
    for name, format in formats.items():
        if format.readme is not None:
            write_text(folder / name / "README.md", format.readme(items, card))


def _manifest(
    items: Sequence[Item], left_out: Sequence[LeftOut], about: About, schema: Schema, formats: Mapping[str, Any]
) -> dict[str, Any]:
    counted = counts(Reading(len(item.document.text), item.gold, item.split) for item in items)
    return {
        "name": about.name,
        "created_at": about.created_at,
        "created_by": about.created_by,
        "tahkim": about.tool_version,
        "schema": schema.version,
        "guideline": about.guideline_version,
        "rules": list(about.rules_versions),
        "licence": about.licence,
        "text": about.text,
        "settings": dict(about.settings),
        "partial": about.partial,
        "counts": counted,
        "composition": composition(items),
        "splits": {**about.shares, "unassigned": [item.document.id for item in items if item.split is None]},
        "formats": dict(formats),
        "left_out": [asdict(document) for document in left_out],
        "disagreement": about.disagreement,
        "redacted": [dict(each) for each in about.redacted],
        "gaps": gaps(counted, schema),
        "annotators": dict(sorted(about.annotators.items())),
        "agreement": dict(about.agreement),
        "audit": about.audit,
        "log": dict(about.log),
        "revision": about.revision,
    }


class Reading(NamedTuple):
    """What is counted of a document: the length of its text, its gold, its split."""

    characters: int
    gold: Annotation
    split: str | None


def counts(readings: Iterable[Reading]) -> dict[str, Any]:
    """How many documents, characters, open questions, spans and relations; by split, by label, by how they came."""
    labels: dict[str, Counter[str]] = {"spans": Counter(), "relations": Counter()}
    how: dict[str, Counter[str]] = {"spans": Counter(), "relations": Counter()}
    splits: Counter[str] = Counter()
    still_open = Counter(documents=0, questions=0)
    n_documents = n_characters = 0
    for characters, gold, split in readings:
        n_documents += 1
        n_characters += characters
        splits[split or "unassigned"] += 1
        if questions := gold.extra.get("open"):
            still_open.update(documents=1, questions=len(questions))
        for kind, marks in (("spans", gold.spans), ("relations", gold.relations)):
            labels[kind].update(mark.label for mark in marks)
            how[kind].update(mark.how or "" for mark in marks)
    return {
        "documents": n_documents,
        "characters": n_characters,
        "spans": labels["spans"].total(),
        "relations": labels["relations"].total(),
        "open": dict(still_open),
        "splits": dict(sorted(splits.items())),
        "labels": dict(sorted(labels["spans"].items())),
        "relation_labels": dict(sorted(labels["relations"].items())),
        "how": {kind: dict(sorted(count.items())) for kind, count in how.items()},
    }


def composition(items: Sequence[Item]) -> dict[str, Any]:
    """Where documents come from, as far as their meta says: languages, outlets, first and last day of publication.

    Where no language is given the script of most of the letters stands for it.
    """
    languages = Counter(str(item.document.meta.get("language") or _script(item.document.text)) for item in items)
    outlets = Counter(str(item.document.meta.get("outlet", "unknown")) for item in items)
    days = sorted(str(day) for item in items if (day := item.document.meta.get("published")))
    return {
        "languages": dict(sorted(languages.items())),
        "outlets": dict(sorted(outlets.items(), key=lambda each: (-each[1], each[0]))),
        "groups": len({item.document.group or item.document.id for item in items}),
        "published": {"first": days[0], "last": days[-1], "undated": len(items) - len(days)} if days else None,
    }


def _script(text: str) -> str:
    letters = [character for character in text if character.isalpha()]
    arabic = sum("\u0600" <= character <= "\u06ff" for character in letters)
    if not letters:
        return "no letters"
    return "Arabic script" if 2 * arabic > len(letters) else "other script"


def gaps(counted: Mapping[str, Any], schema: Schema) -> dict[str, list[str]]:
    """Labels and relations of the schema that the gold has never, or fewer than `FEW` times."""
    used = {**counted["labels"], **counted["relation_labels"]}
    known = [*schema.labels, *schema.relations]
    return {
        "never": [name for name in known if not used.get(name)],
        "few": [name for name in known if 0 < used.get(name, 0) < FEW],
    }


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Enter every file of the folder into the manifest, and write that."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    manifest["files"] = {path.relative_to(folder).as_posix(): _file_entry(path) for path in paths}
    write_text(folder / MANIFEST, _pretty(manifest))


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
def appearing(folder: Path) -> Iterator[Path]:
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
        # One call brings all to the disk: file by file the thousands of some formats take minutes on a slow one.
        os.sync()
        partial.rename(folder)
    except OSError as error:
        raise ReleaseError(f"{folder}: cannot be written: {reason(error)}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
