"""Finished documents and their audit: what is drawn, what is counted, and that intervals cover."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from scipy.stats import binomtest

from project_of import done, run, sample_project
from reading import reading, relation, span
from tahkim.adjudicate.strategies import Settings
from tahkim.backends.files import read_annotations
from tahkim.errors import InputError, UsageError
from tahkim.gold.audit import Drawn, Finished, Rate, Read, Target, draw, rate, rates, size, target
from tahkim.model import Corpus
from tahkim.project import Project
from tahkim.workflow import audit as auditing
from tahkim.workflow import publish

MAJORITY = Settings("majority")
DOCUMENTS = [Finished(f"d{n:03}", ("shown, settled", "blind, unanimous")[n % 3 == 0], 20) for n in range(300)]


# The sample.


@pytest.mark.parametrize("said", ["0", "0%", "101%", "60", "many", "-3", "5 %%"])
def test_sizes_that_are_none_are_refused(said: str) -> None:
    with pytest.raises(UsageError) as error:
        target(said)
    assert str(error.value) == f"--audit {said}: give a share such as 5%, or a half-width in points such as 3"


def test_a_share_is_a_share_and_a_half_width_asks_for_marks() -> None:
    assert size(DOCUMENTS, Target(share=0.1)) == 30
    # 1.96² · 0.1 · 0.9 / 0.03² · 1.5 = 576 marks a half, 57.6 documents for both, 48.3 of 300.
    assert size(DOCUMENTS, Target(half_width=0.03)) == 49
    assert size(DOCUMENTS, Target(half_width=0.001)) > 295
    assert size(DOCUMENTS[:3], Target(share=0.01)) == 3


def test_strata_are_in_proportion_and_half_is_blind() -> None:
    drawn = draw(DOCUMENTS, Target(share=0.1), seed=4)
    assert Counter(d.stratum for d in drawn) == {"shown, settled": 20, "blind, unanimous": 10}
    assert Counter((d.stratum, d.arm) for d in drawn)["shown, settled", "blind"] == 10
    assert Counter(d.arm for d in drawn) == {"blind": 15, "checked": 15}
    assert len({d.doc_id for d in drawn}) == 30


def test_the_seed_decides_and_the_order_does_not() -> None:
    drawn = draw(DOCUMENTS, Target(share=0.1), seed=4)
    assert draw(DOCUMENTS[::-1], Target(share=0.1), seed=4) == drawn
    assert draw(DOCUMENTS, Target(share=0.1), seed=5) != drawn


# The rates.


def read(arm: Any, gold: list[Any], lead: list[Any], arcs: tuple[list[Any], list[Any]] = ([], [])) -> Read:
    return Read(Drawn("d1", "s", arm), reading("gold", gold, arcs[0]), reading("lamis", lead, arcs[1]))


A, B, C = span("a", 0, 4, "LOC"), span("b", 5, 9, "LOC"), span("c", 10, 14, "TIME")


def test_commission_is_counted_where_the_lead_checked_and_omission_where_blind() -> None:
    found = rates([read("checked", [A, B], [A]), read("blind", [A], [A, B, C])], {"s": 10})
    assert (found["commission, spans"].value, found["commission, spans"].of) == (0.5, 2)
    assert (found["omission, spans"].value, found["omission, spans"].of) == (0.666667, 3)
    assert found["commission, relations"] == Rate(None, None, None, 0)


def test_a_moved_or_relabelled_span_is_an_error_and_its_relations_too() -> None:
    arc = relation("r", "place", "a", "b")
    moved = replace(B, end=8)
    found = rates([read("checked", [A, B], [A, moved], ([arc], [arc]))], {"s": 1})
    assert found["commission, spans"].value == 0.5
    assert found["commission, relations"].value == 1


def test_without_any_error_the_interval_is_the_exact_one() -> None:
    found = rate([("s", 0, 20), ("s", 0, 30)], {"s": 100})
    exact = binomtest(0, 50).proportion_ci(method="exact")
    assert (found.value, found.low, found.high) == (0, 0, pytest.approx(exact.high, abs=1e-6))


def test_errors_heaped_in_one_document_widen_the_interval() -> None:
    spread = rate([("s", 1, 10)] * 10, {"s": 1000})
    heaped = rate([("s", 10, 10), *[("s", 0, 10)] * 9], {"s": 1000})
    assert spread.value == heaped.value == 0.1
    assert (heaped.low or 0) < (spread.low or 0)
    assert (heaped.high or 1) > (spread.high or 1)


def test_strata_weigh_by_their_number_of_documents() -> None:
    found = rate([("a", 5, 10), ("a", 5, 10), ("b", 0, 10), ("b", 0, 10)], {"a": 10, "b": 90})
    assert found.value == 0.05
    lone = rate([("a", 5, 10), ("b", 0, 10)], {"a": 10, "b": 90})
    assert lone.value == 0.25


def test_intervals_cover_the_rate_they_are_of() -> None:
    """1,000 samples of 40 from 400 documents of two strata whose errors come in clumps: true rate about 8 %."""
    source = random.Random(3)
    population = []
    for number in range(400):
        stratum, base = ("a", 0.03) if number % 2 else ("b", 0.13)
        marks = source.randint(5, 40)
        share = min(1, base * source.expovariate(1))
        population.append((stratum, sum(source.random() < share for _ in range(marks)), marks))
    truth = sum(y for _, y, _ in population) / sum(x for _, _, x in population)
    hits = 0
    for _ in range(1000):
        chosen = [each for name in "ab" for each in source.sample([p for p in population if p[0] == name], 20)]
        found = rate(chosen, {"a": 200, "b": 200})
        hits += (found.low or 0) <= truth <= (found.high or 1)
    assert 0.05 < truth < 0.11
    assert 930 <= hits <= 990


# In a project.


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with sample_project(tmp_path / "project") as opened:
        yield opened


def sampled(project: Project, tmp_path: Path) -> tuple[auditing.Sample, Corpus]:
    sample = auditing.draw_sample(project, MAJORITY, "60%", tmp_path / "audit.jsonl", by="lamis")
    return sample, read_annotations(tmp_path / "audit.jsonl")


def test_what_has_nothing_open_is_finished(project: Project) -> None:
    state = auditing.finish(project, MAJORITY)
    assert (len(state["finished"]), state["open"], state["missing"]) == (12, ["s03", "s09", "s10", "s11"], [])


def test_the_sample_shows_the_gold_only_where_it_is_to_be_checked(project: Project, tmp_path: Path) -> None:
    sample, corpus = sampled(project, tmp_path)
    assert (len(sample.drawn), sum(sample.finished.values())) == (8, 12)
    arms = {drawn.doc_id: drawn.arm for drawn in sample.drawn}
    for annotation in corpus.annotations:
        assert (annotation.annotator, annotation.status) == ("lamis", "draft")
        assert (annotation.started_from == "gold") == (arms[annotation.doc_id] == "checked")
        assert not annotation.spans or arms[annotation.doc_id] == "checked"
        assert all(span.how is None and span.support is None for span in annotation.spans)


def test_a_second_sample_has_other_documents(project: Project, tmp_path: Path) -> None:
    first, _ = sampled(project, tmp_path)
    second = auditing.draw_sample(project, MAJORITY, "100%", tmp_path / "more.jsonl", by="lamis")
    assert not {d.doc_id for d in first.drawn} & {d.doc_id for d in second.drawn}
    read = {drawn.doc_id for drawn in first.drawn[:2]}
    gold = [reading("lamis", doc_id=doc_id) for doc_id in sorted(read)]
    auditing.take_readings(project, Corpus(project.store.corpus().documents, tuple(gold)), by="lamis")
    found = auditing.audit(project, list(project.store.entries()))
    assert found is not None and (found["sample"], found["documents"]) == (1, 2)
    with pytest.raises(UsageError, match="nothing to audit"):
        auditing.draw_sample(project, MAJORITY, "5%", tmp_path / "third.jsonl", by="lamis")
    assert not (tmp_path / "third.jsonl").exists()


def test_readings_measure_and_do_not_vote(project: Project, tmp_path: Path) -> None:
    sample, corpus = sampled(project, tmp_path)
    before, _ = publish.release(project, "v1", MAJORITY, by="lamis")
    gold = {record["doc_id"]: record for record in map(json.loads, (before / "gold.jsonl").read_text().splitlines())}
    readings = []
    for drawn in sample.drawn:
        if gold[drawn.doc_id]["spans"]:
            whole = read_annotations(before / "gold.jsonl")
            annotation = next(a for a in whole.annotations if a.doc_id == drawn.doc_id)
            gone = annotation.spans[0].id
            kept = tuple(r for r in annotation.relations if gone not in (r.head, r.tail))
            readings.append(
                replace(annotation, annotator="lamis", spans=annotation.spans[1:], relations=kept, extra={})
            )
    checked = [d for d in sample.drawn if d.arm == "checked" and gold[d.doc_id]["spans"]]
    told = auditing.take_readings(project, Corpus(corpus.documents, tuple(readings)), by="lamis")
    assert told["read"] == len(readings)
    found = auditing.audit(project, list(project.store.entries()))
    assert found is not None
    commission, omission = found["figures"]["commission, spans"], found["figures"]["omission, spans"]
    assert commission["of"] == sum(len(gold[d.doc_id]["spans"]) for d in checked)
    assert commission["low"] < commission["value"] < commission["high"]
    assert omission["value"] == 0
    after, written = publish.release(project, "v2", MAJORITY, by="lamis")
    assert (after / "gold.jsonl").read_bytes() == (before / "gold.jsonl").read_bytes()
    assert written["audit"]["figures"] == found["figures"]
    assert "A lead read" in (after / "DATASET_CARD.md").read_text()
    assert "Not audited" in (before / "DATASET_CARD.md").read_text()
    assert publish.verify(before, project) == publish.verify(after, project) == []


def test_documents_that_are_not_in_the_sample_are_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as none:
        auditing.take_readings(project, project.store.corpus(), by="lamis")
    assert str(none.value) == "no sample was drawn yet: `tahkim finish --audit 3 --output audit.jsonl`"
    sample, _ = sampled(project, tmp_path)
    other = next(d for d in project.store.documents() if d.id not in {drawn.doc_id for drawn in sample.drawn})
    foreign = Corpus({other.id: other}, (reading("lamis", doc_id=other.id),))
    with pytest.raises(InputError) as error:
        auditing.take_readings(project, foreign, by="lamis")
    assert str(error.value) == f"document {other.id} is in no audit sample"


def test_on_the_command_line(project: Project, tmp_path: Path) -> None:
    there, file = project.folder, tmp_path / "audit.jsonl"
    said = done("finish", "--audit", "50%", "--output", file, "--by", "lamis", "--project", there)
    assert "12 documents are finished, 4 have open conflicts, 0 nobody submitted" in said.stderr
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    file.write_text("".join(json.dumps(line | {"status": "submitted"}) + "\n" for line in lines[:4]))
    shown = done("audit", file, "--by", "lamis", "--project", there)
    assert "4 of 6 documents read, of 12 finished" in shown.stdout
    assert done("audit", file, "--by", "lamis", "--project", there).stdout == shown.stdout
    other = [line | {"status": "submitted", "spans": [], "relations": []} for line in lines if line["spans"]][:1]
    file.write_text("".join(json.dumps(line) + "\n" for line in other))
    refused = run("audit", file, "--by", "lamis", "--project", there)
    assert (refused.returncode, "says something else" in refused.stderr) == (1, True)
