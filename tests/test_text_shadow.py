"""The shadow folds spelling, and every shadow span maps back to exactly the raw characters it came from."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahkim.text import code_points_to_graphemes, shadow, shadows

ANY_CHAR = st.characters(exclude_categories=())  # lone surrogates too
LETTERS = "ابتثقغزوبشنيهأإآٱؤئىةکیہھگءدجم"
MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0653\u0654\u0670\u06d6\u200c\u200d\ufe0f"
FILLERS = "\u0640\u200b\u200e\u200f\u202b\u202c\u2067\u2069\ufeff\u061c\u00ad"
LIGATURES = "ﻻﷲﷺﻼﻹﺑﺔﻯﭼﳝ"
OTHERS = " \u00a0\n\r،؛؟.«»“”\"'-–_#٠٩۳7aZ😀٪٫"
ARABIC_TEXT = st.text(st.sampled_from(LETTERS + MARKS + FILLERS + LIGATURES + OTHERS), max_size=40)
ANY_TEXT = st.one_of(ARABIC_TEXT, st.text(ANY_CHAR, max_size=40))


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("أإآٱا", "ااااا"),
        ("مسؤول رئيس شيء", "مسوول رييس شيء"),
        ("مستشفى غارة", "مستشفي غاره"),
        ("کرکوک ایران گ پچژڤ", "كركوك ايران ك بجزف"),
        ("قُتِلَ مُسَلَّحٌ هٰذا", "قتل مسلح هذا"),
        ("بـ«غـــزة»", 'ب"غزه"'),
        ("\u202bدمشق\u202c\u200f \ufeffحلب", "دمشق حلب"),
        ("التلفزيون\u00a0الرسمي\u2009\u3000.", "التلفزيون الرسمي  ."),
        ("٣٥ و۱۲ و٪٥٫٥ و١٬٠٠٠", "35 و12 و%5.5 و1,000"),
        ("ﻻجئ ﷲ ﺍﻟﺠﻴﺶ ﭘ", "لاجي الله الجيش ب"),
        ("ﷺ", "صلي الله عليه وسلم"),
        ("“أ” «ب» ‘ج’ „د‟ ‹هـ› 'و'", '"ا" "ب" "ج" "د" "ه" "و"'),
        ("السبت – الأحد — ‐", "السبت - الاحد - -"),
        ("#لغم_أرضي", "#لغم ارضي"),
        ("سطر\r\nسطر\u2028سطر", "سطر\n\nسطر\nسطر"),
        ("ء ، ؛ ؟ é CNN F-16 😀", "ء ، ؛ ؟ é CNN F-16 😀"),
        ("", ""),
    ],
)
def test_spelling_is_folded(raw: str, folded: str) -> None:
    assert shadow(raw).text == folded


def test_folding_any_character_twice_is_folding_it_once() -> None:
    every_character = "".join(map(chr, range(0x110000)))
    once = shadow(every_character).text
    assert shadow(once).text == once


def test_no_arabic_mark_or_presentation_form_survives() -> None:
    folded = set(shadow("".join(map(chr, range(0x110000)))).text)
    left = [
        char
        for char in folded
        if (0xFB50 <= ord(char) <= 0xFDFF and unicodedata.decomposition(char))
        or (0xFE70 <= ord(char) <= 0xFEFC and unicodedata.decomposition(char))
        or (unicodedata.category(char) == "Mn" and "ARABIC" in unicodedata.name(char))
    ]
    assert left == []


@given(ARABIC_TEXT)
@settings(deadline=None)
def test_canonically_equal_texts_have_one_shadow(text: str) -> None:
    composed, decomposed = (shadow(unicodedata.normalize(form, text)).text for form in ("NFC", "NFD"))
    assert composed == decomposed == shadow(text).text


@given(ANY_TEXT)
@settings(deadline=None)
def test_folding_does_not_depend_on_neighbours(text: str) -> None:
    folded = shadow(text)
    assert folded.text == "".join(shadow(char).text for char in text)
    assert folded.raw_length == len(text)


@given(st.lists(ANY_TEXT, max_size=5))
def test_texts_have_the_same_shadows_together_as_alone(texts: list[str]) -> None:
    for text, together in zip(texts, shadows(texts), strict=True):
        alone = shadow(text)
        assert (together.text, together.raw_length) == (alone.text, alone.raw_length)
        assert together.starts.tolist() == alone.starts.tolist()
        assert together.ends.tolist() == alone.ends.tolist()
        assert together.starts.dtype == together.ends.dtype == np.int32


def origins(text: str) -> list[tuple[int, int]]:
    """The raw range of each shadow character, worked out one character at a time."""
    kept: list[list[int]] = []
    widths: list[int] = []
    for place, char in enumerate(text):
        width = len(shadow(char).text)
        if width:
            kept.append([place, place + 1])
            widths.append(width)
        elif kept and not is_filler(char):
            kept[-1][1] = place + 1
    return [(start, end) for (start, end), width in zip(kept, widths, strict=True) for _ in range(width)]


def is_filler(char: str) -> bool:
    joiner = char in "\u200c\u200d"
    return char == "\u0640" or (unicodedata.category(char) == "Cf" and not joiner) or char in "\u2065"


@given(ANY_TEXT, st.data())
@settings(deadline=None, max_examples=400)
def test_every_shadow_span_maps_to_the_raw_characters_it_came_from(text: str, data: st.DataObject) -> None:
    folded, expected = shadow(text), origins(text)
    assert list(zip(folded.starts.tolist(), folded.ends.tolist(), strict=True)) == expected
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    raw_start, raw_end = folded.raw(start, end)
    if start == end:
        assert raw_start == raw_end == (expected[start][0] if start < len(expected) else len(text))
    else:
        assert (raw_start, raw_end) == (expected[start][0], expected[end - 1][1])
        assert folded.text[start:end] in shadow(text[raw_start:raw_end]).text


@given(ARABIC_TEXT, st.data())
@settings(deadline=None, max_examples=400)
def test_raw_spans_never_split_a_grapheme(text: str, data: st.DataObject) -> None:
    text = text.replace("\r\n", "\n")  # one cluster, but two line breaks of the shadow
    folded = shadow(text)
    if folded.text:
        start = data.draw(st.integers(0, len(folded.text) - 1))
        end = data.draw(st.integers(start + 1, len(folded.text)))
        code_points_to_graphemes(text, folded.raw(start, end))


@given(ARABIC_TEXT)
@settings(deadline=None)
def test_the_raw_span_of_a_shadow_span_leads_back_to_it(text: str) -> None:
    folded = shadow(text)
    for place in range(len(folded.text)):
        if text[folded.starts[place]] not in LIGATURES:
            assert folded.within(*folded.raw(place, place + 1)) == (place, place + 1)


@pytest.mark.parametrize(
    ("raw", "part", "expected"),
    [
        ("حين قُتِلَ ثلاثة", "قتل", "قُتِلَ"),
        ("بـغارتين", "غارتين", "غارتين"),
        ("غزةـ خاص", "غزه", "غزة"),
        ("\u202bدمشق\u202c", "دمشق", "دمشق"),
        ("دم\u200fشق", "دمشق", "دم\u200fشق"),
        ("قـــَصف", "ق", "قـــَ"),
        ("ﻻجئون", "لاجيون", "ﻻجئون"),
        ("ﻻجئون", "اجيون", "ﻻجئون"),
        ("لِﷲِ", "الله", "ﷲِ"),
    ],
)
def test_marks_belong_to_their_letter_and_fillers_to_none(raw: str, part: str, expected: str) -> None:
    folded = shadow(raw)
    start = folded.text.index(part)
    assert raw[slice(*folded.raw(start, start + len(part)))] == expected


def test_a_range_outside_the_shadow_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shadow range \[0, 4\) is outside 0..3"):
        shadow("قَصف").raw(0, 4)


def test_the_map_is_small() -> None:
    folded = shadow("قُصِفَ")
    assert folded.starts.dtype == folded.ends.dtype == np.int32


def test_spans_of_real_annotators_survive_the_way_to_the_shadow_and_back(shared_data: Path) -> None:
    texts = {}
    for line in (shared_data / "reports.jsonl").read_text("utf-8").splitlines():
        report = json.loads(line)
        texts[report["id"]] = report["text"]
    for line in (shared_data / "report_annotations.jsonl").read_text("utf-8").splitlines():
        annotation = json.loads(line)
        folded = shadow(texts[annotation["doc_id"]])
        for span in annotation["spans"]:
            raw = (span["start"], span["end"])
            assert folded.raw(*folded.within(*raw)) == raw
