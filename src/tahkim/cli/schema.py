"""`tahkim schema`: check, show and build."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tahkim.cli import console

app = typer.Typer(help="The annotation schema: check it, show it, build the tools' configurations from it.")

SchemaArgument = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="A schema (default: tahkim's own).", show_default=False)
]


@app.command(epilog="Examples:\n\ntahkim schema check\n\ntahkim schema check my-schema.yaml")
def check(file: SchemaArgument = None) -> None:
    """Load a schema and say what is wrong with it, with the line."""
    from tahkim import schema as schemas

    schema = schemas.load(file)
    console.say(
        f"{file or 'label_config/schema.yaml'}: schema {schema.version} is right: {len(schema.labels)} labels, "
        f"{len(schema.relations)} relations"
    )


@app.command(epilog="Examples:\n\ntahkim schema show\n\ntahkim schema show my-schema.yaml")
def show(file: SchemaArgument = None) -> None:
    """Show labels, relations and attributes."""
    from tahkim import schema as schemas

    schema = schemas.load(file)
    console.table(f"schema {schema.version}", schemas.Row._fields, schemas.describe(schema))


@app.command(
    epilog="Examples:\n\ntahkim schema build\n\ntahkim schema build my-schema.yaml --to my-config --profile full"
)
def build(
    file: SchemaArgument = None,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where the configurations go.")] = Path(
        "label_config"
    ),
    profile: Annotated[str, typer.Option("--profile", help="What annotators are asked for: core or full.")] = "core",
) -> None:
    """Write label_studio.xml and doccano.json, made from the schema."""
    from tahkim import schema as schemas
    from tahkim.writing import write_text

    built = schemas.build(schemas.load(file), profile)
    to.mkdir(parents=True, exist_ok=True)
    for name, content in built.items():
        write_text(to / name, content)
        console.say(f"wrote {to / name}")
