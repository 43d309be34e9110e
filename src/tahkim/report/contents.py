"""What stands in the report: for each section the figures it shows, in the order it shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import floor, isnan
from typing import Any, NamedTuple

from tahkim.agreement.corpus.comparisons import ARMS
from tahkim.agreement.corpus.figures import Figure
from tahkim.agreement.report import FEW_GROUPS, Agreement
from tahkim.model import Annotation, Corpus
from tahkim.report.lanes import Lanes, lanes
from tahkim.schema import Schema

MOST_CONFUSIONS = 12
MOST_WORST = 8
MOST_UNITS = 12
MOST_PAIRS = 60
MOST_NUMBERED = 14
"""Annotators in a heat map whose cells are wide enough for a number."""
MOST_WEEKS = 26
MOST_DIFFERENCES = 8
MOST_RULES = 15
CONTEXT = 45
"""Characters of text around an example."""

Content = dict[str, Any]
Arms = Mapping[str, Figure]


class Row(NamedTuple):
    """A figure over all readings and the same for each arm, where there are arms."""

    name: str
    figure: Figure
    arms: Arms


class Quote(NamedTuple):
    """A stretch of text and what stands before and behind it."""

    before: str
    marked: str
    behind: str


class Document(NamedTuple):
    """One of the worst documents: its lanes, and the units its annotators differ on."""

    row: Mapping[str, Any]
    lanes: Lanes
    units: Sequence[Mapping[str, Any]]
    more: int


def contents(found: Agreement, corpus: Corpus, schema: Schema) -> Content:
    """Every section by its name in the template."""
    shelf = _Shelf(found.figures)
    confused = _confusions(found, corpus, schema)
    labels = sorted(
        {s.label for a in corpus.annotations for s in a.spans}, key=lambda label: (schema.label_order(label), label)
    )
    attributes = shelf.rows("attribute_alpha", "attribute")
    worst = _worst(found, corpus)
    return {
        "labels": labels,
        "extent": _extent(corpus),
        "groups": _groups(shelf),
        "arms": shelf.arms,
        "few": _few(shelf),
        "headline": _headline(shelf),
        "references": _references(shelf),
        "pairs": _pairs(shelf),
        "by_label": _by_label(shelf, labels),
        "confusions": confused,
        "boundaries": _with_quotes(found.boundaries, corpus),
        "relations": _relations(shelf, found),
        "attributes": [row for row in attributes if not isnan(row.figure.value)],
        "unrated": [row.name for row in attributes if isnan(row.figure.value)],
        "drift": _drift(shelf),
        "anchoring": _anchoring(found),
        "starts": _starts(corpus),
        "people": _people(shelf, found),
        "worst": worst,
        "most_lanes": max((len(document.lanes.annotators) for document in worst), default=1),
    }


class _Shelf:
    """Figures found by what they are about."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._figures: dict[tuple[Any, ...], Figure] = {}
        self.all = tuple(figures)
        for figure in self.all:
            self._figures[self._key(figure)] = figure
        used = {figure.arm for figure in self.all if figure.of == "humans"}
        self.arms = [arm for arm in ARMS if arm in used]
        """The arms people were compared with each other in."""

    @staticmethod
    def _key(f: Figure) -> tuple[Any, ...]:
        return f.measure, f.of, f.pair, f.annotator, f.label, f.attribute, f.document, f.month, f.week, f.arm

    def get(self, measure: str, of: str = "humans", **about: Any) -> Figure | None:
        """The figure about just that, None where there is none."""
        fields = ("pair", "annotator", "label", "attribute", "document", "month", "week", "arm")
        return self._figures.get((measure, of, *(about.get(field) for field in fields)))

    def row(self, name: str, measure: str, of: str = "humans", **about: Any) -> Row | None:
        """The figure with those of its arms."""
        pooled = self.get(measure, of, **about)
        if pooled is None:
            return None
        found = {arm: self.get(measure, of, **about, arm=arm) for arm in ARMS}
        return Row(name, pooled, {arm: figure for arm, figure in found.items() if figure is not None})

    def rows(self, measure: str, field: str, of: str = "humans") -> list[Row]:
        """A row for each value of `field` that a figure of the measure is about, with nothing else given, in order."""
        names = dict.fromkeys(
            getattr(figure, field) for figure in self.all if figure.measure == measure and figure.of == of
        )
        found = [self.row(str(name), measure, of, **{field: name}) for name in names if name is not None]
        return [row for row in found if row is not None]


def _extent(corpus: Corpus) -> Mapping[str, int]:
    people = [reading for reading in corpus.annotations if reading.votes]
    return {
        "documents": len({reading.doc_id for reading in people}),
        "annotators": len({reading.annotator for reading in people}),
        "readings": len(people),
        "spans": sum(len(reading.spans) for reading in people),
        "relations": sum(len(reading.relations) for reading in people),
    }


