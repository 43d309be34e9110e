"""brat standoff: a `.txt` and an `.ann` a document, in a folder for each annotator, or in one folder.

T lines are spans, R lines relations, A and M lines attributes of spans, # lines notes; an event (E) is its trigger,
with its arguments as relations. Offsets are code points. https://brat.nlplab.org/standoff.html
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tahkim.backends.imports import contents
from tahkim.errors import InputError
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.schema import Schema

_ROLE_NUMBER = re.compile(r"\d+\Z")


def read(path: Path, schema: Schema) -> list[tuple[Document, Annotation]]:
    """Each `.ann` below a folder; its own folder is the annotator, or for the given folder itself that one's name."""
    files = sorted(path.rglob("*.ann")) if path.is_dir() else [path]
    return [_document(file, file.parent.resolve().name, schema) for file in files]


def _document(file: Path, annotator: str, schema: Schema) -> tuple[Document, Annotation]:
    source = file.with_suffix(".txt")
    if not source.exists():
        raise InputError(f"{file}: there is no {source.name} beside it, which has the text")
    # Read as bytes: line ends count as they stand in the file.
    document = Document(id=file.stem, text=contents.text(source))
    reading = _Reading(file, document.text, schema)
    for number, line in enumerate(contents.text(file).split("\n"), start=1):
        if line.strip():
            reading.take(number, line.rstrip("\r"))
    return document, reading.annotation(file.stem, annotator)


class _Reading:
    """What has been read of one file so far."""

    def __init__(self, file: Path, text: str, schema: Schema) -> None:
        self._file, self._text, self._schema = file, text, schema
        self._spans: dict[str, tuple[int, int, str]] = {}
        self._arcs: list[tuple[int, str, str, str, str]] = []
        self._said: dict[str, dict[str, Any]] = {}
        self._notes: dict[str, str] = {}
        self._triggers: dict[str, str] = {}

    def _wrong(self, number: int, what: str) -> InputError:
        return InputError(f"{self._file}, line {number}: {what}")

    def take(self, number: int, line: str) -> None:
        fields = line.split("\t")
        if len(fields) < 2 or not fields[0]:
            raise self._wrong(number, "is no line of a brat file")
        name, body, rest = fields[0], fields[1].split(" "), fields[2] if len(fields) > 2 else ""
        if name.startswith("T"):
            self._span(number, name, fields[1], rest)
        elif name.startswith("R") and len(body) >= 3:
            head, tail = (part.partition(":")[2] for part in body[1:3])
            self._arcs.append((number, name, body[0], head, tail))
        elif name.startswith("E"):
            self._event(number, name, body)
        elif name[0] in "AM" and len(body) >= 2:
            self._said.setdefault(body[1], {})[body[0]] = body[2] if len(body) > 2 else True
        elif name.startswith("#") and len(body) >= 2:
            self._notes[body[1]] = rest
        elif name == "*" or name.startswith("N"):
            raise self._wrong(number, f"{name} lines (equivalence, normalisation) have no meaning here: take them out")
        else:
            raise self._wrong(number, f"{name} is of no kind known here")

    def _span(self, number: int, name: str, placed: str, surface: str) -> None:
        if ";" in placed:
            raise self._wrong(number, f"{name} is in pieces ({placed}): a span is one stretch of text")
        label, *offsets = placed.split(" ")
        if len(offsets) != 2 or not all(offset.isdecimal() for offset in offsets):
            raise self._wrong(number, f"{name} has no start and end")
        start, end = map(int, offsets)
        if self._text[start:end].replace("\n", " ") != surface.replace("\n", " "):
            raise self._wrong(number, f"{name}: {surface!r} is not the text at [{start}, {end})")
        self._spans[name] = (start, end, label)

    def _event(self, number: int, name: str, body: list[str]) -> None:
        trigger = body[0].partition(":")[2]
        self._triggers[name] = trigger
        for part in filter(None, body[1:]):
            role, _, target = part.partition(":")
            self._arcs.append((number, f"{name}-{target}", _ROLE_NUMBER.sub("", role), trigger, target))

    def annotation(self, doc_id: str, annotator: str) -> Annotation:
        spans = tuple(
            Span(name, start, end, label, self._attributes(name, label), extra=self._note(name))
            for name, (start, end, label) in self._spans.items()
        )
        relations = []
        for number, name, label, head, tail in self._arcs:
            ends = [self._triggers.get(end, end) for end in (head, tail)]
            if any(end not in self._spans for end in ends):
                raise self._wrong(number, f"{name} leads to {head} or {tail}, which is no span of the file")
            relations.append(Relation(name, label, ends[0], ends[1]))
        return Annotation(doc_id=doc_id, annotator=annotator, spans=spans, relations=tuple(relations))

    def _attributes(self, name: str, label: str) -> dict[str, Any]:
        """What is said of a span, or of the event whose trigger it is."""
        events = [event for event, trigger in self._triggers.items() if trigger == name]
        said: dict[str, Any] = {}
        for owner in (name, *events):
            said |= self._said.get(owner, {})
        return {key: typed(value, key, label, self._schema) for key, value in said.items()}

    def _note(self, name: str) -> dict[str, str]:
        return {"note": self._notes[name]} if name in self._notes else {}


def typed(value: Any, name: str, label: str, schema: Schema) -> Any:
    """A text as the value that the schema asks for; as it is where the schema does not know it."""
    attribute = schema.attributes_of(label).get(name) or schema.relation_attributes_of(label).get(name)
    if attribute is None or not isinstance(value, str):
        return value
    if attribute.type == "bool" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if attribute.type in ("int", "number"):
        try:
            return int(value) if attribute.type == "int" else float(value)
        except ValueError:
            return value
    return next((choice for choice in attribute.values if str(choice) == value), value)
