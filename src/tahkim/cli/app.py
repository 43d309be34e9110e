"""Every command of the line; the order in which help shows them stands in `panels`."""

from __future__ import annotations

import sys
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec.structs import replace

from tahkim import __version__, compiled
from tahkim.adjudicate.strategies import Settings
from tahkim.cli import console, tables
from tahkim.cli import desks as desk_commands
from tahkim.cli import gold as gold_commands
from tahkim.cli import report as report_commands
from tahkim.cli import triage as triage_commands
from tahkim.cli import upkeep as upkeep_commands
from tahkim.cli.material import InputOption, SchemaOption, material, waiting
from tahkim.cli.options import (
    ByOption,
    DecisionsOption,
    JsonOption,
    ProjectOption,
    StoreOption,
    StrategyOption,
    merging,
)
from tahkim.cli.panels import Line
from tahkim.cli.rules import RulesOption
from tahkim.cli.rules import app as rules_app
from tahkim.cli.schema import app as schema_app
from tahkim.cli.serve import serve, users
from tahkim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


app = typer.Typer(
    name="tahkim",
    cls=Line,
    help="From raw Arabic conflict reports to gold data people can trust.",
    epilog="Examples:\n\ntahkim demo\n\ntahkim init my-project\n\ntahkim ingest reports.jsonl --project my-project",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(schema_app, name="schema")
app.add_typer(users, name="user")
app.command(epilog="Examples:\n\ntahkim serve\n\ntahkim serve --project demo --port 9000")(serve)
app.add_typer(rules_app, name="rules")

ResolveOption = Annotated[
    bool, typer.Option("--resolve-all", help="Leave no conflict open: take the most voted reading.")
]
AnnotatorOption = Annotated[
    str | None, typer.Option("--annotator", metavar="NAME", help="Whose reading is gold, where the file holds several.")
]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"tahkim {__version__} ({compiled.description()})")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """From raw Arabic conflict reports to gold data people can trust."""


@app.command(epilog="Examples:\n\ntahkim init my-project\n\ntahkim init my-project --schema my-schema.yaml")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the project; made if it is not there.")],
    schema: Annotated[Path | None, typer.Option(metavar="FILE", help="Its schema (default: tahkim's own).")] = None,
    store: StoreOption = None,
) -> None:
    """Make a project: a folder with its store, its schema and its exports."""
    from tahkim import project

    is_new = project.init(folder, store, schema)
    console.say(f"{'made' if is_new else 'there already:'} project {folder}; its schema is label_config/schema.yaml")


