"""The label of each token, for coefficients over tokens."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from tahkim.model import Annotation, Span
from tahkim.text import tokens

OUTSIDE = "O"


def token_labels(places: Sequence[tuple[int, int]], spans: Iterable[Span]) -> dict[int, str]:
    """The label of each token (by its number in `places`) that a span covers the most of; the others are outside.

    A token takes the label that covers most of it, as long as no more of it lies outside all spans than under that
    label; a tie between labels goes to the one that begins first, then by the alphabet.

    >>> token_labels([(0, 4), (5, 11)], [Span("1", 0, 3, "LOC"), Span("2", 10, 11, "TIME")])
    {0: 'LOC'}
    """
    starts, ends = [start for start, _ in places], [end for _, end in places]
    covered: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    reached: dict[str, int] = {}
    for span in sorted(spans, key=lambda s: (s.start, s.end, s.label)):
        begin = max(span.start, reached.get(span.label, 0))
        if begin >= span.end:
            continue  # what nests in its own label is covered already
        reached[span.label] = span.end
        for token in range(bisect_right(ends, begin), bisect_left(starts, span.end)):
            size = min(ends[token], span.end) - max(starts[token], begin)
            before, first = covered[token].get(span.label, (0, span.start))
            covered[token][span.label] = (before + size, first)
    found = {}
    for token, by_label in sorted(covered.items()):
        label, (size, _) = min(by_label.items(), key=lambda item: (-item[1][0], item[1][1], item[0]))
        outside = ends[token] - starts[token] - sum(size for size, _ in by_label.values())
        if size >= outside:
            found[token] = label
    return found


def token_ratings(readings: Sequence[Annotation], text: str) -> list[tuple[str, ...]]:
    """Items × raters for the coefficients: one row a token of `text`, the label of each reading, `O` outside."""
    places = tokens(text)
    labels = [token_labels(places, reading.spans) for reading in readings]
    return [tuple(own.get(token, OUTSIDE) for own in labels) for token in range(len(places))]
