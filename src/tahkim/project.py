"""A project on disk: where its store, its schema and its secret are, and how to find it from inside.

DIR/.tahkim/project.db      the store (or a PostgreSQL URL by `--store` or TAHKIM_STORE)
DIR/.tahkim/pseudonyms.key  the secret of the pseudonyms, mode 600
DIR/label_config/schema.yaml  the project's own schema
DIR/exports/                releases
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from tahkim import schema as schemas
from tahkim.errors import StoreError, UsageError
from tahkim.schema import Schema
from tahkim.store import Store
from tahkim.writing import reason, write_text

HOME = ".tahkim"
KEY_BYTES = 32


class Project(Struct, frozen=True):
    """An open project. `key` is the secret of its pseudonyms."""

    folder: Path
    store: Store
    schema: Schema
    key: bytes

    @property
    def rule_folders(self) -> list[Path]:
        """Its own folder of lexicons and patterns, where there is one."""
        folder = self.folder / "rules"
        return [folder] if folder.is_dir() else []

    @property
    def schema_text(self) -> str:
        """Its schema as it stands in the file."""
        return (self.folder / "label_config" / "schema.yaml").read_text(encoding="utf-8")

    @property
    def exports(self) -> Path:
        """Where its releases go."""
        return self.folder / "exports"


def init(folder: Path, store: str | None = None, schema: Path | None = None) -> bool:
    """Make a project in a folder; False when there was one already, which is left as it is.

    `store` is a PostgreSQL URL, None for the database in the folder; `schema` is copied into the project (default:
    tahkim's own). Raises SchemaError when it is wrong, before anything is made.
    """
    source = schema or schemas.default_path()
    text = schemas.read(source)
    schemas.loads(text, str(source))
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: name a folder for the project")
    is_new = not (folder / HOME).is_dir()
    try:
        (folder / HOME).mkdir(parents=True, exist_ok=True)
        own = folder / "label_config" / "schema.yaml"
        if not own.exists():
            own.parent.mkdir(exist_ok=True)
            write_text(own, text)
        _make_key(folder / HOME / "pseudonyms.key")
    except OSError as error:
        raise UsageError(f"{folder}: no project can be made here: {reason(error)}") from error
    Store.open(store or folder, create=True).close()
    return is_new


def _make_key(path: Path) -> None:
    """A new secret that nobody else may read; one that is there stays. It appears whole or not at all."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):
            os.link(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def open_project(folder: Path | None = None, store: str | None = None) -> Iterator[Project]:
    """Open the project at a folder, by default the nearest one at or above the working folder.

    `store` is a PostgreSQL URL; None takes TAHKIM_STORE from the environment, or the database in the folder.
    """
    root = find(folder)
    place = store or os.environ.get("TAHKIM_STORE") or root
    schema = schemas.load(root / "label_config" / "schema.yaml")
    with Store.open(place) as opened:
        yield Project(root, opened, schema, _read_key(root / HOME / "pseudonyms.key"))


def find(folder: Path | None = None) -> Path:
    """The folder of a project: the one given, or the nearest at or above the working folder; else StoreError."""
    start = (folder or Path.cwd()).resolve()
    for candidate in (start,) if folder else (start, *start.parents):
        if (candidate / HOME).is_dir():
            return candidate
    where = f"at {folder}" if folder else f"in {start} or above it"
    raise StoreError(f"there is no project {where}: make one with `tahkim init DIR`, or name it with --project DIR")


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: {reason(error)}: it holds the secret of the project's pseudonyms") from error
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path}: has {len(key)} bytes instead of {KEY_BYTES}: restore it from a backup")
    return key
