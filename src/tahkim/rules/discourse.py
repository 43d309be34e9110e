"""What one sentence knows from the others: names told before, and whether a body acts or only informs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from tahkim.rules.lexicon import Entry
from tahkim.rules.sentence import Chunk, Clause, Link, reading_of

GOD: Final = "الله"
_ACTING: Final = frozenset({"agent", "target", "claimed_by"})
# Of the bodies in the gazetteer these as often inform as act; the others count as parties even where they only speak.
_INFORMING: Final = frozenset({"SECURITY", "GOV-FORCES"})
_HEADS: Final = frozenset({"CASUALTY", "ASSET", "WEAPON", "ACTOR"})


def remember_names(clause: Clause, known: set[str]) -> None:
    """Add the last names of the persons in a sentence to those known."""
    for chunk in clause.chunks:
        if chunk.kind == "PERSON" and chunk.end - chunk.start > 1:
            last = clause.units.texts[chunk.end - 1]
            known.add(clause.units.texts[chunk.end - 2] if last == GOD else last)


def settle_bodies(clauses: Sequence[Clause]) -> None:
    """A body that acts or is acted on anywhere in the document is ACTOR throughout; one that only informs is SOURCE."""
    bodies = [
        (clause, chunk, _identity(clause, chunk))
        for clause in clauses
        for chunk in clause.chunks
        if chunk.label in ("ACTOR", "SOURCE") and chunk.kind in ("ACTOR", "SOURCE", "STATE")
    ]
    acting = {identity for clause, chunk, identity in bodies if chunk.label == "ACTOR" and _acts(clause, chunk)}
    heads = {first for _, first in acting}
    for clause, chunk, (identity, first) in bodies:
        if (identity, first) in acting or (chunk.label == "SOURCE" and _anaphoric(clause, chunk) and first in heads):
            chunk.label = "ACTOR"
        elif chunk.label == "ACTOR" and identity in _INFORMING and not _acts(clause, chunk):
            chunk.label = "SOURCE"


def _identity(clause: Clause, chunk: Chunk) -> tuple[str, str]:
    """The gazetteer id (or the words), and the first word without its article."""
    reading = reading_of(clause.units, chunk.start, chunk.end, ("actor.name", "actor.state", "loc.name.state"))
    words = clause.units.texts[chunk.start : chunk.end]
    first = words[0].split()[0].removeprefix("ال")
    return (reading.entry.id if reading else " ".join(words)), first


def _anaphoric(clause: Clause, chunk: Chunk) -> bool:
    """One definite word: `الوزارة`, `الحكومة`."""
    text = clause.units.texts[chunk.start]
    return chunk.end - chunk.start == 1 and text.startswith("ال") and " " not in text


def _acts(clause: Clause, chunk: Chunk) -> bool:
    """Whether a relation makes it a party; a body without any relation is left as it is."""
    told = False
    for link in clause.links:
        if link.tail is chunk:
            if link.label in _ACTING or link.kind in ("close_to", "backed_by") or _of_party(clause, link):
                return True
            told = told or link.label in ("reported_by", "affiliated_with")
        elif link.head is chunk and link.label == "affiliated_with" and not told:
            told = any(other.tail is chunk and other.label == "reported_by" for other in clause.links)
    return not told


def _of_party(clause: Clause, link: Link) -> bool:
    """Whether its casualties, weapons or positions are told of, or a person of it who was attacked."""
    if link.label != "affiliated_with":
        return False
    if link.head.label == "PERSON":
        return any(other.tail is link.head and other.label in ("victim", "target") for other in clause.links)
    return link.head.label in _HEADS


def home_of(clauses: Sequence[Clause]) -> str:
    """The country most places of a document lie in, of several the one told of first; empty if none is known."""
    countries: Counter[str] = Counter()
    for clause in clauses:
        for chunk in clause.chunks:
            if chunk.label == "LOC":
                name = reading_of(clause.units, chunk.start, chunk.end, ("loc.name", "loc.rare"))
                country = _country(name.entry) if name is not None else ""
                if country:
                    countries[country] += 1
    return max(countries, key=countries.__getitem__, default="")


def _country(entry: Entry) -> str:
    """Towns say it; the ids of countries and governorates begin with it."""
    if entry.word_class in ("loc.name.country", "loc.name.state", "loc.name.governorate"):
        return entry.id[:2]
    return entry.attributes.get("country", "")


_STRONG: Final = {
    "attack": 2.0,
    "kill": 1.0,
    "detain": 0.5,
    "injure": 0.5,
    "damage": 0.5,
    "disrupt": 0.5,
    "toll": 1.0,
    "reap": 1.0,
    "territory": 1.0,
}
_TELLING: Final = frozenset({"agent", "target", "instrument", "causes", "victim", "claimed_by"})
_PARTIES: Final = frozenset({"ACTOR", "WEAPON"})


def tells_of_conflict(clauses: Sequence[Clause], off_topic: int) -> bool:
    """Whether the document tells of an armed event at all, or only uses some of its words.

    Attacks that have an agent, target, weapon, victim or consequence count most, deaths less, and each party or weapon
    in a role adds to them; `off_topic` is how many words of sport, health, economy … stand in the document.
    """
    evidence = 0.0
    for clause in clauses:
        telling = {id(link.head) for link in clause.links if link.label in _TELLING}
        circumstances = {id(link.head) for link in clause.links if link.label in ("place", "reported_by")}
        for event in clause.events:
            strength = _STRONG.get(event.family.split(".")[0], 0.0)
            if id(event) in telling:
                evidence += strength
            elif event.is_attack:
                evidence += 1.0 if id(event) in circumstances else 0.5
        evidence += sum(1.0 for chunk in clause.chunks if chunk.label in _PARTIES)
    return evidence >= 1.0 and evidence > off_topic
