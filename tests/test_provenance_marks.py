"""What stays with a mark that comes back from a tool, and what is said of where it came from."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tahkim.model import Annotation, Relation, Span
from tahkim.provenance import Holds, compared, equal_marks

BARE = Holds(attributes=False, keys=())
WHOLE = Holds(attributes=True, keys=("note",))


def reading(*spans: Span, relations: tuple[Relation, ...] = (), **fields: Any) -> Annotation:
    return Annotation(doc_id="d", annotator="amal", spans=spans, relations=relations, **fields)


def bare(annotation: Annotation) -> Annotation:
    """As a tool without attributes gives it back, which has ids of its own."""
    spans = tuple(Span(f"9{s.id}", s.start, s.end, s.label) for s in annotation.spans)
    arcs = tuple(Relation(f"9{r.id}", r.label, f"9{r.head}", f"9{r.tail}") for r in annotation.relations)
    return reading(*spans, relations=arcs)


def test_identical_marks_keep_each_their_own_attributes() -> None:
    arcs = (Relation("r", "agent", "a", "c", {"certainty": "hedged"}), Relation("q", "agent", "a", "c"))
    spans = (Span("a", 0, 3, "KILL", {"n": 1}), Span("b", 0, 3, "KILL", {"n": 2}), Span("c", 4, 6, "ACTOR"))
    earlier = reading(*spans, relations=arcs)
    came = compared(bare(earlier), None, earlier, BARE)
    assert [dict(s.attributes) for s in came.spans] == [{"n": 1}, {"n": 2}, {}]
    assert [dict(r.attributes) for r in came.relations] == [{"certainty": "hedged"}, {}]
    # Once they have the tool's ids, the one that is left is known by its own.
    left = compared(replace(bare(earlier), spans=bare(earlier).spans[1:], relations=()), None, came, BARE)
    assert [dict(s.attributes) for s in left.spans] == [{"n": 2}, {}]
    assert not equal_marks(earlier, left)
    assert equal_marks(earlier, bare(earlier)) and not equal_marks(earlier, bare(earlier), attributes=True)


def test_attributes_that_were_taken_away_do_not_come_back_with_the_suggestion() -> None:
    suggestion = reading(Span("s", 0, 3, "KILL", {"n": 1}), Span("t", 4, 6, "LOC", {"kind": "town"}))
    earlier = reading(Span("a", 0, 3, "KILL", seen="changed"))
    fresh = (*bare(earlier).spans, Span("7", 4, 6, "LOC"))
    came = compared(reading(*fresh), suggestion, earlier, BARE, asked={"KILL", "LOC"})
    assert [(s.attributes, s.seen, dict(s.extra)) for s in came.spans] == [
        ({}, "changed", {"unfilled": True}),
        ({"kind": "town"}, "accepted", {"carried": True}),
    ]


def test_what_was_bare_or_carried_is_so_until_its_annotator_has_said_more() -> None:
    carried = Span("a", 0, 3, "KILL", {"n": 1}, extra={"carried": True})
    unfilled = Span("b", 4, 6, "LOC", extra={"unfilled": True, "note": "old", "batch": 3})
    earlier = reading(carried, unfilled, lead_time=2.0, extra={"comments": ["متى؟"]})
    plain = tuple(replace(s, extra={}) for s in earlier.spans)
    came = compared(reading(*plain), None, earlier, WHOLE)
    # The tool has notes of its own, so an old one that is not there any more is gone.
    assert [dict(s.extra) for s in came.spans] == [{"carried": True}, {"unfilled": True, "batch": 3}]
    assert came.extra == {"comments": ["متى؟"]}
    filled = (plain[0], replace(plain[1], attributes={"kind": "town"}))
    said = compared(reading(*filled), None, earlier, WHOLE)
    assert [dict(s.extra) for s in said.spans] == [{}, {"batch": 3}]


def test_a_tool_without_times_leaves_them_as_they_were() -> None:
    earlier = reading(Span("a", 0, 3, "KILL"), created_at="2026-01-01", updated_at="2026-01-02", lead_time=2.0)
    same = compared(bare(earlier), None, earlier, BARE)
    assert (same.created_at, same.updated_at, same.lead_time) == ("2026-01-01", "2026-01-02", 2.0)
    other = compared(reading(Span("9", 4, 6, "LOC")), None, earlier, BARE)
    assert (other.created_at, other.updated_at) == ("2026-01-01", None)
