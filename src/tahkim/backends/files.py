"""Plain files: reports, annotations and decisions in; lines and text out, whole or not at all."""

from __future__ import annotations

import csv
import json
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import msgspec

from tahkim import interchange
from tahkim.errors import InputError
from tahkim.model import Annotation, Corpus, Decision, Document

if TYPE_CHECKING:
    from tahkim.schema import Schema

BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Problem(NamedTuple):
    """What is wrong with one line of a file; lines count from 1."""

    line: int
    message: str


# Bytes and lines.


def _bytes_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines of a file as they are, line ends included, counted from 1. Only a line feed ends one."""
    with _readable(path) as file:
        yield from enumerate(file, start=1)


@contextmanager
def _readable(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise InputError(f"{path}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    """The system's own words for what went wrong, without the number and the path."""
    reasons = {FileNotFoundError: "no such file or folder", IsADirectoryError: "is a folder, a file belongs here"}
    return reasons.get(type(error)) or (error.strerror or str(error)).lower()


def _text(raw: bytes, line: int) -> str:
    """The bytes of one line as text, or a `_BadLineError` that says why they are none."""
    if line == 1 and raw.startswith(BYTE_ORDER_MARKS):
        raise _BadLineError("starts with a byte order mark; save it as UTF-8 without one")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _BadLineError(f"not UTF-8: byte 0x{raw[error.start]:02x} at byte {error.start + 1} of the line") from None


class _BadLineError(Exception):
    """A line that cannot be read at all; caught where file and line number are known."""


def _json(raw: bytes, line: int) -> object:
    """The JSON value of one line."""
    if line == 1 and raw.startswith(BYTE_ORDER_MARKS):
        _text(raw, line)
    try:
        return msgspec.json.decode(raw)
    except UnicodeDecodeError:
        return _text(raw, line)
    except (msgspec.DecodeError, RecursionError):
        return _json_in_detail(_text(raw, line))


