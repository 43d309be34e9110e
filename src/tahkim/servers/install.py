"""Installing a server once a version, and making the data folder that projects get a copy of."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tahkim.errors import ServerError
from tahkim.servers.tools import TOOLS, Tool

Say = Callable[[str], None]
READY = "ready"
"""A file beside what it speaks of, written when that is complete; without it the rest is made anew."""


def cache() -> Path:
    """Where servers are kept: `tahkim/servers` under the user's cache."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "tahkim" / "servers"


def installed(name: str, say: Say) -> tuple[Path, Path]:
    """The environment of a server and its prepared data folder, both made if they are not there."""
    tool = TOOLS[name]
    home = cache() / f"{name}-{tool.version}"
    home.mkdir(parents=True, exist_ok=True)
    with _alone(home / "lock"):
        environment = home / "env"
        if not (environment / READY).exists():
            say(f"installing {tool.name} {tool.version} into {environment} (once, about a minute)")
            _install(tool, environment)
            (environment / READY).touch()
        template = home / "template"
        if not template.exists():
            say(f"preparing a data folder for {tool.name} {tool.version} (once, one to three minutes)")
            _prepare(tool, environment, template)
    return environment, template


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two starts at once: the second waits until the first has installed."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(tool: Tool, environment: Path) -> None:
    shutil.rmtree(environment, ignore_errors=True)
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    python = _python(tool)
    if uv is not None:
        _call([uv, "venv", "--quiet", "--python", python, str(environment)], tool)
        target = ["--python", str(environment / "bin" / "python")]
        _call([uv, "pip", "install", "--quiet", *target, *tool.requirements], tool)
    else:
        _call([python, "-m", "venv", str(environment)], tool)
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _call([*pip, *tool.requirements], tool)


def _python(tool: Tool) -> str:
    """A Python the server runs on: ours if it is not too new, else the newest it knows."""
    if sys.version_info[:2] <= tool.newest_python:
        # Outside a virtual environment, so that this one's removal does not take the server with it.
        return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")
    wanted = "python{}.{}".format(*tool.newest_python)
    found = shutil.which(wanted)
    if found is None:
        raise ServerError(f"{tool.name} {tool.version} runs on Python up to {wanted[6:]}: install {wanted} first")
    return found


def _call(command: list[str], tool: Tool) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        last = done.stdout.decode(errors="replace").strip().rpartition("\n")[2]
        raise ServerError(f"{tool.name} {tool.version} could not be installed: {last}: is there a network?")


def _prepare(tool: Tool, environment: Path, template: Path) -> None:
    """Made beside its place and renamed, so that a killed first start leaves no half of a template."""
    partial = template.with_name(f"template.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        tool.prepare(environment, partial)
        partial.rename(template)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
