"""A sentence as chunks: spans that may be kept, each with the cues that stand before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tahkim.rules.lexicon import Reading
from tahkim.rules.patterns import Matcher, Rule
from tahkim.rules.units import Sentence

ATTACKS: Final = frozenset({"AIRSTRIKE", "SHELLING", "EXPLOSION", "CLASH", "ATTACK"})
HARMS: Final = frozenset({"KILL", "INJURE", "DAMAGE"})
CONSEQUENCES: Final = HARMS | {"DETAIN"}


_NO_ATTRIBUTES: Final[Mapping[str, object]] = {}


class Chunk:
    """A candidate span over the units `[start, end)`.

    `kind` is what the pattern says, `label` what it becomes (None: not kept). `gap` holds the cue letters between the
    chunk before and this one. For events `family` is the class of the trigger below `trigger.noun` or `trigger.verb`.
    """

    __slots__ = (
        *("attributes", "detached", "end", "family", "gap", "index", "kind", "label", "reading", "rule", "score"),
        *("start", "verb"),
    )

    def __init__(self, kind: str, start: int, end: int, rule: Rule, gap: str, index: int) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.rule = rule.id
        self.score = rule.score
        self.gap = gap
        self.index = index
        self.label: str | None = None
        self.reading: Reading | None = None
        self.family = ""
        self.verb = False
        self.detached = False
        self.attributes: Mapping[str, object] = _NO_ATTRIBUTES

    @property
    def is_attack(self) -> bool:
        return self.label in ATTACKS


class Link:
    """A relation between two chunks."""

    __slots__ = ("certainty", "head", "kind", "label", "rule", "tail")

    def __init__(
        self, label: str, head: Chunk, tail: Chunk, rule: str, certainty: str = "asserted", kind: str = ""
    ) -> None:
        self.label = label
        self.head = head
        self.tail = tail
        self.rule = rule
        self.certainty = certainty
        self.kind = kind


class Clause:
    """The chunks of a sentence, its cue string, and the links found in it."""

    __slots__ = ("chunks", "cues", "dropped", "events", "links", "roles", "seen", "units")

    def __init__(self, units: Sentence, chunks: list[Chunk], cues: str) -> None:
        self.units = units
        self.chunks = chunks
        self.cues = cues
        self.events: list[Chunk] = []
        self.dropped: list[Chunk] = []
        self.links: list[Link] = []
        self.seen: set[tuple[str, int, int]] = set()
        self.roles: set[tuple[str, int]] = set()

    def link(
        self, label: str, head: Chunk, tail: Chunk, rule: str, certainty: str = "asserted", kind: str = ""
    ) -> None:
        """Add a relation once."""
        key = (label, head.index, tail.index)
        if head is not tail and key not in self.seen:
            self.seen.add(key)
            self.roles.add((label, head.index))
            self.links.append(Link(label, head, tail, rule, certainty, kind))

    def drop(self, gone: Sequence[Chunk]) -> None:
        """Take chunks out again; their units become part of the gaps."""
        if not gone:
            return
        self.dropped.extend(gone)
        self.chunks = [chunk for chunk in self.chunks if chunk not in gone]
        end = 0
        for index, chunk in enumerate(self.chunks):
            chunk.index, chunk.gap, end = index, self.cues[end : chunk.start], chunk.end

    def has(self, label: str, head: Chunk) -> bool:
        """Whether a relation of this label goes out from a chunk."""
        return (label, head.index) in self.roles

    def next_event(self, chunk: Chunk) -> Chunk | None:
        """The first event behind a chunk."""
        for event in self.events:
            if event.start >= chunk.end:
                return event
        return None

    def before(self, chunk: Chunk) -> Chunk | None:
        return self.chunks[chunk.index - 1] if chunk.index else None

    def after(self, chunk: Chunk) -> Chunk | None:
        return self.chunks[chunk.index + 1] if chunk.index + 1 < len(self.chunks) else None

    def gap_after(self, chunk: Chunk) -> str:
        following = self.after(chunk)
        return following.gap if following else self.cues[chunk.end :]

    def between(self, left: Chunk, right: Chunk) -> str:
        return self.cues[left.end : right.start]


KNOWN_NAME: Final = Rule("person.known", "PERSON", 0.8, "", "")


def read(units: Sentence, matcher: Matcher, cues: Mapping[int, str], known: set[str]) -> Clause:
    """Chunk a sentence. `known` are last names of persons told of before."""
    letters = units.codes.translate(cues)
    chunks: list[Chunk] = []
    end = 0
    bracketed = "(" in letters
    for start, stop, rule in matcher.chunks(units.codes):
        if rule.label == "-" or (bracketed and _is_aside(letters, start, stop, end)):
            continue
        if rule.id in _NOMINAL and letters[end:start] in ("&q", "q"):  # `وهي جماعة مسلحة` explains the name before
            continue
        chunks.append(Chunk(rule.label, start, stop, rule, letters[end:start], len(chunks)))
        end = stop
    if known and not known.isdisjoint(units.texts):
        chunks = _with_known_names(units, chunks, letters, known)
    return Clause(units, chunks, letters)


def _with_known_names(units: Sentence, chunks: list[Chunk], letters: str, known: set[str]) -> list[Chunk]:
    """The chunks, and one for each known last name that stands outside them."""
    taken = {position for chunk in chunks for position in range(chunk.start, chunk.end)}
    found = [at for at, text in enumerate(units.texts) if text in known and at not in taken and letters[at] == "."]
    ends = [at + 2 if units.texts[at + 1 : at + 2] == ["الله"] else at + 1 for at in found]
    merged = chunks + [Chunk("PERSON", at, end, KNOWN_NAME, "", 0) for at, end in zip(found, ends, strict=True)]
    merged.sort(key=lambda chunk: chunk.start)
    end = 0
    for index, chunk in enumerate(merged):
        chunk.index, chunk.gap, end = index, letters[end : chunk.start], chunk.end
    return merged


_NOMINAL: Final[tuple[str, ...]] = ("actor.qualified", "actor.backed")


def _is_aside(letters: str, start: int, stop: int, end: int) -> bool:
    """A bracketed alias or age right after a word (`القيادة المركزية (سينتكوم)`)."""
    opening = letters.rfind("(", end, start)
    return opening >= 0 and ")" not in letters[opening:start] and 0 <= letters.find(")", stop) - opening <= 7


def reading_of(units: Sentence, start: int, end: int, classes: Sequence[str]) -> Reading | None:
    """The first reading in `[start, end)` of the first of the classes that has one."""
    words = units.words[start:end]
    for word_class in classes:
        for word in words:
            reading = word.reading(word_class)
            if reading is not None:
                return reading
    return None
