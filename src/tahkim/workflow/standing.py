"""Where a project stands."""

from __future__ import annotations

from typing import Any

from tahkim.adjudicate.strategies import Settings
from tahkim.project import Project
from tahkim.workflow.progress import to_fill
from tahkim.workflow.questions import questions
from tahkim.workflow.settle import decisions, merge

Record = dict[str, Any]


def status(project: Project, settings: Settings) -> Record:
    """Documents, annotations by person and status, conflicts, decisions and releases of a project."""
    corpus = project.store.corpus()
    counts = project.store.counts()
    merged, missing = merge(corpus, settings, project.schema, decisions(project))
    return {
        "project": str(project.folder),
        "documents": counts.documents,
        "groups": len({document.group or document.id for document in corpus.documents.values()}),
        "annotations": {name: dict(by_status) for name, by_status in counts.annotations.items()},
        "revisions": counts.revisions,
        "merge": {
            "strategy": settings.strategy,
            "finished": sum(not document.open for document in merged),
            "open": sum(document.open > 0 for document in merged),
            "conflicts": sum(document.open for document in merged),
            "unannotated": len(missing),
        },
        "decisions": counts.entries.get("decision", 0),
        "to_fill": dict(sorted(to_fill(project, corpus.annotations).items())),
        "questions": [asked._asdict() for asked in questions(project)],
        "releases": [entry.payload["name"] for entry in project.store.entries("release")],
    }
