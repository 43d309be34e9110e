"""Adjudication in an annotation tool: the lead's desk there, and what was submitted on it as decisions.

A desk of its own holds a task for each document with open conflicts. The task carries what the lead has before them
(`adjudicate.edited.Base`), so that decisions rest on that and on nothing that came later: when readings change, the
decision is stale, and the next push adds a task with the readings as they are then. No task is ever taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from tahkim import schema as schemas
from tahkim.adjudicate.conflicts import conflicts
from tahkim.adjudicate.decisions import NONE_STANDING, Standing, standing
from tahkim.adjudicate.edited import Base, Wanted, base_of, reading_of, wanted
from tahkim.adjudicate.merge import DocumentMerge, gold_annotation
from tahkim.adjudicate.questions import Question, read
from tahkim.adjudicate.strategies import Settings
from tahkim.backends.desks import Backend, Item, Reading, Setting, within
from tahkim.clock import now
from tahkim.errors import UsageError
from tahkim.gold.pseudonyms import pseudonym
from tahkim.interchange import content_hash, identified
from tahkim.model import FULL_SCOPE, Corpus, Decision, Document, text_hash
from tahkim.project import Project
from tahkim.store import Draft
from tahkim.workflow.desks import Progress, Say, alone, unshown
from tahkim.workflow.pushing import Pushed, fit
from tahkim.workflow.questions import questions as questions_to_annotators
from tahkim.workflow.settle import decisions, draft_of, merge

Record = dict[str, Any]

BASE = "tahkim_base"
"""The key of a task's meta under which the base of the merged reading goes along."""
LEAD = "adjudication"
SUBMISSION = "submission"
CONFIRM = "أتقرّر كما تركتَه؟ نعم / لا · Shall what you left as it is be decided so? yes / no"
YES, NO = ("yes", "نعم"), ("", "no", "لا")
SURFACE = 40
"""Characters of a surface that the list of conflicts above the text shows."""


class Decided(NamedTuple):
    """What a pull took from the lead's desk: submissions that said something new, and decisions made of them."""

    url: str
    submissions: int
    decisions: int
    stale: int
    problems: list[str]


def desk_id(project: Project) -> str:
    """What the lead's desk is found by: it is no desk of an annotator's."""
    return text_hash(f"{LEAD} {project.store.project_id}")[:16]


def setting_of(project: Project) -> Setting:
    """All of the schema where a profile asks for it: a lead edits the whole reading."""
    schema = project.schema
    whole = (name for name in schema.profiles if schema.profile(name) == FULL_SCOPE)
    return Setting(schema, next(whole, schema.default_profile))


# Push.


def push(
    project: Project,
    backend: Backend,
    settings: Settings,
    say: Say,
    *,
    dry_run: bool = False,
    progress: Progress = unshown,
) -> Pushed:
    """Put documents with open conflicts on the lead's desk, those that are not there as they stand now."""
    if not backend.adjudicates:
        raise UsageError(
            f"{backend.tool} cannot show several readings beside each other: adjudicate with `tahkim serve`, "
            "or push --adjudication to label-studio"
        )
    setting = setting_of(project)
    with alone(project, "push"):
        desk = next(iter(backend.desks(desk_id(project))), None)
        corpus = project.store.corpus()
        merged, _ = merge(corpus, settings, project.schema, decisions(project))
        open_ones = [document for document in merged if any(item.is_open for item in document.settled)]
        named = _names(project)
        asked = _asked(project, named)
        if dry_run:
            held = backend.held(desk) if desk is not None else {}
            missing = [d for d in open_ones if _task_id(base_of(d)) not in held]
            return Pushed(LEAD, desk.url if desk else "a new desk", len(missing), len(held), [])
        title = f"{project.folder.resolve().name}: {LEAD}"
        desk = backend.open(desk_id(project), title, LEAD, backend.admin, setting)
        fit(backend, desk, setting)
        say(f"{LEAD}: {desk.url}")
        held = backend.held(desk)
        missing = [document for document in open_ones if _task_id(base_of(document)) not in held]
        items = (_item(document, corpus, setting, named, asked) for document in missing)
        shown = progress(items, f"pushing to {LEAD}", len(missing))
        backend.add(desk, shown, setting, backend.admin)
        for document in open_ones:
            # What was asked or answered since a task was made.
            if document not in missing and document.document.id in asked:
                backend.ask(desk, _task_id(base_of(document)), [*asked[document.document.id], CONFIRM])
        return Pushed(LEAD, desk.url, len(missing), len(held), [])


def _names(project: Project) -> Any:
    """Annotators by the name a lead may see: a pseudonym where the project hides names."""
    hides = project.store.settings().get("blind") is True
    return (lambda name: pseudonym(project.key, name)) if hides else (lambda name: name)


