"""Lines, sentences and tokens cover the text in order and split where a reader would."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahkim.text import LINE_BREAKS, lines, sentences, tokens

TEXT = st.text(st.one_of(st.sampled_from('قصف َ.؟!…”"»)(،؛ \n\r\u00a01٢.,_#aM😀\u200f'), st.characters()), max_size=60)


@given(TEXT)
@settings(deadline=None)
def test_sentences_hold_everything_but_space_in_order_and_inside_lines(text: str) -> None:
    found = sentences(text)
    assert found == sorted(found)
    assert "".join("".join(text[s:e].split()) for s, e in found) == "".join(text.split())
    for start, end in found:
        assert not set(text[start:end]) & set(LINE_BREAKS)
        assert text[start:end] == text[start:end].strip() != ""


@given(TEXT)
@settings(deadline=None)
def test_lines_are_the_text_without_its_breaks(text: str) -> None:
    assert "".join(text[s:e] for s, e in lines(text)) == text.translate(dict.fromkeys(map(ord, LINE_BREAKS)))


@given(TEXT)
@settings(deadline=None)
def test_tokens_are_in_order_and_miss_no_letter_or_digit(text: str) -> None:
    found = tokens(text)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    covered = {place for start, end in found for place in range(start, end)}
    assert all(place in covered for place, char in enumerate(text) if char.isalnum())


@pytest.mark.parametrize(
    "parts",
    [
        ["قُصفت القرية عند 12.01 فجراً.", "ولم يصب أحد."],
        ["هل انسحبوا؟", "لا أحد يعلم!", "ربما…", "غداً"],
        ["قال: «انسحبنا.»", "ثم سكت."],
        ["قال إنه “باق في البلدة”.", "وأضاف شيئاً."],
        ["نقلت أ. ف. ب. عن د. سامر الحلو قوله إن القصف توقف.", "ولم يزد."],
        ["وصل Dr. Salem إلى U.S. base مساء.", "وغادر."],
        ["توقف القصف.", "وعاد الأهالي."],
        ["نشره موقع البلدة.نت أمس.", "وحذفه اليوم."],
        ["انتهت المعارك في 2014.", "ثم عادت."],
        ["1. انفجار لغم قرب السد.", "2. حريق."],
        ["قصف الطيران السوق؛ ما أدى إلى مقتل بائع؛ ثم غادر."],
        ["لم يعرف السبب...", "وفتح تحقيق"],
        ["(نُقل الجرحى.)", "وعادوا"],
    ],
)
def test_sentences_end_where_a_reader_ends_them(parts: list[str]) -> None:
    text = " ".join(parts)
    assert [text[s:e] for s, e in sentences(text)] == parts


def test_a_missing_space_between_sentences_does_not_join_them() -> None:
    text = "توقف القصف.وعاد الأهالي إلى «بيوتهم».ولم يصب أحد"
    assert [text[s:e] for s, e in sentences(text)] == [
        "توقف القصف.",
        "وعاد الأهالي إلى «بيوتهم».",
        "ولم يصب أحد",
    ]


def test_every_kind_of_line_break_ends_a_sentence() -> None:
    text = "سقط\r\nصاروخ\u2028قرب\x85البلدة\x0b\x0cليلاً"
    assert [text[s:e] for s, e in sentences(text)] == ["سقط", "صاروخ", "قرب", "البلدة", "ليلاً"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("مقتل(24عاماً)", ["مقتل", "(", "24عاماً", ")"]),
        ("بـ“غـــزة”،", ["بـ", "“", "غـــزة", "”", "،"]),
        ("٣٫٥ كم و1,500 و3.", ["٣٫٥", "كم", "و1,500", "و3", "."]),
        ("\u200fدمشق\u200f - حلب", ["دمشق", "-", "حلب"]),
        ("#لغم_أرضي", ["#", "لغم", "_", "أرضي"]),
    ],
)
def test_tokens_are_words_and_punctuation_marks(text: str, words: list[str]) -> None:
    assert [text[s:e] for s, e in tokens(text)] == words


@pytest.mark.parametrize("piece", ["1.", "ق.", ". ", "«", "ق\n", "َ", "1", "؟", "() "])
def test_hostile_text_takes_time_linear_in_its_length(piece: str) -> None:
    """A quadratic splitter would need minutes for these million code points."""
    text = piece * (1_000_000 // len(piece))
    assert sum(end - start for start, end in sentences(text)) <= len(text)
    assert sum(end - start for start, end in tokens(text)) <= len(text)
