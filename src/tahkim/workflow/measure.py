"""Measures: one reading against gold, and annotators against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tahkim.agreement.evaluate import choose
from tahkim.agreement.evaluate import evaluate as evaluate_corpus
from tahkim.model import Corpus
from tahkim.workflow.settle import schema_for

Record = dict[str, Any]


def evaluate(gold: Corpus, predicted: Corpus, annotator: str | None, common: bool, schema: Path | None) -> Record:
    """Precision, recall and F1 of one reading against gold; `annotator` chooses one where gold holds several."""
    chosen = choose(gold, annotator, "gold")
    return evaluate_corpus(chosen, predicted, common=common, schema=schema_for(schema))
