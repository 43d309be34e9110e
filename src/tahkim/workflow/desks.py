"""Out to the annotation tools and back: who gets what, push, pull, watch."""

from __future__ import annotations

import fcntl
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from tahkim import assign, interchange
from tahkim import schema as schemas
from tahkim.access import ENVIRONMENT as SERVERS
from tahkim.access import Access, find, read_secret, write_secret
from tahkim.assign import Design
from tahkim.backends import connect
from tahkim.backends.desks import Account, Backend, Desk, Item, Reading, Setting, outside, within
from tahkim.clock import now
from tahkim.errors import ServerError, UsageError
from tahkim.model import Annotation, Document
from tahkim.project import HOME, Project
from tahkim.provenance import Holds, compared, equal_marks
from tahkim.workflow import questions
from tahkim.workflow.boundaries import CUT, as_held, kept_cut

Record = dict[str, Any]
Key = tuple[str, str]
Say = Callable[[str], None]
Thing = TypeVar("Thing")


class Progress(Protocol):
    """How things are shown to be worked on, one after the other, while they are: of so many, if that is known."""

    def __call__(self, things: Iterable[Thing], what: str, total: int | None = None, /) -> Iterable[Thing]: ...


def unshown(things: Iterable[Thing], what: str, total: int | None = None, /) -> Iterable[Thing]:
    """Nothing is shown."""
    return things


DESIGN = "design"
CHUNK = 200
"""Documents that are in memory at once."""


class Pushed(NamedTuple):
    """What a push did on one desk: documents added, there before, and what the tool cannot hold."""

    annotator: str
    url: str
    added: int
    there: int
    unheld: list[str]
    asked: int = 0


class Pulled(NamedTuple):
    """What a pull took from one desk. `problems` name what is left out until it is mended in the tool."""

    annotator: str
    url: str
    new: int
    revised: int
    unchanged: int
    deleted: int
    problems: list[str]
    answered: int = 0


# Access.


@contextmanager
def back_end(project: Project, tool: str, server: str | None = None) -> Iterator[Backend]:
    """The back end of a tool, as the project reaches it. For `files` the desks are files in `desks/`."""
    if tool in SERVERS:
        access = find(tool, server, project.folder / HOME / tool)
    else:
        access = Access(tool, str(project.folder / "desks"), "", "")
    with closing(connect(access)) as backend:
        yield backend


def accounts_file(project: Project) -> Path:
    """Where the annotators' users and passwords are, for the lead to hand out."""
    return project.folder / HOME / "accounts.json"


class Accounts:
    """The accounts of annotators, in a file of mode 600: what is needed to enter work as them, and to tell them."""

    def __init__(self, project: Project, backend: Backend) -> None:
        self.file = accounts_file(project)
        self._server = backend.address
        self._backend = backend

    def of(self, annotator: str) -> Account:
        kept = read_secret(self.file)
        mine = kept.setdefault(self._server, {})
        known = Account(*mine[annotator]) if annotator in mine else None
        account = self._backend.account(annotator, known)
        if account != known:
            mine[annotator] = list(account)
            write_secret(self.file, kept)
        return account


@contextmanager
def alone(project: Project, what: str) -> Iterator[None]:
    """One push, or one pull, of a project at a time: two would both find a document missing, and both send it."""
    with (project.folder / HOME / f"{what}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another {what} of this project is running: wait for it, or stop it") from None
        yield


# Assign.


def design_of(project: Project) -> Design:
    """The design of the project; UsageError where none was made."""
    kept = project.store.settings().get(DESIGN)
    if kept is None:
        raise UsageError("nobody has documents yet: run `tahkim assign ANNOTATOR …` first")
    return msgspec.convert(kept, Design)


def has_design(project: Project) -> bool:
    """Whether anything was given out yet."""
    return DESIGN in project.store.settings()


