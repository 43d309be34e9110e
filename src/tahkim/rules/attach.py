"""Which event a thing in the sentence belongs to: the measure of nearness all relations share."""

from __future__ import annotations

from typing import Final

from tahkim.rules.sentence import ATTACKS, HARMS, Chunk, Clause

_BREAKS: Final[tuple[tuple[str, int], ...]] = (("B", 14), ("P", 10), ("V", 6), (";", 10), ("T", 4), ("W", 4))
FARTHEST: Final = 60
PEOPLE: Final = frozenset({"PEOPLE", "NUMBER", "CASUALTY", "DEMONYM"})
BODIES: Final = frozenset({"ACTOR", "STATE"})
FILLERS: Final = "~.,hM(x)z"
LOOSE: Final = "~.hxz"


def cost(clause: Clause, event: Chunk, chunk: Chunk) -> int:
    """How far an event is from a chunk: units between, clause breaks added; twice as far if it comes after."""
    distance = _units_between(event, chunk)
    if distance > 2 * FARTHEST:
        return distance
    cues = clause.cues[event.end : chunk.start] if event.end <= chunk.start else clause.cues[chunk.end : event.start]
    for cue, extra in _BREAKS:
        if cue in cues:
            distance += extra * cues.count(cue)
    return distance


def _units_between(event: Chunk, chunk: Chunk) -> int:
    """`cost` without the clause breaks, so never more than it."""
    if event.end <= chunk.start:
        return chunk.start - event.end
    return 2 * max(0, event.start - chunk.end) + 5


def bearer(clause: Clause, chunk: Chunk, labels: frozenset[str] = ATTACKS, most: int = FARTHEST) -> Chunk | None:
    """The nearest event with one of these labels, at less than `most`; None if there is none."""
    best, least = None, most
    for event in clause.events:
        if event.label in labels and _units_between(event, chunk) < least:
            distance = cost(clause, event, chunk)
            if distance < least:
                best, least = event, distance
    return best


def circumstance(clause: Clause, chunk: Chunk) -> Chunk | None:
    """The event a time or place goes to: the attack of the sentence if it has one, else the nearest event."""
    ahead = clause.before(chunk)
    if ahead is not None and ahead.detached and not chunk.gap:
        return ahead
    found = bearer(clause, chunk)
    own = bearer(clause, chunk, frozenset({"MIL_MOVE", "TERRITORY", "DETAIN", "DISRUPT"}), 7)
    if own is not None and own.reading is not None and own.verb and own.reading.form.pronoun:
        own = None
    if (
        own is not None
        and own.end <= chunk.start
        and (found is None or cost(clause, own, chunk) < cost(clause, found, chunk))
    ):
        return own
    if found is None:
        found = bearer(clause, chunk, HARMS | {"DETAIN", "DISRUPT"})
    return found or bearer(clause, chunk, frozenset({"MIL_MOVE", "TERRITORY"}), 14)


def direct(gap: str) -> str:
    """A gap without its adjectives and fillers."""
    return gap.strip(FILLERS)
