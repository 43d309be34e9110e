"""UIMA CAS XMI as INCEpTION writes it: `.xmi` files, or zips of one with its type system.

The text is the Sofa's; what has `begin` and `end` and is no token, sentence or other layer of the tool's own is a span;
what has `Governor` and `Dependent` is a relation. The label is the feature `label` or `value`, else the type's name.
Offsets are UTF-16 units, as in Java.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tahkim.backends.imports import contents
from tahkim.backends.imports.brat import typed
from tahkim.errors import InputError, OffsetError
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.schema import Schema
from tahkim.text import utf16_to_code_points

_ID = "{http://www.omg.org/XMI}id"
_SOFA = "Sofa"
_OWN = ("Token", "Sentence", "DocumentMetaData", "DocumentAnnotation", "TagsetDescription", "Lemma", "POS", "Stem")
_PLACES = ("begin", "end", "sofa", _ID, "Governor", "Dependent", "uiOrder")
_LABELS = ("label", "value")


def read(path: Path, schema: Schema) -> list[tuple[Document, Annotation]]:
    """Each CAS below a folder laid out as `annotation/DOCUMENT/ANNOTATOR.zip`, or one file: its name is the annotator
    and its folder the document."""
    files = [f for f in sorted(path.rglob("*")) if f.suffix in (".xmi", ".zip")] if path.is_dir() else [path]
    return [_read(file, content, schema) for file in files for content in _contents(file)]


def _contents(file: Path) -> Iterator[bytes]:
    if file.suffix != ".zip":
        yield contents.content(file)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(contents.content(file))) as archive:
            yield from (archive.read(name) for name in archive.namelist() if name.endswith(".xmi"))
    except zipfile.BadZipFile:
        raise InputError(f"{file}: is no zip") from None


def _read(file: Path, content: bytes, schema: Schema) -> tuple[Document, Annotation]:
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise InputError(f"{file}: is no XML: {error}") from None
    texts = [element.get("sofaString") for element in root if _name(element) == _SOFA]
    if len(texts) != 1 or texts[0] is None:
        raise InputError(f"{file}: has not one text but {len(texts)}")
    text = texts[0]
    document = Document(id=file.parent.name.removesuffix(".txt"), text=text)
    marks = [element for element in root if _is_mark(element)]
    spans = {e.get(_ID, ""): _span(file, e, text, schema) for e in marks if "Governor" not in e.attrib}
    relations = [_relation(file, e, spans, schema) for e in marks if "Governor" in e.attrib]
    return document, Annotation(
        doc_id=document.id, annotator=file.stem, spans=tuple(spans.values()), relations=tuple(relations)
    )


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _is_mark(element: Element) -> bool:
    return "begin" in element.attrib and _name(element) not in _OWN


def _span(file: Path, element: Element, text: str, schema: Schema) -> Span:
    span_id = element.get(_ID, "")
    try:
        start, end = utf16_to_code_points(text, [int(element.get(at, "-1")) for at in ("begin", "end")])
    except (OffsetError, ValueError) as error:
        raise InputError(f"{file}: {_name(element)} {span_id}: {error}") from None
    label, attributes = _said(element, schema)
    return Span(span_id, start, end, label, attributes)


def _relation(file: Path, element: Element, spans: dict[str, Span], schema: Schema) -> Relation:
    ends = [element.get(end, "") for end in ("Governor", "Dependent")]
    if any(end not in spans for end in ends):
        raise InputError(
            f"{file}: {_name(element)} {element.get(_ID)} leads from {ends[0]} to {ends[1]}: not both are spans"
        )
    label, attributes = _said(element, schema)
    return Relation(f"r{element.get(_ID)}", label, ends[0], ends[1], attributes)


def _said(element: Element, schema: Schema) -> tuple[str, dict[str, Any]]:
    """The label of a mark and its further features as attributes."""
    given = {name: value for name, value in element.attrib.items() if name not in _PLACES}
    label = next((given.pop(name) for name in _LABELS if name in given), _name(element))
    return label, {name: typed(value, name, label, schema) for name, value in given.items()}
