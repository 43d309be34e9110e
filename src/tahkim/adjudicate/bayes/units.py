"""The truth of each unit: expectation maximisation over the readings given (the E step, and the loop)."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from msgspec.structs import replace
from scipy.special import log_expit, logit

from tahkim.adjudicate.bayes.evidence import (
    ACCEPTED,
    ELSEWHERE,
    FOUND,
    NOTHING,
    REACH,
    UNKNOWN,
    Evidence,
    Floats,
    Ints,
)
from tahkim.adjudicate.bayes.mistaken import mistakes
from tahkim.adjudicate.bayes.rates import EASE, NO_MISTAKES, Beliefs, Rates, Tallies, estimate, tie_logs
from tahkim.adjudicate.bayes.sequence import Sequence

ROUNDS = 60
CLOSE = 1e-3
"""EM ends after so many rounds, or when no posterior moves by more than this."""
ROUNDS_BEFORE_SEQUENCE = 3
LEAST = 1e-300


class Text(Protocol):
    """What the text says of each option, and of nothing at each unit: log factors, learned from the beliefs."""

    def factors(self, option: Floats, nothing: Floats, step: int) -> tuple[Floats, Floats]: ...


def solve(tallies: Tallies, text: Text | None = None) -> tuple[Beliefs, Rates]:
    """Posteriors of every option and of nothing at every unit, and the rates they rest on.

    Without `text` the loop ends as soon as it has converged; the text is learned anew every few rounds, so with it
    all rounds are run.
    """
    evidence = tallies.evidence
    sequence = Sequence(evidence, tallies.n_labels)
    beliefs = first_beliefs(tallies)
    for step in range(ROUNDS):
        rates = estimate(tallies, beliefs)
        if step == 0:  # against shares of votes everybody looks inattentive
            rates = replace(rates, attention=np.zeros_like(rates.attention))
        before = beliefs.option
        beliefs = _weigh(tallies, rates, beliefs, text, step)
        if step >= ROUNDS_BEFORE_SEQUENCE:
            beliefs = decided(evidence, sequence.adjust(beliefs))
        if text is None and np.abs(beliefs.option - before).max(initial=0.0) < CLOSE:
            break
    return decided(evidence, _exclude(evidence, beliefs)), rates


def first_beliefs(tallies: Tallies) -> Beliefs:
    """Shares of votes to begin with; places that most have missed count as hard."""
    evidence = tallies.evidence
    n_options, n_units = len(evidence.option_unit), len(evidence.unit_doc)
    gave = (evidence.row_response == FOUND) | (evidence.row_response == ACCEPTED)
    same_label = evidence.row_label == evidence.option_label[evidence.row_option]
    exact = gave & same_label & (evidence.row_start == REACH) & (evidence.row_end == REACH)
    asked = np.maximum(np.bincount(evidence.pair_unit, minlength=n_units), 1)
    share = np.bincount(evidence.row_option[exact], minlength=n_options) / asked[evidence.option_unit]
    marked = np.isin(evidence.pair_response, (FOUND, ACCEPTED))
    seen = (np.bincount(evidence.pair_unit[marked], minlength=n_units) / asked)[evidence.option_unit]
    ease = np.stack([seen, *[(1 - seen) / (EASE - 1)] * (EASE - 1)], axis=1) + 0.1
    beliefs = Beliefs(
        np.clip(share, 0.02, 0.98),
        ease / ease.sum(axis=1, keepdims=True),
        np.clip(1 - by_unit(evidence, share), 0.0, 1.0),
        NO_MISTAKES,
        np.zeros((len(evidence.doc_ids), tallies.n_labels * EASE)),
    )
    return decided(evidence, beliefs)


def by_unit(evidence: Evidence, values: Floats) -> Floats:
    """Values of options summed by unit."""
    return np.bincount(evidence.option_unit, weights=values, minlength=len(evidence.unit_doc)).astype(float)


def _weigh(tallies: Tallies, rates: Rates, beliefs: Beliefs, text: Text | None, step: int) -> Beliefs:
    """The E step: posteriors of everything under the rates."""
    evidence = tallies.evidence
    with_ease = _option_logs(tallies, rates)
    best = with_ease.max(axis=1, keepdims=True)
    ease = np.exp(with_ease - best)
    option_logs = np.log(ease.sum(axis=1)) + best[:, 0]
    mistaken = mistakes(tallies, rates)
    nothing_logs = _nothing_logs(tallies, rates) + mistaken.logs
    if text is not None:
        of_options, of_nothing = text.factors(beliefs.option, beliefs.nothing, step)
        option_logs, nothing_logs = option_logs + of_options, nothing_logs + of_nothing
    option, nothing = normalised(evidence, option_logs, nothing_logs)
    ease /= ease.sum(axis=1, keepdims=True)
    return decided(
        evidence, Beliefs(option, ease, nothing, mistaken.counts(tallies, nothing), _unmarked(tallies, rates))
    )


def normalised(evidence: Evidence, option_logs: Floats, nothing_logs: Floats) -> tuple[Floats, Floats]:
    """Probabilities of options and of nothing from their logs: together they are 1 at each unit."""
    best = nothing_logs.copy()
    np.maximum.at(best, evidence.option_unit, option_logs)
    option, nothing = np.exp(option_logs - best[evidence.option_unit]), np.exp(nothing_logs - best)
    total = nothing + by_unit(evidence, option)
    return option / total[evidence.option_unit], nothing / total


def mark_logs(tallies: Tallies, rates: Rates) -> Floats:
    """Log probability, by row, of all that a response says but that something was found or missed."""
    evidence = tallies.evidence
    found, missed, shown = tallies.found, tallies.missed, tallies.shown
    who, what = evidence.row_annotator, evidence.option_label[evidence.row_option]
    logs = np.zeros(len(who))
    logs[found] = (
        np.log(rates.confusion)[who[found], what[found], tallies.given]
        + np.log(rates.start)[who[found], what[found], evidence.row_start[found]]
        + np.log(rates.end)[who[found], what[found], evidence.row_end[found]]
        + tie_logs(tallies, evidence.row_pair[found], rates.tied[what[found]])
    )
    away = rates.elsewhere[what[missed]]
    logs[missed] = np.log(np.where(tallies.away, away, 1 - away))
    kept = np.where(tallies.right, rates.kept_right, rates.kept_wrong)
    logs[shown] = np.log(np.where(tallies.kept, kept, 1 - kept))
    return logs


def _option_logs(tallies: Tallies, rates: Rates) -> Floats:
    """Log probability of each option, by ease, and of all responses if it is the truth."""
    evidence = tallies.evidence
    who, label = evidence.row_annotator, evidence.option_label
    what = label[evidence.row_option]
    found, missed = tallies.found, tallies.missed
    marks = mark_logs(tallies, rates)
    of_label = np.log(rates.prior.reshape(-1, EASE).sum(axis=1))
    logs = np.empty((len(label), EASE))
    for ease in range(EASE):
        odds = logit(rates.recall[:, ease::EASE])[who, what] + rates.attention[evidence.row_pair]
        rows = marks.copy()
        rows[found] += log_expit(odds[found])
        rows[missed] += log_expit(-odds[missed])
        logs[:, ease] = np.bincount(evidence.row_option, weights=rows, minlength=len(label))
        logs[:, ease] += of_label[label] + np.log(rates.ease)[evidence.option_again, label, ease]
    return logs


def pair_logs(tallies: Tallies, rates: Rates) -> Floats:
    """Log probability of what each annotator did at each unit if nothing is there, but for labels and ranges."""
    evidence = tallies.evidence
    found, shown = tallies.pair_found, tallies.pair_shown
    logs = np.log1p(-rates.false)[evidence.pair_annotator]
    away = evidence.pair_response == ELSEWHERE
    logs += np.where(away, np.log(rates.elsewhere_nothing), np.log1p(-rates.elsewhere_nothing))
    ties = tie_logs(tallies, np.flatnonzero(found), rates.tied[-1])
    logs[found] = np.log(rates.false)[evidence.pair_annotator[found]] + ties
    kept = evidence.pair_response[shown] == ACCEPTED
    logs[shown] = np.log(np.where(kept, rates.kept_wrong, 1 - rates.kept_wrong))
    return np.asarray(logs)


def _nothing_logs(tallies: Tallies, rates: Rates) -> Floats:
    """Log probability of nothing, and of who marked a unit and who did not if nothing is there."""
    evidence = tallies.evidence
    total = np.bincount(evidence.pair_unit, weights=pair_logs(tallies, rates), minlength=len(evidence.unit_doc))
    return np.asarray(total + np.log(rates.prior_nothing))


def _unmarked(tallies: Tallies, rates: Rates) -> Floats:
    """How probable it is that a place which everybody left blank holds each label, by document."""
    logs = tallies.asked @ np.log1p(-rates.recall) + np.log(rates.prior)
    nothing = tallies.asked @ np.log1p(-rates.false) + np.log(rates.prior_nothing)
    best = np.maximum(logs.max(axis=1, initial=-np.inf), nothing)
    weights = np.exp(logs - best[:, None])
    return np.asarray(weights / (weights.sum(axis=1) + np.exp(nothing - best))[:, None])


def _exclude(evidence: Evidence, beliefs: Beliefs) -> Beliefs:
    """Lower what overlaps a likely reading of another unit, as far as annotators themselves never hold both."""
    if not len(evidence.overlaps[0]):
        return beliefs
    free = np.log1p(-(1 - evidence.tolerance) * np.clip(beliefs.option, 0.0, 1.0 - 1e-9))
    logs = np.log(np.maximum(beliefs.option, LEAST))
    logs += _gathered(evidence.overlaps[0], free[evidence.overlaps[1]], len(logs))
    logs += _gathered(evidence.overlaps[1], free[evidence.overlaps[0]], len(logs))
    option, nothing = normalised(evidence, logs, np.log(np.maximum(beliefs.nothing, LEAST)))
    return replace(beliefs, option=option, nothing=nothing)


def _gathered(numbers: Ints, values: Floats, size: int) -> Floats:
    return np.bincount(numbers, weights=values, minlength=size).astype(float)


def decided(evidence: Evidence, beliefs: Beliefs) -> Beliefs:
    """Decided units are certain."""
    known = evidence.unit_known != UNKNOWN
    if not known.any():
        return beliefs
    option, nothing = beliefs.option.copy(), beliefs.nothing.copy()
    option[known[evidence.option_unit]] = 0.0
    nothing[known] = evidence.unit_known[known] == NOTHING
    option[evidence.unit_known[evidence.unit_known >= 0]] = 1.0
    return replace(beliefs, option=option, nothing=nothing)
