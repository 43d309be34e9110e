"""Attributes of spans that are kept: types from the lexicons, counts, outcomes, factuality."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from tahkim.rules import times
from tahkim.rules.numbers import count, of_things
from tahkim.rules.sentence import ATTACKS, Chunk, Clause, reading_of

_OUTCOMES: Final = {"KILL": "killed", "INJURE": "injured", "DETAIN": "detained"}


def describe_all(clause: Clause, today: date | None, home: str) -> None:
    """Attributes of all kept chunks; times and people first, because events look at them.

    `today` is the date of the report, `home` the country it is about.
    """
    for chunk in clause.chunks:
        if chunk.label in ("TIME", "CASUALTY"):
            describe(clause, chunk, today, home)
    for chunk in clause.chunks:
        if chunk.label is not None and chunk.label not in ("TIME", "CASUALTY"):
            describe(clause, chunk, today, home)


def describe(clause: Clause, chunk: Chunk, today: date | None, home: str) -> None:
    """Fill `chunk.attributes` by its label."""
    if chunk.kind == "EVENT":
        chunk.attributes = _event(clause, chunk)
    elif chunk.label == "TIME":
        chunk.attributes = times.resolve(clause, chunk, today)
    elif chunk.label == "ACTOR":
        chunk.attributes = _actor(clause, chunk, home)
    elif chunk.label in _BY_LABEL:
        chunk.attributes = _BY_LABEL[chunk.label](clause, chunk)


def _event(clause: Clause, chunk: Chunk) -> dict[str, object]:
    result: dict[str, object] = {"factuality": factuality(clause, chunk)}
    if _is_background(clause, chunk):
        result["background"] = True
    number = of_things(clause, chunk)
    if number is not None and not chunk.verb:
        result["count"] = number
    mode = _mode(clause, chunk)
    if mode:
        result["mode"] = mode
    if chunk.label in ATTACKS or chunk.label in ("DETAIN", "MIL_MOVE", "TERRITORY", "DISRUPT"):
        result["agent_status"] = "stated" if clause.has("agent", chunk) else "unstated"
    return result


def factuality(clause: Clause, chunk: Chunk) -> str:
    """NEGATED, IRREALIS, HEDGED, GENERIC or ASSERTED, from the cues in front of the event."""
    before = clause.cues[max(0, chunk.start - 4) : chunk.start]
    near = before[-2:]
    if "N" in near:
        return "NEGATED"
    if "I" in near or (before.endswith("l") and "I" in before):
        return "IRREALIS"
    if "X" in before or _none_at_all(clause, chunk):
        return "NEGATED"
    if "H" in before or ("M" in near and _present(chunk)):
        return "HEDGED"
    form = chunk.reading.form if chunk.reading else None
    if form is not None and form.number == 3 and not chunk.verb and _habitual(clause, chunk):
        return "GENERIC"
    return "ASSERTED"


def _none_at_all(clause: Clause, chunk: Chunk) -> bool:
    """`لم تنفذ الطائرات أي غارة`."""
    any_word = clause.units.texts[max(0, chunk.start - 1) : chunk.start]
    return any_word in (["اي"], ["ايه"]) and "N" in clause.cues[max(0, chunk.start - 8) : chunk.start]


def _present(chunk: Chunk) -> bool:
    return chunk.reading is not None and chunk.reading.form.tense == "present"


_HABIT: Final = frozenset(
    {"متكرره", "مرارا", "يوميه", "شبه", "عاده", "دائم", "مستمره", "متواصله", "مباغته", "وتيره", "تصاعد"}
)


def _habitual(clause: Clause, chunk: Chunk) -> bool:
    return not _HABIT.isdisjoint(clause.units.texts[max(0, chunk.start - 3) : chunk.end + 3])


_PAST: Final = frozenset({"سابق", "سابقا", "يذكر", "يشار", "الماضي", "الماضيه", "مذاك", "السابق"})


def _is_background(clause: Clause, chunk: Chunk) -> bool:
    """Told for context: after يذكر, في وقت سابق, or dated to an earlier month or year."""
    if not _PAST.isdisjoint(clause.units.texts[:4]):
        return True
    for link in clause.links:
        if link.label == "time" and link.head is chunk and link.tail.attributes.get("time_precision") == 3:
            return True
    return False


_MODES: Final = {
    "weapon.ied": "ied",
    "weapon.vbied": "vbied",
    "weapon.mine": "landmine",
    "weapon.chemical": "chemical",
    "weapon.small": "shooting",
}


def _mode(clause: Clause, chunk: Chunk) -> str:
    if chunk.reading is None:
        return ""
    own = chunk.reading.entry.attributes.get("mode", "")
    if own:
        return own
    for word in clause.units.words[chunk.end : chunk.end + 2]:
        for reading in word.readings:
            if reading.entry.id == "انتحاري":
                return "suicide"
    if chunk.label in ("EXPLOSION", "ATTACK"):
        for link in clause.links:
            if link.label == "instrument" and link.head is chunk:
                weapon = reading_of(clause.units, link.tail.start, link.tail.end, ("weapon",))
                if weapon is not None and weapon.entry.word_class in _MODES:
                    return _MODES[weapon.entry.word_class]
        return "unspecified" if chunk.label == "ATTACK" else "unknown_cause"
    return ""


def _casualty(clause: Clause, chunk: Chunk) -> dict[str, object]:
    result: dict[str, object] = dict(count(clause, chunk))
    result["outcome"] = _outcome(clause, chunk)
    people = reading_of(clause.units, chunk.start, chunk.end, ("person", "casualty"))
    status, group = "unknown", None
    for word in clause.units.words[chunk.start : chunk.end]:
        reading = word.reading("person")
        if reading is not None:
            status = reading.entry.attributes.get("status", status)
            group = reading.entry.attributes.get("demographic", group)
        quality = word.reading("quality")
        if quality is not None and quality.entry.id in ("مدني", "مسلح", "متشدد", "متطرف", "إرهابي", "عسكري"):
            status = {"مدني": "civilian", "عسكري": "state_force"}.get(quality.entry.id, "combatant")
    if status == "unknown" and people is None:
        status = _status_of_group(clause, chunk)
    result["status"] = status
    if group:
        result["demographic"] = group
    return result


def _status_of_group(clause: Clause, chunk: Chunk) -> str:
    for link in clause.links:
        if link.label == "affiliated_with" and link.head is chunk:
            actor = reading_of(clause.units, link.tail.start, link.tail.end, ("actor",))
            if actor is not None:
                kind = actor.entry.attributes.get("type", "")
                return "combatant" if kind == "NONSTATE_ARMED" else "state_force"
    return "unknown"


def _outcome(clause: Clause, chunk: Chunk) -> str:
    noun = reading_of(clause.units, chunk.start, chunk.end, ("casualty",))
    if noun is not None and "outcome" in noun.entry.attributes:
        return noun.entry.attributes["outcome"]
    for link in clause.links:
        if link.tail is chunk and link.label in ("victim", "target") and link.head.label in _OUTCOMES:
            return _OUTCOMES[link.head.label or ""]
    return "unspecified"


def _actor(clause: Clause, chunk: Chunk, home: str) -> dict[str, object]:
    """A state is a force from outside but in its own country: who is external depends on where the report is."""
    reading = reading_of(clause.units, chunk.start, chunk.end, ("actor", "demonym", "loc.name.state", "person"))
    if reading is None:
        return {"mention": "nominal", "actor_type": "OTHER"}
    entry = reading.entry
    if entry.word_class in ("actor.name", "actor.state", "loc.name.state"):
        kind = entry.attributes.get("type", "EXTERNAL_FORCE")
        if kind == "country" or entry.word_class == "actor.state":
            kind = _of_state(entry.id, home)
        return {"mention": "name", "canonical": entry.id, "actor_type": kind}
    if entry.word_class.startswith("demonym"):
        country = entry.attributes.get("canonical") or entry.attributes.get("country", entry.id)
        return {"mention": "adjective", "canonical": country, "actor_type": _of_state(country, home)}
    return {"mention": "nominal", "actor_type": entry.attributes.get("type", "NONSTATE_ARMED")}


def _of_state(country: str, home: str) -> str:
    return "STATE_FORCE" if country == home else "EXTERNAL_FORCE"


def _loc(clause: Clause, chunk: Chunk) -> dict[str, object]:
    reading = reading_of(
        clause.units, chunk.start, chunk.end, ("loc.class", "loc.part", "loc.name", "loc.rare", "border")
    )
    result: dict[str, object] = {"loc_type": (reading.entry.attributes.get("type", "region") if reading else "region")}
    if clause.units.words[chunk.start].reading("compass"):
        result["loc_type"] = "region"
    result["spatial_mod"] = _spatial(chunk)
    name = reading_of(clause.units, chunk.start, chunk.end, ("loc.name", "loc.rare"))
    if name is not None and name.entry.id.isascii():
        result["gaz"] = name.entry.id
    return result


def _spatial(chunk: Chunk) -> str:
    tail = chunk.gap[-3:]
    if "n" in tail:
        return "near"
    if "e" in tail or "w" in tail:
        return "edge"
    return "toward" if tail.endswith(("t", "g")) else "in"


def _asset(clause: Clause, chunk: Chunk) -> dict[str, object]:
    reading = reading_of(clause.units, chunk.start, chunk.end, ("asset",))
    result: dict[str, object] = {"asset_type": reading.entry.attributes.get("type", "other") if reading else "other"}
    number = of_things(clause, chunk)
    if number is not None:
        result["count"] = number
    elif reading is not None and reading.form.number == 1:
        result["count"] = 1
    return result


def _weapon(clause: Clause, chunk: Chunk) -> dict[str, object]:
    reading = reading_of(clause.units, chunk.start, chunk.end, ("weapon",))
    result: dict[str, object] = {"weapon_type": reading.entry.attributes.get("type", "other") if reading else "other"}
    number = of_things(clause, chunk)
    if number is not None:
        result["count"] = number
    return result


def _source(clause: Clause, chunk: Chunk) -> dict[str, object]:
    reading = reading_of(clause.units, chunk.start, chunk.end, ("source",))
    if reading is None:
        return {"source_type": "other"}
    kind = reading.entry.attributes.get("type", "other")
    if reading.entry.word_class == "source.head":
        quality = reading_of(clause.units, chunk.start, chunk.end, ("source.quality",))
        kind = _UNNAMED.get(quality.entry.id if quality else "", "other")
    result: dict[str, object] = {"source_type": kind}
    if reading.entry.word_class == "source.name":
        result["canonical"] = reading.entry.id
    return result


_UNNAMED: Final = {
    "عسكري": "unnamed_military",
    "أمني": "unnamed_security",
    "طبي": "unnamed_medical",
    "محلي": "unnamed_local",
    "رسمي": "official",
    "حكومي": "official",
    "معارض": "opposition",
}


def _person(clause: Clause, chunk: Chunk) -> dict[str, object]:
    first = chunk.start
    while first > 0 and clause.units.words[first - 1].reading("title"):
        first -= 1
    # The text of these units as it was written is known only where spans are written down.
    result: dict[str, object] = {"role": range(first, chunk.start)} if first < chunk.start else {}
    outcome = _outcome(clause, chunk)
    if outcome != "unspecified":
        result["outcome"] = outcome
    return result


_BY_LABEL: Final[dict[str, Callable[[Clause, Chunk], dict[str, object]]]] = {
    "CASUALTY": _casualty,
    "LOC": _loc,
    "ASSET": _asset,
    "WEAPON": _weapon,
    "SOURCE": _source,
    "PERSON": _person,
}
