"""Back from the annotation tools: what desks hold, taken in as revisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from tahkim import assign, interchange
from tahkim import schema as schemas
from tahkim.backends.desks import Backend, Desk, Reading, Setting, within
from tahkim.clock import now
from tahkim.errors import UsageError
from tahkim.model import Annotation, Document
from tahkim.project import Project
from tahkim.provenance import Holds, compared, equal_marks
from tahkim.workflow import questions
from tahkim.workflow.boundaries import as_held, kept_cut
from tahkim.workflow.desks import CHUNK, Progress, alone, design_of, few, is_at, setting_of, unshown

Key = tuple[str, str]


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
        if earlier is not None and not elsewhere:
            annotation = _at_its_address(annotation, earlier)
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


def _at_its_address(annotation: Annotation, earlier: Annotation) -> Annotation:
    """A reading under the address at which its desk was known: that a server has moved is nothing new."""
    server = (earlier.origin or {}).get("server")
    return replace(annotation, origin={**(annotation.origin or {}), "server": server}) if server else annotation


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
            f"{desk.url}: passed over, for newer work was pulled from elsewhere: {few(intake.outdated)}"
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
            is_at(annotation, backend, desk)
            and not origin.get("deleted")
            and (annotation.doc_id, annotation.annotator) not in intake.seen
        ):
            marked = {**origin, "deleted": True}
            yield replace(annotation, status="draft", spans=(), relations=(), attributes={}, origin=marked, extra={})
