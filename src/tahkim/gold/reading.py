"""Releases read back: the gold as records, as values, and as tables, from a folder, a file or a URL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from msgspec.structs import replace

from tahkim.errors import InputError, ReleaseError
from tahkim.gold.content import Item
from tahkim.gold.release import GOLD, MANIFEST
from tahkim.interchange import decode, problems
from tahkim.model import Document
from tahkim.writing import reason

if TYPE_CHECKING:
    import pandas

Record = dict[str, Any]
TIMEOUT = 60.0
"""Seconds to wait for a server."""


class Tables(NamedTuple):
    """The gold as data frames, one row a span and one a relation; attributes are columns `attributes.NAME`."""

    spans: pandas.DataFrame
    relations: pandas.DataFrame


class Gold(Sequence[Record]):
    """The records of a release, one a document, in the order of the file. `manifest` is None where there is none."""

    def __init__(self, records: Sequence[Record], manifest: Record | None = None) -> None:
        self._records = tuple(records)
        self.manifest = manifest

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Gold: ...
    def __getitem__(self, index: int | slice) -> Record | Gold:
        if isinstance(index, slice):
            return Gold(self._records[index], self.manifest)
        return self._records[index]

    def split(self, name: str) -> Gold:
        """The records of one split: train, dev or test."""
        return Gold([record for record in self._records if record.get("split") == name], self.manifest)

    def to_pandas(self) -> Tables:
        """Spans and relations as tables. Surfaces are None where the release has no texts."""
        import pandas

        spans = [row for record in self._records for row in _span_rows(record)]
        relations = [row for record in self._records for row in _relation_rows(record)]
        return Tables(
            pandas.DataFrame(spans, columns=_columns(_SPAN_COLUMNS, spans)),
            pandas.DataFrame(relations, columns=_columns(_RELATION_COLUMNS, relations)),
        )


_SPAN_COLUMNS = ("doc_id", "split", "id", "start", "end", "label", "surface", "how", "confidence")
_RELATION_COLUMNS = (
    "doc_id", "split", "id", "label", "head", "tail", "head_label", "head_surface", "tail_label", "tail_surface",
    "how", "confidence",
)  # fmt: skip


def _columns(first: Sequence[str], rows: Sequence[Record]) -> list[str]:
    return [*first, *sorted({name for row in rows for name in row} - set(first))]


def _span_rows(record: Record) -> Iterator[Record]:
    text = record.get("text")
    for span in record.get("spans") or ():
        row = {name: span.get(name) for name in ("id", "start", "end", "label", "how", "confidence")}
        surface = text[span["start"] : span["end"]] if text is not None else None
        yield {"doc_id": record["doc_id"], "split": record.get("split"), **row, "surface": surface, **_said(span)}


def _relation_rows(record: Record) -> Iterator[Record]:
    spans = {row["id"]: row for row in _span_rows(record)}
    for relation in record.get("relations") or ():
        row = {name: relation.get(name) for name in ("id", "label", "head", "tail", "how", "confidence")}
        for end in ("head", "tail"):
            row |= {f"{end}_{name}": spans[relation[end]][name] for name in ("label", "surface")}
        yield {"doc_id": record["doc_id"], "split": record.get("split"), **row, **_said(relation)}


def _said(mark: Mapping[str, Any]) -> Record:
    return {f"attributes.{name}": value for name, value in (mark.get("attributes") or {}).items()}


def load_gold(place: str | Path, *, token: str | None = None) -> Gold:
    """Load a release: its folder, its `gold.jsonl`, or the URL (http, https) of either.

    `token` is what a server of tahkim asks for, at `https://HOST/api/releases/NAME`. Where the manifest is beside the
    gold, the gold is checked against it. Raises ReleaseError when it is not what was released, InputError when there
    is none or a line of it is not sound.

    >>> load_gold("/nowhere")
    Traceback (most recent call last):
    tahkim.errors.InputError: /nowhere/gold.jsonl: no such file or folder
    """
    name = str(place)
    is_file = name.endswith(".jsonl")
    if urlsplit(name).scheme in ("http", "https"):
        base = name.rpartition("/")[0] if is_file else name.rstrip("/")
        gold, manifest = name if is_file else f"{base}/{GOLD}", f"{base}/{MANIFEST}"
        return _checked(gold, _fetched(gold, token), _fetched(manifest, token, optional=True))
    path = Path(place)
    path, beside = (path, path.with_name(MANIFEST)) if is_file else (path / GOLD, path / MANIFEST)
    return _checked(str(path), _read(path), _read(beside) if beside.is_file() else None)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {reason(error)}") from error


def _fetched(url: str, token: str | None, optional: bool = False) -> bytes | None:
    request = Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:
            content: bytes = answer.read()
            return content
    except HTTPError as error:
        error.close()
        if optional and error.code in (403, 404):
            return None
        raise InputError(f"{url}: the server answered {error.code} {error.reason}") from None
    except (URLError, OSError) as error:
        raise InputError(f"{url}: cannot be fetched: {getattr(error, 'reason', error)}") from None


def _checked(name: str, content: bytes | None, manifest: bytes | None) -> Gold:
    assert content is not None
    known: Record | None = _decoded(manifest, name) if manifest is not None else None
    files = known.get("files", {}) if known is not None else {}
    listed = files.get(GOLD) if isinstance(files, dict) else None
    if isinstance(listed, dict) and listed.get("sha256") != sha256(content).hexdigest():
        raise ReleaseError(f"{name} is not the file that was released: its sha256 is not that of {MANIFEST}")
    records = []
    for number, line in enumerate(content.removesuffix(b"\n").split(b"\n") if content else (), start=1):
        record = _decoded(line, f"{name}:{number}")
        if wrong := problems(record):
            raise InputError(f"{name}:{number}: {wrong[0]}")
        records.append(record)
    return Gold(records, known)


def _decoded(content: bytes, name: str) -> Record:
    try:
        decoded = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: is no JSON: {error}") from None
    if not isinstance(decoded, dict):
        raise InputError(f"{name}: must be a JSON object")
    return decoded


def item_of(record: Record) -> Item:
    """A line of gold, with its text, as what formats are made from."""
    line = decode(record)
    extra = {name: value for name, value in line.annotation.extra.items() if name != "split"}
    document = Document(id=line.annotation.doc_id, text=line.text or "", meta=line.meta, group=line.group)
    return Item(document, replace(line.annotation, extra=extra), record.get("split"))
