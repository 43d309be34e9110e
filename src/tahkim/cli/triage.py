"""Commands that say where a lead's time is best spent: the queue, and what deciding in its order would bring."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tahkim.adjudicate.strategies import Settings
from tahkim.cli import console, tables
from tahkim.cli.material import InputOption, SchemaOption, material
from tahkim.cli.options import DecisionsOption, JsonOption, ProjectOption, StoreOption, merging


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command, example in (
        (
            queue,
            "tahkim queue\n\ntahkim queue --by-document --limit 20\n\n"
            "tahkim queue --input annotations.jsonl --strategy bayes --json queue.json",
        ),
        (
            simulate,
            "tahkim simulate --input annotations.jsonl --gold gold.jsonl\n\n"
            "tahkim simulate --input annotations.jsonl --gold gold.jsonl --strategy bayes --json curves.json "
            "--picture curves.svg",
        ),
    ):
        app.command(epilog=f"Examples:\n\n{example}")(command)


@merging
def queue(
    settings: Settings,
    by_document: Annotated[
        bool, typer.Option("--by-document", help="A document at a time, those that bring most first.")
    ] = False,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first N.")] = None,
    json: JsonOption = None,
    annotations: InputOption = None,
    decisions: DecisionsOption = None,
    schema: SchemaOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Open conflicts in the order of what a decision is expected to bring."""
    from tahkim.workflow import settle

    corpus, decided, known = material(annotations, decisions, schema, project, store)
    found = settle.queue(corpus, settings, known, decided, by_document=by_document)
    shown = found[:limit]
    if json is not None:
        console.write_json(json, shown)
    if json != "-":
        tables.queue(shown, corpus)
    every = console.counted(len(found), "open conflict")
    console.say(every if len(shown) == len(found) else f"{len(shown)} of {every}")


@merging
def simulate(
    settings: Settings,
    annotations: Annotated[Path, typer.Option("--input", metavar="FILE", help="Annotations, JSON Lines.")],
    gold: Annotated[Path, typer.Option("--gold", metavar="FILE", help="Gold of all of these documents.")],
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="OUT", help="Draw the curves too, as an SVG file.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the random orders.")] = 0,
    json: JsonOption = None,
    schema: SchemaOption = None,
) -> None:
    """F1 of the release after each decision of a lead who decides as gold does: our order, random, least confident."""
    from tahkim.backends.files import read_annotations
    from tahkim.workflow import measure
    from tahkim.writing import write_text

    found = measure.simulate(read_annotations(annotations), read_annotations(gold), settings, schema, seed=seed)
    if json is not None:
        console.write_json(json, found)
    if picture is not None:
        write_text(picture, measure.picture(found))
    if json != "-":
        tables.simulation(found)
