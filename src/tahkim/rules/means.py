"""The label of an attack follows the means: of its own sentence first, then of the event it goes back to."""

from __future__ import annotations

from collections.abc import Sequence

from tahkim.rules.sentence import Chunk, Clause, reading_of

_BY_WEAPON = {
    "weapon.air": "AIRSTRIKE",
    "weapon.shell": "SHELLING",
    "weapon.rocket": "SHELLING",
    "weapon.artillery": "SHELLING",
    "weapon.ied": "EXPLOSION",
    "weapon.vbied": "EXPLOSION",
    "weapon.mine": "EXPLOSION",
    "weapon.bomb": "SHELLING",
}
_BY_QUALITY = {
    "جوي": "AIRSTRIKE",
    "مدفعي": "SHELLING",
    "صاروخي": "SHELLING",
    "انتحاري": "EXPLOSION",
    "إرهابي": "",
}
_OPEN = frozenset({"attack.strike", "attack.bombing", "attack.assault", "attack.aim", "attack.killing", "attack.event"})
_LOOK = 5


def label_attacks(clauses: Sequence[Clause]) -> None:
    """Settle the labels of the attacks whose word leaves the means open, in the order of the text."""
    main = ""
    for clause in clauses:
        for event in clause.events:
            if not event.is_attack:
                continue
            if event.family in _OPEN:
                event.label = _label(clause, event, main)
            if event.family != "attack.clash" and not main and event.label != "ATTACK":
                main = event.label or ""


def _label(clause: Clause, event: Chunk, main: str) -> str:
    stated = _by_quality(clause, event) or _by_weapon(clause, event)
    if stated:
        return stated
    definite = event.reading is not None and event.reading.form.definite
    if event.family == "attack.strike":
        return main if main in ("AIRSTRIKE", "SHELLING") else "AIRSTRIKE"
    if event.family == "attack.bombing":
        return main if main in ("AIRSTRIKE", "SHELLING") else "SHELLING"
    if event.family == "attack.killing":
        return "EXPLOSION" if _blast_beside(clause, event) or (definite and main == "EXPLOSION") else "ATTACK"
    if main and (definite or event.family == "attack.aim"):
        return main if definite or not event.verb else "ATTACK"
    return "EXPLOSION" if event.family == "attack.killing" and main == "EXPLOSION" else "ATTACK"


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
