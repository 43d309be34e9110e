"""Plain files as a tool: a folder for the project, a JSON Lines file for each desk.

An annotator gets the file, marks in it whatever way they like, and sets `status` to submitted line by line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from urllib.parse import quote, unquote

from msgspec.structs import replace

from tahkim.backends.desks import Account, Desk, Finding, Item, Reading, Setting
from tahkim.backends.files import read_annotations, write_lines
from tahkim.errors import InputError
from tahkim.interchange import encode
from tahkim.model import Annotation, Corpus, Document, Status


class Folder:
    """A folder of desks. There are no accounts: whoever has the file is the annotator."""

    tool = "files"
    holds_attributes = True
    holds_keys: Collection[str] | None = None
    holds_statuses: Collection[Status] = ("submitted", "skipped", "draft")
    adjudicates = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = str(folder)
        self.admin = Account("")

    def close(self) -> None:
        """See `Backend.close`."""

    def check(self) -> list[Finding]:
        """See `Backend.check`."""
        there = self._folder.is_dir()
        return [Finding("folder", there, str(self._folder) if there else f"{self._folder} is made by `tahkim push`")]

    def desks(self, project: str) -> list[Desk]:
        """See `Backend.desks`."""
        return [self._desk(unquote(file.stem)) for file in sorted(self._folder.glob("*.jsonl"))]

    def _desk(self, annotator: str) -> Desk:
        file = self._folder / f"{quote(annotator, safe=' ')}.jsonl"
        return Desk(annotator, str(file), str(file))

    def foreign(self, remote: str) -> Desk:
        """See `Backend.foreign`."""
        return Desk("", remote, remote)

    def account(self, annotator: str, known: Account | None) -> Account:
        """See `Backend.account`."""
        return Account(annotator)

    def open(self, project: str, title: str, annotator: str, account: Account, setting: Setting) -> Desk:
        """See `Backend.open`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        desk = self._desk(annotator)
        if not Path(desk.id).exists():
            write_lines(desk.id, [])
        return desk

    def remove(self, desk: Desk) -> None:
        """See `Backend.remove`."""
        Path(desk.id).unlink(missing_ok=True)

    def losses(self, desk: Desk, setting: Setting) -> list[str] | None:
        """See `Backend.losses`: a file has no configuration."""
        return None

    def configure(self, desk: Desk, setting: Setting) -> None:
        """See `Backend.configure`."""

    def held(self, desk: Desk) -> dict[str, str]:
        """See `Backend.held`."""
        return {document.id: document.sha256 for document in self._read(desk).documents.values()}

    def _read(self, desk: Desk) -> Corpus:
        return read_annotations(desk.id) if Path(desk.id).stat().st_size else Corpus({}, ())

    def add(self, desk: Desk, items: Iterable[Item], setting: Setting, account: Account) -> None:
        """See `Backend.add`: the file is written anew with the lines at its end."""
        corpus = self._read(desk)
        lines = {a.doc_id: (a, corpus.documents[a.doc_id]) for a in corpus.annotations}
        for item in items:
            lines[item.document.id] = (_start(item, desk.annotator), item.document)
        self._write(desk, lines)

    def _write(self, desk: Desk, lines: Mapping[str, tuple[Annotation, Document]]) -> None:
        write_lines(desk.id, (encode(annotation, document) for annotation, document in lines.values()))

    def readings(self, desk: Desk, setting: Setting) -> Iterator[Reading]:
        """See `Backend.readings`."""
        corpus = self._read(desk)
        for number, annotation in enumerate(corpus.annotations, start=1):
            name = desk.annotator or annotation.annotator
            origin = {"tool": self.tool, "project": desk.id}
            own = {key: value for key, value in annotation.extra.items() if key not in ("questions", "answer")}
            came = replace(annotation, annotator=name, origin=origin, extra=own)
            answer = str(annotation.extra.get("answer") or "")
            yield Reading(corpus.documents[annotation.doc_id], came, (), None, f"{desk.url}, line {number}", answer)

    def state(self, desk: Desk) -> object:
        """See `Backend.state`."""
        file = Path(desk.id).stat()
        return file.st_mtime_ns, file.st_size

    @contextmanager
    def told(self, projects: Sequence[str]) -> Iterator[Event]:
        """See `Backend.told`: a file tells nobody anything."""
        yield Event()

    def ask(self, desk: Desk, doc_id: str, questions: Sequence[str]) -> None:
        """See `Backend.ask`: the line gets a key `questions` and a key `answer` to be filled, and is a draft again."""
        corpus = self._read(desk)
        lines = {a.doc_id: (a, corpus.documents[a.doc_id]) for a in corpus.annotations}
        line, document = lines[doc_id]
        asked = {"answer": "", **line.extra, "questions": list(questions)}
        if asked["questions"] != line.extra.get("questions"):
            lines[doc_id] = (replace(line, status="draft", extra=asked), document)
            self._write(desk, lines)

    def submit(self, desk: Desk, item: Item, setting: Setting, account: Account) -> None:
        """See `Backend.submit`."""
        corpus = self._read(desk)
        lines = {a.doc_id: (a, corpus.documents[a.doc_id]) for a in corpus.annotations}
        if item.document.id not in lines:
            raise InputError(f"{desk.url}: document {item.document.id} is not on this desk")
        if item.work is not None:
            before = lines[item.document.id][0]
            work = replace(item.work, annotator=desk.annotator, origin=None, started_from=before.started_from)
            lines[item.document.id] = (work, item.document)
            self._write(desk, lines)


def _start(item: Item, annotator: str) -> Annotation:
    """The line an annotator begins with."""
    if item.work is not None:
        return replace(item.work, annotator=annotator, origin=None)
    if item.suggestion is None:
        return Annotation(doc_id=item.document.id, annotator=annotator, status="draft")
    name = item.suggestion.annotator
    return replace(item.suggestion, annotator=annotator, status="draft", started_from=name, origin=None)