def _groups(shelf: _Shelf) -> list[str]:
    return list(dict.fromkeys(figure.of for figure in shelf.all))


def _few(shelf: _Shelf) -> int:
    """How many groups of documents people were compared on, where they are too few for good intervals; else 0."""
    pooled = next((f for f in shelf.all if f.of == "humans" and f.pair is None and f.arm is None), None)
    return pooled.groups if pooled is not None and pooled.groups < FEW_GROUPS else 0


_HEADLINE = (
    "span_f1_exact",
    "span_f1_lenient",
    "span_f1_overlap",
    "span_f1_unlabelled",
    "kappa",
    "alpha",
    "alpha_unitizing",
    "gamma",
    "relation_f1_strict",
    "relation_f1_soft",
)


def _headline(shelf: _Shelf) -> list[Row]:
    return [row for measure in _HEADLINE if (row := shelf.row(measure, measure)) is not None]


def _references(shelf: _Shelf) -> list[Content]:
    """People with the rules, with gold and with the chosen annotator: pooled by measure, then each person."""
    found = []
    for of in ("rules", "gold", "chosen"):
        pooled = [row for measure in _HEADLINE if (row := shelf.row(measure, measure, of)) is not None]
        figures = [f for f in shelf.all if f.measure == "span_f1_exact" and f.of == of and not (f.label or f.arm)]
        pairs = [figure.pair for figure in figures if figure.pair]
        people = [shelf.row(pair[0], "span_f1_exact", of, pair=pair) for pair in pairs]
        names = sorted({pair[1] for pair in pairs})
        if pooled:
            found.append({"of": of, "names": names, "pooled": pooled, "people": people})
    return found


def _pairs(shelf: _Shelf) -> Content:
    """Exact span F1 of all pairs: as a matrix of persons, rules and gold, and as a list, least first."""
    found = [f for f in shelf.all if f.measure == "span_f1_exact" and f.pair and not (f.label or f.arm)]
    cells: dict[tuple[str, str], Figure] = {}
    people: set[str] = set()
    others: dict[str, None] = {}
    for figure in found:
        assert figure.pair is not None
        a, b = figure.pair
        if figure.of == "humans":
            people |= {a, b}
            cells[a, b] = cells[b, a] = figure
        elif figure.of != "chosen":
            people.add(a)
            others[b] = None
            cells[a, b] = figure
    between = sorted((f for f in found if f.of == "humans"), key=lambda f: (f.value, f.pair))
    return {
        "rows": sorted(people),
        "columns": [*sorted(people), *others],
        "cells": cells,
        "numbered": len(people) + len(others) <= MOST_NUMBERED,
        "list": between[:MOST_PAIRS],
        "more": max(0, len(between) - MOST_PAIRS),
        "arms": {(f.pair, f.arm): f for f in shelf.all if f.measure == "span_f1_exact" and f.pair and f.arm}
        if shelf.arms
        else {},
    }


def _by_label(shelf: _Shelf, labels: Sequence[str]) -> list[Content]:
    found = []
    for label in labels:
        row = shelf.row(label, "span_f1_exact", label=label)
        if row is not None:
            more = {name: shelf.get(name, label=label) for name in ("span_f1_lenient", "alpha", "alpha_unitizing")}
            found.append({"row": row, "more": more})
    return found


def _confusions(found: Agreement, corpus: Corpus, schema: Schema) -> Content:
    """The matrix of labels, the last column for nothing, and the most frequent differences with examples."""
    counts = {tuple(item["labels"]): item["count"] for item in found.confusions}
    used = {label for key in counts for label in key if label is not None}
    labels = sorted(used, key=lambda label: (schema.label_order(label), label))
    cells = {}
    for (one, other), count in counts.items():
        cells[one, other] = cells[other, one] = count
    differing = [item for item in found.confusions if item["labels"][0] != item["labels"][1]]
    return {
        "labels": labels,
        "cells": cells,
        "most": max((item["count"] for item in differing), default=0),
        "list": _with_quotes(differing[:MOST_CONFUSIONS], corpus),
        "more": max(0, len(differing) - MOST_CONFUSIONS),
    }


def _with_quotes(items: Iterable[Mapping[str, Any]], corpus: Corpus) -> list[Content]:
    """The items with the text around each of their examples."""
    return [
        {**item, "examples": [{**example, "quote": _quote(example, corpus)} for example in item["examples"]]}
        for item in items
    ]


def _quote(example: Mapping[str, Any], corpus: Corpus) -> Quote:
    text = corpus.documents[example["document"]].text
    spans = [span for span in example["readings"].values() if span is not None]
    start, end = min(span["start"] for span in spans), max(span["end"] for span in spans)
    before = text[max(0, start - CONTEXT) : start]
    behind = text[end : end + CONTEXT]
    before = before if start <= CONTEXT else "…" + before.partition(" ")[2]
    behind = behind if end + CONTEXT >= len(text) else behind.rpartition(" ")[0] + "…"
    return Quote(before, text[start:end], behind)


