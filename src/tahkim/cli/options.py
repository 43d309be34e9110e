"""Options that several commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from tahkim.adjudicate.strategies import MERGES, Settings

ProjectOption = Annotated[
    Path | None, typer.Option("--project", metavar="DIR", help="The project (default: the one you stand in).")
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="URL", envvar="TAHKIM_STORE", help="PostgreSQL URL (default: the project's own file)."
    ),
]
JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="OUT", help="Write it as JSON too; - for stdout, instead of the table.")
]
DecisionsOption = Annotated[
    Path | None, typer.Option("--decisions", metavar="FILE", help="A lead's decisions, JSON Lines.")
]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", envvar="TAHKIM_USER", help="Who does this.")]
StrategyOption = Annotated[str, typer.Option("--strategy", metavar="NAME", help=f"How to merge: {', '.join(MERGES)}.")]
_VOTES = typer.Option("--votes", help="With threshold: at least so many votes.")
_SHARE = typer.Option("--share", help="With threshold: at least this share of those asked.")
_TRUST = typer.Option("--trust", metavar="NAME", help="With trust: whose reading to take.")
_QUORUM = typer.Option("--blind-quorum", metavar="K", help="Ask for K votes that are not mere acceptance.")
_CONFIDENCE = typer.Option("--confidence", help="With bayes: the posterior that settles.")
_FEATURES = typer.Option("--features", help="With bayes: let the text have a say.")
MERGING: dict[str, tuple[Any, Any]] = {
    "strategy": (StrategyOption, "majority"),
    "votes": (Annotated[int, _VOTES], 2),
    "share": (Annotated[float, _SHARE], 0.5),
    "trust": (Annotated[str | None, _TRUST], None),
    "blind_quorum": (Annotated[int, _QUORUM], 0),
    "confidence": (Annotated[float, _CONFIDENCE], 0.9),
    "features": (Annotated[bool, _FEATURES], False),
}
"""The options that make a Settings, by its fields: type and default of each."""


def merging(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how to merge, in place of its parameter `settings`, which they make."""
    own = inspect.signature(command, eval_str=True)

    @wraps(command)
    def with_options(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in MERGING}
        command(settings=Settings(**chosen).check(), **given)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [p.replace(kind=keyword) for p in own.parameters.values() if p.name != "settings"]
    parameters += [
        inspect.Parameter(name, keyword, default=default, annotation=kind) for name, (kind, default) in MERGING.items()
    ]
    with_options.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return with_options
