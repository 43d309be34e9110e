"""Text to units: each unit stands where it says, whatever the text, and an endless sentence is read in pieces."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahkim.rules import Rules, load
from tahkim.rules.units import LONGEST_SENTENCE, Sentence, split
from tahkim.text import shadow

TEXT = (
    'قصفت طائرات التحالف الدولي مواقع "تنظيم  الدولة الإسلامية" قرب دير الزور، وبتنظيم #الدولة. '
    "وللجيش 12.5 كم (أ.ف.ب) فسيقصفون بالطيران كالعادة د. محمد قال: وحزب الله."
)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load()


def units(text: str, rules: Rules) -> list[Sentence]:
    return list(split(shadow(text), rules.analyser))


def bare(text: str) -> str:
    """Without what may stand between the words of a name."""
    return "".join(character for character in text if not character.isspace() and character not in '"#')


def check_ranges(text: str, rules: Rules) -> None:
    folded, end = shadow(text).text, 0
    for sentence in units(text, rules):
        assert len(sentence.codes) == len(sentence.words) == len(sentence.texts)
        for at, unit in enumerate(sentence.texts):
            start, stop = sentence.range(at, at + 1)
            assert end <= start < stop
            assert bare(folded[start:stop]) == bare(unit)
            end = stop


@given(st.integers(0, 2**32 - 1))
def test_each_unit_stands_where_it_says(rules: Rules, seed: int) -> None:
    words = TEXT.split(" ") * 2
    random.Random(seed).shuffle(words)
    check_ranges(" ".join(words), rules)


@given(st.text(max_size=100))
def test_any_text_falls_into_units_in_order(rules: Rules, text: str) -> None:
    check_ranges(text, rules)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وبتنظيم الدولة", ["و", "ب", "تنظيم الدوله"]),
        ('تنظيم "الدولة"', ['تنظيم " الدوله']),
        ("تنظيم   الدولة", ["تنظيم الدوله"]),
        ("تنظيم\nالدولة", ["تنظيم", "الدوله"]),
        ("وللجيش", ["و", "ل", "لجيش"]),
    ],
)
def test_names_are_joined_and_proclitics_cut_off(rules: Rules, text: str, expected: list[str]) -> None:
    assert [unit for sentence in units(text, rules) for unit in sentence.texts] == expected


def test_a_stop_ends_a_sentence_but_not_behind_a_single_letter(rules: Rules) -> None:
    assert [len(sentence.texts) for sentence in units("قصف الجيش. قال د. محمد.", rules)] == [3, 5]


def test_the_same_name_with_more_space_in_it_is_another_stretch(rules: Rules) -> None:
    near, wide, again = (units(text, rules)[0].range(0, 1) for text in ("حزب الله", "حزب    الله", "حزب الله"))
    assert near == again == (0, 8)
    assert wide == (0, 11)


def test_an_endless_sentence_is_read_in_pieces(rules: Rules) -> None:
    text = "وقصف " * 1000
    pieces = units(text, rules)
    assert all(len(piece.codes) == LONGEST_SENTENCE for piece in pieces)
    assert sum(len(piece.codes) for piece in pieces) == 2000
