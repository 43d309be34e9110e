"""An event table: one row an event, in the columns of ACLED where a reading can fill them.

What the mapping says is in the tables below: it is about the labels of tahkim's own schema, and a project with other
labels has no row. Events that are denied, planned or general (factuality NEGATED, IRREALIS, GENERIC) are none, nor is
one that is only known to be somewhere in a country. Deaths and wounds are no rows: they are counted where they belong.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from io import StringIO
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from tahkim.events import Frame, frames
from tahkim.gold.content import Item
from tahkim.model import Span
from tahkim.schema import Schema
from tahkim.text import sentences
from tahkim.writing import write_text

COLUMNS = (
    "event_id", "event_date", "year", "time_precision", "event_type", "sub_event_type",
    "actor1", "assoc_actor_1", "actor2", "assoc_actor_2", "civilian_targeting",
    "location", "geo_precision", "source", "source_scale", "notes", "fatalities", "tags",
    "doc_id", "published", "time", "factuality", "label", "mode", "split",
)  # fmt: skip

REMOTE, BATTLES = "Explosions/Remote violence", "Battles"
CIVILIANS, STRATEGIC = "Violence against civilians", "Strategic developments"
_BLAST, _STRIKE = "Remote explosive/landmine/IED", "Air/drone strike"
_SHELLING, _ARMED_CLASH = "Shelling/artillery/missile attack", "Armed clash"

_BY_LABEL = {
    "AIRSTRIKE": (REMOTE, _STRIKE),
    "SHELLING": (REMOTE, _SHELLING),
    "EXPLOSION": (REMOTE, _BLAST),
    "CLASH": (BATTLES, _ARMED_CLASH),
    "ATTACK": (BATTLES, _ARMED_CLASH),
    "DETAIN": (STRATEGIC, "Arrests"),
    "MIL_MOVE": (STRATEGIC, "Change to group/activity"),
    "TERRITORY": (BATTLES, "Non-state actor overtakes territory"),
    "DISRUPT": (STRATEGIC, "Disrupted weapons use"),
}
_BY_MODE = {
    ("EXPLOSION", "suicide"): (REMOTE, "Suicide bomb"),
    ("EXPLOSION", "grenade"): (REMOTE, "Grenade"),
    ("EXPLOSION", "chemical"): (REMOTE, "Chemical weapon"),
    ("DETAIN", "abduction"): (CIVILIANS, "Abduction/forced disappearance"),
}
_NO_EVENT = ("NEGATED", "IRREALIS", "GENERIC")
_UNARMED = ("civilian",)
_GEO_PRECISION = {
    "town": 1, "village": 1, "neighbourhood": 1, "street": 1, "natural": 1,
    "countryside": 2, "desert": 2, "district": 2,
    "governorate": 3, "region": 3,
}  # fmt: skip
_YEAR = re.compile(r"\d{4}(?!\d)")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def write(folder: Path, items: Sequence[Item], schema: Schema) -> dict[str, Any]:
    """`events.csv` (UTF-8). Answers with the number of rows and of events that are no row."""
    table = StringIO()
    writer = csv.DictWriter(table, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    rows = events = 0
    for item in items:
        found = frames(item.gold, item.document.text, schema)
        report = _report(item)
        for number, frame in enumerate(found, start=1):
            events += 1
            if has_row(frame):
                rows += 1
                writer.writerow(row(frame, report, number))
    write_text(folder / "events.csv", table.getvalue())
    return {"rows": rows, "events_without_row": events - rows}


class Report(NamedTuple):
    """A document with its sentences, and by the id of a span the bodies that what it names belongs to."""

    item: Item
    sentences: list[tuple[int, int]]
    bodies: dict[str, list[Span]]


def _report(item: Item) -> Report:
    by_id = {span.id: span for span in item.gold.spans}
    bodies: dict[str, list[Span]] = defaultdict(list)
    for relation in item.gold.relations:
        if relation.label == "affiliated_with":
            bodies[relation.head].append(by_id[relation.tail])
    return Report(item, sentences(item.document.text), bodies)


def has_row(frame: Frame) -> bool:
    """Whether ACLED would have a row for it."""
    places = [place.attributes.get("loc_type") for place in frame.filled("place")]
    only_country = bool(places) and all(kind == "country" for kind in places)
    return frame.label in _BY_LABEL and frame.attribute("factuality") not in _NO_EVENT and not only_country


def row(frame: Frame, report: Report, number: int) -> dict[str, Any]:
    """The row of an event: its type, when, who, where, by whom it is told, and how many died."""
    item = report.item
    event_type, sub_event_type = kind(frame)
    return {
        "event_id": f"{item.document.id}:{number}",
        "event_type": event_type,
        "sub_event_type": sub_event_type,
        **_when(frame),
        **_who(frame, report),
        **_where(frame, item),
        "civilian_targeting": "Civilian targeting" if _unarmed(frame) else "",
        "source": "; ".join(item.surface(s.start, s.end) for s in frame.filled("reported_by")),
        "source_scale": item.document.meta.get("outlet", ""),
        "notes": _notes(frame, report),
        "fatalities": frame.deaths,
        "tags": "; ".join(_tags(frame)),
        "doc_id": item.document.id,
        "published": item.document.meta.get("published", ""),
        "time": "; ".join(item.surface(s.start, s.end) for s in frame.filled("time")),
        "factuality": frame.attribute("factuality") or "",
        "label": frame.label,
        "mode": frame.attribute("mode") or "",
        "split": item.split or "",
    }


def kind(frame: Frame) -> tuple[str, str]:
    """ACLED's event and sub-event type, by label, mode, and whether who was attacked bore arms."""
    mode = frame.attribute("mode")
    found = _BY_MODE.get((frame.label, str(mode)))
    if found is not None:
        return found
    if frame.label == "ATTACK" and _unarmed(frame):
        return CIVILIANS, "Attack"
    if frame.label == "TERRITORY" and any(
        s.attributes.get("actor_type") == "STATE_FORCE" for s in frame.filled("agent")
    ):
        return BATTLES, "Government regains territory"
    return _BY_LABEL[frame.label]


