"""How each annotator's desk stands against the design, and whether a server can be worked with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from tahkim.adjudicate.decisions import NONE_STANDING, Standing, is_stale
from tahkim.adjudicate.decisions import standing as standing_of
from tahkim.adjudicate.questions import read
from tahkim.backends.desks import Backend, Finding, Item, Setting
from tahkim.model import Annotation, Document, Span
from tahkim.project import Project
from tahkim.provenance import UNFILLED
from tahkim.workflow.desks import design_of, has_design, setting_of
from tahkim.workflow.settle import decisions

Record = dict[str, Any]


def standing(project: Project) -> list[Record]:
    """Each annotator against the design: assigned, done, skipped, drafts, held back, to be filled, pace, last seen.

    `pace` is the median of lead times in seconds, `to_fill` as in `to_fill`.
    """
    design = design_of(project)
    unfilled = to_fill(project, project.store.annotations())
    rows = []
    for name in design.annotators:
        assigned = design.of(name)
        work = [a for a in project.store.annotations(annotator=name) if a.doc_id in assigned]
        status = Counter("invalid" if "invalid" in a.extra else a.status for a in work)
        pace = sorted(a.lead_time for a in work if a.lead_time is not None and a.votes)
        row: Record = {"annotator": name, "assigned": len(assigned)}
        row |= {"done": status["submitted"], "skipped": status["skipped"], "drafts": status["draft"]}
        row["invalid"] = status["invalid"]
        row["to_fill"] = unfilled[name]
        row["pace"] = pace[len(pace) // 2] if pace else None
        row["last_seen"] = max((a.updated_at for a in work if a.updated_at), default=None)
        row["blind"] = sum(arm == "blind" for arm in assigned.values())
        rows.append(row)
    return rows


def to_fill(project: Project, annotations: Iterable[Annotation]) -> Counter[str]:
    """How many spans of each annotator still lack the attributes that a tool had no place for.

    They are filled by the annotator in a tool that has them, or by a lead who has decided on what is there.
    `annotations` are the last revisions, in the order of documents.
    """
    unfilled = [a for a in annotations if a.votes and any(UNFILLED in span.extra for span in a.spans)]
    made = decisions(project) if unfilled else []
    stand = standing_of(made, {decision.doc_id for decision in made})
    found: Counter[str] = Counter()
    for doc_id, group in groupby(unfilled, key=lambda annotation: annotation.doc_id):
        decided = _decided(project, doc_id, stand.get(doc_id, NONE_STANDING))
        for annotation in group:
            bare = [span.id for span in annotation.spans if UNFILLED in span.extra]
            found[annotation.annotator] += sum((annotation.annotator, span_id) not in decided for span_id in bare)
    return +found


def _decided(project: Project, doc_id: str, stand: Standing) -> set[tuple[str, str]]:
    """Spans, by annotator and id, of units that a lead has decided on as they are now."""
    if not stand.by_key:
        return set()
    asked = read(doc_id, project.store.annotations(doc_ids=[doc_id]), project.schema)
    by_key = stand.by_key
    decided = (q for q in asked.spans if q.key in by_key and not is_stale(by_key[q.key], q))
    units = {number for question in decided for number in question.units}
    return {
        (voter.annotator, span.id)
        for number in units
        for voter, span in zip(asked.voters, asked.units[number].spans, strict=True)
        if span is not None
    }


PROBE = "قُصفت\r\n\u00a0👩‍👩‍👧 \u202bمدينة\u202c 😀 حلب"
"""Combining marks, a line break of two characters, a family of five code points, controls of direction, emoji."""


def doctor(project: Project, backend: Backend) -> list[Finding]:
    """Whether the server can be worked with, whether a probe comes back as it went, and whether each desk still has
    the schema's configuration."""
    found = backend.check()
    if not all(finding.right for finding in found):
        return found
    found.append(_probed(backend, setting_of(project)))
    setting = setting_of(project, design_of(project).profile if has_design(project) else "")
    for desk in backend.desks(project.store.project_id):
        losses = backend.losses(desk, setting)
        detail = "has the schema's" if losses is None else "has another: run `tahkim push` again"
        if losses:
            detail = f"has another, and the schema's would lose {'; '.join(losses)}"
        found.append(Finding(f"configuration of {desk.annotator}", losses is None, detail))
    return found


def _probed(backend: Backend, setting: Setting) -> Finding:
    """Push one text with a span of each unit's peril to a desk of its own, read it again, and take the desk away."""
    name = "tahkim probe"
    label = next(label for label in setting.schema.labels if setting.scope.asks_label(label))
    at = PROBE.index("حلب")
    work = Annotation(doc_id=name, annotator=name, spans=(Span("s1", at, len(PROBE), label),))
    item = Item(Document(id=name, text=PROBE), None, work)
    desk = backend.open("0", name, name, backend.admin, setting)
    try:
        backend.add(desk, [item], setting, backend.admin)
        (reading,) = backend.readings(desk, setting)
    finally:
        backend.remove(desk)
    same_text = reading.document.text == PROBE
    same_place = [(s.start, s.end) for s in reading.annotation.spans] == [(at, len(PROBE))]
    detail = "text and offsets come back as they went" if same_text and same_place else f"came back as {reading}"
    return Finding("offsets", same_text and same_place, detail)
