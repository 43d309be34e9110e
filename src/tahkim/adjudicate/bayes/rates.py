"""How annotators behave: their rates, estimated from what is believed to be true (the M step).

Every rate of an annotator is drawn to what is usual: recall to the label's and the annotator's own mean, confusions and
boundaries to everybody's of that label, scaled by how often this annotator errs at all. So a newcomer counts like
anybody, and two annotators with ten documents merge close to a majority. Pseudo-counts below say how strongly.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from scipy.sparse import csr_matrix
from scipy.special import expit, logit

from tahkim.adjudicate.bayes.evidence import (
    ACCEPTED,
    BLANK,
    ELSEWHERE,
    FOUND,
    REACH,
    REFUSED,
    Evidence,
    Floats,
    Ints,
)
from tahkim.adjudicate.bayes.usual import Usual, doubted, invented, strength_of_counts, strength_of_shares

EASE = 2
"""Each label has easy and hard places, each with recalls of its own.

Which a place is, nobody says; but people tend to pass over a name that they have marked before, so that its being
marked earlier in the document is a sign. It says how much a blank is worth, and nothing of what is true.
"""
STEPS = 2 * REACH + 1
RECALL_STRENGTH = 20.0
LABEL_STRENGTH = 4.0
LABEL_SKILL_STRENGTH = 5.0
BOUNDARY_STRENGTH = 10.0
EASE_STRENGTH = 5.0
MISTAKEN_STRENGTH = 20.0
TIED_STRENGTH = 5.0
SOME = 1e-9


class Mistaken(Struct, frozen=True):
    """What misleads people where nothing is, as counts or as shares: its label, steps of marks from its boundaries."""

    label: Floats
    start: Floats
    end: Floats


class Beliefs(Struct, frozen=True):
    """Posteriors: of each option, of its ease, of nothing by unit, and of each label and ease at unmarked places."""

    option: Floats
    ease: Floats  # options × EASE, each row sums to 1
    nothing: Floats
    mistaken: Mistaken
    unmarked: Floats  # documents × (labels · EASE)

    @property
    def true_unmarked(self) -> Floats:
        return np.asarray(self.unmarked.sum(axis=1))


NO_MISTAKES = Mistaken(np.zeros(1), np.zeros(STEPS), np.zeros(STEPS))


class Rates(Struct, frozen=True):
    """Rates of annotators, from 0 to 1. Axes: annotators, labels (with ease: `label · EASE + ease`), given label."""

    recall: Floats
    attention: Floats  # by pair of unit and annotator: what is added to the log odds of recall
    confusion: Floats
    start: Floats
    end: Floats
    false: Floats  # by annotator, per place
    mistaken: Mistaken
    tied: (
        Floats  # by label, and last where nothing is: how many times its annotator's usual share of marks has relations
    )
    elsewhere: Floats  # of what was not found, by label
    elsewhere_nothing: float
    kept_right: float  # how often a suggestion is accepted when it is right, and when it is not
    kept_wrong: float
    prior: Floats  # by label and ease, per place
    ease: Floats  # by whether the words were marked before, label and ease; sums to 1 over ease
    prior_nothing: float


class Tallies:
    """Sums over the rows of the evidence, prepared once."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.n_annotators, self.n_labels = len(evidence.annotators), len(evidence.labels)
        response, annotator = evidence.row_response, evidence.row_annotator
        label = evidence.option_label[evidence.row_option]
        self.pair_found = evidence.pair_response == FOUND
        self.found = np.flatnonzero(response == FOUND)
        self.missed = np.flatnonzero((response == BLANK) | (response == ELSEWHERE))
        self.away = response[self.missed] == ELSEWHERE
        self.shown = np.flatnonzero((response == ACCEPTED) | (response == REFUSED))
        self.kept = response[self.shown] == ACCEPTED
        exact = (evidence.row_start == REACH) & (evidence.row_end == REACH) & (evidence.row_label == label)
        self.right = exact[self.shown]
        first_option = np.r_[True, evidence.option_unit[1:] != evidence.option_unit[:-1]]
        seen_from_first = self.found[first_option[evidence.row_option[self.found]]]
        self.mark_unit = evidence.option_unit[evidence.row_option[seen_from_first]]
        self.mark_annotator = annotator[seen_from_first]
        self.mark_label = evidence.row_label[seen_from_first]
        self.mark_start, self.mark_end = evidence.row_start[seen_from_first], evidence.row_end[seen_from_first]
        self.is_marked = np.bincount(self.mark_unit, minlength=len(evidence.unit_doc)) > 0
        marks, tied = (
            np.bincount(evidence.pair_annotator, weights=values, minlength=self.n_annotators)
            for values in (self.pair_found, evidence.pair_tied & self.pair_found)
        )
        self.usually_tied = (tied / np.maximum(marks, 1))[evidence.pair_annotator]
        self.found_cell = (annotator * self.n_labels + label)[self.found]
        self.missed_cell = (annotator * self.n_labels + label)[self.missed]
        self.given = evidence.row_label[self.found]
        self.pair_shown = (evidence.pair_response == ACCEPTED) | (evidence.pair_response == REFUSED)
        shape = len(evidence.doc_ids), self.n_annotators
        pairs = (evidence.asked_doc, evidence.asked_annotator)
        n_units = len(evidence.unit_doc)
        marks = np.bincount(evidence.pair_unit, weights=self.pair_found, minlength=n_units)
        self.usual = Usual.of(marks, np.bincount(evidence.pair_unit, minlength=n_units))
        readings = evidence.unit_doc[evidence.pair_unit].astype(np.int64) * self.n_annotators + evidence.pair_annotator
        _, self.reading = np.unique(readings, return_inverse=True)
        self.asked = csr_matrix((np.ones(len(evidence.asked_doc)), pairs), shape=shape)

    def by_pair(self, values: Floats) -> Floats:
        """Values of rows summed by unit and annotator."""
        evidence = self.evidence
        return np.bincount(evidence.row_pair, weights=values, minlength=len(evidence.pair_unit)).astype(float)

    def by_reading(self, values: Floats) -> Floats:
        """Values of units and annotators summed by document and annotator."""
        return np.bincount(self.reading, weights=values).astype(float)

    def by_cell(self, cells: Ints, weights: Floats, width: int = 1) -> Floats:
        """Weights summed by annotator and label, and a third axis of `width` where cells have one."""
        size = self.n_annotators * self.n_labels * width
        shape = (self.n_annotators, self.n_labels, width)[: 2 if width == 1 else 3]
        return np.bincount(cells, weights=weights, minlength=size).reshape(shape).astype(float)


