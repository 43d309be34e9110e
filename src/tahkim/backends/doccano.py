"""doccano: a collaborative project for each desk, an example for each document.

It goes in by upload and comes out by download, both done by doccano's worker; what is single goes over the client. A
worker that dies leaves part of an upload behind, so the desk's description names the upload that is under way, and
the next push first mends what that one left. doccano holds no attributes, no times and no users of marks.
"""

from __future__ import annotations

import json
import re
import secrets
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice, pairwise
from threading import Event
from typing import IO, Any

import requests
from doccano_client import DoccanoClient  # type: ignore[import-untyped]

from tahkim import schema as schemas
from tahkim.backends import examples
from tahkim.backends.desks import Account, Desk, Finding, Item, Reading, Setting, mark, marked, missing, shortened
from tahkim.backends.patience import LOOKS, Fault, LostError, Secrets, looking, patiently, retry_after
from tahkim.errors import InputError, ServerError
from tahkim.model import Annotation, Document, Status, text_hash

Record = dict[str, Any]

LONGEST_TITLE = 100
PAGE = 500
BATCH = 1000
TIMEOUT = (10, 300)
JOB_SECONDS = 900
"""How long the worker may take for one job; a thousand long examples take half a minute."""
POLL_SECONDS = 0.2
GUIDELINE = """النص من اليمين إلى اليسار: قبل «Start Annotation» افتح القائمة ⋮ في أعلى الصفحة وبدّل LTR إلى RTL، في كل مرة تفتح فيها الموقع.

إذا عاد نص أنجزته غير منجَز فعنه سؤال: افتح التعليقات (الفقاعة فوق النص)، أجب هناك أو صحّح، ثم أكّد النص من جديد.

Text from right to left: before "Start Annotation" open the menu ⋮ at the top and switch LTR to RTL, each time you open the site.

A text that you had finished and that is unfinished again has a question: open the comments (the bubble above the text), answer there or correct your work, and finish it again.
"""  # noqa: E501
"""doccano keeps the direction in the open page alone, and a page that is open already loses its highlights by it."""
_UPLOADING = re.compile(r"Uploading ([0-9a-f]+)\. ")


