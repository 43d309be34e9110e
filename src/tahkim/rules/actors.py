"""Agents and targets, their weapons, and who belongs to whom."""

from __future__ import annotations

from typing import Final

from tahkim.rules.attach import BODIES, LOOSE, PEOPLE, bearer, direct
from tahkim.rules.places import attach_loc, same_roles
from tahkim.rules.sentence import ATTACKS, HARMS, Chunk, Clause, reading_of

_AFFILIATED: Final = {
    "PEOPLE": ("f", "b", "F", "fF", "Fl", "i", "kl", "kf", "k", "Rf", "l"),
    "ASSET": ("l", "F", "Fl", "kl", "kf"),
    "WEAPON": ("", "l", "F", "Fl", "kl", "f", "HTFl", "HTl", "TFl", "RF", "RFl"),
    "BODY": ("F", "Fl", "Ff", "kl", "kf", "k", "L", "LR", "RL", "kF", "Rk", "RF", "i"),
}
_TIES: Final[tuple[str, ...]] = ("F", "Fl", "kl", "kf", "k", "L")


def attach_weapon(clause: Clause, chunk: Chunk) -> None:
    """Instrument of the nearest attack (or of a death, if there is none near)."""
    struck = _object_of(clause, chunk)
    if struck is not None:
        chunk.label = "WEAPON"
        clause.link("target", struck, chunk, "target.weapon")
        return
    event = _adjacent_attack(clause, chunk) or _subject_of(clause, chunk) or bearer(clause, chunk, ATTACKS, 24)
    laid = _laid(clause, chunk)
    harm = bearer(clause, chunk, HARMS, 10)
    if event is None and laid is None:
        event = harm
    elif event is not None and harm is not None and event.start >= chunk.end and harm.end <= chunk.start:
        event = harm if chunk.gap.endswith("b") else event
    for head in (event, laid):
        if head is not None and not _only_named(clause, chunk):
            chunk.label = "WEAPON"
            clause.link("instrument", head, chunk, "instrument.nearest")


def _object_of(clause: Clause, chunk: Chunk) -> Chunk | None:
    """`اعترضت الدفاعات صاروخا`, `دمرت المقاتلات منصة`: the weapon that was hit or seized."""
    if direct(chunk.gap).strip("f&"):
        return None
    for other in reversed(clause.chunks[max(0, chunk.index - 4) : chunk.index]):
        if other.label == "DISRUPT" or (other.label == "DAMAGE" and other.verb and chunk.index - other.index > 1):
            return other
        if other.kind not in ("ACTOR", "STATE", "WEAPON", "DEMONYM", "NUMBER", "TIME", "SOURCE") or direct(
            other.gap
        ).strip("f"):
            return None
    return None


def _adjacent_attack(clause: Clause, chunk: Chunk) -> Chunk | None:
    ahead = clause.before(chunk)
    return ahead if ahead is not None and ahead.is_attack and not chunk.gap else None


def _subject_of(clause: Clause, chunk: Chunk) -> Chunk | None:
    """`طائرات إسرائيلية قصفت`: the verb behind it."""
    if chunk.gap.rstrip(LOOSE).endswith(("b", "l", "o", "f")):
        return None
    following = clause.after(chunk)
    if following is not None and following.kind == "DEMONYM" and not following.gap:
        following = clause.after(following)
    if following is None or not following.is_attack or not following.verb:
        return None
    return following if not clause.cues[chunk.end : following.start].strip("~.MqR") else None


def _laid(clause: Clause, chunk: Chunk) -> Chunk | None:
    """The planting, laying or setting up next to a weapon."""
    ahead, following = clause.before(chunk), clause.after(chunk)
    if ahead is not None and ahead.label == "MIL_MOVE" and len(chunk.gap) <= 4:
        return ahead
    if following is not None and following.label == "MIL_MOVE" and len(following.gap) <= 1:
        return following
    return None


_LOADED: Final[tuple[list[str], ...]] = (["محمله"], ["محمل"], ["محملا"], ["مزوده"], ["مجهزه"])


