"""The pages. Each is a template over plain values; what a person does on them goes through the APIs."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tahkim import __version__
from tahkim.clock import now
from tahkim.gold.pseudonyms import pseudonymiser
from tahkim.report.glossary import GLOSSARY
from tahkim.report.language import translator
from tahkim.schema import Label, RelationType, Schema
from tahkim.store import Role
from tahkim.web import guide
from tahkim.web.access import COOKIE, LEADS, SESSION_SECONDS, Person
from tahkim.web.language import DIRECTIONS, LANGUAGES, language_of, messages, translations
from tahkim.web.proposals import Body
from tahkim.web.queue import PAGE, Gap, Hits, Queue, Wanted, around, surface
from tahkim.web.releases import listing
from tahkim.web.server import Anyone, Lead, Reader, Server, TheServer, Worker, json_response, server_of

router = APIRouter(include_in_schema=False)

STATIC = Path(__file__).parent / "static"
VERSION = sha256(b"".join(path.read_bytes() for path in sorted(STATIC.rglob("*")) if path.is_file())).hexdigest()[:12]
"""Changes with any static file, so that browsers may keep them for good."""

KINDS = ("boundary", "label", "attribute", "split", "missing", "direction", "endpoint", "stale", "span", "relation")
THEMES = ("auto", "light", "dark")
LOG_PAGE = 100

NAVIGATION: Mapping[str, tuple[Role, ...]] = {
    "queue": ("lead", "admin"),
    "attributes": ("lead", "admin"),
    "agreement": ("lead", "admin"),
    "annotators": ("lead", "admin"),
    "releases": ("reader", "lead", "admin"),
    "log": ("lead", "admin"),
    "work": ("annotator",),
    "guidelines": ("annotator", "lead", "reader", "admin"),
}

PageNumber = Annotated[int, Query(alias="page", ge=1, le=10**6)]
Text = Annotated[str, Query(max_length=200)]


_TURNING = {0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO"} | {
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
}
_NAMED = {code: f"⟨{name}⟩" for code, name in _TURNING.items()}


def plain(text: object) -> str:
    """What people wrote, with characters that would turn the text around shown by name.

    >>> plain("a\u202eb")
    'a⟨RLO⟩b'
    """
    return str(text).translate(_NAMED)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tahkim.web"), autoescape=True, extensions=["jinja2.ext.i18n"], undefined=StrictUndefined
    )
    environment.filters["plain"] = plain
    environment.filters["in_path"] = lambda name: quote(name, safe="")
    environment.globals.update(version=VERSION, tahkim=__version__, languages=LANGUAGES, themes=THEMES)
    return environment


_ENVIRONMENTS: dict[str, Environment] = {}


def environment(language: str) -> Environment:
    """The templates in a language."""
    if language not in _ENVIRONMENTS:
        made = _environment()
        made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
        _ENVIRONMENTS[language] = made
    return _ENVIRONMENTS[language]


def page(request: Request, template: str, person: Person | None, status: int = 200, **values: Any) -> Response:
    """A page in the language and theme of who asks."""
    language = language_of(request)
    server = server_of(request)
    theme = request.cookies.get("tahkim_theme", "auto")
    html = (
        environment(language)
        .get_template(f"{template}.html")
        .render(
            here=template,
            person=person,
            language=language,
            direction=DIRECTIONS[language],
            theme=theme if theme in THEMES else "auto",
            blind=server.hides_names(request),
            blind_for_all=server.blind,
            navigation=[name for name, roles in NAVIGATION.items() if person and person.role in roles],
            schema=server.project.schema,
            label_names=_label_names(server.project.schema, language),
            has_users=bool(server.access.accounts.users()) if person is None else True,
            **values,
        )
    )
    return Response(html, status, media_type="text/html")


def _label_names(schema: Schema, language: str) -> dict[str, str]:
    """What labels and relations are called in a language: their own name where the schema says nothing else."""
    entries: dict[str, Label | RelationType] = {**schema.labels, **schema.relations}
    return {name: {"ar": entry.ar, "en": entry.en}[language] or name for name, entry in entries.items()}


@router.get("/")
def home(person: Anyone) -> Response:
    start = next(name for name, roles in NAVIGATION.items() if person.role in roles)
    return RedirectResponse(f"/{start}", 303)


# Coming and going.


class Login(Body):
    name: str
    password: str


@router.get("/login")
def login_page(request: Request) -> Response:
    return page(request, "login", None)


@router.post("/login")
def login(body: Login, request: Request, server: TheServer) -> Response:
    address = request.client.host if request.client else ""
    return _with_session(json_response({"ok": True}), request, server.access.log_in(body.name, body.password, address))


@router.get("/enter/{secret}")
def enter(secret: str, request: Request, server: TheServer) -> Response:
    return _with_session(RedirectResponse("/", 303), request, server.access.enter(secret))


@router.post("/logout")
def logout(request: Request, server: TheServer) -> Response:
    server.access.log_out(request.cookies.get(COOKIE, ""))
    response = json_response({"ok": True})
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _with_session(response: Response, request: Request, secret: str) -> Response:
    response.set_cookie(
        COOKIE, secret, SESSION_SECONDS, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    return response


# What every page loads.


@router.get("/labels.css")
def labels_css(server: TheServer) -> Response:
    """The colours of the schema's labels, so that no page needs a style of its own."""
    schema = server.project.schema
    colors = {name: label.color for name, label in schema.labels.items()}
    colors |= {name: relation.color for name, relation in schema.relations.items()}
    rules = [f"[data-label={_quoted(name)}]{{--label:{color};--on:{_ink(color)}}}" for name, color in colors.items()]
    return Response("\n".join(rules), media_type="text/css", headers={"cache-control": "max-age=300"})


