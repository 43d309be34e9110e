"""Numbers in words and digits, and what they say about how many people or things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tahkim.rules.lexicon import Word
from tahkim.rules.sentence import Chunk, Clause, reading_of

_HEDGES: Final = {"at_least": "at_least", "at_most": "at_most", "approx": "approx"}


def value(parts: Iterable[int]) -> int:
    """The number that number words in their order stand for.

    >>> value([3, 10]), value([5, 20]), value([10, 1000]), value([2, 100, 50]), value([500, 1000])
    (13, 25, 10000, 250, 500000)
    """
    total = current = 0
    for part in parts:
        if part >= 1000:
            total, current = total + max(current, 1) * part, 0
        elif part == 100 and 0 < current < 10:
            current *= 100
        else:
            current += part
    return total + current


def digits(text: str) -> int | None:
    """The whole number that digits with separators stand for; None for `12.01`.

    >>> digits("13,210"), digits("24"), digits("1.450"), digits("12.01")
    (13210, 24, 1450, None)
    """
    groups = text.replace(",", ".").split(".")
    if all(group.isdigit() for group in groups) and all(len(group) == 3 for group in groups[1:]):
        return int("".join(groups)[:18])
    return None


def number_in(words: Sequence[Word], texts: Sequence[str]) -> int | None:
    """The number the units spell; None if there is none."""
    parts: list[int] = []
    for word, text in zip(words, texts, strict=True):
        if text[0].isdigit():
            whole = digits(text)
            if whole is not None:
                parts.append(whole)
            continue
        reading = word.reading("number")
        if reading is not None:
            parts.append(int(reading.entry.attributes["value"]))
    return value(parts) if parts else None


def count(clause: Clause, chunk: Chunk) -> Mapping[str, object]:
    """`count_min`, `count_max` and `count_type` of a group of people."""
    units = clause.units
    words, texts = units.words[chunk.start : chunk.end], units.texts[chunk.start : chunk.end]
    hedge = _hedge(clause, chunk)
    number = number_in(words, texts)
    vague = reading_of(units, chunk.start, chunk.end, ("vague",))
    if vague is not None and not _counted(texts, words):
        return {"count_min": int(vague.entry.attributes["min"]), "count_type": "indefinite"}
    if number is None:
        number = _by_form(words)
        if number is None:
            apart = _number_apart(clause, chunk)
            if apart is None:
                return {"count_min": 2, "count_type": "indefinite"}
            number, hedge = apart
    if hedge == "at_least":
        return {"count_min": number, "count_type": "at_least"}
    if hedge == "at_most":
        return {"count_min": 0, "count_max": number, "count_type": "at_most"}
    return {"count_min": number, "count_max": number, "count_type": hedge or "exact"}


def _counted(texts: Sequence[str], words: Sequence[Word]) -> bool:
    """Whether a number stands before the vague word (`10 آلاف`)."""
    for text, word in zip(texts, words, strict=True):
        if word.reading("vague"):
            return False
        if text[0].isdigit() or word.reading("number"):
            return True
    return False


def _hedge(clause: Clause, chunk: Chunk) -> str:
    """The qualification inside the span, right before it, or right behind it (`على الأقل`)."""
    units = clause.units
    for word in units.words[max(0, chunk.start - 1) : chunk.end + 2]:
        for reading in word.readings:
            if reading.entry.word_class in _HEDGES:
                return _HEDGES[reading.entry.word_class]
    return ""


def _by_form(words: Sequence[Word]) -> int | None:
    """1 or 2 if the noun itself says so."""
    for word in words:
        for word_class in ("casualty", "person", "demonym", "actor.nominal", "others", "title"):
            reading = word.reading(word_class)
            if reading is not None and reading.form.number in (1, 2):
                return reading.form.number
            if reading is not None and reading.form.number == 3:
                return None
    return None


def _number_apart(clause: Clause, chunk: Chunk) -> tuple[int, str] | None:
    """`قتلى الضربات … إلى 15 على الأقل`: a number after إلى in the same sentence belongs to the toll."""
    if reading_of(clause.units, chunk.start, chunk.end, ("casualty",)) is None:
        return None
    for other in clause.chunks[chunk.index + 1 :]:
        if other.kind == "NUMBER" and other.gap.endswith("t") and other.label is None:
            number = number_in(clause.units.words[other.start : other.end], clause.units.texts[other.start : other.end])
            if number is not None:
                return number, _hedge(clause, other)
    return None


def of_things(clause: Clause, chunk: Chunk) -> int | None:
    """`count` of events, weapons and assets: what a number before the noun, or its dual, says; else None."""
    units = clause.units
    start = chunk.start
    while start and (units.texts[start - 1][0].isdigit() or units.words[start - 1].reading("number")):
        start -= 1
    if start < chunk.start:
        return number_in(units.words[start : chunk.start], units.texts[start : chunk.start])
    for reading in units.words[chunk.start].readings:
        if reading.form.number == 2:
            return 2
    return None
