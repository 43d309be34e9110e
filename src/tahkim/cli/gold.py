"""Commands that make releases and work on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tahkim.adjudicate.strategies import Settings
from tahkim.cli import console
from tahkim.cli.options import (
    ByOption,
    JsonOption,
    ProjectOption,
    StoreOption,
    merging,
)
from tahkim.errors import UsageError

if TYPE_CHECKING:
    from tahkim.gold.splits import Shares

NAMED = 20
"""How many documents are named on the terminal, of those left out or changed."""

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a release.")]
FormatOption = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="Also as brat, conll, doccano, events, huggingface, label-studio, parquet, soft, spacy, uima; "
        "may be repeated.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line, in the order of the work."""
    for command, example in (
        (
            release,
            "tahkim release 2026-01 --strategy majority --by lamis\n\n"
            "tahkim release 2026-02 --format conll --format huggingface --licence 'CC BY 4.0'\n\n"
            "tahkim release public-1 --without-text",
        ),
        (finish, "tahkim finish\n\ntahkim finish --audit 3 --output audit.jsonl --by lamis"),
        (audit, "tahkim audit audit.jsonl --by lamis\n\ntahkim audit --json -"),
        (verify, "tahkim verify exports/2026-01\n\ntahkim verify exports/2026-01 --project ."),
        (diff, "tahkim diff exports/2026-01 exports/2026-02\n\ntahkim diff exports/2026-01 exports/2026-02 --json -"),
        (hydrate, "tahkim hydrate exports/public-1 --texts reports.jsonl --to public-1-with-texts"),
    ):
        app.command(epilog=f"Examples:\n\n{example}")(command)


@merging
def release(
    settings: Settings,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The release's name, and its folder's under exports/.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Take documents with open conflicts in, and say where.")
    ] = False,
    formats: FormatOption = None,
    without_text: Annotated[
        bool, typer.Option("--without-text", help="Leave the texts out: offsets and hashes only, see hydrate.")
    ] = False,
    splits: Annotated[
        str, typer.Option("--splits", metavar="A,B,C", help="Shares of train, dev and test.")
    ] = "0.8,0.1,0.1",
    seed: Annotated[int, typer.Option("--seed", help="Which documents go to which split.")] = 0,
    licence: Annotated[
        str | None, typer.Option("--licence", help="Under what others may use it, for the card.")
    ] = None,
    by: ByOption = "lead",
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Write the gold as an immutable release with its manifest and card."""
    from tahkim.project import open_project
    from tahkim.workflow import publish

    shares = _shares(splits, seed)
    with open_project(project, store) as opened:
        folder, manifest = publish.release(
            opened,
            name,
            settings,
            by=by,
            partial=partial,
            formats=formats or (),
            shares=shares,
            text=not without_text,
            licence=licence,
        )
    _say_release(folder, manifest)


def _shares(splits: str, seed: int) -> Shares:
    from tahkim.gold.splits import Shares

    try:
        train, dev, test = map(float, splits.split(","))
    except ValueError:
        raise UsageError(f"--splits {splits}: give three numbers with commas, such as 0.8,0.1,0.1") from None
    return Shares(train, dev, test, seed).check()


def _say_release(folder: Path, manifest: dict[str, Any]) -> None:
    from tahkim.gold.card import empty_splits

    counts = manifest["counts"]
    console.say(
        f"{console.near(folder)}: {counts['documents']} documents, {counts['spans']} spans, "
        f"{counts['relations']} relations; {len(manifest['left_out'])} documents left out"
    )
    for left in manifest["left_out"][:NAMED]:
        console.say(f"  left out: {left['doc_id']} ({left['why']}{': ' + str(left['open']) if left['open'] else ''})")
    if (more := len(manifest["left_out"]) - NAMED) > 0:
        console.say(f"  left out: {more} more, in its manifest.json")
    if empty := empty_splits(manifest):
        console.say(f"  no document is in {' or '.join(empty)}: stories stay whole, and there are too few of them")
    for name, figures in manifest["formats"].items():
        lost = [f"{number} {what.replace('_', ' ')}" for what, number in figures.items() if type(number) is int]
        console.say(f"  {name}: {', '.join(lost) or 'everything'}")


@merging
def finish(
    settings: Settings,
    audit: Annotated[
        str | None,
        typer.Option("--audit", metavar="SIZE", help="Draw a sample for a lead: 3 for ± 3 points, 5% for a share."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="Where the sample goes.")] = Path(
        "audit.jsonl"
    ),
    seed: Annotated[int, typer.Option("--seed", help="Which documents are drawn.")] = 0,
    by: ByOption = "lead",
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Say which documents are finished, without anyone's click; perhaps draw a sample of them for an audit."""
    from tahkim.project import open_project
    from tahkim.workflow import audit as auditing

    with open_project(project, store) as opened:
        state = auditing.finish(opened, settings)
        console.say(
            f"{len(state['finished'])} documents are finished, {len(state['open'])} have open conflicts, "
            f"{len(state['missing'])} nobody submitted"
        )
        if audit is not None:
            sample = auditing.draw_sample(opened, settings, audit, output, by=by, seed=seed)
            blind = sum(drawn.arm == "blind" for drawn in sample.drawn)
            console.say(
                f"{output}: audit sample {sample.number}, {len(sample.drawn)} documents, {blind} to be read blind; "
                "set status to submitted where you have read, then `tahkim audit`"
            )