def assign_documents(project: Project, wanted: Design, *, dry_run: bool = False) -> tuple[Design, assign.Properties]:
    """Give out what is not given out yet, and keep it; what was given out stays. The design and its figures."""
    if wanted.profile and wanted.profile not in project.schema.profiles:
        project.schema.profile(wanted.profile)
    lengths = {document.id: len(document.text) for document in project.store.documents()}
    if not lengths:
        raise UsageError("the project has no documents: run `tahkim ingest` first")
    kept = project.store.settings().get(DESIGN)
    if kept is not None:
        before = msgspec.convert(kept, Design)
        wanted = replace(wanted, given=before.given, everyone=before.everyone)
    design = assign.extended(wanted, lengths)
    if not dry_run:
        project.store.set(DESIGN, assign.to_record(design))
    return design, assign.properties(design, lengths)


def setting_of(project: Project, profile: str = "") -> Setting:
    """The project's schema, and the profile of it that is asked for: its default where none is named."""
    return Setting(project.schema, profile or project.schema.default_profile)


# Push.


def push(
    project: Project, backend: Backend, say: Say, *, dry_run: bool = False, progress: Progress = unshown
) -> list[Pushed]:
    """Bring every annotator's desk to what the design says. Again, it changes nothing; after a death it goes on.

    Raises ServerError where a changed schema would lose work that is on a desk.
    """
    design = design_of(project)
    setting = setting_of(project, design.profile)
    project_id = project.store.project_id
    with alone(project, "push"):
        if dry_run:
            desks = {desk.annotator: desk for desk in backend.desks(project_id)}
            return [_planned(backend, desks.get(name), design, setting, name) for name in design.annotators]
        accounts = Accounts(project, backend)
        title = project.folder.resolve().name
        done = []
        for name in design.annotators:
            account = accounts.of(name)
            desk = backend.open(project_id, f"{title}: {name}", name, account, setting)
            fit(backend, desk, setting)
            say(f"{name}: {desk.url}")
            done.append(_fill(project, backend, desk, design, setting, account, progress))
        return done


def _planned(backend: Backend, desk: Desk | None, design: Design, setting: Setting, name: str) -> Pushed:
    if desk is None:
        return Pushed(name, "a new desk", len(design.of(name)), 0, [])
    held = backend.held(desk)
    losses = backend.losses(desk, setting) or []
    missing = [doc_id for doc_id in design.of(name) if doc_id not in held]
    return Pushed(name, desk.url, len(missing), len(held), [f"the configuration would lose {loss}" for loss in losses])


def fit(backend: Backend, desk: Desk, setting: Setting) -> None:
    """Give a desk the schema's configuration if it has another, unless work would be lost by it."""
    losses = backend.losses(desk, setting)
    if losses:
        raise ServerError(
            f"{desk.url}: the schema has changed, and its new configuration would lose {'; '.join(losses)}: "
            "change that work in the tool first, or put the labels back"
        )
    if losses is not None:
        backend.configure(desk, setting)


def _fill(
    project: Project,
    backend: Backend,
    desk: Desk,
    design: Design,
    setting: Setting,
    account: Account,
    progress: Progress,
) -> Pushed:
    held = backend.held(desk)
    arms = design.of(desk.annotator)
    missing = {doc_id: arm for doc_id, arm in arms.items() if doc_id not in held}
    unheld: list[str] = []
    items = _items(project, backend, desk.annotator, missing, setting, unheld)
    backend.add(desk, progress(items, f"pushing to {desk.annotator}", len(missing)), setting, account)
    if left := _left_behind(project, backend, desk, held):
        what = "newer work from elsewhere, where this desk has older"
        unheld.append(f"{what}: {_few(left)}: remove the desk there first")
    asked = questions.send(project, backend, desk)
    return Pushed(desk.annotator, desk.url, len(missing), len(held), unheld, asked)


