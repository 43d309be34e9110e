"""Whether a release is what its manifest says: needs nothing but the folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tahkim import __version__
from tahkim.errors import ReleaseError
from tahkim.gold.card import dataset_card
from tahkim.gold.formats import Format
from tahkim.gold.release import CARD, GOLD, MANIFEST, Reading, counts, file_hash
from tahkim.interchange import decode, problems
from tahkim.writing import reason

SAID = (
    *("name", "created_at", "created_by", "tahkim", "schema", "guideline", "rules", "licence", "text", "settings"),
    *(
        "counts",
        "composition",
        "splits",
        "left_out",
        "redacted",
        "gaps",
        "annotators",
        "agreement",
        "disagreement",
        "audit",
        "formats",
        "log",
    ),
)
"""What every manifest says, besides the files."""


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a release; ReleaseError when there is none that can be read."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        raise ReleaseError(f"{path}: {reason(error)}: {folder} is no release of tahkim") from error
    except (ValueError, RecursionError) as error:
        raise ReleaseError(f"{path} is no JSON: {error}") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ReleaseError(f"{path} lists no files: it is no manifest of tahkim")
    if missing := [name for name in SAID if name not in manifest]:
        raise ReleaseError(f"{path} does not say {', '.join(missing)}: it was changed since the release")
    return manifest


def verify(folder: Path, formats: Mapping[str, Format] | None = None) -> list[str]:
    """Everything that is wrong with a release, empty when it is whole.

    Checks that each listed file is there unchanged and no other is, that every line of gold is sound with its
    offsets inside its text, and that the counts of the manifest are those of the gold. With `formats`, where this
    version of tahkim made the release, also that its card follows from its manifest, from which it was made.
    """
    manifest = read_manifest(folder)
    found = list(_file_problems(folder, manifest["files"]))
    if found:
        return found
    readings, found = _read_gold(folder / GOLD)
    if not found and counts(readings) != manifest.get("counts"):
        found.append(f"{MANIFEST}: its counts are not those of {GOLD}")
    if not found and formats is not None and manifest["tahkim"] == __version__:
        card = dataset_card(manifest, {name: formats[name].says for name in manifest["formats"]})
        if card.encode() != (folder / CARD).read_bytes():
            found.append(f"{MANIFEST} does not say what {CARD} says")
    return found


def _file_problems(folder: Path, files: Mapping[str, Any]) -> Iterator[str]:
    for name, entry in sorted(files.items()):
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif file_hash(path) != (entry.get("sha256") if isinstance(entry, dict) else None):
            yield f"{name} is not the file that was released: its sha256 differs"
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(there - set(files) - {MANIFEST}):
        yield f"{name} was not released: the manifest does not list it"


def _read_gold(path: Path) -> tuple[list[Reading], list[str]]:
    readings, found = [], []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                found.append(f"{GOLD} line {number} is no JSON: {error}")
                continue
            wrong = problems(record)
            found += [f"{GOLD} line {number}: {what}" for what in wrong]
            if not wrong:
                decoded = decode(record)
                length = record.get("length", 0) if decoded.text is None else len(decoded.text)
                readings.append(Reading(length, decoded.annotation, record.get("split")))
    return readings, found