def _only_named(clause: Clause, chunk: Chunk) -> bool:
    """`برنامج أسلحة`, `مخزن للأسلحة`: part of another thing's name."""
    if chunk.gap.endswith("b") and clause.units.texts[chunk.start - 2 : chunk.start - 1] in _LOADED:
        return True
    return chunk.start > 0 and clause.units.texts[chunk.start - 1].removeprefix("ب").removeprefix("ال") in (
        "برنامج",
        "استخدام",
        "تجاره",
        "تهريب",
        "حظر",
        "شحنه",
        "صفقه",
        "انتاج",
    )


def attach_actor(clause: Clause, chunk: Chunk) -> None:
    ahead = clause.before(chunk)
    if _unknown_aircraft(clause, ahead, chunk):
        return
    if ahead is not None and (belongs(clause, ahead, chunk) or _in_title(clause, ahead, chunk)):
        return
    if ahead is not None and "&" in chunk.gap and len(chunk.gap) <= 2 and ahead.kind in BODIES and ahead.label:
        same_roles(clause, ahead, chunk)
        return
    event, role = _role(clause, chunk)
    if event is not None and role:
        chunk.label = "ACTOR"
        clause.link(role, event, chunk, f"{role}.actor", _certainty(clause, event, chunk))


def _in_title(clause: Clause, ahead: Chunk, chunk: Chunk) -> bool:
    """`القيادي في حزب الله فلان`, `فلان، مدير مركز البحوث`: the body a named person belongs to."""
    following = clause.after(chunk)
    person = None
    if following is not None and following.label == "PERSON" and not following.gap.strip("~.,kl"):
        if chunk.gap.endswith("p") or (ahead.kind == "PEOPLE" and chunk.gap in ("i", "f", "")):
            person = following
    elif ahead.label == "PERSON" and "p" in chunk.gap and not chunk.gap.strip("~.,pi"):
        person = ahead
    if person is None:
        return False
    chunk.label = "ACTOR"
    clause.link("affiliated_with", person, chunk, "affiliated_with.title", kind="belongs_to")
    return True


def _unknown_aircraft(clause: Clause, ahead: Chunk | None, chunk: Chunk) -> bool:
    """`طيران مجهول`: the adjective names no one."""
    if ahead is None or ahead.kind != "WEAPON" or chunk.gap:
        return False
    reading = clause.units.words[chunk.start].reading("actor.nominal")
    return reading is not None and reading.entry.attributes.get("type") == "UNIDENTIFIED"


def attach_state(clause: Clause, chunk: Chunk) -> None:
    """A country is a place after في, ب, شمال …, else it acts."""
    gap = chunk.gap.rstrip(LOOSE)
    acts = gap.endswith("b") and _leads_to_verb(clause, chunk)
    if (gap.endswith(("i", "b", "n", "e", "w")) and not acts) or clause.units.words[chunk.start].reading("compass"):
        chunk.kind = "LOC"
        attach_loc(clause, chunk)
    else:
        attach_actor(clause, chunk)


def _leads_to_verb(clause: Clause, chunk: Chunk) -> bool:
    """Whether the list of countries that begins here is the subject of a verb."""
    last = chunk
    for other in clause.chunks[chunk.index + 1 :]:
        if other.kind != "STATE" or other.gap != "&":
            break
        last = other
    return clause.gap_after(last)[:1] in ("S", "V")


def attach_demonym(clause: Clause, chunk: Chunk) -> None:
    """A nationality beside an attack word or a weapon is the agent."""
    ahead = clause.before(chunk)
    if ahead is None or ahead.label is None or chunk.gap.strip("~.S"):
        return
    if ahead.kind == "WEAPON":
        chunk.label = "ACTOR"
        clause.link("affiliated_with", ahead, chunk, "affiliated_with.adjective", kind="belongs_to")
        _agent_through(clause, ahead, chunk, "asserted")
    elif ahead.is_attack and (not ahead.verb or chunk.gap.endswith("S")):
        chunk.label = "ACTOR"
        clause.link("agent", ahead, chunk, "agent.adjective")
    elif ahead.kind == "ASSET":
        chunk.label = "ACTOR"
        clause.link("affiliated_with", ahead, chunk, "affiliated_with.adjective", kind="belongs_to")


