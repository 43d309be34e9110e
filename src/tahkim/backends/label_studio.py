"""Label Studio: a project for each desk, a task for each document, over the SDK and one HTTP client.

The SDK speaks for single objects; what is done by the thousand (import, export, listing) goes over the same client
in bulk. Offsets are code points on both sides.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import Any, TypeVar
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import msgspec
from label_studio_sdk.base_client import LabelStudioBase as Client
from label_studio_sdk.core.api_error import ApiError
from msgspec import Struct
from msgspec.structs import replace

from tahkim import schema as schemas
from tahkim.backends import regions
from tahkim.backends.ahead import ahead
from tahkim.backends.desks import Account, Desk, Finding, Item, Reading, Setting, mark, marked, missing, shortened
from tahkim.backends.listening import listening
from tahkim.backends.patience import Fault, Secrets, looking, patiently, retry_after
from tahkim.errors import InputError, ServerError
from tahkim.model import Annotation, Document, Status, text_hash

Answer = TypeVar("Answer")
Record = dict[str, Any]

TESTED = "1.23"
LONGEST_TITLE = 50
PAGE = 1000
FIRST_DOCUMENTS, BATCH_DOCUMENTS, BATCH_SIZE = 100, 1000, 20_000_000
"""How much an import takes, which the server does in one transaction and in memory: documents, and bytes, roughly.
The first is smaller, for the server waits until it is made."""
MARK_SIZE = 250
"""About how many bytes a span or a relation is in an import."""
EXPORTED = 125
"""Tasks asked for by number at once: the numbers are in an address, and eight kilobytes of it pass everywhere."""
SPARSE = 16
"""How many numbers may be asked for a task: an export passes over one in 0.1 ms, a list takes 2 ms a task."""
TIMEOUT = httpx.Timeout(30.0, read=600.0)  # a server that is busy with an import is silent for long
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class LabelStudio:
    """A server, as one of its administrators. `token` is a legacy token or a personal access token."""

    tool = "label-studio"
    holds_attributes = True
    holds_keys: Collection[str] | None = ("note",)
    holds_statuses: Collection[Status] = ("submitted", "skipped")
    adjudicates = True

    def __init__(self, address: str, token: str, *, verify: bool | str = True) -> None:
        self.address = address.rstrip("/")
        self._secrets = Secrets(token)
        # The tool's own server writes an answer in pieces and waits 40 ms for the second to be asked for, but on a new
        # connection, which costs nothing here.
        kept = 0 if urlsplit(self.address).hostname in LOOPBACK else None
        self._connect = partial(
            httpx.Client,
            base_url=self.address,
            timeout=TIMEOUT,
            verify=verify,
            limits=httpx.Limits(max_keepalive_connections=kept),
        )
        self.admin = Account("")
        self._task_ids: dict[tuple[str, str], int] = {}
        self._auth: httpx.Auth = _Token(token)
        self._http = self._connect(auth=self._auth)
        # The client authenticates each request itself; the SDK wants a key nevertheless.
        self._sdk = Client(base_url=self.address, api_key="-", httpx_client=self._http, max_retries=0)

    def close(self) -> None:
        """See `Backend.close`."""
        self._http.close()

    # Requests.

    def _patiently(self, call: Callable[[], Answer], repeatable: bool = True) -> Answer:
        return patiently(call, self._fault, repeatable=repeatable)

    def _fault(self, error: Exception) -> Fault | None:
        if isinstance(error, ApiError):
            return self._refusal(error.status_code or 0, error.body, error.headers or {})
        if isinstance(error, httpx.HTTPStatusError):
            try:
                body: object = error.response.json()
            except ValueError:
                body = None
            return self._refusal(error.response.status_code, body, error.response.headers)
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return Fault(f"{self.address}: no server answers there: {self._secrets.scrubbed(error)}", sent=False)
        if isinstance(error, httpx.TransportError):
            return Fault(
                f"{self.address}: the connection broke: {self._secrets.scrubbed(error) or type(error).__name__}"
            )
        if isinstance(error, msgspec.ValidationError):
            return Fault(f"{self.address}: its export has another form than expected: {error}", status=200)
        if isinstance(error, _TruncatedError | json.JSONDecodeError | msgspec.DecodeError):
            return Fault(f"{self.address}: the answer ends too early")
        return None

    def _refusal(self, status: int, body: object, headers: Mapping[str, str]) -> Fault:
        detail = "refuses this login: get a token from Account & Settings and run `tahkim login label-studio`"
        if status not in (401, 403):
            said = body if isinstance(body, dict) else {}
            detail = f"answers {status}: {said.get('validation_errors') or said.get('detail') or 'no reason given'}"
        return Fault(
            f"{self.address}: {self._secrets.scrubbed(detail)}", status, after=retry_after(headers.get("retry-after"))
        )

    def _get(self, path: str, **params: Any) -> Any:
        def call() -> Any:
            return self._http.get(path, params=params).raise_for_status().json()

        return self._patiently(call)

    def _post(self, path: str, body: object, auth: httpx.Auth | None = None) -> Any:
        return self._post_encoded(path, msgspec.json.encode(body), auth)

    def _post_encoded(self, path: str, body: bytes, auth: httpx.Auth | None = None) -> Any:
        def call() -> Any:
            head = {"Content-Type": "application/json"}
            sent = self._http.post(path, content=body, headers=head, auth=auth or self._auth)
            return sent.raise_for_status().json()

        return self._patiently(call, repeatable=False)

    # The server.

    def check(self) -> list[Finding]:
        """See `Backend.check`."""
        version = str(self._get("/api/version").get("release"))
        found = [Finding("version", version.startswith(TESTED), f"{version}; tahkim is tested with {TESTED}")]
        user = self._get("/api/current-user/whoami")
        may = user.get("permissions") or []
        needed = ("projects.create", "projects.change", "tasks.create", "organizations.invite")
        lacks = [name for name in needed if name not in may]
        detail = f"{user.get('email')} may do all that is needed" if not lacks else f"lacks {', '.join(lacks)}"
        return [*found, Finding("permissions", not lacks, detail)]

    def desks(self, project: str) -> list[Desk]:
        """See `Backend.desks`."""
        return [
            Desk(annotator, str(each["id"]), f"{self.address}/projects/{each['id']}/data")
            for each in self._projects()
            if (annotator := marked(each.get("description") or "", project)) is not None
        ]

    def foreign(self, remote: str) -> Desk:
        """See `Backend.foreign`."""
        number = self._get(f"/api/projects/{remote}")["id"]
        return Desk("", str(number), f"{self.address}/projects/{number}/data")

    def _projects(self) -> Iterator[Record]:
        page, total = 1, 1
        while (page - 1) * PAGE < total:
            answer = self._get("/api/projects", page=page, page_size=PAGE, include="id,title,description")
            yield from answer["results"]
            page, total = page + 1, answer["count"]

    def account(self, annotator: str, known: Account | None) -> Account:
        """See `Backend.account`. A new one comes in by the organisation's invitation.

        An account whose making was cut short is entered by the password that it must have got.
        """
        if known is not None and known.token:
            self._secrets.add(known.token, known.password)
            return known
        email = _email(annotator)
        password = self._secrets.password(email)
        self._secrets.add(password)

        def exists() -> bool:
            return any(user["email"] == email for user in self._get("/api/users"))

        if not exists():
            link = self._get("/api/invite")["invite_url"]
            form = {"email": email, "password": password}
            looking(lambda: self._patiently(lambda: self._fill_in(link, form)[1], repeatable=False), exists)
        inside, token = self._patiently(lambda: self._fill_in("/user/login/", {"email": email, "password": password}))
        if not inside:
            return known or Account(email)
        self._secrets.add(token)
        return Account(email, password, token)

    def _fill_in(self, page: str, form: Mapping[str, str]) -> tuple[bool, str]:
        """Send a form of the site as a person does; whether it let us in, and the token of who is in then."""
        with self._connect() as person:
            person.get(page).raise_for_status()
            if "csrftoken" not in person.cookies:
                raise _TruncatedError
            whole = {**form, "csrfmiddlewaretoken": person.cookies["csrftoken"]}
            answer = person.post(page, data=whole, headers={"Referer": self.address})
            if answer.status_code != 302:
                answer.raise_for_status()
                return False, ""
            return True, str(person.get("/api/current-user/token").raise_for_status().json()["token"])

    # Desks.

    def open(self, project: str, title: str, annotator: str, account: Account, setting: Setting) -> Desk:
        """See `Backend.open`. All accounts are of one organisation, so there is no member to add."""

        def there() -> Desk | None:
            return next((desk for desk in self.desks(project) if desk.annotator == annotator), None)

        def make() -> None:
            self._sdk.projects.create(
                title=shortened(title, LONGEST_TITLE).ljust(3, "."),
                description=f"Desk of {annotator}, kept by tahkim. {mark(project, annotator)}",
                label_config=_configuration(setting),
                show_skip_button=True,
                enable_empty_annotation=True,
                show_collab_predictions=True,
                maximum_annotations=1,
                sampling="Sequential sampling",
            )

        desk = there()
        if desk is None:
            looking(lambda: self._patiently(make, repeatable=False), lambda: there() is not None)
            desk = there()
        if desk is None:
            raise ServerError(f"{self.address}: took the desk of {annotator} and does not show it: push again")
        return desk

    def remove(self, desk: Desk) -> None:
        """See `Backend.remove`."""
        self._patiently(lambda: self._sdk.projects.delete(int(desk.id)))

    def losses(self, desk: Desk, setting: Setting) -> list[str] | None:
        """See `Backend.losses`: what was used on the desk and has no place in the new configuration."""
        now, wanted = self._get(f"/api/projects/{desk.id}")["label_config"], _configuration(setting)
        if _same(now, wanted):
            return None
        gone = _places(now) - _places(wanted)
        if not gone:
            return []
        used = [f"{kind} {name}" for task in self._tasks(desk) for kind, name in sorted(_used(task) & gone)]
        return [f"{what} ({used.count(what)} times)" for what in dict.fromkeys(used)]

    def configure(self, desk: Desk, setting: Setting) -> None:
        """See `Backend.configure`."""
        self._patiently(lambda: self._sdk.projects.update(int(desk.id), label_config=_configuration(setting)))

    def held(self, desk: Desk) -> dict[str, str]:
        """See `Backend.held`."""
        return {doc_id: sha for doc_id, (_, sha) in self._held_tasks(desk).items()}

    def _held_tasks(self, desk: Desk) -> dict[str, tuple[int, str]]:
        found: dict[str, tuple[int, str]] = {}
        for task in self._listed(desk, "id,data"):
            document = _document(task["id"], desk.id, task["data"], {})
            found.setdefault(document.id, (task["id"], document.sha256))
        self._task_ids |= {(desk.id, doc_id): number for doc_id, (number, _) in found.items()}
        return found

    def _task_id(self, desk: Desk, doc_id: str) -> int:
        """The task of a document. It never changes, so a desk is listed once and not for every reading."""
        if (desk.id, doc_id) not in self._task_ids:
            self._held_tasks(desk)
        if (desk.id, doc_id) not in self._task_ids:
            raise InputError(f"{desk.url}: document {doc_id} is not on this desk")
        return self._task_ids[desk.id, doc_id]

    def add(self, desk: Desk, items: Iterable[Item], setting: Setting, account: Account) -> None:
        """See `Backend.add`. A batch is one transaction of the server's: all of it is there, or none.

        The next batch is made while the server takes one in.
        """
        names = schemas.control_names(setting.schema)
        expected = sum(on == desk.id for on, _ in self._task_ids)

        def imports() -> Iterator[Callable[[], None]]:
            nonlocal expected
            user: int | None = None
            for batch in _batches(items):
                if user is None and any(item.work is not None for item in batch):
                    user = self._user_id(account)
                body = msgspec.json.encode([_task(item, setting, user, names) for item in batch])
                expected += len(batch)
                yield partial(self._import, desk, batch, body)

        deque(ahead(imports()), maxlen=0)
        if self._count(desk) != expected:
            self._drop_doubles(desk)

    def _import(self, desk: Desk, batch: Sequence[Item], body: bytes) -> None:
        looking(
            lambda: self._post_encoded(f"/api/projects/{desk.id}/import", body),
            lambda: not missing(batch, self.held(desk)),
        )

    def _drop_doubles(self, desk: Desk) -> None:
        """Leave one task of each document: the server may still have carried out an import of a push that died, or one
        whose answer was lost, after we looked. A task with work on it always stays."""
        tasks: dict[str, list[int]] = {}
        for task in self._listed(desk, "id,data"):
            tasks.setdefault(_document(task["id"], desk.id, task["data"], {}).id, []).append(task["id"])
        doubled = {doc_id: numbers for doc_id, numbers in tasks.items() if len(numbers) > 1}
        numbers = sorted(number for each in doubled.values() for number in each)
        worked_on = {
            task.id
            for at in range(0, len(numbers), EXPORTED)
            for task in self._export(desk, numbers[at : at + EXPORTED])
            if task.annotations or task.drafts
        }
        for doc_id, each in doubled.items():
            kept = next((number for number in each if number in worked_on), each[0])
            self._task_ids[desk.id, doc_id] = kept
            for number in each:
                if number != kept and number not in worked_on:
                    self._patiently(partial(self._delete, f"/api/tasks/{number}/"))

    def _delete(self, path: str) -> None:
        """Take something away; it may be gone already."""
        answer = self._http.delete(path)
        if answer.status_code != 404:
            answer.raise_for_status()

    def _user_id(self, account: Account) -> int:
        if account == self.admin:
            return int(self._get("/api/current-user/whoami")["id"])
        for user in self._get("/api/users"):
            if user["email"] == account.user:
                return int(user["id"])
        raise ServerError(f"{self.address}: there is no user {account.user}: push again")

    def readings(self, desk: Desk, setting: Setting) -> Iterator[Reading]:
        """See `Backend.readings`. Annotations by others than the desk's annotator go by their own name."""
        own = {_email(desk.annotator), desk.annotator} if desk.annotator else set()
        names: dict[object, str] = {}
        for user in self._get("/api/users"):
            # Annotations name their author by number, drafts by address.
            name = desk.annotator if user["email"] in own else user["email"]
            names |= {user["id"]: name, user["email"]: name}
        for task in self._tasks(desk):
            yield from self._task_readings(task, names, setting)

    def _tasks(self, desk: Desk) -> Iterator[_Task]:
        """All tasks with all their work, some at a time: the server exports the next ones while these are read."""
        numbers = self._numbers(desk)
        parts = (numbers[at : at + EXPORTED] for at in range(0, len(numbers), EXPORTED))
        for tasks in ahead(partial(self._export, desk, part) for part in parts):
            yield from tasks

    def _numbers(self, desk: Desk) -> Sequence[int]:
        """Numbers among which are those of all tasks of a desk, rising.

        The server reads all work on a task to list its number, which takes half as long as to export it, and an export
        passes over numbers that the desk has not. So it is asked for the first and the last, unless others' tasks lie
        between them in such numbers that to ask for all would take longer than the list.
        """
        low = self._peek(desk, "id", ordering=["tasks:id"])
        high = self._peek(desk, "id", ordering=["-tasks:id"])
        ends = [task["id"] for task in (*low["tasks"], *high["tasks"])]
        if ends and ends[-1] - ends[0] < SPARSE * low["total"]:
            return range(ends[0], ends[-1] + 1)
        return sorted(task["id"] for task in self._listed(desk, "id"))

    def _peek(self, desk: Desk, field: str, **query: Any) -> Record:
        """A field of the first task in an order or of a choice, if there is one, and how many tasks there are."""
        asked = {"page_size": 1, "include": field, "query": json.dumps(query)}
        answer: Record = self._get("/api/tasks", project=desk.id, **asked)
        return answer

    def _export(self, desk: Desk, numbers: Iterable[int]) -> list[_Task]:
        """Those of the tasks with these numbers that the desk has, with all their work."""
        whole: dict[str, Any] = {"exportType": "JSON", "download_all_tasks": "true", "ids[]": list(numbers)}

        def call() -> list[_Task]:
            # Read as a stream: an answer that was read whole keeps its megabytes until cycles are looked for.
            with self._http.stream("GET", f"/api/projects/{desk.id}/export", params=whole) as answer:
                if answer.is_error:
                    answer.read()
                    answer.raise_for_status()
                return msgspec.json.decode(b"".join(answer.iter_bytes()), type=list[_Task])

        return self._patiently(call)

    def _count(self, desk: Desk) -> int:
        """How many tasks a desk has."""
        return int(self._peek(desk, "id")["total"])

    def _listed(self, desk: Desk, fields: str) -> Iterator[Record]:
        """The tasks of a desk with these fields, in the order of the desk."""
        page, total = 1, 1
        while (page - 1) * PAGE < total:
            answer = self._get("/api/tasks", project=desk.id, fields="all", include=fields, page=page, page_size=PAGE)
            yield from answer["tasks"]
            page, total = page + 1, answer["total"]

    def _task_readings(self, task: _Task, names: Mapping[object, str], setting: Setting) -> Iterator[Reading]:
        document = _document(task.id, task.project, task.data, task.meta)
        works: dict[str, list[_Work]] = {}
        for work in task.works():
            works.setdefault(names.get(work.author, f"user {work.author}"), []).append(work)
        for name, found in sorted(works.items()):
            # A draft on top of something submitted is an unfinished change: what was submitted counts.
            *older, work = sorted(found, key=lambda work: (not work.is_draft, str(work.updated_at)))
            earlier = [each.id for each in older if not each.is_draft]
            yield self._reading(task, document, name, work, earlier, setting)

    def _reading(
        self, task: _Task, document: Document, name: str, work: _Work, earlier: Sequence[int], setting: Setting
    ) -> Reading:
        parsed = regions.from_regions(work.result, document.text, setting.schema)
        place = {"tool": self.tool, "server": self.address, "project": task.project, "task": task.id}
        place |= {"draft" if work.is_draft else "annotation": work.id} | ({"earlier": earlier} if earlier else {})
        annotation = Annotation(
            doc_id=document.id,
            annotator=name,
            status="draft" if work.is_draft else "skipped" if work.was_cancelled else "submitted",
            spans=parsed.spans,
            relations=parsed.relations,
            attributes=parsed.attributes,
            created_at=work.created_at,
            updated_at=work.updated_at,
            lead_time=work.lead_time,
            origin=place,
            started_from=task.data.get("started_from") or None,
        )
        url = f"{self.address}/projects/{task.project}/data?task={task.id}"
        return Reading(document, annotation, parsed.problems, work.result, url, parsed.answer)

    def state(self, desk: Desk) -> object:
        """See `Backend.state`. A task's time is that of the last change of an annotation; drafts do not touch it."""
        newest = self._peek(desk, "updated_at", ordering=["-tasks:updated_at"])
        drafted = {"filter": "filter:tasks:draft_exists", "operator": "equal", "type": "Boolean", "value": True}
        drafts = self._peek(desk, "id", filters={"conjunction": "and", "items": [drafted]})
        return newest["tasks"], newest["total"], newest["total_annotations"], drafts["total"]

    @contextmanager
    def told(self, projects: Sequence[str]) -> Iterator[Event]:
        """See `Backend.told`: by a webhook, where the server can reach this machine's loopback."""
        path = f"/tahkim-{projects[0]}"
        with listening(path) as (address, changed):
            # A watch that was killed leaves its webhook behind.
            self._forget(path)
            for desk in (desk for project in projects for desk in self.desks(project)):
                hook = {"url": address, "project": int(desk.id), "send_payload": False, "send_for_all_actions": True}
                self._patiently(lambda hook=hook: self._sdk.webhooks.create(**hook))  # type: ignore[misc]
            try:
                yield changed
            finally:
                self._forget(path)

    def _forget(self, path: str) -> None:
        for hook in self._get("/api/webhooks/"):
            if hook["url"].endswith(path):
                self._patiently(lambda number=hook["id"]: self._sdk.webhooks.delete(number))  # type: ignore[misc]

    def ask(self, desk: Desk, doc_id: str, questions: Sequence[str]) -> None:
        """See `Backend.ask`. The open-source edition has no comments and cannot send a task back: the questions stand
        above the text, with a field for the answer, and in the list of tasks."""
        path = f"/api/tasks/{self._task_id(desk, doc_id)}/"
        data = self._get(path)["data"]
        question = "\n".join(questions)
        if data.get("question") != question:
            body = {"data": {**data, "question": question}}
            self._patiently(lambda: self._http.patch(path, json=body, auth=self._auth).raise_for_status())

    def submit(self, desk: Desk, item: Item, setting: Setting, account: Account) -> None:
        """See `Backend.submit`, with the annotator's own token where we know it."""
        if item.work is None:
            return
        work = item.work
        task = self._task_id(desk, item.document.id)
        path, body = f"/api/tasks/{task}/annotations/", _work(work, item.document, setting)
        auth = _Token(account.token) if account.token else None

        def there() -> list[Record]:
            return [old for old in self._get(path) if not old["was_cancelled"] or work.status == "skipped"]

        before = there()
        if not before:
            looking(lambda: self._post(path, body, auth), lambda: bool(there()))
        elif any(before[-1][key] != body[key] for key in ("result", "was_cancelled")):
            old = f"/api/annotations/{before[-1]['id']}/"
            self._patiently(lambda: self._http.patch(old, json=body, auth=auth or self._auth).raise_for_status())


