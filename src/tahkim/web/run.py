"""Run the server: where it may listen, how one gets in, how it stops."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from ipaddress import ip_address

import uvicorn

from tahkim.adjudicate.strategies import Settings
from tahkim.errors import UsageError
from tahkim.project import Project
from tahkim.store import Accounts
from tahkim.web.app import make_app
from tahkim.web.telemetry import JsonLines
from tahkim.writing import reason

GRACE_SECONDS = 10
"""How long requests that are being answered have when the server is told to stop."""


BACKLOG = 2048


def run(
    project: Project, settings: Settings, host: str, port: int, local_name: str, say: Callable[[str], None]
) -> None:
    """Serve a project until SIGINT or SIGTERM; what is being answered then is still answered.

    UsageError when the project has no users and `host` is not this machine alone, or when the port is taken.
    """
    has_users = bool(Accounts(project.store).users())
    if not has_users and not _is_loopback(host):
        raise UsageError(
            f"without users anyone who reaches {host} could enter: add one with `tahkim user add NAME admin`, "
            "or serve on 127.0.0.1"
        )
    app = make_app(project, settings, local_name)
    with _listening(host, port) as listener:
        address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        if has_users:
            say(f"serving {project.folder} at {address}/ (Ctrl+C stops)")
        else:
            link = app.state.server.access.one_time_link()
            say(f"serving {project.folder}; open this link, it works once: {address}/enter/{link} (Ctrl+C stops)")
        _log_to_stderr()
        config = uvicorn.Config(
            app, access_log=False, log_config=None, timeout_graceful_shutdown=GRACE_SECONDS, server_header=False
        )
        uvicorn.Server(config).run(sockets=[listener])


def _log_to_stderr() -> None:
    """What the server and the libraries under it have to say, as JSON lines on stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)[0]
        # Only where a socket says that it is TCP does asyncio send at once what is written in two parts, head and body;
        # else the second waits, some 40 ms, for the other side to confirm the first.
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        # Whoever follows the link before the server is ready waits in the queue instead of being refused.
        listener.listen(BACKLOG)
    except OSError as error:
        raise UsageError(f"cannot listen on {host} port {port}: {reason(error)}: name another with --port") from error
    listener.set_inheritable(True)
    return listener
