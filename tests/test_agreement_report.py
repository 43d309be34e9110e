"""The whole report: each figure is what the function of its measure says, intervals are right, groups apart."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahkim.agreement import coefficients
from tahkim.agreement.attributes import attribute_alpha
from tahkim.agreement.bootstrapping import bootstrap, resample
from tahkim.agreement.corpus.confusions import CLASS_NOUNS
from tahkim.agreement.gammas import gamma
from tahkim.agreement.relations import relation_alpha, relation_f1
from tahkim.agreement.report import MEASURES, Agreement, agree
from tahkim.agreement.spans import MATCHES as SPAN_MATCHES
from tahkim.agreement.spans import span_f1
from tahkim.agreement.tokens import token_ratings
from tahkim.agreement.unitizing import alpha_unitizing
from tahkim.errors import InputError, UsageError
from tahkim.model import Annotation, Corpus, Document, Relation, Scope, Span
from tahkim.rules.lexicon import BUILTIN

TEXT = "قُتل ثلاثة مدنيين في غارة على بلدة الهري وأصيب آخرون وفق مصدر محلي مساء السبت"
WORDS = TEXT.split()
PEOPLE = ("amal", "badr", "ciham")


def made(n_documents: int, seed: int = 0, people: Sequence[str] = PEOPLE, noise: float = 0.2) -> Corpus:
    """Readings of random texts that differ from one truth with the probability `noise`, in each of several ways."""
    rng = np.random.default_rng(seed)
    documents, annotations = {}, []
    for number in range(n_documents):
        words = rng.choice(WORDS, size=30).tolist()
        begins = np.cumsum([0] + [len(word) + 1 for word in words]).tolist()
        doc_id = f"d{number}"
        documents[doc_id] = Document(id=doc_id, text=" ".join(words), meta={"published": f"2026-0{1 + number % 2}-10"})
        truth = [(begins[i], begins[i] + len(words[i]), str(rng.choice(["A", "B", "C"]))) for i in range(0, 30, 4)]
        annotations += [noisy(doc_id, name, truth, rng, noise) for name in people]
    return Corpus(documents, tuple(annotations))


def noisy(doc_id: str, name: str, truth: list[Any], rng: np.random.Generator, noise: float) -> Annotation:
    spans = []
    for i, (start, end, label) in enumerate(truth):
        if rng.random() >= noise:
            moved = start + int(rng.random() < noise and end - start > 2)
            given = str(rng.choice(["A", "B", "C"])) if rng.random() < noise else label
            value = i % 3 if rng.random() >= noise else int(rng.integers(3))
            spans.append(Span(f"s{i}", moved, end, given, {"n": value}))
    kept = [span.id for span in spans]
    ties = [(f"s{i}", f"s{i + 1}") for i in range(len(truth) - 1) if {f"s{i}", f"s{i + 1}"} <= set(kept)]
    relations = [
        Relation(f"r{i}", "causes", *(ends if rng.random() >= noise else ends[::-1]))
        for i, ends in enumerate(ties)
        if rng.random() >= noise
    ]
    return Annotation(doc_id=doc_id, annotator=name, spans=tuple(spans), relations=tuple(relations))


def of(corpus: Corpus, name: str) -> list[Annotation]:
    return [annotation for annotation in corpus.annotations if annotation.annotator == name]


def same(figure: Any, value: float) -> None:
    assert figure.value == pytest.approx(value, abs=1e-12)
    assert figure.low <= figure.value <= figure.high


def test_each_figure_is_what_the_function_of_its_measure_says() -> None:
    corpus = made(6)
    got = agree(corpus, by=["label"], samples=200)
    texts = {doc_id: document.text for doc_id, document in corpus.documents.items()}
    a, b = of(corpus, "amal"), of(corpus, "badr")
    pair = ("amal", "badr")
    for match in ("exact", "overlap", "unlabelled", "lenient"):
        same(got.pick(f"span_f1_{match}", pair=pair), span_f1(a, b, match, texts=texts).f1)
    same(got.pick("span_f1_exact", pair=pair, label="B"), span_f1(a, b, label="B").f1)
    for endpoints in ("strict", "soft"):
        plain = relation_f1(a, b, endpoints)
        figure = got.pick(f"relation_f1_{endpoints}", pair=pair)
        same(figure, plain.f1)
        assert {kind: figure.counts[f"{kind}_errors"] for kind in plain.errors} == plain.errors
    same(got.pick("relation_alpha", pair=pair, label="causes"), relation_alpha(a, b, "causes").value)
    shared = relation_alpha(a, b, "causes", shared=True)
    same(got.pick("relation_alpha_shared", pair=pair, label="causes"), shared.value)
    assert got.pick("relation_alpha_shared", pair=pair, label="causes").units == shared.n_items
    same(got.pick("attribute_alpha", pair=pair, attribute="n"), attribute_alpha(a, b, "n").value)


def test_token_figures_are_those_of_the_rows_of_all_documents() -> None:
    corpus = made(6)
    got = agree(corpus, measures=["alpha", "kappa"], by=["label"], samples=200)
    rows = [
        row
        for doc_id, readings in corpus.by_document().items()
        for row in token_ratings(readings, corpus.documents[doc_id].text)
    ]
    two = [row[:2] for row in rows]
    same(got.pick("alpha"), coefficients.alpha(rows).value)
    same(got.pick("alpha", label="A"), coefficients.alpha(rows, label="A").value)
    same(got.pick("alpha", pair=("amal", "badr")), coefficients.alpha(two).value)
    same(got.pick("kappa"), coefficients.fleiss_kappa(rows).value)
    same(got.pick("kappa", pair=("amal", "badr")), coefficients.cohen_kappa(two).value)
    assert got.pick("alpha").units == len(rows)


def test_one_document_has_the_unitizing_alpha_and_gamma_of_its_continuum() -> None:
    corpus = made(1)
    got = agree(corpus, measures=["alpha_unitizing", "gamma"], by=["label"])
    units = [(a.annotator, s.start, s.end, s.label) for a in corpus.annotations for s in a.spans]
    length = len(corpus.documents["d0"].text)
    assert got.pick("alpha_unitizing").value == pytest.approx(alpha_unitizing(units, 0, length, 3).value)
    by_label = alpha_unitizing(units, 0, length, 3, label="B")
    assert got.pick("alpha_unitizing", label="B").value == pytest.approx(by_label.value)
    assert got.pick("alpha_unitizing", label="B").units == by_label.n_items
    assert got.pick("gamma").value == pytest.approx(gamma(units, seed=got.seed).value)
    assert math.isnan(got.pick("gamma").low)  # one document says nothing of how documents vary


def test_unitizing_alpha_of_documents_read_by_different_numbers_of_people() -> None:
    corpus = made(4)
    fewer = Corpus(corpus.documents, corpus.annotations[:-1])
    whole, less = (agree(c, measures=["alpha_unitizing"]).pick("alpha_unitizing").value for c in (corpus, fewer))
    assert 0 < less < 1
    assert less != whole
    agreeing = made(4, noise=0.0)
    assert agree(agreeing, measures=["alpha_unitizing"]).pick("alpha_unitizing").value == 1.0


def test_perfect_agreement_is_one_everywhere() -> None:
    got = agree(made(5, noise=0.0), samples=50)
    assert {figure.measure for figure in got.figures} >= {"span_f1_exact", "alpha", "kappa", "relation_alpha"}
    assert {figure.value for figure in got.figures} == {1.0}
    assert all(c["labels"][0] == c["labels"][1] for c in got.confusions)
    assert all(row["f1"] == 1.0 and row["units"] == [] for row in got.worst)


def test_independent_readings_agree_at_about_zero() -> None:
    rng = np.random.default_rng(5)
    documents, annotations = {}, []
    for number in range(60):
        text = " ".join(rng.choice(WORDS, size=60))
        documents[f"d{number}"] = Document(id=f"d{number}", text=text)
        for name in PEOPLE:
            starts = rng.choice(len(text) - 5, size=12, replace=False)
            spans = tuple(Span(f"s{i}", int(s), int(s) + 4, str(rng.choice(["A", "B"]))) for i, s in enumerate(starts))
            annotations.append(Annotation(doc_id=f"d{number}", annotator=name, spans=spans))
    got = agree(Corpus(documents, tuple(annotations)), samples=50)
    for measure in ("alpha", "kappa", "alpha_unitizing"):
        assert abs(got.pick(measure).value) < 0.05, measure


def renamed(corpus: Corpus, people: dict[str, str], documents: dict[str, str]) -> Corpus:
    turned = tuple(
        msgspec.structs.replace(a, annotator=people[a.annotator], doc_id=documents[a.doc_id], spans=a.spans[::-1])
        for a in reversed(corpus.annotations)
    )
    moved = {documents[i]: msgspec.structs.replace(d, id=documents[i]) for i, d in reversed(corpus.documents.items())}
    return Corpus(moved, turned)


def test_neither_order_nor_names_matter() -> None:
    corpus = made(5)
    people = {"amal": "zayd", "badr": "yara", "ciham": "xenia"}
    other = renamed(corpus, people, {f"d{i}": f"e{i}" for i in range(5)})
    names = sorted(f.measure for f in agree(corpus, samples=100).figures)
    before, after = agree(corpus, samples=100), agree(other, samples=100)
    assert sorted(f.measure for f in after.figures) == names
    for figure in before.figures:
        pair = figure.pair and tuple(sorted(people[name] for name in figure.pair))
        about = {"label": figure.label, "attribute": figure.attribute}
        twin = after.pick(figure.measure, pair=pair, **about)
        assert (twin.value, twin.low, twin.high) == pytest.approx((figure.value, figure.low, figure.high), nan_ok=True)
        assert (twin.units, twin.documents) == (figure.units, figure.documents)


def test_the_same_input_and_seed_give_the_same_bytes() -> None:
    corpus = made(4)
    shuffled = Corpus(dict(reversed(corpus.documents.items())), corpus.annotations[::-1])
    texts = [json.dumps(agree(c, by=["label"], samples=50).to_json(), allow_nan=False) for c in (corpus, shuffled)]
    assert texts[0] == texts[1]
    assert agree(corpus, samples=50, seed=1).pick("alpha").low != agree(corpus, samples=50, seed=2).pick("alpha").low


def test_bootstrap_is_the_quantiles_of_recomputed_statistics() -> None:
    counts = np.random.default_rng(1).integers(0, 9, size=(12, 3)).astype(float)
    drawn = resample(counts, 500, seed=9)
    assert drawn.shape == (500, 3)
    again = np.random.default_rng(9).integers(0, 12, size=12)
    assert drawn[0].tolist() == counts[again].sum(axis=0).tolist()

    def f1(total: Any) -> float:
        return 2 * total[2] / (total[0] + total[1])

    low, high = bootstrap(counts, f1, n=500, seed=9)
    assert (low, high) == pytest.approx(np.quantile([f1(total) for total in drawn], [0.025, 0.975]))
    assert all(map(math.isnan, bootstrap(counts[:1], f1)))


def test_large_collections_are_drawn_as_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.arange(20.0).reshape(10, 2)
    whole = resample(counts, 30, seed=2)
    monkeypatch.setattr("tahkim.agreement.bootstrapping.CHUNK", 35)
    assert resample(counts, 30, seed=2).tolist() == whole.tolist()


def test_reprints_are_drawn_together() -> None:
    corpus = made(4)
    one = {i: msgspec.structs.replace(d, group="story" if i < "d2" else None) for i, d in corpus.documents.items()}
    got = agree(Corpus(one, corpus.annotations)).pick("span_f1_exact")
    assert (got.documents, got.groups) == (4, 3)
    assert got.value == agree(corpus).pick("span_f1_exact").value


def test_people_are_compared_with_rules_and_gold_but_those_not_with_each_other() -> None:
    corpus = made(3, people=(*PEOPLE, "rules@1", "gold"))
    got = agree(corpus, samples=20)
    assert {(f.of, f.pair) for f in got.figures if f.measure == "span_f1_exact"} == {
        ("humans", None), ("humans", ("amal", "badr")), ("humans", ("amal", "ciham")), ("humans", ("badr", "ciham")),
        ("rules", None), *(("rules", (name, "rules@1")) for name in PEOPLE),
        ("gold", None), *(("gold", (name, "gold")) for name in PEOPLE),
    }  # fmt: skip
    assert {f.pair for f in got.figures if f.of == "gold" and f.measure == "alpha"} == {(n, "gold") for n in PEOPLE}
    people = Corpus(corpus.documents, tuple(a for a in corpus.annotations if a.annotator in PEOPLE))
    assert got.pick("alpha").value == agree(people).pick("alpha").value


def test_blind_and_shown_are_given_apart_and_never_only_pooled() -> None:
    corpus = made(6)
    shown = {"d0", "d1"}
    arms = tuple(
        msgspec.structs.replace(a, started_from="rules@1") if a.doc_id in shown or a.annotator == "ciham" else a
        for a in corpus.annotations
    )
    got = agree(Corpus(corpus.documents, arms), measures=["span_f1", "alpha"], samples=20)
    assert {f.arm for f in got.figures} == {None, "blind", "shown", "mixed"}
    only_shown = Corpus(corpus.documents, tuple(a for a in corpus.annotations if a.doc_id in shown))
    assert got.pick("alpha", arm="shown").value == pytest.approx(agree(only_shown).pick("alpha").value)
    assert got.pick("span_f1_exact", arm="blind", pair=("amal", "badr")).documents == 4
    assert got.warnings[1] == (
        "humans: some readings began from a pre-annotation (mixed, shown): read the arms, not the pool"
    )
    assert {f.arm for f in agree(corpus, measures=["alpha"]).figures} == {None}


def test_months_and_documents() -> None:
    corpus = made(4)
    got = agree(corpus, measures=["span_f1"], by=["month", "document"], samples=20)
    assert got.pick("span_f1_exact", month="2026-02").documents == 2
    one = agree(Corpus(corpus.documents, tuple(a for a in corpus.annotations if a.doc_id == "d3")))
    assert got.pick("span_f1_exact", document="d3").value == one.pick("span_f1_exact").value
    later = tuple(msgspec.structs.replace(a, updated_at="2026-05-02T10:00:00Z") for a in corpus.annotations)
    dated = agree(Corpus(corpus.documents, later), measures=["span_f1"], by=["month"], samples=20)
    assert {f.month for f in dated.figures} == {None, "2026-05"}


def empty(doc_id: str, name: str, **more: Any) -> Annotation:
    return Annotation(doc_id=doc_id, annotator=name, **more)


def test_empty_readings_agree_but_add_nothing() -> None:
    corpus = made(3)
    documents = dict(corpus.documents) | {"none": Document(id="none", text="لا حدث هنا")}
    more = Corpus(documents, (*corpus.annotations, empty("none", "amal"), empty("none", "badr")))
    got = agree(more, measures=["span_f1"], by=["document"], samples=20)
    assert got.pick("span_f1_exact").value == agree(corpus).pick("span_f1_exact").value
    alone = got.pick("span_f1_exact", document="none")
    assert (alone.value, alone.reason) == (1.0, "both are empty: they agree by convention")
    nothing = agree(Corpus({"none": documents["none"]}, more.annotations[-2:]), samples=20)
    assert {figure.measure for figure in nothing.figures} >= {"span_f1_exact", "alpha", "kappa", "alpha_unitizing"}
    assert all(math.isnan(figure.value) and figure.reason for figure in nothing.figures)


crossing = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 12), st.sampled_from("AB")), max_size=6)


@settings(deadline=None, max_examples=40)
@given(st.lists(crossing, min_size=2, max_size=5))
def test_spans_that_overlap_nest_repeat_or_are_empty_do_no_harm(found: list[list[tuple[int, int, str]]]) -> None:
    annotations = tuple(
        Annotation(
            doc_id="d",
            annotator=f"p{i}",
            spans=tuple(Span(f"s{k}", start, start + size, label) for k, (start, size, label) in enumerate(marks)),
            relations=tuple(Relation(f"r{k}", "x", f"s{k}", "s0") for k in range(1, len(marks))),
        )
        for i, marks in enumerate(found)
    )
    corpus = Corpus({"d": Document(id="d", text="قصف على بلدة الهري شرقي دير الزور مساء")}, annotations)
    for figure in agree(corpus, measures=list(MEASURES), by=["label", "document"], samples=5).figures:
        assert figure.value <= 1 + 1e-9 or (math.isnan(figure.value) and figure.reason)


def test_who_skipped_drafted_or_was_not_asked_is_missing() -> None:
    corpus = made(2)
    documents = dict(corpus.documents)
    extra = (
        empty("d0", "dana", status="skipped"),
        empty("d0", "elias", status="draft"),
        empty("d0", "fadi", scope=Scope(labels=frozenset())),
    )
    got = agree(Corpus(documents, (*corpus.annotations, *extra)), measures=["span_f1"], samples=20)
    assert {name for f in got.figures for name in f.pair or ()} == {*PEOPLE, "fadi"}
    assert got.pick("span_f1_exact", pair=("amal", "fadi")).units == 0
    assert got.pick("span_f1_exact").counts == agree(corpus).pick("span_f1_exact").counts


def test_nothing_to_compare() -> None:
    lonely = Corpus({"d": Document(id="d", text="نص")}, (empty("d", "amal"),))
    got = agree(lonely)
    assert got.figures == ()
    assert got.warnings == ("no document has two submitted readings: there is nothing to compare",)
    assert got.frame().empty
    assert json.loads(json.dumps(got.to_json()))["figures"] == []


def test_wrong_use_is_told() -> None:
    with pytest.raises(UsageError) as error:
        agree(made(1), measures=["delta"])
    assert str(error.value) == f"unknown measure 'delta': known are {', '.join(MEASURES)}"
    with pytest.raises(UsageError) as error:
        agree(made(1), by=["year"])
    known = "label, pair, annotator, document, month, week, arm"
    assert str(error.value) == f"cannot break figures down by 'year': known are {known}"
    with pytest.raises(UsageError) as error:
        agree(made(1), chosen="zaki")
    assert str(error.value) == f"there is no annotator 'zaki': known are {', '.join(sorted(PEOPLE))}"
    twice = made(1)
    with pytest.raises(InputError) as error:
        agree(Corpus(twice.documents, (*twice.annotations, twice.annotations[0])))
    assert str(error.value) == "d0: amal has two readings of this document; keep one of them"


def test_kappa_says_when_the_number_of_annotators_varies() -> None:
    corpus = made(3)
    got = agree(Corpus(corpus.documents, corpus.annotations[:-1]), measures=["kappa", "alpha"])
    assert got.pick("kappa").reason == "documents have 2 to 3 annotators: alpha allows that, kappa does not"
    assert got.pick("alpha").value > 0


def small() -> Agreement:
    text = "قُتل ثلاثة مدنيين في بلدة «الهري» وحلب بقصف"
    marks = {
        "amal": [(0, 4, "KILL"), (21, 32, "LOC"), (35, 38, "LOC"), (39, 43, "STRIKE")],
        "badr": [(0, 4, "KILL"), (26, 32, "LOC"), (34, 38, "LOC"), (40, 43, "STRIKE")],
        "ciham": [(0, 4, "INJURE"), (27, 32, "LOC"), (39, 43, "STRIKE")],
    }
    annotations = tuple(
        Annotation(doc_id="d", annotator=name, spans=tuple(Span(f"s{i}", *m) for i, m in enumerate(found)))
        for name, found in marks.items()
    )
    return agree(Corpus({"d": Document(id="d", text=text)}, annotations), measures=["span_f1"])


def test_what_people_disagree_about() -> None:
    got = small()
    assert {b["kind"]: b["count"] for b in got.boundaries} == {"class noun": 2, "clitic": 3, "quote": 1}
    confused = {tuple(c["labels"]): c["count"] for c in got.confusions}
    assert confused == {
        ("KILL", "KILL"): 1, ("INJURE", "KILL"): 2, ("LOC", "LOC"): 4, ("LOC", None): 2, ("STRIKE", "STRIKE"): 3,
    }  # fmt: skip
    [example] = next(c["examples"] for c in got.confusions if c["labels"] == ["INJURE", "KILL"])
    assert example["readings"]["ciham"] == {"start": 0, "end": 4, "label": "INJURE", "text": "قُتل"}
    [row] = got.worst
    assert (row["document"], row["pairs"]) == ("d", 3)
    first = row["units"][0]
    assert (first["start"], first["kind"], list(first["readings"])) == (21, "boundary", list(PEOPLE))


def test_the_table_has_a_row_for_each_figure() -> None:
    got = agree(made(2), samples=20)
    frame = got.frame()
    assert len(frame) == len(got.figures)
    assert {"measure", "value", "low", "high", "documents", "units", "reason", "matched", "label_errors"} <= set(frame)


def test_weeks_are_those_of_the_calendar_standard() -> None:
    corpus = made(3)
    days = {"d0": "2027-01-03T10:00:00Z", "d1": "2026-12-28", "d2": "2026-12"}
    dated = tuple(msgspec.structs.replace(a, created_at=days[a.doc_id]) for a in corpus.annotations)
    got = agree(Corpus(corpus.documents, dated), measures=["span_f1"], by=["week", "month"], samples=20)
    assert got.pick("span_f1_exact", week="2026-W53").documents == 2
    assert {f.week for f in got.figures} == {None, "2026-W53"}
    assert {f.month for f in got.figures} == {None, "2026-12", "2027-01"}


def test_each_annotator_with_all_others() -> None:
    corpus = made(5)
    got = agree(corpus, measures=["span_f1", "alpha", "relation_f1"], by=["annotator", "label"], samples=50)
    pairs = [got.pick("span_f1_exact", pair=pair).counts for pair in (("amal", "badr"), ("amal", "ciham"))]
    sums = {name: sum(counts[name] for counts in pairs) for name in ("a", "b", "matched")}
    same(figure := got.pick("span_f1_exact", annotator="amal"), 2 * sums["matched"] / (sums["a"] + sums["b"]))
    assert (figure.documents, figure.annotators) == (5, 3)
    assert got.pick("span_f1_exact", annotator="amal", label="A").units < figure.units
    assert {f.measure for f in got.figures if f.annotator} == {
        "span_f1_exact", "span_f1_overlap", "span_f1_unlabelled", "span_f1_lenient",
        "relation_f1_strict", "relation_f1_soft",
    }  # fmt: skip


def test_everybody_with_a_chosen_annotator() -> None:
    corpus = made(4)
    got = agree(corpus, measures=["span_f1", "alpha"], chosen="badr", samples=50)
    of_chosen = [f for f in got.figures if f.of == "chosen"]
    assert {f.pair for f in of_chosen} == {None, ("amal", "badr"), ("ciham", "badr")}
    for name in ("amal", "ciham"):
        found = got.pick("span_f1_exact", of="chosen", pair=(name, "badr"))
        same(found, got.pick("span_f1_exact", pair=tuple(sorted((name, "badr")))).value)
    pooled = got.pick("span_f1_exact", of="chosen").counts
    assert pooled["b"] == 2 * sum(len(a.spans) for a in of(corpus, "badr"))
    assert {f.measure for f in of_chosen if f.pair is None} == {f"span_f1_{way}" for way in SPAN_MATCHES}
    assert agree(corpus, measures=["span_f1"], samples=50).pick("span_f1_exact") == got.pick("span_f1_exact")


def test_a_chosen_model_is_compared_too() -> None:
    corpus = made(3, people=("amal", "badr", "rules@1"))
    got = agree(corpus, measures=["span_f1"], chosen="rules@1", samples=20)
    for name in ("amal", "badr"):
        both = [got.pick("span_f1_exact", of=of, pair=(name, "rules@1")).counts for of in ("rules", "chosen")]
        assert both[0] == both[1]


def test_what_each_annotator_does_otherwise() -> None:
    [amal, badr, ciham] = small().annotators
    assert [amal["annotator"], badr["annotator"], ciham["annotator"]] == list(PEOPLE)
    assert (amal["documents"], amal["spans"], amal["relations"], amal["minutes"]) == (1, 4, 0, None)
    assert ciham["differences"] == [
        {"own": None, "other": "LOC", "count": 2},
        {"own": "INJURE", "other": "KILL", "count": 2},
    ]
    assert amal["differences"] == [
        {"own": "KILL", "other": "INJURE", "count": 1},
        {"own": "LOC", "other": None, "count": 1},
    ]


def test_the_class_nouns_of_the_rules_are_known() -> None:
    known = set()
    for name, section in (("places", r"loc\.class\S*"), ("actors", r"actor\.head")):
        text = (BUILTIN / f"{name}.lex").read_text(encoding="utf-8")
        for block in re.findall(rf"^\[{section} as=noun[^]]*\]\n([^\[]+)", text, re.MULTILINE):
            known |= {word.strip() for line in block.splitlines() for word in line.partition(";")[0].split("/")}
    known -= {""}
    assert len(known) > 50
    assert known <= CLASS_NOUNS


def test_a_class_noun_counts_with_clitic_and_vowels() -> None:
    text = "في بَلدةِ الهري"
    marks = {"amal": [(3, 15, "LOC")], "badr": [(10, 15, "LOC")]}
    annotations = tuple(
        Annotation(doc_id="d", annotator=name, spans=tuple(Span(f"s{i}", *m) for i, m in enumerate(found)))
        for name, found in marks.items()
    )
    got = agree(Corpus({"d": Document(id="d", text=text)}, annotations), measures=["span_f1"], samples=0)
    assert [b["kind"] for b in got.boundaries] == ["class noun"]
