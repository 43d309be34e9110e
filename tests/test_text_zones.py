"""Zones: what on a news page is not the report is found, what is the report is left alone."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahkim.text import lines, zones

FIRST = "قال مصدر محلي إن طائرة مسيّرة استهدفت عربة على طريق البلدة الشرقي فجر الأحد، ما أدى إلى مقتل سائقها."
SECOND = "وأضاف المصدر أن القصف تجدد بعد ساعة على أطراف البلدة وأوقع أضراراً مادية في ثلاثة منازل، دون إصابات."
THIRD = "ولم تعلن أي جهة مسؤوليتها عن الهجوم حتى ساعة متأخرة من مساء اليوم نفسه، بحسب ما نقل مراسل محلي."


def found(text: str) -> list[tuple[str, str]]:
    return [(zone.kind, text[zone.start : zone.end]) for zone in zones(text)]


@pytest.mark.parametrize("line", [FIRST, SECOND, THIRD, f"“{FIRST}”"])
def test_a_paragraph_is_no_zone(line: str) -> None:
    assert found("\n".join([FIRST, line, THIRD])) == []


@pytest.mark.parametrize("dateline", ["دير الزور", "دمشق", "الحديدة، اليمن", "حلب - خاص", "بغداد:"])
def test_a_first_line_that_is_only_a_place_is_a_dateline(dateline: str) -> None:
    assert found(f"{dateline}\n{FIRST}\n{SECOND}") == [("DATELINE", dateline)]


@pytest.mark.parametrize(
    "headline", ["مقتل قيادي", "قصف على حلب", "غارات ليلية", "انفجار لغم", "خسائر في القصف", "هل انتهت؟", "دير الزور."]
)
def test_a_first_line_that_tells_something_is_no_dateline(headline: str) -> None:
    assert found(f"{headline}\n{FIRST}\n{SECOND}") == []


def test_a_report_of_one_line_has_no_dateline() -> None:
    assert found("دير الزور") == []


@pytest.mark.parametrize(
    "opening",
    [
        "بغداد، العراق (CNN) --",
        "دمشق (رويترز) -",
        "بيروت 5 أيار/مايو (د ب أ) -",
        "غزة - وفا -",
        "صنعاء / سبأ:",
        "سانا -",
        "عدن، اليمن --",
        "القدس - \u202bأ ف ب\u202c:",
    ],
)
def test_a_dateline_inside_the_first_paragraph_ends_at_its_dash(opening: str) -> None:
    assert found(f"{opening}\u00a0 {FIRST}\n{SECOND}") == [("DATELINE", opening)]


@pytest.mark.parametrize(
    "opening",
    ["وقالت وكالة الأنباء (سانا) إن", "رويترز: مقتل", "اللواء 47 - وهو", "أصيب الشاب (24 عاماً) -", "بلدة - كما يقال"],
)
def test_a_paragraph_that_only_resembles_a_dateline_is_left_alone(opening: str) -> None:
    assert found(f"{opening} {FIRST}\n{SECOND}") == []


@pytest.mark.parametrize(
    "line",
    [
        "اقرأ أيضاً: مقتل ثلاثة في غارة شرقي البلاد",
        "إقرأ أيضا مقتل ثلاثة في غارة شرقي البلاد",
        "- اقـرأ المزيد",
        "▪ اقرأ/ي أيضاً | غارة جديدة.",
        "للمزيد: كيف بدأت المعارك",
        "للمزيد من التفاصيل اقرأ الملف",
        "شاهد أيضاً: صور الدمار",
        "مواضيع ذات صلة",
        "قد يهمك أيضا: غارة أخرى",
        "[غارة على البلدة](https://example.org/a_b?c=1)",
        "https://example.org/أخبار_اليوم/12",
    ],
)
def test_a_line_that_points_elsewhere_is_read_also(line: str) -> None:
    assert found(f"{FIRST}\n{line}\n{SECOND}") == [("READ_ALSO", line)]


@pytest.mark.parametrize("line", ["للمزيد من الضغط على المدينة، قصفت القوات ", "شاهد أيضاً سكان البلدة الدخان وهو "])
def test_the_words_of_a_pointer_inside_a_sentence_are_no_pointer(line: str) -> None:
    assert found(f"{FIRST}\n{line}{SECOND}") == []


def test_headlines_under_a_bare_pointer_belong_to_it() -> None:
    text = "\n".join([FIRST, "اقرأ أيضاً:", "غارة على قافلة شرقي البلاد", "هدنة جديدة في الجنوب", SECOND])
    assert [kind for kind, _ in found(text)] == ["READ_ALSO"] * 3


def test_a_pointer_behind_a_stop_runs_to_the_end_of_the_line() -> None:
    assert found(f"{FIRST} اقرأ أيضاً: غارة على قافلة\n{SECOND}") == [("READ_ALSO", "اقرأ أيضاً: غارة على قافلة")]
    assert found(f"{FIRST} اقرأ أيضاً: غارة على قافلة. {SECOND}") == [("READ_ALSO", "اقرأ أيضاً: غارة على قافلة")]


def test_unmarked_headlines_between_paragraphs_are_related_headlines() -> None:
    headlines = ['سلسلة غارات "غامضة" في الشرق', "الأهالي يطالبون بتحقيق دولي في القصف"]
    text = "\n".join(["قصف عربة شرقي البلدة", FIRST, SECOND, *headlines, THIRD])
    assert found(text) == [("RELATED_HEADLINE", headline) for headline in headlines]


@pytest.mark.parametrize(
    "between",
    [
        ["وجاء في البيان:", "انسحاب كامل القوات من البلدة"],
        ["- مقتل ثلاثة قرب السد", "- إصابة اثنين قرب السوق"],
        ["وقف شامل للقصف", "تبادل كل الأسرى", "فتح طريق السد", "عودة من نزحوا"],
        ["ولم يصب أحد."],
    ],
)
def test_lists_and_short_sentences_are_no_related_headlines(between: list[str]) -> None:
    assert found("\n".join([FIRST, SECOND, *between, THIRD])) == []


def test_where_paragraphs_have_no_stops_nothing_is_taken_for_a_headline() -> None:
    text = "\n".join([FIRST.rstrip("."), SECOND.rstrip("."), "أصيب ثلاثة من سكان القرية", THIRD.rstrip(".")])
    assert found(text) == []


def test_a_promotion_takes_the_rule_above_it_along() -> None:
    promotion = "------------------\nيمكنكم استلام إشعارات بأهم الأخبار بعد تحميل التطبيق على هواتفكم."
    text = f"{FIRST}\n{SECOND}\n{promotion}"
    assert found(text) == list(zip(["APP_PROMO"] * 2, promotion.split("\n"), strict=True))


@pytest.mark.parametrize(
    "line",
    ["حجم الخط", "+A", "A-", "A+ A-", "45", "عدد المشاهدات: 77", "هل أعجبك المحتوى؟", "تابعونا على تويتر", "مشاركة"],
)
def test_what_the_page_says_of_itself_is_a_promotion(line: str) -> None:
    assert found(f"{FIRST}\n{line}\n{SECOND}") == [("APP_PROMO", line)]


@pytest.mark.parametrize(
    "line",
    [
        "فرانس24/ أ ف ب",
        "أ.ف.ب",
        "المصدر: وكالات",
        "(رويترز)",
        "سانا - وكالات",
        "CNN",
        "المصدر: موقع محلي وصفحات السكان",
    ],
)
def test_a_line_of_agencies_is_a_signature(line: str) -> None:
    assert [kind for kind, _ in found(f"{FIRST}\n{SECOND}\n{line}")] == ["AGENCY_SIGNATURE"]


def test_a_signature_behind_the_last_stop_is_found() -> None:
    assert found(f"{FIRST}\n{SECOND} (أ ف ب)") == [("AGENCY_SIGNATURE", "(أ ف ب)")]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("BYLINE", "اعداد: ليلى حمدان – تحرير: سامر الحلو"),
        ("BYLINE", "بقلم ليلى حمدان"),
        ("BYLINE", "كتب: سامر الحلو"),
        ("BYLINE", "آخر تحديث: 12:30 بتوقيت دمشق"),
        ("CAPTION", "صورة أرشيفية لسيارات إسعاف قرب السوق"),
        ("CAPTION", "مصدر الصورة Getty Images"),
        ("CAPTION", "سيارات إسعاف قرب السوق (أرشيف)"),
        ("CAPTION", "الصورة: عربة محترقة على الطريق."),
        ("CAPTION", "raid_on-town.jpg"),
        ("TAGS", "سوريا ـ دير الزور ـ التحالف الدولي"),
        ("TAGS", "اليمن | الحديدة | ألغام"),
        ("TAGS", "#اليمن #الحديدة #لغم_أرضي"),
        ("TAGS", "كلمات مفتاحية: قصف، درعا"),
    ],
)
def test_lines_of_other_kinds(kind: str, line: str) -> None:
    assert [found_kind for found_kind, _ in found(f"{FIRST}\n{line}\n{SECOND}")] == [kind]


@pytest.mark.parametrize(
    "line",
    [
        "#الحديدة: مقتل ثلاثة من سكان القرية في انفجار لغم.",
        "كتب على الجدار - كما قال شاهد - أن القصف قادم.",
        "تقرير: مقتل ثلاثة في غارة على سوق شعبية شرقي البلدة.",
        "قالت بـ غزة ولـ حماس وكـ طرف إن القصف لن يتوقف.",
        "صورة قاتمة رسمها السكان لما جرى بعد القصف.",
        "45 قتيلاً في القصف.",
        "نشر في صفحته صوراً لما جرى في السوق.",
    ],
)
def test_paragraphs_that_only_resemble_a_zone_are_left_alone(line: str) -> None:
    assert found(f"{FIRST}\n{line}\n{SECOND}") == []


def test_the_address_of_a_link_is_a_zone_and_its_words_are_not() -> None:
    text = f"{FIRST}\nوكانت [غارة سابقة](https://example.org/a) قد أصابت البلدة، بحسب www.example.org.\n{SECOND}"
    assert found(text) == [("READ_ALSO", "(https://example.org/a)"), ("READ_ALSO", "www.example.org")]


def test_zones_of_real_reports_are_where_a_reader_sees_them(shared_data: Path) -> None:
    texts = {"seed": (shared_data / "seed.txt").read_text("utf-8")}
    for line in (shared_data / "reports.jsonl").read_text("utf-8").splitlines():
        report = json.loads(line)
        texts[report["id"]] = report["text"]
    seen = {}
    for name, text in texts.items():
        rows = lines(text)
        seen[name] = [(sum(start <= zone.start for start, _ in rows), zone.kind) for zone in zones(text)]
    assert {name: where for name, where in seen.items() if where} == {
        "seed": [(1, "DATELINE"), (10, "READ_ALSO")],
        "r24": [(5, "RELATED_HEADLINE"), (6, "RELATED_HEADLINE")],
        "r26": [(1, "DATELINE")],
        "r28": [(8, "AGENCY_SIGNATURE")],
        "r32": [(4, "READ_ALSO")],
    }


def test_real_annotators_marked_nothing_inside_zones(shared_data: Path) -> None:
    texts = {}
    for line in (shared_data / "reports.jsonl").read_text("utf-8").splitlines():
        report = json.loads(line)
        texts[report["id"]] = report["text"]
    for line in (shared_data / "report_annotations.jsonl").read_text("utf-8").splitlines():
        annotation = json.loads(line)
        for zone in zones(texts[annotation["doc_id"]]):
            assert not [s for s in annotation["spans"] if s["start"] < zone.end and zone.start < s["end"]]


PIECES = [
    "دير الزور",
    "\n",
    "اقرأ أيضاً:",
    "-----\n",
    "(CNN) --",
    " ـ ",
    "#حيس ",
    "[ا](http://ا)",
    "أ ف ب",
    "45",
    FIRST,
    "\ufeff",
]


@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(st.characters(exclude_categories=()), max_size=5)), max_size=12)
)
@settings(deadline=None)
def test_zones_are_in_order_apart_inside_the_text_and_inside_lines(pieces: list[str]) -> None:
    text = "".join(pieces)
    end = 0
    for zone in zones(text):
        assert end <= zone.start < zone.end <= len(text)
        assert "\n" not in text[zone.start : zone.end].strip()
        end = zone.end


@pytest.mark.parametrize(
    "piece",
    [
        " ",
        "ق\n",
        "---\n",
        "45\n",
        "[",
        "](ab",
        "#",
        "(سانا",
        "سانا/ ",
        "للمزيد:\nعنوان آخر هنا\n",
        " ـ ",
        "إعداد: ",
        "َ",
    ],
)
def test_hostile_text_takes_time_linear_in_its_length(piece: str) -> None:
    """Patterns that backtrack over all of it would need minutes for these half million code points."""
    text = piece * (500_000 // len(piece))
    assert all(zone.end <= len(text) for zone in zones(text))


def test_random_unicode_never_raises() -> None:
    generator = random.Random(7)
    zones("".join(chr(generator.randrange(sys.maxunicode + 1)) for _ in range(200_000)))
