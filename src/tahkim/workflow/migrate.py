"""A project's schema replaced while it runs: labels renamed, merged or split, attributes added; decisions kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tahkim import schema as schemas
from tahkim.adjudicate.decisions import is_stale, standing
from tahkim.adjudicate.questions import Question, read
from tahkim.agreement.align import canonical
from tahkim.clock import instant, now
from tahkim.errors import SchemaError, UsageError
from tahkim.interchange import identified
from tahkim.model import Annotation, Corpus, Decision, Relation, Span
from tahkim.project import Project
from tahkim.schema import Schema
from tahkim.store import Draft, Entry
from tahkim.workflow.settle import decisions, draft_of
from tahkim.writing import write_text

Record = dict[str, Any]
MIGRATION = "migration"
"""The kind of the log's entry on a schema that was replaced."""

_RULE = re.compile(r"(?P<old>[^\[\]=]+)(?:\[(?P<name>[^\[\]=]+)=(?P<value>[^\[\]=]+)\])?=(?P<new>[^\[\]=]+)")


class Rule(Struct, frozen=True):
    """What becomes of a label: all of it, or only marks whose attribute `name` is `value`."""

    old: str
    new: str
    name: str | None = None
    value: str | None = None

    def fits(self, label: str, attributes: Mapping[str, Any]) -> bool:
        if label != self.old:
            return False
        return self.name is None or _shown(attributes.get(self.name)) == self.value


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def rules(given: Iterable[str]) -> tuple[Rule, ...]:
    """Rules as they are typed, those with a condition first: `SHELLING=ATTACK`, `ATTACK[mode=raid]=RAID`.

    >>> [rule.new for rule in rules(["ATTACK=ASSAULT", "ATTACK[mode=raid]=RAID"])]
    ['RAID', 'ASSAULT']
    """
    found = []
    for each in given:
        match = _RULE.fullmatch(each)
        if match is None:
            raise UsageError(f"--map {each}: write OLD=NEW, or OLD[attribute=value]=NEW for a part of a label")
        found.append(Rule(match["old"], match["new"], match["name"], match["value"]))
    return tuple(sorted(found, key=lambda rule: rule.name is None))


class Renaming(Struct, frozen=True):
    """Rules, and the schema they lead to."""

    rules: tuple[Rule, ...]
    schema: Schema

    def content(self, label: str, attributes: Mapping[str, Any], known: Callable[[str], Any]) -> tuple[str, Record]:
        """A label and attributes after the first rule that fits.

        An attribute that a part was told by is dropped where the new label has none of that name: the label says it.
        """
        kept = dict(attributes)
        rule = next((rule for rule in self.rules if rule.fits(label, attributes)), None)
        if rule is None:
            return label, kept
        if rule.name is not None and rule.name not in known(rule.new):
            del kept[rule.name]
        return rule.new, kept

    def record(self, record: Mapping[str, Any]) -> Record:
        """A span or relation as decisions and candidates write it."""
        if "label" not in record:
            return dict(record)
        is_relation = "head" in record
        known = self.schema.relation_attributes_of if is_relation else self.schema.attributes_of
        label, attributes = self.content(record["label"], record.get("attributes") or {}, known)
        ends = {end: self.record(record[end]) for end in ("head", "tail") if is_relation}
        found = {**record, "label": label, **ends, "attributes": attributes}
        if not attributes:
            del found["attributes"]
        return found

    def mark(self, mark: Span | Relation) -> Any:
        known = self.schema.relation_attributes_of if isinstance(mark, Relation) else self.schema.attributes_of
        label, attributes = self.content(mark.label, mark.attributes, known)
        return replace(mark, label=label, attributes=attributes)

    def annotation(self, annotation: Annotation) -> Annotation:
        """The annotation under the new schema; what was asked for goes along with the labels."""
        return replace(
            annotation,
            spans=tuple(map(self.mark, annotation.spans)),
            relations=tuple(map(self.mark, annotation.relations)),
            scope=replace(
                annotation.scope,
                labels=self._names(annotation.scope.labels),
                relations=self._names(annotation.scope.relations),
            ),
        )

    def _names(self, names: frozenset[str] | None) -> frozenset[str] | None:
        if names is None:
            return None
        led_to = {rule.new for rule in self.rules if rule.old in names}
        gone = {rule.old for rule in self.rules if rule.name is None}
        return (names - gone) | led_to


