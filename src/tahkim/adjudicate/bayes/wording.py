"""What a reading looks like in its text: its words, their shapes, what stands around it.

Nothing here is made for one language: shapes come from Unicode categories, and which words matter is learned.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from msgspec import Struct
from scipy.sparse import csr_matrix

from tahkim.adjudicate.bayes.evidence import Evidence, Floats, Ints
from tahkim.adjudicate.questions import Reading
from tahkim.model import Document
from tahkim.text import tokens

RARE = 2
"""A feature counts when at least so many readings have it."""
LONGEST = 8
"""Longer readings have no surface that could be found again."""
BEGIN, END = "\x02", "\x03"
SLOTS = 4
_SHAPES = {"Lu": "X", "Lt": "X", "Ll": "x", "Lo": "a", "Lm": "a", "Mn": "", "Mc": "", "Me": "", "Nd": "d"}


class Wording(Struct, frozen=True):
    """The wording of every option, and where its words and surfaces occur besides.

    `features` has shape (options, features), zeros and ones. Words and surfaces are numbered. `slots` has for each
    option the words before it, first and last in it, and after it; `inside` pairs options with the words in them.
    """

    features: csr_matrix
    slots: Ints
    inside_option: Ints
    inside_word: Ints
    surface: Ints
    words: Occurrences
    surfaces: Occurrences


class Occurrences(Struct, frozen=True):
    """How often each word or surface occurs: in the collection, and by document (keys `document · n + word`)."""

    n: int
    total: Floats
    keys: Ints
    counts: Floats


@lru_cache(maxsize=65536)
def shape(word: str) -> str:
    """Upper, lower, other letters, digits and signs, runs shortened to two.

    >>> shape("Qamishli"), shape("1,500"), shape("قصفت")
    ('Xxx', 'd,dd', 'aa')
    """
    made = ""
    for character in word:
        kind = _SHAPES.get(unicodedata.category(character), character)
        if kind and not made.endswith(kind * 2):
            made += kind
    return made


class _Text:
    """The tokens of a document, by number."""

    def __init__(self, text: str) -> None:
        places = tokens(text)
        self._starts = [start for start, _ in places]
        self._ends = [end for _, end in places]
        self._line_begins = [i == 0 or "\n" in text[places[i - 1][1] : places[i][0]] for i in range(len(places))]
        self.words = [text[start:end] for start, end in places]

    def covered(self, reading: Reading) -> tuple[int, int]:
        """Numbers of the first token in a reading and of the first behind it."""
        first = min(bisect_right(self._ends, reading.start), max(len(self.words) - 1, 0))
        return first, max(bisect_left(self._starts, reading.end), first + 1)

    def before(self, number: int, steps: int = 1) -> str:
        """The word so many steps before a token in its line."""
        for step in range(steps):
            if number - step >= len(self._line_begins) or self._line_begins[number - step]:
                return BEGIN
        return self.words[number - steps]

    def after(self, number: int, steps: int = 1) -> str:
        """The word so many steps after the token before `number` in its line."""
        for step in range(steps):
            if number + step >= len(self.words) or self._line_begins[number + step]:
                return END
        return self.words[number + steps - 1]


def wording(evidence: Evidence, documents: Mapping[str, Document]) -> Wording:
    """The wording of all options of a collection."""
    names: list[list[str]] = []
    slots: list[tuple[str, ...]] = []
    inside: list[tuple[int, str]] = []
    surfaces: list[str] = []
    texts = [_Text(documents[doc_id].text) for doc_id in evidence.doc_ids]
    option_doc = evidence.unit_doc[evidence.option_unit].tolist()
    for option, (reading, doc) in enumerate(zip(evidence.readings, option_doc, strict=True)):
        text = texts[doc]
        first, behind = text.covered(reading)
        words = text.words[first:behind] or [""]
        names.append(list(_features(text, first, behind, words)))
        slots.append((text.before(first), words[0], words[-1], text.after(behind)))
        inside += ((option, word) for word in words)
        surfaces.append(" ".join(words))
    word_of, word_count = _count(texts, {1})
    surface_of, surface_count = _count(texts, {min(name.count(" ") + 1, LONGEST) for name in surfaces}, set(surfaces))
    return Wording(
        _matrix(names),
        np.array([[word_of.get(word, 0) for word in slot] for slot in slots], dtype=np.int64).reshape(-1, SLOTS),
        np.array([option for option, _ in inside], dtype=np.int64),
        np.array([word_of.get(word, 0) for _, word in inside], dtype=np.int64),
        np.array([surface_of.get(name, 0) for name in surfaces], dtype=np.int64),
        word_count,
        surface_count,
    )


def _features(text: _Text, first: int, behind: int, words: Sequence[str]) -> Iterator[str]:
    low = [word.casefold() for word in words]
    before, after = text.before(first), text.after(behind)
    yield f"length {min(len(words), 5)}"
    yield "surface " + " ".join(low)
    yield "shapes " + " ".join(map(shape, words[:4]))
    for place, word in (("first", words[0]), ("last", words[-1]), ("before", before), ("after", after)):
        yield f"{place} {word.casefold()}"
        yield f"{place} shape {shape(word)}"
    yield f"first letters {low[0][:3]}"
    yield f"last letters {low[-1][-3:]}"
    yield f"two before {text.before(first, 2).casefold()} {before.casefold()}"
    yield f"two after {after.casefold()} {text.after(behind, 2).casefold()}"
    yield f"begins {shape(before)}|{shape(words[0])}"
    yield f"ends {shape(words[-1])}|{shape(after)}"
    if len(words) == 1:
        yield f"alone {shape(words[0])}"
    for word, lower in zip(words, low, strict=True):
        yield f"word {lower}"
        yield f"word shape {shape(word)}"


def _matrix(names: Sequence[Sequence[str]]) -> csr_matrix:
    """Zeros and ones, one row an option; rare features are left out."""
    counts = Counter(name for row in names for name in set(row))
    numbers = {name: i for i, name in enumerate(sorted(name for name in counts if counts[name] >= RARE))}
    columns = [sorted({numbers[name] for name in row if name in numbers}) for row in names]
    ends = np.cumsum([0, *map(len, columns)])
    flat = np.array([column for row in columns for column in row], dtype=np.int32)
    return csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(names), len(numbers)))


def _count(
    texts: Sequence[_Text], lengths: set[int], wanted: set[str] | None = None
) -> tuple[dict[str, int], Occurrences]:
    """Numbers of words (or of the wanted surfaces) and how often they occur. Number 0 is what never occurs."""
    numbers: dict[str, int] = {}
    by_document: Counter[tuple[int, int]] = Counter()
    for doc, text in enumerate(texts):
        for length in sorted(lengths):
            for begin in range(len(text.words) - length + 1):
                name = " ".join(text.words[begin : begin + length])
                if wanted is None or name in wanted:
                    by_document[doc, numbers.setdefault(name, len(numbers) + 1)] += 1
    n = len(numbers) + 1
    ordered = sorted(by_document)
    keys = np.array([doc * n + number for doc, number in ordered], dtype=np.int64)
    counts = np.array([by_document[key] for key in ordered], dtype=float)
    return numbers, Occurrences(n, np.bincount(keys % n, weights=counts, minlength=n).astype(float), keys, counts)