def _task_id(base: Base) -> str:
    """The name of a task: other readings of a document are another task, whatever was decided on them."""
    digest = content_hash({ground.key: ground.seen for ground in base.grounds})
    return f"{base.doc_id} · {digest[:8]}"


def _asked(project: Project, named: Any) -> dict[str, list[str]]:
    """What annotators were asked and what they answered, a line each, by document: it stands above the lead's own."""
    lines: dict[str, list[str]] = {}
    for each in questions_to_annotators(project):
        here = lines.setdefault(each.doc_id, [])
        # Isolated, for each may run either way.
        here.append(f"سؤال · \u2066asked {named(each.annotator)}\u2069: \u2068{each.text}\u2069")
        if each.answer:
            here.append(f"جواب · answer: \u2068{each.answer}\u2069")
    return lines


def _item(merged: DocumentMerge, corpus: Corpus, setting: Setting, named: Any, asked: Mapping[str, list[str]]) -> Item:
    base = base_of(merged)
    document = merged.document
    task = Document(id=_task_id(base), text=document.text, meta={BASE: msgspec.json.encode(base).decode()})
    readings = [within(replace(voter, annotator=named(voter.annotator)), setting) for voter in merged.questions.voters]
    suggestion = within(replace(gold_annotation(merged), annotator="merged", extra={}), setting)
    others = tuple(sorted(readings, key=lambda each: each.annotator))
    question = "\n".join([*asked.get(document.id, ()), CONFIRM])
    return Item(task, suggestion, None, others, _note(merged, named), question)


def _note(merged: DocumentMerge, named: Any) -> str:
    """The open conflicts in words, one line each, to stand above the text."""
    records = [record for record in conflicts(merged) if record["candidates"]]
    number = f"{len(records)} open conflict{'s' * (len(records) != 1)}"
    lines = [f"{merged.document.id}: {number}. What you mark or change decides, what you leave as it is stays open."]
    for record in records:
        readings = [
            f"{_said(c, merged.document)}: {', '.join(map(named, c['annotators']))}" for c in record["candidates"]
        ]
        if record["nothing"]["annotators"]:
            readings.append(f"nothing: {', '.join(map(named, record['nothing']['annotators']))}")
        lines.append(f"{len(lines)}. {record['kind']}: " + " / ".join(readings))
    return "\n".join(lines)


def _said(record: Mapping[str, Any], document: Document) -> str:
    def surface(place: Mapping[str, Any]) -> str:
        words = " ".join(document.text[place["start"] : place["end"]].split())
        # Isolated, so that Arabic does not turn around what stands beside it.
        return f"\u2068«{words if len(words) <= SURFACE else words[:SURFACE] + '…'}»\u2069"

    parts = [record["label"]] if "label" in record else []
    parts += [surface(record)] if "start" in record else []
    parts += [f"{surface(record['head'])} → {surface(record['tail'])}"] if "head" in record else []
    return " ".join(parts + [f"{name}={value}" for name, value in sorted((record.get("attributes") or {}).items())])


# Pull.


def pull(project: Project, backend: Backend) -> Decided | None:
    """Take what was submitted on the lead's desk as decisions; None where there is no such desk.

    All decisions of a submission are appended at once, with the submission itself: taken once, it is not taken
    again, and one that was changed takes back or replaces what the former said.
    """
    if not backend.adjudicates:
        return None
    with alone(project, "pull"):
        desk = next(iter(backend.desks(desk_id(project))), None)
        if desk is None:
            return None
        intake = _Intake(project)
        for reading in backend.readings(desk, setting_of(project)):
            intake.take(reading)
        return Decided(desk.url, intake.submissions, intake.decided, intake.stale, intake.problems)