def estimate(tallies: Tallies, beliefs: Beliefs) -> Rates:
    """The rates under which the beliefs are likeliest, drawn to what is usual."""
    evidence = tallies.evidence
    weight = beliefs.option[evidence.row_option]
    recall = _recall(tallies, beliefs)
    start, end = (
        _boundary(tallies, weight[tallies.found], steps[tallies.found])
        for steps in (evidence.row_start, evidence.row_end)
    )
    missed = weight[tallies.missed]
    label = evidence.option_label[evidence.row_option[tallies.missed]]
    away = np.bincount(label, weights=missed * tallies.away, minlength=tallies.n_labels)
    all_missed = np.bincount(label, weights=missed, minlength=tallies.n_labels)
    kept_right, kept_wrong = _kept(tallies, weight, beliefs)
    false, elsewhere_nothing = _false(tallies, beliefs)
    prior = _prior(tallies, beliefs)
    return Rates(
        recall,
        _attention(tallies, recall, beliefs),
        _confusion(tallies, weight[tallies.found]),
        start,
        end,
        false,
        _mistaken(tallies, beliefs),
        _tied(tallies, beliefs),
        (away + 1) / (all_missed + 2),
        elsewhere_nothing,
        kept_right,
        kept_wrong,
        prior,
        _ease(tallies, beliefs),
        1.0 - float(prior.sum()),
    )


def _recall(tallies: Tallies, beliefs: Beliefs) -> Floats:
    """How often each annotator marks what is there, places that all of them missed included."""
    evidence = tallies.evidence
    weights = beliefs.option[:, None] * beliefs.ease
    found, missed = (
        np.stack([tallies.by_cell(cells, weights[evidence.row_option[rows], e]) for e in range(EASE)], axis=2)
        for cells, rows in ((tallies.found_cell, tallies.found), (tallies.missed_cell, tallies.missed))
    )
    shape = tallies.n_annotators, tallies.n_labels * EASE
    found, missed = found.reshape(shape), missed.reshape(shape)
    missed = missed + tallies.asked.T @ (beliefs.unmarked * evidence.doc_unmarked[:, None])
    found, missed = doubted(found, missed, tallies.usual)
    by_label = (found.sum(0) + 1.0) / ((found + missed).sum(0) + 2.0)
    mean = by_label.mean()
    strength = RECALL_STRENGTH * tallies.usual.draw
    own = (found.sum(1) + strength * mean) / ((found + missed).sum(1) + strength)
    usual = expit(logit(by_label)[None] + logit(own)[:, None] - logit(mean))
    recall = (found + strength * usual) / (found + missed + strength)
    return np.asarray(np.clip(recall, 0.002, 0.998))


