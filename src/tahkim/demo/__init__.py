"""The whole line on the sample project that ships with the package, from reports to a release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from tahkim import project as projects
from tahkim import rules
from tahkim.adjudicate.strategies import Settings
from tahkim.backends.files import read_annotations, read_decisions, read_documents
from tahkim.project import Project
from tahkim.workflow import intake, measure, publish, settle
from tahkim.writing import write_text

SAMPLE = Path(__file__).resolve().parents[1] / "sample"
RELEASE = "sample-1"
REPORT = "report.html"
STRATEGY = Settings("majority")

Row = tuple[str, str, str]
Say = Callable[[str], None]
Progress = Callable[[Iterable[Any], str], Iterable[Any]]


def run(folder: Path, progress: Progress, tool: str | None = None, say: Say = print) -> list[Row]:
    """Run every stage in a project at `folder`, made if it is not there; for each: its name, figures, and where.

    With `tool` the readings do not come from a file: the annotators enter them in that tool's own server. A second
    run in the same folder changes nothing: the release is there and is verified again.
    """
    projects.init(folder)
    with projects.open_project(folder) as project:
        return [
            ("ingest", _ingest(project, progress), "the sample's reports.jsonl"),
            ("preannotate", _preannotate(project, progress), f"the store of {folder}"),
            *_readings(project, tool, say),
            ("agree", _agree(project), f"tahkim agree --project {quote(str(folder))}"),
            ("merge", _merge(project), f"tahkim conflicts --project {quote(str(folder))}"),
            ("decide", _decide(project), f"tahkim log --project {quote(str(folder))}"),
            ("release", _release(project), str(folder / "exports" / RELEASE)),
            ("report", _report(project), str(folder / REPORT)),
        ]


def _ingest(project: Project, progress: Progress) -> str:
    intake.ingest(project, progress(read_documents(SAMPLE / "reports.jsonl"), "ingesting"))
    corpus = project.store.corpus()
    characters = sum(len(document.text) for document in corpus.documents.values())
    return f"{len(corpus.documents)} reports, {characters} characters"


def _preannotate(project: Project, progress: Progress) -> str:
    intake.preannotate(project, lambda documents: progress(documents, "preannotating"), rules.load())
    found = [a for a in project.store.annotations() if a.annotator.startswith("rules@")]
    spans, relations = sum(len(a.spans) for a in found), sum(len(a.relations) for a in found)
    return f"{spans} spans and {relations} relations suggested by {found[0].annotator}"


def _readings(project: Project, tool: str | None, say: Say) -> list[Row]:
    if tool is None:
        return [("import", _import(project), "the sample's annotations.jsonl")]
    from tahkim.demo.desks import through

    return through(project, tool, read_annotations(SAMPLE / "annotations.jsonl"), say)


def _import(project: Project) -> str:
    corpus = read_annotations(SAMPLE / "annotations.jsonl")
    intake.take_in(project, corpus, "annotations.jsonl")
    people = sorted({a.annotator for a in corpus.annotations})
    submitted = sum(a.status == "submitted" for a in corpus.annotations)
    return f"{len(corpus.annotations)} annotations by {', '.join(people)}, {submitted} of them submitted"


def _agree(project: Project) -> str:
    figures = measure.headline(project.store.corpus(), project.schema)
    over_all = {name: figure for name, figure in figures.items() if "arm" not in figure}
    return "; ".join(f"{name} {_value(figure)}" for name, figure in over_all.items())


def _value(figure: Mapping[str, Any]) -> str:
    value, low, high = figure["value"], figure["low"], figure["high"]
    return "undefined" if value is None else f"{value:.2f}" if low is None else f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _merge(project: Project) -> str:
    merged, _ = settle.merge(project.store.corpus(), STRATEGY, project.schema)
    kept = sum(len(document.gold_spans) for document in merged)
    open_conflicts = sum(document.open for document in merged)
    return f"{kept} spans taken by {STRATEGY.strategy}, {open_conflicts} conflicts before any decision"


def _decide(project: Project) -> str:
    settle.decide(project, read_decisions(SAMPLE / "decisions.jsonl"))
    merged, _ = settle.merge(project.store.corpus(), STRATEGY, project.schema, settle.decisions(project))
    left = sum(document.open for document in merged)
    return f"{len(settle.decisions(project))} decisions by the lead, {left} conflicts still open"


def _release(project: Project) -> str:
    folder = project.exports / RELEASE
    if not folder.exists():
        publish.release(project, RELEASE, STRATEGY, by="lamis")
    problems = publish.verify(folder, project)
    manifest = publish.manifest_of(folder)
    counts, left_out = manifest["counts"], manifest["left_out"]
    state = "verified byte for byte" if not problems else f"{len(problems)} problems: {problems[0]}"
    open_conflicts = sum(document["open"] for document in left_out)
    return (
        f"{counts['documents']} documents, {counts['spans']} spans, {counts['relations']} relations, {state}; "
        f"{len(left_out)} left out with {open_conflicts} open conflicts"
    )


def _report(project: Project) -> str:
    gold = read_annotations(project.exports / RELEASE / "gold.jsonl")
    page = measure.report(measure.with_gold(project.store.corpus(), gold), project.schema)
    write_text(project.folder / REPORT, page)
    return "how far people agree with each other, the rules and gold, and what they differ on: open it in a browser"
