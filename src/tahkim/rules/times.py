"""Expressions of time to EDTF values: relative to the publication date where there is one, else said relatively.

Values are EDTF level 1 (`2018-04-18`, `2018-01`, `2014`, intervals `a/b`) with the TIMEX3 part of day behind a date
(`TDA` dawn, `TMO` morning, `TMI` noon, `TAF` afternoon, `TEV` evening, `TNI` night).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from tahkim.rules.lexicon import Reading
from tahkim.rules.numbers import number_in
from tahkim.rules.sentence import Chunk, Clause

_ASKED: Final = frozenset({"weekday", "month", "part", "today", "unit", "edge", "last", "this", "next", "few"})


def published(meta: Mapping[str, object]) -> date | None:
    """The publication date of a document, from `meta["published"]`; None if it is missing or unreadable."""
    value = meta.get("published")
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def resolve(clause: Clause, chunk: Chunk, today: date | None) -> dict[str, object]:
    """`norm` or `rel`, with `anchor` and `time_precision` (1 day, 2 week, 3 month or coarser)."""
    found, figures = _parts(clause, chunk)
    before = _preposition(clause, chunk)
    norm, rel, precision, absolute = _value(found, figures, before, today, _number(clause, chunk))
    result: dict[str, object] = {"norm": norm} if norm else {"rel": rel}
    result["anchor"] = "absolute" if absolute else "DCT"
    result["time_precision"] = precision
    return result


def _parts(clause: Clause, chunk: Chunk) -> tuple[dict[str, Reading], list[int]]:
    found: dict[str, Reading] = {}
    figures: list[int] = []
    for word, text in zip(
        clause.units.words[chunk.start : chunk.end], clause.units.texts[chunk.start : chunk.end], strict=True
    ):
        if text.isdigit() and len(text) <= 4:
            figures.append(int(text))
        for reading in word.readings:
            general, _, rest = reading.entry.word_class.partition(".")
            name = rest.partition(".")[0]
            if general == "time" and name in _ASKED:
                found.setdefault(name, reading)
    return found, figures


def _number(clause: Clause, chunk: Chunk) -> int | None:
    units = clause.units
    number = number_in(units.words[chunk.start : chunk.end], units.texts[chunk.start : chunk.end])
    if number is None:
        for word in units.words[chunk.start : chunk.end]:
            reading = word.reading("time.unit")
            if reading is not None and reading.form.number in (1, 2):
                return reading.form.number
    return number


def _preposition(clause: Clause, chunk: Chunk) -> str:
    return clause.units.texts[chunk.start - 1] if chunk.start else ""


Value = tuple[str | None, str | None, int, bool]


def _value(
    found: Mapping[str, Reading], figures: list[int], before: str, today: date | None, number: int | None
) -> Value:
    part = found["part"].entry.attributes["value"] if "part" in found else ""
    if "month" in found:
        return _month(found, figures, today)
    if "weekday" in found:
        return _weekday(found, today, part)
    if "today" in found:
        return _day(int(found["today"].entry.attributes["value"]), today, part)
    if "unit" in found:
        return _period(found, figures, before, today, number)
    return None, f"part:{part}" if part else "unresolved", 1, False


def _day(offset: int, today: date | None, part: str) -> Value:
    if today is None:
        return None, f"day:{offset:+d}" + (f"|part:{part}" if part else ""), 1, False
    return (today + timedelta(offset)).isoformat() + (f"{part}" if part else ""), None, 1, False


def _weekday(found: Mapping[str, Reading], today: date | None, part: str) -> Value:
    """The latest such day up to the publication date, or the next one if the text says so."""
    weekday = int(found["weekday"].entry.attributes["value"])
    if today is None:
        name = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")[weekday]
        return None, f"weekday:{name}" + (f"|part:{part}" if part else ""), 1, False
    back = (today.weekday() - weekday) % 7
    if "next" in found:
        back = back - 7
    return _day(-back, today, part)


def _month(found: Mapping[str, Reading], figures: list[int], today: date | None) -> Value:
    month = int(found["month"].entry.attributes["value"])
    day = next((figure for figure in figures if 1 <= figure <= 31), None)
    year = next((figure for figure in figures if 1900 <= figure <= 2100), None)
    absolute = year is not None
    if year is None and today is None:
        return None, f"month:{month:02d}" + (f"|day:{day}" if day else ""), 1 if day else 3, False
    if year is None and today is not None:
        year = today.year
        if (
            ("unit" in found and "last" in found and found["unit"].entry.attributes["unit"] == "Y")
            or (month, day or 1) > (today.month, today.day)
            or ("last" in found and month == today.month)
        ):
            year -= 1
    text = f"{year:04d}-{month:02d}"
    return (f"{text}-{day:02d}", None, 1, absolute) if day else (text, None, 3, absolute)


def _period(
    found: Mapping[str, Reading], figures: list[int], before: str, today: date | None, number: int | None
) -> Value:
    unit = found["unit"].entry.attributes["unit"]
    year = next((figure for figure in figures if 1900 <= figure <= 2100), None)
    if unit == "Y" and year is not None:
        return f"{year:04d}", None, 3, True
    precision = {"H": 1, "MIN": 1, "D": 1 if number is not None and number < 4 else 2, "W": 2}.get(unit, 3)
    shift = -1 if "last" in found else 1 if "next" in found else 0
    if shift or "this" in found:
        if number not in (None, 1):
            return _span(unit, number or 1, before, today, precision)
        return _calendar(unit, shift, today, precision)
    if "few" in found or number is None:
        return None, f"{_word(before)}:few:{unit}", precision, False
    return _span(unit, number, before, today, precision)


def _word(before: str) -> str:
    return {"خلال": "during", "منذ": "since", "بعد": "after", "قبل": "before"}.get(before, "near")


def _calendar(unit: str, shift: int, today: date | None, precision: int) -> Value:
    """Last, this or next week, month or year."""
    if today is None or unit not in "WMY":
        return None, f"{unit}:{shift:+d}", precision, False
    if unit == "Y":
        return f"{today.year + shift:04d}", None, 3, False
    if unit == "M":
        months = today.year * 12 + today.month - 1 + shift
        return f"{months // 12:04d}-{months % 12 + 1:02d}", None, 3, False
    year, week, _ = (today + timedelta(7 * shift)).isocalendar()
    return f"{year:04d}-W{week:02d}", None, 2, False


def _span(unit: str, number: int, before: str, today: date | None, precision: int) -> Value:
    """A distance back from the publication date (`قبل يومين`), or a stretch up to it (`خلال 30 يوما`)."""
    days = {"D": 1, "W": 7, "M": 30, "Y": 365}.get(unit)
    if today is None or days is None or before == "بعد" or number * days > 300_000:
        return None, f"{_word(before)}:{number}:{unit}", precision, False
    earlier = today - timedelta(number * days)
    if before == "قبل":
        text = (
            earlier.isoformat() if unit in "DW" else earlier.isoformat()[:7] if unit == "M" else earlier.isoformat()[:4]
        )
        return text, None, precision, False
    return f"{earlier.isoformat()}/{today.isoformat()}", None, precision, False