class Doccano:
    """A server, as one of its administrators."""

    tool = "doccano"
    holds_attributes = False
    holds_keys: Collection[str] | None = ()
    holds_statuses: Collection[Status] = ("submitted", "draft")
    adjudicates = False

    def __init__(self, address: str, user: str, password: str, *, verify: bool | str = True) -> None:
        self.address = address.rstrip("/")
        self._secrets = Secrets(password)
        self.admin = Account(user, password)
        self._verify = verify
        self._clients: dict[str, DoccanoClient] = {}
        self._example_ids: dict[tuple[str, str], int] = {}

    def close(self) -> None:
        """See `Backend.close`."""
        while self._clients:
            self._clients.popitem()[1].session.close()

    # Requests.

    def _client(self, account: Account) -> DoccanoClient:
        """A session of somebody's, logged in once."""
        if account.user not in self._clients:
            self._secrets.add(account.password)
            client = patiently(lambda: self._log_in(account), self._fault, repeatable=True)
            self._secrets.add(str(client.session.headers["X-CSRFToken"]))
            self._clients[account.user] = client
        return self._clients[account.user]

    def _log_in(self, account: Account) -> DoccanoClient:
        client = _Session(self.address, self._verify)
        # As JSON: the client's own login sends a form, in which a password with umlauts is not what it was.
        client.session.post(
            f"{self.address}/v1/auth/login/", json={"username": account.user, "password": account.password}
        )
        client._set_csrf_header()
        return client

    def _send(
        self, method: str, path: str, *, repeatable: bool, by: Account | None = None, **given: Any
    ) -> requests.Response:
        client = self._client(by or self.admin)

        def call() -> requests.Response:
            answer: requests.Response = client.session.request(method, f"{self.address}/v1/{path}", **given)
            return answer

        return patiently(call, self._fault, repeatable=repeatable)

    def _get(self, path: str, by: Account | None = None, **params: Any) -> Any:
        return self._send("GET", path, repeatable=True, by=by, params=params).json()

    def _post(self, path: str, body: object, by: Account | None = None, repeatable: bool = False) -> Any:
        return self._send("POST", path, repeatable=repeatable, by=by, json=body).json()

    def _fault(self, error: Exception) -> Fault | None:
        if isinstance(error, requests.HTTPError) and error.response is not None:
            answer = error.response
            detail = f"answers {answer.status_code}: {_said(answer)}"
            if answer.status_code in (401, 403) or (answer.status_code == 400 and "/auth/login" in answer.url):
                detail = "refuses this login: check user and password and run `tahkim login doccano`"
            after = retry_after(answer.headers.get("retry-after"))
            return Fault(f"{self.address}: {self._secrets.scrubbed(detail)}", answer.status_code, after=after)
        if isinstance(error, requests.exceptions.ConnectTimeout):
            return Fault(f"{self.address}: no server answers there", sent=False)
        if isinstance(error, requests.exceptions.JSONDecodeError | zipfile.BadZipFile):
            return Fault(f"{self.address}: the answer ends too early")
        if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError | requests.Timeout):
            refused = "refused" in str(error) or "NewConnectionError" in str(error)
            what = "no server answers there" if refused else "the connection broke"
            return Fault(f"{self.address}: {what}", sent=not refused)
        return None

    def _pages(self, path: str, **params: Any) -> Iterator[Record]:
        offset, count = 0, 1
        while offset < count:
            answer = self._get(path, limit=PAGE, offset=offset, **params)
            yield from answer["results"]
            offset, count = offset + PAGE, answer["count"]

    # The server.

    def check(self) -> list[Finding]:
        """See `Backend.check`. doccano does not tell its version: what it can do is looked at."""
        me = self._get("me")
        detail = f"{me['username']} is an administrator" if me["is_staff"] else f"{me['username']} may make no projects"
        found = [Finding("permissions", bool(me["is_staff"]), detail)]
        try:
            self._settle_worker()
        except ServerError as error:
            return [*found, Finding("worker", False, str(error))]
        return [*found, Finding("worker", True, "takes jobs")]

    def desks(self, project: str) -> list[Desk]:
        """See `Backend.desks`."""
        return [
            Desk(annotator, str(each["id"]), f"{self.address}/projects/{each['id']}")
            for each in self._pages("projects")
            if (annotator := marked(each["description"], project)) is not None
        ]

    def foreign(self, remote: str) -> Desk:
        """See `Backend.foreign`."""
        number = self._get(f"projects/{remote}")["id"]
        return Desk("", str(number), f"{self.address}/projects/{number}")

    def account(self, annotator: str, known: Account | None) -> Account:
        """See `Backend.account`."""
        if known is not None and known.password:
            self._secrets.add(known.password)
            return known
        user = _username(annotator)
        password = self._secrets.password(user)
        self._secrets.add(password)

        def exists() -> bool:
            return any(each["username"] == user for each in self._get("users"))

        if not exists():
            body = {"username": user, "password1": password, "password2": password}
            looking(lambda: self._post("users/create", body), exists)
        account = Account(user, password)
        try:
            self._client(account)
        except ServerError:
            return known or Account(user)
        return account

    # Desks.

    def open(self, project: str, title: str, annotator: str, account: Account, setting: Setting) -> Desk:
        """See `Backend.open`."""

        def there() -> Desk | None:
            return next((desk for desk in self.desks(project) if desk.annotator == annotator), None)

        desk = there()
        if desk is None:
            body = {
                "name": shortened(title, LONGEST_TITLE),
                "description": _description(project, annotator),
                "guideline": GUIDELINE,
                "project_type": "SequenceLabeling",
                "resourcetype": "SequenceLabelingProject",
                "use_relation": True,
                "allow_overlapping": setting.schema.overlap_allowed,
                "grapheme_mode": False,
                "collaborative_annotation": True,
                "random_order": False,
                "tags": [],
            }
            looking(lambda: self._post("projects", body), lambda: there() is not None)
            desk = there()
        if desk is None:
            raise ServerError(f"{self.address}: took the desk of {annotator} and does not show it: push again")
        self._join(desk, account)
        if not self._types(desk, "span"):
            self.configure(desk, setting)
        self._mend(desk, account)
        return desk

    def _join(self, desk: Desk, account: Account) -> None:
        path = f"projects/{desk.id}/members"

        def is_in() -> bool:
            return any(each["username"] == account.user for each in self._get(path))

        if not is_in():
            roles = {each["name"]: each["id"] for each in self._get("roles")}
            user = next(each["id"] for each in self._get("users") if each["username"] == account.user)
            looking(lambda: self._post(path, {"role": roles["annotator"], "user": user}), is_in)

    def _types(self, desk: Desk, kind: str) -> dict[str, int]:
        return {each["text"]: each["id"] for each in self._get(f"projects/{desk.id}/{kind}-types")}

    def remove(self, desk: Desk) -> None:
        """See `Backend.remove`."""
        self._send("DELETE", f"projects/{desk.id}", repeatable=True)

    def losses(self, desk: Desk, setting: Setting) -> list[str] | None:
        """See `Backend.losses`. Deleting a type deletes all its marks, so none that is used is ever deleted."""
        lost: list[str] = []
        differs = self._get(f"projects/{desk.id}")["allow_overlapping"] != setting.schema.overlap_allowed
        for kind, wanted in _wanted_types(setting).items():
            now = self._types(desk, kind)
            differs = differs or set(now) != {each["text"] for each in wanted}
            used = self._distribution(desk, kind)
            gone = sorted(set(now) - {each["text"] for each in wanted})
            lost += [f"{'label' if kind == 'span' else 'relation'} {n} ({used[n]} times)" for n in gone if used[n]]
        return lost if differs else None

    def _distribution(self, desk: Desk, kind: str) -> Counter[str]:
        """How many marks of each type a desk holds."""
        total: Counter[str] = Counter()
        for by_type in self._get(f"projects/{desk.id}/metrics/{kind}-distribution").values():
            total.update({name: number for name, number in by_type.items() if number})
        return total

    def configure(self, desk: Desk, setting: Setting) -> None:
        """See `Backend.configure`. All new types of a kind at once: the server takes all of them or none."""
        body = {"resourcetype": "SequenceLabelingProject", "allow_overlapping": setting.schema.overlap_allowed}
        self._send("PATCH", f"projects/{desk.id}", repeatable=True, json=body)
        for kind, wanted in _wanted_types(setting).items():
            path, now = f"projects/{desk.id}/{kind}-type", self._types(desk, kind)
            gone = [now[name] for name in now if name not in {each["text"] for each in wanted}]
            if gone:
                self._send("DELETE", f"{path}s", repeatable=True, json={"ids": gone})
            new = [each for each in wanted if each["text"] not in now]
            if new:
                files = {"file": (f"{kind}-types.json", json.dumps(new).encode())}
                looking(
                    partial(self._send, "POST", f"{path}-upload", repeatable=False, files=files),
                    lambda kind=kind, new=new: new[0]["text"] in self._types(desk, kind),  # type: ignore[misc]
                )

    def held(self, desk: Desk) -> dict[str, str]:
        """See `Backend.held`."""
        found = {}
        for document, example in self._held_examples(desk):
            found[document.id] = document.sha256
            self._example_ids[desk.id, document.id] = example["id"]
        return found

    def _held_examples(self, desk: Desk, **only: Any) -> Iterator[tuple[Document, Record]]:
        for example in self._pages(f"projects/{desk.id}/examples", **only):
            yield _document(desk, example["id"], example["text"] or "", example["meta"]), example

    def add(self, desk: Desk, items: Iterable[Item], setting: Setting, account: Account) -> None:
        """See `Backend.add`."""
        expected = sum(on == desk.id for on, _ in self._example_ids)
        for batch in _batches(items):
            left = batch
            expected += len(batch)
            for _ in range(LOOKS):
                try:
                    self._upload(desk, left, setting, account)
                    break
                except LostError:
                    self._mend(desk, account)
                    left = missing(batch, self.held(desk))
                    if not left:
                        break
            else:
                raise ServerError(f"{self.address}: the answers to uploads are lost again and again: push again later")
        if self._get(f"projects/{desk.id}/examples", limit=1)["count"] != expected:
            self._drop_doubles(desk, "")

    def _describe(self, desk: Desk, uploading: str = "") -> None:
        """Write into the desk's description which upload is under way."""
        project = self._get(f"projects/{desk.id}")
        plain = _UPLOADING.sub("", project["description"])
        body = {"resourcetype": "SequenceLabelingProject"}
        body["description"] = f"Uploading {uploading}. {plain}" if uploading else plain
        self._send("PATCH", f"projects/{desk.id}", repeatable=True, json=body)

    def _upload(self, desk: Desk, batch: Sequence[Item], setting: Setting, account: Account) -> None:
        name = secrets.token_hex(8)
        lines = b"".join(json.dumps(_line(item, name, setting)).encode() + b"\n" for item in batch)
        self._describe(desk, name)
        # Sending the file and starting the job are two requests; a file without a job is nothing.
        sent = self._send("POST", "fp/process/", repeatable=True, files={"filepond": (f"{name}.jsonl", lines)})
        self._import(desk, [sent.text])
        if any(_is_submitted(item) for item in batch):
            self._confirm(desk, name, account)
        self._describe(desk)

    def _import(self, desk: Desk, uploads: list[str]) -> None:
        body = {"format": "JSONL", "task": "RelationExtraction", "encoding": "utf_8", "uploadIds": uploads}
        job = self._post(f"projects/{desk.id}/upload", body)["task_id"]
        result = self._job(job)
        if result.get("error") or (result.get("result") or {}).get("error"):
            raise ServerError(
                f"{self.address}: the upload was refused: {result.get('error') or result['result']['error']}"
            )

    def _job(self, job: str) -> Record:
        """What a job of the worker's came to."""
        until = time.monotonic() + JOB_SECONDS
        while time.monotonic() < until:
            state: Record = self._get(f"tasks/status/{job}")
            if state.get("ready"):
                return state
            time.sleep(POLL_SECONDS)
        raise ServerError(
            f"{self.address}: its worker did not finish a job in {JOB_SECONDS} s: is `doccano task` running?"
        )

    def _settle_worker(self) -> None:
        """Wait until the worker has done all that was given to it before: a job that does nothing is queued last."""
        projects = list(self._pages("projects"))
        if projects:
            desk = Desk("", str(projects[0]["id"]), "")
            looking(lambda: self._import(desk, []), lambda: False)

    def _mend(self, desk: Desk, account: Account) -> None:
        """Finish an upload that was cut short: examples that came twice, or without all of their marks, go again, and
        those that were to be confirmed are."""
        uploading = _UPLOADING.search(self._get(f"projects/{desk.id}")["description"])
        if uploading is None:
            return
        self._settle_worker()
        self._drop_doubles(desk, uploading[1])
        self._confirm(desk, uploading[1], account)
        self._describe(desk)

    def _drop_doubles(self, desk: Desk, uploading: str) -> None:
        """Leave one example of each document, and of those of a broken upload only whole ones.

        An upload whose answer was lost may still be carried out after we looked. What was worked on always stays.
        """
        examples: dict[str, list[Record]] = {}
        for document, example in self._held_examples(desk):
            examples.setdefault(document.id, []).append(example)
        gone = []
        for doc_id, found in examples.items():
            if len(found) == 1 and _ours(found[0]).get("batch") != uploading:
                continue
            kept = [each for each in found if self._is_touched(desk, each)]
            kept = kept or [each for each in found if not self._is_torso(desk, each)][:1]
            gone += [each["id"] for each in found if each not in kept]
            self._example_ids.pop((desk.id, doc_id), None)
        if gone:
            self._send("DELETE", f"projects/{desk.id}/examples", repeatable=True, json={"ids": gone})

    def _is_touched(self, desk: Desk, example: Record) -> bool:
        """Whether anybody but the uploader has worked on an example."""
        uploader = self._get("me")["id"]
        marks = [each for kind in self._all_marks(desk, example) for each in kind]
        return bool(example["is_confirmed"]) or any(each["user"] != uploader for each in marks)

    def _is_torso(self, desk: Desk, example: Record) -> bool:
        """Whether marks of an example never came: there are fewer than were sent."""
        sent = _ours(example).get("marks") or [0, 0]
        return any(len(kind) < n for kind, n in zip(self._all_marks(desk, example), sent, strict=True))

    def _all_marks(self, desk: Desk, example: Record) -> list[list[Record]]:
        path = f"projects/{desk.id}/examples/{example['id']}"
        return [self._get(f"{path}/{kind}") for kind in ("spans", "relations")]

    # Reading.

    def readings(self, desk: Desk, setting: Setting) -> Iterator[Reading]:
        """See `Backend.readings`. Confirmed examples are submitted, the rest are drafts.

        A download reads spans first and relations later; when marks came or went meanwhile, each confirmed example is
        read again by itself.
        """
        project = self._get(f"projects/{desk.id}")
        job = self._post(f"projects/{desk.id}/download", {"format": "JSONL", "exportApproved": False}, repeatable=True)
        # While the worker writes.
        is_confirmed = self._confirmed(desk)
        with tempfile.TemporaryFile() as file:
            self._download(desk, job["task_id"], file)
            still = not project["collaborative_annotation"] or self._is_still(desk, file)
            with zipfile.ZipFile(file) as archive:
                for member in archive.namelist():
                    name = desk.annotator or member.removesuffix(".jsonl")
                    with archive.open(member) as lines:
                        for page, line in enumerate(lines, start=1):
                            yield self._reading(desk, project, name, page, json.loads(line), is_confirmed, still)

    def _confirmed(self, desk: Desk) -> Callable[[int], bool]:
        """Whether an example is confirmed, by its number. Lists take the server long: the shorter one is read."""
        path = f"projects/{desk.id}/examples"
        total = self._get(path, limit=1)["count"]
        fewer = bool(2 * self._get(path, limit=1, confirmed="true")["count"] <= total)
        listed = {each["id"] for each in self._pages(path, confirmed=str(fewer).lower())}
        return lambda number: (number in listed) == fewer

    def _download(self, desk: Desk, job: str, file: IO[bytes]) -> None:
        path, until = f"projects/{desk.id}/download", time.monotonic() + JOB_SECONDS
        client = self._client(self.admin)

        def fetch() -> bool:
            file.seek(0)
            file.truncate()
            with client.session.get(f"{self.address}/v1/{path}", params={"taskId": job}, stream=True) as answer:
                if "json" in answer.headers["content-type"]:
                    return False
                for chunk in answer.iter_content(1 << 20):
                    file.write(chunk)
            with zipfile.ZipFile(file) as archive:
                archive.namelist()
            return True

        while not patiently(fetch, self._fault, repeatable=True):
            if time.monotonic() > until:
                raise ServerError(
                    f"{self.address}: its worker did not finish a job in {JOB_SECONDS} s: is `doccano task` running?"
                )
            time.sleep(POLL_SECONDS)

    def _is_still(self, desk: Desk, file: IO[bytes]) -> bool:
        """Whether a download holds as many marks of each type as the desk holds now."""
        spans: Counter[str] = Counter()
        relations: Counter[str] = Counter()
        with zipfile.ZipFile(file) as archive:
            for member in archive.namelist():
                with archive.open(member) as lines:
                    for line in lines:
                        record = json.loads(line)
                        spans.update(each["label"] for each in record["entities"])
                        relations.update(each["type"] for each in record["relations"])
        return (spans, relations) == (self._distribution(desk, "span"), self._distribution(desk, "relation"))

    def _reading(
        self,
        desk: Desk,
        project: Record,
        name: str,
        page: int,
        record: Record,
        is_confirmed: Callable[[int], bool],
        still: bool,
    ) -> Reading:
        number = record["id"]
        document = _document(desk, number, record["text"], {k: v for k, v in record.items() if k == examples.OURS})
        status = "submitted" if is_confirmed(number) or not desk.annotator else "draft"
        if not still and status == "submitted":
            record = record | self._marks(desk, number)
        parsed = examples.from_marks(
            record["entities"], record["relations"], document.text, bool(project.get("grapheme_mode"))
        )
        comments = [each["comment"] for each in record.get("Comments") or []]
        ours = record.get(examples.OURS) or {}
        annotation = Annotation(
            doc_id=document.id,
            annotator=name,
            status="submitted" if status == "submitted" else "draft",
            spans=parsed.spans,
            relations=parsed.relations,
            origin={"tool": self.tool, "server": self.address, "project": int(desk.id), "example": number},
            started_from=ours.get("started_from"),
            extra={"comments": comments} if comments else {},
        )
        raw = {"entities": record["entities"], "relations": record["relations"]}
        url = f"{self.address}/projects/{desk.id}/sequence-labeling?page={page}"
        answer = self._answer(desk, number) if comments and desk.annotator else ""
        return Reading(document, annotation, parsed.problems, raw, url, answer)

    def _marks(self, desk: Desk, number: int) -> Record:
        """Entities and relations of one example as they stood together at one moment."""
        names = {kind: {v: k for k, v in self._types(desk, kind).items()} for kind in ("span", "relation")}
        path = f"projects/{desk.id}/examples/{number}"
        spans = self._get(f"{path}/spans")
        while True:
            relations, after = self._get(f"{path}/relations"), self._get(f"{path}/spans")
            if spans == after:
                break
            spans = after
        return {
            "entities": [each | {"label": names["span"][each["label"]]} for each in spans],
            "relations": [each | {"type": names["relation"][each["type"]]} for each in relations],
        }

    def state(self, desk: Desk) -> object:
        """See `Backend.state`: doccano has nothing of the kind."""
        return None

    @contextmanager
    def told(self, projects: Sequence[str]) -> Iterator[Event]:
        """See `Backend.told`: doccano tells nobody anything."""
        yield Event()

    def ask(self, desk: Desk, doc_id: str, questions: Sequence[str]) -> None:
        """See `Backend.ask`: each question is a comment of ours; an example that was confirmed is so no longer."""
        number = self._example_id(desk, doc_id)
        there = [each["text"] for each in self._comments(desk, number) if each["username"] == self.admin.user]
        path = f"projects/{desk.id}/comments?example={number}"
        # The page runs from left to right: isolated, each question runs as its own first letter does.
        asked = [f"\u2068{question}\u2069" for question in questions]
        fresh = [question for question in asked if question not in there]
        for question in fresh:
            looking(
                partial(self._post, path, {"text": question}),
                lambda question=question: any(  # type: ignore[misc]
                    each["text"] == question for each in self._comments(desk, number)
                ),
            )
        states = f"projects/{desk.id}/examples/{number}/states"
        if fresh and self._get(states)["count"]:
            looking(lambda: self._post(states, {}), lambda: not self._get(states)["count"])

    def _comments(self, desk: Desk, number: int) -> list[Record]:
        return list(self._pages(f"projects/{desk.id}/comments", example=number, ordering="created_at"))

    def _answer(self, desk: Desk, number: int) -> str:
        """What others said after our last comment on an example."""
        comments = self._comments(desk, number)
        ours = [at for at, each in enumerate(comments) if each["username"] == self.admin.user]
        return "\n".join(each["text"] for each in comments[ours[-1] + 1 :]) if ours else ""

    # Writing as an annotator.

    def submit(self, desk: Desk, item: Item, setting: Setting, account: Account) -> None:
        """See `Backend.submit`: what is not wanted is deleted, what is missing made, mark by mark, then confirmed."""
        if item.work is None:
            return
        by = account if account.password else self.admin
        number = self._example_id(desk, item.document.id)
        self._equal(desk, number, item, by)
        if item.work.status == "submitted":
            self._confirm_one(desk, number, by)

    def _equal(self, desk: Desk, number: int, item: Item, by: Account) -> None:
        """Make the marks of an example those of `item.work`."""
        assert item.work is not None
        path = f"projects/{desk.id}/examples/{number}"
        types = {kind: self._types(desk, kind) for kind in ("span", "relation")}
        entities, relations = examples.to_marks(item.work, item.document.text)
        spans = self._get(f"{path}/spans")
        known = {each["id"] for each in spans}
        there: dict[tuple[int, int, int], list[int]] = {}
        for each in spans:
            there.setdefault((each["label"], each["start_offset"], each["end_offset"]), []).append(each["id"])
        wanted = [(types["span"][e["label"]], e["start_offset"], e["end_offset"]) for e in entities]
        counted = Counter(wanted)
        for key, ids in there.items():
            for surplus in ids[counted[key] :]:
                self._send("DELETE", f"{path}/spans/{surplus}", repeatable=True, by=by)
            del ids[counted[key] :]
        numbers = []
        for label, start, end in wanted:
            ids = there.get((label, start, end), [])
            body = {"label": label, "start_offset": start, "end_offset": end}
            numbers.append(ids.pop(0) if ids else self._made(f"{path}/spans", body, known, by))
        arcs = Counter((types["relation"][r["type"]], numbers[r["from_id"]], numbers[r["to_id"]]) for r in relations)
        tied = self._get(f"{path}/relations")
        for each in tied:
            arc = (each["type"], each["from_id"], each["to_id"])
            if arcs[arc] > 0:
                arcs[arc] -= 1
            else:
                self._send("DELETE", f"{path}/relations/{each['id']}", repeatable=True, by=by)
        known = {each["id"] for each in tied}
        for kind, head, tail in arcs.elements():
            self._made(f"{path}/relations", {"type": kind, "from_id": head, "to_id": tail}, known, by)

    def _made(self, path: str, body: Record, known: set[int], by: Account) -> int:
        """The number of a mark, made once even where the answer is lost; it joins those `known` on the example."""
        answer: Record = {}

        def new() -> list[int]:
            fresh = [each for each in self._get(path) if each["id"] not in known]
            return [each["id"] for each in fresh if all(each[name] == value for name, value in body.items())]

        looking(lambda: answer.update(self._post(path, body, by)), lambda: bool(new()))
        number = int(answer["id"] if answer else new()[0])
        known.add(number)
        return number

    def _example_id(self, desk: Desk, doc_id: str) -> int:
        """The example of a document. It never changes, so a desk is listed once and not for every reading."""
        if (desk.id, doc_id) not in self._example_ids:
            self.held(desk)
        if (desk.id, doc_id) not in self._example_ids:
            raise InputError(f"{desk.url}: document {doc_id} is not on this desk")
        return self._example_ids[desk.id, doc_id]

    def _confirm(self, desk: Desk, uploading: str, account: Account) -> None:
        """Confirm the examples of an upload whose work was submitted. The request toggles: it is sent only for those
        that are not confirmed."""
        by = account if account.password else self.admin
        for _, example in list(self._held_examples(desk, confirmed="false")):
            ours = _ours(example)
            if ours.get("batch") == uploading and ours.get("submitted"):
                path = f"projects/{desk.id}/examples/{example['id']}/states"
                looking(partial(self._post, path, {}, by), lambda path=path: self._get(path)["count"] > 0)  # type: ignore[misc]

    def _confirm_one(self, desk: Desk, number: int, by: Account) -> None:
        """Confirm an example that is not. The request toggles: it is sent only where there is no state."""
        path = f"projects/{desk.id}/examples/{number}/states"

        def is_confirmed() -> bool:
            return bool(self._get(path)["count"])

        if not is_confirmed():
            looking(lambda: self._post(path, {}, by), is_confirmed)


