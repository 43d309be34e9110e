"""Boundaries: spans of whole written words cut by the guideline's rules, as revisions beside the originals.

A cut reading keeps the edges that its spans had in the tool. So it can be held against what the tool says now, cut anew
when more is known of words, and be as it was marked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from tahkim.clock import now
from tahkim.errors import UsageError
from tahkim.model import Annotation, Span
from tahkim.normalise import normalised, words_marked, words_of
from tahkim.project import Project

Record = dict[str, Any]
Place = tuple[int, int, str]

NORMALISES = "normalise"
"""The setting that says whether annotators of a project mark whole written words."""
CUT = "as_marked"
"""The key under which a cut reading keeps the edges that its cut spans had in the tool, by their ids."""


def set_normalising(project: Project, on: bool) -> int:
    """Whether spans of this project are cut by the boundary rules. Switched off, readings that were cut are as they
    were marked again, as new revisions; how many."""
    project.store.set(NORMALISES, on)
    if on:
        return 0
    marked = (_as_marked(annotation) for annotation in project.store.annotations() if CUT in annotation.extra)
    return project.store.add_annotations(list(marked), {"normalised": "off"}, now()).revised


def normalise(project: Project) -> Record:
    """Cut every person's spans by the boundary rules, each changed reading as a new revision beside the original.

    UsageError where the project has it switched off. The next pull keeps the cut: it compares with what the tool held.
    """
    if project.store.settings().get(NORMALISES) is False:
        raise UsageError("this project keeps spans as they were marked: `tahkim normalise --on` changes that")
    corpus = project.store.corpus()
    texts = {document.id: document.text for document in corpus.documents.values()}
    # What was cut here tells nothing of how people use words: they are judged by what was marked alone.
    marked = [(annotation, _as_marked(annotation)) for annotation in corpus.annotations]
    words = words_of(texts.values()) + words_marked((before for _, before in marked), texts)
    changed, spans = [], 0
    for annotation, before in marked:
        if not annotation.votes:
            continue
        result = _cut(before, normalised(before, texts[annotation.doc_id], words).spans)
        spans += sum(one != other for one, other in zip(annotation.spans, result.spans, strict=True))
        changed.append(result)
    added = project.store.add_annotations(changed, {"normalised": "boundary rules"}, now())
    return {"readings": added.revised, "spans": spans}


def as_held(earlier: Annotation, annotation: Annotation) -> Annotation:
    """The stored reading with the edges that the tool holds, where `annotation` is what it holds now: those of a cut
    span as it was marked, unless the cut one itself was brought there."""
    if CUT not in earlier.extra:
        return earlier
    held = {_place(span) for span in annotation.spans}
    marked = _as_marked(earlier)
    spans = (before if _place(before) in held else cut for cut, before in zip(earlier.spans, marked.spans, strict=True))
    return replace(marked, spans=tuple(spans))


def kept_cut(annotation: Annotation, earlier: Annotation | None) -> Annotation:
    """What the tool holds, with those spans cut that were cut before and stand there as they were marked."""
    if earlier is None or CUT not in earlier.extra:
        return annotation
    pairs = zip(_as_marked(earlier).spans, earlier.spans, strict=True)
    cuts = {_place(before): cut for before, cut in pairs if before != cut}
    return _cut(annotation, tuple(_cut_spans(annotation, cuts)))


def _cut_spans(annotation: Annotation, cuts: dict[Place, Span]) -> Iterator[Span]:
    taken = {_place(span) for span in annotation.spans}
    for span in annotation.spans:
        cut = cuts.get(_place(span))
        free = cut is not None and _place(cut) not in taken
        yield replace(span, start=cut.start, end=cut.end) if cut is not None and free else span


def _cut(marked: Annotation, spans: tuple[Span, ...]) -> Annotation:
    """A reading with its spans cut; the same object where nothing is."""
    if spans == marked.spans:
        return marked
    edges = {old.id: [old.start, old.end] for old, new in zip(marked.spans, spans, strict=True) if old != new}
    return replace(marked, spans=spans, extra={**marked.extra, CUT: edges})


def _as_marked(annotation: Annotation) -> Annotation:
    if CUT not in annotation.extra:
        return annotation
    edges = annotation.extra[CUT]
    marked = (replace(s, start=edges[s.id][0], end=edges[s.id][1]) if s.id in edges else s for s in annotation.spans)
    extra = {name: value for name, value in annotation.extra.items() if name != CUT}
    return replace(annotation, spans=tuple(marked), extra=extra)


def _place(span: Span) -> Place:
    return span.start, span.end, span.label
