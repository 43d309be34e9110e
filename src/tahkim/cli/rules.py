"""`tahkim rules`: lint, list, explain, test, score and suggest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tahkim.cli import console

if TYPE_CHECKING:
    from tahkim.rules import Rules

app = typer.Typer(help="The rules that pre-annotate: check them, try them, measure them, extend them.")

RulesOption = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="DIR", help="A folder of lexicons and patterns of your own; may be repeated."),
]
AnnotationsOption = Annotated[Path, typer.Option("--annotations", metavar="FILE", help="Annotations, JSON Lines.")]
LeaveOutOption = Annotated[
    Path | None,
    typer.Option("--leave-out", metavar="FILE", help="Ids of documents never to look at (a test split), one a line."),
]


def _loaded(folders: list[Path] | None) -> Rules:
    from tahkim import rules

    return rules.load(folders or ())


def _left_out(file: Path | None) -> frozenset[str]:
    from tahkim.errors import InputError
    from tahkim.writing import reason

    if file is None:
        return frozenset()
    try:
        return frozenset(file.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "is not UTF-8"
        raise InputError(f"{file}: {why}") from error


@app.command(epilog="Examples:\n\ntahkim rules lint\n\ntahkim rules lint --rules my-rules")
def lint(own_rules: RulesOption = None) -> None:
    """Check all lexicons and patterns: errors name file and line, warnings say what looks wrong; exit 1 on any."""
    from tahkim.rules.lint import lint as warnings_of

    warnings = warnings_of(_loaded(own_rules), own_rules or ())
    for warning in warnings:
        typer.echo(warning)
    console.say(console.counted(len(warnings), "warning"))
    raise typer.Exit(1 if warnings else 0)


@app.command("list", epilog="Examples:\n\ntahkim rules list\n\ntahkim rules list --rules my-rules")
def list_(own_rules: RulesOption = None) -> None:
    """List the rules with their label, score, number of examples and place."""
    from tahkim.rules.lint import Listed, listing

    console.table("", Listed._fields, listing(_loaded(own_rules)))


@app.command(
    epilog="Examples:\n\ntahkim rules explain report.txt\n\ntahkim rules explain reports.jsonl --rules my-rules"
)
def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A report, or several: .txt, .jsonl, .csv, a folder.")],
    own_rules: RulesOption = None,
) -> None:
    """Show which rule made what of a report, and what nearly matched."""
    from tahkim.backends.files import read_documents
    from tahkim.rules.explain import Made, Missed
    from tahkim.rules.explain import explain as explanation_of

    loaded = _loaded(own_rules)
    for document in read_documents(file):
        found = explanation_of(document, loaded)
        console.table(f"{document.id}: made", Made._fields, found.made)
        console.table(f"{document.id}: not kept", Missed._fields, found.missed)
        if found.note:
            console.line(found.note)


@app.command(epilog="Examples:\n\ntahkim rules test\n\ntahkim rules test --rules my-rules")
def test(own_rules: RulesOption = None) -> None:
    """Run the examples that stand beside the rules; exit 1 when one fails."""
    from tahkim.rules.examples import run

    total, failures = run(_loaded(own_rules), own_rules or ())
    for failure in failures:
        console.line(f"{failure.source}: {failure.example}: {failure.problem}")
    console.say(f"{console.counted(total, 'example')}, {console.counted(len(failures), 'failure')}")
    raise typer.Exit(1 if failures else 0)


@app.command(
    epilog="Examples:\n\ntahkim rules score --annotations annotations.jsonl\n\n"
    "tahkim rules score --annotations annotations.jsonl --output my-rules/fitted.scores"
)
def score(
    annotations: AnnotationsOption,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write a .scores file for a folder of rules.")
    ] = None,
    leave_out: LeaveOutOption = None,
    own_rules: RulesOption = None,
) -> None:
    """Fit each rule's precision on annotated data: right, edited, deleted, with a 95 % interval."""
    from tahkim.backends.files import read_annotations
    from tahkim.rules.score import RuleScore, to_text
    from tahkim.rules.score import score as score_rules
    from tahkim.writing import write_text

    corpus = read_annotations(annotations)
    records = score_rules(corpus.documents, corpus.annotations, _loaded(own_rules), _left_out(leave_out))
    if output is not None:
        write_text(output, to_text(records))
    else:
        console.table("", RuleScore._fields, records)


@app.command(epilog="Examples:\n\ntahkim rules suggest --annotations annotations.jsonl")
def suggest(annotations: AnnotationsOption, leave_out: LeaveOutOption = None, own_rules: RulesOption = None) -> None:
    """Suggest lexicon lines that would turn errors into hits, with their evidence, for a person to accept.

    Each mends marks in two documents at least and breaks clearly fewer than it mends: none of four, one of eight.
    """
    from tahkim.backends.files import read_annotations
    from tahkim.rules.suggest import suggest as suggestions_of

    corpus = read_annotations(annotations)
    found = suggestions_of(corpus.documents, corpus.annotations, own_rules or (), _left_out(leave_out))
    for suggestion in found:
        gain = f"mends {suggestion.mended} marks in {suggestion.documents} documents, breaks {suggestion.broken}"
        console.line(f"# {gain}: {'; '.join(suggestion.evidence)}")
        console.line(suggestion.lexicon)
    console.say(console.counted(len(found), "suggestion"))
