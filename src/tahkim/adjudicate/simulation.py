"""What a lead's time would bring: the F1 of the release after each decision, had they decided as gold does.

For collections with gold, to choose how much to adjudicate and in which order. What is still open is settled as with
`--resolve-all`. Each decision settles its own document anew and counts that document anew; nothing else is touched.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tahkim.adjudicate.bayes.posteriors import DocumentPosteriors
from tahkim.adjudicate.conflicts import conflicts
from tahkim.adjudicate.decisions import NONE_STANDING, Standing
from tahkim.adjudicate.merge import gold_annotation, learn, settle_document
from tahkim.adjudicate.questions import DocumentQuestions, Reading, read
from tahkim.adjudicate.strategies import Settings
from tahkim.agreement.align import Triple, clusters
from tahkim.errors import InputError
from tahkim.model import Annotation, Corpus, Decision, Document
from tahkim.schema import Schema

RANDOM_ORDERS = 5
FIRST_SHARE = 0.2
AT = "2000-01-01T00:00:00Z"
"""Simulated decisions are never kept; each key is decided once, so that their time does not matter."""

Record = dict[str, Any]
Marks = Counter[tuple[Hashable, ...]]


def simulate(annotations: Corpus, gold: Corpus, settings: Settings, schema: Schema, *, seed: int = 0) -> Record:
    """Effort-quality curves: the strict F1 of spans and relations together after 0, 1, … decisions, by order.

    Orders: `gain` (ours: by `priority` under the model with text features, whatever the strategy), `random` (mean of
    five, by `seed`) and `least_confident` (first where the largest posterior, or share of votes, is smallest).
    Conflicts of spans and of relations are decided; those of attributes alone are left. `first` compares what the
    first fifth of the decisions brings. Raises InputError for a document without gold.
    """
    settings.check()
    documents = _open_documents(annotations, gold, replace(settings, resolve_all=False), schema)
    found = [conflict for document in documents.values() for conflict in document.conflicts]
    found.sort(key=lambda c: (c["doc_id"], c["key"]))
    orders: dict[str, list[list[Record]]] = {
        "gain": [sorted(found, key=lambda c: -c["priority"])],
        "random": [_shuffled(found, seed + i) for i in range(RANDOM_ORDERS)],
        "least_confident": [sorted(found, key=_certainty)],
    }
    resolve = replace(settings, resolve_all=True)
    curves = {
        name: _mean([_curve(documents, order, resolve, schema) for order in several])
        for name, several in orders.items()
    }
    first = round(FIRST_SHARE * len(found))
    return {
        "conflicts": len(found),
        "seed": seed,
        "curves": curves,
        "first": {"decisions": first, "gain": {name: curve[first] - curve[0] for name, curve in curves.items()}},
    }


class _Open(Struct):
    """A document, what is open in it, and what its gold holds. `answers` are the readings gold has for each unit."""

    document: Document
    questions: DocumentQuestions
    posteriors: DocumentPosteriors | None
    conflicts: list[Record]
    answers: list[Reading | None]
    marks: Marks


def _open_documents(annotations: Corpus, gold: Corpus, settings: Settings, schema: Schema) -> dict[str, _Open]:
    truth = {annotation.doc_id: annotation for annotation in gold.annotations}
    if missing := sorted(set(annotations.documents) - set(truth)):
        raise InputError(f"gold has no reading of {', '.join(missing[:5])}: simulate needs gold for every document")
    beliefs = learn(annotations, replace(settings, strategy="bayes", features=True), schema, {}).documents
    believed: Mapping[str, DocumentPosteriors] = {}
    if settings.strategy == "bayes":
        believed = beliefs if settings.features else learn(annotations, settings, schema, {}).documents
    documents = {}
    for doc_id, readings in annotations.by_document().items():
        questions = read(doc_id, readings, schema)
        document, posteriors = annotations.documents[doc_id], believed.get(doc_id)
        merged = settle_document(document, questions, settings, schema, NONE_STANDING, posteriors)
        items = [c for c in conflicts(merged, beliefs.get(doc_id)) if "contested" not in c and c["of"] != "document"]
        answers = _answers(questions, truth[doc_id])
        marks = _marks(truth[doc_id], schema)
        documents[doc_id] = _Open(document, questions, posteriors, items, answers, marks)
    return documents


def _answers(questions: DocumentQuestions, gold: Annotation) -> list[Reading | None]:
    """The gold reading of each unit: a candidate's, else one that no unit has and that overlaps this one most."""
    true = {Reading(span.start, span.end, span.label) for span in gold.spans}
    answers: list[Reading | None] = []
    for question in questions.spans:
        right = [c.reading for c in question.candidates if c.reading in true]
        answers.append(right[0] if right and isinstance(right[0], Reading) else None)
    for reading in sorted(true - set(answers)):
        shared = [
            min(question.places[0].end, reading.end) - max(question.places[0].start, reading.start)
            if answers[number] is None
            else 0
            for number, question in enumerate(questions.spans)
        ]
        if max(shared, default=0) > 0:
            answers[shared.index(max(shared))] = reading
    return answers


