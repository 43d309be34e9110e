"""Where, and what was hit: places with their hierarchy, facilities and vehicles as targets or places."""

from __future__ import annotations

from typing import Final

from tahkim.rules.attach import LOOSE, bearer, circumstance, cost, direct
from tahkim.rules.sentence import ATTACKS, Chunk, Clause

_TARGETED: Final = ATTACKS | {"DETAIN", "DAMAGE", "TERRITORY", "DISRUPT"}
_FARTHEST_PLACE: Final = 24
_IN: Final[tuple[str, ...]] = ("i", "b", "n", "e", "@", "u", "w")


def attach_loc(clause: Clause, chunk: Chunk) -> None:
    gap = chunk.gap
    ahead = clause.before(chunk)
    if ahead is not None and ahead.kind in ("LOC", "ASSET", "STATE") and _chains(gap):
        if "&" in gap and ahead.kind != "ASSET" and "w" not in gap:
            same_roles(clause, ahead, chunk)
            return
        if "&" not in gap and ahead.label is not None:
            _inside(clause, ahead, chunk)
            return
        if "&" not in gap and (ahead.kind == "LOC" or ahead.gap.endswith("t")):
            return
    if _of_speaker(clause, ahead, gap) or _of_title(clause, chunk) or _measured(clause, chunk):
        return
    if _moves(gap) and not (ahead is not None and ahead.label in ("TERRITORY", "MIL_MOVE")):
        return
    if ahead is not None and ahead.kind == "PEOPLE" and not gap and not _compass(clause, chunk):
        return  # `مدير أمن مديرية X`
    event = circumstance(clause, chunk)
    if event is None or _too_far(event, chunk):
        return
    chunk.label = "LOC"
    if is_object(clause, event, chunk) or _attacked_place(clause, event, chunk):
        clause.link("target", event, chunk, "target.place")
        if event.label == "TERRITORY":
            return
    clause.link("place", event, chunk, "place.nearest")


def _chains(gap: str) -> bool:
    """Nothing but commas, prepositions of place and fillers between two places."""
    return len(gap) <= 5 and not gap.strip(",ibneFc@&~.luf()hz") and not gap.startswith("...")


def _inside(clause: Clause, ahead: Chunk, chunk: Chunk) -> None:
    """`بلدة X بريف Y`: the second holds the first; a target in a place gives the event its place."""
    chunk.label = "LOC"
    clause.link("located_in", ahead, chunk, "located_in.chain")
    for other in reversed(clause.chunks[max(0, ahead.index - 6) : ahead.index]):
        if other.kind != "LOC" or other.label is None or "&" not in clause.chunks[other.index + 1].gap:
            break
        clause.link("located_in", other, chunk, "located_in.list")
    if ahead.kind == "ASSET":
        head = head_of(clause, ahead, "target")
        if head is not None:
            clause.link("place", head, chunk, "place.of_target")


def _of_speaker(clause: Clause, ahead: Chunk | None, gap: str) -> bool:
    """`مسؤول محلي في شمال العراق`, `مصدر أمني في بغداد`: where the speaker sits is no place of the event."""
    if ahead is None or ahead.kind not in ("SOURCE", "PERSON", "PEOPLE") or direct(gap) not in ("i", "b"):
        return False
    return ahead.kind == "SOURCE" or "V" in ahead.gap or "A" in ahead.gap


def _of_title(clause: Clause, chunk: Chunk) -> bool:
    """`مدير أمن مديرية X`, `أمن القطاع`, `مساحة الغوطة`: governed by a noun that is no event."""
    gap = chunk.gap
    if not gap or clause.units.words[chunk.start].reading("compass"):
        return False
    return gap[-1] in ".p" and gap[-1:] != "z"


def _too_far(event: Chunk, chunk: Chunk) -> bool:
    return max(chunk.start - event.end, event.start - chunk.end) > _FARTHEST_PLACE


