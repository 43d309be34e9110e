"""Precision of rules, suggestions and explanations, on readings made up for the purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from tahkim.model import Annotation, Document, Span
from tahkim.rules import Rules, annotate, load
from tahkim.rules.explain import explain
from tahkim.rules.score import score, to_text, wilson
from tahkim.rules.scores import read_scores
from tahkim.rules.suggest import Suggestion, suggest

Marks = list[tuple[str, str]]

TEXT = "قصفت المدفعية التركية قرية زغزيغان وأصيب مدنيان"
NO_TOWN: Marks = [("غارات", "AIRSTRIKE"), ("طائرات حربية", "WEAPON"), ("قتل", "KILL"), ("مدنيان", "CASUALTY")]
TOWN: Marks = [*NO_TOWN, ("زغزيغان", "LOC")]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load()


def person(name: str, *marks: tuple[str, str], text: str = TEXT, doc_id: str = "d") -> Annotation:
    spans = tuple(
        Span(f"s{n}", text.index(surface), text.index(surface) + len(surface), label)
        for n, (surface, label) in enumerate(marks)
    )
    return Annotation(doc_id=doc_id, annotator=name, spans=spans)


def suggestions(text: str, readings: list[Marks]) -> list[Suggestion]:
    """What is suggested from documents of one text, each read in its own way."""
    documents = {f"d{n}": Document(id=f"d{n}", text=text) for n in range(len(readings))}
    people = [person("amal", *marks, text=text, doc_id=f"d{n}") for n, marks in enumerate(readings)]
    return suggest(documents, people)


def test_right_edited_and_deleted_are_counted_once_a_prediction(rules: Rules) -> None:
    documents = {"d": Document(id="d", text=TEXT)}
    marks = [("قصفت", "SHELLING"), ("قرية زغزيغان وأصيب", "LOC")]
    people = [person(name, *marks) for name in ("amal", "basil", "dina")]
    people.append(person("rules@0", ("قصفت", "KILL")))
    records = {record.rule: record for record in score(documents, people, rules)}
    assert (records["trigger.verb:قصف"].right, records["trigger.verb:قصف"].total) == (1, 1)
    assert records["loc.class_unknown"].edited == 1
    assert records["weapon.named"].deleted == 1
    low, high = wilson(1, 1)
    assert (records["trigger.verb:قصف"].low, records["trigger.verb:قصف"].high) == (low, high)


def test_excluded_documents_are_never_looked_at(rules: Rules) -> None:
    assert score({}, [person("amal", ("قصفت", "SHELLING"))], rules, exclude={"d"}) == []
    assert suggest({}, [person("amal", ("قصفت", "SHELLING"))], exclude={"d"}) == []


def test_fitted_scores_come_back_with_the_next_load(rules: Rules, tmp_path: Path) -> None:
    records = score({"d": Document(id="d", text=TEXT)}, [person("amal", ("قصفت", "SHELLING"))], rules)
    (tmp_path / "fitted.scores").write_text(to_text(records), encoding="utf-8")
    fitted = next(record for record in records if record.rule == "weapon.named")
    assert read_scores([tmp_path])["weapon.named"] == pytest.approx(fitted.score, abs=0.001)
    weapon = next(s for s in annotate(Document(id="d", text=TEXT), load([tmp_path])).spans if s.label == "WEAPON")
    assert weapon.score == pytest.approx(fitted.score, abs=0.001)


def test_a_name_the_lexicons_lack_is_suggested_if_it_helps() -> None:
    text = "شنت طائرات حربية غارات على زغزيغان وقتل مدنيان"
    (found,) = suggestions(text, [TOWN] * 4)
    assert (found.kind, found.text, found.mended, found.broken, found.documents) == ("entry", "زغزيغان", 4, 0, 4)
    assert found.lexicon == "[loc.name.town as=name type=town]\nزغزيغان\n"
    assert len(found.evidence) == 4


@pytest.mark.parametrize(
    "readings",
    [
        pytest.param([TOWN] * 3, id="three right of three may be chance"),
        pytest.param([TOWN] * 6 + [NO_TOWN] * 2, id="six right of eight are not clearly more than half"),
    ],
)
def test_what_may_be_chance_is_not_suggested(readings: list[Marks]) -> None:
    text = "شنت طائرات حربية غارات على زغزيغان وقتل مدنيان"
    assert suggestions(text, readings) == []


def test_what_one_document_alone_says_is_not_suggested() -> None:
    sentence = "شنت طائرات حربية غارات على زغزيغان وقتل مدنيان. "
    spans, text = [], sentence * 5
    for surface, label in TOWN:
        starts = [at * len(sentence) + sentence.index(surface) for at in range(5)]
        spans += [(start, start + len(surface), label) for start in starts]
    reading = Annotation(
        doc_id="d", annotator="amal", spans=tuple(Span(f"s{n}", *span) for n, span in enumerate(sorted(spans)))
    )
    assert suggest({"d": Document(id="d", text=text)}, [reading]) == []


def test_an_event_no_one_marks_is_suggested_as_exclusion() -> None:
    text = "شن المحتجون هجوم ورود على قوات الأمن وقتل مدنيان في انفجار"
    marks: Marks = [("قتل", "KILL"), ("مدنيان", "CASUALTY"), ("انفجار", "EXPLOSION")]
    found = suggestions(text, [marks] * 4)
    assert ("exclusion", "هجوم ورود") in {(suggestion.kind, suggestion.text) for suggestion in found}


def test_explain_says_which_rule_made_what_and_what_was_dropped(rules: Rules) -> None:
    text = "قصفت المدفعية التركية قرية العيون. وزار الوزير مدينة حلب."
    explanation = explain(Document(id="d", text=text), rules)
    made = {(made.text, made.label): made for made in explanation.made}
    assert made["قصفت", "SHELLING"].rule == "trigger.verb:قصف"
    assert made["قصفت", "SHELLING"].source.startswith("triggers.lex:")
    assert made["قصفت → المدفعية", "instrument"].rule == "instrument.nearest"
    missed = {missed.text: missed for missed in explanation.missed}
    assert missed["مدينة حلب"].why == "no event in the sentence"
    assert explanation.note == ""


def test_explain_says_why_a_document_has_no_event(rules: Rules) -> None:
    explanation = explain(Document(id="d", text="فاز الفريق في المباراة بعد هجوم قوي"), rules)
    assert explanation.made == []
    assert explanation.note.startswith("taken to tell of no armed event")
