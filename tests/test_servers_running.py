"""Servers of a project's own, and logins: found again, stopped for good, and told to nobody."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path

import pytest

from project_of import done, run
from tahkim import access, servers
from tahkim import project as projects
from tahkim.access import Access
from tahkim.errors import ServerError, UsageError
from tahkim.servers import Running, install
from tools import access_to


@pytest.mark.parametrize("tool", ["label-studio", "doccano"])
def test_a_running_server_is_found_and_its_secrets_stay_where_they_are(
    tool: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server: Running = request.getfixturevalue(f"{tool.replace('-', '_')}_server")
    state = next(tmp_path_factory.getbasetemp().glob(f"{tool}[0-9]*/.tahkim/{tool}/server.json"))
    folder = state.parents[2]
    assert servers.up(tool, folder, print) == server
    assert oct(state.stat().st_mode)[-3:] == "600"
    assert oct(state.parent.stat().st_mode)[-3:] == "700"
    shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    log = (state.parent / "server.log").read_text("utf-8", errors="replace")
    for secret in (server.password, server.token):
        assert secret not in shown
        assert secret not in log
        assert secret not in repr(server) + repr(access_to(server))


def test_a_server_stops_and_starts_again_with_the_same_login(
    doccano_server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects.init(tmp_path)
    first = servers.up("doccano", tmp_path, print)
    assert first.url != doccano_server.url
    assert servers.down("doccano", tmp_path)
    assert servers.running("doccano", tmp_path) is None
    assert not servers.down("doccano", tmp_path)
    for pid, _ in first.processes:
        assert not Path(f"/proc/{pid}").exists()
    again = servers.up("doccano", tmp_path, print)
    try:
        assert (again.user, again.password, again.token) == (first.user, first.password, first.token)
        with urllib.request.urlopen(again.url) as answer:
            assert answer.status == 200
        # Commands find it without being told, and their output holds no secret.
        for command in (("assign", "amal"), ("doctor", "doccano")):
            finished = run(*command, "--project", tmp_path)
            assert again.password not in finished.stdout + finished.stderr
        assert "takes jobs" in finished.stdout
        assert run("down", "--project", tmp_path).stderr == "label-studio was not running\nstopped doccano\n"
    finally:
        servers.down("doccano", tmp_path)


ANSWERING = """
import gc, sys
{imported}
print(sys.argv[1:], gc.get_freeze_count())
for _ in range(2):
    left = []
    for _ in range(5000):
        left.append([left])
    del left
    {answered}
    print(gc.get_freeze_count() > 10_000, len(gc.get_objects()) < 10_000)
"""


@pytest.mark.parametrize(
    ("tool", "imported", "answered"),
    [
        ("label-studio", "from django.core.signals import request_finished", "request_finished.send(None)"),
        ("doccano", "from django.core.signals import request_finished", "request_finished.send(None)"),
        ("doccano", "from celery.signals import task_postrun", "task_postrun.send(None)"),
    ],
)
def test_what_a_server_has_loaded_is_looked_at_once_and_garbage_goes_between_answers(
    tool: str, imported: str, answered: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    request.getfixturevalue(f"{tool.replace('-', '_')}_server")
    environment, _ = install.installed(tool, print)
    program = tmp_path / "program"
    program.write_text(ANSWERING.format(imported=imported, answered=answered), "utf-8")
    frozen = Path(servers.__file__).with_name("frozen.py")
    command = [environment / "bin" / "python", frozen, program, "start"]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert finished.stdout.splitlines() == ["['start'] 0", "True True", "True True"]


def test_an_unknown_server_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    for call in (lambda: servers.up("prodigy", tmp_path, print), lambda: servers.down("prodigy", tmp_path)):
        with pytest.raises(UsageError) as caught:
            call()
        assert str(caught.value) == "there is no server prodigy (known: label-studio, doccano)"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in (variable for variables in access.ENVIRONMENT.values() for variable in variables if variable):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_logins_are_kept_by_name_in_a_file_for_nobody_else(home: Path) -> None:
    first = Access("label-studio", "https://a.example", "", "one")
    second = Access("label-studio", "https://b.example", "", "two")
    access.login("first", first)
    assert access.find("label-studio", None, home) == first
    access.login("second", second)
    assert access.find("label-studio", "second", home) == second
    assert oct(access.path().stat().st_mode)[-3:] == "600"
    with pytest.raises(ServerError) as caught:
        access.find("label-studio", None, home)
    assert str(caught.value) == "there are several logins for label-studio: choose one with --server"
    with pytest.raises(ServerError) as caught:
        access.find("doccano", "second", home)
    assert str(caught.value) == "there is no login second for doccano (known: none): run `tahkim login doccano`"
    access.path().chmod(0o644)
    with pytest.raises(ServerError) as caught:
        access.find("label-studio", "first", home)
    assert str(caught.value) == f"{access.path()} may be read by others: run chmod 600 {access.path()}"


def test_the_environment_goes_before_the_project_and_the_project_before_logins(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ServerError) as caught:
        access.find("doccano", None, home)
    assert str(caught.value) == (
        "no server of doccano is known: run `tahkim up doccano`, or `tahkim login doccano` for another's"
    )
    access.login("far", Access("doccano", "https://far.example", "me", "kept"))
    assert access.find("doccano", None, home).secret == "kept"
    own = {"url": "http://127.0.0.1:1", "user": "admin", "password": "own", "token": "x"}
    access.write_secret(home / "server.json", own)
    assert access.find("doccano", None, home).secret == "own"
    monkeypatch.setenv("TAHKIM_DOCCANO_URL", "https://env.example")
    monkeypatch.setenv("TAHKIM_DOCCANO_USER", "you")
    monkeypatch.setenv("TAHKIM_DOCCANO_PASSWORD", "env")
    assert access.find("doccano", None, home) == Access("doccano", "https://env.example", "you", "env")


def test_login_asks_the_server_and_keeps_what_works(label_studio_server: Running, home: Path) -> None:
    command = (*("login", "label-studio", "--url", label_studio_server.url, "--name", "ours"),)
    from project_of import COMMAND

    environment = os.environ | {"XDG_CONFIG_HOME": str(home / "config")}
    good = subprocess.run(
        [*COMMAND, *command], input=label_studio_server.token + "\n", capture_output=True, text=True, env=environment
    )
    assert good.returncode == 0, good.stderr
    assert json.loads(access.path().read_text("utf-8"))["ours"]["secret"] == label_studio_server.token
    bad = subprocess.run([*COMMAND, *command], input="0" * 40 + "\n", capture_output=True, text=True, env=environment)
    assert bad.returncode == 1
    assert "refuses this login" in bad.stderr
    assert json.loads(access.path().read_text("utf-8"))["ours"]["secret"] == label_studio_server.token
    assert label_studio_server.token not in good.stdout + good.stderr
    assert done("login", "--help").returncode == 0
