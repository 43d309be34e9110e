"""A real proxy between us and a server that drops, delays, truncates and refuses: by chance, but the same each time."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import urlsplit

FAULTS = ("drop", "drop the answer", "truncate", "slow", "late", "give up", "429", "500", "502")
"""The request never arrives; its answer never does; half of it does; both take a while; the request arrives when the
proxy has said 504; the proxy says 504 while the server works; the proxy refuses."""
SECONDS = 0.3

_ONE_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Proxy:
    """What happened on the way: `url` is where to go instead of the server, `suffered` how often each fault came."""

    def __init__(self, url: str, suffered: Counter[str], under_way: list[Thread]) -> None:
        self.url, self.suffered, self._under_way = url, suffered, under_way

    def settle(self) -> None:
        """Wait until the server has answered all that the proxy has given up on."""
        while self._under_way:
            self._under_way.pop().join()


@contextmanager
def moody(target: str, seed: int, share: float) -> Iterator[Proxy]:
    """A proxy to a server on which a share of the requests fails."""
    chance, lock = random.Random(seed), Lock()
    suffered: Counter[str] = Counter()
    under_way: list[Thread] = []
    server = urlsplit(target)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nothing: tests are quiet."""

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                fault = chance.choice(FAULTS) if chance.random() < share else ""
                suffered.update([fault] if fault else [])
            if fault in ("late", "give up"):
                ghost = Thread(target=self._forward, args=(body, SECONDS if fault == "late" else 0.0))
                ghost.start()
                under_way.append(ghost)
            if fault in ("late", "give up", "429", "500", "502"):
                self._refuse(int(fault) if fault.isdigit() else 504)
            elif fault != "drop":
                status, headers, content = self._forward(body, SECONDS if fault == "slow" else 0.0)
                if fault != "drop the answer":
                    self._answer(
                        status, headers, content, content[: len(content) // 2] if fault == "truncate" else content
                    )
            self.close_connection = True

        def _forward(self, body: bytes, after: float) -> tuple[int, list[tuple[str, str]], bytes]:
            time.sleep(after)
            way = HTTPConnection(server.hostname or "", server.port, timeout=120)
            try:
                headers = {k: v for k, v in self.headers.items() if k.lower() not in _ONE_HOP}
                way.request(self.command, self.path, body or None, headers | {"Connection": "close"})
                answer = way.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            except (OSError, HTTPException):
                return 502, [], b""
            finally:
                way.close()

        def _refuse(self, status: int) -> None:
            extra = [("Content-Type", "application/json")] + ([("Retry-After", "1")] if status == 429 else [])
            content = b'{"detail": "a proxy is unwell"}'
            self._answer(status, extra, content, content)

        def _answer(self, status: int, headers: list[tuple[str, str]], whole: bytes, sent: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in _ONE_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass  # noqa: N815

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        found = Proxy(f"http://127.0.0.1:{listening.server_port}", suffered, under_way)
        try:
            yield found
        finally:
            found.settle()
            listening.shutdown()
            thread.join()
