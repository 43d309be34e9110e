"""What commands work on: annotations and decisions, from files or from the project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tahkim.errors import UsageError

if TYPE_CHECKING:
    from tahkim.model import Corpus, Decision
    from tahkim.schema import Schema
    from tahkim.workflow.questions import Asked

InputOption = Annotated[
    Path | None,
    typer.Option("--input", metavar="FILE", help="Annotations, JSON Lines (default: those of the project)."),
]
SchemaOption = Annotated[
    Path | None,
    typer.Option("--schema", metavar="FILE", help="A schema that FILE must follow (default: any labels)."),
]


def material(
    annotations: Path | None, decisions: Path | None, schema: Path | None, project: Path | None, store: str | None
) -> tuple[Corpus, list[Decision], Schema]:
    """Annotations and decisions, from files or from the project, and their schema."""
    from tahkim.backends.files import read_annotations, read_decisions
    from tahkim.project import open_project
    from tahkim.workflow import settle

    if annotations is not None:
        if project is not None:
            raise UsageError("--input and --project exclude each other: work on a file or on the project")
        decided = read_decisions(decisions) if decisions else []
        return read_annotations(annotations), decided, settle.schema_for(schema)
    if decisions is not None or schema is not None:
        raise UsageError("--decisions and --schema go with --input: a project has its own")
    with open_project(project, store) as opened:
        return opened.store.corpus(), settle.decisions(opened), opened.schema


def waiting(project: Path | None, store: str | None) -> list[Asked]:
    """The questions of the project's leads that nobody has answered."""
    from tahkim.project import open_project
    from tahkim.workflow.questions import questions

    with open_project(project, store) as opened:
        return [asked for asked in questions(opened) if asked.answer is None]
