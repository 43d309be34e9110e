"""What the extractor promises of any text: determinism, sound offsets, spans that follow the schema's global rules."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahkim.model import Annotation, Document
from tahkim.rules import VERSION, Rules, annotate, load, preannotate
from tahkim.rules.extract import BATCH
from tahkim.text import zones

REPORT = (
    "قُتل ثلاثة مدنيين وأُصيب سبعة آخرون، الأحد، في غارة شنّها الطيران الحربي الروسي على سوق شعبي في بلدة الأتارب "
    "بريف حلب الغربي، وفق ما أفاد المرصد السوري لحقوق الإنسان.\n"
    "وقال المرصد إن الغارة أدت إلى تدمير منزلين.\n"
)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load()


def surfaces(annotation: Annotation, text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.label) for span in annotation.spans]


def arcs(annotation: Annotation, text: str) -> set[tuple[str, str, str]]:
    words = {span.id: text[span.start : span.end] for span in annotation.spans}
    return {(relation.label, words[relation.head], words[relation.tail]) for relation in annotation.relations}


def read(text: str, rules: Rules, published: str = "2018-05-13") -> Annotation:
    return annotate(Document(id="d", text=text, meta={"published": published}), rules)


def test_a_report_is_read(rules: Rules) -> None:
    annotation = read(REPORT, rules)
    assert annotation.annotator == f"rules@{VERSION}"
    assert surfaces(annotation, REPORT)[:8] == [
        ("قُتل", "KILL"),
        ("ثلاثة مدنيين", "CASUALTY"),
        ("أُصيب", "INJURE"),
        ("سبعة آخرون", "CASUALTY"),
        ("الأحد", "TIME"),
        ("غارة", "AIRSTRIKE"),
        ("الطيران الحربي", "WEAPON"),
        ("الروسي", "ACTOR"),
    ]
    assert {
        ("victim", "قُتل", "ثلاثة مدنيين"),
        ("causes", "غارة", "أُصيب"),
        ("agent", "غارة", "الروسي"),
        ("target", "غارة", "سوق شعبي"),
        ("place", "غارة", "بلدة الأتارب"),
        ("located_in", "بلدة الأتارب", "ريف حلب الغربي"),
        ("reported_by", "غارة", "المرصد السوري لحقوق الإنسان"),
        ("same_event", "الغارة", "غارة"),
    } <= arcs(annotation, REPORT)


def test_a_brother_with_a_pronoun_is_one_and_two_are_two(rules: Rules) -> None:
    """أخيه and أبيه look like duals and are the genitive of the five nouns; their dual has a waw."""
    text = "أسفر القصف عن إصابة أخيه وأبيه وأخويه ومقتل ثلاثة إخوة."
    counts = {text[s.start : s.end]: s.attributes.get("count_max") for s in read(text, rules).spans}
    assert {people: counts[people] for people in ("أخيه", "أبيه", "أخويه", "ثلاثة إخوة")} == {
        "أخيه": 1,
        "أبيه": 1,
        "أخويه": 2,
        "ثلاثة إخوة": 3,
    }


def test_a_role_stands_as_it_is_written(rules: Rules) -> None:
    text = "قُتل القائد الميداني أحمد الأسعد في غارة على إدلب."
    (person,) = [span for span in read(text, rules).spans if span.label == "PERSON"]
    assert person.attributes["role"] == "القائد الميداني"
    text = "أصيبت الطفلة هديل أحمد باشا في قصف مدفعي على إدلب."
    (person,) = [span for span in read(text, rules).spans if span.label == "PERSON"]
    assert person.attributes["role"] == "الطفلة"


def test_every_prediction_says_its_rule_and_score(rules: Rules) -> None:
    annotation = read(REPORT, rules)
    for made in (*annotation.spans, *annotation.relations):
        assert made.rule
        assert made.score is not None and 0 < made.score <= 1


def test_spans_do_not_overlap_and_stay_in_one_line(rules: Rules) -> None:
    annotation = read(REPORT, rules)
    for earlier, later in zip(annotation.spans, annotation.spans[1:], strict=False):
        assert earlier.end <= later.start
    assert all("\n" not in REPORT[span.start : span.end] for span in annotation.spans)


def test_an_entity_without_a_relation_is_not_kept(rules: Rules) -> None:
    annotation = read(REPORT, rules)
    tied = {end for relation in annotation.relations for end in (relation.head, relation.tail)}
    events = {"KILL", "INJURE", "DAMAGE", "AIRSTRIKE"}
    assert all(span.id in tied or span.label in events for span in annotation.spans)


def test_relations_follow_the_schema_and_name_their_certainty(rules: Rules) -> None:
    for relation in read(REPORT, rules).relations:
        assert relation.attributes["certainty"] == "asserted"


def test_a_document_without_event_says_so(rules: Rules) -> None:
    annotation = read("يكون الطقس مغيما جزئيا مع أمطار متفرقة.", rules)
    assert (annotation.spans, annotation.relations, annotation.attributes) == ((), (), {"no_event": True})


def test_proclitics_are_cut_and_the_second_lam_kept(rules: Rules) -> None:
    text = "أسفرت غارات للتحالف الدولي بطائرات مسيرة عن مقتل خمسة عناصر وإصابة آخرين."
    assert ("لتحالف الدولي", "ACTOR") in surfaces(read(text, rules), text)
    assert ("طائرات مسيرة", "WEAPON") in surfaces(read(text, rules), text)
    assert ("إصابة", "INJURE") in surfaces(read(text, rules), text)


@pytest.mark.parametrize(
    ("quoted", "span"),
    [
        ("لواء “فاطميون” الأفغاني", "لواء “فاطميون” الأفغاني"),
        ("«حزب الله»", "حزب الله"),
        ('تنظيم "الدولة الإسلامية"', 'تنظيم "الدولة الإسلامية"'),
        ("حركة #طالبان", "حركة #طالبان"),
    ],
)
def test_quotation_marks_of_a_part_are_inside_of_the_whole_outside(rules: Rules, quoted: str, span: str) -> None:
    text = f"قتل خمسة جنود في هجوم شنه {quoted} على قاعدة عسكرية."
    assert (span, "ACTOR") in surfaces(read(text, rules), text)


def test_nothing_is_marked_in_zones(rules: Rules) -> None:
    text = f"{REPORT}اقرأ أيضا: قصف مدفعي على درعا\n"
    closed = [zone for zone in zones(text) if zone.kind == "READ_ALSO"]
    assert closed
    for span in read(text, rules).spans:
        assert all(span.end <= zone.start or span.start >= zone.end for zone in closed)


def test_a_ceasefire_is_no_shooting(rules: Rules) -> None:
    text = "دخل وقف إطلاق النار حيز التنفيذ بعد اشتباكات بين الجيش السوداني وقوات الدعم السريع."
    assert [label for _, label in surfaces(read(text, rules), text) if label == "ATTACK"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("مقتل ثلاثة عشر جنديا في انفجار", (13, 13, "exact")),
        ("مقتل ٢٥ شخصا في انفجار", (25, 25, "exact")),
        ("مقتل جنديين في انفجار", (2, 2, "exact")),
        ("مقتل ما لا يقل عن عشرين شخصا في انفجار", (20, None, "at_least")),
        ("مقتل نحو 40 شخصا في انفجار", (40, 40, "approx")),
        ("مقتل أكثر من ثلاثمئة مدني في انفجار", (300, None, "at_least")),
        ("مقتل عشرات المدنيين في انفجار", (20, None, "indefinite")),
        ("مقتل عدد من الجنود في انفجار", (2, None, "indefinite")),
        ("مقتل 10 آلاف شخص في انفجار", (10000, 10000, "exact")),
        ("مقتل طفلة في انفجار", (1, 1, "exact")),
    ],
)
def test_counts(rules: Rules, text: str, expected: tuple[int, int | None, str]) -> None:
    people = next(span for span in read(text, rules).spans if span.label == "CASUALTY")
    found = people.attributes
    assert (found["count_min"], found.get("count_max"), found["count_type"]) == expected


@pytest.mark.parametrize(
    ("phrase", "norm"),
    [
        ("الأربعاء", "2018-05-09"),
        ("فجر الخميس", "2018-05-10TDA"),
        ("مساء أمس", "2018-05-12TEV"),
        ("أول أمس", "2018-05-11"),
        ("في 13 آذار/مارس الماضي", "2018-03-13"),
        ("في تشرين الثاني/نوفمبر", "2017-11"),
        ("في 3 جويلية 2016", "2016-07-03"),
        ("ليل السبت - الأحد", "2018-05-12TNI"),
        ("الشهر الماضي", "2018-04"),
        ("عام 2014", "2014"),
        ("قبل يومين", "2018-05-11"),
        ("خلال 24 ساعة", None),
    ],
)
def test_times(rules: Rules, phrase: str, norm: str | None) -> None:
    text = f"قتل خمسة جنود في انفجار عبوة ناسفة {phrase}"
    moment = next(span for span in read(text, rules).spans if span.label == "TIME")
    assert moment.attributes.get("norm") == norm
    assert (norm is None) == ("rel" in moment.attributes)


def test_without_publication_date_a_weekday_is_relative(rules: Rules) -> None:
    annotation = annotate(Document(id="d", text="انفجرت سيارة مفخخة مساء السبت في بغداد"), rules)
    moment = next(span for span in annotation.spans if span.label == "TIME")
    assert moment.attributes["rel"] == "weekday:SAT|part:TEV"


@pytest.mark.parametrize(
    ("text", "word", "factuality"),
    [
        ("أحبطت الشرطة محاولة تفجير مسجد في بغداد", "تفجير", "IRREALIS"),
        ("لم تنفذ الطائرات أي غارة على البلدة", "غارة", "NEGATED"),
        ("شنت الطائرات غارة على البلدة", "غارة", "ASSERTED"),
    ],
)
def test_factuality(rules: Rules, text: str, word: str, factuality: str) -> None:
    found = {text[span.start : span.end]: span for span in read(text, rules).spans}
    assert found[word].attributes["factuality"] == factuality


@pytest.mark.parametrize(
    ("text", "word", "actor_type"),
    [
        ("شنت إسرائيل غارات على موقع عسكري سوري في مدينة حمص", "سوري", "STATE_FORCE"),
        ("شنت إسرائيل غارات على موقع عسكري سوري في مدينة حمص", "إسرائيل", "EXTERNAL_FORCE"),
        ("قتل مدنيان في قصف سوري على مدينة طرابلس اللبنانية", "سوري", "EXTERNAL_FORCE"),
        ("قتل مدنيان في قصف سوري", "سوري", "EXTERNAL_FORCE"),
    ],
)
def test_who_is_external_depends_on_the_country(rules: Rules, text: str, word: str, actor_type: str) -> None:
    actors = {text[span.start : span.end]: span for span in read(text, rules).spans if span.label == "ACTOR"}
    assert actors[word].attributes["actor_type"] == actor_type


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("قتل 3 أجانب في قصف على مدينة حمص", "unknown"),
        ("قتل 3 سياح أجانب في قصف على مدينة حمص", "civilian"),
        ("قتل 3 مقاتلين أجانب في قصف على مدينة حمص", "combatant"),
    ],
)
def test_foreigners_are_civilian_only_where_the_text_says_so(rules: Rules, text: str, status: str) -> None:
    (people,) = [span for span in read(text, rules).spans if span.label == "CASUALTY"]
    assert people.attributes["status"] == status


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("سيطر مقاتلون من تنظيم داعش مساء الأحد على بلدة الشحيل", True),
        ("سيطر التنظيم فجر الجمعة الماضي على بلدة الشحيل", True),
        ("سيطر الحريق على رجال الإطفاء ثم وقع انفجار على طريق بلدة الشحيل", False),
        ("قتل مدنيان في مواقع سيطر عليها مقاتلون من تنظيم داعش مساء الأحد في بلدة الشحيل", False),
    ],
)
def test_control_is_taken_of_a_place_far_behind_its_verb(rules: Rules, text: str, taken: bool) -> None:
    events = {text[span.start : span.end] for span in read(text, rules).spans if span.label == "TERRITORY"}
    assert events == ({"سيطر"} if taken else set())


def test_same_text_same_annotation_whatever_was_read_before(rules: Rules) -> None:
    first = read(REPORT, rules)
    list(preannotate([Document(id="x", text=REPORT[::-1]), Document(id="y", text=REPORT * 3)], rules))
    assert read(REPORT, rules) == first
    assert read(REPORT, load()) == first


def test_documents_read_together_are_read_as_each_alone(rules: Rules) -> None:
    texts = [REPORT, "", REPORT * (BATCH // len(REPORT)), "لا شيء.", REPORT[::-1], REPORT]
    documents = [Document(id=str(number), text=text) for number, text in enumerate(texts)]
    assert list(preannotate(documents, rules)) == [annotate(document, rules) for document in documents]


def test_a_stream_of_documents_is_not_read_to_its_end_first(rules: Rules) -> None:
    taken = []

    def stream() -> Iterator[Document]:
        for number in range(10):
            taken.append(number)
            yield Document(id=str(number), text="قصف الجيش القرية. " * (BATCH // 10))

    assert next(preannotate(stream(), rules)).doc_id == "0"
    assert taken == [0]


HOSTILE = {
    "one letter": "ب",
    "the article": "ال",
    "brackets": "([{«",
    "closing": ")»”",
    "quotes": '"',
    "diacritics": "\u064e\u0651",
    "tatweel": "ـ",
    "digits": "7",
    "numbers": "7 ",
    "triggers": "غارة ",
    "names": "تنظيم الدولة ",
    "deaths": "قتل 3 ",
    "and": "و",
    "and word": "و قصف و",
    "stops": ".",
    "line breaks": "\n",
    "astral": "\U0001f4a5",
    "surrogate": "\ud800",
    "zero width": "\u200f\u200c",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_neither_hangs_nor_raises(rules: Rules, piece: str) -> None:
    text = piece * (300_000 // len(piece))
    started = time.process_time()
    annotation = read(text, rules)
    assert time.process_time() - started < 60
    assert all(0 <= span.start < span.end <= len(text) for span in annotation.spans)


@given(st.text(max_size=300))
def test_any_text_is_read(rules: Rules, text: str) -> None:
    annotation = read(text, rules)
    assert all(0 <= span.start < span.end <= len(text) for span in annotation.spans)


@given(st.integers(0, 2**32 - 1))
def test_shuffled_words_of_a_report_are_read(rules: Rules, seed: int) -> None:
    words = REPORT.split()
    random.Random(seed).shuffle(words)
    text = " ".join(words)
    annotation = read(text, rules)
    for earlier, later in zip(annotation.spans, annotation.spans[1:], strict=False):
        assert earlier.end <= later.start
