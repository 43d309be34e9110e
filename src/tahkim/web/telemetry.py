"""What is told of every request: security headers to the browser, a line to the log, numbers to Prometheus."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tahkim.clock import instant

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the classes of durations, in seconds."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_REQUESTS = logging.getLogger("tahkim.requests")
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


class Metrics:
    """Counts and durations of requests by route, in the text format of Prometheus."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._classes: Counter[tuple[str, float]] = Counter()
        self._seconds: Counter[str] = Counter()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        with self._guard:
            self._requests[method, route, status] += 1
            self._seconds[route] += seconds  # type: ignore[assignment]
            for bound in BUCKETS:
                self._classes[route, bound] += seconds <= bound

    def lines(self, gauges: dict[str, int]) -> Iterator[str]:
        """The exposition, line by line; `gauges` are numbers of the project by name."""
        with self._guard:
            requests, classes, seconds = dict(self._requests), dict(self._classes), dict(self._seconds)
        yield "# TYPE tahkim_requests_total counter"
        for (method, route, status), number in sorted(requests.items()):
            yield f'tahkim_requests_total{{method="{method}",route="{route}",status="{status}"}} {number}'
        yield "# TYPE tahkim_request_seconds histogram"
        for route in sorted(seconds):
            total = sum(number for (_, other, _), number in requests.items() if other == route)
            for bound in BUCKETS:
                yield f'tahkim_request_seconds_bucket{{route="{route}",le="{bound}"}} {classes[route, bound]}'
            yield f'tahkim_request_seconds_bucket{{route="{route}",le="+Inf"}} {total}'
            yield f'tahkim_request_seconds_sum{{route="{route}"}} {seconds[route]:.6f}'
            yield f'tahkim_request_seconds_count{{route="{route}"}} {total}'
        for name, value in gauges.items():
            yield f"# TYPE tahkim_{name} gauge"
            yield f"tahkim_{name} {value}"


class JsonLines(logging.Formatter):
    """Every message of the log as one JSON object on a line."""

    def format(self, record: logging.LogRecord) -> str:
        told = getattr(record, "told", None) or {"message": record.getMessage()}
        line = {"at": instant(), "level": record.levelname.lower(), "from": record.name, **told}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


class Watch:
    """Outermost layer: security headers on every answer; every request a message of the log, and counted."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500
        scope.setdefault("state", {})

        async def headed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, headed)
        finally:
            self._tell(Request(scope), status, time.perf_counter() - began)

    def _tell(self, request: Request, status: int, seconds: float) -> None:
        route = getattr(request.scope.get("route"), "path", "none")
        method = request.method if request.method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other"
        self._metrics.count(method, route, status, seconds)
        told = {
            "method": request.method,
            "path": request.url.path,
            "status": status,
            "ms": round(1000 * seconds, 1),
            "who": getattr(request.state, "person", None),
        }
        _REQUESTS.info("%(method)s %(path)s", told, extra={"told": told})
