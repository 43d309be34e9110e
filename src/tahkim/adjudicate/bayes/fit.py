"""Fit the model on a collection: the one entry that merging calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from msgspec.structs import replace
from threadpoolctl import threadpool_limits

from tahkim.adjudicate.bayes.calibration import calibrated
from tahkim.adjudicate.bayes.evidence import REACH, Evidence, Gatherer
from tahkim.adjudicate.bayes.posteriors import DIGITS, DocumentPosteriors, Posteriors
from tahkim.adjudicate.bayes.rates import EASE, Beliefs, Rates, Tallies
from tahkim.adjudicate.bayes.text import TextModel
from tahkim.adjudicate.bayes.triples import TripleEvidence, TripleGatherer, solve_triples
from tahkim.adjudicate.bayes.units import solve
from tahkim.adjudicate.bayes.wording import wording
from tahkim.adjudicate.decisions import NONE_STANDING, Standing, candidate_number, is_stale
from tahkim.adjudicate.questions import DocumentQuestions, Question, Reading
from tahkim.agreement.align import Triple
from tahkim.model import Decision, Document
from tahkim.schema import Schema


def fit(
    questions: Iterable[DocumentQuestions],
    documents: Mapping[str, Document],
    schema: Schema,
    stand: Mapping[str, Standing],
    *,
    features: bool = False,
) -> Posteriors:
    """Posteriors of all documents. `questions` come sorted by document id; those that nobody submitted are left out.

    Decisions in `stand` that are not stale are taken as the truth of their place. The result depends neither on the
    order of lines nor on names, nor on the machine's number of cores.
    """
    # In one thread sums are the same everywhere; and it is quicker, for the products are many and small.
    with threadpool_limits(limits=1, user_api="blas"):
        return _fit(questions, documents, schema, stand, features)


def _fit(
    questions: Iterable[DocumentQuestions],
    documents: Mapping[str, Document],
    schema: Schema,
    stand: Mapping[str, Standing],
    features: bool,
) -> Posteriors:
    units, triples = Gatherer(), TripleGatherer()
    for document in questions:
        if document.voters:
            known = _known(document, stand.get(document.doc_id, NONE_STANDING).by_key)
            units.add(document, documents[document.doc_id].text, known[0])
            triples.add(document, known[1])
    evidence = units.evidence()
    if not schema.overlap_allowed:
        evidence = replace(evidence, tolerance=0.0)
    if not evidence.readings:
        return Posteriors({doc_id: DocumentPosteriors((), {}, {}) for doc_id in evidence.doc_ids}, {})
    text = TextModel(evidence, wording(evidence, documents)) if features else None
    tallies = Tallies(evidence)
    beliefs, rates = solve(tallies, text)
    beliefs, temperature = calibrated(tallies, rates, beliefs)
    accuracy = _accuracy(evidence, rates)
    spans, relations = _span_posteriors(evidence, beliefs), _relation_posteriors(triples.evidence())
    return Posteriors(
        {
            doc_id: DocumentPosteriors(
                spans[doc_id], relations.get(doc_id, {}), accuracy, "bayes+features" if features else "bayes"
            )
            for doc_id in evidence.doc_ids
        },
        _model(evidence, rates, accuracy, temperature),
    )


def _known(
    questions: DocumentQuestions, decisions: Mapping[str, Decision]
) -> tuple[dict[int, Reading | None], dict[Triple, bool]]:
    """What leads have decided of units, by number, and of triples."""
    units: dict[int, Reading | None] = {}
    triples: dict[Triple, bool] = {}
    if not decisions:
        return units, triples
    for number, question in enumerate(questions.spans):
        decision = decisions.get(question.key)
        if decision is not None and not is_stale(decision, question):
            units[number] = _decided_reading(decision, question)
    for question in questions.relations:
        decision = decisions.get(question.key)
        if decision is not None and not is_stale(decision, question):
            chosen = candidate_number(decision, question)
            for candidate in question.candidates:
                assert isinstance(candidate.reading, Triple)
                right = chosen is not None and candidate.reading == question.candidates[chosen].reading
                triples[candidate.reading] = right
    return units, triples


def _decided_reading(decision: Decision, question: Question) -> Reading | None:
    chosen = candidate_number(decision, question)
    if chosen is not None:
        reading = question.candidates[chosen].reading
        assert isinstance(reading, Reading)
        return reading
    if isinstance(decision.choice, Mapping):
        choice = decision.choice
        return Reading(choice["start"], choice["end"], choice["label"])
    return None


def _span_posteriors(evidence: Evidence, beliefs: Beliefs) -> dict[str, list[dict[Reading, float]]]:
    """By document and unit, the posterior of each reading."""
    found: dict[str, list[dict[Reading, float]]] = {doc_id: [] for doc_id in evidence.doc_ids}
    units: list[dict[Reading, float]] = []
    for doc in evidence.unit_doc.tolist():
        units.append({})
        found[evidence.doc_ids[doc]].append(units[-1])
    rounded = np.round(beliefs.option, DIGITS).tolist()
    for reading, unit, posterior in zip(evidence.readings, evidence.option_unit.tolist(), rounded, strict=True):
        units[unit][reading] = posterior
    return found


def _relation_posteriors(evidence: TripleEvidence) -> dict[str, dict[Triple, float]]:
    """By document, the posterior of each triple."""
    found: dict[str, dict[Triple, float]] = {}
    rounded = np.round(solve_triples(evidence), DIGITS).tolist()
    for (doc_id, triple), posterior in zip(evidence.triples, rounded, strict=True):
        found.setdefault(doc_id, {})[triple] = posterior
    return found


def _accuracy(evidence: Evidence, rates: Rates) -> dict[str, float]:
    """How often each annotator gives the right label, over labels as often as they are there."""
    frequency = rates.prior.reshape(-1, EASE).sum(axis=1)
    right = np.diagonal(rates.confusion, axis1=1, axis2=2) @ (frequency / frequency.sum())
    return {name: round(float(share), DIGITS) for name, share in zip(evidence.annotators, right, strict=True)}


def _model(evidence: Evidence, rates: Rates, accuracy: Mapping[str, float], temperature: float) -> dict[str, Any]:
    """The fitted rates as plain data: by annotator, and by annotator and label."""
    by_ease = rates.prior.reshape(-1, EASE)
    recall = (rates.recall.reshape(len(evidence.annotators), -1, EASE) * (by_ease / by_ease.sum(1, keepdims=True))).sum(
        2
    )
    return {
        "labels": {name: _round(by_ease[i].sum()) for i, name in enumerate(evidence.labels)},
        "temperature": temperature,
        "overlap_tolerance": _round(evidence.tolerance),
        "suggestions": {"kept_right": _round(rates.kept_right), "kept_wrong": _round(rates.kept_wrong)},
        "annotators": {
            name: {
                "accuracy": accuracy[name],
                "false_per_place": _round(rates.false[a]),
                "labels": {
                    label: {
                        "recall": _round(recall[a, i]),
                        "right_label": _round(rates.confusion[a, i, i]),
                        "right_start": _round(rates.start[a, i, REACH]),
                        "right_end": _round(rates.end[a, i, REACH]),
                    }
                    for i, label in enumerate(evidence.labels)
                },
            }
            for a, name in enumerate(evidence.annotators)
        },
    }


def _round(value: float) -> float:
    return round(float(value), DIGITS)
