"""Commands that go out to the annotation tools: servers, logins, assignment, push and pull."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tahkim.cli import console
from tahkim.cli.options import JsonOption, ProjectOption, StoreOption, StrategyOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tahkim.workflow.pulling import Pulled
    from tahkim.workflow.watching import Taken

ToolArgument = Annotated[str, typer.Argument(metavar="TOOL", help="label-studio, doccano, or files.")]
ServerArgument = Annotated[str, typer.Argument(metavar="TOOL", help="label-studio or doccano.")]
ServerOption = Annotated[
    str | None, typer.Option("--server", metavar="NAME", help="A server by the name it got with `tahkim login`.")
]


MOST_LINES = 20


def register(app: typer.Typer) -> None:
    """Add these commands to the command line, in the order of the work."""
    for command, example in (
        (up, "tahkim up label-studio\n\ntahkim up doccano --project my-project"),
        (down, "tahkim down\n\ntahkim down label-studio"),
        (login, "tahkim login label-studio --url https://labels.example.org\n\ntahkim login doccano --name second"),
        (assign, "tahkim assign amal basil citra --per-document 2 --calibration 0.1 --blind 0.2"),
        (
            push,
            "tahkim push label-studio --adjudication\n\ntahkim push doccano --dry-run\n\ntahkim push doccano --json -",
        ),
        (pull, "tahkim pull label-studio\n\ntahkim pull label-studio --remote 7"),
        (watch, "tahkim watch label-studio\n\ntahkim watch doccano --every 300"),
        (convert, "tahkim convert brat folder-of-annotators --output annotations.jsonl"),
        (normalise, "tahkim normalise\n\ntahkim normalise --off"),
        (desks, "tahkim desks"),
        (doctor, "tahkim doctor label-studio"),
    ):
        app.command(epilog=f"Examples:\n\n{example}")(command)


def up(tool: ServerArgument, project: ProjectOption = None) -> None:
    """Start the project's own server of a tool on this machine, installed the first time, and say how to log in."""
    from tahkim import servers
    from tahkim.project import find

    found = servers.up(tool, find(project), console.say)
    console.say(f"{found.url}\nuser: {found.user}\npassword: {found.password}")


