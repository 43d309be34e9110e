"""Commands that keep a project: its casebook, backups, redaction."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tahkim.cli import console
from tahkim.cli.options import ByOption, ProjectOption, StoreOption


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command, example in (
        (casebook, "tahkim casebook"),
        (backup, "tahkim backup 2026-01-15.tahkim"),
        (
            restore,
            "tahkim restore 2026-01-15.tahkim restored\n\n"
            "tahkim restore 2026-01-15.tahkim restored --store postgresql://localhost/tahkim",
        ),
        (
            migrate_schema,
            "tahkim migrate-schema new.yaml --map SHELLING=BOMBARDMENT\n\n"
            r"tahkim migrate-schema new.yaml --map 'ATTACK\[mode=assassination]=ASSASSINATION'",
        ),
        (redact, 'tahkim redact s07 --reason "the publisher withdrew it" --by lamis'),
    ):
        app.command(epilog=f"Examples:\n\n{example}")(command)


def casebook(project: ProjectOption = None, store: StoreOption = None) -> None:
    """Write guidelines/casebook.md: what leads decided and why, by paragraph, and where the guideline has gaps."""
    from tahkim.project import open_project
    from tahkim.workflow import upkeep

    with open_project(project, store) as opened:
        console.say(f"wrote {console.near(upkeep.casebook(opened))}")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not be there.")],
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Write all of a project into one file: store, schema, secret of the pseudonyms, casebook, releases."""
    from tahkim.project import open_project
    from tahkim.workflow import upkeep

    with open_project(project, store) as opened:
        counts = upkeep.backup(opened, file)
    console.say(f"{file}: {_counted(counts)}; keep it safe, it holds the project's secrets")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the project goes; it must not be there.")],
    store: StoreOption = None,
) -> None:
    """Make a project from a backup, perhaps on the other kind of database: that is how to move between them."""
    from tahkim.workflow import upkeep

    console.say(f"{folder}: {_counted(upkeep.restore(file, folder, store))}")


def migrate_schema(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new schema.")],
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="OLD=NEW",
            help=r"What a label or relation is called now; OLD\[attribute=value]=NEW for a part; may be repeated.",
        ),
    ] = None,
    by: ByOption = "lead",
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Replace the project's schema: labels renamed, merged, split, attributes added; decisions go along."""
    from tahkim.project import open_project
    from tahkim.workflow import migrate

    with open_project(project, store) as opened:
        done = migrate.migrate(opened, file, mapping or (), by=by)
    console.say(
        f"{done['annotations']} annotations and {done['decisions']} entries on decisions under the new schema; "
        f"{done['stale']} decisions to be looked at again"
    )
    console.say("`tahkim schema build` makes the tools' configurations anew")


def redact(
    doc: Annotated[str, typer.Argument(metavar="ID", help="The document.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the log.")],
    by: ByOption = "lead",
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Take a document out for good, from the project and its releases. A tombstone and a log entry stay."""
    from tahkim.project import open_project
    from tahkim.workflow import upkeep

    with open_project(project, store) as opened:
        done = upkeep.redact(opened, doc, by=by, why=reason)
    written = f"; written again without it: {', '.join(done['releases'])}" if done["releases"] else ""
    console.say(f"{doc}: {'redacted' if done['redacted'] else 'was redacted before'}{written}")
    console.say("copies that were passed on, and backups, still have it")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {table.replace('_', ' ')}" for table, number in counts.items())
