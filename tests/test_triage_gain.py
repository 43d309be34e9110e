"""Which conflict first, and what a simulated lead makes of it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from commands import run
from crowd import Skill, crowd
from reading import corpus, reading, relation, span
from tahkim import schema as schemas
from tahkim.adjudicate.conflicts import conflicts
from tahkim.adjudicate.merge import learn, merge
from tahkim.adjudicate.simulation import simulate
from tahkim.adjudicate.strategies import Settings
from tahkim.adjudicate.triage import F1, by_document, gain
from tahkim.backends.files import write_lines
from tahkim.demo import SAMPLE
from tahkim.errors import InputError
from tahkim.interchange import encode
from tahkim.model import Corpus
from tahkim.workflow.settle import schema_for

SCHEMA = replace(schemas.load(), overlap_allowed=True)
SKILLS = {
    "amal": Skill(recall=0.8),
    "basim": Skill(recall=0.8),
    "huda": Skill(recall=0.6, label=0.7, invents=0.1),
    "nur": Skill(recall=0.4, label=0.5, invents=0.2),
}


def test_gain_counts_what_f1_would_gain() -> None:
    assert gain({"LOC": 0.6, "ORG": 0.3}, "LOC") == pytest.approx(2 * 0.3 + F1 * 0.1)
    assert gain({"LOC": 0.2, "ORG": 0.1}, None) == pytest.approx((2 - F1) * 0.3)
    assert gain({"LOC": 1.0}, "LOC") == 0


def test_what_hangs_on_a_conflict_makes_it_more_pressing() -> None:
    marks = [span("a", 10, 14, "AIRSTRIKE"), span("b", 20, 24, "LOC"), span("c", 30, 34, "LOC")]
    tied = [relation("r", "target", "a", "b"), relation("q", "place", "a", "b")]
    annotations = corpus(reading("amal", marks, tied), reading("basim"))
    (document,) = merge(annotations, Settings("unanimous"), SCHEMA)
    spans = [c for c in conflicts(document) if c["of"] == "span"]
    assert [(c["place"]["start"], c["priority"]) for c in spans] == [(10, 3), (20, 3), (30, 1)]


def test_beliefs_order_the_queue_of_any_strategy() -> None:
    annotations, _ = crowd(SKILLS, n_documents=20)
    beliefs = learn(annotations, Settings("bayes", features=True), SCHEMA, {}).documents
    for document in merge(annotations, Settings("majority"), SCHEMA):
        found = conflicts(document, beliefs[document.document.id])
        priorities = [c["priority"] for c in found]
        assert priorities == sorted(priorities, reverse=True)
        assert {c["key"] for c in found} == {c["key"] for c in conflicts(document)}


def test_a_document_at_a_time() -> None:
    found = [
        {"doc_id": "a", "priority": 2},
        {"doc_id": "b", "priority": 1.5},
        {"doc_id": "a", "priority": 3},
        {"doc_id": "b", "priority": 5},
    ]
    assert [(c["doc_id"], c["priority"]) for c in by_document(found)] == [("b", 5), ("b", 1.5), ("a", 3), ("a", 2)]


def test_curves_begin_and_end_alike_and_ours_rises_first() -> None:
    annotations, gold = crowd(SKILLS, n_documents=40)
    result = simulate(annotations, gold, Settings("majority"), SCHEMA)
    curves = result["curves"]
    assert {len(curve) for curve in curves.values()} == {result["conflicts"] + 1}
    assert len({curve[0] for curve in curves.values()}) == 1
    assert len({curve[-1] for curve in curves.values()}) == 1
    assert curves["gain"][-1] > curves["gain"][0] + 0.02
    first = result["first"]["gain"]
    assert first["gain"] > 1.3 * first["random"]
    assert simulate(annotations, gold, Settings("majority"), SCHEMA) == result


def test_relations_count_and_follow_their_spans() -> None:
    annotations, gold = crowd(SKILLS, n_documents=20)
    everything = simulate(annotations, gold, Settings("unanimous"), SCHEMA)["curves"]["gain"]
    without = Corpus(annotations.documents, tuple(replace(a, relations=()) for a in annotations.annotations))
    assert everything[-1] > simulate(without, gold, Settings("unanimous"), SCHEMA)["curves"]["gain"][-1] + 0.02


def test_simulation_needs_gold_for_every_document() -> None:
    annotations, gold = crowd(SKILLS, n_documents=3)
    part = Corpus(gold.documents, gold.annotations[1:])
    with pytest.raises(InputError) as error:
        simulate(annotations, part, Settings("majority"), SCHEMA)
    assert str(error.value) == "gold has no reading of d000: simulate needs gold for every document"


def test_the_queue_is_in_the_order_of_expected_gain(capsys: pytest.CaptureFixture[str]) -> None:
    """Of the beliefs of bayes, whatever the strategy; a document at a time where that is asked for."""
    file = ("--input", SAMPLE / "annotations.jsonl")
    queue = json.loads(run(capsys, "queue", *file, "--json", "-").out)
    gains = [conflict["priority"] for conflict in queue]
    assert len(gains) > 20
    assert gains == sorted(gains, reverse=True)
    assert len(set(gains)) > len(gains) / 2  # not votes alone
    grouped = json.loads(run(capsys, "queue", *file, "--by-document", "--json", "-").out)
    assert sorted(c["key"] for c in grouped) == sorted(c["key"] for c in queue)
    switches = sum(one["doc_id"] != other["doc_id"] for one, other in pairwise(grouped))
    assert switches == len({c["doc_id"] for c in grouped}) - 1
    shown = run(capsys, "queue", *file, "--limit", 2)
    assert shown.err == f"2 of {len(queue)} open conflicts\n"


def test_what_one_annotator_did_leaves_nothing_to_decide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    annotations, gold = crowd({"amal": Skill()}, n_documents=3)
    for name, of in (("annotations.jsonl", annotations), ("gold.jsonl", gold)):
        write_lines(tmp_path / name, (encode(a, of.documents[a.doc_id]) for a in of.annotations))
    assert run(capsys, "queue", "--input", tmp_path / "annotations.jsonl").err == "no open conflicts\n"
    files = ("--input", tmp_path / "annotations.jsonl", "--gold", tmp_path / "gold.jsonl")
    assert run(capsys, "simulate", *files, "--picture", tmp_path / "c.svg").code == 0
    assert ElementTree.parse(tmp_path / "c.svg").getroot().tag.endswith("svg")


def test_simulate_writes_its_curves_as_table_json_and_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    annotations, gold = crowd(SKILLS, n_documents=10)
    for name, of in (("annotations.jsonl", annotations), ("gold.jsonl", gold)):
        write_lines(tmp_path / name, (encode(a, of.documents[a.doc_id]) for a in of.annotations))
    files = ("--input", tmp_path / "annotations.jsonl", "--gold", tmp_path / "gold.jsonl")
    done = run(capsys, "simulate", *files, "--json", tmp_path / "c.json", "--picture", tmp_path / "c.svg")
    assert done.code == 0
    found = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert found == simulate(annotations, gold, Settings("majority"), schema_for(None))
    assert f"{found['curves']['gain'][0]:.3f}" in done.out
    drawing = ElementTree.parse(tmp_path / "c.svg").getroot()
    paths = [path.get("d", "") for path in drawing.iter("{http://www.w3.org/2000/svg}path")]
    curves = [path for path in paths if path.count("L") == found["conflicts"]]
    assert len(curves) == len(found["curves"]) == 3
