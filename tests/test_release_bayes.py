"""Releases merged by bayes: the model is in them, the text has no say in test splits, soft labels are posteriors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from project_of import sample_project
from tahkim.adjudicate.strategies import Settings
from tahkim.clock import now
from tahkim.gold.reading import load_gold
from tahkim.gold.splits import Shares
from tahkim.project import Project
from tahkim.workflow import publish, settle

BAYES = Settings("bayes")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with sample_project(tmp_path / "project") as opened:
        yield opened


def how(folder: Path, split: str) -> set[str]:
    return {mark["how"] for record in load_gold(folder).split(split) for mark in record["spans"]}


def test_the_model_is_in_the_release_without_names(project: Project) -> None:
    folder, manifest = publish.release(project, "v1", BAYES, by="lamis", partial=True)
    assert "model.json" in manifest["files"]
    model = json.loads((folder / "model.json").read_bytes())
    people = [name for name in model["annotators"] if not name.startswith("rules")]
    assert len(people) == 3
    assert sorted(people) == sorted(manifest["annotators"])
    assert people == sorted(people)
    for path in folder.rglob("*"):
        if path.is_file():
            assert not [name for name in ("amal", "basim", "huda", "lamis") if name.encode() in path.read_bytes()]
    assert publish.verify(folder, project) == []


def test_other_strategies_have_no_model(project: Project) -> None:
    folder, _ = publish.release(project, "v1", Settings("majority"), by="lamis")
    assert not (folder / "model.json").exists()


def test_the_text_has_no_say_in_the_test_split(project: Project) -> None:
    features = replace(BAYES, features=True)
    shares = Shares(0.4, 0.2, 0.4)
    folder, _ = publish.release(project, "v1", features, by="lamis", partial=True, shares=shares)
    assert publish.verify(folder, project) == []
    test = load_gold(folder).split("test")
    assert len(test) >= 4
    assert "bayes+features" not in how(folder, "test")
    plain, _ = settle.merge(project.store.corpus(), BAYES, project.schema, settle.decisions(project))
    taken = {m.document.id: [(s.start, s.end, s.label) for s in m.gold_spans] for m in plain}
    for record in test:
        assert [(s["start"], s["end"], s["label"]) for s in record["spans"]] == taken[record["doc_id"]]


def places(folder: Path) -> list[dict[str, Any]]:
    lines = [line for path in sorted((folder / "soft").glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [place for line in lines for place in json.loads(line)["places"]]


@pytest.mark.parametrize("settings", [BAYES, Settings("majority")])
def test_soft_labels_of_spans_sum_to_one_and_are_posteriors_where_there_are_some(
    project: Project, settings: Settings
) -> None:
    folder, _ = publish.release(project, "v1", settings, by="lamis", partial=True, formats=["soft"])
    spans = [place for place in places(folder) if place["of"] == "span"]
    assert len(spans) > 200
    for place in spans:
        assert sum(c["share"] for c in place["candidates"]) + place["nothing"] == pytest.approx(1, abs=1e-5)
    by = {place["by"] for place in spans}
    assert by == ({"votes"} if settings.strategy == "majority" else {"bayes", "votes"})


def test_what_a_refit_flipped_is_told_apart(project: Project) -> None:
    """A new reading of one document changes what is believed of its annotator, and so the gold of others."""
    before, _ = publish.release(project, "v1", BAYES, by="lamis", partial=True)
    readings = {(a.doc_id, a.annotator): a for a in project.store.annotations()}
    for doc_id in ("s01", "s02", "s04", "s05", "s06"):
        empty = replace(readings[doc_id, "basim"], spans=(), relations=())
        project.store.add_annotations([empty], {"file": "new"}, now())
    after, _ = publish.release(project, "v2", BAYES, by="lamis", partial=True)
    found = publish.diff(before, after)
    touched = {"s01", "s02", "s04", "s05", "s06"}
    elsewhere = {c["cause"] for c in found["changes"] if c["doc_id"] not in touched}
    assert elsewhere == {"refit"}
