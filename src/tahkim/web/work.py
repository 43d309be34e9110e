"""The workbench's own API: a document in one answer, and everything a lead does to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from tahkim.adjudicate.conflicts import decision_record
from tahkim.adjudicate.merge import DocumentMerge
from tahkim.errors import DecisionError, InputError
from tahkim.gold.pseudonyms import pseudonymiser
from tahkim.report.language import in_language
from tahkim.web import guide, proposals, view
from tahkim.web.access import LEADS, Person
from tahkim.web.desk import Propose, State
from tahkim.web.language import LANGUAGES
from tahkim.web.proposals import Add, Body, Change, Choose, MeanwhileError
from tahkim.web.queue import surface
from tahkim.web.server import (
    SIGNED_IN,
    Admin,
    Anyone,
    Failure,
    Lead,
    Server,
    TheServer,
    Worker,
    failures,
    json_response,
)

router = APIRouter(
    prefix="/api", tags=["workbench"], dependencies=SIGNED_IN, responses=failures(401, 403, 404, 422, 503)
)

DocId = Annotated[str, Path(min_length=1, max_length=500, description="the id of a document")]
DECIDING = failures(409, 413)


class Withdraw(Body):
    """A decision that is to be taken back, whoever took it."""

    decision: str = Field(min_length=1, max_length=64)


class SendBack(Body):
    """A question, or the whole document, given back to annotators."""

    key: str | None = Field(default=None, min_length=1, max_length=200)
    to: list[str] = Field(default=[], max_length=100)
    reason: str = Field(min_length=1, max_length=proposals.LONGEST_REASON)


class Settings(Body):
    """Settings of the project that the server keeps to."""

    blind: bool


@router.get("/documents/{doc_id:path}/changes", responses={304: {"description": "nothing has changed"}})
def changes(
    doc_id: DocId,
    server: TheServer,
    person: Lead,
    request: Request,
    if_none_match: Annotated[str, Header(description="the ETag of an answer before")] = "",
) -> Response:
    """What decisions can change in a document; 304 when it is still as the page has it."""
    if if_none_match == f'"{server.desk.version(doc_id)}"':
        return Response(status_code=304)
    return _answer(server, request, server.desk.state(doc_id), person)


@router.get("/documents/{doc_id:path}/like")
def like(
    doc_id: DocId,
    key: Annotated[str, Query(max_length=200, description="the key of a question")],
    server: TheServer,
    person: Lead,
    request: Request,
) -> Response:
    """Earlier decisions like a question."""
    state = server.desk.state(doc_id)
    question = next((q for q in state.reading.questions.all if q.key == key), None)
    if question is None:
        raise InputError(f"document {doc_id} has no question {key}")
    labels = frozenset(c.record["label"] for c in question.candidates if "label" in c.record)
    ranges = ((place.start, place.end) for place in question.places)
    words = surface(state.document.text, ranges, server.project.schema)
    own = state.standing.by_key.get(key)
    found = server.queue.like(question.of, question.kind, labels, words)
    others = [c._asdict() for c in found if own is None or (c.at, c.by) != (own.at, own.by)]
    return json_response(server.without_names(request, others, server.queue.people()))


@router.post("/documents/{doc_id:path}/decisions", responses=DECIDING)
def decide(doc_id: DocId, body: Choose, server: TheServer, person: Lead, request: Request) -> Response:
    """Decide a question. 409 when somebody else has, or the readings have changed, since the page was drawn."""
    schema = server.project.schema
    return _act(server, request, doc_id, person, lambda s, at: proposals.choose(s, at, body, person.name, schema))


@router.post("/documents/{doc_id:path}/additions", responses=DECIDING)
def add(doc_id: DocId, body: Add, server: TheServer, person: Lead, request: Request) -> Response:
    """Add a span or relation that nobody marked."""
    schema = server.project.schema
    return _act(server, request, doc_id, person, lambda s, at: proposals.add(s, at, body, person.name, schema))


@router.post("/documents/{doc_id:path}/additions/change", responses=DECIDING)
def change(doc_id: DocId, body: Change, server: TheServer, person: Lead, request: Request) -> Response:
    """Change or take away what a lead added."""
    schema = server.project.schema
    return _act(server, request, doc_id, person, lambda s, at: proposals.change(s, at, body, person.name, schema))


@router.post("/documents/{doc_id:path}/undo", responses=DECIDING)
def undo(doc_id: DocId, server: TheServer, person: Lead, request: Request) -> Response:
    """Take back one's own last act in a document; the log keeps both."""
    return _act(server, request, doc_id, person, lambda s, at: proposals.undo(s, at, person.name))


@router.post("/documents/{doc_id:path}/redo", responses=DECIDING)
def redo(doc_id: DocId, server: TheServer, person: Lead, request: Request) -> Response:
    """Bring back what one's own last undo took away."""
    return _act(server, request, doc_id, person, lambda s, at: proposals.redo(s, at, person.name))


@router.post("/documents/{doc_id:path}/withdraw", responses=DECIDING)
def withdraw(doc_id: DocId, body: Withdraw, server: TheServer, person: Lead, request: Request) -> Response:
    """Take back one decision that stands."""
    return _act(server, request, doc_id, person, lambda s, at: proposals.withdraw(s, at, body.decision, person.name))