def _relations(shelf: _Shelf, found: Agreement) -> list[Content]:
    errors = {item["relation"]: item for item in found.relation_errors}
    rows = []
    for row in shelf.rows("relation_f1_strict", "label"):
        more = {name: shelf.get(name, label=row.name) for name in ("relation_f1_soft", "relation_alpha")}
        rows.append({"row": row, "more": more, "errors": errors.get(row.name, Counter())})
    return rows


def _drift(shelf: _Shelf) -> Content:
    """Exact span F1 by week, or by month where the weeks are too many, for each arm where there are arms."""
    weeks = shelf.rows("span_f1_exact", "week")
    period = "week" if weeks and len(weeks) <= MOST_WEEKS else "month"
    rows = weeks if period == "week" else shelf.rows("span_f1_exact", "month")
    lows = [f.value if isnan(f.low) else f.low for row in rows for f in (row.figure, *row.arms.values())]
    defined = [value for value in lows if not isnan(value)]
    lowest = max(0, floor(10 * min(defined, default=0.0)))
    ticks = [tick / 10 for tick in range(lowest, 11, 1 if lowest >= 5 else 2)]
    return {"period": period, "rows": rows, "floor": ticks[0], "ticks": ticks}


def _anchoring(found: Agreement) -> Content:
    """Differences overall; and by label and by rule what does harm, the largest first."""
    harm = [item for item in found.anchoring if item.measure in ("retained_errors", "missed_unsuggested")]
    by_label = [item for item in harm if item.label is not None and item.shown_items]
    by_rule = sorted(
        (item for item in harm if item.rule is not None and item.shown_items and (item.shown or item.blind > 0)),
        key=lambda item: (-item.shown * item.shown_items, item.rule),
    )
    return {
        "overall": [item for item in found.anchoring if item.label is item.rule is None],
        "by_label": by_label,
        "by_rule": by_rule[:MOST_RULES],
    }


def _starts(corpus: Corpus) -> list[str]:
    """What people started from whose suggestions are not in the data."""
    there = {reading.annotator for reading in corpus.annotations}
    named = {reading.started_from for reading in corpus.annotations if reading.votes and reading.started_from}
    return sorted(named - there)


def _people(shelf: _Shelf, found: Agreement) -> list[Content]:
    """A section for each annotator: what they did, how they agree with others, label by label, and how they differ."""
    sections = []
    for person in found.annotators:
        name = person["annotator"]
        figures = [f for f in shelf.all if f.measure == "span_f1_exact" and f.arm is None]
        pairs = [f for f in figures if f.pair and name in f.pair and not f.label]
        partners = [f for f in pairs if f.of == "humans"]
        labels = [f for f in figures if f.annotator == name and f.label and not isnan(f.value)]
        sections.append(
            person
            | {
                "spans_f1": shelf.row(name, "span_f1_exact", annotator=name),
                "relations_f1": shelf.row(name, "relation_f1_soft", annotator=name),
                "references": {f.pair[1]: f for f in pairs if f.pair and f.of in ("rules", "gold")},
                "labels": labels,
                "partners": sorted(partners, key=lambda f: (-f.documents, f.pair))[:MOST_DIFFERENCES],
                "more_partners": max(0, len(partners) - MOST_DIFFERENCES),
                "differences": person["differences"][:MOST_DIFFERENCES],
            }
        )
    return sections


def _worst(found: Agreement, corpus: Corpus) -> list[Document]:
    readings: dict[str, list[Annotation]] = {}
    for reading in corpus.annotations:
        if reading.votes:
            readings.setdefault(reading.doc_id, []).append(reading)
    documents = []
    for row in [row for row in found.worst if row["differences"]][:MOST_WORST]:
        units = row.get("units", [])
        of_document = sorted(readings[row["document"]], key=lambda reading: reading.annotator)
        shown = lanes(corpus.documents[row["document"]].text, of_document, units)
        first = [_with_differing_attributes(unit) for unit in units[:MOST_UNITS]]
        documents.append(Document(row, shown, first, max(0, len(units) - MOST_UNITS)))
    return documents


def _with_differing_attributes(unit: Mapping[str, Any]) -> Mapping[str, Any]:
    """The unit with those attributes alone that its readings do not all have alike."""
    given = [span["attributes"] for span in unit["readings"].values() if span is not None]
    names = sorted({name for attributes in given for name in attributes})
    odd = [name for name in names if any(of.get(name) != given[0].get(name) for of in given)]
    readings = {
        who: span and {**span, "attributes": {name: span["attributes"].get(name) for name in odd}}
        for who, span in unit["readings"].items()
    }
    return {**unit, "readings": readings}