def _json_in_detail(text: str) -> object:
    """What the fast parser refuses, read by the one that says where the fault is.

    That one lets lone surrogates, NaN and Infinity through; `interchange.problems` names them.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise _BadLineError("not JSON: ends too early") from None
        what = error.msg.removesuffix(" at")
        raise _BadLineError(f"not JSON: {what[0].lower()}{what[1:]} at character {error.pos + 1}") from None
    except RecursionError:
        raise _BadLineError("not usable JSON: nested too deep") from None
    except ValueError:
        raise _BadLineError("not usable JSON: a number has too many digits") from None


def _json_lines(path: Path) -> Iterator[tuple[int, Any, str]]:
    """Line number, value and complaint of every line that is not blank; the complaint is "" where there is a value."""
    for line, raw in _bytes_lines(path):
        if not raw.isspace():
            try:
                yield line, _json(raw, line), ""
            except _BadLineError as bad:
                yield line, None, str(bad)


# Reports.


def read_documents(path: Path | str) -> Iterator[Document]:
    """Documents of a `.jsonl`, `.csv` or `.txt` file, or of all such files of a folder in the order of their names.

    A `.jsonl` line is {"id", "text", "meta"?, "group"?}; a CSV has the columns id and text, perhaps group,
    and any others become meta; a `.txt` is one document named by its file. Texts come exactly as they stand.
    Reads as it goes, so the InputError for a bad line (file, line, what) comes when that line is reached.
    """
    first: dict[str, str] = {}
    for file in _report_files(Path(path)):
        for line, document in _READERS[file.suffix.lower()](file):
            place = f"{file}, line {line}"
            if document.id in first:
                raise InputError(f"{place}: the id {document.id} stands already in {first[document.id]}")
            first[document.id] = place
            yield document


def _report_files(path: Path) -> list[Path]:
    known = ", ".join(_READERS)
    if not path.is_dir():
        if path.suffix.lower() not in _READERS:
            raise InputError(f"{path}: reports come as {known}, or as a folder of such files")
        return [path]
    found = [f for f in path.iterdir() if f.suffix.lower() in _READERS and not f.name.startswith(".")]
    if not found:
        raise InputError(f"{path}: no report in this folder ({known})")
    return sorted(found)


def _jsonl_documents(path: Path) -> Iterator[tuple[int, Document]]:
    line = 0
    for line, record, complaint in _json_lines(path):
        found = [complaint] if complaint else interchange.document_problems(record)
        if found:
            raise InputError(f"{path}, line {line}: {found[0]}")
        yield line, interchange.decode_document(record)
    if not line:
        raise InputError(f"{path}: the file is empty")


def _txt_documents(path: Path) -> Iterator[tuple[int, Document]]:
    lines = [_line_text(path, line, raw) for line, raw in _bytes_lines(path)]
    if not lines:
        raise InputError(f"{path}: the file is empty")
    yield 1, _document(path, 1, {"id": path.stem, "text": "".join(lines)})


def _csv_documents(path: Path) -> Iterator[tuple[int, Document]]:
    csv.field_size_limit(sys.maxsize)
    rows = csv.reader((_line_text(path, line, raw) for line, raw in _bytes_lines(path)), strict=True)
    header: list[str] = []
    start = 1
    try:
        for row in rows:
            if row and not header:
                header = _csv_header(path, row)
            elif row:
                yield start, _document(path, start, _csv_record(path, start, header, row))
            start = rows.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}, line {start}: not CSV: {error}") from None
    if not header:
        raise InputError(f"{path}: the file is empty")


def _csv_header(path: Path, row: Sequence[str]) -> list[str]:
    if not {"id", "text"} <= set(row):
        raise InputError(
            f"{path}, line 1: a CSV of reports needs the columns id and text, this one has: {', '.join(row)}"
        )
    repeated = sorted({name for name in row if row.count(name) > 1})
    if repeated:
        raise InputError(f"{path}, line 1: two columns are named {repeated[0]}")
    return list(row)


def _csv_record(path: Path, line: int, header: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    if len(row) != len(header):
        raise InputError(f"{path}, line {line}: the row has {len(row)} columns, the header {len(header)}")
    record: dict[str, Any] = dict(zip(header, row, strict=True))
    meta = {name: record.pop(name) for name in header if name not in ("id", "text", "group")}
    record["group"] = record.get("group") or None
    return record | {"meta": {name: value for name, value in meta.items() if value}}


def _line_text(path: Path, line: int, raw: bytes) -> str:
    try:
        return _text(raw, line)
    except _BadLineError as bad:
        raise InputError(f"{path}, line {line}: {bad}") from None


def _document(path: Path, line: int, record: dict[str, Any]) -> Document:
    found = interchange.document_problems(record)
    if found:
        raise InputError(f"{path}, line {line}: {found[0]}")
    return interchange.decode_document(record)


_READERS: dict[str, Callable[[Path], Iterator[tuple[int, Document]]]] = {
    ".jsonl": _jsonl_documents,
    ".csv": _csv_documents,
    ".txt": _txt_documents,
}


# Annotations.


def read_annotations(path: Path | str) -> Corpus:
    """Documents and annotations of one interchange file, in the file's order.

    A key of `meta` on which the lines of a document agree belongs to the document; one on which they differ stays
    with each annotation (`extra["meta"]`). One InputError for everything that is wrong: file, line, the first problem,
    and how many more.
    """
    scan = _scan(Path(path))
    if scan.problems:
        raise InputError(_first_of(Path(path), scan.problems))
    return scan.corpus()


def _first_of(path: Path, problems: Sequence[Problem]) -> str:
    first, others = problems[0], len(problems) - 1
    more = f" ({others} more problem{'s' * (others > 1)}: tahkim validate --input {path} lists all)" if others else ""
    return f"{path}, line {first.line}: {first.message}{more}"


def validate(path: Path | str, schema: Schema | None = None) -> list[Problem]:
    """Every problem of an interchange file, by line; with a schema, what breaks the schema too.

    A line that is structurally wrong is not held against the schema. InputError only where the file cannot be read.
    """
    scan = _scan(Path(path))
    found = list(scan.problems)
    if schema is not None:
        from tahkim.schema import check

        for line, annotation in scan.annotations:
            text = scan.texts[annotation.doc_id][1]
            found += [Problem(line, _of(annotation) + what) for what in check(annotation, schema, text)]
    return sorted(found, key=lambda problem: problem.line)


def _of(annotation: Annotation) -> str:
    return f"document {annotation.doc_id} by {annotation.annotator}: "


def _scan(path: Path) -> _Scan:
    scan = _Scan()
    line = 0
    for line, record, complaint in _json_lines(path):
        if complaint:
            scan.problems.append(Problem(line, complaint))
        else:
            scan.take(line, record)
    if not line:
        scan.problems.append(Problem(1, "the file is empty"))
    scan.finish()
    return scan


class _Scan:
    """What has been read of one file so far. A line whose document's text has not come yet waits for it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.annotations: list[tuple[int, Annotation]] = []
        self.texts: dict[str, tuple[int, str]] = {}
        self._groups: dict[str, tuple[int, str]] = {}
        self._metas: dict[str, list[dict[str, Any]]] = {}
        self._first_line: dict[tuple[str, str], int] = {}
        self._waiting: list[tuple[int, dict[str, Any]]] = []

    def take(self, line: int, record: Any) -> None:
        doc_id = record.get("doc_id") if isinstance(record, dict) else None
        if not isinstance(doc_id, str):
            self._report(line, "", interchange.problems(record))
            return
        self._note(line, doc_id, record.get("text"), self.texts, "text")
        self._note(line, doc_id, record.get("group"), self._groups, "group")
        if doc_id in self.texts:
            self._judge(line, record)
        else:
            self._waiting.append((line, record))

    def finish(self) -> None:
        """Judge what still waits and bring everything into the order of lines."""
        missing: set[str] = set()
        for line, record in self._waiting:
            doc_id = record["doc_id"]
            if doc_id not in self.texts and doc_id not in missing:
                missing.add(doc_id)
                self._report(line, "", [f"document {doc_id} has no text on any line"])
            self._judge(line, record)
        self._waiting.clear()
        self.problems.sort(key=lambda problem: problem.line)
        self.annotations.sort(key=lambda pair: pair[0])

    def corpus(self) -> Corpus:
        metas = {doc_id: _agreed(metas) for doc_id, metas in self._metas.items()}
        documents = {
            doc_id: Document(
                id=doc_id, text=text, meta=metas.get(doc_id, {}), group=self._groups.get(doc_id, (0, None))[1]
            )
            for doc_id, (_, text) in self.texts.items()
        }
        return Corpus(documents, tuple(_without_meta(a, metas.get(a.doc_id, {})) for _, a in self.annotations))

    def _note(self, line: int, doc_id: str, value: object, known: dict[str, tuple[int, str]], what: str) -> None:
        """Keep a document's text or group, and report one that differs from an earlier line's."""
        if isinstance(value, str):
            first_line, first = known.setdefault(doc_id, (line, value))
            if value != first:
                self._report(line, "", [f"document {doc_id} has another {what} than on line {first_line}"])

    def _judge(self, line: int, record: dict[str, Any]) -> None:
        doc_id, annotator = record["doc_id"], record.get("annotator")
        text = self.texts.get(doc_id, (0, None))[1]
        found = interchange.problems(record, text)
        place = f"document {doc_id} by {annotator}: "
        if isinstance(annotator, str):
            first = self._first_line.setdefault((doc_id, annotator), line)
            if first != line:
                found.append(f"stands already on line {first}")
        else:
            place = f"document {doc_id}: "
        self._report(line, place, found)
        if not found and text is not None:
            decoded = interchange.decode(record)
            annotation = decoded.annotation
            if decoded.meta:
                self._metas.setdefault(doc_id, []).append(decoded.meta)
                annotation = msgspec.structs.replace(annotation, extra={**annotation.extra, "meta": decoded.meta})
            self.annotations.append((line, annotation))

    def _report(self, line: int, place: str, messages: Iterable[str]) -> None:
        self.problems += [Problem(line, place + message) for message in messages]


