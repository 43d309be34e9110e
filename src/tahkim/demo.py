"""The whole line on the sample project that ships with the package, from reports to a release."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tahkim import project as projects
from tahkim.adjudicate.strategies import Settings
from tahkim.backends.files import read_annotations, read_decisions, read_documents
from tahkim.project import Project
from tahkim.workflow import intake, measure, publish, settle

SAMPLE = Path(__file__).parent / "sample"
RELEASE = "sample-1"
STRATEGY = Settings("majority")

Row = tuple[str, str, str]
Progress = Callable[[Iterable[Any], str], Iterable[Any]]


def run(folder: Path, progress: Progress) -> list[Row]:
    """Run every stage in a project at `folder`, made if it is not there; for each: its name, figures, and where.

    A second run in the same folder changes nothing: the release is there and is verified again.
    """
    projects.init(folder)
    with projects.open_project(folder) as project:
        return [
            _ingest(project, progress),
            _preannotate(project, progress),
            _import(project),
            _agree(project),
            _conflicts(project),
            _decide(project),
            _release(project),
        ]


def _ingest(project: Project, progress: Progress) -> Row:
    intake.ingest(project, progress(read_documents(SAMPLE / "reports.jsonl"), "ingesting"))
    corpus = project.store.corpus()
    characters = sum(len(document.text) for document in corpus.documents.values())
    return "ingest", f"{len(corpus.documents)} reports, {characters} characters", str(SAMPLE / "reports.jsonl")


def _preannotate(project: Project, progress: Progress) -> Row:
    intake.preannotate(project, lambda documents: progress(documents, "preannotating"))
    found = [a for a in project.store.annotations() if a.annotator.startswith("rules@")]
    spans, relations = sum(len(a.spans) for a in found), sum(len(a.relations) for a in found)
    return "preannotate", f"{spans} spans and {relations} relations suggested by {found[0].annotator}", "in the store"


def _import(project: Project) -> Row:
    corpus = read_annotations(SAMPLE / "annotations.jsonl")
    intake.take_in(project, corpus, "annotations.jsonl")
    people = sorted({a.annotator for a in corpus.annotations})
    submitted = sum(a.status == "submitted" for a in corpus.annotations)
    figures = f"{len(corpus.annotations)} annotations by {', '.join(people)}, {submitted} of them submitted"
    return "import", figures, str(SAMPLE / "annotations.jsonl")


def _agree(project: Project) -> Row:
    figures = measure.headline(project.store.corpus(), project.schema)
    shown = [f"{name} {figure['value']:.3f}" for name, figure in figures.items() if figure["value"] is not None]
    return "agree", ", ".join(shown), "tahkim agree --project " + str(project.folder)


def _conflicts(project: Project) -> Row:
    merged, _ = settle.merge(project.store.corpus(), STRATEGY, project.schema)
    kept = sum(len(document.gold_spans) for document in merged)
    open_conflicts = sum(document.open for document in merged)
    figures = f"{kept} spans taken by {STRATEGY.strategy}, {open_conflicts} conflicts before any decision"
    return "merge", figures, "tahkim conflicts --project " + str(project.folder)


def _decide(project: Project) -> Row:
    settle.decide(project, read_decisions(SAMPLE / "decisions.jsonl"))
    merged, _ = settle.merge(project.store.corpus(), STRATEGY, project.schema, settle.decisions(project))
    left = sum(document.open for document in merged)
    figures = f"{len(settle.decisions(project))} decisions by the lead, {left} conflicts still open"
    return "decide", figures, "tahkim log --project " + str(project.folder)


def _release(project: Project) -> Row:
    folder = project.exports / RELEASE
    if not folder.exists():
        publish.release(project, RELEASE, STRATEGY, by="lamis")
    problems = publish.verify(folder, project)
    manifest = publish.manifest_of(folder)
    counts, left_out = manifest["counts"], manifest["left_out"]
    state = "verified byte for byte" if not problems else f"{len(problems)} problems: {problems[0]}"
    open_conflicts = sum(document["open"] for document in left_out)
    figures = (
        f"{counts['documents']} documents, {counts['spans']} spans, {counts['relations']} relations, {state}; "
        f"{len(left_out)} left out with {open_conflicts} open conflicts"
    )
    return "release", figures, str(folder)
