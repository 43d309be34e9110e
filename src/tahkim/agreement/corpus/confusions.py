"""What people disagree about: labels, boundaries, relations, and the documents and units worth talking about."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import regex

from tahkim.agreement import relations
from tahkim.agreement.align import Unit, align, differences
from tahkim.agreement.corpus.comparisons import Comparison
from tahkim.agreement.scores import score
from tahkim.agreement.spans import exact
from tahkim.model import Annotation, Document, Span

EXAMPLES = 3
WORST = 20
"""How many documents are shown unit by unit."""

Plain = dict[str, Any]

_MARK = regex.compile(r"[\p{Mn}\p{Cf}ـ]")
_MARKS = r"[\s\p{Mn}\p{Cf}ـ]*+"
_QUOTED = regex.compile(r"[\s\p{Mn}\p{Cf}ـ\p{Pi}\p{Pf}\"'`]*+")
_ARTICLE = regex.compile(rf"{_MARKS}ا?ل{_MARKS}")
_CLITICS = regex.compile(rf"{_MARKS}(?:[وف]{_MARKS})?(?:[بلكس]{_MARKS})?(?:ا?ل{_MARKS})?")
_AND_BEFORE = regex.compile(r".*(?:[،,&]|\sو|\s(?:أو|او|and|or))\s*", regex.S)
_AND_AFTER = regex.compile(r"\s*(?:[،,&]|و\p{L}|(?:أو|او|and|or)\s).*", regex.S)
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_LIST = (Path(__file__).parent / "class_nouns.txt").read_text(encoding="utf-8")
CLASS_NOUNS = frozenset(word for line in _LIST.splitlines() if not line.startswith("#") for word in line.split())
"""Nouns that name what a name is the name of (a town, a base, a brigade): in or out is what people differ on."""


class _Difference(NamedTuple):
    """What only one of two spans covers at one end."""

    text: str
    at_start: bool


def confusions(comparisons: Iterable[Comparison], documents: Mapping[str, Document]) -> list[Plain]:
    """How often two labels stand on one unit, and a label against nothing, most frequent first, with examples.

    Labels of a pair are in order of the alphabet; the same label twice is agreement on it, whatever the boundaries.
    """
    counts: Counter[tuple[str, str | None]] = Counter()
    examples: dict[tuple[str, str | None], list[Plain]] = defaultdict(list)
    for comparison in comparisons:
        for unit in comparison.units:
            labels = sorted(span.label for span in unit.present)
            key = (labels[0], labels[1] if len(labels) == 2 else None)
            counts[key] += 1
            if key[0] != key[1]:
                _add_example(examples[key], comparison, unit, documents)
    order = sorted(counts, key=lambda key: (-counts[key], key[0], key[1] or ""))
    return [{"labels": list(key), "count": counts[key], "examples": examples[key]} for key in order]


def boundaries(comparisons: Iterable[Comparison], documents: Mapping[str, Document]) -> list[Plain]:
    """Units of one label on both sides whose ranges differ, by kind of difference, most frequent first.

    Kinds: quote (quotes, spaces, marks), article, clitic, class noun, conjunct, words; a unit that differs at both
    ends counts under each of its kinds.
    """
    counts: Counter[str] = Counter()
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    examples: dict[str, list[Plain]] = defaultdict(list)
    for comparison in comparisons:
        text = documents[comparison.doc_id].text
        for unit in comparison.units:
            a, b = unit.spans
            if a is None or b is None or a.label != b.label:
                continue
            for kind in sorted({_kind(difference) for difference in _differences(a, b, text)}):
                counts[kind] += 1
                labels[kind][a.label] += 1
                _add_example(examples[kind], comparison, unit, documents)
    order = sorted(counts, key=lambda kind: (-counts[kind], kind))
    return [
        {"kind": kind, "count": counts[kind], "labels": dict(sorted(labels[kind].items())), "examples": examples[kind]}
        for kind in order
    ]


def _differences(a: Span, b: Span, text: str) -> list[_Difference]:
    left = text[min(a.start, b.start) : max(a.start, b.start)]
    right = text[min(a.end, b.end) : max(a.end, b.end)]
    return [_Difference(part, part is left) for part in (left, right) if part]


def _kind(difference: _Difference) -> str:
    text, at_start = difference
    if _QUOTED.fullmatch(text):
        return "quote"
    if at_start and _ARTICLE.fullmatch(text):
        return "article"
    if at_start and _CLITICS.fullmatch(text):
        return "clitic"
    first = _WORD.search(text)
    if at_start and first and _is_class_noun(first.group()):
        return "class noun"
    return "conjunct" if (_AND_BEFORE if at_start else _AND_AFTER).fullmatch(text) else "words"


def _is_class_noun(word: str) -> bool:
    word = _MARK.sub("", word)
    clitics = _CLITICS.match(word)
    return word in CLASS_NOUNS or (clitics is not None and word[clitics.end() :] in CLASS_NOUNS)


def relation_errors(comparisons: Iterable[Comparison]) -> list[Plain]:
    """Differences of relations by label and kind (direction, label, endpoint, missing), most frequent label first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for comparison in comparisons:
        tally = relations.tally(comparison.relations)
        for kind in relations.ERRORS:
            for label, n in tally[kind].items():
                counts[label][kind] += n
    order = sorted(counts, key=lambda label: (-counts[label].total(), label))
    return [{"relation": label} | {kind: counts[label][kind] for kind in relations.ERRORS} for label in order]


