"""The records everything else works on: frozen values, offsets in Unicode code points, half-open.

A Span marks `[start, end)` of a Document's text; a Relation ties two spans of one
Annotation; an Annotation is one annotator's reading of one document; a Decision is a lead's word on one
place where annotators differ. What is compared is `label`, the range and `attributes`; the remaining
fields say how a thing came to be and never take part in a comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Literal

from msgspec import Struct, field

Status = Literal["submitted", "skipped", "draft"]
Seen = Literal["accepted", "changed", "manual"]

STATUSES: tuple[Status, ...] = ("submitted", "skipped", "draft")


class Document(Struct, frozen=True, kw_only=True):
    """A report as it came. `group` ties reprints of one story together (default: the document alone)."""

    id: str
    text: str
    meta: Mapping[str, Any] = {}
    group: str | None = None

    @property
    def sha256(self) -> str:
        """Hex digest of the UTF-8 bytes of `text`."""
        return text_hash(self.text)


class Span(Struct, frozen=True, gc=False):
    """A labelled stretch `[start, end)` of code points. `extra` keeps keys this version does not know."""

    id: str
    start: int
    end: int
    label: str
    attributes: Mapping[str, Any] = {}
    rule: str | None = None
    score: float | None = None
    seen: Seen | None = None
    how: str | None = None
    support: Mapping[str, Any] | None = None
    confidence: float | None = None
    extra: Mapping[str, Any] = {}


class Relation(Struct, frozen=True, gc=False):
    """`head` and `tail` are ids of spans in the same annotation; the arc runs from head to tail."""

    id: str
    label: str
    head: str
    tail: str
    attributes: Mapping[str, Any] = {}
    rule: str | None = None
    score: float | None = None
    seen: Seen | None = None
    how: str | None = None
    support: Mapping[str, Any] | None = None
    confidence: float | None = None
    extra: Mapping[str, Any] = {}


class Scope(Struct, frozen=True):
    """What an annotator was asked for; None stands for all of the schema."""

    labels: frozenset[str] | None = None
    relations: frozenset[str] | None = None
    attributes: frozenset[str] | None = None

    def asks_label(self, label: str) -> bool:
        return self.labels is None or label in self.labels

    def asks_relation(self, label: str) -> bool:
        return self.relations is None or label in self.relations

    def asks_attribute(self, name: str) -> bool:
        return self.attributes is None or name in self.attributes


FULL_SCOPE = Scope()


class Annotation(Struct, frozen=True, kw_only=True):
    """One annotator's reading of one document.

    `status` other than submitted means missing, never "nothing". `started_from` names the pre-annotation
    the annotator was shown, None means blind. `attributes` belong to the document as a whole (`no_event`).
    Times are ISO 8601 text as they came; `lead_time` is in seconds.
    """

    doc_id: str
    annotator: str
    status: Status = "submitted"
    scope: Scope = FULL_SCOPE
    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    attributes: Mapping[str, Any] = {}
    created_at: str | None = None
    updated_at: str | None = None
    lead_time: float | None = None
    origin: Mapping[str, Any] | None = None
    started_from: str | None = None
    extra: Mapping[str, Any] = {}

    @property
    def votes(self) -> bool:
        """Whether this reading counts as a person's: submitted, and neither the rules' nor a release's."""
        return self.status == "submitted" and is_person(self.annotator)


class Corpus(Struct, frozen=True):
    """Documents by id, and annotations of them in the order they were read."""

    documents: Mapping[str, Document]
    annotations: tuple[Annotation, ...]

    def by_document(self) -> dict[str, list[Annotation]]:
        """Annotations grouped by document, documents in sorted order, annotators in sorted order within."""
        groups: dict[str, list[Annotation]] = {doc_id: [] for doc_id in sorted(self.documents)}
        for annotation in self.annotations:
            groups[annotation.doc_id].append(annotation)
        for group in groups.values():
            group.sort(key=lambda a: a.annotator)
        return groups


class Decision(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lead's word on one place. See `tahkim.adjudicate.decisions` for what `choice` may be.

    `key` names the place and `seen` the candidate readings the lead had before them; `undoes` is the `id`
    of an earlier decision, and then `choice` is None.
    """

    doc_id: str
    key: str | None = None
    seen: str | None = None
    choice: int | str | Mapping[str, Any] | None = None
    of: Literal["span", "relation", "document", "new"] | None = None
    by: str
    at: str
    reason: str | None = None
    guideline: str | None = None
    undoes: str | None = None
    id: str = field(default="")


def is_person(annotator: str) -> bool:
    """False for the rule extractor (`rules@…`) and for releases (`gold`)."""
    return annotator != "gold" and annotator != "rules" and not annotator.startswith("rules@")


def text_hash(text: str) -> str:
    """Hex sha256 of the UTF-8 bytes of a text."""
    return sha256(text.encode("utf-8")).hexdigest()
