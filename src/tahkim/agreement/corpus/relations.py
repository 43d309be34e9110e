"""Alpha of each relation label over pairs of units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tahkim.agreement.coefficients import NO_VARIATION
from tahkim.agreement.coincidences import Cells, alpha_terms, chance_corrected
from tahkim.agreement.corpus.figures import Figure, Material, spread
from tahkim.agreement.relations import pair_counts

PAIR_CELLS = Cells([False, True], np.array([1, 0, 0]), np.array([1, 1, 0]))
"""The cells of PairCounts: both, one, neither."""

NO_PLACE = "no two units could bear it"


def relation_alpha_figures(data: Material) -> Iterator[Figure]:
    """`relation_alpha` of each relation label over all units, and `…_shared` over the units both have.

    `counts` of the shared one give its coverage: how many of all pairs of units it is about.
    """
    labels = sorted({triple.label for c in data.comparisons for triple in c.relations.a | c.relations.b})
    if not labels:
        return
    tables = {
        measure: np.array(
            [list(pair_counts(c.relations, labels, data.schema, shared).values()) for c in data.comparisons],
            dtype=float,
        )
        for measure, shared in (("relation_alpha", False), ("relation_alpha_shared", True))
    }
    for chosen in data.chosen:
        if chosen.selection.is_crossed or chosen.selection.document is not None:
            continue
        all_pairs = tables["relation_alpha"][chosen.rows].sum(axis=(0, 2))
        for measure, table in tables.items():
            terms = alpha_terms(PAIR_CELLS, chosen.totals(table, weighed=True))
            found = spread(chance_corrected(terms, disagreements=True))
            sums = table[chosen.rows].sum(axis=0).astype(int).tolist()
            for label, estimate, (both, one, neither), n in zip(labels, found, sums, all_pairs, strict=True):
                counts = {"both": both, "one": one, "neither": neither, "all_pairs": int(n)}
                units = both + one + neither
                reason = NO_VARIATION if units else NO_PLACE
                yield chosen.figure(measure, estimate, units=units, reason=reason, label=label, counts=counts)
