"""Offsets in UTF-16 units and grapheme clusters convert exactly in both directions, or are refused."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tahkim.errors import OffsetError
from tahkim.text import (
    code_point_to_grapheme,
    code_point_to_utf16,
    code_points_to_graphemes,
    code_points_to_utf16,
    grapheme_to_code_point,
    graphemes_to_code_points,
    utf16_to_code_point,
    utf16_to_code_points,
)

TEXT = st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from("قُـِ😀🇸🇾👩‍🚒\r\n\u0301")), max_size=40)


@given(TEXT)
@settings(deadline=None)
def test_utf16_agrees_with_the_codec_in_both_directions(text: str) -> None:
    everywhere = list(range(len(text) + 1))
    expected = [len(text[:i].encode("utf-16-le", "surrogatepass")) // 2 for i in everywhere]
    assert code_points_to_utf16(text, everywhere) == expected
    assert utf16_to_code_points(text, expected) == everywhere


@given(TEXT)
@settings(deadline=None)
def test_a_utf16_offset_converts_exactly_unless_it_splits_a_character(text: str) -> None:
    whole = set(code_points_to_utf16(text, range(len(text) + 1)))
    for offset in range(max(whole) + 1):
        if offset in whole:
            assert code_point_to_utf16(text, utf16_to_code_point(text, offset)) == offset
        else:
            with pytest.raises(OffsetError, match=f"UTF-16 offset {offset} splits the character"):
                utf16_to_code_point(text, offset)


@given(TEXT)
@settings(deadline=None)
def test_graphemes_agree_with_a_count_of_clusters_in_both_directions(text: str) -> None:
    clusters = regex.findall(r"\X", text)
    ends = [len("".join(clusters[:i])) for i in range(len(clusters) + 1)]
    assert graphemes_to_code_points(text, range(len(ends))) == ends
    assert code_points_to_graphemes(text, ends) == list(range(len(ends)))
    for offset in set(range(len(text) + 1)) - set(ends):
        with pytest.raises(OffsetError, match=f"code point offset {offset} splits the character"):
            code_point_to_grapheme(text, offset)


@pytest.mark.parametrize(
    ("convert", "offset", "message"),
    [
        (
            utf16_to_code_point,
            3,
            "UTF-16 offset 3 splits the character '😀' at code points 2 to 3: "
            "was it counted in another unit, or in another text?",
        ),
        (
            code_point_to_grapheme,
            1,
            "code point offset 1 splits the character 'قُ' at code points 0 to 2: "
            "was it counted in another unit, or in another text?",
        ),
        (
            utf16_to_code_point,
            6,
            "UTF-16 offset 6 is outside the text, which ends at 5: was it counted in another text?",
        ),
        (
            code_point_to_utf16,
            -1,
            "code point offset -1 is outside the text, which ends at 4: was it counted in another text?",
        ),
        (
            grapheme_to_code_point,
            10**30,
            f"grapheme offset {10**30} is outside the text, which ends at 3: was it counted in another text?",
        ),
    ],
)
def test_an_offset_that_cannot_be_is_named(convert, offset: int, message: str) -> None:
    with pytest.raises(OffsetError) as caught:
        convert("قُ😀ف", offset)
    assert str(caught.value) == message


def test_an_empty_text_has_one_offset() -> None:
    for convert in (utf16_to_code_points, code_points_to_utf16, graphemes_to_code_points, code_points_to_graphemes):
        assert convert("", [0, 0]) == [0, 0]