def migrate(project: Project, file: Path, mapping: Sequence[str], *, by: str) -> Record:
    """Replace the project's schema by the one in `file`, all annotations and decisions going along.

    Every annotation that changes is a new revision, every decision that stands is taken anew on the readings as they
    are called now: the log keeps the old ones. Raises SchemaError, and changes nothing, when an annotation would
    break the new schema that did not break the old one. The same command again finishes what a killed one began.
    """
    text = schemas.read(file)
    renaming = Renaming(rules(mapping), schemas.loads(text, str(file)))
    if project.schema_text == text:
        return {"annotations": 0, "decisions": 0, "stale": 0}
    entry = _begun(project, text, mapping)
    revision = entry.payload["revision"] if entry else project.store.last_revision()
    corpus = project.store.corpus(until=revision)
    after = Corpus(corpus.documents, tuple(map(renaming.annotation, corpus.annotations)))
    _check(corpus, after, project.schema, renaming.schema)
    if entry is None:
        drafts, stale = _decisions(project, corpus, after, renaming)
        payload: Record = {"from": project.schema.version, "to": renaming.schema.version, "map": list(mapping)}
        payload |= {"revision": revision, "before": project.schema_text, "after": text}
        payload |= {"decisions": len(drafts), "stale": stale}
        unique = sha256(f"{revision}\n{text}\n{mapping}".encode()).hexdigest()
        entry = project.store.append_all([Draft(MIGRATION, payload, by, now(), unique), *drafts])[0]
    changed = _changed(project, corpus, after)
    project.store.add_annotations(changed, {"migration": entry.n}, now())
    write_text(project.folder / "label_config" / "schema.yaml", text)
    return {"annotations": len(changed), "decisions": entry.payload["decisions"], "stale": entry.payload["stale"]}


def _begun(project: Project, text: str, mapping: Sequence[str]) -> Entry | None:
    """The entry of this very migration, when it was begun and the schema's file is not there yet."""
    last = list(project.store.entries(MIGRATION))[-1:]
    same = [e for e in last if (e.payload["after"], e.payload["map"]) == (text, list(mapping))]
    return next((e for e in same if e.payload["before"] == project.schema_text), None)


def _check(before: Corpus, after: Corpus, old: Schema, new: Schema) -> None:
    for one, other in zip(before.annotations, after.annotations, strict=True):
        text = before.documents[one.doc_id].text
        wrong = schemas.check(other, new, text)
        if wrong and not schemas.check(one, old, text):
            raise SchemaError(
                f"{one.doc_id} by {one.annotator} would break the new schema: {wrong[0]}; nothing was changed: "
                "say with --map what becomes of it"
            )


def _changed(project: Project, before: Corpus, after: Corpus) -> list[Annotation]:
    """What is to be written: annotations that change, and that nobody has changed since."""
    today = {(a.doc_id, a.annotator): a for a in project.store.annotations()}
    pairs = zip(before.annotations, after.annotations, strict=True)
    return [new for old, new in pairs if old != new and today.get((old.doc_id, old.annotator)) == old]


def _decisions(project: Project, before: Corpus, after: Corpus, renaming: Renaming) -> tuple[list[Draft], int]:
    """Entries that take every standing decision anew, and how many could not be: they are stale from now on."""
    old_readings, new_readings = before.by_document(), after.by_document()
    at = instant()
    found: list[Decision] = []
    stale = 0
    for doc_id, stand in standing(decisions(project), before.documents).items():
        old = {q.key: q for q in read(doc_id, old_readings[doc_id], project.schema).all}
        new = read(doc_id, new_readings[doc_id], renaming.schema).all
        for key, decision in stand.by_key.items():
            question = old.get(key)
            if question is None or is_stale(decision, question):
                continue
            again = _anew(decision, question, new, renaming, at)
            stale += again is None
            found += again or []
        for decision in stand.additions:
            choice = renaming.record(decision.choice) if isinstance(decision.choice, Mapping) else decision.choice
            if choice != decision.choice:
                found += [_undo(decision, at), identified(replace(decision, choice=choice, at=at, id=""))]
    return [draft_of(decision) for decision in found], stale


def _anew(
    decision: Decision, question: Question, new: Sequence[Question], renaming: Renaming, at: str
) -> list[Decision] | None:
    """The decision on the same readings under their new names; nothing where nothing changes, None where they are
    no longer one question."""
    renamed = [renaming.record(candidate.record) for candidate in question.candidates]
    wanted = {canonical(record) for record in renamed}
    same = [
        q for q in new if q.of == question.of and wanted == {canonical(candidate.record) for candidate in q.candidates}
    ]
    here = next((q for q in same if q.places == question.places), None)
    if here is None:
        return None
    choice: Any = decision.choice
    if isinstance(choice, int):
        chosen = canonical(renamed[choice - 1])
        choice = next(n for n, c in enumerate(here.candidates, start=1) if canonical(c.record) == chosen)
    elif isinstance(choice, Mapping):
        choice = renaming.record(choice)
    if (here.key, here.seen, choice) == (decision.key, decision.seen, decision.choice):
        return []
    again = identified(replace(decision, key=here.key, seen=here.seen, choice=choice, at=at, id=""))
    return [again] if here.key == decision.key else [_undo(decision, at), again]


def _undo(decision: Decision, at: str) -> Decision:
    return identified(Decision(doc_id=decision.doc_id, by=decision.by, at=at, undoes=decision.id))
