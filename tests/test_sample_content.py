"""The sample project holds what it promises: reports of every kind, readings that differ, decisions that fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

import tahkim
from tahkim import schema
from tahkim.adjudicate.conflicts import conflicts
from tahkim.adjudicate.merge import merge
from tahkim.adjudicate.strategies import Settings
from tahkim.agreement.align import align, differences, lift, match_triples, unit_of_span
from tahkim.backends.files import read_annotations, read_decisions, read_documents, validate
from tahkim.guideline import load as load_guideline
from tahkim.model import Annotation, Document, Span

FOLDER = Path(tahkim.__file__).parent / "sample"
DOCUMENTS = {document.id: document for document in read_documents(FOLDER / "reports.jsonl")}
CORPUS = read_annotations(FOLDER / "annotations.jsonl")
READINGS = {(a.doc_id, a.annotator): a for a in CORPUS.annotations}
PEOPLE = ("amal", "basim", "huda")


def _annotator(doc_id: str, annotator: str) -> Annotation:
    return READINGS[doc_id, annotator]


def _surface(document: Document, span: Span) -> str:
    return document.text[span.start : span.end]


def _holding(part: str) -> set[str]:
    return {doc_id for doc_id, document in DOCUMENTS.items() if part in document.text}


def test_files_are_valid_under_the_schema() -> None:
    assert validate(FOLDER / "annotations.jsonl", schema.load()) == []


def test_texts_of_the_annotations_are_those_of_the_reports() -> None:
    assert CORPUS.documents == DOCUMENTS


def test_reports_have_the_length_and_the_source_of_reports() -> None:
    assert len(DOCUMENTS) == 16
    for document in DOCUMENTS.values():
        assert 350 <= len(document.text) <= 1100, document.id
        assert set(document.meta) == {"outlet", "published", "url"}
        assert document.meta["url"].startswith("https://example.org/")


@pytest.mark.parametrize("mark", ["“", "”", "«", "»", '"', "‘", "’"])
def test_every_kind_of_quotation_mark_stands_in_a_report(mark: str) -> None:
    assert _holding(mark)


def test_reports_hold_what_makes_arabic_text_hard() -> None:
    in_spans = {_surface(DOCUMENTS[a.doc_id], span) for a in CORPUS.annotations for span in a.spans}
    assert "بادية\u00a0المسرب" in in_spans, "a no-break space inside a name"
    assert "ميليشيا الحـوثي" in in_spans, "a tatweel inside a name"
    assert "لـ“المقاومة الشعبية”" in DOCUMENTS["s04"].text, "a tatweel between a proclitic and a quoted name"
    assert "🔴" in DOCUMENTS["s08"].text, "an emoji before the spans"
    assert {"ما لا يقل عن ١٢ مسلحاً", "١١ شخصاً", "٣"} <= in_spans, "Arabic-Indic digits"
    assert {"مسيّرات «شاهد-136»", "مسيّرة «بيرقدار»"} <= in_spans, "names of drones"
    assert {"جنديان", "طفلين", "راكبين", "صاروخين"} <= in_spans, "duals"
    assert {"بضعة جنود", "عشرات آخرون", "نحو عشرين مسافراً"} <= in_spans, "vague numbers"


def test_reports_hold_the_parts_that_are_never_marked() -> None:
    assert DOCUMENTS["s01"].text.startswith("الحسكة\n"), "a dateline"
    assert DOCUMENTS["s06"].text.startswith("كركوك، العراق (المدار 21) --\u00a0"), "a byline"
    read_also = DOCUMENTS["s01"].text.index("اقرأ أيضاً:")
    byline = DOCUMENTS["s06"].text.index("لقي")
    for who in PEOPLE:
        assert all(span.end < read_also for span in _annotator("s01", who).spans)
        assert all(span.start >= byline for span in _annotator("s06", who).spans)


def test_one_report_is_a_reprint_of_another_in_another_outlet() -> None:
    groups = Counter(document.group for document in DOCUMENTS.values() if document.group)
    assert groups == {"tall-tamr-strike": 2}
    first, second = DOCUMENTS["s01"], DOCUMENTS["s02"]
    assert first.group == second.group
    assert first.text != second.text
    assert first.meta["outlet"] != second.meta["outlet"]
    shared = set(first.text.split()) & set(second.text.split())
    assert len(shared) > 0.9 * len(set(second.text.split()))


def test_events_of_every_core_label_occur_and_two_reports_have_none() -> None:
    labels = {span.label for annotation in CORPUS.annotations for span in annotation.spans}
    assert labels == schema.load().profile("core").labels
    modes = {span.attributes.get("mode") for annotation in CORPUS.annotations for span in annotation.spans}
    assert {"assassination", "ied", "landmine", "vbied", "arrest", "abduction", "shooting"} <= modes
    without = {doc_id for doc_id in DOCUMENTS if _annotator(doc_id, "basim").attributes.get("no_event") is True}
    assert without == {"s12", "s13"}
    for doc_id in without:
        for who in PEOPLE:
            assert _annotator(doc_id, who).attributes == {"no_event": True}
            assert _annotator(doc_id, who).spans == ()


def test_who_did_what_and_who_did_not() -> None:
    given = {doc_id: {who for doc, who in READINGS if doc == doc_id} for doc_id in DOCUMENTS}
    assert {doc_id for doc_id, people in given.items() if people != set(PEOPLE)} == {"s14"}
    assert given["s14"] == {"basim"}
    unsubmitted = {key: a.status for key, a in READINGS.items() if a.status != "submitted"}
    assert unsubmitted == {("s09", "basim"): "skipped", ("s11", "huda"): "draft"}
    assert _annotator("s11", "huda").spans != ()


def test_some_readings_are_blind_and_the_others_say_what_became_of_suggestions() -> None:
    blind = {key for key, a in READINGS.items() if a.started_from is None}
    assert {who for _, who in blind} == {"huda"}
    assert 5 <= len(blind) < len(DOCUMENTS)
    seen = Counter(span.seen for a in CORPUS.annotations for span in a.spans if a.started_from)
    assert set(seen) == {"accepted", "changed", "manual"}
    assert all(a.started_from in (None, "rules@0.1.0") for a in CORPUS.annotations)
    assert all(span.seen is None for key in blind for span in READINGS[key].spans)


def test_core_profile_is_what_was_asked_and_what_was_answered() -> None:
    core = schema.load().profile("core")
    assert all(annotation.scope == core for annotation in CORPUS.annotations)
    marks = [mark for a in CORPUS.annotations for mark in (*a.spans, *a.relations)]
    assert {name for mark in marks for name in mark.attributes} | {"no_event"} == core.attributes
    assert all(annotation.created_at and annotation.lead_time for annotation in CORPUS.annotations)


def _strict_f1(first: str, second: str) -> float:
    both = [doc for doc in DOCUMENTS if all(READINGS.get((doc, w)) and READINGS[doc, w].votes for w in (first, second))]
    same = total = 0
    for doc_id in both:
        contents = [{(s.start, s.end, s.label) for s in _annotator(doc_id, who).spans} for who in (first, second)]
        same += len(contents[0] & contents[1])
        total += sum(map(len, contents))
    return 2 * same / total


@pytest.mark.parametrize(("first", "second"), list(combinations(PEOPLE, 2)))
def test_annotators_agree_as_far_as_people_do(first: str, second: str) -> None:
    assert 0.80 <= _strict_f1(first, second) <= 0.90


def test_spans_differ_in_every_way_there_is() -> None:
    kinds: Counter[str] = Counter()
    for votes in _votes():
        units = align([a.spans for a in votes])
        for kind in differences(units, [range(len(votes))] * len(units)):
            kinds.update(kind.split(" + "))
    for kind, least in {"boundary": 20, "missing": 15, "label": 10, "attribute": 10, "split": 2, "agreed": 150}.items():
        assert kinds[kind] >= least, (kind, kinds)


EDGES: dict[str, Callable[[str, str], bool]] = {
    "proclitic": lambda longer, shorter: longer in {clitic + shorter for clitic in "وفبلكس"},
    "article": lambda longer, shorter: longer == "ال" + shorter,
    "class noun": lambda longer, shorter: longer in {f"{noun} {shorter}" for noun in ("مدينة", "العاصمة", "بلدتي")},
    "conjunct": lambda longer, shorter: longer.startswith(f"{shorter} و"),
    "modifier": lambda longer, shorter: longer.startswith(f"{shorter} ") and " و" not in longer,
    "quotes": lambda longer, shorter: longer.strip('“”«»‘’"') == shorter,
    "quantity": lambda longer, shorter: longer in {f"{word} {shorter}" for word in ("ما لا يقل عن", "أكثر من", "نحو")},
}


@pytest.mark.parametrize("edge", EDGES)
def test_boundaries_differ_by_what_people_disagree_on(edge: str) -> None:
    found = [
        (longer, shorter)
        for votes in _votes()
        for unit in align([a.spans for a in votes])
        for one, other in combinations(unit.present, 2)
        for shorter, longer in [sorted((_of(votes, one), _of(votes, other)), key=len)]
        if longer != shorter and EDGES[edge](longer, shorter)
    ]
    assert found


def _of(votes: list[Annotation], span: Span) -> str:
    return _surface(DOCUMENTS[votes[0].doc_id], span)


@pytest.mark.parametrize("labels", [{"SHELLING", "AIRSTRIKE"}, {"LOC", "ASSET"}, {"ACTOR", "SOURCE"}])
def test_labels_that_people_confuse_are_confused(labels: set[str]) -> None:
    found = [{s.label for s in unit.present} for votes in _votes() for unit in align([a.spans for a in votes])]
    assert any(labels <= unit for unit in found)


def test_relations_differ_in_direction_label_and_endpoint_or_are_missing() -> None:
    kinds: Counter[str] = Counter()
    swapped_roles = 0
    for votes in _votes():
        units = align([a.spans for a in votes])
        index = unit_of_span(units, len(votes))
        held = [set(lift(a.relations, index[i])) for i, a in enumerate(votes)]
        for first, second in combinations(range(len(votes)), 2):
            holders = {t: frozenset({first}) for t in held[first] - held[second]}
            holders |= {t: frozenset({second}) for t in held[second] - held[first]}
            kinds["missing"] += len(holders)
            for kind, one, other in match_triples(holders):
                kinds[kind] += 1
                kinds["missing"] -= 2
                swapped_roles += kind == "label" and {one.label, other.label} == {"agent", "target"}
    assert kinds["direction"] >= 3
    assert kinds["label"] >= 5
    assert kinds["endpoint"] >= 2
    assert kinds["missing"] >= 20
    assert swapped_roles >= 2


@pytest.mark.parametrize("name", ["count_min", "count_max", "count_type", "outcome", "status", "factuality", "mode"])
def test_attributes_of_the_same_span_differ(name: str) -> None:
    assert any(
        len({span.attributes.get(name) for span in unit.present}) > 1
        for votes in _votes()
        for unit in align([a.spans for a in votes])
        if len({(s.start, s.end) for s in unit.present}) == 1
    )


def _votes() -> list[list[Annotation]]:
    """The submitted readings of each document that has several."""
    by_document = ([a for a in annotations if a.votes] for annotations in CORPUS.by_document().values())
    return [annotations for annotations in by_document if len(annotations) > 1]


def test_decisions_fit_and_leave_some_conflicts_open() -> None:
    decisions = read_decisions(FOLDER / "decisions.jsonl")
    merged = list(merge(CORPUS, Settings("majority"), schema.load(), decisions))
    assert not any(item.stale for document in merged for item in document.settled)
    assert not any(document.orphans for document in merged)
    open_documents = {document.document.id for document in merged if document.open}
    assert open_documents == {"s03", "s09", "s10", "s11"}
    before = {d.document.id: d.open for d in merge(CORPUS, Settings("majority"), schema.load())}
    assert {doc_id for doc_id, count in before.items() if count} == open_documents | {"s06", "s15", "s16"}
    assert before["s03"] == 1, "one conflict was decided and the decision taken back"
    assert all(record["key"] for document in merged for record in conflicts(document))


def test_decisions_are_of_every_kind_and_give_their_reasons() -> None:
    decisions = read_decisions(FOLDER / "decisions.jsonl")
    assert {decision.by for decision in decisions} == {"lamis"}
    assert {decision.of for decision in decisions} == {"span", "relation", "new", None}
    assert {type(decision.choice) for decision in decisions} == {int, str, dict, type(None)}
    assert any(decision.of == "span" and isinstance(decision.choice, dict) for decision in decisions)
    (undo,) = [decision for decision in decisions if decision.undoes]
    assert undo.undoes in {decision.id for decision in decisions if decision.doc_id == undo.doc_id}
    guideline = load_guideline()
    for decision in decisions:
        assert decision.reason
        if decision.guideline is not None:
            assert guideline.paragraph(int(decision.guideline.removeprefix("§")))
    assert sum(decision.guideline is not None for decision in decisions) == len(decisions) - 1
