"""What people already have, read as documents and annotations: one file a format, one dict.

Nothing is guessed: what cannot be read stops the import with file and place.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tahkim import interchange
from tahkim.backends.imports import brat, exports, uima, webanno
from tahkim.errors import InputError, UsageError
from tahkim.model import Annotation, Corpus, Document, text_hash
from tahkim.schema import Schema

Pair = tuple[Document, Annotation]

IMPORTERS: dict[str, Callable[[Path, Schema], list[Pair]]] = {
    "brat": brat.read,
    "xmi": uima.read,
    "webanno": webanno.read,
    "label-studio": exports.read_label_studio,
    "doccano": exports.read_doccano,
}


def read(kind: str, path: Path, schema: Schema) -> Corpus:
    """All that a file or folder of a kind holds. UsageError for an unknown kind, InputError for what cannot be read,
    for two texts of one document, and for two readings of it by one annotator."""
    if kind not in IMPORTERS:
        raise UsageError(f"unknown kind {kind!r} (known: {', '.join(IMPORTERS)})")
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    documents: dict[str, Document] = {}
    annotations: dict[tuple[str, str], Annotation] = {}
    for document, annotation in IMPORTERS[kind](path, schema):
        known = documents.setdefault(document.id, document)
        if text_hash(known.text) != document.sha256:
            raise InputError(f"{path}: document {document.id} has two different texts")
        if problems := interchange.problems(interchange.encode(annotation, document), document.text):
            raise InputError(f"{path}: {problems[0]}")
        key = (document.id, annotation.annotator)
        if key in annotations:
            raise InputError(f"{path}: document {document.id} has two readings by {annotation.annotator}")
        annotations[key] = annotation
    if not documents:
        raise InputError(f"{path}: nothing of kind {kind} here")
    return Corpus(documents, tuple(annotations.values()))
