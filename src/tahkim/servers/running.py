"""Starting and stopping a project's own server. What it needs to be found again lies in `server.json`, mode 600."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from msgspec import Struct

from tahkim.access import read_secret, write_secret
from tahkim.errors import ServerError, UsageError
from tahkim.servers.install import Say, installed
from tahkim.servers.tools import HOST, TOOLS, Login, inherited

STATE = "server.json"
PORTS = range(20_000, 30_000)
"""Below those that systems give to outgoing connections: one of these might have a server's when it starts again."""
PORTS_TRIED = 100
START_SECONDS = 180
STOP_SECONDS = 15


_children: dict[int, subprocess.Popen[bytes]] = {}
"""What this process has started and not yet stopped, by number: only its parent can take leave of a process."""


class Running(Struct, frozen=True):
    """A server that answers: its address and its admin. What is secret stays out of its `repr`."""

    tool: str
    url: str
    user: str
    password: str
    token: str
    processes: list[tuple[int, str]]

    def __repr__(self) -> str:
        return f"Running({self.tool} at {self.url})"


def up(name: str, project: Path, say: Say) -> Running:
    """The project's server of that tool: the one that runs already, or started now.

    Its data are in `PROJECT/.tahkim/<tool>/`. UsageError for an unknown tool, ServerError where it cannot be
    installed or does not answer in three minutes.
    """
    _check_known(name)
    there = running(name, project)
    if there is not None:
        return there
    environment, template = installed(name, say)
    home = _home(name, project)
    login, port = _known(home)
    data = home / "data"
    if not data.exists():
        _fresh_data(name, environment, template, data, login)
    say(f"starting {TOOLS[name].name} {TOOLS[name].version} on {HOST}:{port}")
    return _start(name, environment, home, port, login)


def down(name: str, project: Path) -> bool:
    """Stop the project's server; False if none was running. Its data stay. UsageError for an unknown tool."""
    _check_known(name)
    home = _home(name, project)
    state = read_secret(home / STATE)
    alive = [pid for pid, began in state.get("processes", []) if _began(pid) == began]
    _stop(alive)
    ours = {pid for pid, _ in state.get("processes", [])}
    for pid, child in list(_children.items()):
        if pid in ours:
            child.wait()
        if child.poll() is not None:  # or it was stopped by another process
            del _children[pid]
    if state:
        write_secret(home / STATE, state | {"processes": []})
    return bool(alive)


def running(name: str, project: Path) -> Running | None:
    """The project's server of that tool if all of its processes live and it answers."""
    state = read_secret(_home(name, project) / STATE)
    processes = [(pid, began) for pid, began in state.get("processes", [])]
    if not processes or any(_began(pid) != began for pid, began in processes):
        return None
    found = Running(**{**state, "processes": processes})
    return found if _answers(found.url + TOOLS[name].ready) else None


def _check_known(name: str) -> None:
    if name not in TOOLS:
        raise UsageError(f"there is no server {name} (known: {', '.join(TOOLS)})")


def _home(name: str, project: Path) -> Path:
    return project / ".tahkim" / name


def _known(home: Path) -> tuple[Login, int]:
    """Login and port of an earlier start, so that addresses people kept still work; else new ones."""
    state = read_secret(home / STATE)
    if not state:
        return Login("admin@tahkim.local", secrets.token_urlsafe(12), secrets.token_hex(20)), _free_port()
    port = _free_port(int(state["url"].rpartition(":")[2]))
    return Login(state["user"], state["password"], state["token"]), port


def _free_port(*wanted: int) -> int:
    """The wanted port if nobody has it, else any. A server would take the next one up without a word."""
    for port in (*wanted, *random.sample(PORTS, PORTS_TRIED)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServerError(f"no port of {PORTS_TRIED} tried between {PORTS[0]} and {PORTS[-1]} is free on {HOST}")


def _fresh_data(name: str, environment: Path, template: Path, data: Path, login: Login) -> None:
    partial = data.with_name("data.partial")
    data.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(template, partial)
    TOOLS[name].admit(environment, partial, login)
    partial.rename(data)


def _start(name: str, environment: Path, home: Path, port: int, login: Login) -> Running:
    tool, data = TOOLS[name], home / "data"
    settings = inherited() | tool.settings(data, login)
    started = []
    with (home / "server.log").open("ab") as log:
        for command in tool.commands(environment, data, port, login):
            process = subprocess.Popen(
                command, env=settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
            _children[process.pid] = process
            started.append(process)
    found = Running(
        name,
        f"http://{HOST}:{port}",
        login.user,
        login.password,
        login.token,
        [(p.pid, _began(p.pid)) for p in started],
    )
    write_secret(home / STATE, {field: getattr(found, field) for field in found.__struct_fields__})
    _wait(found, started, home / "server.log")
    return found


def _wait(found: Running, started: list[subprocess.Popen[bytes]], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not _answers(found.url + TOOLS[found.tool].ready):
        dead = [process for process in started if process.poll() is not None]
        if dead or time.monotonic() > until:
            _stop([process.pid for process in started if process.poll() is None])
            why = f"ended with code {dead[0].returncode}" if dead else f"did not answer in {START_SECONDS} seconds"
            raise ServerError(f"{TOOLS[found.tool].name} {why}: see {log}")
        time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _stop(pids: list[int]) -> None:
    """End the sessions these processes lead: gently, then for good."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        for pid in filter(_began, pids):
            os.killpg(pid, kind)
        until = time.monotonic() + STOP_SECONDS
        while any(_began(pid) for pid in pids) and time.monotonic() < until:
            time.sleep(0.1)


def _began(pid: int) -> str:
    """When a process began, which with its number names it for good; "" if there is none."""
    asked = subprocess.run(["ps", "-o", "lstart=,state=", "-p", str(pid)], capture_output=True, text=True)
    began = asked.stdout.strip()
    return "" if began.endswith("Z") else began[:24]