def _items(
    project: Project,
    backend: Backend,
    annotator: str,
    missing: Mapping[str, assign.Arm],
    setting: Setting,
    unheld: list[str],
) -> Iterator[Item]:
    """What goes on a desk, a chunk of documents in memory at a time.

    The annotator's own work goes along when there is some: so a project moves from one tool to another.
    """
    documents = (document for document in project.store.documents() if document.id in missing)
    while chunk := list(islice(documents, CHUNK)):
        known: dict[str, dict[str, Annotation]] = {}
        for annotation in project.store.annotations(doc_ids=[document.id for document in chunk]):
            known.setdefault(annotation.doc_id, {})[annotation.annotator] = annotation
        for document in chunk:
            readings = known.get(document.id, {})
            suggestion = _suggestion(readings) if missing[document.id] == "shown" else None
            if suggestion is not None:
                suggestion = within(suggestion, setting, backend.holds_attributes)
            work = readings.get(annotator)
            kept, lost = _moved(work, backend, setting) if work is not None else (None, [])
            unheld += [f"{document.id} by {annotator}: {line}" for line in lost]
            yield Item(document, suggestion, kept)


def _moved(work: Annotation, backend: Backend, setting: Setting) -> tuple[Annotation | None, list[str]]:
    """What of an annotator's earlier work a tool can hold, and a line for all that it cannot."""
    if "invalid" in work.extra:
        return None, ["a reading that is held back: mend it where it was made, and pull it"]
    marks = len(work.spans) + len(work.relations)
    if work.status == "draft" and not marks:
        return None, []
    if work.status not in backend.holds_statuses:
        return None, [f"a {work.status} reading of {marks} marks: it stays as it is here until there is another"]
    # What was cut goes as it is cut: that is what the annotator has there from now on.
    work = replace(work, extra={name: value for name, value in work.extra.items() if name != CUT})
    kept = within(work, setting, backend.holds_attributes)
    return kept, outside(work, kept, backend.holds_keys)


def _left_behind(project: Project, backend: Backend, desk: Desk, held: Mapping[str, str]) -> list[str]:
    """Documents on a desk that were worked on there, and differently at another since then."""
    found = []
    for annotation in project.store.annotations(annotator=desk.annotator) if held else ():
        if annotation.doc_id in held and annotation.votes and not _is_at(annotation, backend, desk):
            stored = (r.annotation for r in project.store.revisions(annotation.doc_id, desk.annotator))
            here = [each for each in stored if _is_at(each, backend, desk)]
            if here and not equal_marks(here[-1], annotation, attributes=backend.holds_attributes):
                found.append(annotation.doc_id)
    return found


def _is_at(annotation: Annotation, backend: Backend, desk: Desk) -> bool:
    """Whether a reading came from a desk."""
    origin = annotation.origin or {}
    return origin.get("tool") == backend.tool and str(origin.get("project")) == desk.id


def _few(doc_ids: Sequence[str]) -> str:
    return ", ".join(doc_ids[:5]) + (f" and {len(doc_ids) - 5} more" if len(doc_ids) > 5 else "")


def _suggestion(readings: Mapping[str, Annotation]) -> Annotation | None:
    """The rules' newest annotation of a document."""
    by_rules = sorted(name for name in readings if name.startswith("rules@"))
    return readings[by_rules[-1]] if by_rules else None


# Pull.


def pull(project: Project, backend: Backend, remote: str | None = None, progress: Progress = unshown) -> list[Pulled]:
    """Take in what the desks hold, changed readings as new revisions; or one remote project with all its annotators.

    What the tool holds and we cannot use is kept as it came, as a draft that neither votes nor counts.
    """
    with alone(project, "pull"):
        if remote is not None:
            return [_take(project, backend, backend.foreign(remote), setting_of(project), {}, progress)]
        design = design_of(project)
        setting = setting_of(project, design.profile)
        desks = sorted(backend.desks(project.store.project_id))
        if not desks:
            raise UsageError(f"{backend.address} has no desk of this project: run `tahkim push {backend.tool}` first")
        return [_take(project, backend, desk, setting, design.of(desk.annotator), progress) for desk in desks]