def _certainty(clause: Clause, event: Chunk, chunk: Chunk) -> str:
    low, high = min(event.start, chunk.start), max(event.end, chunk.end)
    cues = clause.cues[max(0, low - 4) : high]
    if "X" in cues:
        return "denied"
    return "hedged" if set("HUv") & set(cues) else "asserted"


def belongs(clause: Clause, ahead: Chunk, chunk: Chunk) -> bool:
    """`18 من قوات النظام`, `مواقع لقوات النظام`, `طائرات التحالف`, `الفصائل الموالية لإيران`."""
    gap = chunk.gap
    if ahead.label is None or len(gap) > 9:
        return False
    group = (
        "PEOPLE"
        if ahead.kind in PEOPLE
        else "BODY"
        if ahead.kind in ("ACTOR", "SOURCE", "PERSON", "STATE")
        else ahead.kind
    )
    core = gap.strip("~.,p(").replace("j", "k")
    fits = core in _AFFILIATED.get(group, ()) or (
        group == "BODY" and core.startswith(("&q", "q")) and core.endswith(_TIES)
    )
    if group == "PEOPLE" and not core:
        fits = "p" in gap or (not gap and _construct(clause, ahead))
    elif group == "ASSET":
        fits = fits or (not gap if not core else "c" in gap and "&" not in gap)
    elif group == "BODY" and core == "i":
        fits = ahead.kind == "SOURCE"
    if not fits:
        return False
    chunk.label = "ACTOR"
    certainty = "hedged" if "H" in gap else "asserted"
    kind = "close_to" if "j" in gap else "backed_by" if "k" in gap else "led_by" if "L" in gap else "belongs_to"
    clause.link("affiliated_with", ahead, chunk, "affiliated_with.adjacent", certainty, kind)
    if ahead.kind == "WEAPON":
        _agent_through(clause, ahead, chunk, certainty)
    return True


def _construct(clause: Clause, chunk: Chunk) -> bool:
    """`مقاتلي X`, `عناصر X`: a plural without article governs the name."""
    reading = reading_of(clause.units, chunk.end - 1, chunk.end, ("person", "casualty"))
    return reading is not None and not reading.form.definite


def _agent_through(clause: Clause, weapon: Chunk, actor: Chunk, certainty: str) -> None:
    for link in [link for link in clause.links if link.tail is weapon and link.label == "instrument"]:
        clause.link("agent", link.head, actor, "agent.of_weapon", certainty)


def _role(clause: Clause, chunk: Chunk) -> tuple[Chunk | None, str]:
    """The event an actor takes part in, and as what."""
    for rule in (behind_event, _before_event, _refers_back):
        event, role = rule(clause, chunk)
        if event is not None and role:
            return event, role
    return None, ""


def behind_event(clause: Clause, chunk: Chunk) -> tuple[Chunk | None, str]:
    """After its event: by, على, ضد, مع, بين, adjacency, or the subject of a relative clause (`شنها الجيش`)."""
    ahead = clause.before(chunk)
    if ahead is None:
        return None, ""
    event = next((e for e in reversed(clause.events) if e.end <= chunk.start), None)
    if event is None:
        return None, ""
    cues = clause.cues[event.end : chunk.start]
    gap = chunk.gap.rstrip(LOOSE + "p")
    if len(cues) > 14 or "B" in cues or "V" in cues:
        return None, ""
    if gap.endswith(("y", "U")):
        return event, "agent"
    if event.label == "CLASH":
        return event, "agent" if gap.endswith(("m", "w", "&", "S", "g")) or not gap else ""
    if gap.endswith(("o", "g")) and "T" not in gap:
        return event, "target"
    if ahead is event or (ahead.kind == "TIME" and clause.before(ahead) is event and not direct(gap)):
        return event, _adjacent(clause, event, gap)
    if ahead.kind == "EVENT" and ahead.label is None and "aim" in ahead.family and not direct(gap):
        return event, "target"
    if ahead.kind == "WEAPON" and gap.endswith("S"):
        return event, "agent"
    if event.verb and not direct(gap) and _after_agent(clause, event, chunk):
        return event, "target"
    return None, ""