def _attention(tallies: Tallies, recall: Floats, beliefs: Beliefs) -> Floats:
    """How much more or less than usual each annotator finds in each document, as log odds.

    Who passed over much of a document says little by one blank more. A unit is left out of its own figure.
    """
    evidence = tallies.evidence
    weight, ease = beliefs.option[evidence.row_option], beliefs.ease[evidence.row_option]
    cells = evidence.option_label[evidence.row_option][:, None] * EASE + np.arange(EASE)
    expected = weight * (ease * recall[evidence.row_annotator[:, None], cells]).sum(1)
    there, usual = (tallies.by_pair(values) * ~tallies.pair_shown for values in (weight, expected))
    found = there * tallies.pair_found
    all_found, all_usual, all_there = (tallies.by_reading(values) for values in (found, usual, there))
    mean = np.clip(all_usual / np.maximum(all_there, SOME), 0.01, 0.99)
    strength = strength_of_shares(all_found, np.maximum(all_there - all_found, 0), mean) * tallies.usual.draw
    reading = tallies.reading
    left = np.maximum(all_there[reading] - there, 0)
    got, meant = (
        np.clip(total[reading] - own, 0, left) + strength * mean[reading]
        for total, own in ((all_found, found), (all_usual, usual))
    )
    left += strength
    return np.asarray(np.log(got / meant) - np.log((left - got) / (left - meant)))


def _confusion(tallies: Tallies, weight: Floats) -> Floats:
    """Which label annotators give to what they found."""
    n = tallies.n_labels
    counts = tallies.by_cell(tallies.found_cell * n + tallies.given, weight, n).reshape(-1, n, n)
    everybody = counts.sum(0) + 5.0 * (n - 1) * np.eye(n) + 0.5
    everybody /= everybody.sum(1, keepdims=True)
    same = np.arange(n)
    wrong = counts.sum((1, 2)) - counts[:, same, same].sum(1)
    expected = (counts.sum(2) * (1 - everybody[same, same])).sum(1)
    strength = LABEL_SKILL_STRENGTH * tallies.usual.draw
    skill = (wrong + strength) / (expected + strength)
    usual = everybody[None] * np.where(np.eye(n, dtype=bool)[None], 1.0, skill[:, None, None])
    usual /= usual.sum(2, keepdims=True)
    counts = counts + LABEL_STRENGTH * tallies.usual.draw * usual
    return np.asarray(counts / counts.sum(2, keepdims=True))


def _boundary(tallies: Tallies, weight: Floats, steps: Ints) -> Floats:
    """How far outside (positive) or inside the truth annotators set a boundary, in tokens from -REACH to REACH."""
    counts = tallies.by_cell(tallies.found_cell * STEPS + steps, weight, STEPS).reshape(-1, tallies.n_labels, STEPS)
    by_label = counts.sum(0) + 0.5
    by_label[:, REACH] += 8.0
    by_label /= by_label.sum(1, keepdims=True)
    everybody = by_label.mean(0)
    strength = BOUNDARY_STRENGTH * tallies.usual.draw
    own = counts.sum(1) + strength * everybody
    own /= own.sum(1, keepdims=True)
    usual = (own / everybody)[:, None] * by_label[None]
    usual /= usual.sum(2, keepdims=True)
    counts = counts + strength * usual
    return np.asarray(counts / counts.sum(2, keepdims=True))


def _false(tallies: Tallies, beliefs: Beliefs) -> tuple[Floats, float]:
    """How often each annotator marks a place where nothing is; and how many of the rest hold it elsewhere."""
    evidence = tallies.evidence
    weight = beliefs.nothing[evidence.pair_unit]
    who = evidence.pair_annotator[tallies.pair_found]
    marks, false_marks = (
        np.bincount(who, weights=values, minlength=tallies.n_annotators).astype(float)
        for values in (np.ones(len(who)), weight[tallies.pair_found])
    )
    counts = invented(false_marks, marks, tallies.usual)
    empty = (1 - beliefs.true_unmarked) * evidence.doc_unmarked
    places = np.bincount(evidence.pair_annotator, weights=weight, minlength=tallies.n_annotators)
    places = np.asarray(places + tallies.asked.T @ empty, dtype=float)
    usual = float((counts.sum() + 1) / (places.sum() + 1))
    strength = strength_of_counts(counts, np.asarray(places * usual)) * tallies.usual.draw / usual
    false = (counts + strength * usual) / (places + strength)
    blank = evidence.pair_response == BLANK
    away = evidence.pair_response == ELSEWHERE
    return false, float((weight[away].sum() + 1) / (weight[blank | away].sum() + 2))