def _unarmed(frame: Frame) -> bool:
    hit = [*frame.filled("target"), *frame.filled("victim")]
    return any(span.attributes.get("status") in _UNARMED for span in hit)


def _when(frame: Frame) -> dict[str, Any]:
    """The first time that names a day, or the first one's year and precision; empty where none is dated."""
    times = frame.filled("time")
    for time in times:
        day = _DATE.match(str(time.attributes.get("norm", "")))
        if day is not None:
            precision = time.attributes.get("time_precision", 1)
            return {"event_date": day[0], "year": day[1], "time_precision": precision}
    precise = next((t.attributes["time_precision"] for t in times if "time_precision" in t.attributes), "")
    year = next((y[0] for t in times if (y := _YEAR.match(str(t.attributes.get("norm", ""))))), "")
    return {"event_date": "", "year": year, "time_precision": precise}


def _who(frame: Frame, report: Report) -> dict[str, str]:
    item = report.item
    agents = [_name(span, item) for span in frame.filled("agent")]
    hit = [_name(span, item) for span in (*frame.filled("target"), *frame.filled("victim")) if _is_body(span)]
    if frame.label == "CLASH" and len(agents) > 1:
        agents, hit = agents[:1], [*agents[1:], *hit]
    if not hit and _unarmed(frame):
        hit = ["Civilians"]
    # Whose post or vehicle was hit is the actor where no body is named as hit itself.
    allied = [_affiliations(frame.filled(role), report) for role in ("agent", "target")]
    agents, hit = (list(dict.fromkeys([*side, *bodies])) for side, bodies in zip((agents, hit), allied, strict=True))
    return {
        "actor1": agents[0] if agents else "",
        "assoc_actor_1": "; ".join(agents[1:]),
        "actor2": hit[0] if hit else "",
        "assoc_actor_2": "; ".join(hit[1:]),
    }


def _is_body(span: Span) -> bool:
    return span.label in ("ACTOR", "PERSON")


def _name(span: Span, item: Item) -> str:
    if span.attributes.get("actor_type") == "UNIDENTIFIED":
        return "Unidentified Armed Group"
    return str(span.attributes.get("canonical") or item.surface(span.start, span.end))


def _affiliations(spans: Sequence[Span], report: Report) -> list[str]:
    """Names of the bodies that spans belong to."""
    return [_name(body, report.item) for span in spans for body in report.bodies.get(span.id, ())]


def _where(frame: Frame, item: Item) -> dict[str, Any]:
    """The first place, and how exactly it is known; empty precision where its kind is not annotated."""
    places = frame.filled("place")
    if not places:
        return {"location": "", "geo_precision": ""}
    first = places[0]
    modified = first.attributes.get("spatial_mod") in ("near", "edge", "toward")
    precision = 1 if first.label == "ASSET" else _GEO_PRECISION.get(first.attributes.get("loc_type", ""), "")
    if precision == 1 and modified:
        precision = 2
    return {"location": item.surface(first.start, first.end), "geo_precision": precision}


def _notes(frame: Frame, report: Report) -> str:
    """The sentence of the first mention."""
    at = frame.mentions[0].start
    number = bisect_right(report.sentences, at, key=itemgetter(0)) - 1
    start, end = report.sentences[number] if number >= 0 else (0, 0)
    return report.item.surface(start, end) if at < end else ""


def _tags(frame: Frame) -> Iterator[str]:
    if frame.attribute("factuality") == "HEDGED":
        yield "hedged"
    if frame.attribute("background") is True:
        yield "background"
    if frame.filled("claimed_by"):
        yield "claimed"
