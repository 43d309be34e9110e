"""Strategy bayes: what it learns, what it decides, and what it does not depend on."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from crowd import Skill, crowd
from reading import corpus, reading, relation, span
from tahkim import schema as schemas
from tahkim.adjudicate.conflicts import conflicts
from tahkim.adjudicate.merge import gold_annotation, learn, merge, merge_document
from tahkim.adjudicate.strategies import Settings
from tahkim.agreement.evaluate import evaluate
from tahkim.backends.files import read_annotations
from tahkim.errors import UsageError
from tahkim.interchange import dumps, encode
from tahkim.model import Annotation, Corpus, Decision, Document, Relation

SCHEMA = replace(schemas.load(), overlap_allowed=True)
BAYES = Settings("bayes")
GOOD, POOR = Skill(), Skill(recall=0.5, label=0.5, invents=0.15)
MIXED = {"amal": GOOD, "basim": GOOD, "huda": GOOD, "nur": POOR, "omar": POOR}


def f1(annotations: Corpus, gold: Corpus, settings: Settings, of: str = "spans") -> float:
    merged = list(merge(annotations, settings, SCHEMA))
    found = Corpus(annotations.documents, tuple(map(gold_annotation, merged)))
    value = evaluate(gold, found, schema=SCHEMA)[of]["strict"]["f1"]
    assert isinstance(value, float)
    return value


def as_bytes(annotations: Corpus, settings: Settings = BAYES) -> list[bytes]:
    return [dumps(encode(gold_annotation(document))) for document in merge(annotations, settings, SCHEMA)]


def test_reliability_is_learned_without_gold() -> None:
    annotations, _ = crowd(MIXED)
    model = learn(annotations, BAYES, SCHEMA, {}).model["annotators"]
    accuracy = {name: model[name]["accuracy"] for name in MIXED}
    assert min(accuracy[name] for name in ("amal", "basim", "huda")) > 0.85
    assert max(accuracy[name] for name in ("nur", "omar")) < 0.7
    recall = {name: model[name]["labels"]["LOC"]["recall"] for name in MIXED}
    assert min(recall["amal"], recall["basim"], recall["huda"]) > max(recall["nur"], recall["omar"]) + 0.1


def test_it_beats_every_count_of_votes() -> None:
    annotations, gold = crowd(MIXED)
    resolved = f1(annotations, gold, Settings("bayes", resolve_all=True))
    for settings in (
        Settings("majority", resolve_all=True),
        Settings("union", resolve_all=True),
        Settings("threshold", votes=2, share=0.0, resolve_all=True),
    ):
        assert resolved > f1(annotations, gold, settings) + 0.02, settings.strategy


@pytest.mark.parametrize("of", ["spans", "relations"])
def test_of_two_annotators_it_keeps_much_of_what_one_marked(of: str) -> None:
    skills = {name: Skill(recall=0.5 + 0.06 * i, invents=0.03) for i, name in enumerate("abcdefg")}
    annotations, gold = crowd(skills, per_document=2)
    both = f1(annotations, gold, Settings("threshold", votes=2, share=0.0), of)
    everything = f1(annotations, gold, Settings("union", resolve_all=True), of)
    resolved = f1(annotations, gold, Settings("bayes", resolve_all=True), of)
    assert everything > both + 0.1  # what one marked alone is mostly right, and the model finds that out
    assert resolved > both + 0.1
    assert resolved > everything - 0.01


def test_the_order_of_lines_and_the_names_of_annotators_do_not_matter() -> None:
    annotations, _ = crowd(MIXED, n_documents=15)
    shuffled = list(annotations.annotations)
    random.Random(3).shuffle(shuffled)
    assert as_bytes(Corpus(annotations.documents, tuple(shuffled))) == as_bytes(annotations)
    renamed = {"amal": "z", "basim": "b", "huda": "y", "nur": "a", "omar": "m"}
    other = Corpus(
        annotations.documents, tuple(replace(a, annotator=renamed[a.annotator]) for a in annotations.annotations)
    )
    before, after = (
        [
            (m.document.id, [s.outcome for s in m.spans], [s.posteriors for s in m.spans])
            for m in merge(c, BAYES, SCHEMA)
        ]
        for c in (annotations, other)
    )
    assert before == after


@pytest.mark.parametrize(
    "settings", [Settings("majority"), BAYES, Settings("bayes", features=True)], ids=["majority", "bayes", "features"]
)
def test_the_same_bytes_in_whatever_order_documents_annotators_spans_and_relations_come(settings: Settings) -> None:
    annotations, _ = crowd(MIXED, n_documents=15)
    rng = random.Random(3)

    def shuffled(items: Any) -> list[Any]:
        return rng.sample(list(items), len(items))

    mixed = tuple(
        replace(a, spans=tuple(shuffled(a.spans)), relations=tuple(shuffled(a.relations)))
        for a in shuffled(annotations.annotations)
    )
    other = Corpus(dict(shuffled(annotations.documents.items())), mixed)
    assert as_bytes(other, settings) == as_bytes(annotations, settings)


def test_confidence_says_what_is_taken_rejected_and_open() -> None:
    annotations, _ = crowd(MIXED, n_documents=20)
    outcomes = set()
    for document in merge(annotations, Settings("bayes", confidence=0.8), SCHEMA):
        for item in document.spans:
            best, nothing = max(item.posteriors.values()), 1 - sum(item.posteriors.values())
            expected = "taken" if best >= 0.8 else "rejected" if nothing >= 0.8 else "conflict"
            assert item.outcome == expected
            outcomes.add(expected)
            if item.gold is not None:
                assert item.gold.confidence == round(best, 4)
                assert item.gold.how in ("bayes", "unanimous")
    assert outcomes == {"taken", "rejected", "conflict"}


def test_resolve_all_takes_the_largest_posterior_nothing_included() -> None:
    annotations, _ = crowd(MIXED, n_documents=20)
    outcomes = []
    for document in merge(annotations, Settings("bayes", resolve_all=True), SCHEMA):
        for item in document.spans:
            best, nothing = max(item.posteriors.values()), 1 - sum(item.posteriors.values())
            outcomes.append(item.outcome)
            assert item.outcome == ("taken" if best >= nothing else "rejected")
    assert set(outcomes) == {"taken", "rejected"}


def test_conflicts_carry_posteriors_that_sum_to_one() -> None:
    annotations, _ = crowd(MIXED, n_documents=20)
    found = [c for m in merge(annotations, BAYES, SCHEMA) for c in conflicts(m) if c["of"] == "span"]
    assert found
    for conflict in found:
        total = sum(c["posterior"] for c in conflict["candidates"]) + conflict["nothing"]["posterior"]
        assert total == pytest.approx(1, abs=1e-5)


def test_decisions_are_labelled_data() -> None:
    """Two against two, and nothing else to tell them apart: decisions for one side make the other side lose."""
    marks = {"amal": "LOC", "basim": "LOC", "huda": "ACTOR", "nur": "ACTOR"}
    annotations = corpus(
        *(
            reading(name, [span("s", 10, 14, label)], doc_id=f"d{number}")
            for number in range(12)
            for name, label in marks.items()
        )
    )
    open_first = list(merge(annotations, BAYES, SCHEMA))
    assert all(item.outcome == "conflict" for document in open_first for item in document.spans)
    decisions = []
    for document in open_first[:8]:
        (question,) = document.questions.spans
        choice = [c.record["label"] for c in question.candidates].index("ACTOR") + 1
        decisions.append(
            Decision(
                id=f"x{document.document.id}",
                doc_id=document.document.id,
                key=question.key,
                seen=question.seen,
                choice=choice,
                by="lead",
                at="2026-01-01T00:00:00Z",
            )
        )
    for document in list(merge(annotations, BAYES, SCHEMA, decisions))[8:]:
        (gold,) = document.gold_spans
        assert (gold.label, gold.how) == ("ACTOR", "bayes")


def test_an_accepted_suggestion_is_weaker_evidence_than_a_mark_of_ones_own() -> None:
    annotations, _ = crowd(MIXED, n_documents=20)
    text = annotations.documents["d000"].text

    def posterior(**vote: Any) -> float:
        more = [
            reading(name, [span("s", 0, 3, "LOC", **vote)], doc_id="e", started_from="rules@1" if vote else None)
            for name in ("amal", "basim")
        ]
        blank = reading("huda", [], doc_id="e", started_from="rules@1" if vote else None)
        document = replace(annotations.documents["d000"], id="e", text=text)
        both = Corpus({**annotations.documents, "e": document}, (*annotations.annotations, *more, blank))
        (unit,) = learn(both, BAYES, SCHEMA, {}).documents["e"].spans
        (value,) = unit.values()
        return value

    assert posterior(seen="accepted") < posterior() - 0.1


def test_stacked_and_nested_spans_of_both_annotators_survive_with_their_relations() -> None:
    spans = [span("a", 10, 30, "WEAPON"), span("b", 10, 14, "LOC"), span("c", 20, 24, "ACTOR")]
    annotations = corpus(
        *(
            reading(name, spans, [relation("r", "at", "a", "b"), relation("q", "by", "c", "a")], doc_id=f"d{number}")
            for name in ("amal", "basim")
            for number in range(10)
        )
    )
    for document in merge(annotations, BAYES, SCHEMA):
        assert [(gold.start, gold.end, gold.label) for gold in document.gold_spans] == [
            (10, 14, "LOC"),
            (10, 30, "WEAPON"),
            (20, 24, "ACTOR"),
        ]
        assert [gold.label for gold in document.gold_relations] == ["at", "by"]


def test_attributes_go_by_the_accuracy_of_those_who_gave_them() -> None:
    annotations, _ = crowd(MIXED)
    believed = learn(annotations, BAYES, SCHEMA, {}).documents["d000"]
    value = believed.of_values({b"1": ("amal", "basim"), b"2": ("nur", "omar")})
    assert value[b"1"] > 0.9
    assert value[b"1"] + value[b"2"] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("features", [False, True])
def test_documents_without_a_mark_are_no_hindrance(features: bool) -> None:
    nobody = corpus(reading("amal"), reading("basim"), reading("amal", doc_id="d2", status="skipped"))
    (document,) = merge(nobody, Settings("bayes", features=features), SCHEMA)
    assert document.gold_spans == () and document.open == 0
    one = corpus(reading("amal", [span("s", 10, 14, "LOC")]))
    (document,) = merge(one, Settings("bayes", features=features), SCHEMA)
    assert [(gold.how, gold.confidence) for gold in document.gold_spans] == [("single", 1.0)]


def test_features_help_where_words_tell_and_say_so() -> None:
    skills = {name: Skill(recall=0.6, invents=0.1) for name in "abc"}
    for per_document, gain in ((2, 0.05), (3, 0.13)):
        annotations, gold = crowd(skills, per_document=per_document)
        plain = f1(annotations, gold, Settings("bayes", resolve_all=True))
        assert f1(annotations, gold, Settings("bayes", resolve_all=True, features=True)) > plain + gain
    how = {
        gold.how
        for document in merge(annotations, Settings("bayes", features=True), SCHEMA)
        for gold in document.gold_spans
    }
    assert how == {"unanimous", "bayes+features"}


def test_one_document_alone_is_refused() -> None:
    marks: list[Annotation] = [reading("amal", [span("s", 10, 14, "LOC")]), reading("basim")]
    with pytest.raises(UsageError) as error:
        merge_document(corpus(*marks).documents["d1"], marks, BAYES, SCHEMA)
    assert str(error.value) == (
        "strategy bayes learns from all documents: merge the collection, not one document of it"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings("bayes", confidence=0.3), "--confidence is from 0.5 to 1, not 0.3"),
        (
            Settings("majority", features=True),
            "--features belongs to strategy bayes, not to majority: leave it out or change one",
        ),
    ],
)
def test_settings_that_cannot_be_meant(settings: Settings, message: str) -> None:
    with pytest.raises(UsageError) as error:
        settings.check()
    assert str(error.value) == message


def test_the_crowd_of_real_workers(shared_data: Path) -> None:
    annotations = read_annotations(shared_data / "crowd_annotations.jsonl")
    gold = read_annotations(shared_data / "crowd_gold.jsonl")
    assert f1(annotations, gold, Settings("bayes", resolve_all=True)) > 0.75


def test_a_blank_says_little_in_a_document_that_was_passed_over() -> None:
    """One of three marks the last unit alone; of the others one read all of the document, or passed over most of it."""
    annotations, _ = crowd(MIXED, n_documents=20)
    spans = [span(f"s{start}", start, start + 3, "LOC") for start in range(0, 72, 6)]
    document = replace(annotations.documents["d000"], id="e")

    def posterior(found: int) -> float:
        marks = {"amal": spans, "basim": spans[:-1], "huda": spans[:found]}
        more = (reading(name, held, doc_id="e") for name, held in marks.items())
        both = Corpus({**annotations.documents, "e": document}, (*annotations.annotations, *more))
        believed = learn(both, BAYES, SCHEMA, {})
        (value,) = believed.documents["e"].spans[-1].values()
        odds = (value / (1 - value)) ** believed.model["temperature"]  # before they were flattened
        return float(odds / (1 + odds))

    # 0.14 of it comes from the lower recall of that annotator over all documents.
    assert posterior(found=2) > posterior(found=len(spans) - 1) + 0.16


def test_people_who_differ_in_boundaries_still_agree_that_something_is_there() -> None:
    """Two of three marked one thing with one boundary in common: that is as much as if they had both in common."""
    annotations, _ = crowd(MIXED, n_documents=20)
    document = replace(annotations.documents["d000"], id="e")

    def something(*ranges: tuple[int, int]) -> float:
        marks = [[span("s", *place, "LOC")] for place in ranges]
        more = [
            reading(name, held, doc_id="e") for name, held in zip(("amal", "basim", "huda"), [*marks, []], strict=True)
        ]
        both = Corpus({**annotations.documents, "e": document}, (*annotations.annotations, *more))
        (unit,) = learn(both, BAYES, SCHEMA, {}).documents["e"].spans
        return sum(unit.values())

    assert something((0, 20), (6, 20)) > something((0, 20), (0, 20)) - 0.05


def test_reliability_is_learned_of_one_label_and_wild_boundaries() -> None:
    """Long spans whose boundaries everybody sets elsewhere: by what is covered, two votes a word are beaten."""
    rng = random.Random(5)
    text = " ".join(["كلمة"] * 60)
    documents, marks, truth = {}, [], {}
    skills = {f"k{number:02}": 0.85 if number % 2 else 0.3 for number in range(20)}
    for number in range(60):
        doc_id = f"d{number:02}"
        documents[doc_id] = Document(id=doc_id, text=text)
        truth[doc_id] = [(start, start + rng.randint(4, 9)) for start in (3, 22, 41)]
        for name in rng.sample(sorted(skills), 6):
            held = [
                (start + rng.choice((-2, 0, 1)), end + rng.choice((-1, 0, 2)))
                for start, end in truth[doc_id]
                if rng.random() < skills[name]
            ]
            if rng.random() > skills[name]:  # who finds little invents much
                held.append((start := rng.choice((15, 17, 34, 36, 53, 55)), start + 2))
            held = [span(f"s{start}", 5 * start, 5 * end - 1, "LOC") for start, end in held]
            marks.append(reading(name, held, doc_id=doc_id))
    right = {(doc_id, word) for doc_id, held in truth.items() for start, end in held for word in range(start, end)}

    def covered(spans: Any) -> set[tuple[str, int]]:
        return {(doc_id, word) for doc_id, s in spans for word in range(s.start // 5, (s.end + 1) // 5)}

    votes = Counter(word for a in marks for word in covered((a.doc_id, s) for s in a.spans))
    merged = merge(Corpus(documents, tuple(marks)), Settings("bayes", resolve_all=True), SCHEMA)
    found = covered((m.document.id, s) for m in merged for s in m.gold_spans)

    def words_f1(words: set[tuple[str, int]]) -> float:
        return 2 * len(words & right) / (len(words) + len(right))

    assert words_f1(found) > words_f1({word for word, n in votes.items() if n >= 2}) + 0.02


def test_a_relation_speaks_for_its_ends_where_annotators_draw_some() -> None:
    """The crowd draws relations between what is there, and none from what it invents."""
    annotations, _ = crowd(MIXED, n_documents=30)
    document = replace(annotations.documents["d000"], id="e")
    spans = [span("a", 0, 4, "LOC"), span("b", 6, 10, "LOC")]

    def posterior(*relations: Relation) -> float:
        more = [reading(name, [spans[1]], doc_id="e") for name in ("basim", "huda")]
        more.append(reading("amal", spans, relations, doc_id="e"))
        both = Corpus({**annotations.documents, "e": document}, (*annotations.annotations, *more))
        (value,) = learn(both, BAYES, SCHEMA, {}).documents["e"].spans[0].values()
        return value

    assert posterior(relation("r", "at", "a", "b")) > posterior() + 0.05


def test_who_draws_no_relations_at_all_is_not_held_to_have_invented() -> None:
    """An annotator of spans alone beside others who draw relations: what they alone marked counts as before."""
    annotations, _ = crowd(MIXED, n_documents=30)

    def posteriors(passes: tuple[str, ...]) -> list[float]:
        given = tuple(replace(a, relations=()) if a.annotator in passes else a for a in annotations.annotations)
        believed = learn(Corpus(annotations.documents, given), BAYES, SCHEMA, {}).documents
        merged = merge(Corpus(annotations.documents, given), BAYES, SCHEMA)
        return [
            posterior
            for document in merged
            for number, question in enumerate(document.questions.spans)
            if {who for c in question.candidates for who in c.annotators} == {"amal"}
            for posterior in believed[document.document.id].spans[number].values()
        ]

    with_all, without = posteriors(()), posteriors(("amal",))
    assert sum(without) / len(without) > sum(with_all) / len(with_all) - 0.03


def test_two_real_workers_settle_little_that_is_wrong(shared_data: Path) -> None:
    rng = random.Random(0)
    everybody = read_annotations(shared_data / "crowd_annotations.jsonl")
    chosen = tuple(
        a for readings in everybody.by_document().values() for a in rng.sample(readings, min(2, len(readings)))
    )
    gold = read_annotations(shared_data / "crowd_gold.jsonl")
    truth = {(a.doc_id, s.start, s.end, s.label) for a in gold.annotations for s in a.spans}
    settled = [
        (document.document.id, span.start, span.end, span.label) in truth
        for document in merge(Corpus(everybody.documents, chosen), BAYES, SCHEMA)
        for span in document.gold_spans
    ]
    assert len(settled) > 1200
    # Where two agree they are right in 86 of 100; one alone is in 54, and must not be settled.
    assert sum(settled) > 0.85 * len(settled)


def test_what_two_annotators_agree_on_is_settled_and_what_is_settled_is_right() -> None:
    skills = {name: Skill(recall=0.5 + 0.06 * i, invents=0.03) for i, name in enumerate("abcdefg")}
    annotations, gold = crowd(skills, per_document=2)
    truth = {(a.doc_id, s.start, s.end, s.label) for a in gold.annotations for s in a.spans}
    same, alone, settled = [], [], []
    for document in merge(annotations, BAYES, SCHEMA):
        settled += [(document.document.id, g.start, g.end, g.label) in truth for g in document.gold_spans]
        for question, item in zip(document.questions.spans, document.spans, strict=True):
            marks = sum(len(candidate.annotators) for candidate in question.candidates)
            if marks == 1:
                alone.append(item.outcome)
            elif len(question.candidates) == 1:
                same.append(item.outcome)
    # These annotators err apart; the model allows for some mistakes that people share, which leaves a part of it open.
    assert same.count("taken") > 0.75 * len(same)
    assert alone.count("conflict") > 0.8 * len(alone)
    assert sum(settled) > 0.98 * len(settled)
