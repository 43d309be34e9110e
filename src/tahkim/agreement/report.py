"""How far annotators agree, over a whole corpus: every figure with its interval, and what people disagree about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tahkim.agreement.anchoring import Anchoring, anchoring
from tahkim.agreement.bootstrapping import RESAMPLES, SEED
from tahkim.agreement.corpus import confusions
from tahkim.agreement.corpus.attributes import attribute_figures
from tahkim.agreement.corpus.comparisons import GROUPS, Comparison, compare
from tahkim.agreement.corpus.f1 import relation_f1_figures, span_f1_figures
from tahkim.agreement.corpus.figures import Figure, Material, material
from tahkim.agreement.corpus.gamma import gamma_figures
from tahkim.agreement.corpus.relations import relation_alpha_figures
from tahkim.agreement.corpus.tokens import alpha_figures, kappa_figures
from tahkim.agreement.corpus.unitizing import alpha_unitizing_figures
from tahkim.errors import UsageError
from tahkim.model import Corpus

if TYPE_CHECKING:
    import pandas as pd

    from tahkim.schema import Schema

MEASURES: dict[str, Callable[[Material], Iterator[Figure]]] = {
    "span_f1": span_f1_figures,
    "kappa": kappa_figures,
    "alpha": alpha_figures,
    "alpha_unitizing": alpha_unitizing_figures,
    "relation_f1": relation_f1_figures,
    "relation_alpha": relation_alpha_figures,
    "attribute_alpha": attribute_figures,
    "gamma": gamma_figures,
}
DEFAULT = tuple(name for name in MEASURES if name != "gamma")
"""Gamma takes a tenth of a second a document and runs only when it is named."""
FEW_GROUPS = 20


class Agreement(Struct, frozen=True):
    """All figures in order of measure and selection, what people disagree about, and what to be careful with.

    `confusions`, `boundaries`, `relation_errors`, `worst` and `annotators` are plain data about humans with each other,
    as `tahkim.agreement.corpus.confusions` gives them; `anchoring` is empty without gold, rules and people.
    """

    figures: tuple[Figure, ...]
    confusions: list[dict[str, Any]]
    boundaries: list[dict[str, Any]]
    relation_errors: list[dict[str, Any]]
    worst: list[dict[str, Any]]
    annotators: list[dict[str, Any]]
    anchoring: tuple[Anchoring, ...]
    warnings: tuple[str, ...]
    seed: int
    samples: int

    def to_json(self) -> dict[str, Any]:
        """A plain dict ready for JSON; undefined numbers are None with a `reason` beside them."""
        return {
            "seed": self.seed,
            "samples": self.samples,
            "interval": "95 % bootstrap over groups of documents, for these annotators",
            "warnings": list(self.warnings),
            "figures": [figure.to_json() for figure in self.figures],
            "confusions": self.confusions,
            "boundaries": self.boundaries,
            "relation_errors": self.relation_errors,
            "worst": self.worst,
            "annotators": self.annotators,
            "anchoring": [figure.to_json() for figure in self.anchoring],
        }

    def frame(self) -> pd.DataFrame:
        """One row a figure, one column a field, counts in columns of their own."""
        import pandas as pd

        fields = [name for name in Figure.__struct_fields__ if name != "counts"]
        rows = [{name: getattr(f, name) for name in fields} | dict(f.counts) for f in self.figures]
        return pd.DataFrame(rows, columns=[*fields, *sorted({key for f in self.figures for key in f.counts})])

    def pick(self, measure: str, **wanted: Any) -> Figure:
        """The one figure of a measure whose fields are as given, and None where nothing is given.

        Raises UsageError when there is none.
        """
        fields = dict.fromkeys(("pair", "annotator", "label", "attribute", "document", "month", "week", "arm"))
        wanted = {"of": "humans", "measure": measure} | fields | wanted
        for figure in self.figures:
            if all(getattr(figure, name) == value for name, value in wanted.items()):
                return figure
        raise UsageError(f"no figure {measure} of " + ", ".join(f"{k} {v}" for k, v in wanted.items() if v is not None))


def agree(
    corpus: Corpus,
    schema: Schema | None = None,
    *,
    measures: Sequence[str] | None = None,
    by: Sequence[str] = (),
    chosen: str | None = None,
    seed: int = SEED,
    samples: int = RESAMPLES,
) -> Agreement:
    """Agreement of humans with each other, and of each human with the rules, gold and a chosen annotator.

    The rules and gold are compared where they have readings, `chosen` where it is named, person or not. Only submitted
    readings count, and only what both of a pair were asked for. Figures are given over all and by pair; by arm too
    where anyone was shown a pre-annotation; `by` adds label, annotator, document, month, week or arm. `measures` names
    some of MEASURES (default: all but gamma). Intervals come from `samples` resamples of document groups with
    `seed`. Neither the order nor the names of documents and annotators matter. Labels need no schema; with one, labels
    without direction, admissible pairs and levels of measurement are the schema's.
    """
    wanted = DEFAULT if measures is None else tuple(measures)
    if strange := [name for name in wanted if name not in MEASURES]:
        raise UsageError(f"unknown measure {strange[0]!r}: known are {', '.join(MEASURES)}")
    comparisons = compare(corpus, schema, chosen)
    data = material(comparisons, corpus.documents, by, samples, seed, schema)
    figures = tuple(figure for name in wanted for figure in MEASURES[name](data))
    people = [comparison for comparison in comparisons if comparison.of == "humans"]
    return Agreement(
        figures,
        confusions.confusions(people, corpus.documents),
        confusions.boundaries(people, corpus.documents),
        confusions.relation_errors(people),
        confusions.worst(people, corpus.documents),
        confusions.annotators(people),
        tuple(anchoring(corpus, samples=samples, seed=seed)),
        tuple(_warnings(comparisons)),
        seed,
        samples,
    )


def _warnings(comparisons: Sequence[Comparison]) -> Iterator[str]:
    if not comparisons:
        yield "no document has two submitted readings: there is nothing to compare"
    for of in GROUPS:
        rows = [comparison for comparison in comparisons if comparison.of == of]
        groups: Mapping[str, None] = dict.fromkeys(row.group for row in rows)
        if rows and len(groups) < FEW_GROUPS:
            yield f"{of}: {len(groups)} groups of documents, intervals from fewer than {FEW_GROUPS} are rough"
        if arms := sorted({row.arm for row in rows} - {"blind"}):
            yield f"{of}: some readings began from a pre-annotation ({', '.join(arms)}): read the arms, not the pool"