def _ink(color: str) -> str:
    """Black or white, whichever can be read better on a colour `#rrggbb` (WCAG 2.2, relative luminance)."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#111" if luminance > 0.179 else "#fff"


def _quoted(name: str) -> str:
    """A CSS string of any name."""
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\{ord(c):x} " for c in name) + '"'


@router.get("/messages/{language}")
def messages_of(language: str) -> Response:
    return json_response(messages(language), headers={"cache-control": "max-age=300"})


# A lead's day.


@router.get("/queue")
def queue(
    request: Request,
    server: TheServer,
    person: Lead,
    label: Text = "",
    kind: Text = "",
    annotator: Text = "",
    document: Text = "",
    text: Text = "",
    sent_back: Text = "",
    number: PageNumber = 1,
) -> Response:
    """What is open, what a decision is expected to bring most for first."""
    hidden = server.hides_names(request)
    wanted = Wanted(label, kind, "" if hidden else annotator, document, text, sent_back)
    rows, is_fresh = server.queue.rows(wanted)
    shown = rows[PAGE * (number - 1) : PAGE * number]
    today = now()[:10]
    entries = [c for c in server.queue.cases() if c.at.startswith(today)]
    return page(
        request,
        "queue",
        person,
        rows=shown,
        total=len(rows),
        is_fresh=is_fresh,
        wanted=wanted,
        kinds=KINDS,
        people=[] if hidden else sorted(server.queue.people()),
        progress=server.queue.progress(),
        today=len(entries),
        today_own=sum(c.by == person.name for c in entries),
        number=number,
        pages=max(1, ceil(len(rows) / PAGE)),
    )


@router.get("/documents/{doc_id:path}")
def document(doc_id: str, request: Request, server: TheServer, person: Worker) -> Response:
    server.desk.version(doc_id)
    return page(request, "document", person, doc_id=doc_id, readonly=person.role not in LEADS)


@router.get("/attributes")
def attributes(
    request: Request,
    server: TheServer,
    person: Lead,
    label: Text = "",
    number: PageNumber = 1,
) -> Response:
    """Merged spans and relations that lack attributes."""
    gaps = server.queue.gaps(label)
    shown = [_gap(server, gap) for gap in gaps[PAGE * (number - 1) : PAGE * number]]
    return page(
        request,
        "attributes",
        person,
        gaps=shown,
        total=len(gaps),
        label=label,
        number=number,
        pages=max(1, ceil(len(gaps) / PAGE)),
    )


def _gap(server: Server, gap: Gap) -> dict[str, Any]:
    state = server.desk.state(gap.doc_id)
    text, merged = state.document.text, state.merged
    ends = [gap.number] if gap.of == "span" else []
    if gap.of == "relation":
        relation = merged.gold_relations[gap.number]
        ends = [relation.head, relation.tail]
    places = [merged.gold_spans[end] for end in ends]
    return {
        **gap._asdict(),
        "before": around(text, places[0].start, places[0].end)[0],
        "surface": surface(text, ((place.start, place.end) for place in places), server.project.schema),
        "after": around(text, places[-1].start, places[-1].end)[1],
    }


@router.get("/agreement")
def agreement(request: Request, person: Lead) -> Response:
    """Figures of agreement; what each measure is called and means, in words, goes along."""
    translate = translator(language_of(request))
    terms = {name: [translate(term.name), translate(term.meaning)] for name, term in GLOSSARY.items()}
    return page(request, "agreement", person, terms=terms)


@router.get("/annotators")
def annotators(request: Request, server: TheServer, person: Lead) -> Response:
    """Everybody who annotated: how much, and how close to the merged reading."""
    found, _ = server.queue.summaries()
    named = server.name_everywhere(request)
    counts = server.project.store.counts().annotations
    rows = [
        {"name": named(name), "hits": hits, **_f1(hits), "documents": documents, "statuses": counts.get(name, {})}
        for name, (hits, documents) in _hits_by_person(server.queue).items()
    ]
    return page(request, "annotators", person, rows=sorted(rows, key=lambda row: str(row["name"])), read=len(found))


def _hits_by_person(queue: Queue) -> dict[str, tuple[Hits, int]]:
    total: dict[str, tuple[Hits, int]] = {}
    for one in queue.summaries()[0].values():
        for name, hits in one.hits.items():
            before, documents = total.get(name, (Hits(0, 0, 0), 0))
            total[name] = Hits(*(a + b for a, b in zip(before, hits, strict=True))), documents + 1
    return total


def _f1(hits: Hits) -> dict[str, float | None]:
    """Precision, recall and F1 of an annotator's spans against the merged ones; None where undefined."""
    return {
        "precision": hits.same / hits.marked if hits.marked else None,
        "recall": hits.same / hits.merged if hits.merged else None,
        "f1": 2 * hits.same / (hits.marked + hits.merged) if hits.marked + hits.merged else None,
    }


