"""Tokens and tags, for formats that know neither free offsets nor overlap.

Two things are decided here. A token that a span begins or ends inside, such as a word with a proclitic, is cut there,
so that every span is a run of whole tokens. Of spans that overlap the longest is kept, of equally long ones the one
that begins first, then the label that the schema has first; the others are left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from tahkim.model import Span
from tahkim.schema import Schema
from tahkim.text import sentences, tokens

Range = tuple[int, int]


def flat(spans: Iterable[Span], schema: Schema) -> list[Span]:
    """The spans that are kept where they overlap, in the order of the text.

    >>> spans = [Span("a", 0, 4, "LOC"), Span("b", 2, 9, "LOC"), Span("c", 9, 11, "LOC")]
    >>> [span.id for span in flat(spans, Schema())]
    ['b', 'c']
    """
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start, schema.label_order(s.label), s.label, s.id)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)


def pieces(text: str, spans: Iterable[Span]) -> list[Range]:
    """The tokens of a text, cut where a span begins or ends inside one.

    >>> [text := "وغارة على", [text[a:b] for a, b in pieces(text, [Span("s", 1, 5, "AIRSTRIKE")])]][1]
    ['و', 'غارة', 'على']
    """
    edges = {edge for span in spans for edge in (span.start, span.end)}
    found: list[Range] = []
    for start, end in tokens(text):
        cuts = [start, *sorted(edge for edge in edges if start < edge < end), end]
        found += pairwise(cuts)
    return found


def sentence_pieces(text: str, spans: Sequence[Span]) -> list[list[Range]]:
    """The pieces of each sentence; a sentence that ends inside a span goes on to the next."""
    ends = [end for _, end in sentences(text) if not any(span.start < end < span.end for span in spans)]
    found: list[list[Range]] = [[]]
    for start, end in pieces(text, spans):
        while ends and start >= ends[0]:
            ends.pop(0)
            found.append([])
        found[-1].append((start, end))
    return [sentence for sentence in found if sentence]


def bio(ranges: Sequence[Range], spans: Sequence[Span]) -> list[str]:
    """The tag of each range: B- on the first of a span, I- on its others, O outside.

    `spans` do not overlap, and like `ranges` they are in the order of the text.

    >>> bio([(0, 3), (4, 6), (6, 9)], [Span("s", 3, 9, "LOC")])
    ['O', 'B-LOC', 'I-LOC']
    """
    tags = []
    begun = None
    waiting = list(spans)
    for start, end in ranges:
        while waiting and waiting[0].end <= start:
            waiting.pop(0)
        if not waiting or waiting[0].start >= end:
            tags.append("O")
            continue
        tags.append(f"{'I' if waiting[0] is begun else 'B'}-{waiting[0].label}")
        begun = waiting[0]
    return tags