def _mistaken(tallies: Tallies, beliefs: Beliefs) -> Mistaken:
    """What misleads people, drawn to what is usual of what is there."""
    evidence, counts = tallies.evidence, beliefs.mistaken
    right = beliefs.option[evidence.row_option[tallies.found]]
    start, end = (
        _drawn(count, np.bincount(steps[tallies.found], weights=right, minlength=STEPS))
        for count, steps in ((counts.start, evidence.row_start), (counts.end, evidence.row_end))
    )
    return Mistaken(_drawn(counts.label, np.bincount(tallies.mark_label, minlength=tallies.n_labels)), start, end)


def _tied(tallies: Tallies, beliefs: Beliefs) -> Floats:
    """How many marks of each label, and of nothing, are ends of relations, for one that is expected of its annotator.

    Who draws a relation has looked twice; the share of marks with relations is everybody's own, so that to draw none at
    all says nothing.
    """
    evidence, found = tallies.evidence, tallies.found
    label = np.concatenate(
        [evidence.option_label[evidence.row_option[found]], np.full(len(tallies.mark_unit), tallies.n_labels)]
    )
    weight = np.concatenate([beliefs.option[evidence.row_option[found]], beliefs.nothing[tallies.mark_unit]])
    pair = np.concatenate([evidence.row_pair[found], np.flatnonzero(tallies.pair_found)])
    tied, expected = (
        np.bincount(label, weights=weight * share[pair], minlength=tallies.n_labels + 1)
        for share in (evidence.pair_tied, tallies.usually_tied)
    )
    return np.asarray((tied + TIED_STRENGTH) / (expected + TIED_STRENGTH))


def tie_logs(tallies: Tallies, pairs: Ints, ratio: Floats) -> Floats:
    """Log probability that marks have relations, or have none, as they do."""
    share = np.clip(tallies.usually_tied[pairs] * ratio, SOME, 0.95)
    return np.asarray(np.log(np.where(tallies.evidence.pair_tied[pairs], share, 1 - share)))


def _drawn(counts: Floats, usual: Floats | Ints) -> Floats:
    usual = (usual + 0.5) / (usual + 0.5).sum()
    counts = counts + MISTAKEN_STRENGTH * usual
    return np.asarray(counts / counts.sum())


def _kept(tallies: Tallies, weight: Floats, beliefs: Beliefs) -> tuple[float, float]:
    """How often suggestions are accepted that are right, and that are not."""
    evidence = tallies.evidence
    shown = weight[tallies.shown]
    nothing = beliefs.nothing[evidence.pair_unit[tallies.pair_shown]]
    kept_nothing = evidence.pair_response[tallies.pair_shown] == ACCEPTED
    right, wrong = shown * tallies.right, shown * ~tallies.right
    kept_wrong = (wrong * tallies.kept).sum() + (nothing * kept_nothing).sum()
    return (
        float(((right * tallies.kept).sum() + 9) / (right.sum() + 10)),
        float((kept_wrong + 5) / (wrong.sum() + nothing.sum() + 10)),
    )


def _prior(tallies: Tallies, beliefs: Beliefs) -> Floats:
    """How often a place holds each label, by ease."""
    evidence = tallies.evidence
    weights = beliefs.option[:, None] * beliefs.ease
    marked = np.stack(
        [np.bincount(evidence.option_label, weights=weights[:, e], minlength=tallies.n_labels) for e in range(EASE)], 1
    ).ravel()
    unmarked = (beliefs.unmarked * evidence.doc_unmarked[:, None]).sum(0)
    places = len(evidence.unit_doc) + int(evidence.doc_unmarked.sum())
    return np.asarray((marked + unmarked + 1) / (places + 2 * len(marked) + 1))


def _ease(tallies: Tallies, beliefs: Beliefs) -> Floats:
    """How often a true reading of a label is easy or hard, where its words were marked before and where not."""
    evidence = tallies.evidence
    cells = evidence.option_again * tallies.n_labels + evidence.option_label
    counts = np.stack(
        [
            np.bincount(cells, weights=beliefs.option * beliefs.ease[:, e], minlength=2 * tallies.n_labels)
            for e in range(EASE)
        ],
        axis=1,
    ).reshape(2, tallies.n_labels, EASE)
    usual = counts.sum(axis=0) + 0.5
    usual /= usual.sum(axis=1, keepdims=True)
    counts = counts + EASE_STRENGTH * usual
    return np.asarray(counts / counts.sum(axis=2, keepdims=True))
