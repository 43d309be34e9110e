"""Into the project: reports, what the rules say of them, and what people do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tahkim import rules
from tahkim import schema as schemas
from tahkim.backends.files import write_lines
from tahkim.clock import now
from tahkim.errors import InputError
from tahkim.interchange import encode
from tahkim.model import Corpus, Document
from tahkim.project import Project
from tahkim.schema import Schema

Record = dict[str, Any]


def ingest(project: Project, documents: Iterable[Document]) -> Record:
    """Take reports into the project: how many are new, updated in their meta, unchanged. All or none."""
    return project.store.add_documents(documents)._asdict()


def preannotate_to(output: Path, documents: Iterable[Document]) -> int:
    """Write the rules' annotation of each document to a file; the number of documents."""
    loaded = rules.load()
    count = 0

    def records() -> Iterator[Record]:
        nonlocal count
        for document in documents:
            yield encode(rules.annotate(document, loaded), document)
            count += 1

    write_lines(output, records())
    return count


def preannotate(project: Project, progress: Callable[[Sequence[Document]], Iterable[Document]]) -> Record:
    """Annotate every document of the project by the rules; what is unchanged makes no new revision."""
    documents = list(project.store.documents())
    found = rules.preannotate(progress(documents), rules.load())
    return project.store.add_annotations(found, {"rules": rules.VERSION}, now())._asdict()


def take_in(project: Project, corpus: Corpus, source: str) -> Record:
    """Take annotations, and the documents they come with, into the project.

    Everything is held against the project's schema first; one problem refuses all of it.
    """
    _check_all(corpus, project.schema, source)
    added = project.store.add_documents(corpus.documents.values())
    imported = project.store.add_annotations(corpus.annotations, {"file": source}, now())
    return {"documents": added._asdict(), "annotations": imported._asdict()}


def _check_all(corpus: Corpus, schema: Schema, source: str) -> None:
    found = [
        f"{a.doc_id} by {a.annotator}: {problem}"
        for a in corpus.annotations
        for problem in schemas.check(a, schema, corpus.documents[a.doc_id].text)
    ]
    if found:
        more = f" ({len(found) - 1} more: `tahkim validate --input {source}` lists them)" if len(found) > 1 else ""
        raise InputError(f"{source}: {found[0]}{more}")