def _agreed(metas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The part of several lines' meta on which all that have it agree."""
    values: dict[str, list[Any]] = {}
    for meta in metas:
        for key, value in meta.items():
            values.setdefault(key, []).append(value)
    return {
        key: found[0] for key, found in sorted(values.items()) if len(set(map(interchange.content_hash, found))) == 1
    }


def _without_meta(annotation: Annotation, agreed: dict[str, Any]) -> Annotation:
    """The annotation keeping in `extra["meta"]` only what its document does not say already."""
    if "meta" not in annotation.extra:
        return annotation
    extra = dict(annotation.extra)
    own = {key: value for key, value in extra.pop("meta").items() if key not in agreed}
    return msgspec.structs.replace(annotation, extra=extra | ({"meta": own} if own else {}))


# Decisions.


def read_decisions(path: Path | str) -> list[Decision]:
    """Decisions of a file in its order, each with an `id`. InputError names file, line and problem."""
    decisions = []
    for line, record, complaint in _json_lines(Path(path)):
        found = [complaint] if complaint else interchange.decision_problems(record)
        if found:
            raise InputError(f"{path}, line {line}: {found[0]}")
        decisions.append(interchange.decode_decision(record))
    return decisions


# Writing.


def write_lines(path: Path | str, records: Iterable[object]) -> None:
    """Write one JSON line a record; the file appears whole or not at all (`-` is stdout). InputError if it cannot."""
    _write(path, (part for record in records for part in (interchange.dumps(record), b"\n")))


def write_text(path: Path | str, text: str) -> None:
    """Write a text as UTF-8; the file appears whole or not at all (`-` is stdout). InputError if it cannot."""
    _write(path, [text.encode("utf-8")])


def _write(path: Path | str, chunks: Iterable[bytes]) -> None:
    if str(path) == "-":
        _write_stdout(chunks)
        return
    with _writing(path):
        # A link stays a link: what it points to is replaced.
        target = Path(os.path.realpath(path))
        mode = target.stat().st_mode if target.exists() else None
        if mode is None or stat.S_ISREG(mode):
            _replace(target, mode, chunks)
        else:
            # A device or a pipe is written to: renaming a file over it would destroy it. A folder refuses.
            with target.open("wb") as out:
                out.writelines(chunks)


@contextmanager
def _writing(path: Path | str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {_reason(error)}") from error


def _replace(target: Path, mode: int | None, chunks: Iterable[bytes]) -> None:
    """Write beside the target, and only when all of it is on the disk, rename."""
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with partial.open("xb") as out:
            if mode is not None:
                os.fchmod(out.fileno(), stat.S_IMODE(mode))
            out.writelines(chunks)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_stdout(chunks: Iterable[bytes]) -> None:
    with _writing("standard output"):
        try:
            sys.stdout.flush()
            sys.stdout.buffer.writelines(chunks)
            sys.stdout.buffer.flush()
        except OSError:
            # What is still buffered would fail once more, with a traceback, when Python exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise
