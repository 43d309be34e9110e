"""Tokens and passwords stay in the files that are made for them: in no output, log, store or list of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from project_of import COMMAND, sample_project
from tahkim import servers
from tahkim.access import read_secret

WRONG = "0ddba11-0ddba11-0ddba11-0ddba11-0ddba11"


@contextmanager
def command_lines() -> Iterator[set[bytes]]:
    """What every process of this machine was called with, as anybody can read it, from here on."""
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(file.read_bytes())
                except OSError:  # it has ended meanwhile
                    continue

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc to read command lines from")
@pytest.mark.parametrize("tool", ["label-studio", "doccano"])
def test_secrets_stay_where_they_belong(tool: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    request.getfixturevalue(f"{tool.replace('-', '_')}_server")  # where there is none, this says why
    folder, settings = tmp_path / "project", tmp_path / "settings"
    with sample_project(folder):
        pass
    said = ""

    def run(*arguments: str, secret: str = "", code: int = 0, seconds: float | None = None) -> str:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env={**os.environ, "XDG_CONFIG_HOME": str(settings)},
        )
        try:
            output, _ = process.communicate(secret, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate()
        else:
            assert process.returncode == code, output
        return output

    try:
        with command_lines() as seen:
            shown = run("up", tool)
            state = read_secret(folder / ".tahkim" / tool / "server.json")
            said += run("assign", "amal", "huda", "--per-document", "1")
            said += run("push", tool, "--dry-run") + run("push", tool) + run("push", tool)
            if tool == "label-studio":
                said += run("push", tool, "--adjudication")
            said += run("pull", tool) + run("desks") + run("doctor", tool) + run("status") + run("conflicts")
            said += run("log") + run("watch", tool, "--every", "1", seconds=5)
            mine = state["token" if tool == "label-studio" else "password"]
            login = ("login", tool, "--url", state["url"], "--user", state["user"])
            said += run(*login, secret=f"{mine}\n") + run("pull", tool, "--server", tool)
            said += run(*login, "--name", "wrong", secret=f"{WRONG}\n", code=1)
    finally:
        servers.down(tool, folder)
    accounts = read_secret(folder / ".tahkim" / "accounts.json")
    secrets = {state["token"], state["password"], WRONG}
    secrets |= {word for of_server in accounts.values() for _, *words in of_server.values() for word in words if word}
    assert len(secrets) >= 5
    assert state["password"] in shown  # `up` says how to log in, as it is asked to
    assert not [secret for secret in secrets if secret in said]
    assert not [line for line in seen if any(secret.encode() in line for secret in secrets)]
    kept = {"accounts.json", "server.json", "servers.json"}
    holders = []
    for file in (file for place in (folder, settings) for file in place.rglob("*") if file.is_file()):
        if "data" in file.relative_to(tmp_path).parts:
            continue  # the server's own
        if any(secret.encode() in file.read_bytes() for secret in secrets):
            holders.append(file)
    assert {file.name for file in holders} <= kept, holders
    assert {file.stat().st_mode & 0o777 for file in holders} == {0o600}
