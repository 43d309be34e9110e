"""Who did what to whom, where, when, with what, says who: relations from the order of chunks and the cues between."""

from __future__ import annotations

from collections.abc import Callable

from tahkim.rules.sentence import ATTACKS, HARMS, Chunk, Clause, reading_of

_CLAUSE_BREAK = {"B": 14, "P": 10, "V": 6, ";": 10, "T": 4, "W": 4}
_FARTHEST = 60
PEOPLE = frozenset({"PEOPLE", "NUMBER", "CASUALTY", "DEMONYM"})
BODIES = frozenset({"ACTOR", "STATE"})


def relate(clause: Clause, speaker: Chunk | None) -> Chunk | None:
    """Add all links of a sentence. Returns who spoke last, for a following sentence without a subject."""
    for event in clause.events:
        _detach(clause, event)
    if clause.events:
        for kinds in PASSES:
            for chunk in clause.chunks:
                if chunk.kind in kinds:
                    ATTACH[chunk.kind](clause, chunk)
        _causes(clause)
    return _reports(clause, speaker)


def cost(clause: Clause, event: Chunk, chunk: Chunk) -> int:
    """How far an event is from a chunk: units between, clause breaks added, events ahead of them doubled."""
    if event.end <= chunk.start:
        cues = clause.cues[event.end : chunk.start]
        distance = len(cues)
    else:
        cues = clause.cues[chunk.end : event.start]
        distance = 2 * len(cues) + 2
    if distance > 2 * _FARTHEST:
        return 1000
    return distance + sum(_CLAUSE_BREAK.get(cue, 0) for cue in cues)


def bearer(clause: Clause, chunk: Chunk, labels: frozenset[str] = ATTACKS, most: int = _FARTHEST) -> Chunk | None:
    """The event of these labels that a circumstance belongs to: the nearest, or any event if there is none of them."""
    best, least = None, most
    for event in clause.events:
        if event.label not in labels:
            continue
        distance = cost(clause, event, chunk)
        if distance < least:
            best, least = event, distance
    return best


def _detach(clause: Clause, event: Chunk) -> None:
    """A death told in a relative clause (`مقاتلين قتلوا`) is not caused by the attack of the sentence."""
    ahead = clause.before(event)
    if event.label in HARMS and event.verb and ahead is not None and ahead.kind in PEOPLE | {"ACTOR"}:
        reading = event.reading
        if not event.gap.strip("~.") and reading is not None and reading.form.number == 3:
            event.detached = True


def _circumstance(clause: Clause, chunk: Chunk) -> Chunk | None:
    ahead = clause.before(chunk)
    if ahead is not None and ahead.detached and not chunk.gap:
        return ahead
    return bearer(clause, chunk) or bearer(clause, chunk, frozenset(e.label or "" for e in clause.events))


def _time(clause: Clause, chunk: Chunk) -> None:
    if _dates_statement(clause, chunk):
        return
    event = _circumstance(clause, chunk)
    if event is not None:
        chunk.label = "TIME"
        clause.link("time", event, chunk, "time.nearest")


def _dates_statement(clause: Clause, chunk: Chunk) -> bool:
    """`ذكر المرصد، الاثنين، أن`: between a verb of saying and what is said."""
    if any(event.end <= chunk.start for event in clause.events):
        return False
    if "T" in clause.gap_after(chunk)[:3] or "V" in clause.gap_after(chunk):
        ahead = clause.cues[: chunk.start]
        return "V" in ahead or "V" in clause.gap_after(chunk)
    return "V" in clause.cues[: chunk.start]