def _marks(annotation: Annotation, schema: Schema) -> Marks:
    """Spans and relations as keys; labels that are symmetric without direction, transitive ones closed."""
    at = {span.id: Reading(span.start, span.end, span.label) for span in annotation.spans}
    marks: Marks = Counter(at.values())
    pairs: dict[str, set[tuple[Reading, Reading]]] = defaultdict(set)
    for relation in annotation.relations:
        pairs[relation.label].add((at[relation.head], at[relation.tail]))
    for label, tied in pairs.items():
        kind = schema.relations.get(label)
        if kind is not None and kind.symmetric:
            tied = {(min(pair), max(pair)) for pair in tied}
        if kind is not None and kind.symmetric and kind.transitive:
            numbers = {reading: i for i, reading in enumerate(sorted({end for pair in tied for end in pair}))}
            readings = list(numbers)
            found = clusters((numbers[a], numbers[b]) for a, b in tied)
            tied = {(readings[a], readings[b]) for cluster in found for a, b in combinations(cluster, 2)}
        marks.update((label, *pair) for pair in tied)
    return marks


def _decision(conflict: Record, item: _Open, schema: Schema) -> Decision:
    """What a lead who knows gold decides: a candidate's number, a span of their own, or none."""
    key = conflict["key"]
    question = next(q for q in item.questions.all if q.key == key)
    choice: int | str | Record = "none"
    if question.of == "span":
        answer = item.answers[question.units[0]]
        readings = [candidate.reading for candidate in question.candidates]
        if answer in readings:
            choice = readings.index(answer) + 1
        elif answer is not None:
            choice = answer._asdict()
    else:
        right = [i for i, c in enumerate(question.candidates, start=1) if _is_true(c.reading, item, schema)]
        choice = right[0] if right else "none"
    return Decision(doc_id=item.document.id, key=key, seen=question.seen, choice=choice, by="gold", at=AT, id=key)


def _is_true(triple: object, item: _Open, schema: Schema) -> bool:
    assert isinstance(triple, Triple)
    head, tail = item.answers[triple.head], item.answers[triple.tail]
    if head is None or tail is None:
        return False
    kind = schema.relations.get(triple.label)
    ends = (min(head, tail), max(head, tail)) if kind is not None and kind.symmetric else (head, tail)
    return (triple.label, *ends) in item.marks


def _shuffled(found: Sequence[Record], seed: int) -> list[Record]:
    order = list(found)
    random.Random(seed).shuffle(order)
    return order


def _certainty(conflict: Record) -> float:
    """The largest posterior, or without posteriors the largest share of votes, nothing included."""
    answers = [*conflict["candidates"], conflict["nothing"]]
    if "posterior" in conflict["nothing"]:
        return float(max(answer["posterior"] for answer in answers))
    votes = [len(answer["annotators"]) for answer in answers]
    return max(votes) / sum(votes)


def _mean(curves: Sequence[Sequence[float]]) -> list[float]:
    return [round(sum(values) / len(values), 6) for values in zip(*curves, strict=True)]


def _curve(documents: Mapping[str, _Open], order: Iterable[Record], settings: Settings, schema: Schema) -> list[float]:
    counts = {doc_id: _counts(item, NONE_STANDING, settings, schema) for doc_id, item in documents.items()}
    right, predicted = (sum(pair[i] for pair in counts.values()) for i in range(2))
    size = sum(item.marks.total() for item in documents.values())
    decided: dict[str, dict[str, Decision]] = defaultdict(dict)
    curve = [_f1(right, predicted, size)]
    for conflict in order:
        doc_id, key = conflict["doc_id"], conflict["key"]
        decided[doc_id][key] = _decision(conflict, documents[doc_id], schema)
        before = counts[doc_id]
        counts[doc_id] = after = _counts(documents[doc_id], Standing(decided[doc_id]), settings, schema)
        right, predicted = right + after[0] - before[0], predicted + after[1] - before[1]
        curve.append(_f1(right, predicted, size))
    return curve


def _f1(right: int, predicted: int, size: int) -> float:
    return 2 * right / (predicted + size) if predicted + size else 1.0


def _counts(item: _Open, standing: Standing, settings: Settings, schema: Schema) -> tuple[int, int]:
    """How many marks of the merged document are right, and how many there are."""
    merged = settle_document(item.document, item.questions, settings, schema, standing, item.posteriors)
    marks = _marks(gold_annotation(merged), schema)
    return (marks & item.marks).total(), marks.total()
