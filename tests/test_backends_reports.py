"""The real reports with their three annotators go through each tool and come back as they were."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tahkim import schema as schemas
from tahkim.backends import connect
from tahkim.backends.desks import Item, Setting, outside, within
from tahkim.backends.files import read_annotations
from test_backends_contract import said
from tools import access_to

FULL = Setting(schemas.load(), "full")


@pytest.mark.parametrize("tool", ["label-studio", "doccano"])
def test_real_readings_go_in_by_their_annotators_and_come_back(
    tool: str, request: pytest.FixtureRequest, shared_data: Path, project_id: str
) -> None:
    corpus = read_annotations(shared_data / "report_annotations.jsonl")
    server = request.getfixturevalue(f"{tool.replace('-', '_')}_server")
    with closing(connect(access_to(server))) as backend:
        for name in sorted({a.annotator for a in corpus.annotations}):
            whole = [a for a in corpus.annotations if a.annotator == name]
            mine = [within(a, FULL, backend.holds_attributes) for a in whole]
            # What the tool has no place for is listed: each attribute in doccano, nothing in Label Studio.
            lost = [line for a, kept in zip(whole, mine, strict=True) for line in outside(a, kept, backend.holds_keys)]
            marks = [mark for a in whole for mark in (*a.spans, *a.relations)]
            given = sum(len(mark.attributes) for mark in marks) + sum(len(a.attributes) for a in whole)
            assert len(lost) == (0 if backend.holds_attributes else given)
            account = backend.account(name, None)
            desk = backend.open(project_id, f"reports: {name}", name, account, FULL)
            backend.add(desk, [Item(corpus.documents[a.doc_id]) for a in mine], FULL, account)
            # One mark after the other, as a person works: in doccano a request for each of 2,583 marks.
            for annotation in mine:
                backend.submit(desk, Item(corpus.documents[annotation.doc_id], None, annotation), FULL, account)
            found = {reading.document.id: reading for reading in backend.readings(desk, FULL)}
            assert found.keys() == {annotation.doc_id for annotation in mine}
            for annotation in mine:
                reading = found[annotation.doc_id]
                assert (reading.problems, reading.document.text) == ((), corpus.documents[annotation.doc_id].text)
                assert said(reading.annotation, backend.holds_attributes) == said(annotation, backend.holds_attributes)
            backend.remove(desk)
        # All of them at once, as when a project moves.
        desk = backend.open(project_id, "reports: all", "all", backend.admin, FULL)
        for name in ("annotator_a", "annotator_d"):
            work = [within(a, FULL, backend.holds_attributes) for a in corpus.annotations if a.annotator == name]
            items = [Item(corpus.documents[a.doc_id], None, a) for a in work]
            backend.add(desk, items, FULL, backend.admin)
            found = {reading.document.id: reading for reading in backend.readings(desk, FULL)}
            for annotation in work:
                came = found[annotation.doc_id].annotation
                assert said(came, backend.holds_attributes) == said(annotation, backend.holds_attributes)
        backend.remove(desk)
