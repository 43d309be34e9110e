"""Commands that say how far annotators agree: as a table or JSON, and as a page to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tahkim.cli import console, tables
from tahkim.cli.material import InputOption, SchemaOption, material
from tahkim.cli.options import JsonOption, ProjectOption, StoreOption

if TYPE_CHECKING:
    from tahkim.model import Corpus
    from tahkim.schema import Schema

GoldOption = Annotated[
    Path | None, typer.Option("--gold", metavar="FILE", help="Also with this gold, such as a release's gold.jsonl.")
]
ChosenOption = Annotated[
    str | None, typer.Option("--with", metavar="NAME", help="Also everybody with this annotator, apart.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command, example in (
        (
            agree,
            "tahkim agree --input annotations.jsonl\n\ntahkim agree --project my-project --json figures.json\n\n"
            "tahkim agree --gold exports/2026-01/gold.jsonl --with amal --by week",
        ),
        (
            report,
            "tahkim report --html report.html\n\n"
            "tahkim report --html report.html --lang ar --input annotations.jsonl --gold gold.jsonl",
        ),
    ):
        app.command(epilog=f"Examples:\n\n{example}")(command)


def agree(
    annotations: InputOption = None,
    measures: Annotated[
        list[str] | None,
        typer.Option("--measure", metavar="NAME", help="Only this measure; may be repeated (default: all but gamma)."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by", metavar="WHAT", help="Also by label, annotator, document, month, week or arm; may be repeated."
        ),
    ] = None,
    gold: GoldOption = None,
    chosen: ChosenOption = None,
    json: JsonOption = None,
    schema: SchemaOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """How far annotators agree, with 95 % intervals: over all and by pair."""
    from tahkim.workflow import measure

    corpus, known = _readings(annotations, gold, schema, project, store)
    found = measure.agree(corpus, known, measures, by or (), chosen)
    if json is not None:
        console.write_json(json, found.to_json())
    if json != "-":
        tables.agreement(found)


def report(
    html: Annotated[Path, typer.Option("--html", metavar="OUT", help="The page, one file; - for stdout.")],
    lang: Annotated[str, typer.Option("--lang", metavar="LANG", help="Its language: en or ar.")] = "en",
    annotations: InputOption = None,
    gold: GoldOption = None,
    chosen: ChosenOption = None,
    schema: SchemaOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Write a page on how far annotators agree and what they differ on, to read, print and pass on."""
    from tahkim.workflow import measure
    from tahkim.writing import write_text

    corpus, known = _readings(annotations, gold, schema, project, store)
    write_text(html, measure.report(corpus, known, lang, chosen))
    if str(html) != "-":
        console.say(f"wrote {console.near(html)}")


def _readings(
    annotations: Path | None, gold: Path | None, schema: Path | None, project: Path | None, store: str | None
) -> tuple[Corpus, Schema]:
    """What to measure, with gold from a file where one is named, and its schema."""
    from tahkim.backends.files import read_annotations
    from tahkim.workflow import measure

    corpus, _, known = material(annotations, None, schema, project, store)
    return (corpus if gold is None else measure.with_gold(corpus, read_annotations(gold))), known
