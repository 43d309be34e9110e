"""`tahkim serve` and `tahkim user`: the workbench in the browser, and who may use it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tahkim.cli import console
from tahkim.cli.options import ByOption, ProjectOption, StoreOption, StrategyOption
from tahkim.errors import UsageError

if TYPE_CHECKING:
    from tahkim.store import Accounts

users = typer.Typer(help="Who may use the server: annotators, leads, readers of gold, admins.")

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The user; for annotators, the name they annotate as.")
]
RoleArgument = Annotated[str, typer.Argument(metavar="ROLE", help="annotator, lead, reader or admin.")]


def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")] = 8642,
    strategy: StrategyOption = "majority",
    by: ByOption = "lead",
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Serve the adjudication workbench and the releases of a project until it is stopped (Ctrl+C)."""
    try:
        from tahkim.web.run import run
    except ModuleNotFoundError as error:
        raise UsageError(f"serving needs an extra: pip install 'tahkim[web]' ({error.name} is missing)") from None
    from tahkim.adjudicate.strategies import Settings
    from tahkim.project import open_project

    with open_project(project, store) as opened:
        run(opened, Settings(strategy).check(), host, port, by, console.say)


@contextmanager
def _accounts(project: Path | None, store: str | None) -> Iterator[Accounts]:
    from tahkim.project import open_project
    from tahkim.store import Accounts

    with open_project(project, store) as opened:
        yield Accounts(opened.store)


def _password() -> str:
    """Asked for twice at a terminal, else the first line of stdin."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


@users.command(
    epilog="Examples:\n\ntahkim user add lamis lead\n\necho 'a long password' | tahkim user add amal annotator"
)
def add(
    name: NameArgument,
    role: RoleArgument,
    by: ByOption = "admin",
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Add a user. The password is asked for, or read from stdin where that is no terminal."""
    from tahkim.clock import now
    from tahkim.web.access import hash_password

    with _accounts(project, store) as accounts:
        accounts.add(name, role, hash_password(_password()), by=by, at=now())
    console.say(f"added {name}, {role}")


@users.command(epilog="Examples:\n\ntahkim user role amal lead")
def role(
    name: NameArgument,
    role: RoleArgument,
    by: ByOption = "admin",
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Give a user another role."""
    from tahkim.clock import now

    with _accounts(project, store) as accounts:
        accounts.set_role(name, role, by=by, at=now())
    console.say(f"{name} is {role} now")


@users.command(epilog="Examples:\n\ntahkim user password amal")
def password(
    name: NameArgument, by: ByOption = "admin", project: ProjectOption = None, store: StoreOption = None
) -> None:
    """Give a user another password; they are logged out everywhere."""
    from tahkim.clock import now
    from tahkim.web.access import hash_password

    with _accounts(project, store) as accounts:
        accounts.set_password(name, hash_password(_password()), by=by, at=now())
    console.say(f"{name} has a new password")


@users.command(
    epilog="Examples:\n\ntahkim user token mlteam --scope gold\n\ntahkim user token mlteam --revoke 1f0c9d2e"
)
def token(
    name: NameArgument,
    scope: Annotated[str, typer.Option("--scope", help="What it is good for: gold, metrics or decide.")] = "gold",
    revoke: Annotated[
        str | None, typer.Option("--revoke", metavar="ID", help="Make this token worthless instead.")
    ] = None,
    by: ByOption = "admin",
    project: ProjectOption = None,
    store: StoreOption = None,
) -> None:
    """Make a token for a program and print it; it is shown this once."""
    from tahkim.clock import now
    from tahkim.web.access import new_token

    with _accounts(project, store) as accounts:
        if revoke is not None:
            accounts.revoke_token(revoke, by=by, at=now())
            console.say(f"token {revoke} is worthless now")
        else:
            console.line(new_token(accounts, name, scope, by=by))


@users.command("list", epilog="Examples:\n\ntahkim user list")
def list_(project: ProjectOption = None, store: StoreOption = None) -> None:
    """Show users, and their tokens that are still good."""
    with _accounts(project, store) as accounts:
        tokens = [token for token in accounts.tokens() if token.revoked is None]
        rows = [
            (user.name, user.role, user.at, ", ".join(f"{t.id} ({t.scope})" for t in tokens if t.user == user.name))
            for user in accounts.users()
        ]
    console.table("", ("name", "role", "since", "tokens"), rows)


@users.command(epilog="Examples:\n\ntahkim user remove amal")
def remove(
    name: NameArgument, by: ByOption = "admin", project: ProjectOption = None, store: StoreOption = None
) -> None:
    """Take a user away, with their sessions and tokens. What they decided stays."""
    from tahkim.clock import now

    with _accounts(project, store) as accounts:
        accounts.remove(name, by=by, at=now())
    console.say(f"removed {name}")