class _Intake:
    """One pull from one desk: readings in, annotations out, and what there was to say about them."""

    def __init__(self, project: Project, backend: Backend, setting: Setting) -> None:
        self._store, self._setting = project.store, setting
        self._holds = Holds(backend.holds_attributes, backend.holds_keys)
        self._asked_for = setting.labels_with_attributes
        self._texts = {document.id: document.sha256 for document in project.store.documents()}
        self.problems: list[str] = []
        self.outdated: list[str] = []
        self.seen: set[Key] = set()
        self.answers: list[questions.Answer] = []  # those of the part that was given last
        asked = [each for each in questions.questions(project) if each.sent and each.answer is None]
        self._asked = {(each.doc_id, each.annotator) for each in asked}

    def parts(self, readings: Iterator[Reading]) -> Iterator[list[Annotation]]:
        """Readings as what is to be stored, some at a time; those that nobody has begun are passed over."""
        while chunk := list(islice(readings, CHUNK)):
            known = [r.annotation for r in chunk if r.annotation.doc_id in self._texts]
            # Each one's own and what it started from: to read everybody's costs as much as all the rest.
            names = {name for a in known for name in (a.annotator, a.started_from) if name is not None}
            kept = self._store.annotations(names, {a.doc_id for a in known})
            stored = {(a.doc_id, a.annotator): a for a in kept}
            self.answers = []
            found = (self._annotation(reading, stored) for reading in chunk)
            yield [annotation for annotation in found if annotation is not None]

    def unseen(self, desk: Desk) -> list[str]:
        """Documents of which the desk's annotator has nothing there; of one with several annotators, all."""
        return [doc_id for doc_id in self._texts if (doc_id, desk.annotator) not in self.seen]

    def _annotation(self, reading: Reading, stored: Mapping[Key, Annotation]) -> Annotation | None:
        annotation = reading.annotation
        key = (annotation.doc_id, annotation.annotator)
        earlier, suggestion = stored.get(key), stored.get((annotation.doc_id, annotation.started_from or ""))
        if suggestion is not None:
            suggestion = within(suggestion, self._setting)
        elsewhere = earlier is not None and not _is_from(earlier, annotation)
        if (earlier is None or elsewhere) and _untouched(annotation, suggestion):
            return None
        if self._texts.get(annotation.doc_id) != reading.document.sha256:
            self.problems.append(f"{reading.url}: document {annotation.doc_id} is not in the project with this text")
            return None
        self.seen.add(key)
        if elsewhere and self._is_outdated(annotation):
            return None
        problems = [*reading.problems, *self._faults(annotation, reading.document.text)]
        annotation = replace(annotation, scope=self._setting.scope)
        before = self._as_held(earlier, annotation)
        if key in self._asked:
            if annotation.status == "draft" and earlier is not None and earlier.votes:
                return None  # reopened for a question: what was submitted counts until it is submitted again
            revised = annotation.status == "submitted" and not self._says_the_same(annotation, earlier)
            self.answers.append(questions.Answer(key[0], reading.answer, revised, annotation.updated_at))
        if problems:
            self.problems += [f"{reading.url}: {problem}" for problem in problems]
            return _held_back(annotation, problems, reading)
        return kept_cut(compared(annotation, suggestion, before, self._holds, self._asked_for), earlier)

    def _is_outdated(self, annotation: Annotation) -> bool:
        """Whether a desk that was left for another says nothing new: what was stored from it last, or, before anything
        was, what was stored before the last. Where newer work differs, it is noted."""
        stored = [r.annotation for r in self._store.revisions(annotation.doc_id, annotation.annotator)]
        same = [a for a in stored if a.status == annotation.status and self._says_the_same(annotation, a)]
        from_here = [a for a in stored if _is_from(a, annotation)]
        outdated = from_here[-1] in same if from_here else bool(same) and stored[-1] not in same
        if outdated and stored[-1] not in same:
            self.outdated.append(annotation.doc_id)
        return outdated

    def _as_held(self, earlier: Annotation | None, annotation: Annotation) -> Annotation | None:
        """What was stored, as the tool would hold it; where it was held back, what was stored before that."""
        if earlier is not None and "invalid" in earlier.extra and not self._holds.attributes:
            whole = (r.annotation for r in self._store.revisions(earlier.doc_id, earlier.annotator))
            earlier = next((a for a in reversed(list(whole)) if "invalid" not in a.extra), None)
        return as_held(earlier, annotation) if earlier is not None else None

    def _says_the_same(self, annotation: Annotation, earlier: Annotation | None) -> bool:
        if earlier is None:
            return False
        return equal_marks(annotation, as_held(earlier, annotation), attributes=self._holds.attributes)

    def _faults(self, annotation: Annotation, text: str) -> list[str]:
        found = interchange.problems(interchange.encode(annotation), text)
        return found or schemas.check(annotation, self._setting.schema, text)