def down(
    tool: Annotated[
        str | None, typer.Argument(metavar="[TOOL]", help="label-studio or doccano (default: both).")
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Stop the project's own servers, or that of one tool; what they hold stays."""
    from tahkim import servers
    from tahkim.project import find

    folder = find(project)
    for name in servers.TOOLS if tool is None else (tool,):
        console.say(f"stopped {name}" if servers.down(name, folder) else f"{name} was not running")


def login(
    tool: ServerArgument,
    url: Annotated[str, typer.Option("--url", metavar="URL", prompt="Address", help="Where the server is.")],
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="Who you are there; doccano only.")] = "",
    name: Annotated[str | None, typer.Option("--name", help="What to call it (default: the tool's name).")] = None,
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="FILE", help="Certificates to trust instead of the system's.")
    ] = None,
) -> None:
    """Keep a login in a file that only you may read. The token or password is asked for, or read from stdin."""
    from tahkim import access
    from tahkim.backends import connect

    what = "Token" if tool == "label-studio" else "Password"
    secret = typer.prompt(what, hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    kept = access.Access(tool, url, user, secret, str(ca) if ca else None)
    with closing(connect(kept)) as backend:
        wrong = [finding for finding in backend.check() if not finding.right]
    access.login(name or tool, kept)
    console.say(f"{url}: logged in; kept in {access.path()} as {name or tool}")
    for finding in wrong:
        console.say(f"  {finding.what}: {finding.detail}")


def assign(
    annotators: Annotated[list[str], typer.Argument(metavar="ANNOTATOR…", help="Everybody who annotates.")],
    per_document: Annotated[
        int | None, typer.Option("--per-document", metavar="K", help="Annotators a document (at first 2).")
    ] = None,
    calibration: Annotated[
        float | None, typer.Option(help="Share of documents that everybody gets (at first 0).")
    ] = None,
    blind: Annotated[float | None, typer.Option(help="Share that starts without suggestions (at first 0).")] = None,
    by_reading: Annotated[
        bool | None,
        typer.Option("--by-reading/--by-document", help="Blind by annotator and document, or by whole documents."),
    ] = None,
    profile: Annotated[str | None, typer.Option(help="What is asked for (at first the schema's own profile).")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed is another draw.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it and keep nothing.")] = False,
    json: JsonOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Give out documents: by how many each is read, who meets whom, what is blind. What was given out stays.

    Again, for documents and people that came later, what is not said is as it was before.
    """
    from msgspec.structs import replace

    from tahkim.assign import Design, warnings
    from tahkim.workflow import desks as work

    said = {"per_document": per_document, "calibration": calibration, "blind": blind, "profile": profile, "seed": seed}
    if by_reading is not None:
        said["blind_by"] = "reading" if by_reading else "document"
    with _opened(project, store) as opened:
        before = work.design_of(opened) if work.has_design(opened) else Design(annotators=())
        given = {name: value for name, value in said.items() if value is not None}
        wanted = replace(before, annotators=tuple(annotators), **given)
        design, found = work.assign_documents(opened, wanted, dry_run=dry_run)
    if json is not None:
        pairs = [{"pair": list(pair), "documents": n} for pair, n in sorted(found.meetings.items())]
        console.write_json(json, {**found._asdict(), "meetings": pairs})
    if json != "-":
        rows = [(n, found.load[n], found.length[n], found.blind[n]) for n in design.annotators]
        console.table("", ("annotator", "documents", "characters", "blind"), rows)
    meetings = sorted(found.meetings.values()) or [0]
    console.say(
        f"{found.documents} documents, {found.readings} readings; {found.everyone} for everyone; "
        f"each pair meets in {meetings[0]} to {meetings[-1]} documents"
    )
    for line in warnings(design, found):
        console.say(f"  {line}")


def push(
    tool: ToolArgument,
    adjudication: Annotated[
        bool,
        typer.Option(
            "--adjudication", help="The lead's desk: documents with open conflicts, to decide in Label Studio."
        ),
    ] = False,
    strategy: StrategyOption = "majority",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    json: JsonOption = None,
    server: ServerOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Bring each annotator's desk in a tool to what was assigned. Again, it changes nothing."""
    from tahkim.adjudicate.strategies import Settings
    from tahkim.workflow import desks as work
    from tahkim.workflow import lead_desk, pushing

    with _opened(project, store) as opened, work.back_end(opened, tool, server) as backend:
        if adjudication:
            settings = Settings(strategy).check()
            done = [lead_desk.push(opened, backend, settings, console.say, dry_run=dry_run, progress=console.progress)]
        else:
            done = pushing.push(opened, backend, console.say, dry_run=dry_run, progress=console.progress)
        accounts = work.accounts_file(opened)
    if json is not None:
        console.write_json(json, [p._asdict() for p in done])
    if json != "-":
        console.table("", ("desk", "added", "there", "address"), [(p.annotator, p.added, p.there, p.url) for p in done])
    if asked := sum(p.asked for p in done):
        console.say(f"{asked} questions of a lead went along")
    _say_first([f"{tool} has no place for {line}" for p in done for line in p.unheld])
    if not dry_run and not adjudication and tool != "files":
        console.say(f"the annotators' users and passwords are in {accounts}")


def _say_first(lines: Sequence[str]) -> None:
    """As many lines as are read; a project that moves to another tool can have thousands."""
    for line in lines[:MOST_LINES]:
        console.say(f"  {line}")
    if len(lines) > MOST_LINES:
        console.say(f"  and {len(lines) - MOST_LINES} more: --json FILE writes all")


def pull(
    tool: ToolArgument,
    remote: Annotated[
        str | None, typer.Option("--remote", metavar="ID", help="A project of the tool's that is no desk of ours.")
    ] = None,
    json: JsonOption = None,
    server: ServerOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Take in what annotators did. What changed is a new revision; what is invalid there is named and left out.

    What a lead marks or changes on the desk of `push --adjudication` becomes decisions.
    """
    from tahkim.workflow import desks as work
    from tahkim.workflow import pulling, watching

    with _opened(project, store) as opened, work.back_end(opened, tool, server) as backend:
        if remote is not None:
            taken = watching.Taken(pulling.pull(opened, backend, remote, console.progress), None)
        else:
            taken = watching.pull_all(opened, backend, console.progress)
    if json is not None:
        decided = taken.decided._asdict() if taken.decided is not None else None
        console.write_json(json, {"desks": [p._asdict() for p in taken.pulled], "adjudication": decided})
    if json != "-":
        _show(taken)


def _show(taken: Taken) -> None:
    if taken.pulled:
        _show_desks(taken.pulled)
    if (decided := taken.decided) is not None:
        console.say(
            f"adjudication: {decided.decisions} decisions of {decided.submissions} submissions, {decided.stale} stale"
        )
        for line in decided.problems:
            console.say(f"  {line}")


def _show_desks(done: Sequence[Pulled]) -> None:
    if answered := sum(p.answered for p in done):
        console.say(f"{answered} questions of a lead were answered: `tahkim status` lists them")
    rows = [(p.annotator, p.new, p.revised, p.unchanged, p.deleted, len(p.problems)) for p in done]
    console.table("", ("desk", "new", "revised", "unchanged", "deleted", "problems"), rows)
    for line in (line for p in done for line in p.problems):
        console.say(f"  {line}")


def watch(
    tool: ToolArgument,
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", min=1, help="Look at least so often.")] = 60.0,
    server: ServerOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Keep pulling, as soon as the tool says that something changed where it can, until you stop it."""
    from tahkim.workflow import desks as work
    from tahkim.workflow import watching

    with _opened(project, store) as opened, work.back_end(opened, tool, server) as backend:
        for taken in watching.watch(opened, backend, every):
            _show(taken)


def convert(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="brat, xmi, webanno, label-studio or doccano.")],
    source: Annotated[Path, typer.Argument(metavar="PATH", help="A file or folder of that kind.")],
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="Where to; - for stdout.")] = Path("-"),
    schema: Annotated[
        Path | None, typer.Option("--schema", metavar="FILE", help="What attributes mean (default: tahkim's own).")
    ] = None,
) -> None:
    """Turn what other tools wrote into annotations that `tahkim import` takes."""
    from tahkim import schema as schemas
    from tahkim.backends.files import write_lines
    from tahkim.backends.imports import read
    from tahkim.interchange import encode

    corpus = read(kind, source, schemas.load(schema))
    write_lines(output, (encode(a, corpus.documents[a.doc_id]) for a in corpus.annotations))
    people = sorted({annotation.annotator for annotation in corpus.annotations})
    console.say(f"{len(corpus.annotations)} readings of {len(corpus.documents)} documents by {', '.join(people)}")


