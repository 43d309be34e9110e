"""The server put together: routes, errors in words, and what guards every request."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from tahkim import __version__
from tahkim.adjudicate.strategies import Settings
from tahkim.errors import DecisionError, InputError, ReleaseError, StoreError, TahkimError, UsageError
from tahkim.project import Project
from tahkim.store import Accounts
from tahkim.web import guide, pages, releases, work
from tahkim.web.access import Access, DeniedError, Person, is_ours
from tahkim.web.desk import Desk
from tahkim.web.language import LANGUAGES, told
from tahkim.web.server import SIGNED_IN, Server, TheServer, Watcher, failures, json_response, server_of
from tahkim.web.telemetry import Watch

LARGEST_BODY = 1_000_000
SAFE = ("GET", "HEAD", "OPTIONS")
_STATUS: dict[type[TahkimError], int] = {
    InputError: 404,
    ReleaseError: 404,
    DecisionError: 422,
    UsageError: 422,
    StoreError: 503,
}

health = APIRouter(tags=["operation"])
log = logging.getLogger("tahkim")


@health.get("/healthz")
def healthz(server: TheServer) -> Response:
    """Whether the server and its store answer."""
    server.project.store.mark()
    return json_response({"status": "ok", "version": __version__})


@health.get("/metrics", response_class=PlainTextResponse, dependencies=SIGNED_IN, responses=failures(401, 403))
def metrics(server: TheServer, person: Watcher) -> Response:
    """Requests and the state of the project, for Prometheus."""
    lines = server.metrics.lines(server.queue.progress()._asdict())
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def make_app(project: Project, settings: Settings, local_name: str = "lead") -> FastAPI:
    """The application that serves a project; `app.state.server` is what it holds."""
    server = Server(project, Desk(project, settings), Access(Accounts(project.store), local_name))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        server.queue.start()
        server.beliefs.start()
        for language in LANGUAGES:
            await run_in_threadpool(guide.paragraphs, language)
        yield
        server.stop()

    app = FastAPI(
        title="tahkim",
        version=__version__,
        summary="Adjudication of annotations, and gold to pull.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
    )
    app.state.server = server
    for routes in (health, work.router, releases.router, pages.router):
        app.include_router(routes)
    app.mount(f"/static/{pages.VERSION}", _Kept(directory=pages.STATIC), name="static")
    app.add_api_route("/api/openapi.json", _openapi, include_in_schema=False)
    _explain_errors(app)
    app.add_middleware(Guard)
    app.add_middleware(Watch, metrics=server.metrics)
    return app


def _openapi(request: Request, server: TheServer) -> Response:
    """The description of the API, for every session and token, whatever its scope."""
    if server.access.person(request) is None:
        raise DeniedError(401, "log in first")
    return json_response(request.app.openapi())


class _Kept(StaticFiles):
    """Files under a name that changes when they do."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


class Guard:
    """Refuses writes from other sites, and bodies larger than anything the pages send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE:
            request = Request(scope)
            refusal = _refusal(request)
            if refusal is not None:
                await _drain(receive)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _drain(receive: Receive) -> None:
    """Take what a client is still sending, within bounds: one that is cut off in the middle reads no answer."""
    left = 8 * LARGEST_BODY
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if not message.get("more_body"):
            return


def _refusal(request: Request) -> Response | None:
    if "authorization" not in request.headers and not is_ours(request):
        return json_response({"error": "a write must come from this site's own pages, or with a token"}, 403)
    length = request.headers.get("content-length", "")
    if "transfer-encoding" in request.headers or (length.isdigit() and int(length) > LARGEST_BODY):
        return json_response({"error": f"a body has at most {LARGEST_BODY} bytes, and says how many"}, 413)
    return None


def _explain_errors(app: FastAPI) -> None:
    @app.exception_handler(DeniedError)
    async def denied(request: Request, error: DeniedError) -> Response:
        headers = {"retry-after": str(error.wait)} if error.wait else {}
        if error.status == 401:
            headers["www-authenticate"] = "Bearer"
        if _wants_page(request) and error.status == 401:
            target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?next={quote(target, safe='')}", 303)
        return _answer(request, error.status, str(error), headers)

    @app.exception_handler(TahkimError)
    async def ours(request: Request, error: TahkimError) -> Response:
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
        return _answer(request, status, str(error), {})

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return _answer(request, error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return _answer(request, 422, f"{place}: {first['msg']}", {})

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        log.exception("unforeseen", exc_info=error)
        return _answer(request, 500, "the server made a mistake; it is in its log", {})


def _wants_page(request: Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _answer(request: Request, status: int, message: str, headers: dict[str, str]) -> Response:
    message = told(message, request)
    if _wants_page(request):
        response = pages.page(request, "error", _person(request), status, message=message)
        response.headers.update(headers)
        return response
    return json_response({"error": message}, status, headers)


def _person(request: Request) -> Person | None:
    """Who is asking, so that the page of an error lets them go on; nobody where that cannot be told."""
    try:
        return server_of(request).access.person(request)
    except (DeniedError, TahkimError):
        return None