def _is_from(earlier: Annotation, annotation: Annotation) -> bool:
    """Whether two readings came from the same desk."""
    here, there = annotation.origin or {}, earlier.origin or {}
    return all(here.get(name) == there.get(name) for name in ("tool", "project"))


def _untouched(annotation: Annotation, suggestion: Annotation | None) -> bool:
    """Whether a draft is only what the annotator was shown, or nothing."""
    if annotation.status != "draft":
        return False
    return equal_marks(annotation, suggestion) if suggestion is not None else not annotation.spans


def _held_back(annotation: Annotation, problems: Sequence[str], reading: Reading) -> Annotation:
    as_it_came = msgspec.json.decode(msgspec.json.encode(reading.raw))  # it may be JSON already
    kept = {"problems": list(problems), "url": reading.url, "as_it_came": as_it_came}
    extra = {**annotation.extra, "invalid": kept}
    return replace(annotation, status="draft", spans=(), relations=(), attributes={}, extra=extra)


def _take(
    project: Project,
    backend: Backend,
    desk: Desk,
    setting: Setting,
    assigned: Mapping[str, assign.Arm],
    progress: Progress,
) -> Pulled:
    name = desk.annotator or f"project {desk.id}"
    if not desk.annotator:
        # All of them first: no tool is waited for while the store keeps others from writing.
        project.store.add_documents(list(_once(r.document for r in backend.readings(desk, setting))))
    intake = _Intake(project, backend, setting)
    source, at = {"tool": backend.tool, "server": backend.address, "desk": desk.id}, now()
    readings = progress(backend.readings(desk, setting), f"pulling from {name}", len(assigned) or None)
    taken: Counter[str] = Counter()
    answered = 0
    for part in intake.parts(iter(readings)):
        # Answers first: nothing would tell of a reading that is stored already that it answers.
        answered += questions.take(project, desk.annotator, intake.answers)
        taken.update(project.store.add_annotations(part, source, at)._asdict())
    gone = list(_gone(project, desk, backend, intake))
    marked = project.store.add_annotations(gone, source, at)
    if intake.outdated:
        intake.problems.append(
            f"{desk.url}: passed over, for newer work was pulled from elsewhere: {_few(intake.outdated)}"
        )
    counts = taken["new"], taken["revised"], taken["unchanged"], marked.revised
    return Pulled(name, desk.url, *counts, intake.problems, answered)


def _once(documents: Iterable[Document]) -> Iterator[Document]:
    seen: set[str] = set()
    for document in documents:
        if document.id not in seen:
            seen.add(document.id)
            yield document


def _gone(project: Project, desk: Desk, backend: Backend, intake: _Intake) -> Iterator[Annotation]:
    """Readings that came from this desk once and are no longer there: marked, without what they said."""
    for annotation in project.store.annotations(desk.annotator or None, intake.unseen(desk)):
        origin = annotation.origin or {}
        if (
            _is_at(annotation, backend, desk)
            and not origin.get("deleted")
            and (annotation.doc_id, annotation.annotator) not in intake.seen
        ):
            marked = {**origin, "deleted": True}
            yield replace(annotation, status="draft", spans=(), relations=(), attributes={}, origin=marked, extra={})