def normalise(
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Let this project's spans be cut, or keep them as marked.")
    ] = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Cut proclitics, quotes and edge spaces from spans of whole words, as new revisions beside the originals."""
    from tahkim.workflow import boundaries

    with _opened(project, store) as opened:
        if on is not None:
            restored = boundaries.set_normalising(opened, on)
        if on is False:
            console.say(f"spans stay as they are marked; {restored} readings are so again")
            return
        done = boundaries.normalise(opened)
    console.say(f"{done['spans']} spans cut in {done['readings']} readings")


def desks(json: JsonOption = None, project: ProjectOption = None, store: StoreOption = None) -> None:
    """How each annotator stands: assigned, done, skipped, drafts, pace, last seen."""
    from tahkim.workflow import progress

    with _opened(project, store) as opened:
        rows = progress.standing(opened)
    if json is not None:
        console.write_json(json, rows)
    if json != "-":
        console.table("", list(rows[0]), [tuple(row.values()) for row in rows])


def doctor(
    tool: ToolArgument, server: ServerOption = None, project: ProjectOption = None, store: StoreOption = None
) -> None:
    """Look whether a server can be worked with, and say what to do where it cannot; exit 1 then."""
    from tahkim.workflow import desks as work
    from tahkim.workflow import progress

    with _opened(project, store) as opened, work.back_end(opened, tool, server) as backend:
        found = progress.doctor(opened, backend)
    console.table("", ("what", "", "detail"), [(f.what, "right" if f.right else "WRONG", f.detail) for f in found])
    raise typer.Exit(0 if all(f.right for f in found) else 1)


def _opened(project: Path | None, store: str | None) -> Any:
    from tahkim.project import open_project

    return open_project(project, store)