def _loc(clause: Clause, chunk: Chunk) -> None:
    ahead = clause.before(chunk)
    gap = chunk.gap
    if ahead is not None and ahead.kind in ("LOC", "ASSET", "STATE") and _places_chain(gap):
        if "&" in gap and ahead.kind != "ASSET":
            _same_roles(clause, ahead, chunk)
            return
        if "&" not in gap and ahead.label is not None:
            chunk.label = "LOC"
            clause.link("located_in", ahead, chunk, "located_in.chain")
            if ahead.kind == "ASSET" and not clause.has("place", _head_of(clause, ahead) or ahead):
                head = _head_of(clause, ahead)
                if head is not None:
                    clause.link("place", head, chunk, "place.of_target")
            return
    if (
        gap.endswith(("f", "t"))
        and "w" not in gap
        and (not clause.events or ahead is None or ahead.label is None or ahead.kind != "EVENT")
    ):
        return
    event = _circumstance(clause, chunk)
    if event is None:
        return
    chunk.label = "LOC"
    if _is_object(clause, event, chunk):
        clause.link("target", event, chunk, "target.place")
    clause.link("place", event, chunk, "place.nearest")


def _head_of(clause: Clause, chunk: Chunk) -> Chunk | None:
    for link in clause.links:
        if link.tail is chunk and link.label in ("target", "place"):
            return link.head
    return None


def _places_chain(gap: str) -> bool:
    return len(gap) <= 5 and not gap.strip(",ibnefc@F&~.lu") and not gap.startswith("...")


def _same_roles(clause: Clause, model: Chunk, chunk: Chunk) -> None:
    """A coordinated entity takes the roles of the one before it."""
    for link in [link for link in clause.links if link.tail is model]:
        chunk.label = model.label
        clause.link(link.label, link.head, chunk, link.rule, link.certainty, link.kind)


