"""Keeping a project: backups of all of it, taking a document out for good, the casebook."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from tahkim import __version__, guideline
from tahkim.adjudicate.casebook import Case
from tahkim.adjudicate.casebook import casebook as text_of_casebook
from tahkim.adjudicate.decisions import is_stale, standing
from tahkim.adjudicate.questions import read
from tahkim.clock import now
from tahkim.errors import InputError, UsageError
from tahkim.interchange import dumps
from tahkim.project import HOME, Project
from tahkim.store import Draft
from tahkim.store.copying import TableRow, make, rows
from tahkim.workflow import publish
from tahkim.workflow.settle import decisions
from tahkim.writing import reason, write_text

Record = dict[str, Any]
ABOUT, ROWS, FILES = "backup.json", "store.jsonl", "files/"
KEPT = (f"{HOME}/pseudonyms.key", "label_config", "guidelines", "exports")
"""What of a project's folder goes into a backup beside its store."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


def backup(project: Project, file: Path) -> Record:
    """Write all of a project into one file that only you may read: its store, schema, secret, casebook and releases.

    The store is read as of one moment. The file appears whole or not at all; the same project gives the same bytes.
    Returns how many rows of each table are in it. UsageError when the file is there already.
    """
    if file.exists():
        raise UsageError(f"{file} exists already: a backup never overwrites another")
    counts: Record = {}
    with _appearing_file(file) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        with project.store.reading() as connection, archive.open(_entry(ROWS), "w", force_zip64=True) as out:
            for row in rows(connection):
                counts[row.table] = counts.get(row.table, 0) + 1
                out.write(dumps([row.table, row.values]) + b"\n")
        about = {"tahkim": __version__, "store_version": project.store.version(), "rows": counts}
        archive.writestr(_entry(ABOUT), json.dumps(about, indent=2) + "\n")
        for path in _kept_files(project.folder):
            archive.writestr(_entry(FILES + path.relative_to(project.folder).as_posix()), path.read_bytes())
    return counts


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _kept_files(folder: Path) -> Iterator[Path]:
    for kept in KEPT:
        path = folder / kept
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        # What a killed run left half-written begins with a dot and is of no use.
        yield from (each for each in found if each.is_file() and not _is_leftover(each.relative_to(path)))


def _is_leftover(path: Path) -> bool:
    return any(part.startswith(".") and part.endswith(".tmp") for part in path.parts)


@contextmanager
def _appearing_file(file: Path) -> Iterator[Path]:
    partial = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(file)
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {reason(error)}") from error
    finally:
        partial.unlink(missing_ok=True)


def restore(file: Path, folder: Path, store: str | None = None) -> Record:
    """Make a project at `folder` from a backup; `store` is the URL of an empty PostgreSQL database, None for a file.

    Returns how many rows of each table there are. Raises UsageError when there is a project already, InputError when
    the file is no backup or is damaged; nothing is left behind then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty: restore into a folder that is not there")
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        partial.mkdir(parents=True)
        with zipfile.ZipFile(file) as archive:
            about = _about(archive, file)
            for name in archive.namelist():
                if name.startswith(FILES):
                    _extract(archive, name, partial)
            make(store or partial, about["store_version"], _stored_rows(archive))
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is no backup, or is damaged: {error}") from None
    except OSError as error:
        raise InputError(f"{error.filename or file}: {reason(error)}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    counts: Record = about["rows"]
    return counts


def _about(archive: zipfile.ZipFile, file: Path) -> Record:
    damaged = archive.testzip()
    if damaged is not None:
        raise InputError(f"{file} is damaged: {damaged} is not what was written")
    if not {ABOUT, ROWS} <= set(archive.namelist()):
        raise InputError(f"{file} is no backup of tahkim: it has no {ABOUT}")
    about: Record = json.loads(archive.read(ABOUT))
    if not (isinstance(about, dict) and {"store_version", "rows"} <= about.keys()):
        raise InputError(f"{file} is no backup of tahkim: its {ABOUT} does not say what it holds")
    return about


def _extract(archive: zipfile.ZipFile, name: str, folder: Path) -> None:
    inside = PurePosixPath(name.removeprefix(FILES))
    if inside.is_absolute() or ".." in inside.parts:
        raise InputError(f"the backup has a file outside of a project: {inside}")
    target = folder / inside
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o600 if inside.name == "pseudonyms.key" else 0o644
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(archive.read(name))


def _stored_rows(archive: zipfile.ZipFile) -> Iterator[TableRow]:
    with archive.open(ROWS) as lines:
        for line in lines:
            row = json.loads(line)
            if not (isinstance(row, list) and len(row) == 2 and isinstance(row[1], dict)):
                raise ValueError(f"{ROWS} has a line that is no row of a table")
            yield TableRow(*row)


def redact(project: Project, doc_id: str, *, by: str, why: str) -> Record:
    """Take a document out for good: text, meta and readings go, a tombstone and an entry of the log stay.

    Releases that held it are written again without it, and the log says what they are now; so is the casebook, which
    quotes texts, where there is one. The same call again finishes what a killed one began. Returns whether it was
    there, and the names of the releases written again.
    """
    payload = {"doc_id": doc_id, "reason": why}
    was_there = project.store.redact(doc_id, Draft("redaction", payload, by, now(), unique=doc_id))
    with TemporaryDirectory(dir=project.folder) as scratch:
        names = publish.released(project)
        changed = [name for name in names if publish.without_redacted(project, name, Path(scratch), by)]
    if _casebook_path(project).exists():
        casebook(project)
    return {"redacted": was_there, "releases": changed}


def casebook(project: Project) -> Path:
    """Write `guidelines/casebook.md` from the decisions that stand; where it is."""
    corpus = project.store.corpus()
    by_document = corpus.by_document()
    cases = []
    for doc_id, stand in standing(decisions(project), corpus.documents).items():
        document = corpus.documents[doc_id]
        questions = {q.key: q for q in read(doc_id, by_document[doc_id], project.schema).all}
        decided = [(decision, questions[key]) for key, decision in stand.by_key.items() if key in questions]
        # A decision whose place or readings have changed is asked for anew; until then it teaches nobody.
        cases += [Case(d, document, question) for d, question in decided if not is_stale(d, question)]
        cases += [Case(decision, document, None) for decision in stand.additions]
    titles = {f"§{p.number}": p.title for p in guideline.load("ar").paragraphs}
    path = _casebook_path(project)
    path.parent.mkdir(exist_ok=True)
    write_text(path, text_of_casebook(cases, titles))
    return path


def _casebook_path(project: Project) -> Path:
    return project.folder / "guidelines" / "casebook.md"