def audit(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The sample, read by a lead.")] = None,
    by: ByOption = "lead",
    json: JsonOption = None,
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Take a lead's reading of the audit sample in, and say how many errors the gold has. It does not vote."""
    from tahkim.backends.files import read_annotations
    from tahkim.project import open_project
    from tahkim.workflow import audit as auditing

    with open_project(project, store) as opened:
        if file is not None:
            done = auditing.take_readings(opened, read_annotations(file), by=by)
            console.say(f"{file}: {done['read']} documents read, {done['waiting']} still to be read")
        found = auditing.audit(opened, list(opened.store.entries()))
    if json is not None:
        console.write_json(json, found)
    if found is None:
        console.say("nothing was audited yet: `tahkim finish --audit 3`")
    elif json != "-":
        rows = [(name, f["value"], f["low"], f["high"], f["of"]) for name, f in found["figures"].items()]
        title = f"{found['documents']} of {found['drawn']} documents read, of {found['finished']} finished"
        console.table(title, ("error", "rate", "from", "to", "marks"), rows)


def verify(folder: FolderArgument, project: ProjectOption = None, store: StoreOption = None) -> None:
    """Check a release against its manifest; with --project also that it comes out the same again, byte for byte."""
    from tahkim.project import open_project
    from tahkim.workflow import publish

    if project is None:
        problems = publish.verify(folder)
    else:
        with open_project(project, store) as opened:
            problems = publish.verify(folder, opened)
    for problem in problems:
        typer.echo(f"{folder}: {problem}")
    how = "recomputed from the project, byte for byte" if project else "every file is as released"
    console.say(f"{folder}: {len(problems)} problems" if problems else f"{folder}: whole ({how})")
    raise typer.Exit(1 if problems else 0)


def diff(
    one: Annotated[Path, typer.Argument(metavar="A", help="The folder of the earlier release.")],
    other: Annotated[Path, typer.Argument(metavar="B", help="The folder of the later one.")],
    json: JsonOption = None,
) -> None:
    """What changed between two releases: by document, by label, and by what brought it about."""
    from tahkim.workflow import publish

    found = publish.diff(one, other)
    if json is not None:
        console.write_json(json, found)
    if json == "-":
        return
    documents = found["documents"]
    console.say(
        f"{found['releases'][0]} → {found['releases'][1]}: {len(documents['added'])} documents added, "
        f"{len(documents['removed'])} removed, {len(documents['changed'])} changed, {documents['unchanged']} unchanged"
    )
    for sign, what, of in (("+", "added", found["releases"][0]), ("-", "removed", found["releases"][1])):
        for document in documents[what][:NAMED]:
            console.say(f"  {sign} {document['doc_id']} (in {of}: {document['why']})")
    kinds = sorted({what for counts in found["labels"].values() for what in counts})
    most_first = sorted(found["by_document"].items(), key=lambda each: -sum(each[1].values()))
    most = f", the {NAMED} with most changes" if len(most_first) > NAMED else ""
    _changes(f"by document{most}", most_first[:NAMED], kinds)
    _changes("by label", found["labels"].items(), kinds)
    _changes("by cause", found["causes"].items(), kinds)


def _changes(title: str, counts: Iterable[tuple[str, dict[str, int]]], kinds: Sequence[str]) -> None:
    rows = [(name or "document", *(count.get(kind) for kind in kinds)) for name, count in counts]
    if rows:
        console.table(title, ("", *kinds), rows)


def hydrate(
    folder: FolderArgument,
    texts: Annotated[
        Path, typer.Option("--texts", metavar="REPORTS", help="Your copies: .jsonl, .txt, .csv, a folder.")
    ],
    to: Annotated[Path, typer.Option("--to", metavar="NEW", help="Where the release with its texts goes.")],
    formats: FormatOption = None,
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="Leave documents out whose text you do not have.")
    ] = False,
) -> None:
    """Put the texts back into a release made without them; each is proved by its hash."""
    from tahkim.backends.files import read_documents
    from tahkim.workflow import publish

    found = publish.hydrate(folder, read_documents(texts), to, formats or (), skip_missing=skip_missing)
    _say_release(to, found.manifest)
    for doc_id in found.missing:
        console.say(f"  no text: {doc_id}")
