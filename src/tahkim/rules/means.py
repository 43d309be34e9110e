"""The label of an attack follows the means: of its own sentence first, then of the event it goes back to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tahkim.rules.sentence import Chunk, Clause, reading_of

_BY_WEAPON: Final = {
    "weapon.air": "AIRSTRIKE",
    "weapon.shell": "SHELLING",
    "weapon.rocket": "SHELLING",
    "weapon.artillery": "SHELLING",
    "weapon.ied": "EXPLOSION",
    "weapon.vbied": "EXPLOSION",
    "weapon.mine": "EXPLOSION",
    "weapon.bomb": "SHELLING",
}
_BY_QUALITY: Final = {
    "كيميائي": "EXPLOSION",
    "كيماوي": "EXPLOSION",
    "جوي": "AIRSTRIKE",
    "مدفعي": "SHELLING",
    "صاروخي": "SHELLING",
    "انتحاري": "EXPLOSION",
    "إرهابي": "",
}
_OPEN: Final = frozenset(
    {"attack.strike", "attack.bombing", "attack.assault", "attack.aim", "attack.killing", "attack.event"}
)
_FOLLOWING: Final = frozenset({"attack.killing", "attack.aim", "attack.event"})


def label_attacks(clauses: Sequence[Clause]) -> None:
    """Settle the labels of the attacks whose word leaves the means open.

    What the own sentence says decides; else a definite mention takes the label of the event the document is about,
    wherever in it the means are named; else the word's default stands.
    """
    _drop_unfounded(clauses)
    events = [(clause, event) for clause in clauses for event in clause.events if event.is_attack]
    stated = [_stated(clause, event) for clause, event in events]
    main = _main(events, stated)
    for (clause, event), own in zip(events, stated, strict=True):
        event.label = own or _open_label(clause, event, main)


def _drop_unfounded(clauses: Sequence[Clause]) -> None:
    """`الجريمة`, `الحادث` with no attack told of before are no attacks."""
    told = False
    for clause in clauses:
        for event in list(clause.events):
            if event.family == "attack.event" and not told:
                event.label = None
                clause.events.remove(event)
            told = told or event.is_attack


def _stated(clause: Clause, event: Chunk) -> str:
    """The label its word, an adjective or a weapon beside it gives; empty if they leave it open."""
    if event.family in ("attack.launch", "attack.fall"):
        return _launched(clause, event)
    if event.family not in _OPEN:
        return event.label or ""
    own = _by_quality(clause, event) or _by_weapon(clause, event)
    if not own and event.family == "attack.killing" and _blast_beside(clause, event):
        return "EXPLOSION"
    return own


def _launched(clause: Clause, event: Chunk) -> str:
    """What falls or is fired: from the air an airstrike, a grenade thrown by hand an explosion, else shelling."""
    if _by_weapon(clause, event) == "AIRSTRIKE":
        return "AIRSTRIKE"
    thrown = event.reading is not None and event.reading.entry.id in ("ألقى", "إلقاء")
    return "EXPLOSION" if thrown else "SHELLING"


def _main(events: Sequence[tuple[Clause, Chunk]], stated: Sequence[str]) -> str:
    """The first stated label; a clash is not what `الهجوم` goes back to."""
    for (_, event), own in zip(events, stated, strict=True):
        if own and own not in ("CLASH", "ATTACK") and not (event.family == "attack.blast" and _plural(event)):
            return own
        if (
            event.family in ("attack.assault", "attack.raid", "attack.shooting")
            and not own
            and _main_is_open(events, event)
        ):
            return ""
    return ""


def _main_is_open(events: Sequence[tuple[Clause, Chunk]], first: Chunk) -> bool:
    """Whether the first attack stays without means: no definite singular mention behind it names them."""
    for _, event in events:
        if event.start == first.start and event is first:
            continue
        if _definite(event) and not _plural(event) and event.family in ("attack.blast", "attack.air"):
            return False
    return True


def _definite(event: Chunk) -> bool:
    return event.reading is not None and event.reading.form.definite


def _plural(event: Chunk) -> bool:
    return event.reading is not None and event.reading.form.number == 3


def _open_label(clause: Clause, event: Chunk, main: str) -> str:
    family = event.family
    if family == "attack.strike":
        return main if main in ("AIRSTRIKE", "SHELLING") else "AIRSTRIKE"
    if family == "attack.bombing":
        return main if main in ("AIRSTRIKE", "SHELLING") else "SHELLING"
    present = event.reading is not None and event.reading.form.tense == "present"
    if main and not _plural(event) and not present and (_definite(event) or family in _FOLLOWING):
        return main
    return "ATTACK"


def _blast_beside(clause: Clause, event: Chunk) -> bool:
    return any(other.family in ("attack.blast", "attack.blow_up") for other in clause.events)


def _by_quality(clause: Clause, event: Chunk) -> str:
    """An adjective right behind: جوي, مدفعي, صاروخي, انتحاري."""
    words = clause.units.words[event.end : event.end + 3]
    for word in words:
        reading = word.reading("quality")
        if reading is None:
            break
        if _BY_QUALITY.get(reading.entry.id):
            return _BY_QUALITY[reading.entry.id]
    return ""


def _by_weapon(clause: Clause, event: Chunk) -> str:
    """The weapon linked as instrument."""
    labels = []
    for link in clause.links:
        if link.head is event and link.label == "instrument":
            reading = reading_of(clause.units, link.tail.start, link.tail.end, ("weapon",))
            if reading is not None:
                labels.append(_BY_WEAPON.get(reading.entry.word_class, ""))
    if "AIRSTRIKE" in labels:
        return "AIRSTRIKE"
    return next((label for label in labels if label), "")