@router.post("/documents/{doc_id:path}/finish", responses=DECIDING)
def finish(doc_id: DocId, server: TheServer, person: Lead, request: Request) -> Response:
    """Call a document finished: read through, and nothing open."""

    def say(state: State) -> dict[str, Any]:
        if state.merged.open:
            raise DecisionError(f"document {doc_id} still has {state.merged.open} open: decide them first")
        return {}

    return _note(server, request, doc_id, person, "finish", say)


@router.post("/documents/{doc_id:path}/reopen", responses=DECIDING)
def reopen(doc_id: DocId, server: TheServer, person: Lead, request: Request) -> Response:
    """Take back that a document is finished."""
    return _note(server, request, doc_id, person, "reopen", lambda state: {})


@router.post("/documents/{doc_id:path}/send-back", responses=DECIDING)
def send_back(doc_id: DocId, body: SendBack, server: TheServer, person: Lead, request: Request) -> Response:
    """Give a question, or the whole document, back to those who annotated it (`to`, default: all of them)."""

    def say(state: State) -> dict[str, Any]:
        names = server.names(request, state)
        people = [voter.annotator for voter in state.reading.questions.voters]
        chosen = [who for who in people if not body.to or names(who) in body.to]
        if not chosen or (body.key is not None and all(q.key != body.key for q in state.reading.questions.all)):
            raise DecisionError(f"document {doc_id} has nobody, or nothing, of that name to send back")
        return {"to": chosen, "reason": body.reason} | ({"key": body.key} if body.key else {})

    return _note(server, request, doc_id, person, "send_back", say)


@router.get("/documents/{doc_id:path}")
def document(doc_id: DocId, server: TheServer, person: Worker, request: Request) -> Response:
    """All of a document at once. An annotator is given their own reading, and the gold when nothing is open."""
    state = server.desk.state(doc_id)
    schema = view.schema_view(server.project.schema)
    if person.role in LEADS:
        before, after = server.queue.neighbours(doc_id)
        whole = view.document(state, person.name, server.names(request, state), schema, server.beliefs.of(doc_id))
        whole |= {"me": person.name, "previous": before, "next": after}
        return json_response(_told(server, request, state, whole))
    if any(a.annotator == person.name for a in state.reading.annotations):
        return json_response({**view.own_work(state, person.name, schema), "me": person.name})
    raise InputError(f"document {doc_id} is not in the work of {person.name}")


@router.get("/guideline/{language}")
def guideline(language: Annotated[str, Path(description="ar or en")], server: TheServer, person: Anyone) -> Response:
    """The guideline, and which of its paragraphs speak of each label, relation and attribute."""
    if language not in LANGUAGES:
        raise InputError(f"there is no guideline in {language}: choose one of {', '.join(LANGUAGES)}")
    schema = server.project.schema
    listed = (*schema.attributes.values(), *schema.relation_attributes.values())
    names = {*schema.labels, *schema.relations, "boundary", *(name for attributes in listed for name in attributes)}
    return json_response(
        {
            "version": guide.version(language),
            "paragraphs": guide.paragraphs(language),
            "on": {name: guide.paragraphs_on(name) for name in sorted(names)},
        },
        headers={"cache-control": "private, max-age=3600"},
    )


@router.get("/agreement", responses={202: {"model": Failure, "description": "being worked out: ask again"}})
def agreement(
    server: TheServer,
    person: Lead,
    request: Request,
    language: Annotated[Literal["en", "ar"], Query(description="of warnings and reasons")] = "en",
) -> Response:
    """Agreement of people with each other and with the rules; 202 while it is being worked out."""
    future = server.report.now()
    if not future.done():
        return json_response({"error": "being worked out: ask again"}, 202, {"retry-after": "1"})
    people = set(server.project.store.counts().annotations) if server.hides_names(request) else set()
    return json_response(pseudonymiser(server.project.key, people, keys=True)(in_language(future.result(), language)))


@router.post("/settings")
def settings(body: Settings, server: TheServer, person: Admin) -> Response:
    """Have the names of annotators hidden from all leads, or shown."""
    server.set_blind(body.blind, person.name)
    return json_response({"blind": server.blind})


def _act(server: Server, request: Request, doc_id: str, person: Person, propose: Propose) -> Response:
    def review(before: State, after: DocumentMerge) -> None:
        proposals.refuse_overlaps(before, after, server.project.schema)

    try:
        state = server.desk.act(doc_id, propose, review)
    except MeanwhileError as error:
        state = server.desk.state(doc_id)
        other = decision_record(error.decision) if error.decision else None
        body = {
            "error": str(error),
            "decision": _told(server, request, state, other),
            "changes": _changes(server, request, state, person),
        }
        return json_response(body, 409)
    return _answer(server, request, state, person)


def _note(server: Server, request: Request, doc_id: str, person: Person, kind: str, say: Any) -> Response:
    return _answer(server, request, server.desk.note(doc_id, kind, person.name, say), person)


def _changes(server: Server, request: Request, state: State, person: Person) -> dict[str, Any]:
    found: dict[str, Any] = _told(
        server,
        request,
        state,
        view.changes(state, person.name, server.names(request, state), server.beliefs.of(state.document.id)),
    )
    return found


def _told(server: Server, request: Request, state: State, value: Any) -> Any:
    return server.without_names(request, value, [a.annotator for a in state.reading.annotations])


def _answer(server: Server, request: Request, state: State, person: Person) -> Response:
    return json_response(_changes(server, request, state, person), headers={"etag": f'"{state.version}"'})
