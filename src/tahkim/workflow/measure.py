"""Measures: one reading against gold, and annotators against each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tahkim.adjudicate.strategies import Settings
from tahkim.agreement.evaluate import choose
from tahkim.agreement.evaluate import evaluate as evaluate_corpus
from tahkim.agreement.events import evaluate_events
from tahkim.errors import InputError, UsageError
from tahkim.model import Corpus
from tahkim.schema import Schema
from tahkim.workflow.settle import schema_for

if TYPE_CHECKING:
    from tahkim.agreement.report import Agreement

Record = dict[str, Any]
GOLD = "gold"
"""The annotator of gold."""


def evaluate(
    gold: Corpus,
    predicted: Corpus,
    annotator: str | None = None,
    pred_annotator: str | None = None,
    *,
    common: bool = False,
    events: bool = False,
    schema: Path | None = None,
) -> Record:
    """Precision, recall and F1 of one reading against gold; with `events` also of events and their slots.

    `annotator` chooses a reading of gold where it holds several, else one of the prediction; `pred_annotator` one of
    the prediction where both hold several.
    """
    one_gold = len({a.annotator for a in gold.annotations}) <= 1
    gold = choose(gold, annotator, "gold")
    chosen = pred_annotator or (annotator if one_gold else None)
    predicted = choose(predicted, chosen, "the prediction", "--pred-annotator")
    known = schema_for(schema)
    figures = evaluate_corpus(gold, predicted, common=common, schema=known)
    if events:
        figures["events"] = evaluate_events(gold, predicted, known, common=common)
    return figures


def agree(
    corpus: Corpus,
    schema: Schema,
    measures: Sequence[str] | None = None,
    by: Sequence[str] = (),
    chosen: str | None = None,
) -> Agreement:
    """Agreement of people with each other, the rules, gold and a chosen one; see `tahkim.agreement.report.agree`."""
    from tahkim.agreement.report import agree as agree_corpus

    return agree_corpus(corpus, schema, measures=measures, by=by, chosen=chosen)


def with_gold(corpus: Corpus, gold: Corpus) -> Corpus:
    """The corpus with the readings of `gold` as gold, in place of any gold it has.

    Readings of other documents are left out. UsageError where `gold` holds several annotators and none of them is
    `gold`, or none of these documents; InputError where a text differs.
    """
    several = len({reading.annotator for reading in gold.annotations}) > 1
    one = choose(gold, GOLD, "the gold file") if several else gold
    shared = [reading for reading in one.annotations if reading.doc_id in corpus.documents]
    if not shared:
        raise UsageError("gold has none of the documents that were annotated: name the gold of these documents")
    for reading in shared:
        if one.documents[reading.doc_id].text != corpus.documents[reading.doc_id].text:
            raise InputError(f"{reading.doc_id}: gold has another text than the annotations; compare like with like")
    people = [reading for reading in corpus.annotations if reading.annotator != GOLD]
    return replace(corpus, annotations=(*people, *(replace(reading, annotator=GOLD) for reading in shared)))


def simulate(annotations: Corpus, gold: Corpus, settings: Settings, schema: Path | None, *, seed: int = 0) -> Record:
    """The effort-quality curves of deciding as gold does; see `tahkim.adjudicate.simulation.simulate`."""
    from tahkim.adjudicate.simulation import simulate as simulate_corpus

    one = choose(gold, GOLD, "the gold file") if len({a.annotator for a in gold.annotations}) > 1 else gold
    return simulate_corpus(annotations, one, settings, schema_for(schema), seed=seed)


def picture(simulated: Record) -> str:
    """The curves of `simulate` as one SVG file."""
    from tahkim.report.curves import render_curves

    return render_curves(simulated)


REPORTED = ("label", "annotator", "month", "week")
"""What a report breaks figures down by."""


def report(corpus: Corpus, schema: Schema, language: str = "en", chosen: str | None = None) -> str:
    """Agreement as one HTML page in English (`en`) or Arabic (`ar`); see `tahkim.report.render`."""
    from tahkim.report import check_language, render

    check_language(language)
    return render(agree(corpus, schema, by=REPORTED, chosen=chosen), corpus, schema, language)


HEADLINE = ("span_f1_exact", "alpha", "relation_f1_strict")
"""What a release and its card say of agreement; the whole is in `tahkim agree`."""


def headline(corpus: Corpus, schema: Schema) -> dict[str, Record]:
    """The few figures a release carries, people with each other: over all, and by arm where there are several."""
    figures = agree(corpus, schema, ("span_f1", "alpha", "relation_f1")).figures
    wanted = [f for f in figures if f.of == "humans" and f.measure in HEADLINE and f.pair is None and f.label is None]
    return {f"{f.measure}{', ' + f.arm if f.arm else ''}": f.to_json() for f in wanted}
