"""Pairs of labels that two readings give to the tokens of a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from tahkim.agreement.coincidences import CellCounts
from tahkim.agreement.corpus.comparisons import Comparison
from tahkim.agreement.tokens import OUTSIDE, token_labels
from tahkim.model import Annotation, Document
from tahkim.text import tokens


class TokenTable(NamedTuple):
    """Counts of label pairs by comparison, and the number of tokens by document id."""

    pairs: CellCounts
    n_tokens: Mapping[str, int]


def token_table(
    comparisons: Sequence[Comparison], documents: Mapping[str, Document], labels: Sequence[str]
) -> TokenTable:
    """Tokens that both readings leave outside are counted, not listed."""
    places = {doc_id: tokens(documents[doc_id].text) for doc_id in {c.doc_id for c in comparisons}}
    known: dict[int, dict[int, str]] = {}
    found: Counter[tuple[int, Hashable, Hashable]] = Counter()
    for row, c in enumerate(comparisons):
        one, other = (_labels_of(reading, places[c.doc_id], known) for reading in (c.a, c.b))
        both = one.keys() | other.keys()
        found.update((row, one.get(token, OUTSIDE), other.get(token, OUTSIDE)) for token in both)
        if outside := len(places[c.doc_id]) - len(both):
            found[row, OUTSIDE, OUTSIDE] = outside
    pairs = CellCounts(found, len(comparisons), [OUTSIDE, *labels])
    return TokenTable(pairs, {doc_id: len(of) for doc_id, of in places.items()})


def _labels_of(
    reading: Annotation, places: Sequence[tuple[int, int]], known: dict[int, dict[int, str]]
) -> dict[int, str]:
    """Worked out once for a reading that stands in several comparisons, which all hold the same object."""
    if id(reading) not in known:
        known[id(reading)] = token_labels(places, reading.spans)
    return known[id(reading)]