class _Token(httpx.Auth):
    """A legacy token goes as it is; a personal one (a JWT) is exchanged for a bearer that lives five minutes."""

    requires_response_body = True

    def __init__(self, token: str) -> None:
        self._token = token
        self._bearer = ""

    def __repr__(self) -> str:
        return "_Token()"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._token.count(".") != 2:
            request.headers["Authorization"] = f"Token {self._token}"
            yield request
            return
        for _ in range(2):
            if not self._bearer:
                url = request.url.copy_with(raw_path=b"/api/token/refresh")
                answer = yield httpx.Request("POST", url, json={"refresh": self._token})
                if answer.status_code != 200:
                    return
                self._bearer = answer.json()["access"]
            request.headers["Authorization"] = f"Bearer {self._bearer}"
            answer = yield request
            if answer.status_code != 401:
                return
            self._bearer = ""


class _TruncatedError(Exception):
    """An answer that ends in the midst of itself."""


class _Work(Struct):
    """An annotation or a draft as it comes in an export: who it is by has another name in each."""

    id: int
    result: msgspec.Raw = msgspec.Raw(b"null")
    completed_by: Any = None
    user: Any = None
    was_cancelled: bool = False
    created_at: str | None = None
    updated_at: str | None = None
    lead_time: int | float | None = None
    is_draft: bool = False

    @property
    def author(self) -> Any:
        """The number of the author of an annotation, the address of that of a draft."""
        by = self.user if self.is_draft else self.completed_by
        return by["id"] if isinstance(by, dict) else by


