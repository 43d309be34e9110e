"""WebAnno TSV 3, as INCEpTION exports it: a token a line, a column a feature.

Files lie as `annotation/DOCUMENT/ANNOTATOR.tsv`. Span layers (`T_SP`) and relation layers (`T_RL`) are read; the label
is a layer's first feature, the rest are attributes. Offsets are UTF-16 units. Chains and slots have no meaning here.
https://webanno.github.io/webanno/releases/3.6.11/docs/user-guide.html#sect_webannotsv
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from tahkim.backends.imports import contents
from tahkim.backends.imports.brat import typed
from tahkim.errors import InputError, OffsetError
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.schema import Schema
from tahkim.text import utf16_to_code_points

_NOTHING, _NO_VALUE = "_", "*"
_ESCAPED = re.compile(r"\\(->|.)")
_VALUE = re.compile(r"(?P<text>.*?)(?:\[(?P<id>[\d_]+)\])?\Z", re.DOTALL)
_SPLIT = re.compile(r"(?<!\\)\|")


class _Layer(NamedTuple):
    """A layer's columns: the first one's number and its features. `is_relation`: one more column names the governor."""

    name: str
    first: int
    features: tuple[str, ...]
    is_relation: bool


class _Found(NamedTuple):
    """A span while it is read: its place in UTF-16 units, which grows with each of its tokens."""

    start: int
    end: int
    layer: _Layer
    values: tuple[str, ...]


def read(path: Path, schema: Schema) -> list[tuple[Document, Annotation]]:
    """Each `.tsv` below a folder, or one file; its name is the annotator and its folder the document."""
    files = sorted(path.rglob("*.tsv")) if path.is_dir() else [path]
    return [_Reading(file, schema).whole() for file in files]


class _Reading:
    """What has been read of one file so far."""

    def __init__(self, file: Path, schema: Schema) -> None:
        self._file, self._schema = file, schema
        self._line = 0
        self._layers: list[_Layer] = []
        self._columns = 3
        self._pending: list[str] = []
        self._units = b""  # the text so far in UTF-16, two bytes a unit
        self._spans: dict[str, _Found] = {}
        self._at: dict[tuple[str, str], str] = {}
        self._arcs: list[tuple[int, str, tuple[str, ...], str, str, _Layer]] = []

    def _wrong(self, what: str) -> InputError:
        return InputError(f"{self._file}, line {self._line}: {what}")

    def whole(self) -> tuple[Document, Annotation]:
        """Everything, read and turned into values."""
        lines = contents.text(self._file).split("\n")
        if not lines[0].startswith("#FORMAT=WebAnno TSV 3"):
            self._line = 1
            raise self._wrong("is no WebAnno TSV 3: export in that format")
        for self._line, line in enumerate(lines, start=1):
            if line.startswith(("#T_CH", "#T_SP")) and ("T_CH" in line or "ROLE_" in line):
                raise self._wrong("chains and slots have no meaning here: leave that layer out of the export")
            if line.startswith("#T_"):
                self._layer(line)
            elif line.startswith("#Text="):
                self._pending.append(_unescaped(line.removeprefix("#Text=").rstrip("\r")))
            elif line.strip() and not line.startswith("#"):
                self._token(line.rstrip("\r").split("\t"))
        return self._values()

    def _layer(self, line: str) -> None:
        name, *features = line.rstrip("\r").partition("=")[2].split("|")
        is_relation = line.startswith("#T_RL")
        own = tuple(feature for feature in features if not feature.startswith("BT_"))
        self._layers.append(_Layer(name.rpartition(".")[2], self._columns, own, is_relation))
        self._columns += max(1, len(own)) + is_relation

    def _token(self, cells: list[str]) -> None:
        if len(cells) < self._columns:
            raise self._wrong(f"has {len(cells)} columns, the layers need {self._columns}")
        address = cells[0]
        start, _, end = cells[1].partition("-")
        if not (start.isdecimal() and end.isdecimal()):
            raise self._wrong(f"{cells[1]} is no place: start-end belongs there")
        self._sentence(int(start))
        for layer in self._layers:
            width = max(1, len(layer.features))
            stacks = [_SPLIT.split(cell) for cell in cells[layer.first : layer.first + width]]
            if stacks[0] == [_NOTHING]:
                continue
            if layer.is_relation:
                governors = _SPLIT.split(cells[layer.first + width])
                for number, governor in enumerate(governors):
                    self._arc(address, governor, tuple(stack[number] for stack in stacks), layer)
            else:
                for number in range(len(stacks[0])):
                    self._mark(address, int(start), int(end), tuple(stack[number] for stack in stacks), layer)

    def _sentence(self, start: int) -> None:
        """Put the sentence whose first token begins here into the text; what lay before it were line breaks."""
        if self._pending:
            missing = start - len(self._units) // 2
            if missing < 0:
                raise self._wrong(f"the sentence begins at {start}, inside the one before")
            self._units += ("\n" * missing + "\n".join(self._pending)).encode("utf-16-le")
            self._pending = []

    def _mark(self, address: str, start: int, end: int, values: tuple[str, ...], layer: _Layer) -> None:
        parts = [_VALUE.match(value) for value in values]
        number = (parts[0]["id"] if parts[0] else None) or ""
        texts = tuple(_unescaped(part["text"]) if part else "" for part in parts)
        # A number is a span's own over all of its tokens; without one the span is this token.
        span_id = f"{layer.name}-{number or address}"
        known = self._spans.get(span_id)
        self._spans[span_id] = _Found(known.start if known else start, end, layer, texts)
        self._at[address, number] = span_id

    def _arc(self, address: str, governor: str, values: tuple[str, ...], layer: _Layer) -> None:
        found = _VALUE.match(governor)
        numbers = (found["id"] if found and found["id"] else "0_0").split("_")
        texts = tuple(_unescaped(_VALUE.sub(r"\g<text>", value, count=1)) for value in values)
        ends = [f"{address}\0{numbers[-1]}", f"{found['text'] if found else ''}\0{numbers[0]}"]
        self._arcs.append((self._line, f"r{len(self._arcs) + 1}", texts, ends[1], ends[0], layer))

    def _values(self) -> tuple[Document, Annotation]:
        text = self._units.decode("utf-16-le")
        document = Document(id=self._file.parent.name.removesuffix(".txt"), text=text)
        annotation = Annotation(
            doc_id=document.id,
            annotator=self._file.stem,
            spans=tuple(self._span(span_id, found, text) for span_id, found in self._spans.items()),
            relations=tuple(self._relation(*arc) for arc in self._arcs),
        )
        return document, annotation

    def _span(self, span_id: str, found: _Found, text: str) -> Span:
        try:
            start, end = utf16_to_code_points(text, [found.start, found.end])
        except OffsetError as error:
            raise InputError(f"{self._file}: {span_id}: {error}") from None
        label, attributes = self._said(found.layer, found.values)
        return Span(span_id, start, end, label, attributes)

    def _relation(self, line: int, name: str, values: tuple[str, ...], head: str, tail: str, layer: _Layer) -> Relation:
        ends = []
        for end in (head, tail):
            address, _, number = end.partition("\0")
            span_id = self._at.get((address, "" if number == "0" else number))
            if span_id is None:
                raise InputError(f"{self._file}, line {line}: there is no span at {address} for a relation to lead to")
            ends.append(span_id)
        label, attributes = self._said(layer, values)
        return Relation(name, label, ends[0], ends[1], attributes)

    def _said(self, layer: _Layer, values: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
        label = values[0] if layer.features and values[0] != _NO_VALUE else layer.name
        rest = zip(layer.features[1:], values[1:], strict=True)
        said = {name: typed(value, name, label, self._schema) for name, value in rest if value != _NO_VALUE}
        return label, said


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: {"t": "\t", "n": "\n", "r": "\r"}.get(found[1], found[1]), text)