def _attacked_place(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    """`تعرضت المدينة لهجمات`."""
    return event.start >= chunk.end and event.is_attack and direct(chunk.gap).endswith("D")


def _measured(clause: Clause, chunk: Chunk) -> bool:
    """`على بعد 35 كم شرقي X`: a place only where the event has no other."""
    if "s" not in chunk.gap:
        return False
    if "c" in chunk.gap:
        return True
    return any(link.label == "place" for link in clause.links) or (
        clause.before(chunk) is not None and clause.chunks[chunk.index - 1].kind == "LOC"
    )


def _moves(gap: str) -> bool:
    """`من رفح`, `إلى بلدة`: origin and way of people."""
    return gap.rstrip(LOOSE).endswith(("f", "t")) and "w" not in gap and not set("ze") & set(gap)


def head_of(clause: Clause, chunk: Chunk, label: str) -> Chunk | None:
    """The event that has this chunk in this role."""
    for link in clause.links:
        if link.tail is chunk and link.label == label:
            return link.head
    return None


def same_roles(clause: Clause, model: Chunk, chunk: Chunk) -> None:
    """A coordinated thing takes the roles of the one before it."""
    for link in [link for link in clause.links if link.tail is model]:
        chunk.label = model.label if chunk.kind == model.kind or chunk.kind in ("STATE", "DEMONYM") else chunk.kind
        clause.link(link.label, link.head, chunk, link.rule, link.certainty, link.kind)


def is_object(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    """Whether the attack is directed at it: after على, ضد, صوب; straight after the event; or as object of its verb."""
    if event.end > chunk.start or event.label not in _TARGETED:
        return False
    gap = clause.cues[event.end : chunk.start].rstrip(LOOSE)
    if gap.endswith(("o", "g")):
        word = clause.units.words[chunk.start]
        road = word.reading("loc.class")
        if (
            word.reading("border")
            or word.reading("border_word")
            or (road is not None and road.entry.attributes.get("type") == "street")
        ):
            return False
        if chunk.kind == "LOC" and not chunk.gap.rstrip("~hxz").endswith(("o", "g")):
            return False  # `على الطريق جنوب العراق`
        return ("V" not in gap and "T" not in gap) or "S" in gap[-5:]
    if _aimed(clause, chunk):
        return True
    if event.family == "attack.blast" or event.label == "CLASH":
        return False
    if _struck_with(clause, event, chunk):
        return True
    if event.family == "attack.stabbing":
        return False
    if clause.before(chunk) is event and not direct(gap):
        if chunk.kind != "LOC":
            return event.family not in ("attack.assault", "attack.air", "attack.strike") or event.verb
        return not _compass(clause, chunk) and (
            event.verb or event.family in ("attack.aim", "attack.bombing", "territory")
        )
    return _verb_object(clause, event, chunk)


def _compass(clause: Clause, chunk: Chunk) -> bool:
    return clause.units.words[chunk.start].reading("compass") is not None


def _aimed(clause: Clause, chunk: Chunk) -> bool:
    """`غارة استهدفت X`, `استهدفت غارة X`: an aiming verb that is no event itself has it as object."""
    ahead = clause.before(chunk)
    if ahead is None or direct(chunk.gap):
        return False
    if ahead.kind == "TIME":
        ahead = clause.before(ahead)
    if ahead is None or ahead.kind != "EVENT":
        return False
    if ahead.label is None:
        return "aim" in ahead.family
    verb = clause.before(ahead)
    return verb is not None and verb.kind == "EVENT" and verb.label is None and "aim" in verb.family and not ahead.gap


def _struck_with(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    """`استهدف الطيران بثلاث غارات تجمعات`: the object stands behind the strikes."""
    if clause.before(chunk) is not event or event.verb or direct(chunk.gap) or not event.gap.startswith("b"):
        return False
    return any(other.verb and other.is_attack for other in clause.chunks[: event.index])


def _verb_object(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    """The object of an active verb, behind its subject and circumstances."""
    if not event.verb and event.family != "attack.bombing":
        return False
    if chunk.gap.strip("~.,") or _compass(clause, chunk) or (chunk.kind == "LOC" and not event.verb):
        return False
    between = clause.chunks[event.index + 1 : chunk.index]
    if any(other.kind not in ("ACTOR", "WEAPON", "DEMONYM", "STATE", "TIME", "PEOPLE") for other in between):
        return False
    return not any(other.gap.strip("~.,bHTFlq&Lk") for other in between)


def attach_asset(clause: Clause, chunk: Chunk) -> None:
    ahead = clause.before(chunk)
    if "&" in chunk.gap and len(chunk.gap) <= 3:
        model = _listed(clause, chunk)
        if model is not None:
            same_roles(clause, model, chunk)
            return
    damage = _damaged(clause, chunk)
    event = damage or bearer(clause, chunk, _TARGETED)
    if event is None:
        return
    if damage is not None or is_object(clause, event, chunk) or _blown_up(clause, event, chunk):
        chunk.label = "ASSET"
        clause.link("target", event, chunk, "target.asset")
    elif _undergoes(clause, event, chunk) or _ridden(clause, event, chunk):
        chunk.label = "ASSET"
        clause.link("target", event, chunk, "target.undergoes")
    elif (
        direct(chunk.gap).endswith(_IN)
        and cost(clause, event, chunk) < 12
        and not _of_speaker(clause, ahead, chunk.gap)
    ):
        chunk.label = "ASSET"
        clause.link("place", event, chunk, "place.asset")


def attach_body(clause: Clause, chunk: Chunk) -> None:
    """A body with a house of its own (`مركز البحوث`) that is attacked is a facility."""
    ahead = clause.before(chunk)
    if ahead is None or not ahead.is_attack or clause.units.words[chunk.start].reading("asset") is None:
        return
    if not direct(chunk.gap).strip("o") and (ahead.verb or "o" in chunk.gap):
        chunk.kind = "ASSET"
        attach_asset(clause, chunk)


def _listed(clause: Clause, chunk: Chunk) -> Chunk | None:
    """The facility before in a list, over the place it lies in (`متحف X في المدينة، وفندقا`)."""
    for ahead in reversed(clause.chunks[max(0, chunk.index - 2) : chunk.index]):
        if ahead.kind == "ASSET":
            return ahead if ahead.label else None
        if ahead.kind == "WEAPON":
            return ahead if head_of(clause, ahead, "target") else None
        if ahead.kind not in ("LOC", "ACTOR", "CAPITAL"):
            return None
    return None


def _damaged(clause: Clause, chunk: Chunk) -> Chunk | None:
    """`تدمير منزل`, `أضرار في المبنى`; `المنزل تهدم`."""
    ahead, following = clause.before(chunk), clause.after(chunk)
    if ahead is not None and ahead.label == "DAMAGE" and not direct(chunk.gap).strip("bi"):
        return ahead
    if following is not None and following.label == "DAMAGE" and following.verb and not following.gap:
        return following
    return None


def _blown_up(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    """`انفجار سيارة`, `تفجير منزل`."""
    return (
        event.family in ("attack.blast", "attack.blow_up", "attack.step")
        and clause.before(chunk) is event
        and not direct(chunk.gap).strip("b")
    )


def _undergoes(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    """`تعرضت قاعدة لهجوم`, `سيارة تعرضت لإطلاق نار`."""
    if event.start < chunk.end or len(clause.cues[chunk.end : event.start]) > 18:
        return False
    return direct(chunk.gap).endswith("D") or "D" in clause.cues[chunk.end : event.start]


def _ridden(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    """`كانا يستقلان دراجة عندما انفجر لغم`; `الدراجة داست على لغم`."""
    if event.start < chunk.end or event.label != "EXPLOSION":
        return False
    between = clause.cues[chunk.end : event.start]
    if event.family == "attack.step":
        return not direct(between)
    return direct(chunk.gap).endswith("r") and len(between) <= 4