class _Task(Struct):
    """A task as it comes in an export; drafts may be their numbers alone."""

    id: int
    data: Record
    meta: Any = None
    project: Any = None
    annotations: list[_Work] = []
    drafts: list[_Work | int] = []

    def works(self) -> list[_Work]:
        """All work on it."""
        drafts = [draft for draft in self.drafts if isinstance(draft, _Work)]
        return [*self.annotations, *(replace(draft, is_draft=True) for draft in drafts)]


# The forms of things.


def _configuration(setting: Setting) -> str:
    return schemas.build(setting.schema, setting.profile)["label_studio.xml"]


def _same(one: str, other: str) -> bool:
    """Whether two configurations differ at most in how they are laid out."""
    return len({ElementTree.canonicalize(xml, strip_text=True) for xml in (one, other)}) == 1


def _email(annotator: str) -> str:
    """The address an annotator goes by: the name if it is one, else one made of it."""
    if "@" in annotator:
        return annotator
    if re.fullmatch(r"[A-Za-z0-9._-]+", annotator):
        return f"{annotator.lower()}@tahkim.local"
    return f"annotator-{text_hash(annotator)[:12]}@tahkim.local"


def _document(number: int, project: Any, data: Record, meta: Any) -> Document:
    """The document of a task, ours or anybody's: there the text is what `text` holds, or the longest of all."""
    texts = [value for value in data.values() if isinstance(value, str)]
    text = data["text"] if isinstance(data.get("text"), str) else max(texts, key=len, default="")
    own = data.get("doc_id") or data.get("id")
    doc_id = str(own) if own else f"label-studio-{project or 0}-{number}"
    return Document(id=doc_id, text=text, meta=meta or {})


