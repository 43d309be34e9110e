"""Victims: the dead, hurt and held, their subsets, and the losses of an attack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tahkim.rules.attach import LOOSE, PEOPLE, bearer, direct
from tahkim.rules.sentence import ATTACKS, Chunk, Clause, reading_of

_HURT: Final = frozenset({"KILL", "INJURE"})
_BETWEEN: Final = frozenset({"TIME", "PERSON", "PEOPLE", "NUMBER", "DEMONYM", "CASUALTY"})
_FARTHEST_VICTIM: Final = 10


def attach_people(clause: Clause, chunk: Chunk) -> None:
    """Find the event these people are victims of; leave the chunk without label if there is none."""
    if chunk.kind == "DEMONYM" and _only_adjective(clause, chunk):
        return
    if _own_or_title(clause, chunk):
        return
    for rule in _RULES:
        if rule(clause, chunk):
            return


def _only_adjective(clause: Clause, chunk: Chunk) -> bool:
    """`الإسرائيلي`: a single definite nationality is no person."""
    reading = reading_of(clause.units, chunk.start, chunk.end, ("demonym",))
    return reading is None or (reading.form.definite and reading.form.number == 1)


def _own_or_title(clause: Clause, chunk: Chunk) -> bool:
    """`أفرادنا`; `القيادي في X فلان`, `المواطن فلان`: the name behind is the victim, not the title."""
    units = clause.units
    reading = units.words[chunk.start].reading("person")
    if reading is not None and reading.form.pronoun == "نا":
        return True
    if chunk.kind != "PEOPLE" or units.words[chunk.start].reading("title") is None:
        return False
    following = clause.after(chunk)
    if following is None:
        return False
    if following.kind == "PERSON" and not direct(following.gap):
        return True
    second = clause.after(following)
    return (
        following.kind in ("ACTOR", "SOURCE")
        and direct(following.gap) in ("i", "f", "")
        and second is not None
        and second.kind == "PERSON"
        and not second.gap.strip("~.,kl")
    )


def _victim(clause: Clause, event: Chunk, chunk: Chunk, rule: str) -> bool:
    label = "target" if event.label == "DETAIN" else "victim"
    chunk.label = "PERSON" if chunk.kind == "PERSON" else "CASUALTY"
    clause.link(label, event, chunk, rule)
    twin = clause.before(event)
    if event.gap == "&" and twin is not None and twin.label in _HURT and event.label in _HURT and not twin.verb:
        clause.link("victim", twin, chunk, "victim.shared")  # `مقتل وجرح عشرات`
    return True


def _subset(clause: Clause, chunk: Chunk) -> bool:
    """`بينهم 7 أطفال`: part of the group before, and victims of the same event."""
    if "G" not in chunk.gap or chunk.kind == "PERSON":
        return False
    whole = next((other for other in reversed(clause.chunks[: chunk.index]) if other.label == "CASUALTY"), None)
    if whole is None:
        return False
    chunk.label = "CASUALTY"
    clause.link("subset_of", chunk, whole, "subset_of.among")
    for link in [link for link in clause.links if link.tail is whole and link.label == "victim"]:
        clause.link("victim", link.head, chunk, "victim.subset")
    return True


def _survives(clause: Clause, chunk: Chunk) -> bool:
    """`نجا فلان من محاولة اغتيال`, `تعرض فلان لإطلاق نار`."""
    event = clause.next_event(chunk)
    if chunk.kind == "NUMBER" or event is None or not event.is_attack or event.start - chunk.end > 8:
        return False
    if not direct(chunk.gap).rstrip("p").endswith("D") and "D" not in clause.cues[chunk.end : event.start]:
        return False
    chunk.label = "PERSON" if chunk.kind == "PERSON" else "CASUALTY"
    clause.link("target" if chunk.kind == "PERSON" else "victim", event, chunk, "target.undergoes")
    return True


def _aimed_at(clause: Clause, chunk: Chunk) -> bool:
    """A named person behind على or بحق: the victim of the attack before."""
    if chunk.kind != "PERSON" or not chunk.gap.rstrip(LOOSE + "p").endswith(("o", "g")):
        return False
    event = bearer(clause, chunk, ATTACKS, 20)
    return event is not None and event.end <= chunk.start and _victim(clause, event, chunk, "victim.aimed_at")


def _before_verb(clause: Clause, chunk: Chunk) -> bool:
    """`3 متشددين قتلوا`, `خمسة من مقاتلي الحشد قتلوا`."""
    following = clause.after(chunk)
    gap = ""
    if following is not None and following.kind in ("ACTOR", "SOURCE") and following.gap.strip("p~.") in ("f", "i"):
        gap = following.gap
        following = clause.after(following)
    if following is None or following.label not in _HURT or not following.verb:
        return False
    if direct(following.gap).strip("qR") or len(following.gap) > 4:
        return False
    ahead = clause.before(chunk)
    if ahead is not None and ahead.label in _HURT and not chunk.gap and not gap:
        return False
    following.detached = following.detached or bool(following.reading and following.reading.form.number == 3)
    return _victim(clause, following, chunk, "victim.before_verb")


def _coordinated(clause: Clause, chunk: Chunk) -> bool:
    """`… وزوجته`: the victims of the event before go on, over the places and ages between."""
    titles = "&fp" if chunk.kind == "PERSON" else "&f"
    if "&" not in chunk.gap or direct(chunk.gap).strip(titles):
        return False
    for ahead in reversed(clause.chunks[max(0, chunk.index - 3) : chunk.index]):
        if ahead.label in ("CASUALTY", "PERSON") and ahead.kind in PEOPLE | {"PERSON"}:
            for link in [link for link in clause.links if link.tail is ahead and link.label in ("victim", "target")]:
                _victim(clause, link.head, chunk, link.rule)
            return chunk.label is not None
        if ahead.kind not in ("LOC", "TIME", "STATE"):
            return False
    return False


def _after_event(clause: Clause, chunk: Chunk) -> bool:
    event = bearer(clause, chunk, _HURT, _FARTHEST_VICTIM)
    if event is None or event.end > chunk.start:
        return False
    between = clause.chunks[event.index + 1 : chunk.index]
    named = chunk.kind == "PERSON"
    subject = (
        event.verb and bool(between) and between[0].kind in ("ACTOR", "STATE", "PEOPLE") and not direct(between[0].gap)
    )
    allowed = _BETWEEN | {"ACTOR", "SOURCE", "STATE"} if named or subject else _BETWEEN
    if any(other.kind not in allowed for other in between):
        return False
    if _is_agent(clause, event, chunk):
        return False
    if clause.cues[event.start - 1 : event.start] == "N" and event.start:
        return False
    gap = clause.cues[event.end : chunk.start].strip(FILL_VICTIM + ("ikl" if named else ""))
    if gap and gap != "G" and not (gap == "o" and event.family == "finish"):
        return False
    return _victim(clause, event, chunk, "victim.after")


def _summed_up(clause: Clause, chunk: Chunk) -> bool:
    """`حصيلة ضحايا التفجير إلى 300 قتيل`: the counted group behind says it."""
    return any(
        other.kind == "PEOPLE" and other.gap.endswith("t") and other.rule == "people.counted"
        for other in clause.chunks[chunk.index + 1 :]
    )


def _is_agent(clause: Clause, event: Chunk, chunk: Chunk) -> bool:
    """`قتل مسلحون ثلاثة جنود`, `اختطف مجهولون مهندسا`: armed people right behind an active verb that has an object."""
    following = clause.after(chunk)
    return (
        event.verb
        and chunk.kind == "PEOPLE"
        and clause.before(chunk) is event
        and following is not None
        and following.kind in ("PEOPLE", "PERSON", "NUMBER", "CASUALTY")
        and not direct(following.gap).strip("prx")
        and "G" not in following.gap
        and _armed(clause, chunk)
    )


FILL_VICTIM: Final = "~.,M&pmxhuz"


def _split_idiom(clause: Clause, chunk: Chunk) -> bool:
    """`لقي 18 … مصرعهم`; `… ما أدى إلى مصرعه`."""
    for event in clause.events:
        if (
            event.label == "KILL"
            and event.start >= chunk.end
            and event.reading
            and event.reading.form.pronoun
            and not event.verb
        ):
            if clause.has("victim", event) or len(clause.cues[chunk.end : event.start]) > 25:
                return False
            if "E" not in clause.cues[: chunk.start] and chunk.kind != "PERSON" and "&" not in chunk.gap:
                return event.start - chunk.end < 12 and _victim(clause, event, chunk, "victim.pronoun")
            return _victim(clause, event, chunk, "victim.split_idiom")
    return False


def _detained(clause: Clause, chunk: Chunk) -> bool:
    event = bearer(clause, chunk, frozenset({"DETAIN"}), 8)
    if event is None or event.end > chunk.start:
        return False
    between = clause.chunks[event.index + 1 : chunk.index]
    if any(other.kind not in ("ACTOR", "TIME", "STATE", "PEOPLE") for other in between) or direct(chunk.gap).strip(
        "or"
    ):
        return False
    if _is_agent(clause, event, chunk):
        return False
    return _victim(clause, event, chunk, "target.detained")


def _assassinated(clause: Clause, chunk: Chunk) -> bool:
    """`اغتيال فلان`, `اغتال مسلحون مسؤولا`, `محاولة اغتيال استهدفت`; people that were run over or stabbed."""
    event = bearer(clause, chunk, ATTACKS, 8)
    if event is None or event.family not in ("attack.killing", "attack.stabbing") or event.end > chunk.start:
        return False
    between = clause.chunks[event.index + 1 : chunk.index]
    if event.verb and not between and chunk.kind == "PEOPLE" and _armed(clause, chunk):
        return False
    allowed = ("ACTOR", "TIME", "PEOPLE", "EVENT", "PERSON")
    if any(other.kind not in allowed or (other.kind == "EVENT" and other.label) for other in between):
        return False
    return not direct(chunk.gap) and _victim(clause, event, chunk, "victim.assassinated")


def _armed(clause: Clause, chunk: Chunk) -> bool:
    return reading_of(clause.units, chunk.start, chunk.end, ("actor.nominal", "person.member")) is not None


def _lost(clause: Clause, chunk: Chunk) -> bool:
    """`سقوط قتلى`, `أوقعت 31 قتيلا`, `خسر … 260 قتيلا`: losses of the attack of the sentence."""
    gap = direct(chunk.gap)
    noun = reading_of(clause.units, chunk.start, chunk.end, ("casualty",))
    brought = gap.endswith(("Y", "K", "Z", "KY", "YG")) or gap.startswith("Z")
    if "N" in gap or (noun is None and not brought):
        return False
    counted = reading_of(clause.units, chunk.start, chunk.end, ("number", "vague")) is not None
    if noun is not None and noun.form.definite and not brought and not counted:
        return False
    if noun is not None and not counted and _summed_up(clause, chunk):
        return False
    event = bearer(clause, chunk, ATTACKS)
    return event is not None and _victim(clause, event, chunk, "victim.losses")


_RULES: Final[tuple[Callable[[Clause, Chunk], bool], ...]] = (
    *(_subset, _survives, _before_verb, _coordinated, _after_event),
    *(_split_idiom, _detained, _assassinated, _aimed_at, _lost),
)
