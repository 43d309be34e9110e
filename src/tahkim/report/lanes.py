"""A document with the spans of its annotators one over another: pieces of text, and what each annotator has there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import regex

from tahkim.model import Annotation, Span
from tahkim.text import sentences

MOST_LANES = 8
MOST_LINES = 14
LINE_LENGTH = 320
"""Characters of a line at most; longer sentences are cut at a space."""

_WORD = regex.compile(r"\S+\s*|\s+")


class Piece(NamedTuple):
    """Text that every lane sees alike; `lanes` pairs the number of a lane with the label it has here."""

    text: str
    lanes: tuple[tuple[int, str], ...]
    differs: bool


class Start(NamedTuple):
    """Where a span of a lane begins: its label is written there, in the room of its characters.

    `offset` counts the characters of the word before it, a clitic as a rule.
    """

    lane: int
    label: str
    offset: int
    characters: int


class Word(NamedTuple):
    """A word and the space behind it."""

    pieces: tuple[Piece, ...]
    starts: tuple[Start, ...]


class Line(NamedTuple):
    """A line of the document; `agreed` counts the lines left out before it, which all have alike."""

    words: tuple[Word, ...]
    agreed: int


class Lanes(NamedTuple):
    """The lines on which annotators differ.

    `annotators` are those with a lane, `others` counts those without; `more` counts the lines beyond MOST_LINES.
    """

    annotators: tuple[str, ...]
    others: int
    lines: tuple[Line, ...]
    more: int


def lanes(text: str, readings: Sequence[Annotation], units: Sequence[Mapping[str, Any]]) -> Lanes:
    """The lines of a document that hold any of the `units` its annotators differ on, with a lane for each of them."""
    shown = readings[:MOST_LANES]
    differing = sorted((unit["start"], unit["end"]) for unit in units)
    lines: list[Line] = []
    agreed = more = 0
    for start, end in _lines(text):
        if not any(s < end and e > start for s, e in differing):
            agreed += 1
        elif len(lines) == MOST_LINES:
            more += 1
        else:
            lines.append(Line(tuple(_words(text, start, end, shown, differing)), agreed))
            agreed = 0
    names = tuple(reading.annotator for reading in shown)
    return Lanes(names, len(readings) - len(shown), tuple(lines), more)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    for start, end in sentences(text):
        at = start
        while end - at > LINE_LENGTH:
            cut = max(text.rfind(" ", at + 1, at + LINE_LENGTH) + 1, at + 1)
            cut = cut if cut > at + 1 else at + LINE_LENGTH
            yield at, cut
            at = cut
        yield at, end


def _words(
    text: str, start: int, end: int, readings: Sequence[Annotation], differing: Iterable[tuple[int, int]]
) -> Iterator[Word]:
    here = [[s for s in reading.spans if s.start < end and s.end > start] for reading in readings]
    odd = [(s, e) for s, e in differing if s < end and e > start]
    edges = {edge for spans in here for s in spans for edge in (s.start, s.end)} | {e for pair in odd for e in pair}
    for match in _WORD.finditer(text, start, end):
        first, last = match.span()
        cuts = sorted({first, last, *(edge for edge in edges if first < edge < last)})
        pieces = tuple(
            Piece(text[a:b], tuple(_at(here, a, b)), any(s <= a and b <= e for s, e in odd)) for a, b in pairwise(cuts)
        )
        yield Word(pieces, tuple(_starts(here, first, last, start, end)))


def _at(lanes: Sequence[Sequence[Span]], start: int, end: int) -> Iterator[tuple[int, str]]:
    """The label of each lane over a piece; of spans that nest the shortest."""
    for lane, spans in enumerate(lanes):
        covering = [span for span in spans if span.start <= start and end <= span.end]
        if covering:
            yield lane, min(covering, key=lambda span: (span.end - span.start, span.label)).label


def _starts(lanes: Sequence[Sequence[Span]], first: int, last: int, start: int, end: int) -> Iterator[Start]:
    """Spans that begin in a word, or came over from the line before to the first word of this one."""
    for lane, spans in enumerate(lanes):
        for span in spans:
            begins = max(span.start, start)
            if first <= begins < last:
                yield Start(lane, span.label, begins - first, min(span.end, end) - begins)
