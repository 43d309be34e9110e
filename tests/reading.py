"""Short ways to write annotations in tests: `span("s1", 0, 4, "LOC")`, `reading("amal", [...])`, `corpus(...)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tahkim.model import Annotation, Corpus, Document, Relation, Span

TEXT = "استهدفت غارتان جويتان مستودع أسلحة قرب بلدة الهول، وأصيب عنصران بجروح."


def span(span_id: str, start: int, end: int, label: str, seen: Any = None, **attributes: Any) -> Span:
    return Span(span_id, start, end, label, attributes, seen=seen)


def relation(relation_id: str, label: str, head: str, tail: str, **attributes: Any) -> Relation:
    return Relation(relation_id, label, head, tail, attributes)


def reading(
    annotator: str,
    spans: Sequence[Span] = (),
    relations: Sequence[Relation] = (),
    doc_id: str = "d1",
    **fields: Any,
) -> Annotation:
    return Annotation(doc_id=doc_id, annotator=annotator, spans=tuple(spans), relations=tuple(relations), **fields)


def corpus(*annotations: Annotation, texts: Mapping[str, str] | None = None) -> Corpus:
    ids = {annotation.doc_id for annotation in annotations} | set(texts or {})
    documents = {doc_id: Document(id=doc_id, text=(texts or {}).get(doc_id, TEXT)) for doc_id in ids}
    return Corpus(documents, annotations)
