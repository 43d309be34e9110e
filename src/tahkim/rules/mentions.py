"""`same_event`: mentions of one event across a document, joined with care.

A definite mention (`الغارة`, `الهجوم`) goes back to the last event it can mean; an indefinite one only to
an event with the same people, place, time or target. What differs in time or number is never joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tahkim.rules.sentence import ATTACKS, Chunk, Clause, Link

_OTHER: Final = frozenset(
    {"اخري", "ثانيه", "اخر", "مماثل", "مماثله", "سابق", "سابقه", "جديد", "جديده", "منفصل", "ثان", "مشابه"}
)
_MOST_BACK: Final = 12
_JOIN: Final = 2
_LEAD: Final = 2


class Mention(NamedTuple):
    """What is known of one mention."""

    event: Chunk
    clause: Clause
    kind: str
    definite: bool
    plural: bool
    other: bool
    times: set[str]
    places: set[str]
    targets: set[str]
    people: set[str]
    agents: set[str]
    sentence: int


def same_events(clauses: Sequence[Clause]) -> list[Link]:
    """Links from each re-mention to the mention it goes back to; linear, each looks back at most twelve mentions."""
    mentions = [mention for number, clause in enumerate(clauses) for mention in _mentions(clause, number)]
    links: list[Link] = []
    for index, mention in enumerate(mentions):
        if mention.other:
            continue
        best, most = None, _JOIN - 1
        for earlier in reversed(mentions[max(0, index - _MOST_BACK) : index]):
            if mention.kind == earlier.kind and mention.plural == earlier.plural:
                score = _score(mention, earlier)
                if score > most:
                    best, most = earlier, score
        if best is not None:
            links.append(Link("same_event", mention.event, best.event, "same_event.mention"))
    return links


_TELLING: Final = {"time": 0, "place": 1, "target": 2, "victim": 3, "agent": 4}


def _mentions(clause: Clause, sentence: int) -> list[Mention]:
    """The mentions of a sentence; what an attack caused has its victims too."""
    if not clause.events:
        return []
    tails: dict[Chunk, list[set[str]]] = {event: [set(), set(), set(), set(), set()] for event in clause.events}
    caused: list[Link] = []
    for link in clause.links:
        told = tails.get(link.head)
        if told is None:
            continue
        if link.label in _TELLING:
            told[_TELLING[link.label]].add(_signature(clause, link.tail))
        elif link.label == "causes":
            caused.append(link)
    for link in caused:
        for other in clause.links:
            if other.head is link.tail and other.label == "victim":
                tails[link.head][_TELLING["victim"]].add(_signature(clause, other.tail))
    return [_mention(clause, event, tails[event], sentence) for event in clause.events]


def _mention(clause: Clause, event: Chunk, tails: list[set[str]], sentence: int) -> Mention:
    form = event.reading.form if event.reading else None
    after = clause.units.texts[event.end : event.end + 2]
    kind = "attack" if event.label in ATTACKS else event.label or ""
    definite, plural = (form.definite, form.number == 3) if form else (False, False)
    other = any(text.removeprefix("ال") in _OTHER for text in after)
    times, places, targets, people, agents = tails
    return Mention(event, clause, kind, definite, plural, other, times, places, targets, people, agents, sentence)


def _signature(clause: Clause, chunk: Chunk) -> str:
    norm = chunk.attributes.get("norm") or chunk.attributes.get("count_max") or chunk.attributes.get("count_min")
    if chunk.label == "TIME" and norm:
        return str(norm)[:10]
    if chunk.label == "CASUALTY" and norm:
        return str(norm)
    if chunk.label == "ACTOR" and chunk.attributes.get("canonical"):
        return str(chunk.attributes["canonical"])
    return clause.units.texts[chunk.end - 1].removeprefix("ال").rstrip("اه")


def _score(mention: Mention, earlier: Mention) -> int:
    """How much speaks for two mentions of one kind and number to be of one event; -1 if something speaks against it."""
    if mention.kind == "attack" and not _compatible(mention.event, earlier.event):
        return -1
    if mention.times and earlier.times and not mention.times & earlier.times:
        return -1
    if mention.people and earlier.people and not mention.people & earlier.people:
        return -1
    score = 2 if mention.definite and not mention.plural else 0
    score += 2 * bool(mention.people & earlier.people)
    score += bool(mention.places & earlier.places)
    score += bool(mention.targets & earlier.targets)
    score += bool(mention.times & earlier.times)
    score += bool(mention.agents & earlier.agents)
    score += earlier.sentence == 0 and mention.sentence <= _LEAD and not mention.plural and score > 0
    if mention.clause is earlier.clause and not mention.definite:
        return -1
    return score


def _compatible(event: Chunk, earlier: Chunk) -> bool:
    return event.label == earlier.label
