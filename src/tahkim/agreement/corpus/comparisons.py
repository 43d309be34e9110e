"""Which readings are compared with which, and which of those comparisons a figure is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from tahkim.agreement.align import Unit, align
from tahkim.agreement.relations import Lifted, Undirected, lifted, undirected
from tahkim.agreement.scores import common_ground
from tahkim.errors import InputError, UsageError
from tahkim.model import Annotation, Corpus, Document, is_person

if TYPE_CHECKING:
    from tahkim.schema import Schema

GROUPS = ("humans", "rules", "gold", "chosen")
"""Humans with each other, and each human with the rules, with gold, with a chosen annotator."""
BY = ("label", "pair", "annotator", "document", "month", "week", "arm")
ARMS = ("blind", "shown", "mixed")

_MONTH = re.compile(r"\d{4}-\d{2}(?!\d)")


class Comparison(Struct, frozen=True):
    """Two readings of one document on common ground, the units of the pair, aligned alone, and its relations on them.

    `pair` names the annotators, a person first, two persons in order of name. `arm` is blind where no person
    was shown a pre-annotation, shown where every person was, else mixed. `month` (2026-01) and `week` (ISO 8601,
    2026-W03) are when the later of the readings was made, or where neither says so when the document was published; ""
    where nothing says it.
    """

    doc_id: str
    group: str
    of: str
    pair: tuple[str, str]
    arm: str
    month: str
    week: str
    a: Annotation
    b: Annotation
    units: Sequence[Unit]
    relations: Lifted


class Selection(NamedTuple):
    """The comparisons one figure is made of; None is "all"."""

    of: str
    pair: tuple[str, str] | None = None
    arm: str | None = None
    document: str | None = None
    month: str | None = None
    week: str | None = None
    annotator: str | None = None

    @property
    def is_crossed(self) -> bool:
        """Several annotators against one, pooled: no set of raters that chance could be counted for."""
        return self.annotator is not None or (self.of != "humans" and self.pair is None and self.document is None)


def compare(corpus: Corpus, schema: Schema | None = None, chosen: str | None = None) -> list[Comparison]:
    """Every comparison of two submitted readings of one document, in order of document and pair.

    `chosen` names the annotator every other person is compared with once more, as a group of its own. Raises
    InputError where an annotator has two readings of one document, UsageError where nobody is called `chosen`.
    """
    known = sorted({reading.annotator for reading in corpus.annotations})
    if chosen is not None and chosen not in known:
        raise UsageError(f"there is no annotator {chosen!r}: known are {', '.join(known)}")
    kinds = undirected(schema)
    found = []
    for doc_id, readings in corpus.by_document().items():
        submitted = [reading for reading in readings if reading.status == "submitted"]
        names = [reading.annotator for reading in submitted]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise InputError(f"{doc_id}: {twice[0]} has two readings of this document; keep one of them")
        found += [_comparison(corpus.documents[doc_id], of, a, b, kinds) for of, a, b in _pairs(submitted, chosen)]
    return found


def _comparison(document: Document, of: str, a: Annotation, b: Annotation, kinds: Undirected) -> Comparison:
    a, b = common_ground(a, b)
    units = align([a.spans, b.spans], [a.relations, b.relations])
    return Comparison(
        document.id,
        document.group or document.id,
        of,
        (a.annotator, b.annotator),
        _arm(a, b),
        *_period(a, b, str(document.meta.get("published") or "")),
        a,
        b,
        units,
        lifted(a, b, units, kinds),
    )


def _pairs(submitted: Sequence[Annotation], chosen: str | None) -> Iterator[tuple[str, Annotation, Annotation]]:
    """Persons with each other, each with what is no person, and with the chosen; readings come sorted by annotator."""
    persons = [reading for reading in submitted if is_person(reading.annotator)]
    others = [reading for reading in submitted if not is_person(reading.annotator)]
    for one, other in combinations(persons, 2):
        yield "humans", one, other
    for one in persons:
        for other in others:
            yield "gold" if other.annotator == "gold" else "rules", one, other
    for other in submitted:
        if other.annotator == chosen:
            yield from (("chosen", one, other) for one in persons if one is not other)


def _arm(a: Annotation, b: Annotation) -> str:
    shown = [reading.started_from is not None for reading in (a, b) if is_person(reading.annotator)]
    return "shown" if all(shown) else "mixed" if any(shown) else "blind"


def _period(a: Annotation, b: Annotation, published: str) -> tuple[str, str]:
    """Month and week; a time that gives no day has no week."""
    when = max(reading.updated_at or reading.created_at or "" for reading in (a, b)) or published
    month = _MONTH.match(when)
    if month is None:
        return "", ""
    try:
        year, week, _ = date.fromisoformat(when[:10]).isocalendar()
    except ValueError:
        return month.group(), ""
    return month.group(), f"{year}-W{week:02}"


def selections(comparisons: Sequence[Comparison], by: Sequence[str] = ()) -> dict[Selection, list[int]]:
    """The comparisons, by number, of each group, each pair, and each arm where anyone was shown a pre-annotation.

    `by` adds documents, months, weeks, each annotator with all others, or arms in any case; `label` and `pair` add
    nothing here. Where there are arms, all but documents are given for each arm too, so that no figure of shown and
    blind readings stands alone.
    """
    if strange := [name for name in by if name not in BY]:
        raise UsageError(f"cannot break figures down by {strange[0]!r}: known are {', '.join(BY)}")
    with_arms = {row.of for row in comparisons if row.arm != "blind" or "arm" in by}
    found: dict[Selection, list[int]] = {}
    for number, row in enumerate(comparisons):
        for arm in (None, row.arm) if row.of in with_arms else (None,):
            places = [Selection(row.of, arm=arm), Selection(row.of, pair=row.pair, arm=arm)]
            if "month" in by and row.month:
                places.append(Selection(row.of, arm=arm, month=row.month))
            if "week" in by and row.week:
                places.append(Selection(row.of, arm=arm, week=row.week))
            if "annotator" in by and row.of == "humans":
                places += [Selection(row.of, arm=arm, annotator=name) for name in row.pair]
            if "document" in by and arm is None:
                places.append(Selection(row.of, document=row.doc_id))
            for place in places:
                found.setdefault(place, []).append(number)
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def _order(selection: Selection) -> tuple[Any, ...]:
    """Groups, then all before each arm, then pairs, annotators, months, weeks and documents."""
    arm = 0 if selection.arm is None else 1 + ARMS.index(selection.arm)
    names = (selection.annotator, selection.month, selection.week, selection.document)
    return GROUPS.index(selection.of), arm, selection.pair or (), *(name or "" for name in names)