def _after_agent(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    between = clause.chunks[event.index + 1 : chunk.index]
    return clause.has("agent", event) and all(
        other.kind in ("ACTOR", "TIME", "WEAPON", "STATE", "DEMONYM") for other in between
    )


def _adjacent(clause: Clause, event: Chunk, gap: str) -> str:
    """Right after the event."""
    core = direct(gap)
    if core.endswith("S") or core in ("f", "RS", "y"):
        return "agent" if event.label not in ("KILL", "INJURE") or core == "y" else ""
    if core == "l":
        return "agent" if event.label in ATTACKS else "target" if event.label == "DETAIN" else ""
    if core:
        return ""
    if event.label in ("KILL", "INJURE"):
        if event.verb and _has_victim_behind(clause, event):
            return "agent"
        return "agent" if event.verb and event.reading is not None and bool(event.reading.form.pronoun) else ""
    if event.family == "attack.aim" and not event.verb:
        return "target"
    if event.label == "DETAIN" and not event.verb:
        return "target"
    if event.verb and event.reading is not None and event.reading.form.pronoun:
        return "agent"
    if event.verb and _has_subject(clause, event):
        return "target"
    return "agent"


def _has_victim_behind(clause: Clause, event: Chunk) -> bool:
    return any(link.label == "victim" and link.head is event and link.tail.start > event.end for link in clause.links)


def _has_subject(clause: Clause, event: Chunk) -> bool:
    """Whether the verb's subject stands before it."""
    if clause.has("agent", event):
        return True
    ahead = clause.before(event)
    return ahead is not None and ahead.kind in ("WEAPON", "ACTOR", "STATE") and not event.gap.strip(".~MqR,")


def _before_event(clause: Clause, chunk: Chunk) -> tuple[Chunk | None, str]:
    """`شن الجيش غارة`, `الجيش شن غارة`, `الجيش قصف`, `تعرض الجيش لهجوم`."""
    event = clause.next_event(chunk)
    if event is None:
        return None, ""
    ahead, cues = chunk.gap.rstrip(LOOSE + "p,"), clause.cues[chunk.end : event.start]
    if len(cues) > 28 or "B" in cues or "V" in cues:
        return None, ""
    between = clause.chunks[chunk.index + 1 : event.index]
    if any(_rivals(other) for other in between):
        return None, ""
    if ahead.endswith("D") or "D" in cues:
        return event, "target"
    if ahead.endswith("S"):
        return (event, "agent") if not event.verb or event.label == "MIL_MOVE" else (None, "")
    if ahead.endswith("v") or "v" in cues:
        return event, "agent"
    if ahead.endswith(("f", "i", "b", "l", "o", "g", "m", "t", "n", "k", "L")):
        return None, ""
    if "S" in cues and len(cues) <= 12 and not event.verb:
        return event, "agent"
    if event.verb and len(cues) <= 8 and not cues.strip("~.,MqNR&(") and all(other.kind == "TIME" for other in between):
        return event, "agent"
    return None, ""


def _rivals(other: Chunk) -> bool:
    """Whether a body between an actor and an event could be the subject itself."""
    if other.kind not in ("ACTOR", "STATE") or other.gap.startswith("&"):
        return False
    return not set("Lkj") & set(other.gap) and not other.gap.rstrip(LOOSE).endswith(("l", "f", "i", "b", "m", "a"))


def _refers_back(clause: Clause, chunk: Chunk) -> tuple[Chunk | None, str]:
    """`غارة قال المرصد إن التحالف شنها`: the support verb refers to an attack before."""
    if not clause.gap_after(chunk).startswith("S"):
        return None, ""
    attacks = [event for event in clause.events if event.is_attack and event.end <= chunk.start]
    return (attacks[-1], "agent") if attacks else (None, "")