class _Session(DoccanoClient):  # type: ignore[misc]
    """The client with a session that times out and raises on errors."""

    def __init__(self, address: str, verify: bool | str) -> None:
        self.baseurl = f"{address}/"
        self.session = requests.Session()
        self.session.verify = verify
        self.session.headers["Referer"] = self.baseurl
        self.session.hooks["response"] = [_raise]
        self.session.request = partial(self.session.request, timeout=TIMEOUT)  # type: ignore[method-assign]

    def __repr__(self) -> str:
        return f"_Session({self.baseurl})"


def _raise(answer: requests.Response, *_: object, **__: object) -> None:
    answer.raise_for_status()


def _said(answer: requests.Response) -> str:
    """What a refusal says, in one line."""
    try:
        body = answer.json()
    except ValueError:
        return "no reason given"
    parts = body.values() if isinstance(body, dict) else [body]
    return "; ".join(
        " ".join(part) if isinstance(part, list) and all(isinstance(p, str) for p in part) else str(part)
        for part in parts
    )


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    upcoming = iter(items)
    while batch := list(islice(upcoming, BATCH)):
        yield batch


def _line(item: Item, batch: str, setting: Setting) -> Record:
    """The line of an item. What the server would choke on in the midst of an upload is refused before."""
    if not item.document.text.strip():
        raise InputError(f"document {item.document.id} has no text: doccano takes none such")
    marks = item.work or item.suggestion
    if marks is not None and not setting.schema.overlap_allowed:
        for one, other in pairwise(sorted(marks.spans, key=lambda span: span.start)):
            if other.start < one.end:
                what = f"spans {one.id} and {other.id} of {marks.annotator} overlap, and the schema allows no overlap"
                raise InputError(f"document {item.document.id}: {what}: import a reading that keeps to it")
    shown = item.suggestion.annotator if item.suggestion else item.work.started_from if item.work else None
    return examples.to_line(item.document, marks, shown, batch, _is_submitted(item))


def _is_submitted(item: Item) -> bool:
    return item.work is not None and item.work.status == "submitted"


def _description(project: str, annotator: str) -> str:
    return f"Desk of {annotator}, kept by tahkim. {mark(project, annotator)}"


def _username(annotator: str) -> str:
    """doccano takes letters, digits and @ . + - _ in a name; any other name is replaced by its hash."""
    return annotator if re.fullmatch(r"[\w.@+-]{1,100}", annotator) else f"annotator-{text_hash(annotator)[:12]}"


def _wanted_types(setting: Setting) -> dict[str, list[Record]]:
    types = json.loads(schemas.build(setting.schema, setting.profile)["doccano.json"])
    return {"span": types["span_types"], "relation": types["relation_types"]}


def _ours(example: Mapping[str, Any]) -> Record:
    meta = example.get("meta")
    ours = meta.get(examples.OURS) if isinstance(meta, dict) else None
    return ours if isinstance(ours, dict) else {}


def _document(desk: Desk, number: int, text: str, meta: Any) -> Document:
    doc_id = _ours({"meta": meta}).get("doc_id") or f"doccano-{desk.id}-{number}"
    return Document(id=str(doc_id), text=text, meta={} if desk.annotator else dict(meta or {}))
