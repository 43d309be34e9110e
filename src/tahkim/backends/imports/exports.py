"""Exports of Label Studio (JSON, with tasks and annotations) and doccano (JSONL, one file an annotator)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

import msgspec

from tahkim.backends import examples, regions
from tahkim.backends.imports.contents import content
from tahkim.errors import InputError
from tahkim.model import Annotation, Document
from tahkim.schema import Schema

Record = dict[str, Any]


class _Work(TypedDict, total=False):
    """An annotation of a task; its regions are judged where they are read."""

    result: list[Record]
    completed_by: Record | int | str | None


class _Task(TypedDict, total=False):
    """A task of Label Studio's export: what is read of it."""

    id: int | str
    data: Record
    annotations: list[_Work] | None


class _Entity(TypedDict):
    id: int
    start_offset: int
    end_offset: int
    label: str


class _Arc(TypedDict):
    id: int
    type: str
    from_id: int
    to_id: int


class _Example(TypedDict, total=False):
    """A line of doccano's export: what is read of it. Without relations marks are triples, start, end and label."""

    text: str
    tahkim: Record | None
    entities: list[_Entity]
    relations: list[_Arc] | None
    label: list[tuple[int, int, str]] | None
    labels: list[tuple[int, int, str]] | None


def read_label_studio(path: Path, schema: Schema) -> list[tuple[Document, Annotation]]:
    """Every annotation of every task; `completed_by` names the annotator."""
    tasks = _json(str(path), content(path))
    if not isinstance(tasks, list) or not all(isinstance(task, dict) and "data" in task for task in tasks):
        raise InputError(f"{path}: is no list of tasks: export as JSON, not as JSON-MIN")
    return [pair for task in tasks for pair in _task(path, task, schema)]


def _task(path: Path, task: Record, schema: Schema) -> Iterator[tuple[Document, Annotation]]:
    data, place = task["data"], f"{path}, task {task.get('id')}"
    _require(place, task, _Task)
    if not isinstance(data.get("text"), str):
        raise InputError(f"{place}: its data have no text")
    document = Document(id=str(data.get("doc_id") or data.get("id") or task.get("id")), text=data["text"])
    for work in task.get("annotations") or []:
        parsed = regions.from_regions(work.get("result"), document.text, schema)
        if parsed.problems:
            raise InputError(f"{place}, annotation {work.get('id')}: {parsed.problems[0]}")
        by = work.get("completed_by")
        yield (
            document,
            Annotation(
                doc_id=document.id,
                annotator=str(by.get("email") or by.get("id")) if isinstance(by, dict) else f"user {by}",
                status="skipped" if work.get("was_cancelled") else "submitted",
                spans=parsed.spans,
                relations=parsed.relations,
                attributes=parsed.attributes,
                created_at=work.get("created_at"),
                updated_at=work.get("updated_at"),
                lead_time=work.get("lead_time"),
            ),
        )


def read_doccano(path: Path, schema: Schema) -> list[tuple[Document, Annotation]]:
    """Every line of a file, or of each `.jsonl` of a folder; the file's name is the annotator.

    Offsets are read as UTF-16 units, which is what projects with grapheme mode off have.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    return [pair for file in files for pair in _lines(file)]


def _lines(file: Path) -> Iterator[tuple[Document, Annotation]]:
    for number, line in enumerate(content(file).split(b"\n"), start=1):
        if not line.strip():
            continue
        place = f"{file}, line {number}"
        record = _json(place, line)
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            raise InputError(f"{place}: has no text")
        _require(place, record, _Example)
        ours = record.get(examples.OURS) or {}
        doc_id = str(ours.get("doc_id") or record.get("doc_id") or record.get("id") or number)
        parsed = examples.from_marks(_entities(record), record.get("relations") or [], record["text"])
        if parsed.problems:
            raise InputError(f"{place}: {parsed.problems[0]}")
        annotation = Annotation(doc_id=doc_id, annotator=file.stem, spans=parsed.spans, relations=parsed.relations)
        yield Document(id=doc_id, text=record["text"]), annotation


def _entities(record: Record) -> list[Record]:
    """Entities, or the triples `[start, end, label]` of a project without relations."""
    if "entities" in record:
        return list(record["entities"])
    return [
        {"id": number, "start_offset": start, "end_offset": end, "label": label}
        for number, (start, end, label) in enumerate(record.get("label") or record.get("labels") or [])
    ]


def _json(place: str, content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise InputError(f"{place}: is not JSON: {error}") from None
    except RecursionError:
        raise InputError(f"{place}: is not usable JSON: nested too deep") from None


def _require(place: str, record: Record, form: type) -> None:
    """InputError where a record has not the form of what the tool writes."""
    try:
        msgspec.convert(record, form)
    except msgspec.ValidationError as error:
        raise InputError(f"{place}: is not what the tool exports: {error}") from None
