"""Kappa and alpha over tokens."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tahkim.agreement.coefficients import NO_VARIATION
from tahkim.agreement.coincidences import alpha_terms, chance_corrected, cohen_terms, fleiss_terms
from tahkim.agreement.corpus.figures import Chosen, Figure, Material, spread
from tahkim.agreement.tokens import OUTSIDE


def alpha_figures(data: Material) -> Iterator[Figure]:
    """`alpha`, nominal, and where asked for of each label against all else."""
    pairs = data.token_table.pairs
    used = [value for value in pairs.cells.values if value != OUTSIDE] if "label" in data.by else []
    for chosen in data.chosen:
        if chosen.selection.is_crossed:
            continue
        totals = chosen.totals(pairs.counts, weighed=True)
        for label in [None, *used]:
            cells = pairs.cells if label is None else pairs.cells.of_label(label)
            [found] = spread(chance_corrected(alpha_terms(cells, totals), disagreements=True)[:, None])
            yield chosen.figure("alpha", found, units=_items(data, chosen), reason=NO_VARIATION, label=label)


def kappa_figures(data: Material) -> Iterator[Figure]:
    """`kappa`: Cohen's for two annotators, Fleiss's where every document has as many annotators, else nan."""
    pairs = data.token_table.pairs
    for chosen in data.chosen:
        if chosen.selection.is_crossed:
            continue
        sizes = sorted({round(1 / weight) + 1 for weight in chosen.weights})
        found, reason = (math.nan,) * 3, NO_VARIATION
        if len(sizes) > 1:
            reason = f"documents have {sizes[0]} to {sizes[-1]} annotators: alpha allows that, kappa does not"
        else:
            two = len({comparison.pair for comparison in chosen.comparisons}) == 1
            terms = (cohen_terms if two else fleiss_terms)(pairs.cells, chosen.totals(pairs.counts))
            [found] = spread(chance_corrected(terms, disagreements=False)[:, None])
        yield chosen.figure("kappa", found, units=_items(data, chosen), reason=reason)


def _items(data: Material, chosen: Chosen) -> int:
    n_tokens = data.token_table.n_tokens
    return sum(n_tokens[doc_id] for doc_id in {comparison.doc_id for comparison in chosen.comparisons})
