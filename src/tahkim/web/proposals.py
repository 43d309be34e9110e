"""From what a page sends to decisions that can be taken on a document as it stands.

Each function is handed the document's state and a time and gives the decisions of one act. What cannot be taken is
refused here, with a DecisionError that says why; what another lead decided meanwhile raises MeanwhileError, so that the
page can show it and ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from tahkim import schema as schemas
from tahkim.adjudicate.merge import DocumentMerge
from tahkim.adjudicate.questions import Question
from tahkim.adjudicate.settled import GoldSpan
from tahkim.errors import DecisionError
from tahkim.interchange import identified
from tahkim.model import Annotation, Decision, Relation, Span
from tahkim.schema import Schema
from tahkim.web.acts import inverse, next_redo, next_undo
from tahkim.web.desk import State

LONGEST_REASON = 2000

Attributes = dict[str, str | int | float | bool]


class Body(BaseModel):
    """What a request may hold, and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True)


class End(Body):
    """An end of a relation: a span of the merged reading."""

    start: int = Field(ge=0, le=2**31)
    end: int = Field(ge=1, le=2**31)
    label: str = Field(min_length=1, max_length=100)


class OwnSpan(End):
    """A span of the lead's own; offsets are code points."""

    attributes: Attributes = {}


class OwnRelation(Body):
    """A relation of the lead's own, from one span of the merged reading to another."""

    label: str = Field(min_length=1, max_length=100)
    head: End
    tail: End
    attributes: Attributes = {}


class OwnAttributes(Body):
    """Attributes of the document as a whole."""

    attributes: Attributes


class Why(Body):
    """What may go with every decision: why, and the paragraph of the guideline it rests on."""

    reason: str | None = Field(default=None, min_length=1, max_length=LONGEST_REASON)
    guideline: str | None = Field(default=None, pattern=r"^§[0-9]{1,4}$")


class Choose(Why):
    """A decision on a question. `seen` and `standing` (the id of the decision that stands) are what the lead saw."""

    key: str = Field(min_length=1, max_length=200)
    seen: str = Field(min_length=1, max_length=64)
    standing: str | None = Field(default=None, max_length=64)
    choice: int | Literal["none"] | OwnSpan | OwnRelation | OwnAttributes


class Add(Why):
    """Something that nobody marked."""

    choice: OwnSpan | OwnRelation


class Change(Why):
    """Another reading in place of an addition, or (`choice` null) none."""

    decision: str = Field(min_length=1, max_length=64)
    choice: OwnSpan | OwnRelation | None = None


class MeanwhileError(Exception):
    """Somebody else decided, or the readings changed, since the page was drawn. `decision` is what stands now."""

    def __init__(self, decision: Decision | None) -> None:
        super().__init__("decided meanwhile" if decision else "the readings have changed meanwhile")
        self.decision = decision


def choose(state: State, at: str, body: Choose, by: str, schema: Schema) -> list[Decision]:
    """A decision on a question, with the relations of the lead's own that end at the span it moves."""
    question = _question(state, body.key)
    stands = state.standing.by_key.get(body.key)
    if (stands.id if stands else None) != body.standing:
        raise MeanwhileError(stands)
    if body.seen != question.seen:
        raise MeanwhileError(None)
    choice = _plain(body.choice)
    _check_fits(choice, question)
    _check(choice, state, schema)
    first = identified(_decision(state, body, by, at, choice, key=body.key, seen=body.seen, of=question.of))
    return _with_followers(state, [first], by, at)


def add(state: State, at: str, body: Add, by: str, schema: Schema) -> list[Decision]:
    """Something new."""
    choice = _plain(body.choice)
    _check(choice, state, schema)
    _check_new(choice, state)
    return [identified(_decision(state, body, by, at, choice, of="new"))]


def change(state: State, at: str, body: Change, by: str, schema: Schema) -> list[Decision]:
    """An addition taken back, and another put in its place unless there is none."""
    if all(addition.id != body.decision for addition in state.standing.additions):
        raise MeanwhileError(None)
    found = [identified(Decision(doc_id=state.document.id, by=by, at=at, undoes=body.decision))]
    if body.choice is not None:
        choice = _plain(body.choice)
        _check(choice, state, schema)
        found.append(identified(_decision(state, body, by, at, choice, of="new")))
    return _with_followers(state, found, by, at)


def undo(state: State, at: str, by: str) -> list[Decision]:
    """What takes back the last act of this person in the document."""
    act = next_undo(state.decisions, by)
    if act is None:
        raise DecisionError(f"there is nothing of {by} to undo in document {state.document.id}")
    return inverse(act, state.decisions, by, at)


def redo(state: State, at: str, by: str) -> list[Decision]:
    """What brings back the last act of this person that was undone."""
    act = next_redo(state.decisions, by)
    if act is None:
        raise DecisionError(f"there is nothing of {by} to redo in document {state.document.id}")
    return inverse(act, state.decisions, by, at)


def withdraw(state: State, at: str, decision_id: str, by: str) -> list[Decision]:
    """What takes back one decision that stands, whoever took it."""
    standing_ids = {d.id for d in (*state.standing.by_key.values(), *state.standing.additions)}
    if decision_id not in standing_ids:
        raise MeanwhileError(None)
    return [identified(Decision(doc_id=state.document.id, by=by, at=at, undoes=decision_id))]


def refuse_overlaps(before: State, after: DocumentMerge, schema: Schema) -> None:
    """DecisionError where a lead's new span overlaps what a lead decided before and the schema allows no overlap."""
    if schema.overlap_allowed:
        return
    known = {d.id for d in before.decisions}
    for span in after.gold_spans:
        if span.decision is None or span.decision.id in known:
            continue
        rival = next((s for s in after.gold_spans if s is not span and s.start < span.end and span.start < s.end), None)
        if rival is not None:
            raise DecisionError(
                f"[{span.start}, {span.end}) {span.label} overlaps [{rival.start}, {rival.end}) {rival.label}, "
                "and the schema allows no overlap: change or reject that one first"
            )