def _task(item: Item, setting: Setting, user: int | None, names: regions.Names) -> Record:
    document = item.document
    data = {"text": document.text, "doc_id": document.id}
    task: Record = {"data": data, "meta": dict(document.meta)}
    if item.note:
        data["note"] = item.note
    if item.question:
        data["question"] = item.question
    if item.suggestion is not None:
        data["started_from"] = item.suggestion.annotator
        # One version for all: where the tool shows one prediction, it is the version that the project names, and that
        # is the last one of the project's first import.
        shown = [(each.annotator, each) for each in item.others] + [("tahkim", item.suggestion)]
        task["predictions"] = [
            {"model_version": name, "result": regions.to_regions(each, document.text, setting.schema, names)}
            for name, each in shown
        ]
    if item.work is not None:
        if item.work.started_from:
            data["started_from"] = item.work.started_from
        task["annotations"] = [
            _work(item.work, document, setting, names) | {"completed_by": user, "ground_truth": False}
        ]
    return task


def _work(work: Annotation, document: Document, setting: Setting, names: regions.Names | None = None) -> Record:
    return {
        "result": regions.to_regions(work, document.text, setting.schema, names),
        "was_cancelled": work.status == "skipped",
        "lead_time": work.lead_time,
    }


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    longest, size = FIRST_DOCUMENTS, 0
    for item in items:
        batch.append(item)
        marks = sum(len(a.spans) + len(a.relations) for a in (item.suggestion, item.work) if a is not None)
        size += len(item.document.text) + marks * MARK_SIZE
        if len(batch) >= longest or size >= BATCH_SIZE:
            yield batch
            batch, longest, size = [], BATCH_DOCUMENTS, 0
    if batch:
        yield batch


def _places(configuration: str) -> set[tuple[str, str]]:
    """What a labelling configuration has a place for: labels, relations, controls and their choices."""
    found = set()
    for element in ElementTree.fromstring(configuration).iter():
        if element.tag in ("Label", "Relation"):
            found.add((element.tag.lower(), element.get("value", "")))
        elif element.tag in ("Choices", "Number", "TextArea"):
            name = element.get("name", "")
            found.add(("control", name))
            found |= {(f"choice of {name}", choice.get("value", "")) for choice in element}
    return found


def _used(task: _Task) -> set[tuple[str, str]]:
    """The places that the work on a task uses."""
    found = set()
    for work in task.works():
        result = msgspec.json.decode(work.result)
        for region in result if isinstance(result, list) else []:
            value, control = region.get("value") or {}, str(region.get("from_name"))
            if region.get("type") == "relation":
                found |= {("relation", label) for label in region.get("labels") or []}
            elif "labels" in value:
                found |= {("label", label) for label in value["labels"]}
            else:
                found.add(("control", control))
                found |= {(f"choice of {control}", choice) for choice in value.get("choices") or []}
    return found
