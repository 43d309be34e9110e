"""A small server on loopback that a tool's webhook can call: that something changed is all it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@contextmanager
def listening(path: str) -> Iterator[tuple[str, Event]]:
    """The address to call, and the event that is set when somebody posts to it; other paths are answered 404."""
    changed = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            known = self.path == path
            self.send_response(204 if known else 404)
            self.end_headers()
            if known:
                changed.set()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what is printed is for the person who watches."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{path}", changed
        finally:
            server.shutdown()
            thread.join()
