"""What the text says of each reading: a conditional logit model, learned from what is believed and never from gold.

At each unit the candidates and "nothing" compete; a candidate's score is linear in its wording and in what is believed
of the same words elsewhere. What the model says beyond the mere frequency of labels is a factor of the posterior. A
document is judged by a model that was learned on other documents, so that no belief confirms itself.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack

from tahkim.adjudicate.bayes.evidence import Evidence, Floats, Ints
from tahkim.adjudicate.bayes.units import normalised
from tahkim.adjudicate.bayes.wording import SLOTS, Occurrences, Wording

FOLDS = 5
FIRST_ROUND, EVERY = 6, 8
"""The text has its say from this round on, and is learned anew after so many rounds."""
STEPS = 15
"""Steps of the optimiser each time; it goes on where it stopped."""
RIDGE, RIDGE_ELSEWHERE, RIDGE_BIAS = 0.5, 0.05, 0.01
MOST_UNITS = 100_000
"""No more units than these are learned from; of a larger collection every so many-th document."""


class TextModel:
    """Learns with the beliefs; `factors` are asked for once a round."""

    def __init__(self, evidence: Evidence, wording: Wording) -> None:
        self._evidence = evidence
        self._wording = wording
        n = len(evidence.labels)
        option_doc = evidence.unit_doc[evidence.option_unit].astype(np.int64)
        words, inside = wording.words, wording.inside_option
        self._elsewhere = [
            *(
                _Elsewhere(evidence, option_doc, inside, wording.inside_word, words, wording.slots[:, slot])
                for slot in range(SLOTS)
            ),
            _Elsewhere(
                evidence, option_doc, np.arange(len(option_doc)), wording.surface, wording.surfaces, wording.surface
            ),
        ]
        self._n_features = 1 + 6 * len(self._elsewhere) + wording.features.shape[1]
        ridge = np.full((self._n_features, n), RIDGE)
        ridge[: 1 + 6 * len(self._elsewhere)] = RIDGE_ELSEWHERE
        ridge[0] = RIDGE_BIAS
        self._ridge = ridge.ravel()
        self._weights: list[Floats] = [np.zeros(self._n_features * n) for _ in range(FOLDS)]
        thin = 1 + len(evidence.unit_doc) // MOST_UNITS
        self._fold = evidence.unit_doc % FOLDS
        self._used = (evidence.unit_doc // FOLDS) % thin == 0
        self._factors: tuple[Floats, Floats] = np.zeros(len(option_doc)), np.zeros(len(evidence.unit_doc))

    def factors(self, option: Floats, nothing: Floats, step: int) -> tuple[Floats, Floats]:
        """Log factors of each option, and of nothing at each unit, in this round."""
        if step >= FIRST_ROUND and (step - FIRST_ROUND) % EVERY == 0:
            self._factors = self._learn(option, nothing)
        return self._factors

    def _learn(self, option: Floats, nothing: Floats) -> tuple[Floats, Floats]:
        n = len(self._evidence.labels)
        ones = csr_matrix(np.ones((len(option), 1)))
        bias = self._by_label(ones)
        elsewhere = [csr_matrix(share.features(option)) for share in self._elsewhere]
        design = self._by_label(csr_matrix(hstack([ones, *elsewhere, self._wording.features])))
        frequency = self._fit(bias, np.zeros(n), self._ridge[:n], option, nothing, self._used)
        usual_option, usual_nothing = self._scores(bias, frequency)
        of_options, of_nothing = np.zeros_like(option), np.zeros_like(nothing)
        for fold in range(FOLDS):
            others = self._used & (self._fold != fold)
            self._weights[fold] = self._fit(design, self._weights[fold], self._ridge, option, nothing, others)
            judged, judged_nothing = self._scores(design, self._weights[fold])
            here = self._fold == fold
            mine = here[self._evidence.option_unit]
            of_options[mine] = (judged - usual_option)[mine]
            of_nothing[here] = (judged_nothing - usual_nothing)[here]
        return of_options, of_nothing

    def _by_label(self, design: csr_matrix) -> csr_matrix:
        """Each feature once a label (`feature · labels + label`), so that a row holds those of its option's label."""
        label, n = self._evidence.option_label.astype(np.int64), len(self._evidence.labels)
        columns = design.indices.astype(np.int64) * n + np.repeat(label, np.diff(design.indptr))
        return csr_matrix((design.data, columns, design.indptr), shape=(design.shape[0], design.shape[1] * n))

    def _scores(self, design: csr_matrix, weights: Floats) -> tuple[Floats, Floats]:
        """Log probabilities of options and of nothing."""
        score = np.asarray(design @ weights)
        option, nothing = normalised(self._evidence, score, np.zeros(len(self._evidence.unit_doc)))
        return np.log(np.maximum(option, 1e-12)), np.log(np.maximum(nothing, 1e-12))

    def _fit(
        self, design: csr_matrix, start: Floats, ridge: Floats, option: Floats, nothing: Floats, units: Floats
    ) -> Floats:
        """Weights that make the beliefs at `units` likeliest, with a ridge."""
        evidence = self._evidence
        rows = np.flatnonzero(units[evidence.option_unit])
        part, unit = design[rows], evidence.option_unit[rows]
        transposed = csr_matrix(part.T)
        wanted = option[rows]
        n_units = len(evidence.unit_doc)
        empty = nothing[units]

        def loss(weights: Floats) -> tuple[float, Floats]:
            score = np.asarray(part @ weights)
            best = np.zeros(n_units)
            np.maximum.at(best, unit, score)
            shares = np.exp(score - best[unit])
            total = np.exp(-best) + np.bincount(unit, weights=shares, minlength=n_units)
            log_total = np.log(total) + best
            value = -(wanted * (score - log_total[unit])).sum() + (empty * log_total[units]).sum()
            gradient = transposed @ (shares / total[unit] - wanted) + ridge * weights
            return float(value + 0.5 * (ridge * weights**2).sum()), np.asarray(gradient)

        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
        return np.asarray(found.x)