class _Intake:
    """One pull from the lead's desk."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._schema = project.schema
        self._texts = {document.id: document for document in project.store.documents()}
        self._last: dict[tuple[str, str], Mapping[str, Any]] = {}
        for entry in project.store.entries(SUBMISSION):
            self._last[entry.payload["task"], entry.by] = entry.payload
        self._decisions = {decision.id: decision for decision in decisions(project)}
        self.submissions = self.decided = self.stale = 0
        self.problems: list[str] = []

    def take(self, reading: Reading) -> None:
        carried = reading.document.meta.get(BASE)
        annotation = reading.annotation
        if annotation.status != "submitted" or not isinstance(carried, str):
            return
        base = msgspec.json.decode(carried, type=Base)
        last = self._last.get((reading.document.id, annotation.annotator))
        at = annotation.updated_at or now()
        if last is not None and last["at"] == at:
            return
        document = self._texts.get(base.doc_id)
        if document is None or document.sha256 != reading.document.sha256:
            self.problems.append(f"{reading.url}: document {base.doc_id} is not in the project with this text")
            return
        faults = [
            *reading.problems,
            *schemas.check(replace(annotation, doc_id=base.doc_id), self._schema, document.text),
        ]
        if faults:
            self.problems += [f"{reading.url}: {fault}" for fault in faults]
            return
        self._decide(reading, base, at, last)

    def _decide(self, reading: Reading, base: Base, at: str, last: Mapping[str, Any] | None) -> None:
        by = reading.annotation.annotator
        clustered = [name for name, kind in self._schema.relations.items() if kind.symmetric and kind.transitive]
        readings = list(self._project.store.annotations(doc_ids=[base.doc_id]))
        questions = {question.key: question for question in read(base.doc_id, readings, self._schema).all}
        said = wanted(base, reading.annotation, clustered)
        left = [] if self._confirms(reading) else [w for w in wanted(base, reading_of(base), clustered) if w in said]
        new = [self._decision(each, base, questions, by, at) for each in said if each not in left]
        before = [self._decisions[name] for name in (last or {}).get("decisions", ()) if name in self._decisions]
        known = {_content(decision): decision.id for decision in before}
        fresh = [decision for decision in new if _content(decision) not in known]
        kept = [known[_content(decision)] for decision in new if _content(decision) in known]
        fresh = [*self._undone(before, kept, new, by, at), *fresh]
        fresh = [identified(decision) for decision in fresh]
        if last is not None and not fresh:
            return
        made = [*kept, *(decision.id for decision in fresh if decision.undoes is None)]
        payload = {"doc_id": base.doc_id, "task": reading.document.id, "url": reading.url, "at": at, "decisions": made}
        drafts = [draft_of(decision) for decision in fresh]
        unique = content_hash([reading.document.id, by, at])
        self._project.store.append_all([*drafts, Draft(SUBMISSION, payload, by, at, unique=unique)])
        if left:
            what = f"{len(left)} open conflicts were left as they are and stay open"
            self.problems.append(f"{reading.url}: {what}: to decide them so, write yes above the text")
        self._tell(reading, fresh, questions, by)
        self._decisions |= {decision.id: decision for decision in fresh}
        self.submissions += 1
        self.decided += len(fresh)

    def _confirms(self, reading: Reading) -> bool:
        """Whether the lead says that what was left as it is is decided so."""
        said = reading.answer.strip().casefold()
        if said not in YES + NO:
            self.problems.append(f"{reading.url}: the answer above the text is neither yes nor no: {reading.answer}")
        return said in YES

    def _tell(self, reading: Reading, fresh: Sequence[Decision], questions: Mapping[str, Question], by: str) -> None:
        """Say which decisions rest on readings that have changed, and which replace another lead's."""
        stand = self._standing(fresh[0].doc_id) if fresh else NONE_STANDING
        for decision in fresh:
            if decision.key is None:
                continue
            other = stand.by_key.get(decision.key)
            if decision.key not in questions or questions[decision.key].seen != decision.seen:
                self.stale += 1
                what = "have changed since: the decision is stale and waits for a lead"
                self.problems.append(f"{reading.url}: the readings at {decision.key} {what}")
            elif other is not None and other.by != by and other.at < decision.at:
                self.problems.append(f"{reading.url}: replaces the decision of {other.by} at {decision.key}")

    def _standing(self, doc_id: str) -> Standing:
        here = [decision for decision in self._decisions.values() if decision.doc_id == doc_id]
        return standing(here, {doc_id}).get(doc_id, NONE_STANDING)

    def _decision(self, each: Wanted, base: Base, questions: Mapping[str, Question], by: str, at: str) -> Decision:
        choice = each.choice
        if isinstance(choice, int):
            question = questions.get(each.key or "")
            if question is None or question.seen != each.seen:
                # A number would be that of another candidate now: the reading itself says what was meant.
                ground = next(ground for ground in base.grounds if ground.key == each.key)
                choice = dict(ground.candidates[choice - 1])
        return Decision(
            doc_id=base.doc_id,
            key=each.key,
            seen=each.seen,
            choice=choice,
            of=each.of,  # type: ignore[arg-type]
            by=by,
            at=at,
            undoes=each.undoes,
        )

    def _undone(
        self, before: Sequence[Decision], kept: Sequence[str], new: Sequence[Decision], by: str, at: str
    ) -> Iterator[Decision]:
        """Take back what the former submission said and this one does not, as far as it still stands."""
        answered = {decision.key for decision in new if decision.key is not None}
        if not before:
            return
        stand = self._standing(before[0].doc_id)
        standing_ids = {d.id for d in (*stand.by_key.values(), *stand.additions)}
        for decision in before:
            if decision.id in standing_ids and decision.id not in kept and decision.key not in answered - {None}:
                yield Decision(doc_id=decision.doc_id, by=by, at=at, undoes=decision.id)


def _content(decision: Decision) -> str:
    """What a decision says, whenever it was said."""
    return content_hash(msgspec.to_builtins(replace(decision, at="", id="")))
