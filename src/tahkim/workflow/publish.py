"""Releases: written once, from what the log says, and verified byte for byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from tahkim.adjudicate.strategies import Settings
from tahkim.clock import now
from tahkim.errors import ReleaseError, UsageError
from tahkim.gold.diff import diff as diff_of
from tahkim.gold.formats import chosen
from tahkim.gold.hydrate import Hydrated
from tahkim.gold.hydrate import hydrate as hydrate_folder
from tahkim.gold.reading import load_gold
from tahkim.gold.release import MANIFEST, file_hash
from tahkim.gold.release import release as write_release
from tahkim.gold.splits import Shares
from tahkim.gold.verify import read_manifest
from tahkim.gold.verify import verify as verify_folder
from tahkim.model import Document
from tahkim.project import Project
from tahkim.store import Entry
from tahkim.workflow.contents import Contents, Cut, contents
from tahkim.workflow.formats import FORMATS

Record = dict[str, Any]
REWRITTEN = "release-redacted"
"""The kind of the log's entry on a release that was written again without a redacted document."""

USUAL_SHARES = Shares()


def release(
    project: Project,
    name: str,
    settings: Settings,
    *,
    by: str,
    partial: bool = False,
    formats: Sequence[str] = (),
    shares: Shares = USUAL_SHARES,
    text: bool = True,
    licence: str | None = None,
) -> tuple[Path, Record]:
    """Merge the project and write its gold as a release; the folder and its manifest.

    Documents with open conflicts are left out, or with `partial` go in with their open places listed. The log
    says what it was made from before it appears, so that a release a killed run did not finish, or whose folder
    was lost, is written again from that: byte for byte, or not at all.
    """
    if formats and not text:
        raise UsageError("--without-text goes with gold.jsonl alone: leave --format out, and hydrate before converting")
    head = project.store.head()
    cut = Cut(
        revision=project.store.last_revision(),
        entry=head.n if head else 0,
        settings=settings,
        partial=partial,
        by=by,
        at=now(),
        schema=project.schema_text,
        formats=tuple(chosen(formats, FORMATS)),
        shares=shares.check(),
        text=text,
        licence=licence,
    )
    folder = project.exports / _release_name(name)
    if folder.exists():
        raise ReleaseError(f"{folder} exists already: a release never changes, give this one another name")
    entry = release_entry(project, name)
    if entry is not None:
        return folder, _write_again(project, folder, entry, cut)
    made = contents(project, name, cut)

    def enter(manifest: str) -> None:
        payload = {"name": name, "cut": msgspec.to_builtins(cut), "manifest": manifest, "splits": dict(made.splits)}
        project.store.append("release", payload, by=by, at=cut.at, unique=name)

    return folder, _write(folder, made, cut, enter)


def _write_again(project: Project, folder: Path, entry: Entry, asked: Cut) -> Record:
    """The release that an entry of the log tells of, provided that the same is asked for."""
    cut = msgspec.convert(entry.payload["cut"], Cut)
    if cut.asked != asked.asked:
        raise ReleaseError(
            f"{folder.name} was released with other settings (entry {entry.n} of the log): use another name"
        )
    made = contents(project, folder.name, cut, entry.payload["splits"])
    return _write(folder, made, cut, _expecting(_expected(project, entry), folder.name))


def _expected(project: Project, entry: Entry) -> str:
    """The sha256 that the manifest of a release has: as released, or as redactions have left it."""
    name = entry.payload["name"]
    later = [e.payload["manifest"] for e in project.store.entries(REWRITTEN) if e.payload["name"] == name]
    manifest: str = later[-1] if later else entry.payload["manifest"]
    return manifest


def released(project: Project) -> list[str]:
    """The names of all releases, the first first."""
    return [entry.payload["name"] for entry in project.store.entries("release")]


def without_redacted(project: Project, name: str, scratch: Path, by: str) -> bool:
    """Write a release again without documents that were redacted since; False when it is as it should be.

    What it is now is in the log before it takes its place. `scratch` is a folder on the same disk.
    """
    entry = release_entry(project, name)
    assert entry is not None
    folder, again = project.exports / name, scratch / name
    cut = msgspec.convert(entry.payload["cut"], Cut)
    _write(again, contents(project, name, cut, entry.payload["splits"]), cut, lambda manifest: None)
    manifest = file_hash(again / MANIFEST)
    if manifest != _expected(project, entry):
        unique = f"{name}:{manifest}"
        project.store.append(REWRITTEN, {"name": name, "manifest": manifest}, by=by, at=now(), unique=unique)
    if folder.exists() and file_hash(folder / MANIFEST) != manifest:
        folder.rename(scratch / f"{name}.old")
        again.rename(folder)
        return True
    return False


