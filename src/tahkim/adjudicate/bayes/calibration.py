"""How far the posteriors can be believed: learned from how well each annotator is predicted by the others.

The model takes annotators as independent given the truth. They are not: they stumble over the same things, so that its
posteriors are too sure. Each posterior is therefore flattened, `p ** (1 / T)` made to sum to 1 again, as Guo et al.
(2017) do by labelled data, of which there is none here. T has two parts: the one under which what each annotator did is
likeliest given what is believed without them, and one for mistakes that all make alike, which weigh the more the more
annotators there are. Which answer is likeliest does not change.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace
from scipy.special import log_expit, logit

from tahkim.adjudicate.bayes.evidence import Evidence, Floats
from tahkim.adjudicate.bayes.mistaken import mistakes
from tahkim.adjudicate.bayes.rates import EASE, Beliefs, Rates, Tallies
from tahkim.adjudicate.bayes.units import LEAST, decided, mark_logs, normalised, pair_logs

TEMPERATURES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
SHARED_MISTAKES = 0.25
"""How far mistakes of annotators are thought to be correlated, which no comparison of their marks shows."""


def calibrated(tallies: Tallies, rates: Rates, beliefs: Beliefs) -> tuple[Beliefs, float]:
    """Flattened beliefs, and the temperature."""
    evidence = tallies.evidence
    option_logs, nothing_logs = (np.log(np.maximum(p, LEAST)) for p in (beliefs.option, beliefs.nothing))
    rows, pairs = _row_logs(tallies, rates, beliefs), pair_logs(tallies, rates)
    pairs[tallies.pair_found] += mistakes(tallies, rates).given_others(tallies, rates)
    without_option = option_logs[evidence.row_option] - rows
    without_nothing = nothing_logs[evidence.pair_unit] - pairs
    marks = np.bincount(evidence.pair_unit, weights=tallies.pair_found, minlength=len(nothing_logs))
    judged = marks[evidence.pair_unit] > tallies.pair_found  # somebody else marked the unit

    def prediction(temperature: float) -> float:
        here, empty = without_option / temperature, without_nothing / temperature
        best = empty.copy()
        np.maximum.at(best, evidence.row_pair, here)
        here, empty = np.exp(here - best[evidence.row_pair]), np.exp(empty - best)
        size = len(pairs)
        total = empty + np.bincount(evidence.row_pair, weights=here, minlength=size)
        likely = np.bincount(evidence.row_pair, weights=here * np.exp(rows), minlength=size) + empty * np.exp(pairs)
        return float(np.log(np.maximum(likely[judged] / total[judged], LEAST)).sum())

    temperature = max(TEMPERATURES, key=lambda t: (round(prediction(t), 6), -t)) + _shared(evidence)
    option, nothing = normalised(evidence, option_logs / temperature, nothing_logs / temperature)
    return decided(evidence, replace(beliefs, option=option, nothing=nothing)), temperature


def _shared(evidence: Evidence) -> float:
    """What shared mistakes add to the temperature: the design effect (Kish 1965) of the annotators asked, less 1."""
    return SHARED_MISTAKES * float(np.bincount(evidence.pair_unit).mean() - 1)


def _row_logs(tallies: Tallies, rates: Rates, beliefs: Beliefs) -> Floats:
    """Log probability of each response if its option is the truth."""
    evidence = tallies.evidence
    option, annotator = evidence.row_option, evidence.row_annotator
    first = evidence.option_label[option] * EASE
    recall = sum(beliefs.ease[option, ease] * rates.recall[annotator, first + ease] for ease in range(EASE))
    odds = logit(recall) + rates.attention[evidence.row_pair]
    logs = mark_logs(tallies, rates)
    logs[tallies.found] += log_expit(odds[tallies.found])
    logs[tallies.missed] += log_expit(-odds[tallies.missed])
    return logs
