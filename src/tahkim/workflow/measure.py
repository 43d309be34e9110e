"""Measures: one reading against gold, and annotators against each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tahkim.agreement.evaluate import choose
from tahkim.agreement.evaluate import evaluate as evaluate_corpus
from tahkim.model import Corpus
from tahkim.schema import Schema
from tahkim.workflow.settle import schema_for

if TYPE_CHECKING:
    from tahkim.agreement.report import Agreement

Record = dict[str, Any]


def evaluate(
    gold: Corpus,
    predicted: Corpus,
    annotator: str | None = None,
    pred_annotator: str | None = None,
    *,
    common: bool = False,
    schema: Path | None = None,
) -> Record:
    """Precision, recall and F1 of one reading against gold.

    `annotator` chooses a reading of gold where it holds several, else one of the prediction; `pred_annotator` one of
    the prediction where both hold several.
    """
    one_gold = len({a.annotator for a in gold.annotations}) <= 1
    return evaluate_corpus(
        choose(gold, annotator, "gold"),
        choose(predicted, pred_annotator or (annotator if one_gold else None), "the prediction", "--pred-annotator"),
        common=common,
        schema=schema_for(schema),
    )


def agree(corpus: Corpus, schema: Schema, measures: Sequence[str] | None = None, by: Sequence[str] = ()) -> Agreement:
    """Agreement of people with each other, with the rules and with gold; see `tahkim.agreement.report.agree`."""
    from tahkim.agreement.report import agree as agree_corpus

    return agree_corpus(corpus, schema, measures=measures, by=by)


HEADLINE = ("span_f1_exact", "alpha", "relation_f1_strict")
"""What a release and its card say of agreement; the whole is in `tahkim agree`."""


def headline(corpus: Corpus, schema: Schema) -> dict[str, Record]:
    """The few figures a release carries, people with each other: over all, and by arm where there are several."""
    figures = agree(corpus, schema, ("span_f1", "alpha", "relation_f1")).figures
    wanted = [f for f in figures if f.of == "humans" and f.measure in HEADLINE and f.pair is None and f.label is None]
    return {f"{f.measure}{', ' + f.arm if f.arm else ''}": f.to_json() for f in wanted}
