"""Which server, and as whom: from the environment, from `tahkim login`, or the project's own of `tahkim up`.

Secrets lie in files of mode 600 and nowhere else: no argument, log, error or store ever holds one.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from tahkim.errors import ServerError, UsageError
from tahkim.writing import reason

ENVIRONMENT = {
    "label-studio": ("TAHKIM_LABEL_STUDIO_URL", "", "TAHKIM_LABEL_STUDIO_TOKEN"),
    "doccano": ("TAHKIM_DOCCANO_URL", "TAHKIM_DOCCANO_USER", "TAHKIM_DOCCANO_PASSWORD"),
}
"""For each tool the variables of its address, user and secret; Label Studio's token says who it is."""


class Access(Struct, frozen=True):
    """A server and an administrator of it. `ca` is a file of certificates to trust instead of the system's."""

    tool: str
    url: str
    user: str
    secret: str
    ca: str | None = None

    def __repr__(self) -> str:
        return f"Access({self.tool} at {self.url} as {self.user or 'its token says'})"


def path() -> Path:
    """The file of `tahkim login`: `tahkim/servers.json` under the user's configuration."""
    root = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(root) / "tahkim" / "servers.json"


def login(name: str, access: Access) -> None:
    """Keep an access under a name, in place of what had it."""
    if not access.url.startswith(("https://", "http://")):
        raise UsageError(f"{access.url} is no address of a server: it begins with https:// or http://")
    write_secret(path(), read_secret(path()) | {name: asdict(access)})


def find(tool: str, name: str | None, own: Path) -> Access:
    """The access to use: that of `name`; else the environment's, the project's own server's, the only one of the tool.

    `own` is where `tahkim up` keeps what it knows of the project's server of that tool. ServerError says what to do
    where there is none.
    """
    kept = {each: Access(**fields) for each, fields in read_secret(path()).items()}
    if name is not None:
        if name not in kept or kept[name].tool != tool:
            known = ", ".join(each for each, access in kept.items() if access.tool == tool) or "none"
            raise ServerError(f"there is no login {name} for {tool} (known: {known}): run `tahkim login {tool}`")
        return kept[name]
    url, user, secret = (os.environ.get(variable, "") for variable in ENVIRONMENT[tool])
    if url and secret:
        return Access(tool, url, user, secret)
    there = read_secret(own / "server.json")
    if there:
        return Access(tool, there["url"], there["user"], there["token" if tool == "label-studio" else "password"])
    of_tool = [access for access in kept.values() if access.tool == tool]
    if len(of_tool) == 1:
        return of_tool[0]
    if of_tool:
        raise ServerError(f"there are several logins for {tool}: choose one with --server")
    raise ServerError(f"no server of {tool} is known: run `tahkim up {tool}`, or `tahkim login {tool}` for another's")


def read_secret(file: Path) -> dict[str, Any]:
    """The object in a file of secrets; empty if there is none. ServerError if others may read it."""
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise ServerError(f"{file} may be read by others: run chmod 600 {file}")
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ServerError(f"{file}: {reason(error)}") from error
    except ValueError:
        raise ServerError(f"{file}: is damaged: remove it and log in again") from None
    return found


def write_secret(file: Path, content: Mapping[str, Any]) -> None:
    """Write a file of secrets, whole or not at all, that nobody else may read at any moment."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(content, out)
        partial.rename(file)
    except OSError as error:
        raise ServerError(f"{file}: cannot be written: {reason(error)}") from error
