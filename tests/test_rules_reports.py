"""The extractor against people on real reports, where there are some beside the checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tahkim.agreement.evaluate import evaluate
from tahkim.backends.files import read_annotations, read_documents
from tahkim.model import Corpus
from tahkim.rules import annotate, load
from tahkim.schema import load as load_schema

LEAST = {"strict": 0.80, "overlap": 0.88, "soft": 0.60}


@cache
def figures(shared: Path) -> list[dict[str, Any]]:
    """The evaluation against each annotator."""
    people = read_annotations(shared / "report_annotations.jsonl")
    rules = load()
    found = {doc_id: annotate(document, rules) for doc_id, document in people.documents.items()}
    results = []
    for name in sorted({annotation.annotator for annotation in people.annotations}):
        own = tuple(annotation for annotation in people.annotations if annotation.annotator == name)
        documents = {annotation.doc_id: people.documents[annotation.doc_id] for annotation in own}
        predicted = Corpus(documents=documents, annotations=tuple(found[doc_id] for doc_id in documents))
        gold = Corpus(documents=documents, annotations=own)
        results.append(evaluate(gold, predicted, schema=load_schema()))
    return results


def test_spans_and_relations_reach_the_figures(shared_data: Path) -> None:
    for result in figures(shared_data):
        assert result["spans"]["strict"]["f1"] >= LEAST["strict"]
        assert result["spans"]["overlap"]["f1"] >= LEAST["overlap"]
        assert result["relations"]["soft"]["f1"] >= LEAST["soft"]


@pytest.mark.parametrize("doc_id", ["r36", "r37"])
def test_reports_of_other_news_have_no_event(shared_data: Path, doc_id: str) -> None:
    documents = {document.id: document for document in read_documents(shared_data / "reports.jsonl")}
    assert annotate(documents[doc_id], load()).attributes == {"no_event": True}