def _is_object(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    """Whether a thing is what the attack is directed at: after على, ضد, صوب, or straight after the event."""
    if event.end > chunk.start or event.label not in ATTACKS | {"DETAIN", "DAMAGE", "TERRITORY"}:
        return False
    gap = clause.cues[event.end : chunk.start].rstrip("~.h")
    if gap.endswith(("o", "g")):
        return True
    direct = not gap.strip("S~.R")
    if event.family == "attack.blast" or event.label == "CLASH":
        return False
    if direct and event.start + 1 <= chunk.start and clause.before(chunk) is event:
        return chunk.kind != "LOC" or (
            not _compass(clause, chunk) and (event.verb or "aim" in event.family or event.family == "attack.bombing")
        )
    aimed = _aims(clause, event, chunk)
    return aimed


def _compass(clause: Clause, chunk: Chunk) -> bool:
    return clause.units.words[chunk.start].reading("compass") is not None


def _aims(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    """`غارة استهدفت X`, or the object of an active verb after its subject."""
    ahead = clause.before(chunk)
    if (
        ahead is not None
        and ahead.kind == "EVENT"
        and ahead.label is None
        and "aim" in ahead.family
        and not chunk.gap.strip("~.")
    ):
        return True
    if not event.verb or chunk.gap.strip("~."):
        return False
    between = clause.chunks[event.index + 1 : chunk.index]
    return bool(between) and all(other.kind in ("ACTOR", "WEAPON", "DEMONYM", "STATE", "TIME") for other in between)


def _asset(clause: Clause, chunk: Chunk) -> None:
    ahead = clause.before(chunk)
    if ahead is not None and ahead.kind == "ASSET" and "&" in chunk.gap and len(chunk.gap) <= 3:
        _same_roles(clause, ahead, chunk)
        return
    event = bearer(clause, chunk, ATTACKS | {"DAMAGE", "DETAIN", "TERRITORY"})
    if event is None:
        return
    damage = _after_damage(clause, chunk)
    if damage is not None:
        chunk.label = "ASSET"
        clause.link("target", damage, chunk, "target.damaged")
        return
    gap = chunk.gap
    if _is_object(clause, event, chunk) or _blown_up(clause, event, chunk):
        chunk.label = "ASSET"
        clause.link("target", event, chunk, "target.asset")
    elif gap.rstrip("~.h").endswith(("i", "b", "n", "e", "@", "u")) and cost(clause, event, chunk) < 12:
        chunk.label = "ASSET"
        clause.link("place", event, chunk, "place.asset")


def _after_damage(clause: Clause, chunk: Chunk) -> Chunk | None:
    ahead = clause.before(chunk)
    if ahead is not None and ahead.label == "DAMAGE" and not chunk.gap.strip("~.bi"):
        return ahead
    return None


def _blown_up(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    return (
        event.family in ("attack.blast", "attack.blow_up")
        and clause.before(chunk) is event
        and not chunk.gap.strip("~.b")
    )


def _weapon(clause: Clause, chunk: Chunk) -> None:
    event = bearer(clause, chunk, ATTACKS | {"MIL_MOVE"}, 16)
    if event is None:
        event = bearer(clause, chunk, HARMS, 5)
        if event is None:
            return
    if event.label == "MIL_MOVE" and event.family == "disrupt":
        return
    chunk.label = "WEAPON"
    clause.link("instrument", event, chunk, "instrument.nearest")
    other = clause.before(chunk)
    if other is not None and other.label == "MIL_MOVE" and other is not event and len(chunk.gap) <= 2:
        clause.link("instrument", other, chunk, "instrument.laid")
    following = clause.after(chunk)
    if following is not None and following.label == "MIL_MOVE" and following is not event and not following.gap:
        clause.link("instrument", following, chunk, "instrument.laid")


def _actor(clause: Clause, chunk: Chunk) -> None:
    ahead = clause.before(chunk)
    gap = chunk.gap
    if ahead is not None and _belongs(clause, ahead, chunk):
        return
    if ahead is not None and "&" in gap and len(gap) <= 2 and ahead.kind in BODIES:
        _same_roles(clause, ahead, chunk)
        return
    event, role = _role(clause, chunk)
    if event is not None and role:
        chunk.label = "ACTOR"
        clause.link(role, event, chunk, f"{role}.actor", _certainty(clause, event, chunk))


def _certainty(clause: Clause, event: Chunk, chunk: Chunk) -> str:
    low, high = min(event.start, chunk.start), max(event.end, chunk.end)
    cues = clause.cues[max(0, low - 4) : high]
    if "X" in cues:
        return "denied"
    return "hedged" if "H" in cues or "U" in cues else "asserted"


def _belongs(clause: Clause, ahead: Chunk, chunk: Chunk) -> bool:
    """`18 من قوات النظام`, `مواقع لقوات النظام`, `طائرات إسرائيلية`, `مقاتلين موالين لإيران`."""
    gap = chunk.gap
    kind = "belongs_to"
    if "k" in gap:
        kind = "backed_by"
    elif "L" in gap:
        kind = "led_by"
    if len(gap) > 6 or ahead.label is None:
        return False
    core = gap.strip("~.p")
    if ahead.kind in PEOPLE and core in ("f", "", "i", "F", "l", "Fl", "kl", "Rf", "fF"):
        if core == "" and "p" not in gap and ahead.kind != "NUMBER":
            return False
    elif ahead.kind in ("ASSET", "WEAPON") and core in ("", "l", "F", "Fl", "kl"):
        if core == "" and ahead.kind == "ASSET" and gap:
            return False
    elif ahead.kind in ("ACTOR", "SOURCE", "PERSON") and core in ("Fl", "F", "kl", "kf", "L", "k", "F&", "Ff"):
        pass
    else:
        return False
    chunk.label = "ACTOR"
    clause.link("affiliated_with", ahead, chunk, "affiliated_with.adjacent", kind=kind)
    if ahead.kind == "WEAPON":
        _agent_through_weapon(clause, ahead, chunk)
    return True


def _agent_through_weapon(clause: Clause, weapon: Chunk, actor: Chunk) -> None:
    for link in [link for link in clause.links if link.tail is weapon and link.label == "instrument"]:
        clause.link("agent", link.head, actor, "agent.of_weapon")


def _role(clause: Clause, chunk: Chunk) -> tuple[Chunk | None, str]:
    """The event an actor takes part in, and as what."""
    gap = chunk.gap.rstrip("~.hp")
    ahead = clause.before(chunk)
    event = bearer(clause, chunk, frozenset(e.label or "" for e in clause.events), 14)
    if event is None:
        return None, ""
    if event.end <= chunk.start:
        if gap.endswith("y"):
            return event, "agent"
        if gap.endswith(("o", "g")):
            return event, "target"
        if event.label == "CLASH" and gap.endswith(("m", "w", "&", "")):
            return event, "agent"
        if ahead is event:
            return event, _adjacent_role(clause, event, chunk, gap)
        if ahead is not None and ahead.kind == "EVENT" and ahead.label is None and "aim" in ahead.family and not gap:
            return event, "target"
        if "S" in gap or (gap.endswith("l") and event.label in ATTACKS and ahead.kind in ("EVENT", "WEAPON")):
            return event, "agent"
        if event.verb and not gap:
            return event, "target" if clause.has("agent", event) else "agent"
        return None, ""
    between = clause.cues[chunk.end : event.start]
    following = clause.after(chunk)
    if following is event or (
        following is not None and following.kind in ("TIME",) and clause.after(following) is event
    ):
        if (event.verb and not between.strip("~.,M,q&")) or "S" in between:
            if gap[-1:] == "f" or gap.endswith(("o", "i", "b", "l")):
                return None, ""
            if "S" in between and "l" in between:
                return event, "target"
            return event, "agent" if event.label in ATTACKS or event.family in (
                "kill",
                "territory",
                "move",
                "detain",
                "disrupt",
                "damage",
            ) else "victim"
    return None, ""


def _adjacent_role(clause: Clause, event: Chunk, chunk: Chunk, gap: str) -> str:
    if event.label in HARMS and event.family != "damage" and not gap:
        return ""
    core = gap.strip("~.,")
    if event.family == "attack.aim":
        if core:
            return "agent" if core.endswith(("S", "l", "f")) else ""
        return "agent" if event.verb and not _has_subject(clause, event) else "target"
    if core in ("", "S", "l", "f", "SR", "RS", "fS", "RSl") or core.endswith("S"):
        if event.verb and _has_subject(clause, event) and not core:
            return "target"
        if event.label == "DETAIN" and not core:
            return "target" if not event.verb else "agent"
        return "agent"
    return ""


def _has_subject(clause: Clause, event: Chunk) -> bool:
    return clause.has("agent", event) or (
        clause.before(event) is not None
        and clause.before(event).kind in ("WEAPON", "ACTOR")
        and not event.gap.strip(".~MqR")
    )


def _demonym(clause: Clause, chunk: Chunk) -> None:
    """A nationality: the agent beside an attack word or weapon, people beside a death."""
    ahead = clause.before(chunk)
    if ahead is not None and not chunk.gap.strip("~."):
        if ahead.kind == "WEAPON" and ahead.label is not None:
            chunk.label = "ACTOR"
            clause.link("affiliated_with", ahead, chunk, "affiliated_with.adjective", kind="belongs_to")
            _agent_through_weapon(clause, ahead, chunk)
            return
        if ahead.kind == "EVENT" and ahead.is_attack and not ahead.verb:
            chunk.label = "ACTOR"
            clause.link("agent", ahead, chunk, "agent.adjective")
            return
    reading = reading_of(clause.units, chunk.start, chunk.end, ("demonym",))
    if reading is not None and not reading.form.definite:
        _people(clause, chunk)


def _people(clause: Clause, chunk: Chunk) -> None:
    ahead, following = clause.before(chunk), clause.after(chunk)
    gap = chunk.gap
    if ahead is not None and "G" in gap[:2] and ahead.label == "CASUALTY":
        chunk.label = "CASUALTY"
        clause.link("subset_of", chunk, ahead, "subset_of.among")
        for link in [link for link in clause.links if link.tail is ahead and link.label == "victim"]:
            clause.link("victim", link.head, chunk, "victim.subset")
        return
    if following is not None and following.kind == "EVENT" and following.label in ("KILL", "INJURE") and following.verb:
        if not following.gap.strip("~.MqR,") and not (
            ahead is not None and ahead.label in ("KILL", "INJURE") and not gap
        ):
            _victim(clause, following, chunk, "victim.before_verb")
            return
    if ahead is not None and ahead.label == "CASUALTY" and "&" in gap and len(gap) <= 3:
        _same_roles(clause, ahead, chunk)
        return
    event = bearer(clause, chunk, frozenset({"KILL", "INJURE"}), 9)
    if event is not None and event.end <= chunk.start and _victim_gap(clause, event, chunk):
        _victim(clause, event, chunk, "victim.after")
        return
    if following is not None and following.label == "KILL" and not following.verb and not following.gap.strip("~.f"):
        _victim(clause, following, chunk, "victim.split_idiom")
        return
    _other_people(clause, chunk)


def _victim_gap(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    gap = clause.cues[event.end : chunk.start]
    between = clause.chunks[event.index + 1 : chunk.index]
    if any(other.kind not in ("TIME", "PERSON", "PEOPLE", "NUMBER", "DEMONYM", "LOC") for other in between):
        return False
    return not gap.strip("~.,M&pm") or gap.endswith("G")


def _victim(clause: Clause, event: Chunk, chunk: Chunk, rule: str) -> None:
    chunk.label = "PERSON" if chunk.kind == "PERSON" else "CASUALTY"
    clause.link("victim", event, chunk, rule)


def _other_people(clause: Clause, chunk: Chunk) -> None:
    """People that no death or wounding claims: losses of an attack, the detained, attackers."""
    gap = chunk.gap.rstrip("~.")
    ahead = clause.before(chunk)
    lost = reading_of(clause.units, chunk.start, chunk.end, ("casualty",))
    if lost is not None and not lost.form.definite and "N" not in gap:
        event = bearer(clause, chunk, ATTACKS)
        if event is not None:
            _victim(clause, event, chunk, "victim.losses")
        return
    event = bearer(clause, chunk, ATTACKS | {"DETAIN"}, 10)
    if event is None:
        return
    if event.label == "DETAIN" and event.end <= chunk.start and not gap.strip("o"):
        chunk.label = "CASUALTY"
        clause.link("target", event, chunk, "target.detained")
    elif (
        event.end <= chunk.start
        and ("assassination" in (event.reading.entry.attributes.get("mode", "") if event.reading else ""))
        and not gap
    ):
        _victim(clause, event, chunk, "victim.assassinated")
    else:
        armed = reading_of(clause.units, chunk.start, chunk.end, ("actor.nominal", "person.member"))
        if armed is not None and chunk.kind == "PEOPLE":
            chunk.kind = "ACTOR"
            _actor(clause, chunk)


def _person(clause: Clause, chunk: Chunk) -> None:
    _people(clause, chunk)


def _causes(clause: Clause) -> None:
    for event in clause.events:
        if event.label not in HARMS or event.detached:
            continue
        attack = _cause_of(clause, event)
        if attack is not None:
            clause.link("causes", attack, event, "causes.sentence")


def _cause_of(clause: Clause, event: Chunk) -> Chunk | None:
    best, least = None, 45
    for attack in clause.events:
        if not attack.is_attack:
            continue
        low, high = min(attack.end, event.end), max(attack.start, event.start)
        cues = clause.cues[low:high]
        distance = len(cues) + 14 * cues.count("B") + 10 * cues.count("P")
        if "K" in cues or "J" in cues:
            distance -= 10
        if distance < least:
            best, least = attack, distance
    return best


def _reports(clause: Clause, speaker: Chunk | None) -> Chunk | None:
    """`reported_by` from the top event of each reporting clause; who spoke last goes on to the next sentence."""
    cues = clause.cues
    spoken = False
    for chunk in clause.chunks:
        if chunk.kind not in ("SOURCE", "ACTOR", "PERSON", "PEOPLE", "STATE"):
            continue
        if not _speaks(clause, chunk):
            continue
        spoken = True
        speaker = chunk
        event = _reported(clause, chunk)
        if event is None:
            continue
        if chunk.label is None:
            chunk.label = "PERSON" if chunk.kind == "PERSON" else "ACTOR" if chunk.kind in BODIES else "SOURCE"
        if chunk.label == "CASUALTY":
            continue
        clause.link("reported_by", event, chunk, "reported_by.clause")
        following = clause.after(chunk)
        if (
            following is not None
            and following.kind == "PERSON"
            and chunk.kind == "SOURCE"
            and not following.gap.strip("~.,")
        ):
            following.label = "PERSON"
            clause.link("affiliated_with", following, chunk, "affiliated_with.title", kind="belongs_to")
    if not spoken and speaker is not None and clause.events and ("V" in cues[:3] or "P" in cues[:2]):
        first = next((e for e in clause.events if e.is_attack), clause.events[0])
        clause.link("reported_by", first, speaker, "reported_by.continued")
    return speaker


def _speaks(clause: Clause, chunk: Chunk) -> bool:
    gap = chunk.gap
    if (
        chunk.kind == "PEOPLE"
        and reading_of(clause.units, chunk.start, chunk.end, ("source.head", "person.official")) is None
    ):
        return False
    if "A" in gap:
        return len(gap) - gap.rindex("A") <= 5
    if "V" in gap:
        tail = gap[gap.rindex("V") + 1 :]
        return (
            len(tail) <= 4 and "T" not in tail and "l" not in tail and (chunk.kind != "STATE" or not tail.strip("~."))
        )
    if gap.endswith("a") and chunk.kind == "SOURCE" and "V" in clause.cues[max(0, chunk.start - 10) : chunk.start]:
        return True
    return chunk.kind == "SOURCE" and "V" in clause.gap_after(chunk)[:2]


def _reported(clause: Clause, chunk: Chunk) -> Chunk | None:
    trailing = "A" in chunk.gap or ("V" in chunk.gap and not any(e.start > chunk.start for e in clause.events))
    if trailing and any(e.end <= chunk.start for e in clause.events) and chunk.start > 3:
        ahead = [e for e in clause.events if e.end <= chunk.start]
        attacks = [e for e in ahead if e.is_attack]
        return attacks[-1] if attacks else ahead[-1]
    behind = [e for e in clause.events if e.start >= chunk.end]
    attacks = [e for e in behind if e.is_attack]
    return attacks[0] if attacks else behind[0] if behind else None


PASSES = (
    frozenset({"PEOPLE", "NUMBER", "CASUALTY", "PERSON"}),
    frozenset({"WEAPON"}),
    frozenset({"ACTOR", "STATE", "DEMONYM"}),
    frozenset({"ASSET"}),
    frozenset({"LOC"}),
    frozenset({"TIME"}),
)
ATTACH: dict[str, Callable[[Clause, Chunk], None]] = {
    "TIME": _time,
    "LOC": _loc,
    "ASSET": _asset,
    "WEAPON": _weapon,
    "ACTOR": _actor,
    "DEMONYM": _demonym,
    "PEOPLE": _people,
    "NUMBER": _people,
    "CASUALTY": _people,
    "PERSON": _person,
}


def _state(clause: Clause, chunk: Chunk) -> None:
    """A country acts, or is a place."""
    gap = chunk.gap.rstrip("~.")
    if gap.endswith(("i", "b", "n", "e")) or _compass(clause, chunk):
        _loc(clause, chunk)
    else:
        _actor(clause, chunk)


ATTACH["STATE"] = _state
