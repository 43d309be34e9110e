"""Which rule made what in a report, and what nearly matched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tahkim.model import Document
from tahkim.rules.extract import Placed, Reading, Rules, interpret, kept, ranges_of, rule_of
from tahkim.rules.sentence import Chunk


class Made(NamedTuple):
    """A span or relation the rules made; for a relation `start` and `end` are those of its head."""

    start: int
    end: int
    text: str
    label: str
    rule: str
    source: str


class Missed(NamedTuple):
    """A candidate that was not kept, and why."""

    start: int
    end: int
    text: str
    kind: str
    rule: str
    why: str


class Explanation(NamedTuple):
    """Everything `explain` has to say about a document."""

    made: list[Made]
    missed: list[Missed]
    note: str


def explain(document: Document, rules: Rules) -> Explanation:
    """What each rule made of a document, in the order of the text, and the candidates that were dropped."""
    reading = interpret(document, rules)
    chunks, links = kept(reading)
    sources = {rule.id: Path(rule.source).name for rule in rules.matcher.rules}
    places = (
        dict(zip([id(chunk) for _, chunk in chunks], ranges_of(document.text, reading.shadowed, chunks), strict=True))
        if chunks
        else {}
    )
    made: list[Made] = []
    for _, chunk in chunks:
        start, end = places[id(chunk)]
        made.append(
            Made(start, end, document.text[start:end], chunk.label or "", rule_of(chunk), _source(chunk, sources))
        )
    for link in links:
        start, end = places[id(link.head)]
        tail = document.text[slice(*places[id(link.tail)])]
        made.append(Made(start, end, f"{document.text[start:end]} → {tail}", link.label, link.rule, ""))
    note = "" if reading.has_event else _no_event(reading.off_topic)
    return Explanation(sorted(made), _missed(document, reading, chunks), note)


def _no_event(off_topic: int) -> str:
    return f"taken to tell of no armed event: too little speaks for one against {off_topic} words of other matters"


def _source(chunk: Chunk, sources: dict[str, str]) -> str:
    """File and line of the lexicon entry, or of the pattern."""
    return chunk.reading.entry.source if chunk.reading is not None else sources.get(chunk.rule, "")


def _missed(document: Document, reading: Reading, chunks: Sequence[Placed]) -> list[Missed]:
    taken = {id(chunk) for _, chunk in chunks}
    left: list[tuple[Placed, str]] = []
    for clause in reading.clauses:
        left += [((clause, chunk), "not an event here: what it needs beside it is missing") for chunk in clause.dropped]
        why = "no event in the sentence" if not clause.events else "no event takes it in any role"
        left += [((clause, chunk), why) for chunk in clause.chunks if id(chunk) not in taken]
    if not left:
        return []
    ranges = ranges_of(document.text, reading.shadowed, [placed for placed, _ in left])
    return sorted(
        Missed(start, end, document.text[start:end], chunk.kind, chunk.rule, why)
        for ((_, chunk), why), (start, end) in zip(left, ranges, strict=True)
    )