def _question(state: State, key: str) -> Question:
    found = next((question for question in state.reading.questions.all if question.key == key), None)
    if found is None:
        raise MeanwhileError(state.standing.by_key.get(key))
    return found


def _plain(choice: object) -> Any:
    """A choice as a decision holds it; attributes that say nothing are left out."""
    if not isinstance(choice, Body):
        return choice
    record = choice.model_dump()
    if not record.get("attributes"):
        record.pop("attributes", None)
    return record or {"attributes": {}}


def _decision(state: State, why: Why, by: str, at: str, choice: Any, **place: Any) -> Decision:
    return Decision(
        doc_id=state.document.id, by=by, at=at, choice=choice, reason=why.reason, guideline=why.guideline, **place
    )


def _check_fits(choice: Any, question: Question) -> None:
    """A span for a question about a span, and so on; a candidate that there is."""
    if isinstance(choice, int):
        if not 1 <= choice <= len(question.candidates):
            raise DecisionError(f"there is no candidate {choice}: {question.key} has {len(question.candidates)}")
        return
    if choice == "none":
        return
    of = "relation" if "head" in choice else "span" if "start" in choice else "document"
    if of != question.of:
        raise DecisionError(f"{question.key} is about a {question.of}, and the choice is a {of}")


def _check(choice: Any, state: State, schema: Schema) -> None:
    """DecisionError when a choice of the lead's own does not follow the schema."""
    if not isinstance(choice, Mapping):
        return
    found = schemas.check(_alone(choice, state.document.id), schema, state.document.text)
    if found:
        raise DecisionError(found[0])
    for role in ("head", "tail") if "head" in choice else ():
        end = choice[role]
        if not any(_same(span, end) for span in state.merged.gold_spans):
            raise DecisionError(
                f"the {role} [{end['start']}, {end['end']}) {end['label']} is no span of the merged reading: "
                "decide that span first"
            )


def _alone(choice: Mapping[str, Any], doc_id: str) -> Annotation:
    """The choice as an annotation with nothing else in it."""
    attributes = choice.get("attributes", {})
    if "head" in choice:
        ends = [Span(role, **choice[role]) for role in ("head", "tail")]
        if choice["head"] == choice["tail"]:
            ends = ends[:1]
        relation = Relation("r", choice["label"], "head", ends[-1].id, attributes)
        return Annotation(doc_id=doc_id, annotator="lead", spans=tuple(ends), relations=(relation,))
    if "start" in choice:
        span = Span("s", choice["start"], choice["end"], choice["label"], attributes)
        return Annotation(doc_id=doc_id, annotator="lead", spans=(span,))
    return Annotation(doc_id=doc_id, annotator="lead", attributes=attributes)


def _same(span: GoldSpan, end: Mapping[str, Any]) -> bool:
    return (span.start, span.end, span.label) == (end["start"], end["end"], end["label"])


def _check_new(choice: Mapping[str, Any], state: State) -> None:
    """DecisionError when the merged reading has this already."""
    spans = state.merged.gold_spans
    if "head" not in choice:
        there = any(_same(span, choice) for span in spans)
    else:
        there = any(
            relation.label == choice["label"]
            and _same(spans[relation.head], choice["head"])
            and _same(spans[relation.tail], choice["tail"])
            for relation in state.merged.gold_relations
        )
    if there:
        raise DecisionError(f"the merged reading has this {choice['label']} already")


def _with_followers(state: State, first: Sequence[Decision], by: str, at: str) -> list[Decision]:
    """These decisions, and anew those relations of a lead's own that ended at a span which they move or relabel."""
    moved = _moved(state, first)
    if moved is None:
        return list(first)
    old, new = moved
    found = list(first)
    for decision in (*state.standing.by_key.values(), *state.standing.additions):
        choice = decision.choice
        if not (isinstance(choice, Mapping) and "head" in choice):
            continue
        ends = {role: _followed(choice[role], old, new) for role in ("head", "tail")}
        if all(ends[role] == choice[role] for role in ends):
            continue
        again = replace(decision, choice={**choice, **ends}, by=by, at=at, id="")
        if decision.of == "new":
            found.append(identified(Decision(doc_id=decision.doc_id, by=by, at=at, undoes=decision.id)))
        found.append(identified(again))
    return found


def _moved(state: State, first: Iterable[Decision]) -> tuple[GoldSpan, dict[str, Any]] | None:
    """The span of the merged reading that these decisions change, and what it becomes."""
    old, new = None, None
    for decision in first:
        if decision.undoes is not None:
            old = next((s for s in state.merged.gold_spans if s.decision and s.decision.id == decision.undoes), None)
            continue
        if decision.key is not None:
            unit = next((n for n, q in enumerate(state.reading.questions.spans) if q.key == decision.key), None)
            old = next((s for s in state.merged.gold_spans if unit is not None and s.unit == unit), None)
        new = decision.choice
        if isinstance(new, int) and decision.of == "span":
            candidates = _question(state, decision.key or "").candidates
            new = candidates[new - 1].record
    if old is None or not (isinstance(new, Mapping) and "start" in new) or _same(old, new):
        return None
    return old, {name: new[name] for name in ("start", "end", "label")}


def _followed(end: Mapping[str, Any], old: GoldSpan, new: Mapping[str, Any]) -> dict[str, Any]:
    same = (end["start"], end["end"]) == (old.start, old.end) and end.get("label") in (None, old.label)
    return dict(new) if same else dict(end)