def _write(folder: Path, made: Contents, cut: Cut, enter: Callable[[str], None]) -> Record:
    formats = chosen(cut.formats, FORMATS)
    return write_release(folder, made.items, made.left_out, made.about, made.schema, formats, enter)


def release_entry(project: Project, name: str) -> Entry | None:
    """The entry of the log that tells of a release."""
    return next((e for e in project.store.entries("release") if e.payload["name"] == name), None)


def _expecting(manifest: str, name: str) -> Callable[[str], None]:
    def check(found: str) -> None:
        if found != manifest:
            raise ReleaseError(
                f"{name} cannot be written again as it was: the project, or tahkim, has changed since. Use another name"
            )

    return check


def _release_name(name: str) -> str:
    if not re.fullmatch(r"\w[\w.-]{0,63}", name):
        raise UsageError(
            f"{name!r} is no name for a release: use letters, digits, dots, dashes, such as 2026-01 or v1.2"
        )
    return name


def verify(folder: Path, project: Project | None = None) -> list[str]:
    """Everything that is wrong with a release; with its project, also whether it comes out the same again."""
    found = verify_folder(folder, FORMATS)
    if project is None or found:
        return found
    entry = release_entry(project, str(read_manifest(folder).get("name")))
    if entry is None:
        return ["the log of the project has no such release"]
    if _expected(project, entry) != file_hash(folder / MANIFEST):
        return [f"{MANIFEST} is not the one that entry {entry.n} of the log names"]
    return _recompute(project, folder, entry)


def verify_log(project: Project) -> list[str]:
    """What is wrong with the log of a project: within its chain of hashes, and against the releases in its folder.

    The chain alone cannot tell that its last entries are gone. Each release holds the hash of the entry before its
    own, and so is a witness to all entries up to there.
    """
    entries = {entry.n: entry for entry in project.store.entries()}
    names = {entry.payload["name"] for entry in entries.values() if entry.kind == "release"}
    found = project.store.verify_log()
    for path in sorted(project.exports.glob(f"*/{MANIFEST}")):
        manifest = read_manifest(path.parent)
        said = manifest["log"]
        last = entries.get(said["entries"])
        if said["hash"] is not None and (last is None or last.hash != said["hash"]):
            found.append(f"release {manifest['name']} was made when the log had another entry {said['entries']}")
        elif manifest["name"] not in names:
            found.append(f"the entry on release {manifest['name']} is missing")
    return found


def _recompute(project: Project, folder: Path, entry: Entry) -> list[str]:
    """Write the release a second time elsewhere and compare every byte."""
    cut = msgspec.convert(entry.payload["cut"], Cut)
    with TemporaryDirectory() as scratch:
        again = Path(scratch) / folder.name
        made = contents(project, entry.payload["name"], cut, entry.payload["splits"])
        _write(again, made, cut, lambda manifest: None)
        names = sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
        return [
            f"{name.as_posix()} comes out different"
            for name in names
            if not (folder / name).is_file() or file_hash(again / name) != file_hash(folder / name)
        ]


def diff(one: Path, other: Path) -> Record:
    """What changed between two releases, whose folders these are; see `tahkim.gold.diff`."""
    return diff_of(load_gold(one), load_gold(other))


def hydrate(
    folder: Path, texts: Iterable[Document], to: Path, formats: Sequence[str] = (), *, skip_missing: bool = False
) -> Hydrated:
    """Write a release made without texts again with them, and perhaps in further formats."""
    if "soft" in formats:
        raise UsageError("soft labels come from the project, not from a release: leave --format soft out")
    return hydrate_folder(folder, texts, to, chosen(formats, FORMATS), skip_missing=skip_missing)


def manifest_of(folder: Path) -> Record:
    """The manifest of a release; ReleaseError when there is none that can be read."""
    return read_manifest(folder)
