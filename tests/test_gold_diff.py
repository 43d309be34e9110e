"""What changed between two releases, by document, label and cause."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from project_of import done, sample_project
from tahkim.adjudicate.strategies import Settings
from tahkim.clock import now
from tahkim.errors import ReleaseError
from tahkim.gold.diff import diff
from tahkim.gold.reading import Gold, load_gold
from tahkim.interchange import identified
from tahkim.model import Annotation, Decision
from tahkim.project import Project
from tahkim.workflow import publish, settle

MAJORITY = Settings("majority")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with sample_project(tmp_path / "project") as opened:
        yield opened


def test_a_release_does_not_differ_from_itself(project: Project) -> None:
    folder, _ = publish.release(project, "v1", MAJORITY, by="lamis")
    found = publish.diff(folder, folder)
    assert (found["changes"], found["labels"], found["causes"]) == ([], {}, {})
    assert found["documents"]["unchanged"] == 12


def test_decisions_and_new_readings_are_told_apart(project: Project) -> None:
    before, _ = publish.release(project, "v1", MAJORITY, by="lamis")
    readings = {(a.doc_id, a.annotator): a for a in project.store.annotations()}
    # Two of three take a place away from s01; the lead adds a relation's end to s05.
    for annotator in ("amal", "basim"):
        reading = readings["s01", annotator]
        gone = {span.id for span in reading.spans if span.label == "LOC"}
        kept = tuple(r for r in reading.relations if r.head not in gone and r.tail not in gone)
        changed = replace(reading, spans=tuple(s for s in reading.spans if s.id not in gone), relations=kept)
        project.store.add_annotations([changed], {"file": "new"}, now())
    text = project.store.document("s05").text
    start = text.index("أمام")
    choice = {"start": start, "end": start + 4, "label": "LOC"}
    settle.decide(project, [identified(Decision(doc_id="s05", of="new", choice=choice, by="lamis", at=now()))])
    after, _ = publish.release(project, "v2", MAJORITY, by="lamis")
    found = publish.diff(before, after)
    assert found["documents"]["changed"] == ["s01", "s05"]
    assert found["documents"]["unchanged"] == 10
    spans = [change for change in found["changes"] if change["of"] == "span"]
    assert {(c["doc_id"], c["what"], c["label"], c["cause"]) for c in spans} == {
        ("s01", "removed", "LOC", "annotations"),
        ("s05", "added", "LOC", "decision"),
    }
    assert found["causes"]["decision"] == {"added": 1}
    gone_arcs = {c["label"] for c in found["changes"] if c["of"] == "relation"}
    assert gone_arcs <= {"place", "located_in"}
    assert gone_arcs


def test_settings_explain_what_they_change(project: Project) -> None:
    before, _ = publish.release(project, "v1", MAJORITY, by="lamis")
    after, _ = publish.release(project, "v2", Settings("unanimous"), by="lamis", partial=True)
    found = publish.diff(before, after)
    assert found["documents"]["added"] == [
        {"doc_id": doc_id, "why": "open conflicts"} for doc_id in ("s03", "s09", "s10", "s11")
    ]
    assert "settings" in found["causes"]
    assert "annotations" not in found["causes"]
    back = publish.diff(after, before)
    assert back["documents"]["removed"] == [
        {"doc_id": d, "why": "open conflicts"} for d in ("s03", "s09", "s10", "s11")
    ]


def gold_of(*annotations: Annotation) -> Gold:
    manifest = {"name": "x", "settings": {}, "tahkim": "1", "schema": "1", "left_out": []}
    from tahkim.interchange import encode
    from tahkim.model import Document

    return Gold([encode(a, Document(id=a.doc_id, text="قصف على بلدة الهول")) for a in annotations], manifest)


def test_moved_relabelled_and_attributes_are_told_apart_and_arcs_follow_their_units() -> None:
    from reading import reading, relation, span

    before = reading("gold", [span("a", 0, 3, "SHELLING"), span("b", 8, 18, "LOC"), span("c", 4, 7, "TIME")],
                     [relation("r", "place", "a", "b")])  # fmt: skip
    after = reading("gold", [span("x", 0, 3, "AIRSTRIKE"), span("y", 13, 18, "LOC"), span("z", 4, 7, "TIME", rel="x")],
                    [relation("q", "place", "x", "y", certainty="hedged")])  # fmt: skip
    found = diff(gold_of(before), gold_of(after))
    assert [(c["of"], c["what"], c["label"]) for c in found["changes"]] == [
        ("span", "relabelled", "AIRSTRIKE"),
        ("span", "attributes", "TIME"),
        ("span", "moved", "LOC"),
        ("relation", "attributes", "place"),
    ]


def test_gold_without_a_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text("")
    with pytest.raises(ReleaseError) as error:
        diff(load_gold(tmp_path), load_gold(tmp_path))
    assert str(error.value) == ("a release without manifest.json cannot be compared: name the folders of two releases")


def test_a_manifest_of_something_else_is_refused() -> None:
    with pytest.raises(ReleaseError, match="without settings, tahkim, schema, left_out is none of tahkim's"):
        diff(Gold([], {"name": "a"}), Gold([], {"name": "b"}))


def test_the_command_line_prints_it(project: Project) -> None:
    one, _ = publish.release(project, "v1", MAJORITY, by="lamis")
    other, _ = publish.release(project, "v2", Settings("union"), by="lamis")
    shown = done("diff", one, other)
    assert "v1 → v2: " in shown.stderr
    assert ("by cause" in shown.stdout, "by document" in shown.stdout) == (True, True)
    told = publish.diff(one, other)["by_document"]
    for doc_id, counts in told.items():
        assert re.search(rf"^ +{doc_id} .*{counts['added']}" if "added" in counts else doc_id, shown.stdout, re.M)
    assert json.loads(done("diff", one, other, "--json", "-").stdout) == publish.diff(one, other)
