"""Events against gold: one frame for all mentions of an event, slot by slot, as a user of event data counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tahkim.agreement.align import Unit, align
from tahkim.agreement.scores import score
from tahkim.events import Frame, frames
from tahkim.model import Annotation, Corpus, Span
from tahkim.schema import Schema
from tahkim.text import shadow

SLOTS = {"type": None, "place": "place", "date": "time", "actor": "agent", "target": "target", "fatalities": None}
"""Each slot with the relation that fills it; None where the frame itself says."""

_NAMES = ("canonical", "gaz", "norm")

Filler = frozenset[str]
"""The names a filler goes by: two fillers are the same when they share one."""


def evaluate_events(gold: Corpus, predicted: Corpus, schema: Schema, *, common: bool = False) -> dict[str, Any]:
    """Counts and ratios of events and of their slots, as plain data; both sides hold one annotator.

    Mentions tied by `same_event` are one event. Events of the two sides are matched one to one within a document, so
    that they share as many mentions as possible (units of the alignment); an event that shares none has no match. A
    filler is right when a matched event has it in the same slot: the same `canonical`, `gaz` or `norm`, or the same
    words in their folded form. `fatalities` is filled where somebody died, and right when the number is.

    Documents are those gold has a submitted reading of; one the prediction lacks counts as nothing predicted, with
    `common` it is left out. Ratios that are undefined are None with a `reason`.
    """
    found = {a.doc_id: a for a in predicted.annotations if a.status == "submitted"}
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("events", *SLOTS)}
    for reading in gold.annotations:
        other = found.get(reading.doc_id)
        if reading.status == "submitted" and (other is not None or not common):
            _count(reading, other, gold.documents[reading.doc_id].text, schema, counts)
    scored = {name: score(c["gold"], c["predicted"], c["correct"]).to_json() for name, c in counts.items()}
    return {"matched": scored.pop("events"), "slots": scored}


def _count(
    gold: Annotation, predicted: Annotation | None, text: str, schema: Schema, counts: dict[str, Counter[str]]
) -> None:
    sides = [frames(gold, text, schema), frames(predicted, text, schema) if predicted is not None else []]
    units = align([gold.spans, predicted.spans if predicted is not None else ()])
    filled = [[{slot: _fillers(frame, slot, text) for slot in SLOTS} for frame in side] for side in sides]
    right = [[{slot: _common(a[slot], b[slot]) for slot in SLOTS} for b in filled[1]] for a in filled[0]]
    pairs = _matched(_shared(sides[0], sides[1], units), right)
    counts["events"].update(gold=len(sides[0]), predicted=len(sides[1]), correct=len(pairs))
    for slot in SLOTS:
        counts[slot].update(gold=sum(len(f[slot]) for f in filled[0]), predicted=sum(len(f[slot]) for f in filled[1]))
        counts[slot]["correct"] += sum(right[one][other][slot] for one, other in pairs)


def _shared(gold: Sequence[Frame], predicted: Sequence[Frame], units: Sequence[Unit]) -> NDArray[np.float64]:
    """Shape (events of gold, events predicted): how many mentions each two have in common."""
    number = [{m.id: n for n, frame in enumerate(side) for m in frame.mentions} for side in (gold, predicted)]
    shared = np.zeros((len(gold), len(predicted)))
    for unit in units:
        one, other = unit.spans
        if one is not None and other is not None and one.id in number[0] and other.id in number[1]:
            shared[number[0][one.id], number[1][other.id]] += 1
    return shared


def _matched(shared: NDArray[np.float64], right: Sequence[Sequence[dict[str, int]]]) -> list[tuple[int, int]]:
    """Pairs of events with the most shared mentions in all; of equally good ones those with the most right slots."""
    if not shared.size:
        return []
    from scipy.optimize import linear_sum_assignment

    slots = np.array([[sum(each.values()) for each in row] for row in right], dtype=float)
    # So small that all slots of a document together weigh less than one mention.
    rows, columns = linear_sum_assignment(shared + (shared > 0) * slots / (1 + slots.sum()), maximize=True)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if shared[r, c]]


def _fillers(frame: Frame, slot: str, text: str) -> list[Filler]:
    if slot == "type":
        return [frozenset({frame.label})]
    if slot == "fatalities":
        return [frozenset({str(frame.deaths)})] if frame.deaths else []
    return [_names(span, text) for span in frame.filled(SLOTS[slot] or "")]


def _names(span: Span, text: str) -> Filler:
    given = {f"{name}={span.attributes[name]}" for name in _NAMES if span.attributes.get(name) is not None}
    return frozenset(given | {shadow(text[span.start : span.end]).text})


def _common(one: Sequence[Filler], other: Sequence[Filler]) -> int:
    """How many fillers of one side have one of their own on the other."""
    left = list(other)
    found = 0
    for filler in one:
        same = next((each for each in left if each & filler), None)
        if same is not None:
            left.remove(same)
            found += 1
    return found