@app.command(epilog="Examples:\n\ntahkim ingest reports.jsonl\n\ntahkim ingest folder-of-texts --project my-project")
def ingest(
    reports: Annotated[
        Path, typer.Argument(metavar="REPORTS", help="A .jsonl, .txt or .csv file, or a folder of them.")
    ],
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Take reports into the project. The same reports again change nothing."""
    from tahkim.backends.files import read_documents
    from tahkim.workflow import intake

    with _opened(project, store) as opened:
        added = intake.ingest(opened, console.progress(read_documents(reports), "ingesting"))
    console.say(f"{_counted(added)} documents")


@app.command(
    epilog="Examples:\n\ntahkim preannotate\n\n"
    "tahkim preannotate --input reports.jsonl --output predictions.jsonl --min-score 0.7\n\n"
    "tahkim preannotate --from model-predictions.jsonl"
)
def preannotate(
    reports: Annotated[
        Path | None,
        typer.Option("--input", metavar="REPORTS", help="Reports (default: the documents of the project)."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Where to; - for stdout.")] = None,
    predictions: Annotated[
        Path | None,
        typer.Option("--from", metavar="PRED", help="Take another model's predictions into the project instead."),
    ] = None,
    min_score: Annotated[float, typer.Option("--min-score", help="Leave out what scores less, 0 to 1.")] = 0.0,
    own_rules: RulesOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Mark events and what belongs to them by the rules: what annotators start from."""
    from tahkim import rules
    from tahkim.backends.files import read_annotations, read_documents
    from tahkim.workflow import intake

    if (reports is None) != (output is None):
        raise UsageError("--input and --output go together: give both, or neither to work on the project")
    if reports is not None and output is not None:
        documents = console.progress(read_documents(reports), "preannotating")
        n_documents = intake.preannotate_to(output, documents, rules.load(own_rules or ()), min_score)
        console.say(f"{output}: {console.counted(n_documents, 'document')}")
        return
    with _opened(project, store) as opened:
        if predictions is not None:
            done = intake.take_predictions(opened, read_annotations(predictions), str(predictions), min_score)
        else:
            loaded = rules.load([*opened.rule_folders, *(own_rules or ())])
            done = intake.preannotate(opened, lambda found: console.progress(found, "preannotating"), loaded, min_score)
    console.say(f"preannotated: {_counted(done)}")


@app.command("import", epilog="Examples:\n\ntahkim import annotations.jsonl --project my-project")
def import_(
    annotations: Annotated[Path, typer.Argument(metavar="FILE", help="Annotations, JSON Lines.")],
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Take annotations into the project, changed ones as new revisions. The same file again changes nothing."""
    from tahkim.backends.files import read_annotations
    from tahkim.workflow import intake

    with _opened(project, store) as opened:
        done = intake.take_in(opened, read_annotations(annotations), str(annotations))
    console.say(f"documents: {_counted(done['documents'])}; annotations: {_counted(done['annotations'])}")


@app.command(epilog="Examples:\n\ntahkim validate --input annotations.jsonl --schema label_config/schema.yaml")
def validate(
    annotations: Annotated[Path, typer.Option("--input", metavar="FILE", help="Annotations, JSON Lines.")],
    schema: SchemaOption = None,
    json: JsonOption = None,
) -> None:
    """List every problem of a file of annotations with its line number; exit 1 when there is one."""
    from tahkim import schema as schemas
    from tahkim.backends import files

    problems = files.validate(annotations, schemas.load(schema) if schema else None)
    if json is not None:
        console.write_json(json, [problem._asdict() for problem in problems])
    if json != "-":
        for problem in problems:
            typer.echo(f"{annotations}:{problem.line}: {problem.message}")
    console.say(f"{annotations}: {console.counted(len(problems), 'problem')}")
    raise typer.Exit(1 if problems else 0)


@app.command(
    epilog="Examples:\n\ntahkim evaluate --gold gold.jsonl --pred predictions.jsonl\n\n"
    "tahkim evaluate --gold annotations.jsonl --annotator amal --pred predictions.jsonl --json -"
)
def evaluate(
    gold: Annotated[Path, typer.Option(metavar="FILE", help="What counts as right.")],
    pred: Annotated[Path, typer.Option(metavar="FILE", help="What is held against it.")],
    annotator: AnnotatorOption = None,
    pred_annotator: Annotated[
        str | None, typer.Option("--pred-annotator", metavar="NAME", help="The same for the prediction.")
    ] = None,
    common: Annotated[bool, typer.Option("--common", help="Leave out documents the prediction lacks.")] = False,
    events: Annotated[
        bool, typer.Option("--events", help="Also events, all mentions as one: type, place, date, actor, fatalities.")
    ] = False,
    schema: SchemaOption = None,
    json: JsonOption = None,
) -> None:
    """Precision, recall and F1 of spans and relations against gold."""
    from tahkim.backends.files import read_annotations
    from tahkim.workflow import measure

    sides = read_annotations(gold), read_annotations(pred)
    figures = measure.evaluate(*sides, annotator, pred_annotator, common=common, events=events, schema=schema)
    if json is not None:
        console.write_json(json, figures)
    if json != "-":
        tables.evaluation(figures)


report_commands.register(app)
triage_commands.register(app)


@app.command(
    epilog="Examples:\n\ntahkim conflicts\n\n"
    "tahkim conflicts --input annotations.jsonl --strategy majority --output conflicts.jsonl"
)
@merging
def conflicts(
    settings: Settings,
    annotations: InputOption = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Where to; - for stdout.")] = None,
    decisions: DecisionsOption = None,
    schema: SchemaOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """What a lead has to decide, what most hangs on first."""
    from tahkim.backends.files import write_lines
    from tahkim.workflow import settle

    corpus, decided, known = material(annotations, decisions, schema, project, store)
    merged, _ = settle.merge(corpus, settings, known, decided)
    found = settle.conflicts(merged)
    if output is not None:
        write_lines(output, found)
    else:
        tables.conflicts(found, corpus)
    console.say(f"{len(found)} open conflicts in {sum(m.open > 0 for m in merged)} of {len(merged)} documents")
    for asked in waiting(project, store) if annotations is None else ():
        console.say(f"  {asked.doc_id} waits for {asked.annotator}: {asked.text}")


@app.command(
    epilog="Examples:\n\ntahkim merge --input annotations.jsonl --strategy majority --output merged.jsonl\n\n"
    "tahkim merge --input annotations.jsonl --strategy threshold --votes 2 --share 0.5 --resolve-all --output - "
    "--report report.json"
)
@merging
def merge(
    settings: Settings,
    annotations: InputOption = None,
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="Where to; - for stdout.")] = Path("-"),
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="What was taken, dropped, and why.")
    ] = None,
    decisions: DecisionsOption = None,
    resolve_all: ResolveOption = False,
    schema: SchemaOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Merge all readings of each document into one by a strategy; decisions win over it."""
    from tahkim.backends.files import write_lines
    from tahkim.workflow import settle

    settings = replace(settings, resolve_all=resolve_all)
    corpus, decided, known = material(annotations, decisions, schema, project, store)
    merged, missing = settle.merge(corpus, settings, known, decided)
    write_lines(output, settle.merged_records(merged))
    if report is not None:
        console.write_json(str(report), settle.report(merged, settings, missing))
    counts = settle.totals(merged)
    console.say(
        f"{counts['spans']} spans and {counts['relations']} relations in {len(merged)} documents; "
        f"{counts['conflicts']} conflicts open in {counts['documents_open']} of them"
    )


@app.command(
    epilog="Examples:\n\ntahkim decide decisions.jsonl\n\n"
    'tahkim decide --doc s11 --key s103-115~cfb5c3a68c3c213f --choice 1 --by lamis --reason "§14"\n\n'
    "tahkim decide --doc s10 --undo 402cd8917f4e269e --by lamis"
)
def decide(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Decisions, JSON Lines.")] = None,
    doc: Annotated[str | None, typer.Option("--doc", metavar="ID", help="The document of one decision.")] = None,
    key: Annotated[str | None, typer.Option("--key", help="The key of its conflict.")] = None,
    choice: Annotated[
        str | None, typer.Option("--choice", help='A candidate\'s number, "none", or a span or relation as JSON.')
    ] = None,
    undo: Annotated[str | None, typer.Option("--undo", metavar="ID", help="Take back this decision instead.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    guideline: Annotated[
        str | None, typer.Option("--guideline", metavar="§", help="The guideline's paragraph.")
    ] = None,
    by: ByOption = "lead",
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Enter a lead's decisions into the log: a file of them, or one. The same again changes nothing."""
    from tahkim.backends.files import read_decisions
    from tahkim.workflow import settle

    with _opened(project, store) as opened:
        if file is not None:
            done = settle.decide(opened, read_decisions(file))
        else:
            one = settle.one_decision(opened, doc, key, choice, undo, by, reason, guideline)
            done = settle.decide(opened, [one])
    console.say(_counted(done))


gold_commands.register(app)


@app.command(epilog="Examples:\n\ntahkim log\n\ntahkim log --verify\n\ntahkim log --json -")
def log(
    verify: Annotated[bool, typer.Option("--verify", help="Prove that no entry was altered or taken out.")] = False,
    json: JsonOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Decisions and releases, in the order they were made."""
    from tahkim.workflow import publish

    with _opened(project, store) as opened:
        entries = list(opened.store.entries())
        problems = publish.verify_log(opened) if verify else []
    if json is not None:
        console.write_json(json, [entry._asdict() for entry in entries])
    if verify:
        for problem in problems:
            typer.echo(problem)
        whole = f"the log is whole: {console.counted(len(entries), 'entry', 'entries')}"
        console.say(console.counted(len(problems), "problem") if problems else whole)
        raise typer.Exit(1 if problems else 0)
    if json != "-":
        tables.log(entries)


@app.command(epilog="Examples:\n\ntahkim status\n\ntahkim status --project my-project --json -")
def status(
    strategy: StrategyOption = "majority",
    json: JsonOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Where the project stands: documents, annotations, conflicts, decisions, releases."""
    from tahkim.workflow import standing

    with _opened(project, store) as opened:
        state = standing.status(opened, Settings(strategy).check())
    if json is not None:
        console.write_json(json, state)
    if json != "-":
        tables.status(state)


@app.command(epilog="Examples:\n\ntahkim demo\n\ntahkim demo somewhere-else")
def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder for the project; it must not be there.")
    ] = Path("demo"),
    backend: Annotated[
        str | None,
        typer.Option("--backend", metavar="TOOL", help="Annotate in a real server: label-studio or doccano."),
    ] = None,
) -> None:
    """Run the whole line on the sample project, from reports to a release."""
    from tahkim.demo import run

    console.table("", ("stage", "what came of it", "where"), run(folder, console.progress, backend, console.say))
    command = quote(console.near(Path(sys.argv[0])))
    console.say(f"to adjudicate it in the browser: {command} serve --project {quote(str(folder))}")


desk_commands.register(app)
upkeep_commands.register(app)


def _opened(project: Path | None, store: str | None) -> Any:
    from tahkim.project import open_project

    return open_project(project, store)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())
