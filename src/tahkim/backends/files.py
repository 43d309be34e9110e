"""Plain files as a back end: reports, annotations and decisions are read, every fault is named by its line."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import msgspec

from tahkim import interchange
from tahkim.errors import InputError
from tahkim.interchange import Line, named
from tahkim.model import Annotation, Corpus, Decision, Document
from tahkim.writing import reason, write_lines, write_text

if TYPE_CHECKING:
    from tahkim.schema import Schema

__all__ = [
    "Problem",
    "read_annotations",
    "read_decisions",
    "read_documents",
    "validate",
    "write_lines",
    "write_text",
]

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
        raise InputError(f"{path}: {reason(error)}") from error


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


def _sound_records(path: Path, problems: Callable[[object], list[str]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and record of every line, up to the first in which `problems` finds any: then InputError."""
    line = 0
    for line, record, complaint in _json_lines(path):
        found = [complaint] if complaint else problems(record)
        if found:
            raise InputError(f"{path}, line {line}: {found[0]}")
        yield line, record
    if not line:
        raise InputError(f"{path}: the file is empty")


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
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    if path.is_dir():
        try:
            found = sorted(f for f in path.iterdir() if f.suffix.lower() in _READERS and not f.name.startswith("."))
        except OSError as error:
            raise InputError(f"{path}: {reason(error)}") from error
        if not found:
            raise InputError(f"{path}: no report in this folder ({known})")
        return found
    if path.suffix.lower() not in _READERS:
        raise InputError(f"{path}: reports come as {known}, or as a folder of such files")
    return [path]


def _jsonl_documents(path: Path) -> Iterator[tuple[int, Document]]:
    for line, record in _sound_records(path, interchange.document_problems):
        yield line, interchange.decode_document(record)


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

    A line that is structurally wrong, or whose document has no text, is not held against the schema. InputError
    only where the file cannot be read.
    """
    scan = _scan(Path(path))
    found = list(scan.problems)
    if schema is not None:
        from tahkim.schema import check

        judged = [(number, line.annotation) for number, line in scan.lines if line.annotation.doc_id in scan.texts]
        for number, annotation in judged:
            place = named(annotation.doc_id, annotation.annotator)
            text = scan.texts[annotation.doc_id][1]
            found += [Problem(number, f"{place}: {what}") for what in check(annotation, schema, text)]
    return sorted(found, key=lambda problem: problem.line)


def _scan(path: Path) -> _Scan:
    scan = _Scan()
    number = 0
    for number, record, complaint in _json_lines(path):
        if complaint:
            scan.report(number, [complaint])
        else:
            scan.take(number, record)
    if not number:
        scan.report(1, ["the file is empty"])
    scan.finish()
    return scan


class _Scan:
    """What has been read of one file so far. A line whose document's text has not come yet waits for it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.lines: list[tuple[int, Line]] = []
        self.texts: dict[str, tuple[int, str]] = {}
        self._groups: dict[str, tuple[int, str]] = {}
        self._first: dict[tuple[str, str], int] = {}
        self._waiting: list[tuple[int, dict[str, Any]]] = []

    def report(self, number: int, messages: Iterable[str]) -> None:
        self.problems += [Problem(number, message) for message in messages]

    def take(self, number: int, record: Any) -> None:
        doc_id = record.get("doc_id") if isinstance(record, dict) else None
        if not isinstance(doc_id, str):
            self.report(number, interchange.problems(record))
            return
        self._note("text", number, record, self.texts)
        self._note("group", number, record, self._groups)
        if doc_id in self.texts:
            self._judge(number, record, self.texts[doc_id][1])
        else:
            self._waiting.append((number, record))

    def finish(self) -> None:
        """Judge what still waits, and bring everything into the order of lines."""
        textless: set[str] = set()
        for number, record in self._waiting:
            doc_id = record["doc_id"]
            if doc_id not in self.texts and doc_id not in textless:
                textless.add(doc_id)
                self.report(number, [f"{named(doc_id)} has no text on any line"])
            self._judge(number, record, self.texts.get(doc_id, (0, None))[1])
        self.problems.sort(key=lambda problem: problem.line)
        self.lines.sort(key=lambda pair: pair[0])

    def corpus(self) -> Corpus:
        metas: dict[str, list[dict[str, Any]]] = {}
        for _, line in self.lines:
            metas.setdefault(line.annotation.doc_id, []).append(line.meta)
        agreed = {doc_id: _agreed(found) for doc_id, found in metas.items()}
        documents = {
            doc_id: Document(id=doc_id, text=text, meta=agreed[doc_id], group=self._groups.get(doc_id, (0, None))[1])
            for doc_id, (_, text) in self.texts.items()
        }
        return Corpus(documents, tuple(_own_meta(line, agreed[line.annotation.doc_id]) for _, line in self.lines))

    def _note(self, key: str, number: int, record: dict[str, Any], known: dict[str, tuple[int, str]]) -> None:
        """Keep a document's text or group, and report one that differs from an earlier line's."""
        value = record.get(key)
        if isinstance(value, str):
            first, kept = known.setdefault(record["doc_id"], (number, value))
            if value != kept:
                self.report(number, [f"{named(record['doc_id'])} has another {key} than on line {first}"])

    def _judge(self, number: int, record: dict[str, Any], text: str | None) -> None:
        found = interchange.problems(record, text)
        doc_id, annotator = record["doc_id"], record.get("annotator")
        if isinstance(annotator, str):
            place = named(doc_id, annotator)
            first = self._first.setdefault((doc_id, annotator), number)
            if first != number:
                found.append(f"stands already on line {first}")
        else:
            place = named(doc_id)
        self.report(number, [f"{place}: {what}" for what in found])
        if not found:
            # The text is kept once, not once for every line that repeats it.
            self.lines.append((number, msgspec.structs.replace(interchange.decode(record), text=None)))


def _agreed(metas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The part of several lines' meta on which all that have it agree."""
    values: dict[str, list[Any]] = {}
    for meta in metas:
        for key, value in meta.items():
            values.setdefault(key, []).append(value)
    return {key: found[0] for key, found in values.items() if len(set(map(interchange.content_hash, found))) == 1}


def _own_meta(line: Line, agreed: dict[str, Any]) -> Annotation:
    """The annotation, with what only its own line says of the document kept in `extra["meta"]`."""
    own = {key: value for key, value in line.meta.items() if key not in agreed}
    if not own:
        return line.annotation
    return msgspec.structs.replace(line.annotation, extra={**line.annotation.extra, "meta": own})


# Decisions.


def read_decisions(path: Path | str) -> list[Decision]:
    """Decisions of a file in its order, each with an `id`. InputError names file, line and problem."""
    records = _sound_records(Path(path), interchange.decision_problems)
    return [interchange.decode_decision(record) for _, record in records]