def worst(comparisons: Iterable[Comparison], documents: Mapping[str, Document], n: int = WORST) -> list[Plain]:
    """Documents by exact span F1 of all pairs, least first; the first `n` with the units their annotators differ on."""
    by_document: dict[str, list[Comparison]] = defaultdict(list)
    for comparison in comparisons:
        by_document[comparison.doc_id].append(comparison)
    rows: list[Plain] = []
    for doc_id, found in by_document.items():
        matched = sum(exact(unit) for c in found for unit in c.units)
        total = score(sum(len(c.a.spans) for c in found), sum(len(c.b.spans) for c in found), matched)
        if total.gold + total.predicted:
            differing = sum(len(c.units) for c in found) - matched
            rows.append({"document": doc_id, "f1": total.f1, "pairs": len(found), "differences": differing})
    rows.sort(key=lambda row: (row["f1"], -row["differences"], row["document"]))
    for row in rows[:n]:
        row["units"] = _open_units(by_document[row["document"]], documents[row["document"]].text)
    return rows


def annotators(comparisons: Iterable[Comparison]) -> list[Plain]:
    """Each person in order of name: how much they read, and how they differ from those who read the same.

    `differences` counts, most frequent first, what stands in one unit: their label (`own`) and that of the `other`,
    None for nothing, once for each partner; `seen` their spans by what they made of a suggestion; `minutes` is the
    median time a document took, None where no reading says.
    """
    readings: dict[str, dict[str, Annotation]] = defaultdict(dict)
    differences: dict[str, Counter[tuple[str | None, str | None]]] = defaultdict(Counter)
    for comparison in comparisons:
        for own, (name, reading) in enumerate(zip(comparison.pair, (comparison.a, comparison.b), strict=True)):
            readings[name][comparison.doc_id] = reading
            found = [(_label(unit.spans[own]), _label(unit.spans[1 - own])) for unit in comparison.units]
            differences[name].update(labels for labels in found if labels[0] != labels[1])
    return [_annotator(name, list(readings[name].values()), differences[name]) for name in sorted(readings)]


def _annotator(name: str, readings: Sequence[Annotation], found: Counter[tuple[str | None, str | None]]) -> Plain:
    order = sorted(found, key=lambda labels: (-found[labels], labels[0] or "", labels[1] or ""))
    seconds = [reading.lead_time for reading in readings if reading.lead_time is not None]
    seen = Counter(span.seen for reading in readings for span in reading.spans if span.seen is not None)
    return {
        "annotator": name,
        "documents": len(readings),
        "blind": sum(reading.started_from is None for reading in readings),
        "spans": sum(len(reading.spans) for reading in readings),
        "relations": sum(len(reading.relations) for reading in readings),
        "seen": {kind: seen[kind] for kind in ("accepted", "changed", "manual") if seen[kind]},
        "minutes": round(median(seconds) / 60, 1) if seconds else None,
        "differences": [{"own": own, "other": other, "count": found[own, other]} for own, other in order],
    }


def _label(span: Span | None) -> str | None:
    return None if span is None else span.label


def _open_units(comparisons: Sequence[Comparison], text: str) -> list[Plain]:
    """The units that not all annotators of a document have alike, those with the least support first."""
    readings: dict[str, Annotation] = {}
    for comparison in comparisons:
        for reading in (comparison.a, comparison.b):
            readings.setdefault(reading.annotator, reading)
    names = sorted(readings)
    units = align([readings[name].spans for name in names])
    asked = [_asked(unit, [readings[name] for name in names]) for unit in units]
    found = [
        (_support(unit, of), unit.start, _unit(unit, names, of, text, kind))
        for unit, of, kind in zip(units, asked, differences(units, asked), strict=True)
        if kind != "agreed"
    ]
    return [plain for _, _, plain in sorted(found, key=lambda item: item[:2])]


def _asked(unit: Unit, readings: Sequence[Annotation]) -> list[int]:
    labels = {span.label for span in unit.present}
    return [i for i, reading in enumerate(readings) if any(reading.scope.asks_label(label) for label in labels)]


def _support(unit: Unit, asked: Sequence[int]) -> float:
    """The share of those asked that have the most common reading."""
    readings = Counter((span.start, span.end, span.label) for span in unit.present)
    return max(readings.values()) / len(asked)


def _unit(unit: Unit, names: Sequence[str], asked: Sequence[int], text: str, kind: str) -> Plain:
    given = {
        names[i]: _span(span, text) | {"attributes": dict(span.attributes)}
        if (span := unit.spans[i]) is not None
        else None
        for i in asked
    }
    return {"start": unit.start, "end": unit.end, "kind": kind, "readings": given}


def _add_example(examples: list[Plain], comparison: Comparison, unit: Unit, documents: Mapping[str, Document]) -> None:
    """Add one more, up to EXAMPLES, where no other pair gave one that begins at the same place already."""
    place = comparison.doc_id, unit.start
    if len(examples) == EXAMPLES or any((known["document"], known["start"]) == place for known in examples):
        return
    text = documents[comparison.doc_id].text
    given = zip(comparison.pair, unit.spans, strict=True)
    readings = {name: None if span is None else _span(span, text) for name, span in given}
    examples.append({"document": comparison.doc_id, "start": unit.start, "readings": readings})


def _span(span: Span, text: str) -> Plain:
    return {"start": span.start, "end": span.end, "label": span.label, "text": text[span.start : span.end]}