@router.get("/releases")
def releases(request: Request, server: TheServer, person: Reader) -> Response:
    return page(request, "releases", person, releases=listing(server), base=str(request.base_url).rstrip("/"))


@router.get("/log")
def log(
    request: Request,
    server: TheServer,
    person: Lead,
    document: Text = "",
    number: PageNumber = 1,
) -> Response:
    """What was decided, released and changed, the last first."""
    people = server.queue.people() if server.hides_names(request) else set()
    hide = pseudonymiser(server.project.key, people)
    entries = [e for e in server.project.store.entries() if not document or e.payload.get("doc_id") == document]
    entries.reverse()
    shown = [
        {**e._asdict(), "payload": hide(dict(e.payload))} for e in entries[LOG_PAGE * (number - 1) : LOG_PAGE * number]
    ]
    return page(
        request,
        "log",
        person,
        entries=shown,
        total=len(entries),
        document=document,
        number=number,
        pages=max(1, ceil(len(entries) / LOG_PAGE)),
    )


@router.get("/guidelines")
def guidelines(request: Request, server: TheServer, person: Anyone, text: Text = "") -> Response:
    """The guideline, and under each paragraph the decisions that rest on it: the casebook."""
    language = language_of(request)
    cases: dict[str, list[Any]] = {}
    hide = pseudonymiser(server.project.key, server.queue.people() if server.hides_names(request) else ())
    for case in server.queue.cases():
        if case.guideline and case.reason:
            cases.setdefault(case.guideline, []).append(case._replace(reason=hide(case.reason)))
    shown = [p for p in guide.paragraphs(language) if text.lower() in (p["title"] + p["html"]).lower()]
    return page(
        request, "guidelines", person, paragraphs=shown, cases=cases, text=text, guideline=guide.version(language)
    )


@router.get("/work")
def work(request: Request, server: TheServer, person: Worker) -> Response:
    """An annotator's own documents, how close they are to gold, and what was sent back."""
    found, _ = server.queue.summaries()
    own = {doc_id: one for doc_id, one in found.items() if person.name in one.hits}
    settled = [one.hits[person.name] for one in own.values() if not one.rows]
    total = Hits(*(sum(column) for column in zip(*settled, strict=True))) if settled else Hits(0, 0, 0)
    rows = [
        {
            "doc_id": doc_id,
            "settled": not one.rows,
            **_f1(one.hits[person.name]),
            "back": [e for e in server.desk.state(doc_id).sent_back if person.name in e.payload["to"]],
        }
        for doc_id, one in own.items()
    ]
    return page(request, "work", person, rows=rows, total=_f1(total), settled=len(settled))
