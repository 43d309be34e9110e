"""Finished documents, the sample of them that a lead reads again, and what that says of the gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tahkim import schema as schemas
from tahkim.adjudicate.merge import DocumentMerge, gold_annotation
from tahkim.adjudicate.strategies import Settings
from tahkim.backends.files import write_lines
from tahkim.clock import now
from tahkim.errors import InputError, UsageError
from tahkim.gold.audit import Drawn, Finished, Read, draw, rates, target
from tahkim.interchange import decode, encode, named
from tahkim.model import Annotation, Corpus
from tahkim.project import Project
from tahkim.store import Draft, Entry
from tahkim.workflow.settle import decisions, decisions_in, merge

Record = dict[str, Any]
SAMPLE, READING = "audit-sample", "audit-reading"
"""Kinds of entries of the log: a sample that was drawn, and a lead's reading of one of its documents."""


class Sample(Struct, frozen=True):
    """A sample as the log has it: what it was drawn from (as a release's cut), and the documents with their arms."""

    number: int
    revision: int
    entry: int
    settings: Settings
    schema: str
    finished: dict[str, int]
    drawn: tuple[Drawn, ...]


def finish(project: Project, settings: Settings) -> Record:
    """Which documents have nothing open and are finished by that alone, and how many are open or not annotated."""
    merged, missing = merge(project.store.corpus(), settings, project.schema, decisions(project))
    return {
        "finished": [m.document.id for m in merged if not m.open],
        "open": [m.document.id for m in merged if m.open],
        "missing": missing,
    }


def draw_sample(project: Project, settings: Settings, wanted: str, output: Path, *, by: str, seed: int = 0) -> Sample:
    """Draw an audit sample of the finished documents that no earlier sample has, log it, and write it for a lead.

    Each line of the file is a document to be read by `by`: blind without any mark, or with the gold to be checked.
    UsageError when there is nothing to draw from.
    """
    head = project.store.head()
    merged, _ = merge(project.store.corpus(), settings, project.schema, decisions(project))
    earlier = samples(project.store.entries())
    seen = {drawn.doc_id for sample in earlier for drawn in sample.drawn}
    ready = {m.document.id: m for m in merged if not m.open and m.document.id not in seen}
    finished = [Finished(doc_id, _stratum(m), len(m.gold_spans)) for doc_id, m in ready.items()]
    if not finished:
        raise UsageError("there is no finished document that was not in a sample before: nothing to audit")
    sample = Sample(
        number=len(earlier) + 1,
        revision=project.store.last_revision(),
        entry=head.n if head else 0,
        settings=settings,
        schema=project.schema_text,
        finished=dict(sorted(Counter(each.stratum for each in finished).items())),
        drawn=tuple(draw(finished, target(wanted), seed)),
    )
    write_lines(output, [_to_read(ready[drawn.doc_id], drawn, by) for drawn in sample.drawn])
    project.store.append(SAMPLE, msgspec.to_builtins(sample), by=by, at=now(), unique=str(sample.number))
    return sample


def _stratum(merged: DocumentMerge) -> str:
    """Whether anybody was shown suggestions, and whether all of the gold was agreed by all."""
    shown = any(voter.started_from is not None for voter in merged.questions.voters)
    how = {span.how for span in merged.gold_spans} | {relation.how for relation in merged.gold_relations}
    agreed = how <= {"unanimous", "single"}
    return f"{'shown' if shown else 'blind'}, {'unanimous' if agreed else 'settled'}"


def _to_read(merged: DocumentMerge, drawn: Drawn, by: str) -> Record:
    bare = Annotation(doc_id=drawn.doc_id, annotator=by, status="draft")
    if drawn.arm == "checked":
        gold = gold_annotation(merged)
        spans = tuple(_content(span) for span in gold.spans)
        relations = tuple(_content(relation) for relation in gold.relations)
        bare = replace(bare, spans=spans, relations=relations, attributes=gold.attributes, started_from="gold")
    return encode(bare, merged.document)


def _content(mark: Any) -> Any:
    """A mark without what tells how it came to be: who checks it shall not be swayed."""
    return replace(mark, how=None, support=None, confidence=None, extra={})


def samples(entries: Any) -> list[Sample]:
    """The samples that the log tells of, the first first."""
    return [msgspec.convert(entry.payload, Sample) for entry in entries if entry.kind == SAMPLE]


def take_readings(project: Project, corpus: Corpus, *, by: str) -> Record:
    """Log a lead's readings of documents of any sample; those still in draft are passed over.

    They do not vote: they measure the gold. InputError for a document that is in no sample, UsageError when there is
    no sample.
    """
    drawn = samples(project.store.entries())
    if not drawn:
        raise UsageError("no sample was drawn yet: `tahkim finish --audit 3 --output audit.jsonl`")
    asked = {each.doc_id: sample for sample in drawn for each in sample.drawn}
    read = [annotation for annotation in corpus.annotations if annotation.status == "submitted"]
    for annotation in read:
        if annotation.doc_id not in asked:
            raise InputError(f"{named(annotation.doc_id)} is in no audit sample")
        if wrong := schemas.check(annotation, project.schema, corpus.documents[annotation.doc_id].text):
            raise InputError(f"{named(annotation.doc_id)}: {wrong[0]}")
    drafts = [_reading(annotation, asked[annotation.doc_id], by) for annotation in read]
    project.store.append_all(drafts)
    return {"read": len(read), "waiting": len(corpus.annotations) - len(read)}


def _reading(annotation: Annotation, sample: Sample, by: str) -> Draft:
    payload = {"sample": sample.number, "reading": encode(annotation)}
    return Draft(READING, payload, by, now(), unique=f"{sample.number}:{annotation.doc_id}")


def audit(project: Project, entries: Sequence[Entry]) -> Record | None:
    """What the last sample of which anything was read says of the gold, as the card tells it; None if there is none.

    Only entries that are given count, so that a release tells what was known when it was made.
    """
    readings: dict[int, list[Annotation]] = {}
    for entry in entries:
        if entry.kind == READING:
            reading = decode(dict(entry.payload["reading"])).annotation
            readings.setdefault(entry.payload["sample"], []).append(reading)
    for sample in reversed(samples(entries)):
        if sample.number in readings:
            return _figures(project, sample, readings[sample.number], entries)
    return None


def _figures(project: Project, sample: Sample, readings: Sequence[Annotation], entries: Sequence[Entry]) -> Record:
    gold = _gold_then(project, sample, {reading.doc_id for reading in readings}, entries)
    drawn = {each.doc_id: each for each in sample.drawn}
    read = [Read(drawn[r.doc_id], gold[r.doc_id], r) for r in readings if r.doc_id in gold]
    return {
        "sample": sample.number,
        "documents": len(read),
        "blind": sum(each.drawn.arm == "blind" for each in read),
        "drawn": len(sample.drawn),
        "finished": sum(sample.finished.values()),
        "figures": {name: msgspec.to_builtins(rate) for name, rate in rates(read, sample.finished).items()},
    }


def _gold_then(project: Project, sample: Sample, doc_ids: set[str], entries: Sequence[Entry]) -> dict[str, Annotation]:
    """The gold that was audited: as it was when the sample was drawn, without documents redacted since."""
    corpus = project.store.corpus(until=sample.revision)
    decided = decisions_in([entry for entry in entries if entry.n <= sample.entry or entry.kind == "redaction"])
    merged, _ = merge(corpus, sample.settings, schemas.loads(sample.schema), decided)
    return {m.document.id: gold_annotation(m) for m in merged if m.document.id in doc_ids}
