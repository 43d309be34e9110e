"""Tokens and tags, for formats that know neither free offsets nor overlap.

Two things are decided here. A token that a span begins or ends inside, such as a word with a proclitic, is cut there,
so that every span is a run of whole tokens. Of spans that overlap the longest is kept, of equally long ones the one
that begins first, then the label that the schema has first; the others are left out and counted.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, groupby, pairwise
from operator import attrgetter

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
        at = bisect_left(kept, span.end, key=attrgetter("start"))
        if at == 0 or kept[at - 1].end <= span.start:
            kept.insert(at, span)
    return kept


def one_word(label: str) -> str:
    """The name of a label for formats whose columns are divided by spaces.

    >>> one_word("armed group")
    'armed_group'
    """
    return "_".join(label.split())


def pieces(text: str, spans: Iterable[Span]) -> list[Range]:
    """The tokens of a text, cut where a span begins or ends inside one.

    >>> [text := "وغارة على", [text[a:b] for a, b in pieces(text, [Span("s", 1, 5, "AIRSTRIKE")])]][1]
    ['و', 'غارة', 'على']
    """
    edges = edges_of(spans)
    found: list[Range] = []
    for start, end in tokens(text):
        found += pairwise([start, *between(edges, start, end), end])
    return found


def edges_of(spans: Iterable[Span]) -> list[int]:
    """Where spans begin and end, sorted, each place once."""
    return sorted({edge for span in spans for edge in (span.start, span.end)})


def between(edges: Sequence[int], start: int, end: int) -> Sequence[int]:
    """Those of the sorted edges that lie inside a range, not at its ends."""
    return edges[bisect_right(edges, start) : bisect_left(edges, end)]


def sentence_pieces(text: str, spans: Sequence[Span]) -> list[list[Range]]:
    """The pieces of each sentence; a sentence that ends inside a span goes on to the next."""
    ends = _ends_outside(spans, [end for _, end in sentences(text)])
    by_sentence = groupby(pieces(text, spans), key=lambda piece: bisect_right(ends, piece[0]))
    return [list(sentence) for _, sentence in by_sentence]


def _ends_outside(spans: Sequence[Span], ends: Iterable[int]) -> list[int]:
    """Those of the ends of sentences that lie inside no span."""
    in_order = sorted(spans, key=attrgetter("start"))
    furthest = list(accumulate((span.end for span in in_order), max, initial=0))
    return [end for end in ends if furthest[bisect_left(in_order, end, key=attrgetter("start"))] <= end]


def bio(ranges: Iterable[Range], spans: Sequence[Span]) -> list[str]:
    """The tag of each range: B- on the first of a span, I- on its others, O outside.

    `spans` do not overlap, and like `ranges` they are in the order of the text.

    >>> bio([(0, 3), (4, 6), (6, 9)], [Span("s", 3, 9, "LOC")])
    ['O', 'B-LOC', 'I-LOC']
    """
    tags = []
    begun = None
    waiting = iter(spans)
    span = next(waiting, None)
    for start, end in ranges:
        while span is not None and span.end <= start:
            span = next(waiting, None)
        if span is None or span.start >= end:
            tags.append("O")
            continue
        tags.append(f"{'I' if span is begun else 'B'}-{span.label}")
        begun = span
    return tags
