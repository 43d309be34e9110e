"""What pushing and pulling share: who gets what, how a project reaches a tool, one at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from tahkim import assign
from tahkim.access import ENVIRONMENT as SERVERS
from tahkim.access import Access, find, read_secret, write_secret
from tahkim.assign import Design
from tahkim.backends import connect
from tahkim.backends.desks import Account, Backend, Desk, Setting
from tahkim.errors import UsageError
from tahkim.model import Annotation
from tahkim.project import HOME, Project

Say = Callable[[str], None]
Thing = TypeVar("Thing")


class Progress(Protocol):
    """How things are shown to be worked on, one after the other, while they are: of so many, if that is known."""

    def __call__(self, things: Iterable[Thing], what: str, total: int | None = None, /) -> Iterable[Thing]: ...


def unshown(things: Iterable[Thing], what: str, total: int | None = None, /) -> Iterable[Thing]:
    """Nothing is shown."""
    return things


DESIGN = "design"
CHUNK = 200
"""Documents that are in memory at once."""


# Access.


@contextmanager
def back_end(project: Project, tool: str, server: str | None = None) -> Iterator[Backend]:
    """The back end of a tool, as the project reaches it. For `files` the desks are files in `desks/`."""
    if tool in SERVERS:
        access = find(tool, server, project.folder / HOME / tool)
    else:
        access = Access(tool, str(project.folder / "desks"), "", "")
    with closing(connect(access)) as backend:
        yield backend


def accounts_file(project: Project) -> Path:
    """Where the annotators' users and passwords are, for the lead to hand out."""
    return project.folder / HOME / "accounts.json"


class Accounts:
    """The accounts of annotators, in a file of mode 600: what is needed to enter work as them, and to tell them."""

    def __init__(self, project: Project, backend: Backend) -> None:
        self.file = accounts_file(project)
        self._server = backend.address
        self._backend = backend

    def of(self, annotator: str) -> Account:
        kept = read_secret(self.file)
        mine = kept.setdefault(self._server, {})
        known = Account(*mine[annotator]) if annotator in mine else None
        account = self._backend.account(annotator, known)
        if account != known:
            mine[annotator] = list(account)
            write_secret(self.file, kept)
        return account


@contextmanager
def alone(project: Project, what: str) -> Iterator[None]:
    """One push, or one pull, of a project at a time: two would both find a document missing, and both send it."""
    with (project.folder / HOME / f"{what}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another {what} of this project is running: wait for it, or stop it") from None
        yield


# Assign.


def design_of(project: Project) -> Design:
    """The design of the project; UsageError where none was made."""
    kept = project.store.settings().get(DESIGN)
    if kept is None:
        raise UsageError("nobody has documents yet: run `tahkim assign ANNOTATOR …` first")
    return msgspec.convert(kept, Design)


def has_design(project: Project) -> bool:
    """Whether anything was given out yet."""
    return DESIGN in project.store.settings()


def assign_documents(project: Project, wanted: Design, *, dry_run: bool = False) -> tuple[Design, assign.Properties]:
    """Give out what is not given out yet, and keep it; what was given out stays. The design and its figures."""
    if wanted.profile and wanted.profile not in project.schema.profiles:
        project.schema.profile(wanted.profile)
    lengths = {document.id: len(document.text) for document in project.store.documents()}
    if not lengths:
        raise UsageError("the project has no documents: run `tahkim ingest` first")
    kept = project.store.settings().get(DESIGN)
    if kept is not None:
        before = msgspec.convert(kept, Design)
        wanted = replace(wanted, given=before.given, everyone=before.everyone)
    design = assign.extended(wanted, lengths)
    if not dry_run:
        project.store.set(DESIGN, assign.to_record(design))
    return design, assign.properties(design, lengths)


def setting_of(project: Project, profile: str = "") -> Setting:
    """The project's schema, and the profile of it that is asked for: its default where none is named."""
    return Setting(project.schema, profile or project.schema.default_profile)


def is_at(annotation: Annotation, backend: Backend, desk: Desk) -> bool:
    """Whether a reading came from a desk."""
    origin = annotation.origin or {}
    return origin.get("tool") == backend.tool and str(origin.get("project")) == desk.id


def few(doc_ids: Sequence[str]) -> str:
    """The first five, and how many more there are."""
    return ", ".join(doc_ids[:5]) + (f" and {len(doc_ids) - 5} more" if len(doc_ids) > 5 else "")
