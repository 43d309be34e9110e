"""What annotators did at each unit, as flat arrays: the input of the model.

A *unit* has *options*, the distinct readings given in it. For each option and each annotator who was asked there is a
*response row*: what the annotator did, seen from that option as the truth. For each unit and annotator there is one
row more, seen from "nothing here" as the truth.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tahkim.adjudicate.questions import DocumentQuestions, Question, Reading
from tahkim.adjudicate.settled import vote_kind
from tahkim.model import FULL_SCOPE, Annotation, Scope
from tahkim.text import tokens

Ints = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.float64]

BLANK, ELSEWHERE, FOUND, ACCEPTED, REFUSED = range(5)
"""What an annotator did at a unit: marked nothing; holds an overlapping span of another unit; marked it by themselves;
kept a suggestion; marked nothing though the suggestion was there."""

REACH = 6
"""Boundaries are compared up to this many tokens away; farther is as far."""
UNKNOWN, NOTHING = -2, -1
"""What is known of a unit without the number of an option: not decided, and decided to be nothing."""

Known = Mapping[int, Reading | None]
"""Decided units of a document by number: the reading, or None for nothing."""


class Evidence(Struct, frozen=True):
    """The annotations of a collection as arrays. Documents, annotators and labels are numbered in sorted order."""

    doc_ids: tuple[str, ...]
    annotators: tuple[str, ...]
    labels: tuple[str, ...]
    readings: tuple[Reading, ...]  # by option
    unit_doc: Ints
    unit_linked: NDArray[np.bool_]  # the unit before is of the same document and does not overlap
    unit_known: Ints  # number of an option, NOTHING or UNKNOWN
    option_unit: Ints
    option_label: Ints
    option_again: Ints  # 1 where the same words were marked earlier in the document
    row_option: Ints
    row_pair: Ints  # the unit-and-annotator row it belongs to
    row_response: Ints
    row_start: Ints  # how far outside the option the mark begins, in tokens, + REACH
    row_end: Ints
    pair_unit: Ints
    pair_annotator: Ints
    pair_response: Ints
    pair_label: Ints  # label of the mark, 0 where there is none
    pair_tied: NDArray[np.bool_]  # the mark is an end of a relation of its annotator
    asked_doc: Ints  # who was asked for which document, as pairs of numbers
    asked_annotator: Ints
    doc_unmarked: Ints  # tokens that no unit covers
    overlaps: Ints  # pairs of options of different units that overlap
    tolerance: float  # how often annotators themselves hold two overlapping readings, 0 to 1

    @property
    def row_annotator(self) -> Ints:
        return self.pair_annotator[self.row_pair]

    @property
    def row_label(self) -> Ints:
        """The label that was given in a response."""
        return self.pair_label[self.row_pair]


class _Response(NamedTuple):
    annotator: int
    response: int
    reading: Reading | None
    scope: Scope = FULL_SCOPE
    tied: bool = False


class _Asked(NamedTuple):
    """A document as its units are gathered. `tied` are, by voter, the spans that are ends of their relations."""

    number: int
    questions: DocumentQuestions
    places: _Places
    known: Known
    tied: Sequence[frozenset[str]]


class Gatherer:
    """Collects the rows of a collection document by document, which come in sorted order.

    Names are numbered as they come, and put in sorted order at the end.
    """

    def __init__(self) -> None:
        self.doc_ids: list[str] = []
        self.annotators: dict[str, int] = {}
        self.labels: dict[str, int] = {}
        self.readings: list[Reading] = []
        self.units: list[tuple[int, bool, int]] = []
        self.options: list[tuple[int, int]] = []
        self.again: list[int] = []
        self.rows: list[tuple[int, int, int, int, int]] = []
        self.pairs: list[tuple[int, int, int, int, bool]] = []
        self.asked: list[tuple[int, int]] = []
        self.unmarked: list[int] = []
        self.overlaps: list[tuple[int, int]] = []
        self.held_both = 0
        self.could_hold = 0

    def add(self, questions: DocumentQuestions, text: str, known: Known) -> None:
        """`known` are the decided units of the document."""
        doc = len(self.doc_ids)
        self.doc_ids.append(questions.doc_id)
        places = _Places(text)
        tied = [frozenset(end for r in v.relations for end in (r.head, r.tail)) for v in questions.voters]
        asked = _Asked(doc, questions, places, known, tied)
        names = {v.annotator for v in questions.voters} | {v.started_from for v in questions.voters if v.started_from}
        self.asked += [(doc, self._annotator(name)) for name in sorted(names)]
        first = len(self.options)
        before = -1
        for number, question in enumerate(questions.spans):
            hull = question.places[0]
            linked = number > 0 and hull.start >= before
            before = max(before, hull.end)
            self._add_unit(asked, number, question, linked)
        self.unmarked.append(places.not_covered(self.readings[first:]))
        self.again += _again(self.readings[first:], text)
        self._add_overlaps(first)

    def _add_unit(self, asked: _Asked, number: int, question: Question, linked: bool) -> None:
        unit = len(self.units)
        readings = [c.reading for c in question.candidates if isinstance(c.reading, Reading)]
        decided = asked.known.get(number)
        options = list(dict.fromkeys([*readings, *([decided] if decided is not None else [])]))
        responses = list(self._responses(asked, number, question))
        truth = UNKNOWN if number not in asked.known else NOTHING
        first_pair = len(self.pairs)
        for given in responses:
            label = self._label(given.reading.label) if given.reading else 0
            self.pairs.append((unit, given.annotator, given.response, label, given.tied))
        for option in options:
            if option == decided:
                truth = len(self.options)
            row = len(self.options)
            self.options.append((unit, self._label(option.label)))
            self.readings.append(option)
            for pair, given in enumerate(responses, first_pair):
                if given.reading is not None:
                    start, end = asked.places.outside(option, given.reading)
                    self.rows.append((row, pair, given.response, start + REACH, end + REACH))
                elif given.scope.asks_label(option.label):
                    self.rows.append((row, pair, given.response, REACH, REACH))
        self.units.append((asked.number, linked, truth))

    def _responses(self, asked: _Asked, number: int, question: Question) -> Iterator[_Response]:
        """What each annotator who was asked did, and each source of suggestions that somebody was shown."""
        questions, hull = asked.questions, question.places[0]
        suggested: dict[str, Reading | None] = {}
        own: list[tuple[Annotation, int, Reading | None, bool]] = []
        reading: Reading | None
        for voter, span, tied in zip(questions.voters, questions.units[number].spans, asked.tied, strict=True):
            if voter.annotator not in question.asked:
                continue
            if voter.started_from:
                suggested.setdefault(voter.started_from, None)
            if span is None:
                taken = any(s.start < hull.end and s.end > hull.start for s in voter.spans)
                own.append((voter, ELSEWHERE if taken else BLANK, None, False))
                continue
            reading = Reading(span.start, span.end, span.label)
            kept = vote_kind(voter, span) == "accepted" and voter.started_from is not None
            if kept and voter.started_from is not None:
                suggested[voter.started_from] = max(reading, suggested[voter.started_from] or reading)
            own.append((voter, ACCEPTED if kept else FOUND, reading, span.id in tied))
        for voter, response, reading, is_tied in own:
            if response == BLANK and voter.started_from and suggested[voter.started_from] is not None:
                response, reading = REFUSED, suggested[voter.started_from]
            yield _Response(self._annotator(voter.annotator), response, reading, voter.scope, is_tied)
        for source in sorted(suggested):
            reading = suggested[source]
            yield _Response(self._annotator(source), BLANK if reading is None else FOUND, reading)

    def _add_overlaps(self, first: int) -> None:
        """Pairs of overlapping options of different units, and how many annotators hold both."""
        holders = self._holders(first)
        order = sorted(range(first, len(self.options)), key=lambda o: (self.readings[o].start, o))
        for i, a in enumerate(order):
            for b in order[i + 1 :]:
                if self.readings[b].start >= self.readings[a].end:
                    break
                if self.options[a][0] != self.options[b][0]:
                    self.overlaps.append((a, b))
                    self.held_both += len(holders.get(a, set()) & holders.get(b, set()))
                    self.could_hold += min(len(holders.get(a, set())), len(holders.get(b, set())))

    def _holders(self, first: int) -> dict[int, set[int]]:
        """Who gave exactly the reading of each option from `first` on."""
        holders: dict[int, set[int]] = {}
        for option, pair, response, start, end in reversed(self.rows):
            if option < first:
                break
            _, annotator, _, label, _ = self.pairs[pair]
            if response in (FOUND, ACCEPTED) and start == end == REACH and label == self.options[option][1]:
                holders.setdefault(option, set()).add(annotator)
        return holders

    def _annotator(self, name: str) -> int:
        return self.annotators.setdefault(name, len(self.annotators))

    def _label(self, name: str) -> int:
        return self.labels.setdefault(name, len(self.labels))

    def evidence(self) -> Evidence:
        annotators, annotator_number = _sorted_numbers(self.annotators)
        labels, label_number = _sorted_numbers(self.labels)
        unit = _columns(self.units, 3)
        option = _columns(self.options, 2)
        row = _columns(self.rows, 5)
        pair = _columns(self.pairs, 5)
        asked = _columns(self.asked, 2)
        return Evidence(
            doc_ids=tuple(self.doc_ids),
            annotators=annotators,
            labels=labels,
            readings=tuple(self.readings),
            unit_doc=unit[0],
            unit_linked=unit[1].astype(bool),
            unit_known=unit[2],
            option_unit=option[0],
            option_label=label_number[option[1]],
            option_again=np.array(self.again, dtype=np.int32),
            row_option=row[0],
            row_pair=row[1],
            row_response=row[2],
            row_start=row[3],
            row_end=row[4],
            pair_unit=pair[0],
            pair_annotator=annotator_number[pair[1]],
            pair_response=pair[2],
            pair_label=label_number[pair[3]],
            pair_tied=pair[4].astype(bool),
            asked_doc=asked[0],
            asked_annotator=annotator_number[asked[1]],
            doc_unmarked=np.array(self.unmarked, dtype=np.int32),
            overlaps=_columns(self.overlaps, 2),
            tolerance=(self.held_both + 0.5) / (self.could_hold + 1),
        )


def _sorted_numbers(names: Mapping[str, int]) -> tuple[tuple[str, ...], Ints]:
    """The names in sorted order, and the number there of each number given before."""
    ordered = tuple(sorted(names))
    new = np.zeros(max(len(ordered), 1), dtype=np.int32)
    for number, name in enumerate(ordered):
        new[names[name]] = number
    return ordered, new


def _columns(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    return np.array(rows, dtype=np.int32).reshape(-1, width).T.copy()


def _again(readings: Sequence[Reading], text: str) -> list[int]:
    """Whether the words of each reading are those of a reading that ends before it, or one word of such a reading."""
    words = [tuple(text[reading.start : reading.end].casefold().split()) for reading in readings]
    ends: dict[tuple[str, ...], int] = {}
    for reading, surface in zip(readings, words, strict=True):
        for part in {surface, *((word,) for word in surface)}:
            ends[part] = min(reading.end, ends.get(part, reading.end))
    return [int(ends[surface] <= reading.start) for reading, surface in zip(readings, words, strict=True)]


class _Places:
    """The tokens of a text, to say how far apart two boundaries are."""

    def __init__(self, text: str) -> None:
        places = tokens(text)
        self._starts = [start for start, _ in places]
        self._ends = [end for _, end in places]

    def outside(self, truth: Reading, mark: Reading) -> tuple[int, int]:
        """How many tokens a mark begins before and ends after the truth; inside it, the numbers are negative."""
        before = bisect_right(self._ends, truth.start) - bisect_right(self._ends, mark.start)
        after = bisect_left(self._starts, mark.end) - bisect_left(self._starts, truth.end)
        return _steps(before, truth.start - mark.start), _steps(after, mark.end - truth.end)

    def not_covered(self, readings: Iterable[Reading]) -> int:
        covered = bytearray(len(self._starts))
        for reading in readings:
            first, last = bisect_right(self._ends, reading.start), bisect_left(self._starts, reading.end)
            covered[first:last] = b"\1" * (last - first)
        return len(covered) - sum(covered)


def _steps(token_steps: int, characters: int) -> int:
    """Boundaries within one token are one step apart when they are not the same."""
    if characters == 0:
        return 0
    sign = 1 if characters > 0 else -1
    return sign * min(max(abs(token_steps), 1), REACH)
