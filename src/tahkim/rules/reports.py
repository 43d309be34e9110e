"""Who says so: `reported_by`, claims and accusations, and the body an informant speaks for."""

from __future__ import annotations

from typing import Final

from tahkim.rules.attach import BODIES
from tahkim.rules.sentence import Chunk, Clause, reading_of

_SPEAKERS: Final = frozenset({"SOURCE", "ACTOR", "PERSON", "PEOPLE", "STATE"})
_CLAIMABLE: Final = frozenset(
    {"AIRSTRIKE", "SHELLING", "EXPLOSION", "CLASH", "ATTACK", "DETAIN", "TERRITORY", "DISRUPT"}
)


def attach_reports(clause: Clause, speaker: Chunk | None) -> Chunk | None:
    """Link the speakers of a sentence. Returns who spoke last, for a following sentence without a subject."""
    spoken = False
    for chunk in clause.chunks if _tells_who(clause) else ():
        if chunk.kind not in _SPEAKERS or chunk.label == "CASUALTY" or not _speaks(clause, chunk):
            continue
        if _hands_over(clause, chunk):
            continue
        spoken, speaker = True, chunk
        event = _reported(clause, chunk)
        if event is not None:
            _report(clause, chunk, event)
    if not spoken and speaker is not None and clause.events:
        first = next((event for event in clause.events if event.is_attack), clause.events[0])
        ahead = clause.cues[:3]
        if "V" in ahead or "P" in ahead[:2]:
            clause.link("reported_by", first, speaker, "reported_by.continued")
    return speaker


def _tells_who(clause: Clause) -> bool:
    """Whether any word in the sentence is one of saying, claiming, accusing or source: without it nobody speaks."""
    cues = clause.cues
    return "V" in cues or "A" in cues or "C" in cues or "U" in cues


def _report(clause: Clause, chunk: Chunk, event: Chunk) -> None:
    person = _person_behind(clause, chunk)
    if person is not None:
        person.label = "PERSON"
        chunk.label = chunk.label or "SOURCE"
        clause.link("reported_by", event, person, "reported_by.person")
        clause.link("affiliated_with", person, chunk, "affiliated_with.title", kind="belongs_to")
        return
    claim = chunk.gap.endswith("C") or (event.start >= chunk.end and "C" in clause.cues[chunk.end : event.start])
    if claim and event.label in _CLAIMABLE and chunk.kind in BODIES:
        chunk.label = "ACTOR"
        clause.link("claimed_by", event, chunk, "claimed_by.claim")
        return
    if chunk.label is None:
        chunk.label = "PERSON" if chunk.kind == "PERSON" else "ACTOR" if chunk.kind in BODIES else "SOURCE"
    clause.link("reported_by", event, chunk, "reported_by.clause")
    _body_of(clause, chunk)
    if chunk.label == "ACTOR":
        _announces(clause, chunk, event)


def _announces(clause: Clause, chunk: Chunk, event: Chunk) -> None:
    """`أعلن الجيش أنه شن غارة`, `تبنى التنظيم الهجوم`: the agent itself says so."""
    cues = clause.cues[chunk.end : event.start] if event.start >= chunk.end else ""
    if event.label not in _CLAIMABLE or not cues:
        return
    pronoun = event.verb and cues.endswith("T") and clause.units.texts[event.start - 1] in ("انه", "انها", "انهم")
    announced = cues.rstrip("~.").endswith(("TS", "aS", "TMS")) or pronoun
    announced = announced or _with_own_weapon(clause, event)
    if announced and not clause.has("agent", event):
        clause.link("agent", event, chunk, "agent.announces")
        clause.link("claimed_by", event, chunk, "claimed_by.announces")


def _with_own_weapon(clause: Clause, event: Chunk) -> bool:
    """`قال الجيش إن دباباته قصفت`."""
    for link in clause.links:
        if link.label == "instrument" and link.head is event:
            weapon = reading_of(clause.units, link.tail.start, link.tail.end, ("weapon",))
            if weapon is not None and weapon.form.pronoun:
                return True
    return False


def _person_behind(clause: Clause, chunk: Chunk) -> Chunk | None:
    """`مدير المرصد رامي عبد الرحمن`: the body of the title, then the name."""
    following = clause.after(chunk)
    if following is None or following.kind != "PERSON" or following.label == "PERSON" or following.gap.strip("~.,p"):
        return None
    return following if len(following.gap) <= 3 else None


def _body_of(clause: Clause, chunk: Chunk) -> None:
    """`فلان رئيس المجلس البلدي`, `ضابط في الشرطة`."""
    following = clause.after(chunk)
    if following is None or following.kind not in ("SOURCE", "ACTOR") or len(following.gap) > 3:
        return
    titled = chunk.kind == "PERSON" and "p" in following.gap
    inside = chunk.kind in ("PEOPLE", "SOURCE") and following.gap in ("i", "b", "f", "F")
    if titled or inside:
        if following.label is None:
            following.label = "SOURCE"
        clause.link("affiliated_with", chunk, following, "affiliated_with.body", kind="belongs_to")


def _speaks(clause: Clause, chunk: Chunk) -> bool:
    gap = chunk.gap
    units = clause.units
    if (
        chunk.kind == "PEOPLE"
        and reading_of(units, chunk.start, chunk.end, ("source.head", "source.person", "person.official")) is None
    ):
        return False
    for cue in "AVU":
        if cue in gap:
            tail = gap[gap.rindex(cue) + 1 :]
            return len(tail) <= 4 and not set(tail) & set("TlgB") and ("S" not in tail)
    if gap.endswith("C") or (chunk.kind in BODIES and "C" in clause.gap_after(chunk)):
        return True
    if (
        gap.endswith("a")
        and chunk.kind in ("SOURCE", "PEOPLE")
        and "V" in clause.cues[max(0, chunk.start - 10) : chunk.start]
    ):
        return True
    after = clause.gap_after(chunk)[:5].lstrip(",M")
    return chunk.kind in ("SOURCE", "ACTOR") and after[:1] in ("V", "q") and "V" in after[:2] and not direct_object(gap)


def direct_object(gap: str) -> bool:
    """Whether the gap ends in a preposition, so that what follows is no subject."""
    return gap.rstrip("~.").endswith(("f", "i", "b", "l", "o", "g", "m", "t", "n"))


def _hands_over(clause: Clause, chunk: Chunk) -> bool:
    """`نقلت وكالة عن مصدر`: the source behind عن is the one."""
    following = clause.after(chunk)
    if following is not None and following.kind == "TIME":
        following = clause.after(following)
    return (
        chunk.kind == "SOURCE"
        and following is not None
        and following.kind in ("SOURCE", "PEOPLE")
        and following.gap.strip("~,") == "a"
        and len(clause.cues[chunk.end : following.start]) <= 8
    )


def _reported(clause: Clause, chunk: Chunk) -> Chunk | None:
    """The top event of the reporting clause: behind the verb of saying, or before `وفق` and `حسبما أفاد`."""
    before = [event for event in clause.events if event.end <= chunk.start]
    after = [event for event in clause.events if event.start >= chunk.end]
    trailing = "A" in chunk.gap or not after
    if trailing and before:
        attacks = [event for event in before if event.is_attack and not event.detached]
        return attacks[-1] if attacks else before[-1]
    attacks = [event for event in after if event.is_attack]
    return attacks[0] if attacks else after[0] if after else None
