"""What is particular to each server: what to install, how its data folder begins, which processes it is."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tahkim.errors import ServerError

HOST = "127.0.0.1"
Environment = dict[str, str]


class Login(NamedTuple):
    """The admin of a local server. Label Studio knows the token, doccano the password."""

    user: str
    password: str
    token: str

    def __repr__(self) -> str:
        return f"Login({self.user})"


class Tool(NamedTuple):
    """A server: its requirements, the newest Python it runs on, and what each step runs.

    `prepare` makes an empty data folder that is ready to start (the slow first migrations), `admit` adds the admin
    to a copy of it, `commands` are the processes that serve it; each is given the environment's folder, the data
    folder, and what else it needs. `ready` is the path that answers 200 when the server does.
    """

    name: str
    version: str
    requirements: tuple[str, ...]
    newest_python: tuple[int, int]
    ready: str
    prepare: Callable[[Path, Path], None]
    admit: Callable[[Path, Path, Login], None]
    commands: Callable[[Path, Path, int, Login], list[list[str]]]
    settings: Callable[[Path, Login | None], Environment]


def inherited() -> Environment:
    """The part of our own environment that a server gets: nothing that would configure it behind our back."""
    names = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")
    return {name: os.environ[name] for name in names if name in os.environ}


def _run(command: list[str], settings: Mapping[str, str], what: str, folder: Path | None = None) -> None:
    done = subprocess.run(
        command,
        env=inherited() | dict(settings),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        last = done.stdout.decode(errors="replace").strip().rpartition("\n")[2]
        raise ServerError(f"{what} failed: {last}: remove its folder under the cache and try again")


def _program(environment: Path, name: str, *arguments: str) -> list[str]:
    """The command that serves with one of the environment's programs; see `frozen.py`."""
    frozen = Path(__file__).with_name("frozen.py")
    return [str(environment / "bin" / "python"), str(frozen), str(environment / "bin" / name), *arguments]


# Label Studio.


def _label_studio_settings(data: Path, login: Login | None) -> Environment:
    settings = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "SSRF_PROTECTION_ENABLED": "false",  # our webhook listens on loopback
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
    if login is not None:
        settings |= {
            "LABEL_STUDIO_USERNAME": login.user,
            "LABEL_STUDIO_PASSWORD": login.password,
            "LABEL_STUDIO_USER_TOKEN": login.token,
        }
    return settings


def _label_studio_prepare(environment: Path, data: Path) -> None:
    command = [str(environment / "bin" / "label-studio"), "init", "--quiet"]
    _run(command, _label_studio_settings(data, None), "the first start of Label Studio")
    # The key that signs sessions: each copy makes its own.
    (data / ".env").unlink(missing_ok=True)


def _label_studio_commands(environment: Path, data: Path, port: int, login: Login) -> list[list[str]]:
    options = ["--no-browser", "--internal-host", HOST, "-p", str(port), "--log-level", "WARNING"]
    return [_program(environment, "label-studio", "start", *options)]


def _nothing_to_admit(environment: Path, data: Path, login: Login) -> None:
    """Label Studio makes its admin from its environment when it starts."""


# doccano.


def _doccano_settings(data: Path, login: Login | None) -> Environment:
    return {
        "DOCCANO_HOME": str(data),
        "DATABASE_URL": f"sqlite:///{data}/db.sqlite3",
        "MEDIA_ROOT": str(data / "media"),
        "STANDALONE": "True",
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "DEBUG": "False",
        "SECRET_KEY": login.token if login else "of the template only",
        "CELERY_BROKER_URL": f"sqla+sqlite:///{data}/broker.sqlite3",
    }


def _doccano_prepare(environment: Path, data: Path) -> None:
    (data / "media").mkdir(parents=True)
    _run([str(environment / "bin" / "doccano"), "init"], _doccano_settings(data, None), "the first start of doccano")
    with closing(sqlite3.connect(data / "db.sqlite3")) as database:
        # Otherwise readers and the worker lock each other out: "database is locked" in the midst of an upload.
        database.execute("PRAGMA journal_mode = WAL")


def _doccano_admit(environment: Path, data: Path, login: Login) -> None:
    # By the environment and not by `doccano createuser`: arguments stand in the process list.
    given = {"USERNAME": login.user, "PASSWORD": login.password, "EMAIL": login.user}
    settings = _doccano_settings(data, login) | {f"DJANGO_SUPERUSER_{key}": value for key, value in given.items()}
    command = [str(environment / "bin" / "python"), "manage.py", "createsuperuser", "--noinput"]
    _run(command, settings, "making doccano's admin", _doccano_backend(environment))


def _doccano_backend(environment: Path) -> Path:
    return next(environment.glob("lib/python3.*/site-packages/backend"))


def _doccano_commands(environment: Path, data: Path, port: int, login: Login) -> list[list[str]]:
    backend = str(_doccano_backend(environment))
    web = ["--chdir", backend, "-b", f"{HOST}:{port}", "--workers", "1", "--threads", "4", "--timeout", "300"]
    return [
        _program(environment, "gunicorn", *web, "config.wsgi"),
        _program(environment, "doccano", "task", "--concurrency", "1"),
    ]


TOOLS: dict[str, Tool] = {
    "label-studio": Tool(
        name="Label Studio",
        version="1.23.2",
        requirements=("label-studio==1.23.2",),
        newest_python=(3, 13),
        ready="/health",
        prepare=_label_studio_prepare,
        admit=_nothing_to_admit,
        commands=_label_studio_commands,
        settings=_label_studio_settings,
    ),
    "doccano": Tool(
        name="doccano",
        version="1.8.4",
        requirements=("doccano==1.8.4", "marshmallow<4", "numpy<2", "setuptools<81"),
        newest_python=(3, 11),
        ready="/",
        prepare=_doccano_prepare,
        admit=_doccano_admit,
        commands=_doccano_commands,
        settings=_doccano_settings,
    ),
}
