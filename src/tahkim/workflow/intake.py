"""Into the project: reports, what the rules say of them, and what people do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tahkim import rules
from tahkim import schema as schemas
from tahkim.backends.files import write_lines
from tahkim.clock import now
from tahkim.errors import InputError, UsageError
from tahkim.interchange import encode, named
from tahkim.model import Annotation, Corpus, Document, Relation
from tahkim.project import Project
from tahkim.rules import Rules

Record = dict[str, Any]


def ingest(project: Project, documents: Iterable[Document]) -> Record:
    """Take reports into the project: how many are new, updated in their meta, unchanged. All or none."""
    return project.store.add_documents(documents)._asdict()


def preannotate_to(output: Path, documents: Iterable[Document], loaded: Rules, min_score: float = 0.0) -> int:
    """Write the rules' annotation of each document to a file; the number of documents."""
    count = 0

    def records() -> Iterator[Record]:
        nonlocal count
        for document in documents:
            yield encode(at_least(rules.annotate(document, loaded), min_score), document)
            count += 1

    write_lines(output, records())
    return count


def preannotate(
    project: Project,
    progress: Callable[[Sequence[Document]], Iterable[Document]],
    loaded: Rules,
    min_score: float = 0.0,
) -> Record:
    """Annotate every document of the project by the rules; what is unchanged makes no new revision."""
    documents = list(project.store.documents())
    found = (at_least(annotation, min_score) for annotation in rules.preannotate(progress(documents), loaded))
    return project.store.add_annotations(found, {"rules": rules.VERSION}, now())._asdict()


def at_least(annotation: Annotation, min_score: float) -> Annotation:
    """The annotation without what scores less, and without spans that then stand in no relation any more.

    What carries no score is kept: a model that gives none means all of it.
    """
    if min_score <= 0:
        return annotation
    kept = {span.id for span in annotation.spans if span.score is None or span.score >= min_score}
    relations = tuple(
        relation
        for relation in annotation.relations
        if (relation.score is None or relation.score >= min_score) and {relation.head, relation.tail} <= kept
    )
    orphaned = _ends(annotation.relations) - _ends(relations)
    heads = {relation.head for relation in annotation.relations}
    spans = tuple(s for s in annotation.spans if s.id in kept and (s.id in heads or s.id not in orphaned))
    return replace(annotation, spans=spans, relations=relations)


def _ends(relations: Iterable[Relation]) -> set[str]:
    return {end for relation in relations for end in (relation.head, relation.tail)}


def take_predictions(project: Project, corpus: Corpus, source: str, min_score: float = 0.0) -> Record:
    """Take a model's predictions as pre-annotations, under `rules@NAME`, so that they never vote.

    UsageError where the file holds more than one reading of a document.
    """
    names = sorted({annotation.annotator for annotation in corpus.annotations})
    if len(names) > 1:
        raise UsageError(f"{source} holds predictions by {', '.join(names)}: give one model's a file of its own")
    _check_all(corpus, project, source)
    named = [
        replace(at_least(a, min_score), annotator=f"rules@{a.annotator.removeprefix('rules@')}")
        for a in corpus.annotations
    ]
    project.store.add_documents(corpus.documents.values())
    return project.store.add_annotations(named, _from_file(source), now())._asdict()


def take_in(project: Project, corpus: Corpus, source: str) -> Record:
    """Take annotations, and the documents they come with, into the project.

    Everything is held against the project's schema first; one problem refuses all of it.
    """
    _check_all(corpus, project, source)
    added = project.store.add_documents(corpus.documents.values())
    imported = project.store.add_annotations(corpus.annotations, _from_file(source), now())
    return {"documents": added._asdict(), "annotations": imported._asdict()}


def _from_file(source: str) -> Record:
    """Where annotations came from; what is no Unicode in a file's name is escaped."""
    return {"file": source.encode("utf-8", "backslashreplace").decode("utf-8")}


def _check_all(corpus: Corpus, project: Project, source: str) -> None:
    found = [
        f"{named(a.doc_id, a.annotator)}: {problem}"
        for a in corpus.annotations
        for problem in schemas.check(a, project.schema, corpus.documents[a.doc_id].text)
    ]
    if found:
        lists = f"tahkim validate --input {source} --schema {project.folder / 'label_config' / 'schema.yaml'}"
        more = f" ({len(found) - 1} more: `{lists}` lists all)" if len(found) > 1 else ""
        raise InputError(f"{source}: {found[0]}{more}")