class _Elsewhere:
    """What is believed of a word (or surface) elsewhere: in other documents, and at other units of the same one.

    For each option and its `asked` word: does it stand inside readings of the option's label, rather than of another,
    and how many of its occurrences do.
    """

    def __init__(
        self, evidence: Evidence, option_doc: Ints, option: Ints, word: Ints, occurrences: Occurrences, asked: Ints
    ) -> None:
        self._label, self._n_labels = evidence.option_label, len(evidence.labels)
        self._option, self._word, self._asked = option, word, asked
        self._n = occurrences.n
        n = self._n
        self._doc_cells, self._doc_at = _cells(option_doc[option] * n + word, option_doc * n + asked)
        unit = evidence.option_unit.astype(np.int64)
        self._unit_cells, self._unit_at = _cells(unit[option] * n + word, unit * n + asked)
        in_document = _values(occurrences.keys, occurrences.counts, option_doc * n + asked)
        self._chances = occurrences.total[asked] - in_document, np.maximum(in_document - 1, 0.0)

    def features(self, option: Floats) -> Floats:
        """Shape (options, 6)."""
        weight, label = option[self._option], self._label[self._option]
        everywhere = self._sums(self._word, weight, label, self._n)[self._asked]
        in_document = self._sums(self._doc_cells, weight, label)[self._doc_at]
        in_unit = self._sums(self._unit_cells, weight, label)[self._unit_at]
        columns: list[Floats] = []
        for mass, chances in zip((everywhere - in_document, in_document - in_unit), self._chances, strict=True):
            mass = np.maximum(mass, 0.0)
            total = mass.sum(axis=1)
            same = mass[np.arange(len(mass)), self._label]
            left = np.maximum(chances - total, 0.0)
            columns.append(np.log((same + 0.3) / (total - same + 0.3)) * np.minimum(total, 1.0))
            columns.append(np.log((same + 0.3) / (left + 0.6)))
            columns.append(np.log1p(np.maximum(chances, total)))
        return 0.5 * np.stack(columns, axis=1)

    def _sums(self, cells: Ints, weight: Floats, label: Ints, n: int | None = None) -> Floats:
        size = (n or int(cells.max(initial=0)) + 1) + 1
        sums = np.bincount(cells * self._n_labels + label, weights=weight, minlength=size * self._n_labels)
        return np.asarray(sums.reshape(size, self._n_labels))


def _cells(keys: Ints, asked: Ints) -> tuple[Ints, Ints]:
    """Keys by number, and the number of each asked key; the number behind the last for one that is not there."""
    known, cells = np.unique(keys, return_inverse=True)
    at = np.minimum(np.searchsorted(known, asked), max(len(known) - 1, 0))
    return cells, np.where(known[at] == asked, at, len(known))


def _values(keys: Ints, values: Floats, asked: Ints) -> Floats:
    """The value of each asked key, 0 for one that is not there."""
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.asarray(np.where(keys[at] == asked, values[at], 0.0))
