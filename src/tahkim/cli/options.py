"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tahkim.adjudicate.strategies import MERGES

ProjectOption = Annotated[
    Path | None, typer.Option("--project", metavar="DIR", help="The project [default: the one you stand in].")
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="URL", envvar="TAHKIM_STORE", help="PostgreSQL URL [default: the project's own file]."
    ),
]
JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="OUT", help="Write it as JSON too; - for stdout, instead of the table.")
]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", envvar="TAHKIM_USER", help="Who does this.")]
StrategyOption = Annotated[str, typer.Option("--strategy", metavar="NAME", help=f"How to merge: {', '.join(MERGES)}.")]
VotesOption = Annotated[int, typer.Option("--votes", help="With threshold: at least so many votes.")]
ShareOption = Annotated[float, typer.Option("--share", help="With threshold: at least this share of those asked.")]
TrustOption = Annotated[str | None, typer.Option("--trust", metavar="NAME", help="With trust: whose reading to take.")]
QuorumOption = Annotated[
    int,
    typer.Option("--blind-quorum", metavar="K", help="Ask for K votes that are not mere acceptance of a suggestion."),
]
