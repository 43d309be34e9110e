"""The truth of each relation, given that both its ends are there: Dawid and Skene's model with two classes.

Only an annotator who marked both ends could say that they are related; nobody else's blank counts. The places of
relations are the pairs of units of a document whose labels some relation of that name ties somewhere in the collection;
as with spans, those that nobody marked take part.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import product

import numpy as np
from msgspec import Struct
from scipy.special import expit, logit

from tahkim.adjudicate.bayes.evidence import Floats, Ints
from tahkim.adjudicate.bayes.usual import Usual, doubted, invented
from tahkim.adjudicate.questions import DocumentQuestions
from tahkim.adjudicate.settled import vote_kind
from tahkim.agreement.align import Triple

ROUNDS = 60
CLOSE = 1e-4
RECALL_STRENGTH = 10.0
FALSE_STRENGTH = 10.0
USUAL_FALSE, EXPECTED_STRENGTH = 0.02, 10.0
ACCEPTED_WEIGHT = 0.5
UNKNOWN = -1.0

KnownTriples = Mapping[Triple, bool]


class TripleEvidence(Struct, frozen=True):
    """Relations as arrays: one row for each triple and each annotator who could have said it."""

    triples: tuple[tuple[str, Triple], ...]  # document and triple
    labels: tuple[str, ...]
    annotators: tuple[str, ...]
    label: Ints  # by triple
    known: Floats  # 1 or 0 where decided, else UNKNOWN
    row_triple: Ints
    row_annotator: Ints
    row_marked: Floats  # 1 marked, ACCEPTED_WEIGHT kept from a suggestion, 0 blank
    unmarked: Floats  # places that nobody marked, by label


class TripleGatherer:
    """Collects the relations of a collection document by document, which come in sorted order."""

    def __init__(self) -> None:
        self._triples: list[tuple[str, Triple]] = []
        self._rows: list[tuple[int, str, float]] = []
        self._known: list[float] = []
        self._tied: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._pairs: dict[tuple[str, str], int] = defaultdict(int)

    def add(self, questions: DocumentQuestions, known: KnownTriples) -> None:
        """`known` are the decided triples of the document."""
        labels = [question.candidates[0].record["label"] for question in questions.spans]
        here = Counter(labels)
        for head, tail in product(here, repeat=2):
            self._pairs[head, tail] += here[head] * (here[tail] - (head == tail))
        for triple in sorted({triple for held in questions.triples for triple in held}):
            self._tied[triple.label].add((labels[triple.head], labels[triple.tail]))
            self._known.append(float(known[triple]) if triple in known else UNKNOWN)
            self._rows += ((len(self._triples), who, mark) for who, mark in _could_say(questions, triple))
            self._triples.append((questions.doc_id, triple))

    def evidence(self) -> TripleEvidence:
        labels = tuple(sorted(self._tied))
        annotators = tuple(sorted({who for _, who, _ in self._rows}))
        label_number, number = ({name: i for i, name in enumerate(names)} for names in (labels, annotators))
        label = np.array([label_number[triple.label] for _, triple in self._triples], dtype=np.int32)
        places = np.array([sum(self._pairs[pair] for pair in self._tied[name]) for name in labels], dtype=float)
        return TripleEvidence(
            tuple(self._triples),
            labels,
            annotators,
            label,
            np.array(self._known),
            np.array([row for row, _, _ in self._rows], dtype=np.int32),
            np.array([number[who] for _, who, _ in self._rows], dtype=np.int32),
            np.array([mark for _, _, mark in self._rows], dtype=float),
            np.maximum(places - np.bincount(label, minlength=len(labels)), 0.0),
        )


def _could_say(document: DocumentQuestions, triple: Triple) -> Iterable[tuple[str, float]]:
    """Who marked both ends, and what they said; who said it in any case."""
    head, tail = document.units[triple.head], document.units[triple.tail]
    for number, (voter, held) in enumerate(zip(document.voters, document.triples, strict=True)):
        if triple in held:
            accepted = vote_kind(voter, held[triple]) == "accepted"
            yield voter.annotator, ACCEPTED_WEIGHT if accepted else 1.0
        elif voter.scope.asks_relation(triple.label) and head.spans[number] and tail.spans[number]:
            yield voter.annotator, 0.0


def solve_triples(evidence: TripleEvidence) -> Floats:
    """Posterior of each triple, from 0 to 1."""
    rows, n = evidence.row_triple, len(evidence.triples)
    if not n:
        return np.zeros(0)
    said = np.bincount(rows, weights=evidence.row_marked, minlength=n)
    asked = np.bincount(rows, minlength=n)
    usual = Usual.of(np.bincount(rows, weights=evidence.row_marked > 0, minlength=n), asked)
    there = _decided(evidence, np.clip(said / asked, 0.02, 0.98))
    for _ in range(ROUNDS):
        before, there = there, _decided(evidence, _weigh(evidence, there, usual))
        if np.abs(there - before).max() < CLOSE:
            break
    return there


def _weigh(evidence: TripleEvidence, there: Floats, usual: Usual) -> Floats:
    """Rates from posteriors, and posteriors from rates: one round."""
    rows, who, marked = evidence.row_triple, evidence.row_annotator, evidence.row_marked
    label = evidence.label[rows]
    n_labels = len(evidence.labels)
    per_label = np.bincount(evidence.label, minlength=n_labels)
    share = _by_cell(evidence, np.ones(len(rows))) / per_label  # of the places each annotator could say something of
    found, missed = (_by_cell(evidence, there[rows] * what) for what in (marked, 1 - marked))
    found, missed = doubted(found, missed, usual)
    recall = _rates(found, found + missed, usual.recall, RECALL_STRENGTH)[who, label]
    false_marks = invented(_by_cell(evidence, (1 - there)[rows] * marked), _by_cell(evidence, marked), usual)
    empty = _by_cell(evidence, (1 - there)[rows]) + share * evidence.unmarked
    false = _rates(false_marks, empty, USUAL_FALSE, FALSE_STRENGTH)[who, label]
    prior = (np.bincount(evidence.label, weights=there, minlength=n_labels) + 1) / (per_label + evidence.unmarked + 2)
    logs = np.where(marked > 0, marked * np.log(recall / false), np.log((1 - recall) / (1 - false)))
    odds = logit(prior)[evidence.label] + np.bincount(rows, weights=logs, minlength=len(there))
    return np.asarray(expit(odds))


def _by_cell(evidence: TripleEvidence, weights: Floats) -> Floats:
    """Weights of rows summed by annotator and label."""
    shape = len(evidence.annotators), len(evidence.labels)
    cells = evidence.row_annotator * shape[1] + evidence.label[evidence.row_triple]
    sums = np.bincount(cells, weights=weights, minlength=shape[0] * shape[1])
    return np.asarray(sums.reshape(shape), dtype=float)


def _rates(hits: Floats, chances: Floats, expected: float, strength: float) -> Floats:
    """Hits by chances for each annotator and label, drawn to the label's mean, and that to what is expected."""
    usual = (hits.sum(0) + EXPECTED_STRENGTH * expected) / (chances.sum(0) + EXPECTED_STRENGTH)
    rates = (hits + strength * usual) / (chances + strength)
    return np.asarray(np.clip(rates, 1e-6, 1 - 1e-3))


def _decided(evidence: TripleEvidence, there: Floats) -> Floats:
    return np.where(evidence.known == UNKNOWN, there, evidence.known)
