"""Boundaries: spans of whole written words cut by the guideline's rules, as revisions beside the originals."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tahkim.clock import now
from tahkim.errors import UsageError
from tahkim.model import Annotation
from tahkim.normalise import normalised, words_marked, words_of
from tahkim.project import Project

Record = dict[str, Any]

NORMALISES = "normalise"
"""The setting that says whether annotators of a project mark whole written words."""


def set_normalising(project: Project, on: bool) -> None:
    """Whether spans of this project are cut by the boundary rules."""
    project.store.set(NORMALISES, on)


def normalise(project: Project) -> Record:
    """Cut every person's spans by the boundary rules, each changed reading as a new revision beside the original.

    UsageError where the project has it switched off. The next pull keeps the cut: it compares with what the tool held.
    """
    if project.store.settings().get(NORMALISES) is False:
        raise UsageError("this project keeps spans as they were marked: `tahkim normalise --on` changes that")
    corpus = project.store.corpus()
    texts = {document.id: document.text for document in corpus.documents.values()}
    words = words_of(texts.values()) + words_marked(corpus.annotations, texts)
    cut = []
    for annotation in (a for a in corpus.annotations if a.votes):
        result = normalised(annotation, texts[annotation.doc_id], words)
        if result is not annotation:
            as_marked = annotation.extra.get(CUT) or _edges(annotation)
            cut.append(replace(result, extra={**result.extra, CUT: as_marked}))
    added = project.store.add_annotations(cut, {"normalised": "boundary rules"}, now())
    spans = sum(before != after for each in cut for before, after in zip(each.extra[CUT], _edges(each), strict=True))
    return {"readings": added.revised, "spans": spans}


CUT = "as_marked"
"""The key under which a cut reading keeps the edges that its spans had in the tool, in the order of its spans."""


def _edges(annotation: Annotation) -> list[list[int]]:
    return [[span.start, span.end] for span in annotation.spans]


def kept_cut(annotation: Annotation, earlier: Annotation | None) -> Annotation:
    """The cut revision that is stored, where the tool still holds what it was made from; else what the tool holds."""
    if earlier is None or CUT not in earlier.extra:
        return annotation
    edges = earlier.extra[CUT]
    spans = tuple(replace(s, start=start, end=end) for s, (start, end) in zip(earlier.spans, edges, strict=True))
    extra = {name: value for name, value in earlier.extra.items() if name != CUT}
    return earlier if replace(earlier, spans=spans, extra=extra) == annotation else annotation
