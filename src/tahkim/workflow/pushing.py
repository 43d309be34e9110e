"""Out to the annotation tools: each annotator's desk brought to what the design says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from msgspec.structs import replace

from tahkim import assign
from tahkim.assign import Design
from tahkim.backends.desks import Account, Backend, Desk, Item, Setting, outside, within
from tahkim.errors import ServerError
from tahkim.model import Annotation
from tahkim.project import Project
from tahkim.provenance import equal_marks
from tahkim.workflow import questions
from tahkim.workflow.boundaries import CUT
from tahkim.workflow.desks import CHUNK, Accounts, Progress, Say, alone, design_of, few, is_at, setting_of, unshown


class Pushed(NamedTuple):
    """What a push did on one desk: documents added, there before, and what the tool cannot hold."""

    annotator: str
    url: str
    added: int
    there: int
    unheld: list[str]
    asked: int = 0


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
        unheld.append(f"{what}: {few(left)}: remove the desk there first")
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
        if annotation.doc_id in held and annotation.votes and not is_at(annotation, backend, desk):
            stored = (r.annotation for r in project.store.revisions(annotation.doc_id, desk.annotator))
            here = [each for each in stored if is_at(each, backend, desk)]
            if here and not equal_marks(here[-1], annotation, attributes=backend.holds_attributes):
                found.append(annotation.doc_id)
    return found


def _suggestion(readings: Mapping[str, Annotation]) -> Annotation | None:
    """The rules' newest annotation of a document."""
    by_rules = sorted(name for name in readings if name.startswith("rules@"))
    return readings[by_rules[-1]] if by_rules else None
