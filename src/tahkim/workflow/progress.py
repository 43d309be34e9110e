"""How each annotator's desk stands against the design, and whether a server can be worked with."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tahkim.backends.desks import Backend, Finding, Item, Setting
from tahkim.model import Annotation, Document, Span
from tahkim.project import Project
from tahkim.workflow.desks import design_of, has_design, setting_of

Record = dict[str, Any]


def standing(project: Project) -> list[Record]:
    """Each annotator against the design: assigned, done, skipped, drafts, held back, to be filled, pace, last seen.

    `pace` is the median of lead times in seconds, `filled` counts spans that a tool without attributes left bare.
    """
    design = design_of(project)
    setting = setting_of(project, design.profile)
    rows = []
    for name in design.annotators:
        assigned = design.of(name)
        work = [a for a in project.store.annotations(annotator=name) if a.doc_id in assigned]
        status = Counter("invalid" if "invalid" in a.extra else a.status for a in work)
        pace = sorted(a.lead_time for a in work if a.lead_time is not None and a.votes)
        row: Record = {"annotator": name, "assigned": len(assigned)}
        row |= {"done": status["submitted"], "skipped": status["skipped"], "drafts": status["draft"]}
        row["invalid"] = status["invalid"]
        row["to_fill"] = sum(_bare(a, setting) for a in work if a.votes)
        row["pace"] = pace[len(pace) // 2] if pace else None
        row["last_seen"] = max((a.updated_at for a in work if a.updated_at), default=None)
        row["blind"] = sum(arm == "blind" for arm in assigned.values())
        rows.append(row)
    return rows


def _bare(annotation: Annotation, setting: Setting) -> int:
    """Spans without any of the attributes that were asked for, in work from a tool that has no place for them."""
    if (annotation.origin or {}).get("tool") != "doccano":
        return 0
    asked = {
        label
        for label in setting.schema.labels
        if any(map(setting.scope.asks_attribute, setting.schema.attributes_of(label)))
    }
    return sum(span.label in asked and not span.attributes for span in annotation.spans)


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
