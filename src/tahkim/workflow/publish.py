"""Releases: written once, from what the log says, and verified byte for byte."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from tahkim import __version__, guideline
from tahkim.adjudicate.merge import gold_annotation
from tahkim.adjudicate.strategies import Settings
from tahkim.clock import now
from tahkim.errors import ReleaseError, UsageError
from tahkim.gold.release import MANIFEST, About, LeftOut, file_hash
from tahkim.gold.release import release as write_release
from tahkim.gold.verify import read_manifest
from tahkim.gold.verify import verify as verify_folder
from tahkim.interchange import decode_decision
from tahkim.model import Corpus, Decision, Document, is_person
from tahkim.project import Project
from tahkim.store import Entry
from tahkim.workflow.measure import headline
from tahkim.workflow.settle import merge

Record = dict[str, Any]


class Cut(Struct, frozen=True):
    """The state of a project that a release is made from: all up to a revision and an entry of the log."""

    revision: int
    entry: int
    settings: Settings
    partial: bool
    by: str
    at: str


def release(project: Project, name: str, settings: Settings, *, by: str, partial: bool = False) -> tuple[Path, Record]:
    """Merge the project and write its gold as a release; the folder and its manifest.

    Documents with open conflicts are left out, or with `partial` go in with their open places listed. The log
    says what it was made from before it appears, so that a release a killed run did not finish, or whose folder
    was lost, is written again from that: byte for byte, or not at all.
    """
    folder = project.exports / _release_name(name)
    entry = _release_entry(project, name)
    if folder.exists():
        raise ReleaseError(f"{folder} exists already: a release never changes, give this one another name")
    if entry is not None:
        cut = msgspec.convert(entry.payload["cut"], Cut)
        if (cut.settings, cut.partial) != (settings, partial):
            raise ReleaseError(
                f"{name} was released with other settings (entry {entry.n} of the log): use another name"
            )
        return folder, _write_release(project, folder, cut, _expecting(entry.payload["manifest"], name))
    head = project.store.head()
    cut = Cut(project.store.last_revision(), head.n if head else 0, settings, partial, by, now())

    def enter(manifest: str) -> None:
        payload = {"name": name, "cut": msgspec.to_builtins(cut), "manifest": manifest}
        project.store.append("release", payload, by=by, at=cut.at, unique=name)

    return folder, _write_release(project, folder, cut, enter)


def _release_entry(project: Project, name: str) -> Entry | None:
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


def _write_release(project: Project, folder: Path, cut: Cut, enter: Callable[[str], None]) -> Record:
    corpus = project.store.corpus(until=cut.revision)
    decided = [decode_decision(dict(e.payload)) for e in project.store.entries("decision") if e.n <= cut.entry]
    merged, missing = merge(corpus, cut.settings, project.schema, decided)
    ready = [document for document in merged if cut.partial or not document.open]
    left_out = [
        *(_left_out(corpus.documents[doc_id], 0, "nobody submitted it") for doc_id in missing),
        *(_left_out(m.document, m.open, "open conflicts") for m in merged if m.open and not cut.partial),
    ]
    return write_release(
        folder,
        [(document.document, gold_annotation(document)) for document in ready],
        sorted(left_out, key=lambda item: item.doc_id),
        _about(project, folder.name, corpus, decided, cut),
        project.key,
        enter,
    )


def _left_out(document: Document, n_open: int, why: str) -> LeftOut:
    return LeftOut(document.id, n_open, why, len(document.text))


def _about(project: Project, name: str, corpus: Corpus, decided: Sequence[Decision], cut: Cut) -> About:
    submitted = Counter(a.annotator for a in corpus.annotations if a.votes)
    entry = next((e for e in project.store.entries() if e.n == cut.entry), None)
    return About(
        name=name,
        created_at=cut.at,
        created_by=cut.by,
        tool_version=__version__,
        schema_version=project.schema.version,
        guideline_version=guideline.load("en").version,
        rules_versions=tuple(sorted({a.annotator for a in corpus.annotations if a.annotator.startswith("rules")})),
        settings=asdict(cut.settings),
        partial=cut.partial,
        annotators=submitted,
        people=frozenset(
            {*(a.annotator for a in corpus.annotations if is_person(a.annotator)), *(d.by for d in decided), cut.by}
        ),
        agreement=headline(corpus, project.schema),
        log={"entries": cut.entry, "hash": entry.hash if entry else None},
        revision=cut.revision,
    )


def verify(folder: Path, project: Project | None = None) -> list[str]:
    """Everything that is wrong with a release; with its project, also whether it comes out the same again."""
    found = verify_folder(folder)
    if project is None or found:
        return found
    entry = _release_entry(project, str(read_manifest(folder).get("name")))
    if entry is None:
        return ["the log of the project has no such release"]
    if entry.payload["manifest"] != file_hash(folder / MANIFEST):
        return [f"{MANIFEST} is not the one that entry {entry.n} of the log names"]
    return _recompute(project, folder, msgspec.convert(entry.payload["cut"], Cut))


def _recompute(project: Project, folder: Path, cut: Cut) -> list[str]:
    """Write the release a second time elsewhere and compare every byte."""
    with TemporaryDirectory() as scratch:
        again = Path(scratch) / folder.name
        _write_release(project, again, cut, lambda manifest: None)
        names = sorted(path.name for path in again.iterdir())
        return [f"{name} comes out different" for name in names if file_hash(again / name) != file_hash(folder / name)]


def manifest_of(folder: Path) -> Record:
    """The manifest of a release; ReleaseError when there is none that can be read."""
    return read_manifest(folder)
