"""Relations of a sentence: each kind of chunk is attached in turn, then causes, then who says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tahkim.rules.actors import attach_actor, attach_demonym, attach_state, attach_weapon, behind_event, belongs
from tahkim.rules.attach import BODIES, PEOPLE, circumstance
from tahkim.rules.people import attach_people
from tahkim.rules.places import attach_asset, attach_body, attach_loc
from tahkim.rules.reports import attach_reports
from tahkim.rules.sentence import HARMS, Chunk, Clause, reading_of

_FARTHEST_CAUSE: Final = 45
_FARTHEST_TIME: Final = 30


def relate(clause: Clause, speaker: Chunk | None) -> Chunk | None:
    """Add all links of a sentence. Returns who spoke last, for a following sentence without a subject."""
    if clause.events:
        for event in clause.events:
            _detach(clause, event)
        waiting = [chunk for chunk in clause.chunks if chunk.label is None]
        for attach in PASSES:
            for chunk in waiting:
                if chunk.label is None and chunk.kind in attach:
                    attach[chunk.kind](clause, chunk)
        for chunk in clause.chunks:
            if chunk.kind == "CAPITAL":
                _only_place(clause, chunk)
        _planters(clause)
        _causes(clause)
        _responses(clause)
    speaker = attach_reports(clause, speaker)
    for chunk in clause.chunks:
        if chunk.kind in BODIES and chunk.label is None and chunk.index:
            belongs(clause, clause.chunks[chunk.index - 1], chunk)
    return speaker


def _detach(clause: Clause, event: Chunk) -> None:
    """A death told in a relative clause (`مقاتلين قتلوا`) is not caused by the attack of the sentence."""
    ahead = clause.before(event)
    if event.label in HARMS and event.verb and ahead is not None and ahead.kind in PEOPLE | {"ACTOR"}:
        reading = event.reading
        event.detached = not event.gap.strip("~.") and reading is not None and reading.form.number == 3


def _time(clause: Clause, chunk: Chunk) -> None:
    if _dates_statement(clause, chunk) or _of_its_kind(clause, chunk):
        return
    event = _dated_from(clause, chunk) or circumstance(clause, chunk)
    if event is None:
        return
    distance = chunk.start - event.end if event.end <= chunk.start else event.start - chunk.end
    if distance <= _FARTHEST_TIME:
        chunk.label = "TIME"
        clause.link("time", event, chunk, "time.nearest")


def _dated_from(clause: Clause, chunk: Chunk) -> Chunk | None:
    """`بعد 9 أيام من ضربات`: the distance in time is from the event behind من."""
    following = clause.after(chunk)
    return following if following is not None and following.is_attack and following.gap in ("f", "fh") else None


def _of_its_kind(clause: Clause, chunk: Chunk) -> bool:
    """`الثاني من نوعه خلال 24 ساعة` counts events, it dates none."""
    return any(text in ("نوعه", "نوعها") for text in clause.units.texts[max(0, chunk.start - 2) : chunk.start])


def _dates_statement(clause: Clause, chunk: Chunk) -> bool:
    """`ذكر المرصد، الاثنين، أن`: between a verb of saying and what is said; or behind `وفق … ، الجمعة`."""
    ahead = clause.cues[: chunk.start]
    if any(event.end <= chunk.start for event in clause.events):
        before = clause.before(chunk)
        return before is not None and before.kind == "SOURCE" and not chunk.gap.strip(",.~")
    return "V" in ahead or "V" in clause.gap_after(chunk)[:6]


def _unclaimed(clause: Clause, chunk: Chunk) -> None:
    """People whom nothing happened to: armed ones are a party, others may be what an attack is directed at."""
    reading = clause.units.words[chunk.start].reading("person")
    if chunk.rule == "people.counted" and chunk.gap.endswith("f"):
        return
    if reading is not None and (reading.form.pronoun == "نا" or (reading.form.pronoun and chunk.gap.endswith("f"))):
        return
    if reading_of(clause.units, chunk.start, chunk.end, ("actor.nominal", "person.member", "person.force")):
        chunk.kind = "ACTOR"
        attach_actor(clause, chunk)
        if chunk.label is None:
            chunk.kind = "PEOPLE"
        return
    if chunk.gap.endswith("S"):
        chunk.kind = "ACTOR"
        attach_actor(clause, chunk)
        return
    event, role = behind_event(clause, chunk)
    if event is not None and event.label == "CLASH" and role == "agent":
        chunk.label = "ACTOR"
        clause.link("agent", event, chunk, "agent.side")
    if event is not None and event.is_attack and (role == "target" or (event.family == "attack.aim" and not chunk.gap)):
        chunk.label = "CASUALTY"
        clause.link("victim", event, chunk, "victim.targeted")


def _only_place(clause: Clause, chunk: Chunk) -> None:
    """Bare `العاصمة` is a place only where the event has no other."""
    if chunk.gap.endswith(("i", "b", "n")) and not any(link.label == "place" for link in clause.links):
        chunk.kind = "LOC"
        attach_loc(clause, chunk)


def _causes(clause: Clause) -> None:
    for event in clause.events:
        if event.label in HARMS and not event.detached:
            attack = _cause_of(clause, event)
            if attack is not None:
                clause.link("causes", attack, event, "causes.sentence")


def _planters(clause: Clause) -> None:
    """`انفجار لغم زرعته الميليشيا`: who laid the mine is the agent of the blast."""
    instruments = [link for link in clause.links if link.label == "instrument"]
    for laid in instruments:
        if laid.head.label != "MIL_MOVE":
            continue
        agents = [link for link in clause.links if link.label == "agent" and link.head is laid.head]
        for blast in instruments:
            if blast.tail is laid.tail and blast.head.is_attack:
                for link in agents:
                    clause.link("agent", blast.head, link.tail, "agent.planter", link.certainty)


def _responses(clause: Clause) -> None:
    """`ردا على هجوم`."""
    if "Q" not in clause.cues:
        return
    for event in clause.events:
        if event.is_attack and "Q" in clause.cues[max(0, event.start - 3) : event.start]:
            earlier = [other for other in clause.events if other.is_attack and other.end <= event.start]
            if earlier:
                clause.link("response_to", earlier[-1], event, "response_to.reply")


def _cause_of(clause: Clause, event: Chunk) -> Chunk | None:
    """The nearest attack of the sentence; a word of cause between brings it nearer, a new clause farther."""
    best, least = None, _FARTHEST_CAUSE
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


PASSES: Final[tuple[dict[str, Callable[[Clause, Chunk], None]], ...]] = (
    dict.fromkeys(("PEOPLE", "NUMBER", "CASUALTY", "PERSON", "DEMONYM"), attach_people),
    {"WEAPON": attach_weapon},
    {"ASSET": attach_asset, "SOURCE": attach_body},
    {"ACTOR": attach_actor, "STATE": attach_state, "DEMONYM": attach_demonym, "PEOPLE": _unclaimed},
    {"LOC": attach_loc},
    {"TIME": _time},
)
